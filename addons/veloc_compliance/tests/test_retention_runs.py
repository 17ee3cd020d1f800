from datetime import timedelta

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..rules import retention
from .retention_case import ROWS, RetentionCase, years_ago


@tagged("post_install", "-at_install")
class TestRetention(RetentionCase):
    """LGPD arts. 15 and 16: data end when their purpose ends, unless a law keeps."""

    # === WORDS === #

    def test_a_term_and_a_line_are_told_in_words(self):
        self._no_policies()
        self._policy("contact_log", "veloc.gate.verdict", "decided_at", period=7)
        run = self._run_retention()
        self.env["res.lang"]._activate_lang("pt_BR")
        verdicts = self.env["ir.model"]._get("veloc.gate.verdict")
        verdicts.with_context(lang="pt_BR").name = "Pareceres"
        line = run.line_ids.with_context(lang="pt_BR").filtered("model_name")
        self.assertEqual(line.model_label, "Pareceres")
        self.assertIn("7 years from", run.line_ids.version_ids.term)

    # === EXACT === #

    def test_of_thousands_of_mixed_rows_exactly_those_go_that_the_law_lets_go(self):
        self._no_policies()
        regimes = [
            self._policy("contact_log", "veloc.gate.verdict", "decided_at")._regime(),
            self._policy(
                "contact_log",
                "veloc.gate.verdict",
                "decided_at",
                period=7,
                from_new_year=True,
            )._regime(),
        ]
        people = self._people(40)
        held = people[:7]
        self.env["veloc.legal.hold"]._place(held.ids, "dispute", "Case 1", "Claim")
        rows = self._verdicts(people)
        expected = {
            id_
            for id_, (partner, at) in rows.items()
            if partner not in held.ids
            and retention.is_due(
                regimes,
                retention.Subject({"event_date": self._local_date(at)}),
                self.today,
            )
        }
        self.assertGreater(len(expected), ROWS // 10)
        run = self._run_retention()
        self.assertEqual(set(rows) - self._left(rows), expected)
        self.assertEqual(run.state, "done")
        self.assertEqual((run.found, run.done), (len(expected), len(expected)))

    def test_of_many_people_exactly_those_go_whose_last_duty_is_over(self):
        self._no_policies()
        terms = [
            self._policy("identity", period=5, population="clients"),
            self._policy("kyc", period=10, from_new_year=True, population="clients"),
            self._policy(
                kind="maximum",
                start="revocation",
                period=0,
                unit="days",
                population="prospects",
            ),
        ]
        regimes = [version._regime() for version in terms]
        people = self._people(60)
        for number, person in enumerate(people):
            self._grant(person, granted=bool(number % 3))
            if number % 2:
                person.veloc_relationship_end = self._some_day()
        self.env["veloc.legal.hold"]._place(people[:9].ids, "order", "Order", "x")
        subjects = self.scope._subjects(people.ids)
        expected = {
            id_
            for id_, subject in subjects.items()
            # A consent withdrawn today ends today: nobody goes before tomorrow.
            if retention.is_due(regimes, subject, self.today)
            and id_ not in people[:9].ids
        }
        self.assertEqual(len(subjects), 60)
        self.assertTrue(expected)
        self._run_retention()
        begun = self.env["veloc.erasure"].search([("partner_id", "in", people.ids)])
        self.assertEqual(set(begun.partner_id.ids), expected)
        self.assertEqual(set(begun.mapped("reason")), {"retention"})

    def test_the_longest_duty_wins(self):
        self._no_policies()
        self._policy("contact_log", "veloc.gate.verdict", "decided_at", period=2)
        self._policy("contact_log", "veloc.gate.verdict", "decided_at", period=9)
        rows = self._verdicts(self.ana, 200)
        self._run_retention()
        gone = [rows[id_][1].date() for id_ in set(rows) - self._left(rows)]
        self.assertTrue(gone)
        self.assertLess(max(gone), years_ago(self.today, 9))

    def test_an_interrupted_run_goes_on_where_it_stopped_and_counts_each_row_once(self):
        self._no_policies()
        self._policy("contact_log", "veloc.gate.verdict", "decided_at")
        rows = self._verdicts(self._people(5), 300)
        run = self.env["veloc.retention.run"]._begin()
        line = run.line_ids
        due = self._due_of(line)
        self.patch(type(line), "_size", lambda self: 20)
        line._work_batch()
        line._work_batch()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            line._work_batch()
            raise ZeroDivisionError
        self.env.invalidate_all()
        self.assertEqual((line.done, line.is_done), (40, False))
        finished = self._run_retention()
        self.assertEqual(finished, run)
        self.assertEqual(set(rows) - self._left(rows), due)
        self.assertEqual((line.found, line.done), (len(due), len(due)))

    def _due_of(self, line):
        query, _held, _needed = line._queries()
        return {row[0] for row in self.env.execute_query(query)}

    def test_a_batch_costs_the_same_statements_whatever_its_size(self):
        self._no_policies()
        self._policy("contact_log", "veloc.gate.verdict", "decided_at", period=0)
        counts = []
        for number in (50, 1500):
            self._verdicts(self.ana, number)
            line = self.env["veloc.retention.run"]._begin(is_dry=True).line_ids
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            line._work_batch()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_what_somebody_still_refers_to_stays(self):
        self._no_policies()
        self._policy("consent", "veloc.consent", "recorded_at", period=0, unit="days")
        consent = self._grant(self.ana, at="2015-03-11T12:00:00Z")
        run = self._run_retention()
        self.assertTrue(consent.exists())
        self.assertEqual(run.line_ids.mapped("failure"), [False])
        self.assertEqual(run.line_ids.needed, 1)

    def test_a_proof_of_consent_is_emptied_and_the_consent_stays(self):
        consent = self._grant(
            self.ana,
            at="2012-03-11T12:00:00Z",
            ip="203.0.113.7",
            evidence="Called from home",
        )
        self.env.ref(
            "veloc_compliance.veloc_retention_consent_v1"
        ).armed_at = "2026-01-01"
        self._run_retention()
        self.assertRecordValues(
            consent, [{"ip": False, "evidence": False, "granted": True}]
        )

    # === BEFORE ANYTHING IS DESTROYED === #

    def test_a_dry_run_counts_per_policy_and_destroys_nothing(self):
        self._no_policies()
        self._policy("contact_log", "veloc.gate.verdict", "decided_at")
        self.env["veloc.legal.hold"]._place(self.rui.ids, "order", "Order 7", "x")
        rows = self._verdicts(self.ana | self.rui, 400)
        runs = self.env["veloc.retention.run"].with_user(self.officer)
        dry = runs.browse(runs.action_dry_run()["res_id"])
        self.assertEqual(self._left(rows), set(rows))
        self.assertRecordValues(
            dry.line_ids,
            [{"model_name": "veloc.gate.verdict", "data_class": "contact_log"}],
        )
        self.assertTrue(dry.is_dry and dry.held)
        run = self._run_retention()
        self.assertEqual((dry.found, dry.held), (run.done, run.held))

    def test_nothing_is_destroyed_by_terms_nobody_has_released(self):
        self._no_policies()
        version = self._policy("contact_log", "veloc.gate.verdict", "decided_at")
        version.armed_at = False
        rows = self._verdicts(self.ana, 100)
        self.assertFalse(self._run_retention().line_ids)
        runs = self.env["veloc.retention.run"].with_user(self.officer)
        dry = runs.browse(runs.action_dry_run()["res_id"])
        dry.action_release()
        self.assertEqual(version.armed_by, self.officer)
        self.env["veloc.retention.run"].search([]).write(
            {"today": self.today - timedelta(days=1)}
        )
        self._run_retention()
        self.assertLess(len(self._left(rows)), 100)

    def test_terms_that_changed_since_the_dry_run_are_not_released(self):
        self._no_policies()
        version = self._policy("contact_log", "veloc.gate.verdict", "decided_at")
        runs = self.env["veloc.retention.run"].with_user(self.officer)
        dry = runs.browse(runs.action_dry_run()["res_id"])
        version.state = "retired"
        with self.assertRaisesRegex(UserError, "changed"):
            dry.action_release()

    def test_a_run_that_fails_tells_somebody(self):
        self._no_policies()
        self._policy("contact_log", "veloc.gate.verdict", "decided_at")
        eraser = type(self.env["veloc.eraser"])
        self.patch(eraser, "_delete_rows", lambda self, model, ids: 1 / 0)
        self._verdicts(self.ana, 50)
        with mute_logger("odoo.addons.veloc_compliance.models.retention"):
            run = self._run_retention()
        self.assertEqual(run.state, "failed")
        self.assertEqual(run.line_ids.failure, "ZeroDivisionError")
        self.assertTrue(
            self.env["veloc.alert"].search([("code", "=", "retention_run_failed")])
        )

    # === POLICIES === #

    def test_five_and_ten_years_are_shipped_as_suggestions(self):
        regimes = self.env["veloc.retention.policy"]._regimes()[("", "")]
        duties = {
            (regime.data_class, regime.value, regime.unit, regime.from_new_year)
            for _version, regime in regimes
            if regime.is_minimum
        }
        self.assertIn(("kyc", 10, "years", True), duties)
        self.assertIn(("identity", 5, "years", False), duties)

    def _draft(self, version, **terms):
        drafts = version.policy_id.with_user(self.officer)
        draft = self.env["veloc.retention.version"].browse(
            drafts.action_new_version()["res_id"]
        )
        draft.with_user(self.officer).write(terms)
        return draft.with_user(self.officer)

    def test_one_person_may_keep_longer(self):
        version = self._policy(period=5)
        draft = self._draft(version, period=6)
        draft.action_put_in_force()
        self.assertEqual((draft.state, version.state), ("in_force", "retired"))

    def test_shortening_takes_two_people(self):
        version = self._policy(period=5)
        draft = self._draft(version, period=4)
        draft.action_put_in_force()
        self.assertEqual((draft.state, version.state), ("waiting", "in_force"))
        with self.assertRaisesRegex(UserError, "two people"):
            draft.action_approve()
        draft.with_user(self.second).action_approve()
        self.assertEqual((draft.state, draft.approved_by), ("in_force", self.second))

    def test_new_terms_destroy_nothing_before_they_are_released(self):
        draft = self._draft(self._policy(period=5), period=6)
        draft.action_put_in_force()
        self.assertFalse(draft.armed_at)

    def test_ending_a_policy_takes_two_people(self):
        version = self._policy()
        policy = version.policy_id.with_user(self.officer)
        draft = self.env["veloc.retention.version"].browse(
            policy.action_end()["res_id"]
        )
        draft.with_user(self.officer).action_put_in_force()
        self.assertTrue(policy.is_in_force)
        draft.with_user(self.second).action_approve()
        self.assertFalse(policy.is_in_force)

    def test_terms_in_force_cannot_be_changed_by_anybody(self):
        version = self._policy()
        with self.assertRaises(UserError):
            version.with_user(self.officer).period = 1
        with (
            self.assertRaisesRegex(psycopg2.Error, "frozen"),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(SQL("UPDATE veloc_retention_version SET period = 1"))
        with self.assertRaises(UserError):
            version.policy_id.with_user(self.officer).unlink()

    def test_nobody_puts_terms_in_force_by_writing_the_state(self):
        created = (
            self.env["veloc.retention.version"]
            .with_user(self.officer)
            .create(
                {
                    "policy_id": self._policy().policy_id.id,
                    "law": "x",
                    "state": "in_force",
                    "armed_at": "2026-01-01",
                }
            )
        )
        self.assertEqual((created.state, created.armed_at), ("draft", False))
        with self.assertRaises(UserError):
            created.write({"state": "in_force"})

    def test_a_policy_that_makes_no_sense_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "whose rows"):
            self._policy("trading")
        with self.assertRaisesRegex(ValidationError, "no stored date"):
            self._policy("contact_log", "veloc.gate.verdict", "reason")

    # === HOLDS === #

    def test_lifting_a_hold_takes_two_people(self):
        hold = self.env["veloc.legal.hold"]._place(
            self.ana.ids, "order", "Order 9", "Court"
        )
        mine = hold.with_user(self.officer)
        with self.assertRaisesRegex(UserError, "Nobody has asked"):
            mine.action_confirm_lift()
        mine._ask_lift("The case is over")
        with self.assertRaisesRegex(UserError, "two people"):
            mine.action_confirm_lift()
        self.assertIn(self.ana.id, self.env["veloc.legal.hold"]._held(self.ana.ids))
        hold.with_user(self.second).action_confirm_lift()
        self.assertFalse(self.env["veloc.legal.hold"]._held(self.ana.ids))

    def test_a_hold_ends_after_its_last_day(self):
        holds = self.env["veloc.legal.hold"]
        yesterday = self.today - timedelta(days=1)
        holds._place(self.ana.ids, "order", "A", "x", yesterday)
        self.assertFalse(holds._held(self.ana.ids))
        holds._place(self.ana.ids, "order", "B", "x", self.today)
        self.assertEqual(holds._held(self.ana.ids), {self.ana.id: [("B", self.today)]})
        self.assertEqual(holds.search([("is_active", "=", True)]).law, "B")

    def test_who_is_no_officer_neither_sees_nor_places_holds(self):
        viewer = self.env["res.users"].create(
            {
                "name": "viewer",
                "login": "viewer-of-holds",
                "group_ids": [(4, self.env.ref("veloc_compliance.group_viewer").id)],
            }
        )
        holds = self.env["veloc.legal.hold"].with_user(viewer)
        with self.assertRaises(AccessError):
            holds.search([]).mapped("law")
        for user in (viewer, self.officer):
            with self.assertRaises(AccessError):
                self.env["veloc.legal.hold"].with_user(user).create(
                    {"partner_id": self.ana.id, "law": "x", "reason": "x"}
                )
