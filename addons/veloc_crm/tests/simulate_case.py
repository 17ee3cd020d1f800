"""Set-up shared by the tests of the simulation."""

from contextlib import contextmanager

from freezegun import freeze_time

from odoo.tests import new_test_user
from odoo.tools import SQL

from .cadence_case import DAY, NOON, CadenceCase

# What a simulation must leave as it is.
TABLES = (
    "veloc_enrolment",
    "veloc_decision_raw",
    "veloc_message",
    "veloc_gate_verdict",
    "veloc_ledger_entry",
    "veloc_link",
    "ir_cron_trigger",
)


class SimulateCase(CadenceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analyst = new_test_user(
            cls.env, "simulating-analyst", groups="veloc_crm.group_analyst"
        )
        cls.cadences = cls.env["veloc.cadence"].with_user(cls.analyst)

    def _new_agent(self):
        return new_test_user(self.env, "no-analyst", groups="veloc_crm.group_user")

    def _simulate(self, start=NOON, days=10, cadence=None, **people):
        cadence = cadence or self.cadence
        return self.cadences.simulate(cadence.id, start, start + days * DAY, people)

    def _try(self, *partners, **kwargs):
        ids = [partner.id for partner in partners or (self.ana,)]
        return self._simulate(partner_ids=ids, **kwargs)

    def _impose(self, person, kind, **more):
        with freeze_time(NOON):
            self.env["veloc.suppression"]._impose(
                person.ids, kind, source="test", **more
            )

    def _rows(self, answer, *names):
        names = names or ("at", "step", "verdict", "reason")
        return [tuple(row[name] for name in names) for row in answer["rows"]]

    def _counts(self):
        self.env.flush_all()
        count = "SELECT count(*) FROM %s"
        return {
            table: self.env.execute_query(SQL(count, SQL.identifier(table)))
            for table in TABLES
        }

    @contextmanager
    def _read_only(self):
        """Let PostgreSQL itself refuse whatever would be written."""
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute("SET LOCAL transaction_read_only = on")
            yield
            savepoint.rollback()
