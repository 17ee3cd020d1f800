"""Care on the main road: events, cadences, the desk and the inbox let go."""

from datetime import timedelta

from odoo.tests import tagged

from .common import CrmCase


@tagged("post_install", "-at_install")
class TestCareOnTheRoad(CrmCase):
    def _standing(self, partner, kind):
        return self.env["veloc.suppression"].search(
            [
                ("partner_id", "=", partner.id),
                ("kind", "=", kind),
                ("is_active", "=", True),
            ]
        )

    def _limit_set(self, **data):
        amount = data.pop("amount", "500.00")
        values = {"limit": "deposit", "period": "month", **data}
        return self._event("limit_set", data=values, amount=amount, currency="BRL")

    def _limits(self):
        return self.env["veloc.care.limit"].search(
            [("partner_id", "=", self._trader().partner_id.id)], order="id"
        )

    # === WHO SHUT THEMSELVES OUT === #

    def test_a_second_sign_up_of_an_excluded_person_is_excluded(self):
        self._ingest(self._signup(), self._event("self_excluded"))
        self._ingest(self._signup(trader="T-2", email="other@example.com"))
        second = self._trader("T-2").partner_id
        block = self._standing(second, "self_exclusion")
        self.assertEqual(block.origin_id.partner_id, self._trader().partner_id)

    def test_who_tells_an_excluded_address_later_is_excluded_then(self):
        self._ingest(self._signup(), self._event("self_excluded"))
        other = {"email": "eva@example.com", "phone": "+5521988887777"}
        self._ingest(self._signup(trader="T-3", days_ago=0, **other))
        partner = self._trader("T-3").partner_id
        self.assertFalse(self._standing(partner, "self_exclusion"))
        self._ingest(self._signup(trader="T-3", **{**other, "phone": "+5511961234567"}))
        self.assertTrue(self._standing(partner, "self_exclusion"))

    def test_who_comes_under_care_leaves_promotion_and_keeps_service(self):
        self._ingest(self._signup())
        runs = self.env["veloc.enrolment"].search(
            [("trader_id", "=", self._trader().id), ("state", "=", "active")]
        )
        self.assertTrue(runs, "A sign-up starts a shipped cadence.")
        self.env["veloc.suppression"]._exclude(
            self._trader().partner_id.ids, "6m", "test"
        )
        runs.invalidate_recordset()
        for run in runs:
            kinds = set(run.version_id.step_ids.template_id.purpose_id.mapped("kind"))
            is_promotion = bool(kinds - {"service"})
            self.assertEqual(run.state, "exited" if is_promotion else "active")

    # === LIMITS === #

    def test_a_limit_of_the_platform_holds_here_too(self):
        self._ingest(self._signup(), self._limit_set())
        self.assertRecordValues(
            self._limits(),
            [{"kind": "deposit", "period": "month", "amount": 500, "state": "active"}],
        )

    def test_a_raise_waits_and_a_limit_that_makes_no_sense_is_told(self):
        self._ingest(self._signup(), self._limit_set())
        answer = self._ingest(
            self._limit_set(amount="900.00"), self._limit_set(limit="luck")
        )
        self.assertEqual(self._limits().mapped("state"), ["active", "waiting"])
        self.assertEqual(
            [warning["code"] for warning in answer["warnings"]], ["limit_not_recorded"]
        )

    def test_who_reaches_a_limit_is_left_in_peace_until_its_period_ends(self):
        self._ingest(self._signup(), self._limit_set())
        partner = self._trader().partner_id
        self._ingest(self._deposit("499.99"))
        self.assertFalse(self._standing(partner, "loss_limit"))
        self._ingest(self._deposit("0.01"))
        block = self._standing(partner, "loss_limit")
        self.assertTrue(block)
        self.assertLessEqual(block.until_at, self.now + timedelta(days=32))

    def test_losses_count_against_a_limit_of_losses(self):
        self._ingest(self._signup(), self._limit_set(limit="loss", amount="100"))
        self._ingest(self._trade(result="-60"), self._trade(result="-40"))
        self.assertTrue(self._standing(self._trader().partner_id, "loss_limit"))

    def test_limits_cost_a_batch_the_same_whatever_its_size(self):
        traders = [f"L-{n}" for n in range(12)]
        self._ingest(
            *[
                self._signup(trader=t, email=f"{t}@example.com", phone=None)
                for t in traders
            ]
        )
        counts = []
        for group in (traders[:1], traders[1:3], traders[3:]):
            events = [self._limit_set() | {"trader": trader} for trader in group]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._ingest(*events)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    # === INCIDENTS === #

    def test_people_affected_by_an_incident_are_found_by_their_events(self):
        self._ingest(self._signup(), self._event("login_suspicious"))
        incident = self.env["veloc.incident"].create({"name": "Stolen passwords"})
        query = self.env["veloc.incident.query"].create(
            {
                "incident_id": incident.id,
                "kind": "events",
                "event_type": "login_suspicious",
                "from_at": self.now - timedelta(hours=1),
                "until_at": self.now + timedelta(hours=1),
            }
        )
        query.action_run()
        self.assertEqual(incident.person_ids.partner_id, self._trader().partner_id)
