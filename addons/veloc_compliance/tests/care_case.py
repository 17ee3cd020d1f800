"""Set-up shared by the tests of care."""

from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user

from .common import ComplianceCase

OFFICER = "veloc_compliance.group_officer"


class CareCase(ComplianceCase):
    """Ana, Rui, two officers, and a moment to start from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blocks = cls.env["veloc.suppression"]
        cls.wishes = cls.env["veloc.suppression.loosening"]
        cls.limits = cls.env["veloc.care.limit"]
        cls.now = fields.Datetime.now()
        cls.first, cls.second = (
            new_test_user(cls.env, login, groups=OFFICER) for login in ("dpo1", "dpo2")
        )
        cls.clerk = new_test_user(cls.env, "care-clerk", groups="base.group_user")

    def _standing(self, partner, kind=None):
        domain = [("partner_id", "=", partner.id), ("is_active", "=", True)]
        if kind:
            domain.append(("kind", "=", kind))
        return self.blocks.search(domain)

    def _later(self, **delta):
        return self.now + timedelta(**delta)

    def _run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(name).method_direct_trigger()
        self.env.invalidate_all()

    def _twin(self, **values):
        """Return a second contact; of another person unless ``values`` say so."""
        person = self._prepare_person("Twin", "twin@example.com", "+55 11 95555-0001")
        return self.env["res.partner"].create(person | values)
