from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .cadence_case import NOON, CadenceCase
from .test_veloc_segment import SegmentCase, did, last, where

KYC = {"is": "field", "field": "kyc_state", "op": "in", "value": ["approved"]}
SILENT = {
    "is": "field",
    "field": "last_login_at",
    "op": "older_than",
    "value": {"value": 14, "unit": "days"},
}
CARE = {"is": "suppression", "kinds": ["self_exclusion"]}


@tagged("post_install", "-at_install")
class TestSegmentPreview(SegmentCase):
    """What the builder shows before anything is saved."""

    def setUp(self):
        super().setUp()
        self._ingest(
            self._signup(),
            self._signup("T-2", email="rui@example.com", phone="+5521961234567"),
            self._deposit(),
            self._deposit(),
        )
        self.model = self.env["veloc.segment"].with_context(lang="en_US")
        self.twice = where(did("deposit_approved", times=2, within=last(30)))

    def test_a_preview_counts_names_and_says_it_in_words(self):
        found = self.model.preview(self.twice)
        self.assertEqual(found["count"], 1)
        self.assertEqual(found["sample"][0]["name"], self._trader().display_name)
        self.assertEqual(
            found["words"][1]["text"],
            "Deposit approved: at least 2 times in the last 30 days",
        )

    def test_a_definition_half_built_is_an_answer_not_an_error(self):
        self.assertIn(
            "where.all[0].op",
            self.model.preview(where({"is": "field", "field": "stage"}))["error"],
        )

    def test_names_that_do_not_exist_are_refused(self):
        for condition in (
            {"is": "consent", "state": "granted", "purpose": "no_such_purpose"},
            {"is": "message", "did": "sent", "op": ">=", "times": 1, "template": "no"},
            {"is": "segment", "code": "no_such_segment"},
            {"is": "field", "field": "stage", "op": "in", "value": ["king"]},
        ):
            with self.subTest(condition=condition):
                self.assertIn("error", self.model.preview(where(condition)))

    def test_reach_asks_the_gate_for_each_channel(self):
        everybody = where({"is": "field", "field": "signup_at", "op": "set"})
        purpose = self.env.ref("veloc_compliance.veloc_purpose_marketing").code
        self.env["veloc.consent"].record(
            [
                {
                    "partner_id": self._trader().partner_id.id,
                    "purpose": purpose,
                    "channel": "sms",
                    "granted": True,
                    "source": "test",
                }
            ]
        )
        found = self.model.reach(everybody, purpose)
        counts = {line["channel"]: line["count"] for line in found["channels"]}
        self.assertEqual(found["people"], found["asked"])
        self.assertEqual((counts["sms"], counts["email"]), (1, 0))
        self.env["veloc.suppression"]._impose(
            self._trader().partner_id.ids, "self_exclusion", source="test"
        )
        counts = {
            line["channel"]: line["count"]
            for line in self.model.reach(everybody, purpose)["channels"]
        }
        self.assertEqual(counts["sms"], 0)

    def test_why_shows_the_truth_of_each_condition_and_what_was_seen(self):
        segment = self._segment("twice", did("deposit_approved", times=2), SILENT)
        found = segment.with_context(lang="en_US").explain(self._trader().id)
        self.assertFalse(found["fits"])
        lines = [(line["truth"], line["seen"]) for line in found["lines"][1:]]
        self.assertEqual(lines, [(True, "2"), (False, "")])

    def test_somebody_of_another_company_is_neither_counted_nor_explained(self):
        other = self.env["res.company"].create({"name": "Another Broker"})
        analyst = new_test_user(
            self.env,
            "analyst_o",
            groups="veloc_crm.group_analyst",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        segments = self.model.with_user(analyst).with_company(other)
        self.assertEqual(segments.preview(self.twice)["count"], 0)
        segment = self._segment("twice", did("deposit_approved", times=2))
        with self.assertRaises(ValidationError):
            segment.with_user(analyst).with_company(other).explain(self._trader().id)

    def test_the_builder_is_for_staff_of_the_crm(self):
        nobody = new_test_user(self.env, "nobody_s", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["veloc.segment.catalog"].with_user(nobody).builder()
        offered = self.env["veloc.segment.catalog"].builder()
        self.assertIn("stage", [field["name"] for field in offered["fields"]])


@tagged("post_install", "-at_install")
class TestSegmentLists(SegmentCase):
    """Static lists."""

    def setUp(self):
        super().setUp()
        self._ingest(
            self._signup(),
            self._signup("T-2", email="rui@example.com", phone="+5521961234567"),
            self._deposit(),
        )
        self.list = self._segment("fair", kind="static")

    def test_people_are_found_by_reference_email_and_phone_and_the_rest_is_told(self):
        found = self.list._change_by_text(
            "cliente\nT-1\nrui@example.com\nnobody@example.com\n"
        )
        self.assertEqual(self._refs(self.list), ["T-1", "T-2"])
        self.assertEqual(found["unknown"], [(4, "nobody@example.com", "unknown")])
        self.list._change_by_text("+55 21 96123-4567", is_removal=True)
        self.assertEqual(self._refs(self.list), ["T-1"])
        self.assertEqual(self._moves(self.list)[-1], ("left", "T-2"))

    def test_a_live_segment_that_asks_for_a_list_follows_it(self):
        live = self._segment("of_list", {"is": "segment", "code": "fair"})
        self._fill()
        self.list._change_by_text("T-1")
        self.assertEqual(self._refs(live), ["T-1"])
        self.list._change_by_text("T-1", is_removal=True)
        self.assertEqual(self._refs(live), [])

    def test_a_snapshot_keeps_who_was_in(self):
        live = self._segment("depositors", did("deposit_approved"))
        self._fill()
        snapshot = self.env["veloc.segment"].browse(live.action_snapshot()["res_id"])
        self._ingest(self._deposit(trader="T-2"))
        self.assertEqual(self._refs(live), ["T-1", "T-2"])
        self.assertEqual(self._refs(snapshot), ["T-1"])

    def test_the_dialog_reads_a_file_and_shows_the_result(self):
        wizard = self.env["veloc.segment.import"].create(
            {"segment_id": self.list.id, "text": "T-1\nT-9"}
        )
        wizard.action_run()
        self.assertEqual(self._refs(self.list), ["T-1"])
        self.assertIn("T-9", wizard.result)

    def test_a_live_segment_takes_nobody_by_hand(self):
        live = self._segment("depositors", did("deposit_approved"))
        with self.assertRaises(UserError):
            live._change_by_text("T-1")


@tagged("post_install", "-at_install")
class TestSegmentNight(SegmentCase):
    """The night looks at who was changed and a share of all, and notes the sizes."""

    def _night(self, now=None):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            counts = self.engine.with_env(self.env(cr=cr))._nightly(now or self.now)
        self.env.invalidate_all()
        return counts

    def test_seven_nights_find_what_nobody_touched(self):
        segment = self._segment("kyc", KYC)
        people = [self._signup(f"T-{number}") for number in range(1, 15)]
        self._ingest(*people)
        self._fill()
        # What no door told: a hand in the database.
        self.env.cr.execute("UPDATE veloc_trader SET kyc_state = 'approved'")
        counts = [self._night(self.now + timedelta(days=n)) for n in range(7)]
        self.assertEqual(
            len(segment.member_ids), len(self.env["veloc.trader"].search([]))
        )
        traders = self.env["veloc.trader"].search_count([])
        self.assertEqual(sum(count["traders"] for count in counts), traders)
        self.assertLess(counts[0]["traders"], traders)
        self.assertEqual(counts[0]["remaining"], 0)
        self.assertEqual(segment.size_ids.mapped("count"), [traders])

    def test_a_whole_night_looks_at_everybody(self):
        segment = self._segment("kyc", KYC)
        self._ingest(*(self._signup(f"T-{number}") for number in range(1, 8)))
        self._fill()
        self.env.cr.execute("UPDATE veloc_trader SET kyc_state = 'approved'")
        self.env["veloc.nightly.run"]._current().is_whole = True
        self._night()
        self.assertLessEqual(
            {f"T-{number}" for number in range(1, 8)}, set(self._refs(segment))
        )

    def test_any_night_looks_at_who_was_changed_and_who_was_never_looked_at(self):
        segment = self._segment("kyc", KYC)
        self._ingest(*(self._signup(f"T-{number}") for number in range(1, 30)))
        self._fill()
        self.env.cr.execute("UPDATE veloc_trader SET kyc_state = 'approved'")
        told, new = self._trader("T-14"), self._trader("T-15")
        self.engine._note_changed(told.ids)
        self.env.cr.execute(
            "DELETE FROM veloc_segment_mark WHERE trader_id = %s", [new.id]
        )
        self._night()
        self.assertLessEqual({"T-14", "T-15"}, set(self._refs(segment)))

    def test_silence_that_moves_a_stage_moves_the_segment_within_minutes(self):
        segment = self._segment(
            "quiet", {"is": "field", "field": "stage", "op": "in", "value": ["at_risk"]}
        )
        self._fill()
        self._ingest(self._signup(days_ago=40), self._deposit(days_ago=29))
        self.assertEqual(self._refs(segment), [])
        later = self.now + timedelta(days=2)
        with freeze_time(later):
            self.env["veloc.ingest.fold"]._age_due(later, 100)
            self.engine._pass_due(later)
        self.assertEqual(self._refs(segment), ["T-1"])

    def test_it_is_a_step_of_the_night(self):
        steps = self.env["veloc.nightly"]._steps()
        self.assertIn((70, "segments", "veloc.segment.engine", "_nightly"), steps)

    def test_statements_do_not_grow_with_the_people(self):
        self._segment("depositors", did("deposit_approved"))
        self._fill()
        self._ingest(*(self._signup(f"T-{n}") for n in range(40)))
        few, many = self._trader("T-1").ids, self.env["veloc.trader"].search([]).ids
        counts = []
        for ids in (few, many):
            before = self.cr.sql_log_count
            self.engine._touch(ids, self.now)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)


@tagged("post_install", "-at_install")
class TestSegmentCadence(CadenceCase):
    """Segments let people into cadences, and out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["veloc.segment"].search([]).active = False
        cls.segment = cls.env["veloc.segment"].create(
            {"name": "VIPs", "code": "our_vips", "definition": where(KYC)}
        )

    def _fed(self, code="fed", **values):
        return self._cadence(
            code, entry_event_type=False, entry_segment_id=self.segment.id, **values
        )

    def _approve(self, state="approved", now=NOON):
        self.ana_trader.flush_recordset()
        self.env.cr.execute(
            "UPDATE veloc_trader SET kyc_state = %s WHERE id = %s",
            [state, self.ana_trader.id],
        )
        self.ana_trader.invalidate_recordset()
        self.env["veloc.segment"]._on_touched(self.ana_trader.ids, now)

    def _fill(self):
        while self.env["veloc.segment.engine"]._pass_fill(NOON):
            pass

    def test_who_comes_in_enters_and_who_leaves_may_leave(self):
        cadence = self._fed(leaves_with_segment=True)
        self._fill()
        self._approve()
        run = self._enrolments(cadence=cadence)
        self.assertEqual(run.state, "active")
        self._approve("rejected")
        self.assertEqual((run.state, run.exit_reason), ("exited", "left_segment"))

    def test_filling_a_segment_is_no_news(self):
        cadence = self._fed()
        self._approve()
        self._fill()
        self.assertIn(self.ana_trader, self.segment.member_ids.trader_id)
        self.assertFalse(self._enrolments(cadence=cadence))

    def test_a_campaign_lets_everybody_in_once_on_its_date(self):
        self._approve()
        self._fill()
        cadence = self._fed("campaign", entry_at=NOON + timedelta(hours=1))
        cadences = self.env["veloc.cadence"]
        cadences._pass_campaigns(NOON)
        self.assertFalse(self._enrolments(cadence=cadence))
        late = NOON + timedelta(hours=1, minutes=1)
        cadences._pass_campaigns(late)
        self.assertEqual(len(self._enrolments(cadence=cadence)), 1)
        self.assertEqual(cadence.entry_done_at, late)
        self.assertFalse(cadences._pass_campaigns(late))

    def test_a_segment_for_care_feeds_nothing_that_sells(self):
        self.segment.definition = where(CARE)
        self.assertTrue(self.segment.for_care)
        with self.assertRaises(UserError):
            self._fed()

    def test_a_segment_that_feeds_selling_does_not_become_one_of_care(self):
        self._fed()
        with self.assertRaises(ValidationError):
            self.segment.definition = where(CARE)

    def test_what_gathers_people_in_trouble_cannot_be_said_to_be_harmless(self):
        self.segment.definition = where(CARE)
        with self.assertRaises(ValidationError):
            self.segment.for_care = False
        outer = self.env["veloc.segment"].create(
            {
                "name": "x",
                "code": "around_care",
                "definition": where({"is": "segment", "code": "our_vips"}),
            }
        )
        self.assertTrue(outer.for_care)

    def test_the_entry_is_fixed_once_published(self):
        cadence = self._fed()
        with self.assertRaises(UserError):
            cadence.entry_segment_id = False
        cadence.entry_segment_id = self.segment
