from odoo.tests import tagged

from .common import NOON, ComplianceCase


@tagged("post_install", "-at_install")
class TestContactGate(ComplianceCase):
    def test_silence_is_a_refusal(self):
        verdict = self._ask(self.ana)
        self.assertEqual((verdict.outcome, verdict.reason), ("refused", "no_consent"))

    def test_consent_allows_and_is_named(self):
        consent = self._grant(self.ana)
        verdict = self._ask(self.ana)
        self.assertTrue(verdict.allowed, verdict)
        self.assertEqual(verdict.consent_id, consent.id)

    def test_only_allowed_asks_leave_a_verdict_row(self):
        self._grant(self.ana)
        purpose = self.purpose("marketing")
        asks = [(p.id, purpose.id, "sms") for p in (self.rui, self.ana)]
        verdicts = self.gate._ask(asks, NOON)
        ids = self.gate._record_allowed(asks, verdicts, NOON)
        self.assertIsNone(ids[0])
        row = self.env["veloc.gate.verdict"].browse(ids[1])
        self.assertRecordValues(
            row, [{"partner_id": self.ana.id, "allowed": True, "basis": "consent"}]
        )

    def test_a_suppressed_person_is_refused(self):
        self._grant(self.ana)
        self.env["veloc.suppression"]._impose(self.ana.ids, "complaint", source="test")
        self.assertEqual(self._ask(self.ana).reason, "complaint")
        self.env["veloc.suppression"]._lift(self.ana.ids, "complaint", source="test")
        self.assertTrue(self._ask(self.ana).allowed)

    def test_stop_word_revokes_the_channel(self):
        self._grant(self.ana)
        self.env["veloc.consent"]._revoke_channel(self.ana.ids, "sms", "stop_word")
        self.assertEqual(self._ask(self.ana).reason, "consent_revoked")
