"""LGPD arts. 7, 8, 9, 10 and 11: what may be published, and what is proved."""

from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .desk_case import DeskCase


@tagged("post_install", "-at_install")
class TestBalancing(DeskCase):
    """Art. 7 IX and art. 10: legitimate interest is weighed first, and again."""

    def _interest(self, **values):
        return self._draft(legal_basis="legitimate_interest", **values)

    def test_publishing_without_a_balancing_test_is_refused(self):
        with self.assertRaises(UserError) as refusal:
            self._interest().action_publish()
        self.assertIn("art. 10", str(refusal.exception))

    def test_a_draft_test_carries_nothing(self):
        test = self._balancing(self.marketing).copy()
        self.assertEqual(test.state, "draft")
        with self.assertRaises(UserError):
            self._interest(balancing_id=test.id).action_publish()

    def test_the_test_of_another_purpose_carries_nothing(self):
        test = self._balancing(self.purpose("bonus"))
        with self.assertRaises(UserError):
            self._interest(balancing_id=test.id).action_publish()

    def test_an_approved_test_carries_its_purpose_until_it_expires(self):
        self._publish(legal_basis="legitimate_interest")
        self.assertTrue(self._ask(self.ana).allowed)
        test = self.marketing.current_version_id.balancing_id
        day = fields.Datetime.to_datetime(test.expires_on) + timedelta(hours=15)
        verdict = self._ask(self.ana, now=day)
        self.assertEqual(verdict.reason, "balancing_expired")
        self.assertTrue(self._ask(self.ana, now=day - timedelta(days=1)).allowed)

    def test_a_withdrawn_test_stops_its_purpose_at_once(self):
        self._publish(legal_basis="legitimate_interest")
        test = self.marketing.current_version_id.balancing_id
        test.with_user(self.officer).action_withdraw()
        self.assertEqual(self._ask(self.ana).reason, "balancing_expired")

    def test_a_persons_opposition_counts(self):
        self._publish(legal_basis="legitimate_interest")
        word = self._grant(self.ana, granted=False)
        self.assertTrue(word.is_objection)
        self.assertEqual(self._ask(self.ana).reason, "consent_revoked")

    def test_only_the_encarregado_approves(self):
        draft = self._balancing(self.marketing).copy()
        with self.assertRaises(AccessError):
            draft.with_user(self.analyst).action_approve()
        draft.with_user(self.officer).action_approve()
        self.assertRecordValues(
            draft, [{"state": "approved", "approved_by": self.officer.id}]
        )
        self.assertEqual(len(draft.answers_hash), 64)

    def test_what_the_law_decides_keeps_it_from_being_approved(self):
        for values in (
            {"is_sensitive": True},
            {"concerns_minors": True},
            {"has_opt_out": False},
            {"outcome": "fails"},
            {"necessity": "Yes."},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._balancing(self.marketing, **values)

    def test_an_approved_test_never_changes_not_even_by_sql(self):
        test = self._balancing(self.marketing)
        with self.assertRaises(UserError):
            test.write({"impact": "None at all, really."})
        with self.assertRaises(UserError):
            test.with_user(self.officer).write({"state": "draft"})
        with self.assertRaises(UserError):
            test.unlink()
        test.flush_recordset()
        for sql in (
            "UPDATE veloc_balancing SET impact = 'none' WHERE id = %s",
            "UPDATE veloc_balancing SET expires_on = '2099-01-01' WHERE id = %s",
            "UPDATE veloc_balancing SET state = 'draft' WHERE id = %s",
            "DELETE FROM veloc_balancing WHERE id = %s",
        ):
            with (
                self.subTest(sql=sql),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(sql, [test.id])

    def test_the_database_itself_wants_an_approved_test(self):
        draft = self._interest(balancing_id=self._balancing(self.marketing).copy().id)
        draft.flush_recordset()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
        ):
            self.env.cr.execute(
                "UPDATE veloc_purpose_version SET state = 'published' WHERE id = %s",
                [draft.id],
            )

    def test_a_review_that_is_near_is_an_alert(self):
        today = fields.Date.today()
        rule = self.env.ref("veloc_compliance.veloc_alert_rule_balancing_review")

        def keys():
            found = self.env["veloc.watch"]._check_balancing_review(rule, None)
            return {finding.key for finding in found}

        far = self._balancing(self.marketing)
        self._publish(legal_basis="legitimate_interest", balancing_id=far.id)
        self.assertNotIn(f"balancing:{far.id}", keys())
        near = self._balancing(
            self.marketing,
            review_on=fields.Date.add(today, days=20),
            expires_on=fields.Date.add(today, days=60),
        )
        self.assertNotIn(f"balancing:{near.id}", keys())
        self._publish(legal_basis="legitimate_interest", balancing_id=near.id)
        self.assertIn(f"balancing:{near.id}", keys())

    def test_expired_tests_are_found(self):
        test = self._balancing(self.marketing)
        today = fields.Date.today()
        with patch.object(fields.Date, "context_today", lambda _self: test.expires_on):
            found = test.search([("is_expired", "=", True), ("id", "=", test.id)])
            self.assertEqual(found, test)
        self.assertLess(today, test.review_on)
        self.assertFalse(test.search([("is_expired", "=", True), ("id", "=", test.id)]))


@tagged("post_install", "-at_install")
class TestNoticeOfArticle9(DeskCase):
    """Art. 9: seven items, from fields, in the reader's language, hashed."""

    def test_the_shipped_purposes_say_all_seven_items(self):
        self.env.company.email = "oi@veloc.example"
        for code in ("account_service", "security", "privacy", "marketing", "bonus"):
            version = self._publish(code)
            for lang in ("pt_BR", "en_US"):
                parts = version.with_context(lang=lang)._notice_parts()
                self.assertEqual(len(parts), 7)
                self.assertTrue(all(part.text for part in parts))

    def test_the_notice_names_the_company_and_its_encarregado(self):
        self.env.company.write(
            {
                "name": "Veloc Corretora",
                "vat": False,
                "email": "oi@veloc.example",
                "veloc_dpo_name": "Helena Prado",
                "veloc_dpo_email": "dpo@veloc.example",
            }
        )
        notice = self._publish().full_notice
        for words in ("Veloc Corretora", "oi@veloc.example", "Helena Prado", "dpo@"):
            self.assertIn(words, notice)

    def test_what_the_notice_does_not_say_is_shown_before_publishing(self):
        self.env.company.write({"vat": False, "veloc_dpo_name": False})
        draft = self._draft(notice_sharing=False)
        draft.notice_sharing = False
        self.assertIn("encarregado", draft.notice_gaps)
        self.assertIn("V. Shared", draft.notice_gaps)
        with self.assertRaises(UserError) as refusal:
            draft.action_publish()
        self.assertIn("V. Shared", str(refusal.exception))

    def test_a_new_version_begins_with_the_words_of_the_one_before(self):
        first = self._publish(notice_use="The use.")
        first_pt = first.with_context(lang="pt_BR")
        self.assertEqual(first_pt.notice_use, "The use.")
        draft = self._draft()
        draft.with_context(lang="pt_BR").notice_use = "O uso."
        draft.action_publish()
        second = self.env["veloc.purpose.version"].create(
            {"purpose_id": self.marketing.id, "notice": "We write to you again."}
        )
        self.assertEqual(second.notice_use, "The use.")
        self.assertEqual(second.with_context(lang="pt_BR").notice_use, "O uso.")
        second.action_publish()

    def test_a_published_notice_never_changes_not_even_by_sql(self):
        version = self._publish()
        with self.assertRaises(UserError):
            version.notice_use = "Everything goes."
        version.flush_recordset()
        for change in (
            """SET notice_use = '{"en_US": "Everything goes."}'""",
            "SET notice_sharing = NULL",
            "SET is_sensitive = true",
            "SET balancing_id = NULL, keeps_consents = true",
        ):
            with (
                self.subTest(change=change),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    f"UPDATE veloc_purpose_version {change} WHERE id = %s", [version.id]
                )

    def test_a_purpose_for_everything_is_refused(self):
        for values in (
            {"notice": "Concordo com o uso para quaisquer finalidades."},
            {"notice_use": "Your data, for any purpose."},
        ):
            with self.subTest(values=values), self.assertRaises(UserError) as refusal:
                self._draft(**values).action_publish()
            self.assertIn("art. 8", str(refusal.exception))

    def test_nobody_records_a_consent_for_everything(self):
        for code in ("all", "ALL", "todos", "geral"):
            (answer,) = self.env["veloc.consent"].record(
                [
                    {
                        "partner_id": self.ana.id,
                        "purpose": code,
                        "channel": "sms",
                        "granted": True,
                        "source": "form",
                    }
                ]
            )
            self.assertEqual(answer["code"], "generic_purpose")

    def test_sensitive_data_are_highlighted_and_part_of_what_is_agreed_to(self):
        version = self._publish(
            is_sensitive=True,
            sensitive_basis="consent",
            sensitive_notice="Your face, to recognise you.",
        )
        plain = self._publish(
            is_sensitive=False, sensitive_basis=False, notice=version.notice
        )
        self.assertIn("Your face", version._statement())
        self.assertNotEqual(version.text_hash, plain.text_hash)

    def test_sensitive_data_without_a_ground_of_article_11_are_refused(self):
        with self.assertRaises(UserError) as refusal:
            self._draft(is_sensitive=True).action_publish()
        self.assertIn("art. 11", str(refusal.exception))


@tagged("post_install", "-at_install")
class TestWordsAsShown(DeskCase):
    """Art. 8 § 1 and 2: the burden of proof is ours."""

    def test_old_words_stay_when_everything_else_changes(self):
        version = self._publish(notice="The old words.")
        word = self._grant(self.ana, language="en")
        self._publish(notice="Quite other words.")
        self.env.company.name = "Another company"
        word.invalidate_recordset()
        self.assertEqual(word.shown_text, "The old words.")
        self.assertEqual(word.version_id, version)
        self.assertEqual(word.text_hash, version.text_hash)

    def test_a_text_is_kept_once_with_its_true_hash(self):
        self._publish()
        self._grant(self.ana, language="en")
        self._grant(self.rui, language="en")
        kept = self.env["veloc.shown.text"].search(
            [("version_id", "=", self.marketing.current_version_id.id)]
        )
        self.assertEqual(len(kept), 1)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
        ):
            self.env.cr.execute(
                "INSERT INTO veloc_shown_text (version_id, kind, lang, text_hash, "
                "body, first_at) VALUES (%s, 'notice', 'en', 'forged', 'x', now())",
                [kept.version_id.id],
            )

    def test_a_program_that_shows_no_language_proves_no_words(self):
        word = self._grant(self.ana)
        self.assertFalse(word.shown_text)

    def test_the_timeline_of_a_contact_shows_the_words(self):
        self._grant(self.ana, language="en")
        ana = self.ana.with_user(self.officer)
        self.assertEqual(
            ana.veloc_consent_ids.shown_text,
            self.marketing.current_version_id.with_context(lang="en_US")._statement(),
        )
        viewer = new_test_user(
            self.env, "viewer", groups="veloc_compliance.group_viewer"
        )
        with self.assertRaises(AccessError):
            self.ana.with_user(viewer).veloc_consent_ids.mapped("channel")

    def test_many_words_cost_what_few_cost(self):
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "tz": False} for n in range(60)]
        )
        item = {"purpose": "marketing", "channel": "sms", "granted": True}
        items = [
            {**item, "partner_id": p.id, "source": "t", "language": "pt_BR"}
            for p in people
        ]
        consents = self.env["veloc.consent"]
        consents.record(items[:2])
        costs = []
        for batch in (items[:2], items):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            consents.record(batch)
            costs.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(costs[1], costs[0] + 2)  # a cache's miss
