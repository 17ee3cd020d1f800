"""The engine: who comes in, what is decided, who leaves."""

from datetime import datetime

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .cadence_case import DAY, HOUR, NOON, CadenceCase

SUNDAY = datetime(2026, 3, 15, 15, 0)
MONDAY_9 = datetime(2026, 3, 16, 12, 0)


@tagged("post_install", "-at_install")
class TestVelocCadenceEntry(CadenceCase):
    def test_the_entry_event_brings_a_person_to_the_first_step(self):
        self._happen("signup")
        self.assertRecordValues(
            self._enrolments(),
            [
                {
                    "state": "active",
                    "step_id": self.steps[0].id,
                    "next_due": NOON,
                    "partner_id": self.ana.id,
                    "occurrence": "once",
                }
            ],
        )

    def test_other_events_bring_nobody_in(self):
        self._happen("login")
        self.assertFalse(self._enrolments())

    def test_each_broker_writes_from_its_own_account(self):
        other = self.env["res.company"].create({"name": "Other broker"})
        account = self._account("other-sms", "sms", company_id=other.id)
        self.account.company_id = self.env.company
        self.env.cr.execute(
            "UPDATE veloc_trader SET company_id = %s WHERE id = %s",
            [other.id, self.ana_trader.id],
        )
        self.env.invalidate_all()

        self._happen("signup")
        self._run()

        self.assertRecordValues(
            self._messages(), [{"account_id": account.id, "company_id": other.id}]
        )

    def test_once_in_a_lifetime_means_once(self):
        events = [self._event("signup"), self._event("signup")]
        self.engine._on_events(events, NOON)
        self._happen("deposit_approved", at=NOON + HOUR)
        self._happen("signup", at=NOON + DAY)
        self.assertEqual(len(self._enrolments()), 1)

    def test_a_cadence_of_reentry_is_open_again_after_the_last_run_ended(self):
        cadence = self._cadence("returning", reentry="again")
        self._happen("signup")
        self._happen("signup", at=NOON + HOUR)
        self.assertEqual(len(self._enrolments(cadence=cadence)), 1)
        self._happen("deposit_approved", at=NOON + HOUR)
        self._happen("signup", at=NOON + 2 * HOUR)
        states = self._enrolments(cadence=cadence).mapped("state")
        self.assertEqual(states, ["exited", "active"])

    def test_a_flow_answers_each_event_with_the_values_of_that_event(self):
        flow = self._cadence(
            "flow",
            kind="flow",
            reentry="each",
            entry_event_type="withdrawal_paid",
            template=self.urgent,
        )
        self._happen("withdrawal_paid", amount="10.00")
        self._happen("withdrawal_paid", amount="20.00")
        runs = self._enrolments(cadence=flow)
        self.assertEqual(
            runs.mapped("context"), [{"amount": "10.00"}, {"amount": "20.00"}]
        )
        self.assertEqual(self._run(is_urgent=True), 2)
        self.assertEqual(len(self._messages()), 2)

    def test_history_brings_nobody_in_and_leaves_one_row_that_says_so(self):
        old = [self._event("signup", at=NOON - 30 * DAY) for _n in range(3)]
        self.engine._on_events(old, NOON)
        self.assertFalse(self._enrolments())
        decision = self.env["veloc.decision"].search(
            [("trader_id", "=", self.ana_trader.id)]
        )
        self.assertEqual(
            (decision.verdict, decision.reason, decision.saw["events"]),
            ("expired", "event_too_old", 3),
        )

    def test_an_event_that_comes_late_but_not_too_late_loses_only_its_late_steps(self):
        self._happen("signup", at=NOON, now=NOON + DAY + HOUR)
        self._run(NOON + DAY + HOUR)
        self.assertEqual(
            self._decisions(), [("expired", "too_late"), ("sent", "consent")]
        )

    def test_a_stopped_cadence_lets_nobody_in_and_everybody_out(self):
        self._happen("signup")
        self._run()
        self.cadence.action_archive()
        self._happen("signup", self.rui_trader)
        self.assertFalse(self._enrolments(self.rui_trader))
        self.assertEqual(self._enrolments().state, "exited")
        self.assertEqual(self._messages().state, "cancelled")


@tagged("post_install", "-at_install")
class TestVelocCadenceExit(CadenceCase):
    def test_the_goal_ends_the_run_and_stops_what_was_queued(self):
        self._happen("signup")
        self._run()
        self._happen("deposit_approved", at=NOON + HOUR)
        self.assertRecordValues(
            self._enrolments(),
            [{"state": "exited", "exit_reason": "goal", "is_converted": True}],
        )
        self.assertEqual(self._messages().state, "cancelled")
        self.assertEqual(self._decisions()[-1], ("exited", "goal"))
        self.assertFalse(self._run(NOON + 5 * DAY))

    def test_a_goal_reached_before_the_entry_is_not_this_runs_goal(self):
        self._happen("signup")
        self._happen("deposit_approved", at=NOON - HOUR, now=NOON)
        self.assertEqual(self._enrolments().state, "active")

    def test_entry_and_goal_in_one_batch_end_as_reached(self):
        events = [
            self._event("deposit_approved", at=NOON + HOUR),
            self._event("signup"),
        ]
        self.engine._on_events(events, NOON + HOUR)
        self.assertTrue(self._enrolments().is_converted)

    def test_the_goal_of_one_person_moves_nobody_else(self):
        self._happen("signup")
        self._happen("signup", self.rui_trader)
        self._happen("deposit_approved", self.rui_trader, at=NOON + HOUR)
        self.assertEqual(self._enrolments().state, "active")

    def test_a_stage_that_ends_the_cadence_ends_it_with_the_next_event(self):
        cadence = self._cadence("until-churned".replace("-", "_"), publish=False)
        self.env["veloc.cadence.exit"].create(
            {"version_id": cadence.draft_version_id.id, "stage": "churned"}
        )
        cadence.draft_version_id.action_publish()
        self._happen("signup")
        self.ana_trader.stage = "churned"
        self._happen("login", at=NOON + HOUR)
        run = self._enrolments(cadence=cadence)
        self.assertEqual((run.state, run.exit_reason), ("exited", "stage"))
        self.assertFalse(run.is_converted)

    def test_a_stage_that_came_by_silence_ends_the_cadence_at_the_next_step(self):
        cadence = self._cadence("until_churned", publish=False)
        self.env["veloc.cadence.exit"].create(
            {"version_id": cadence.draft_version_id.id, "stage": "churned"}
        )
        cadence.draft_version_id.action_publish()
        self._happen("signup")
        self.ana_trader.stage = "churned"
        self.env.flush_all()
        self._run()
        self.assertEqual(self._enrolments(cadence=cadence).state, "exited")


@tagged("post_install", "-at_install")
class TestVelocCadenceRun(CadenceCase):
    def test_a_due_step_becomes_a_message_and_a_decision_that_says_why(self):
        self._happen("signup")
        self._run()
        decision = self.env["veloc.decision"].search(
            [("trader_id", "=", self.ana_trader.id)]
        )
        message = self._messages()
        self.assertRecordValues(
            decision,
            [
                {
                    "verdict": "sent",
                    "reason": "consent",
                    "basis": "consent",
                    "step_id": self.steps[0].id,
                    "channel": "sms",
                    "message_id": message.id,
                }
            ],
        )
        run = self._enrolments()
        self.assertEqual(message.key, f"cad:{run.id}:{self.steps[0].slot}:once")
        self.assertEqual(message.useful_until, NOON + DAY)
        self.assertEqual((run.step_id, run.next_due), (self.steps[1], NOON + DAY))

    def test_each_step_waits_for_its_day_and_the_last_one_ends_the_run(self):
        self._happen("signup")
        for days in range(4):
            self._run(NOON + days * DAY)
        self.assertEqual(len(self._messages()), 3)
        self.assertEqual(self._enrolments().state, "done")

    def test_nothing_is_decided_before_it_is_due(self):
        self._happen("signup")
        self._run()
        self.assertEqual(self._run(NOON + DAY - HOUR), 0)

    def test_outside_the_contact_hours_the_step_waits_and_then_goes(self):
        self._happen("signup", at=SUNDAY)
        self._run(SUNDAY)
        run = self._enrolments()
        self.assertEqual(run.next_due, MONDAY_9)
        self.assertEqual(run.step_id, self.steps[0])
        self._run(MONDAY_9)
        self.assertEqual(
            self._decisions(), [("deferred", "quiet_hours"), ("sent", "consent")]
        )

    def test_while_the_person_talks_with_us_the_step_waits_and_says_why(self):
        self._happen("signup")
        self.env["veloc.desk"].search([]).silence_hours = 2
        with freeze_time(NOON):
            self.env["veloc.conversation"]._receive(
                [
                    {
                        "event_id": 1,
                        "account_id": self.account.id,
                        "channel": "sms",
                        "sender": self.ana.phone_sanitized,
                        "partner_ids": self.ana.ids,
                        "body": "Oi, tem alguém aí?",
                        "at": NOON,
                    }
                ]
            )
            self._run(NOON)
        run = self._enrolments()
        self.assertEqual(run.next_due, NOON + 2 * HOUR)
        self.assertEqual(run.step_id, self.steps[0])
        self.assertEqual(self._decisions(), [("deferred", "in_conversation")])

    def test_without_consent_the_step_is_refused_and_the_next_one_gets_its_turn(self):
        self._happen("signup", self.rui_trader)
        self._run()
        self.assertEqual(self._decisions(self.rui_trader), [("refused", "no_consent")])
        self.assertEqual(self._enrolments(self.rui_trader).step_id, self.steps[1])
        self.assertFalse(self._messages(self.rui))

    def test_who_excluded_themselves_leaves_the_cadence(self):
        self._happen("signup")
        self._suppress(self.ana, "self_exclusion")
        self._run()
        self.assertEqual(self._decisions(), [("exited", "self_exclusion")])
        self.assertRecordValues(
            self._enrolments(), [{"state": "exited", "exit_reason": "self_exclusion"}]
        )

    def test_a_late_step_expires(self):
        self._happen("signup")
        self._run(NOON + DAY)
        self.assertEqual(self._decisions()[0], ("expired", "too_late"))

    def test_a_condition_that_does_not_hold_skips_the_step(self):
        cadence = self._cadence("conditional", wait_days=(), publish=False)
        self._step(cadence.draft_version_id, 0, condition="kyc_approved")
        self._step(cadence.draft_version_id, 1)
        cadence.draft_version_id.action_publish()
        self.cadence.active = False
        self._happen("signup")
        self._run()
        self.assertEqual(self._decisions(), [("skipped", "kyc_approved")])
        self.assertFalse(self._messages())

    def test_a_step_decided_twice_is_sent_once(self):
        """As after a crash that lost where the run stood, but not the message."""
        self._happen("signup")
        self._run()
        run = self._enrolments()
        self.env["veloc.enrolment"]._apply(
            [
                {
                    "id": run.id,
                    "state": "active",
                    "step_id": self.steps[0].id,
                    "next_due": NOON,
                }
            ]
        )
        self._run()
        self.assertEqual(len(self._messages()), 1)
        self.assertEqual(self._decisions()[-1][0], "duplicate")

    def test_a_message_is_worth_what_the_trader_brought(self):
        self.ana_trader.net_deposit = 2500
        stranger = self.env["res.partner"].create({"name": "Lia"})
        drafts = [{"partner_id": self.ana.id}, {"partner_id": stranger.id}]

        self.engine._add_worth(drafts)

        self.assertEqual([draft["worth"] for draft in drafts], [2500, 0])

    def test_the_number_of_queries_does_not_grow_with_the_batch(self):
        self._count_queries(2)  # fills the caches of the registry
        counts = [self._count_queries(size) for size in (20, 200)]
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[1], 50)

    def _count_queries(self, size):
        """Return the queries of entering and of deciding about ``size`` people."""
        partners = self.env["res.partner"].create(
            [
                {**self._prepare_person("P", "p@example.com", "+5511961234567")}
                for _n in range(size)
            ]
        )
        traders = self._traders(partners)
        self.env["veloc.consent"].record(
            [
                {
                    "partner_id": partner.id,
                    "purpose": "marketing",
                    "channel": "sms",
                    "granted": True,
                    "source": "test",
                    "at": "2026-03-01T12:00:00Z",
                }
                for partner in partners
            ]
        )
        events = [self._event("signup", trader) for trader in traders]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.engine._on_events(events, NOON)
        self.assertEqual(self.engine._run_batch(False, NOON), size)
        after = self.env.cr.sql_log_count
        sent = self.env["veloc.message"].search_count(
            [("partner_id", "in", partners.ids)]
        )
        self.assertEqual(sent, size)
        return after - before


@tagged("post_install", "-at_install")
class TestVelocCadenceCron(CadenceCase):
    def _run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(name).method_direct_trigger()

    def test_the_job_of_the_cadences_decides_about_all_that_is_due(self):
        now = fields.Datetime.now()
        self._happen("signup", at=now, now=now)
        self._happen("signup", self.rui_trader, at=now, now=now)
        self._run_cron("veloc_crm.ir_cron_cadence")
        self.assertEqual(len(self._decisions()), 1)
        self.assertEqual(len(self._decisions(self.rui_trader)), 1)

    def test_the_job_of_the_flows_leaves_the_cadences_alone(self):
        flow = self._cadence("flow", kind="flow", reentry="each", template=self.urgent)
        now = fields.Datetime.now()
        self._happen("signup", at=now, now=now)
        self._run_cron("veloc_crm.ir_cron_cadence_urgent")
        self.assertEqual(self._enrolments(cadence=flow).state, "done")
        self.assertEqual(self._enrolments().step_id, self.steps[0])

    def test_an_event_wakes_the_job_of_its_lane(self):
        self._cadence("flow", kind="flow", reentry="each", template=self.urgent)
        crons = self.env.ref("veloc_crm.ir_cron_cadence") | self.env.ref(
            "veloc_crm.ir_cron_cadence_urgent"
        )
        triggers = self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "in", crons.ids)]).unlink()
        self._happen("signup")
        woken = triggers.search([("cron_id", "in", crons.ids)]).cron_id
        self.assertEqual(woken, crons)
