"""People with encrypted data, and users who may see more or less of them."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import new_test_user
from odoo.tools import SQL

from .common import ComplianceCase

CPF, OTHER_CPF = "52998224725", "11144477735"
DENIALS = ("odoo.orm.models", "odoo.addons.base.models.ir_model")
QUIET = "odoo.addons.veloc_compliance.models.crypto.veloc_keyring"


class CryptoCase(ComplianceCase):
    """Ana has a CPF; an analyst may read it, a viewer sees it masked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana.veloc_cpf = "529.982.247-25"
        cls.analyst = cls._user("crypto_analyst", "veloc_compliance.group_advanced")
        cls.viewer = cls._user("crypto_viewer", "veloc_compliance.group_viewer")
        cls.seller = cls._user("crypto_seller", "base.group_user")

    @classmethod
    def _user(cls, login, group):
        groups = f"base.group_user,base.group_partner_manager,{group}"
        return new_test_user(cls.env, login, groups=groups)

    def _column(self, record, name):
        """Return what the database itself keeps."""
        record.flush_recordset()
        ((value,),) = self.env.execute_query(
            SQL(
                "SELECT %s FROM %s WHERE id = %s",
                SQL.identifier(name),
                SQL.identifier(record._table),
                record.id,
            )
        )
        return value

    def _set_column(self, record, name, value):
        """Change a column as an SQL user does."""
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s = %s WHERE id = %s",
                SQL.identifier(record._table),
                SQL.identifier(name),
                value,
                record.id,
            )
        )
        self.env.invalidate_all()

    def _readings(self, user):
        return self.env["veloc.ledger.entry"].search(
            [("kind", "=", "read"), ("user_id", "=", user.id)]
        )

    @contextmanager
    def _alerts(self):
        """Give a function that returns the codes of the alerts raised apart."""
        alerts = type(self.env["veloc.alert"])
        codes = []
        with patch.object(
            alerts, "_raise_apart", lambda self, code, **more: codes.append(code)
        ):
            yield lambda: list(dict.fromkeys(codes))

    def _as(self, user, record):
        self.env.invalidate_all()
        return record.with_user(user)
