"""Simulation: what it tells, that nothing is written, and who may ask."""

import json
from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .cadence_case import DAY, HOUR, NOON
from .simulate_case import SimulateCase

# Nobody is written to on a Sunday; the window opens on Monday at nine.
SUNDAY = datetime(2026, 3, 15, 15, 0)


@tagged("post_install", "-at_install")
class TestCadenceSimulate(SimulateCase):
    def test_each_step_is_told_with_its_moment_channel_verdict_and_reason(self):
        answer = self._try()
        self.assertEqual(
            self._rows(answer, "partner_id", "at", "step", "channel", "verdict"),
            [
                (self.ana.id, "2026-03-11 15:00:00", "D+0", "sms", "sent"),
                (self.ana.id, "2026-03-12 15:00:00", "D+1", "sms", "sent"),
                (self.ana.id, "2026-03-13 15:00:00", "D+2", "sms", "sent"),
            ],
        )
        self.assertEqual(answer["verdicts"], {"sent": 3})
        self.assertEqual(answer["cadence"], "test")
        self.assertEqual(answer["people"]["entering"], 1)

    def test_who_never_agreed_is_shown_as_refused_with_the_reason_in_words(self):
        answer = self._try(self.rui)
        self.assertEqual({row["verdict"] for row in answer["rows"]}, {"refused"})
        first = answer["rows"][0]
        self.assertEqual(first["reason"], "no_consent")
        self.assertEqual(first["rule"], "legal_basis")
        self.assertEqual(first["words"], "The person never consented.")

    def test_quiet_hours_put_off_a_step_until_the_window_opens(self):
        rows = self._try(start=SUNDAY, days=1)["rows"]
        self.assertEqual(
            [(row["verdict"], row["reason"], row["at"], row["until"]) for row in rows],
            [
                (
                    "deferred",
                    "quiet_hours",
                    "2026-03-15 15:00:00",
                    "2026-03-16 12:00:00",
                ),
                ("sent", "consent", "2026-03-16 12:00:00", False),
            ],
        )

    def test_a_block_that_ends_meanwhile_is_asked_at_the_moment_of_each_step(self):
        self._impose(self.ana, "complaint", until=NOON + DAY + HOUR)
        self.assertEqual(
            self._rows(self._try(), "verdict", "reason"),
            [("refused", "complaint")] * 2 + [("sent", "consent")],
        )

    def test_a_person_who_talks_with_us_is_left_alone_until_then(self):
        conversation = self.env["veloc.conversation"].create(
            {
                "partner_id": self.ana.id,
                "channel": "sms",
                "company_id": self.env.company.id,
            }
        )
        conversation.silent_until = NOON + 2 * HOUR
        first, second = self._rows(self._try(), "verdict", "reason")[:2]
        self.assertEqual(first, ("deferred", "in_conversation"))
        self.assertEqual(second, ("sent", "consent"))

    def test_a_draft_that_nobody_approved_yet_can_be_tried(self):
        draft = self.cadence._make_draft(self.cadence.current_version_id)
        draft.step_ids[1:].unlink()
        answer = self._try(version_id=draft.id)
        self.assertEqual((answer["version"], len(answer["rows"])), (2, 1))

    def test_nobody_comes_in_twice(self):
        self._happen("signup")
        self._run(NOON)
        answer = self._try(start=NOON + HOUR)
        self.assertEqual(answer["people"]["not_entering"], 1)
        self.assertEqual(answer["people"]["waiting"], 1)
        self.assertEqual([row["step"] for row in answer["rows"]], ["D+1", "D+2"])

    def test_whom_an_event_brought_in_within_the_time_is_found(self):
        with freeze_time(NOON + DAY):
            self.env["veloc.ingest"].sudo()._run(
                "simulate",
                [
                    {
                        "id": "s-1",
                        "type": "signup",
                        "trader": self.ana_trader.external_ref,
                        "at": "2026-03-11T15:00:00Z",
                        "data": {},
                    },
                    {
                        "id": "s-2",
                        "type": "deposit_approved",
                        "trader": self.ana_trader.external_ref,
                        "at": "2026-03-12T14:00:00Z",
                        "amount": "10.00",
                        "currency": "BRL",
                    },
                ],
            )
            answer = self._simulate(
                cadence=self._cadence("replayed", wait_days=(0, 1)),
                start=NOON - HOUR,
                days=2,
            )
        own = [row for row in answer["rows"] if row["partner_id"] == self.ana.id]
        self.assertEqual(
            [(row["verdict"], row["reason"], row["at"]) for row in own],
            [
                ("sent", "consent", "2026-03-11 15:00:00"),
                ("exited", "goal", "2026-03-12 14:00:00"),
            ],
        )
        self.assertEqual(answer["people"]["how"], "real")

    def test_where_nobody_comes_in_people_of_the_kind_are_taken(self):
        segment = self._segment_of(self.ana_trader | self.rui_trader)
        cadence = self._cadence(
            "campaign", entry_event_type=False, entry_segment_id=segment.id
        )
        answer = self._simulate(cadence=cadence)
        self.assertEqual(answer["people"]["how"], "likely")
        self.assertEqual(
            {row["partner_id"]: row["verdict"] for row in answer["rows"]},
            {self.ana.id: "sent", self.rui.id: "refused"},
        )

    def _segment_of(self, traders):
        segment = self.env["veloc.segment"].create(
            {"name": "Simulated", "code": "simulated", "kind": "static"}
        )
        self.env.cr.execute(
            "INSERT INTO veloc_segment_member (segment_id, trader_id, since)"
            " SELECT %s, unnest(%s::int[]), %s",
            [segment.id, traders.ids, NOON - DAY],
        )
        return segment

    def test_a_draft_without_an_entry_is_tried_with_people_and_meets_nobody_else(self):
        cadence = self._cadence("doorless", entry_event_type=False, publish=False)
        self.assertEqual(self._simulate(cadence=cadence)["rows"], [])
        self.assertEqual(self._try(cadence=cadence)["verdicts"], {"sent": 1})

    def test_a_house_that_is_not_set_up_is_one_row_not_hundreds(self):
        self.env["veloc.account"].search([("channel", "=", "sms")]).active = False
        first = self._try()["rows"][0]
        self.assertEqual(first["verdict"], "deferred")
        self.assertEqual(first["reason"], "no_account")
        self.assertGreater(first["times"], 10)

    def test_the_answer_is_json(self):
        json.dumps(self._try(self.ana, self.rui))


@tagged("post_install", "-at_install")
class TestCadenceSimulateWritesNothing(SimulateCase):
    def test_the_database_may_refuse_every_write(self):
        self._happen("signup")
        with self._read_only():
            answer = self._try(self.ana, self.rui, start=NOON)
        self.assertTrue(answer["rows"])

    def test_no_run_decision_message_verdict_link_or_wake_up_is_left(self):
        self._happen("signup")
        before = self._counts()
        self._try(self.ana, self.rui)
        self._simulate(start=NOON)
        self.assertEqual(self._counts(), before)

    def test_the_queries_do_not_grow_with_the_people(self):
        people = self.env["res.partner"].create(
            [
                self._prepare_person(f"P{n}", f"p{n}@example.com", f"+55 11 9612{n:05}")
                for n in range(40)
            ]
        )
        self._traders(people)
        for person in people[::2]:
            self._grant(person, at="2026-03-01T12:00:00Z")
        self._try(people[0])
        few = self._count_queries(people[:2])
        many = self._count_queries(people)
        self.assertLessEqual(many, few + 2)  # a cache's miss

    def _count_queries(self, people):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._try(*people)
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestCadenceSimulateRights(SimulateCase):
    def test_an_agent_may_not_simulate(self):
        agent = self._new_agent()
        with self.assertRaises(AccessError):
            self.env["veloc.cadence"].with_user(agent).simulate(
                self.cadence.id, NOON, NOON + DAY
            )

    def test_people_of_another_company_are_left_out(self):
        other = self.env["res.company"].create({"name": "Other broker"})
        self.env.cr.execute(
            "UPDATE veloc_trader SET company_id = %s WHERE id = %s",
            [other.id, self.ana_trader.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self._try()["rows"], [])
        with self.assertRaises(AccessError):
            self.cadences.with_context(allowed_company_ids=[other.id]).simulate(
                self.cadence.id, NOON, NOON + DAY, {"partner_ids": self.ana.ids}
            )

    def test_nonsense_is_refused_in_words(self):
        for start, end, people in (
            (NOON, NOON, {}),
            (NOON, NOON + 400 * DAY, {}),
            ("yesterday", "today", {}),
            (NOON, NOON + DAY, {"partner_ids": ["x"]}),
            (NOON, NOON + DAY, [1]),
        ):
            with self.subTest(start=start, end=end), self.assertRaises(UserError):
                self.cadences.simulate(self.cadence.id, start, end, people)
