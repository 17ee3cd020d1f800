"""Receipts: signed, on paper, for the person and for anybody who wants to check."""

import base64
import io
import json
import zipfile

from odoo.tests import HttpCase, new_test_user, tagged

from ..models.veloc_preference_center import Proof
from .common import ComplianceCase


@tagged("post_install", "-at_install")
class TestConsentReceipts(HttpCase, ComplianceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marketing = cls.purpose("marketing")
        cls.receipts = cls.env["veloc.receipt"]
        cls.officer = new_test_user(
            cls.env, "dpo", groups="veloc_compliance.group_officer"
        )

    def _choose(self, partner=None, *channels, lang="pt_BR"):
        """Tick boxes on the preference page, the notice read."""
        partner = partner or self.ana
        center = self.env["veloc.preference.center"].with_context(lang=lang)
        sections = center._page(partner)
        purpose = self.marketing.id
        form = {
            "shown": [section["shown"] for section in sections],
            "read": [section["read"] for section in sections],
            "allow": [f"{purpose}:{channel}" for channel in channels or ("sms",)],
        }
        center._save(partner, form, Proof("preference_page", "1.2.3.4", "Test", lang))
        domain = [("partner_id", "=", partner.id)]
        return self.env["veloc.consent"].search(domain, order="id")

    def _file(self, words, kind="json"):
        return self.receipts._file(words, kind, "pt_BR")[2]

    # === WHAT IT SAYS === #

    def test_what_is_said_at_once_is_one_receipt(self):
        words = self._choose(None, "sms", "email")
        self.assertEqual(len(words), 2)
        (receipt,) = self.receipts._make(words).values()
        (purpose,) = receipt["services"][0]["purposes"]
        self.assertEqual(purpose["channels"], ["email", "sms"])
        self.assertEqual(purpose["eventIds"], words.sorted("channel").ids)

    def test_it_carries_the_exact_words_and_hashes(self):
        words = self._choose()
        receipt = json.loads(self._file(words))
        version = self.marketing.current_version_id.with_context(lang="pt_BR")
        (purpose,) = receipt["services"][0]["purposes"]
        self.assertEqual(purpose["text"], version._statement())
        self.assertEqual(purpose["textSha256"], words.text_hash)
        self.assertEqual(purpose["noticeSha256"], words.notice_hash)
        self.assertEqual(receipt["consentReceiptID"], words.receipt_ref)
        self.assertEqual(
            (receipt["jurisdiction"], receipt["language"]), ("BR", "pt-BR")
        )

    def test_it_names_the_controller_of_then_and_the_person_by_a_pseudonym(self):
        self.env.company.name = "Veloc Corretora"
        words = self._choose()
        self.env.company.name = "Sold to somebody"
        text = self._file(words).decode()
        self.assertIn("Veloc Corretora", text)
        self.assertNotIn("Sold to somebody", text)
        for private in ("Ana", "ana@example.com", "96123", "1.2.3.4"):
            self.assertNotIn(private, text)

    def test_a_revocation_has_its_receipt_too(self):
        self._choose()
        words = self._choose(None, "email")
        ref = words.filtered(lambda w: not w.granted).receipt_ref
        receipt = self.receipts._make(self.receipts._find(ref))[ref]
        events = {p["event"] for p in receipt["services"][0]["purposes"]}
        self.assertEqual(events, {"granted", "revoked"})

    def test_many_receipts_cost_what_few_cost(self):
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "tz": False, "lang": "pt_BR"} for n in range(30)]
        )
        words = self.env["veloc.consent"]
        for person in people:
            words |= self._grant(person, language="pt_BR")
        costs = []
        for some in (words[:2], words[:2], words):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.receipts._make(some)
            costs.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(costs[2], costs[1] + 2)  # a cache's miss

    # === CHECKING === #

    def test_anybody_can_check_a_receipt_on_the_page(self):
        content = self._file(self._choose()).decode()
        answer = self.url_open("/veloc/receipt?lang=en_US", data={"receipt": content})
        self.assertIn("every letter is as it was signed", answer.text)
        forged = content.replace('"sms"', '"call"')
        answer = self.url_open("/veloc/receipt?lang=en_US", data={"receipt": forged})
        self.assertIn("was changed after it was signed", answer.text)
        answer = self.url_open("/veloc/receipt?lang=en_US", data={"receipt": "x"})
        self.assertIn("not a consent receipt", answer.text)
        files = {"file": ("r.json", content)}
        answer = self.url_open("/veloc/receipt?lang=en_US", files=files)
        self.assertIn("every letter is as it was signed", answer.text)

    def test_the_public_keys_are_public_and_check_the_receipt(self):
        receipt = json.loads(self._file(self._choose()))
        keys = self.url_open("/veloc/receipt/keys").json()
        self.assertIn(receipt["signature"]["keyId"], keys)
        self.assertIn("BEGIN PUBLIC KEY", keys[receipt["signature"]["keyId"]])

    def test_the_key_in_use_is_listed_for_ever(self):
        self._choose()
        listed = self.env["veloc.receipt.key"].search([])
        self.assertTrue(listed)
        self.assertLessEqual(
            set(listed.mapped("key_id")), set(self.env["veloc.receipt.key"]._pems())
        )

    # === WHO GETS IT === #

    def test_a_person_finds_their_receipts_on_their_own_page(self):
        words = self._choose()
        own = self.ana._veloc_preferences_path()
        page = self.url_open(own).text
        link = f"{own}/receipt/{words.receipt_ref}"
        self.assertIn(f"{link}/json", page)
        self.assertEqual(
            self.url_open(f"{link}/json").json()["consentReceiptID"], words.receipt_ref
        )
        pdf = self.url_open(f"{link}/pdf")
        self.assertEqual(pdf.headers["Content-Type"], "application/pdf")
        self.assertTrue(pdf.content.startswith(b"%PDF"))

    def test_nobody_gets_the_receipt_of_somebody_else(self):
        words = self._choose(self.rui)
        foreign = self.ana._veloc_preferences_path()
        path = f"/receipt/{words.receipt_ref}"
        self.assertEqual(self.url_open(f"{foreign}{path}/json").status_code, 404)
        own = self.rui._veloc_preferences_path()
        self.assertEqual(self.url_open(f"{own}{path}/exe").status_code, 404)

    def test_staff_without_the_role_gets_none(self):
        words = self._choose()
        path = f"/veloc/receipts/{words.receipt_ref}/json"
        new_test_user(self.env, "viewer", groups="veloc_compliance.group_viewer")
        self.authenticate("viewer", "viewer")
        self.assertEqual(self.url_open(path).status_code, 404)
        self.authenticate("dpo", "dpo")
        self.assertEqual(
            self.url_open(path).json()["consentReceiptID"], words.receipt_ref
        )

    def test_looking_at_a_receipt_changes_nothing(self):
        words = self._choose()
        own = self.ana._veloc_preferences_path()
        self.env.flush_all()
        before = self.env["veloc.consent"].search_count([])
        for method in ("GET", "HEAD"):
            path = f"{own}/receipt/{words.receipt_ref}/pdf"
            self.assertEqual(self.url_open(path, method=method).status_code, 200)
        self.assertEqual(self.env["veloc.consent"].search_count([]), before)

    def test_the_paper_is_the_same_each_time_and_in_both_languages(self):
        words = self._choose()
        first = self.receipts._file(words, "pdf", "pt_BR")[2]
        self.assertEqual(first, self.receipts._file(words, "pdf", "pt_BR")[2])
        self.assertNotEqual(first, self.receipts._file(words, "pdf", "en_US")[2])

    # === MANY === #

    def test_the_encarregado_takes_many_receipts_at_once(self):
        words = self._choose() | self._choose(self.rui)
        wizard = self.env["veloc.receipt.export"].with_user(self.officer)
        export = wizard.create({"partner_ids": words.partner_id.ids, "with_pdf": True})
        self.assertEqual(export.receipt_count, 2)
        export.action_export()
        archive = zipfile.ZipFile(io.BytesIO(_raw(export)))
        names = set(archive.namelist())
        for ref in words.mapped("receipt_ref"):
            self.assertLessEqual({f"receipts/{ref}.json", f"receipts/{ref}.pdf"}, names)
        self.assertTrue([name for name in names if name.startswith("keys/")])
        self.assertEqual(archive.read("receipts.csv").count(b"\n"), 3)


def _raw(export):
    return base64.b64decode(export.file)


@tagged("post_install", "-at_install")
class TestNoticePages(HttpCase, ComplianceCase):
    """Art. 9: the notice is at everybody's hand, before any decision."""

    def test_anybody_reads_the_notices_in_both_languages(self):
        self._publish(notice_use="The very use.")
        page = self.url_open("/veloc/notice?lang=en_US").text
        for words in ("The very use.", "Your rights", "(IX)", "SHA-256"):
            self.assertIn(words, page)
        page = self.url_open("/veloc/notice").text
        self.assertIn("Os seus direitos", page)
        self.assertIn('<html lang="pt-BR"', page)

    def test_the_hash_on_the_page_is_that_of_the_notice(self):
        version = self._publish().with_context(lang="en_US")
        page = self.url_open("/veloc/notice/marketing?lang=en_US").text
        self.assertIn(version.full_notice_hash, page)

    def test_earlier_versions_stay_readable(self):
        old = self._publish(notice="The old words.")
        self._publish(notice="The new words.")
        page = self.url_open(f"/veloc/notice/marketing/{old.number}?lang=en_US").text
        self.assertIn("The old words.", page)
        self.assertIn("no longer in force", page)

    def test_drafts_and_rubbish_are_not_found(self):
        draft = self.env["veloc.purpose.version"].create(
            {"purpose_id": self.purpose("marketing").id, "notice": "Secret plan."}
        )
        for path in (f"marketing/{draft.number}", "nonsense", "marketing/999"):
            self.assertEqual(self.url_open(f"/veloc/notice/{path}").status_code, 404)

    def test_the_preference_page_shows_the_notice_beside_each_choice(self):
        self._publish(notice_use="The very use.")
        self.ana.lang = "en_US"
        page = self.url_open(self.ana._veloc_preferences_path()).text
        self.assertIn("The very use.", page)
        self.assertIn('name="read"', page)

    def test_sensitive_data_stand_out_and_objections_are_offered(self):
        self._publish(
            is_sensitive=True,
            sensitive_basis="consent",
            sensitive_notice="Your face, to recognise you.",
        )
        self._publish("bonus", legal_basis="legitimate_interest")
        self.ana.lang = "en_US"
        page = self.url_open(self.ana._veloc_preferences_path()).text
        self.assertIn('class="highlight"', page)
        self.assertIn("Your face, to recognise you.", page)
        self.assertIn("Untick a box to object", page)

    def test_a_yes_to_a_notice_that_changed_meanwhile_is_asked_again(self):
        self.ana.lang = "en_US"
        center = self.env["veloc.preference.center"].with_context(lang="en_US")
        marketing = self.purpose("marketing")
        sections = center._page(self.ana)
        form = {
            "shown": [section["shown"] for section in sections],
            "read": [section["read"] for section in sections],
            "allow": [f"{marketing.id}:sms"],
        }
        self._grant(self.ana, channel="email")
        self.env.company.veloc_dpo_name = "Somebody else"
        page = self.url_open(self.ana._veloc_preferences_path(), data=form).text
        self.assertIn("changed while you were reading", page)
        # The yes waits, the no counts.
        self.assertEqual(self._ask(self.ana).reason, "no_consent")
        verdict = self._ask(self.ana, channel="email")
        self.assertEqual(verdict.reason, "consent_revoked")
