"""Set-up shared by the tests of incidents."""

from datetime import datetime

from odoo.tests import freeze_time, new_test_user

from .common import ComplianceCase

# Friday, 13 March 2026, 18:00 in São Paulo.
FRIDAY = datetime(2026, 3, 13, 21)
FACTS = {
    "nature": "Somebody read a list of clients with a stolen password.",
    "data_affected": "Name, e-mail and bank branch",
    "measures_before": "Passwords, second factor for officers",
    "measures_after": "Password changed, sessions ended",
    "risks": "Fraudulent messages in our name",
    "reversal": "Beware of messages that ask for codes",
    "root_cause": "The password was used elsewhere as well",
    "decision_reason": "Bank data in the hands of a stranger",
}


class IncidentCase(ComplianceCase):
    """An officer, an analyst, a clerk, and an incident known since a Friday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.incidents = cls.env["veloc.incident"]
        groups = {
            "officer": "veloc_compliance.group_officer",
            "analyst": "veloc_compliance.group_advanced",
            "clerk": "base.group_user",
        }
        cls.officer, cls.analyst, cls.clerk = (
            new_test_user(cls.env, f"incident-{login}", groups=group)
            for login, group in groups.items()
        )
        cls.env.company.write(
            {"veloc_dpo_name": "Helena Prado", "veloc_dpo_email": "dpo@example.com"}
        )

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(FRIDAY))

    def _incident(self, user=None, **values):
        """Return an incident with all facts, seen by the officer."""
        incidents = self.incidents.with_user(user or self.officer)
        given = {"name": "Stolen password", "affected_known_at": FRIDAY, **FACTS}
        return incidents.create({"known_at": FRIDAY, **given, **values})

    def _affect(self, incident, *people, **flags):
        """Put people on the incident's list by a search; return the search."""
        ids = [person.id for person in people]
        query = self.env["veloc.incident.query"].with_user(incident.env.user)
        query = query.create(
            {"incident_id": incident.id, "domain": f"[('id', 'in', {ids})]", **flags}
        )
        query.action_run()
        return query

    def _communicating(self, *people):
        """Return an incident whose letters are approved and may leave."""
        incident = self._incident(impact_fraud=True, criterion_financial=True)
        self._affect(incident, *(people or (self.ana, self.rui)), financial=True)
        incident.action_freeze()
        incident.action_decide_notify()
        incident.action_communicate()
        incident.action_prepare_letters()
        incident.letter_ids.action_approve()
        return incident

    def _note(self, incident, kind, text="As agreed", **values):
        wizard = self.env["veloc.incident.note"].with_user(incident.env.user)
        wizard.create(
            {"incident_id": incident.id, "kind": kind, "text": text, **values}
        ).action_write()

    def _run_letters(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "veloc_compliance.ir_cron_incident_letters"
            ).method_direct_trigger()
        self.env.invalidate_all()
