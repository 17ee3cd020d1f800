from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import ComplianceCase


@tagged("post_install", "-at_install")
class TestConsent(ComplianceCase):
    def _item(self, **changes):
        return {
            "partner_id": self.ana.id,
            "purpose": "marketing",
            "channel": "sms",
            "granted": True,
            "source": "signup_form",
        } | changes

    def _state(self, partner=None, channel="sms"):
        return self.env["veloc.consent.state"].search(
            [
                ("partner_id", "=", (partner or self.ana).id),
                ("purpose_id", "=", self.purpose("marketing").id),
                ("channel", "=", channel),
            ]
        )

    def _record(self, *items):
        return self.env["veloc.consent"].record(list(items))

    # === RECORDING === #

    def test_a_consent_keeps_its_whole_proof(self):
        (answer,) = self._record(
            self._item(
                at="2026-02-03T10:00:00-03:00",
                language="pt-BR",
                ip="203.0.113.9",
                user_agent="Firefox",
                evidence="form 7",
            )
        )
        version = self.purpose("marketing").current_version_id
        self.assertRecordValues(
            self.env["veloc.consent"].browse(answer["id"]),
            [
                {
                    "version_id": version.id,
                    "recorded_at": fields.Datetime.to_datetime("2026-02-03 13:00:00"),
                    "text_language": "pt_BR",
                    "text_hash": version.with_context(lang="pt_BR").text_hash,
                    "ip": "203.0.113.9",
                    "user_agent": "Firefox",
                    "evidence": "form 7",
                    "recorded_by": self.env.uid,
                }
            ],
        )

    def test_bad_items_do_not_lose_the_good_ones(self):
        answers = self._record(
            self._item(channel="fax"),
            self._item(),
            self._item(purpose="nonsense"),
            self._item(purpose="account_service"),
            self._item(partner_id=2**30),
            self._item(at="2099-01-01"),
            "rubbish",
            self._item(partner_id=self.rui.id, granted=False),
        )
        self.assertEqual([answer["index"] for answer in answers], list(range(8)))
        self.assertEqual(
            [answer.get("code") for answer in answers],
            [
                "invalid",
                None,
                "unknown_purpose",
                "not_consent_based",
                "unknown_partner",
                "future",
                "not_an_object",
                None,
            ],
        )
        self.assertTrue(all(a["message"] for a in answers if "code" in a))
        self.assertIn("channel", answers[0]["message"])
        stored = self.env["veloc.consent"].browse([answers[1]["id"], answers[7]["id"]])
        self.assertEqual(stored.partner_id, self.ana | self.rui)
        self.assertEqual(stored.mapped("granted"), [True, False])

    def test_the_version_that_was_shown_is_the_one_agreed_to(self):
        marketing = self.purpose("marketing")
        shown = marketing.current_version_id
        versions = self.env["veloc.purpose.version"]
        values = {"purpose_id": marketing.id, "notice": "Something quite different."}
        versions.create(values).action_publish()
        draft = versions.create(values)
        answers = self._record(
            self._item(version=shown.number),
            self._item(version=draft.number),
            self._item(version=99),
        )
        self.assertEqual(
            [answer.get("code") for answer in answers],
            [None, "unknown_version", "unknown_version"],
        )
        consent = self.env["veloc.consent"].browse(answers[0]["id"])
        self.assertEqual(consent.version_id, shown)
        self.assertEqual(self._ask(self.ana).reason, "consent_outdated")

    def test_what_is_no_list_is_said_to_be_none(self):
        for rubbish in (None, "x", {"partner_id": 1}, 5):
            with self.subTest(rubbish=rubbish), self.assertRaises(UserError):
                self.env["veloc.consent"].record(rubbish)
        self.assertEqual(self._record(), [])

    def test_an_unknown_language_leaves_the_hash_open(self):
        (answer,) = self._record(self._item(language="xx"))
        consent = self.env["veloc.consent"].browse(answer["id"])
        self.assertEqual((consent.text_language, consent.text_hash), ("xx", False))

    def test_forged_proof_is_not_taken_over(self):
        (answer,) = self._record(
            self._item(text_hash="forged", recorded_by=1, stored_at="2020-01-01")
        )
        consent = self.env["veloc.consent"].browse(answer["id"])
        self.assertFalse(consent.text_hash)
        self.assertGreater(consent.stored_at.year, 2020)

    def test_many_items_cost_what_few_cost(self):
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "tz": False} for n in range(100)]
        )
        items = [self._item(partner_id=person.id) for person in people]
        self._record(*items[:2])
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        self._record(*items[:2])
        few = self.env.cr.sql_log_count - start
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        self._record(*items)
        self.assertLessEqual(self.env.cr.sql_log_count - start, few + 2)

    # === CURRENT STATE === #

    def test_the_newest_word_wins(self):
        self._grant(self.ana, granted=True, at="2026-01-01 10:00:00")
        self._grant(self.ana, granted=False, at="2026-01-02 10:00:00")
        self.assertFalse(self._state().granted)

    def test_a_late_old_word_changes_nothing(self):
        newest = self._grant(self.ana, granted=False, at="2026-01-02 10:00:00")
        self._grant(self.ana, granted=True, at="2026-01-01 10:00:00")
        self.assertEqual(self._state().consent_id, newest)

    def test_of_two_words_of_one_second_the_later_arrival_wins(self):
        at = "2026-01-01 10:00:00"
        self._grant(self.ana, granted=True, at=at)
        last = self._grant(self.ana, granted=False, at=at)
        self.assertEqual(self._state().consent_id, last)

    def test_of_many_words_in_one_batch_the_newest_wins(self):
        self._record(
            self._item(granted=False, at="2026-01-03"),
            self._item(granted=True, at="2026-01-05"),
            self._item(granted=False, at="2026-01-04"),
        )
        self.assertTrue(self._state().granted)

    def test_channels_and_people_have_their_own_state(self):
        self._record(
            self._item(),
            self._item(channel="email", granted=False),
            self._item(partner_id=self.rui.id, granted=False),
        )
        self.assertTrue(self._state().granted)
        self.assertFalse(self._state(channel="email").granted)
        self.assertFalse(self._state(self.rui).granted)

    # === REVOKING A CHANNEL === #

    def test_a_stop_word_revokes_every_purpose_on_its_channel(self):
        self._grant(self.ana)
        self._grant(self.ana, channel="email")
        self.env["veloc.consent"]._revoke_channel(
            self.ana.ids, "sms", "stop_word", "SMS of 10:00"
        )
        for code in ("marketing", "bonus", "winback"):
            self.assertEqual(self._ask(self.ana, code).reason, "consent_revoked")
        self.assertTrue(self._ask(self.ana, channel="email").allowed)
        self.assertTrue(self._ask(self.ana, "account_service").allowed)

    def test_a_second_stop_adds_nothing(self):
        consents = self.env["veloc.consent"]
        first = consents._revoke_channel(self.ana.ids * 2, "sms", "stop_word")
        # Once for each purpose that asks; addons above bring further ones.
        self.assertGreaterEqual(len(first), 3)
        self.assertEqual(len(first), len(first.purpose_id))
        self.assertFalse(consents._revoke_channel(self.ana.ids, "sms", "stop_word"))

    def test_a_yes_after_the_stop_counts_again(self):
        self.env["veloc.consent"]._revoke_channel(self.ana.ids, "sms", "stop_word")
        self._grant(self.ana)
        self.assertTrue(self._ask(self.ana).allowed)

    def test_an_objection_holds_against_legitimate_interest(self):
        self._publish(legal_basis="legitimate_interest")
        self.assertTrue(self._ask(self.rui).allowed)
        self.env["veloc.consent"]._revoke_channel(self.rui.ids, "sms", "stop_word")
        self.assertEqual(self._ask(self.rui).reason, "consent_revoked")

    # === EVIDENCE === #

    def test_the_database_refuses_to_change_what_was_said(self):
        consent = self._grant(self.ana)
        # What the ledger's guard still has to look at would forbid a TRUNCATE.
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for sql in (
            f"UPDATE veloc_consent SET granted = false WHERE id = {consent.id}",
            f"DELETE FROM veloc_consent WHERE id = {consent.id}",
            "TRUNCATE veloc_consent CASCADE",
        ):
            with (
                self.subTest(sql=sql),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(sql)
        self.assertTrue(self._ask(self.ana).allowed)

    def test_the_triggers_fire_in_replication_mode_too(self):
        self.env.cr.execute(
            "SELECT tgname, tgenabled FROM pg_trigger "
            "WHERE tgrelid = 'veloc_consent'::regclass AND NOT tgisinternal"
        )
        self.assertEqual(
            dict(self.env.cr.fetchall()),
            {
                "veloc_no_change": "A",
                "veloc_no_truncate": "A",
                "veloc_ledger_guard": "A",
                "veloc_ledger_guard_truncate": "A",
            },
        )

    def test_nobody_edits_or_deletes_a_consent_not_even_the_system(self):
        consent = self._grant(self.ana)
        with self.assertRaises(UserError):
            consent.sudo().write({"granted": False})
        with self.assertRaises(UserError):
            consent.sudo().unlink()

    def test_a_consent_cannot_be_stored_ahead_of_time(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
        ):
            self.env["veloc.consent"].create(
                {
                    "partner_id": self.ana.id,
                    "purpose_id": self.purpose("marketing").id,
                    "version_id": self.purpose("marketing").current_version_id.id,
                    "channel": "sms",
                    "granted": True,
                    "source": "test",
                    "recorded_by": self.env.uid,
                    "recorded_at": fields.Datetime.now() + timedelta(days=1),
                }
            )

    # === ACCESS === #

    def _user(self, login, group):
        return new_test_user(self.env, login, groups=group)

    def test_who_may_not_record_is_refused_before_anything_is_read(self):
        for login, group in (
            ("clerk", "base.group_user"),
            ("viewer", "veloc_compliance.group_viewer"),
        ):
            user = self._user(login, group)
            with self.assertRaises(AccessError):
                self.env["veloc.consent"].with_user(user).record(None)

    def test_a_program_records_without_reading(self):
        program = self._user(
            "program", "base.group_user,veloc_compliance.group_recorder"
        )
        consents = self.env["veloc.consent"].with_user(program)
        (answer,) = consents.record([self._item()])
        stored = self.env["veloc.consent"].browse(answer["id"])
        self.assertEqual(stored.recorded_by, program)
        with self.assertRaises(AccessError):
            consents.browse(answer["id"]).read(["granted"])

    def test_an_officer_reads_the_proof_and_writes_nothing(self):
        officer = self._user("dpo", "veloc_compliance.group_officer")
        consent = self._grant(self.ana, ip="203.0.113.9").with_user(officer)
        self.assertEqual(consent.ip, "203.0.113.9")
        with self.assertRaises(AccessError):
            self.env["veloc.consent"].with_user(officer).create({"source": "x"})
        state = self._state().with_user(officer)
        for change in (lambda: state.write({"granted": False}), state.unlink):
            with self.assertRaises(AccessError):
                change()

    def test_a_viewer_sees_the_state_and_not_the_proof(self):
        viewer = self._user("viewer", "veloc_compliance.group_viewer")
        consent = self._grant(self.ana)
        self.assertTrue(self._state().with_user(viewer).granted)
        with self.assertRaises(AccessError):
            consent.with_user(viewer).read(["granted"])

    # === BY HAND === #

    def test_staff_records_a_word_given_otherwise_with_its_evidence(self):
        officer = self._user("dpo", "veloc_compliance.group_officer")
        wizard = self.env["veloc.consent.wizard"].with_user(officer)
        wizard.create(
            {
                "partner_id": self.ana.id,
                "purpose_id": self.purpose("marketing").id,
                "channel": "call",
                "granted": True,
                "evidence": "Recording 4711",
            }
        ).action_record()
        consent = self._state(channel="call").consent_id
        self.assertRecordValues(
            consent,
            [{"source": "staff", "evidence": "Recording 4711", "granted": True}],
        )

    def test_staff_cannot_record_what_needs_no_consent(self):
        wizard = self.env["veloc.consent.wizard"].create(
            {
                "partner_id": self.ana.id,
                "purpose_id": self.purpose("security").id,
                "channel": "sms",
                "evidence": "none",
            }
        )
        with self.assertRaises(UserError):
            wizard.action_record()
