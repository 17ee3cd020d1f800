from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import CrmCase


def where(*conditions, verb="all"):
    return {"version": 1, "where": {verb: list(conditions)}}


def did(type_, op=">=", times=1, **more):
    return {"is": "event", "type": type_, "op": op, "times": times, **more}


def last(value, unit="days"):
    return {"value": value, "unit": unit}


class SegmentCase(CrmCase):
    """A broker whose shipped segments are put away: what a test makes is all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["veloc.segment"].search([]).active = False
        cls.engine = cls.env["veloc.segment.engine"]

    @classmethod
    def _segment(cls, code, *conditions, verb="all", **values):
        return cls.env["veloc.segment"].create(
            {
                "name": code,
                "code": code,
                "definition": where(*conditions, verb=verb) if conditions else False,
                **values,
            }
        )

    def _fill(self, now=None):
        while self.engine._pass_fill(now or self.now):
            pass

    def _refs(self, segment):
        return sorted(segment.member_ids.trader_id.mapped("external_ref"))

    def _moves(self, segment):
        events = segment.event_ids.sorted("id")
        return [(e.kind, e.trader_id.external_ref) for e in events]


@tagged("post_install", "-at_install")
class TestVelocSegment(SegmentCase):
    def test_who_deposits_comes_in_with_the_batch_and_the_reason_is_kept(self):
        segment = self._segment("depositors", did("deposit_approved"))
        self._fill()
        self._ingest(self._signup(), self._signup("T-2"), self._deposit())
        self.assertEqual(self._refs(segment), ["T-1"])
        self._ingest(self._deposit(trader="T-2"))
        self.assertEqual(self._refs(segment), ["T-1", "T-2"])
        flips = segment.event_ids.sorted("id")[-1].reason["flips"]
        self.assertEqual([flip["now"] for flip in flips], [True])

    def test_a_new_segment_is_filled_with_those_who_fit_already(self):
        self._ingest(self._signup(), self._deposit(), self._signup("T-2"))
        segment = self._segment("depositors", did("deposit_approved"))
        self.assertFalse(segment.filled_at)
        self._fill()
        self.assertTrue(segment.filled_at)
        self.assertEqual(self._refs(segment), ["T-1"])

    def test_time_alone_lets_people_in_and_out(self):
        waiting = {
            "is": "sequence",
            "first": "deposit_started",
            "then": "deposit_approved",
            "after": last(1, "hours"),
            "within": last(2, "days"),
        }
        segment = self._segment("abandoned", waiting)
        self._fill()
        self._ingest(self._signup(), self._event("deposit_started"))
        self.assertEqual(self._refs(segment), [])
        self.engine._pass_due(self.now + timedelta(minutes=59))
        self.assertEqual(self._refs(segment), [])
        self.engine._pass_due(self.now + timedelta(minutes=61))
        self.assertEqual(self._refs(segment), ["T-1"])
        self.engine._pass_due(self.now + timedelta(days=2, minutes=1))
        self.assertEqual(self._refs(segment), [])
        self.assertEqual(self._moves(segment), [("entered", "T-1"), ("left", "T-1")])

    def test_whom_a_job_changed_is_looked_at_with_those_who_are_due(self):
        segment = self._segment(
            "likely", {"is": "field", "field": "churn_risk", "op": ">=", "value": 0.5}
        )
        self._fill()
        self._ingest(self._signup(), self._signup("T-2"))
        figures = self._trader().figures_id
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE veloc_trader_state SET churn_risk = 0.9 WHERE id = %s",
            [figures.id],
        )
        self.engine._pass_due(self.now)
        self.assertEqual(self._refs(segment), [])
        with self.assertQueryCount(1):
            self.engine._note_changed([figures.id])
        self.assertEqual(self.engine._pass_due(fields.Datetime.now()), 1)
        self.assertEqual(self._refs(segment), ["T-1"])

    def test_a_segment_may_ask_for_another_but_not_in_a_circle(self):
        inner = self._segment("inner", did("deposit_approved"))
        outer = self._segment("outer", {"is": "segment", "code": "inner"}, did("trade"))
        self._fill()
        self._ingest(self._signup(), self._deposit(), self._trade())
        self.assertEqual(self._refs(outer), ["T-1"])
        with self.assertRaises(ValidationError):
            inner.definition = where({"is": "segment", "code": "outer"})
        with self.assertRaises(UserError):
            inner.unlink()

    def test_archiving_lets_everybody_out_with_a_line(self):
        segment = self._segment("depositors", did("deposit_approved"))
        self._fill()
        self._ingest(self._signup(), self._deposit())
        segment.active = False
        self.assertFalse(segment.member_ids)
        self.assertEqual(self._moves(segment)[-1], ("left", "T-1"))

    def test_a_wrong_definition_says_where_and_why(self):
        wrong = where(did("deposit_approved"), {"is": "field", "field": "password"})
        with self.assertRaisesRegex(ValidationError, r"where\.all\[1\]\.op"):
            self._segment("wrong").definition = wrong

    def test_the_cron_looks_at_who_is_due(self):
        segment = self._segment("depositors", did("deposit_approved"))
        self._ingest(self._signup(), self._deposit())
        with self.enter_registry_test_mode():
            self.env.ref("veloc_crm.ir_cron_segments_due").method_direct_trigger()
        self.assertTrue(segment.filled_at)

    def test_what_is_reversed_or_corrected_counts_as_it_is_now(self):
        large = self._segment("large", did("deposit_approved", amount=500))
        any_ = self._segment("any", did("deposit_approved", within=last(9, "hours")))
        self._fill()
        deposit = self._deposit("800.00")
        self._ingest(self._signup(), deposit)
        self.assertEqual(self._refs(large), ["T-1"])
        corrected = {"data": {"corrects": deposit["id"]}, "amount": "20.00"}
        self._ingest(self._event("correction", currency="BRL", **corrected))
        self.assertEqual((self._refs(large), self._refs(any_)), ([], ["T-1"]))
        self._ingest(self._event("reversal", data={"reverses": deposit["id"]}))
        self.assertEqual(self._refs(any_), [])

    def test_an_agent_reads_segments_and_cannot_make_one(self):
        agent = new_test_user(self.env, "agent_s", groups="veloc_crm.group_user")
        self._segment("x").with_user(agent).read(["name"])
        with self.assertRaises(UserError):
            self.env["veloc.segment"].with_user(agent).create(
                {"name": "y", "code": "y"}
            )
