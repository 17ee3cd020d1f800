import re
import zipfile
from datetime import timedelta
from io import BytesIO

from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from .rights_case import CPF_ANA, RightsCase

PDF = b"%PDF-1.4 mandate"


@tagged("post_install", "-at_install")
class TestPrivacyPages(RightsCase, HttpCase):
    """The public page: tells nobody who is known, proves by code, hands out files."""

    def _post(self, kind="access", **form):
        return self.url_open(
            "/veloc/privacy?lang=en_US", data={"kind": kind, **form}, timeout=60
        )

    def _token(self, answer):
        return re.search(r"/veloc/privacy/([0-9a-f]{64})", answer.text)[1]

    def _follow(self, token, **form):
        return self.url_open(
            f"/veloc/privacy/{token}?lang=en_US", data=form or None, timeout=60
        )

    def _bare(self, answer):
        """Return status, headers and body without what is random in every answer."""
        headers = {k: v for k, v in answer.headers.items() if k != "Date"}
        body = re.sub(rb"[0-9a-f]{64}", b"TOKEN", answer.content)
        return answer.status_code, headers, body

    # === ENUMERATION === #

    def test_a_known_and_an_unknown_person_get_the_same_bytes_at_every_step(self):
        pairs = (
            ({"email": "ana@example.com"}, {"email": "eva@example.com"}),
            ({"cpf": CPF_ANA}, {"cpf": "390.533.447-05"}),
            ({"phone": "11 96123-4567"}, {"phone": "11 96999-0000"}),
        )
        for known, unknown in pairs:
            with self.subTest(known):
                answers = [self._post(**known), self._post(**unknown)]
                self.assertEqual(*map(self._bare, answers))
                self._work()
                tokens = [self._token(answer) for answer in answers]
                for form in ({}, {"code": "12345678"}, {"code": ""}):
                    steps = [self._follow(token, **form) for token in tokens]
                    self.assertEqual(*map(self._bare, steps))

    def test_the_page_asks_the_database_the_same_whoever_it_is(self):
        page = self.env["veloc.privacy.page"]
        counts = []
        # The first one fills caches.
        for email in ("x@example.com", "ana@example.com", "eva@example.com"):
            kind, identity, more = page._read({"kind": "access", "email": email})[1:]
            before = self.env.cr.sql_log_count
            page._ask(kind, identity, more)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_links_of_known_and_unknown_people_end_at_the_same_moment(self):
        answers = [self._post(email=f"{n}@example.com") for n in ("ana", "eva")]
        self._work()
        with freeze_time(
            self.requests.search([], limit=1, order="id desc").due_at
            + timedelta(minutes=5)
        ):
            after = [self._follow(self._token(answer)) for answer in answers]
        self.assertEqual(*map(self._bare, after))
        self.assertEqual(after[0].status_code, 404)

    def test_too_many_questions_about_one_identity_wait_known_or_not(self):
        for email in ("ana@example.com", "eva@example.com"):
            status = [self._post(email=email).status_code for _try in range(4)]
            self.assertEqual(status, [200, 200, 200, 429])

    # === THE ROAD === #

    def test_the_form_opens_without_cookie_and_get_writes_nothing(self):
        before = self.requests.search_count([])
        answer = self.url_open("/veloc/privacy?lang=en_US")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("Your data, your rights", answer.text)
        self.assertNotIn("Set-Cookie", answer.headers)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(self.requests.search_count([]), before)

    def test_what_is_missing_is_said_and_what_was_typed_stays(self):
        answer = self._post(kind="gossip", email="ana@example.com")
        self.assertIn("Choose what you want to ask for.", answer.text)
        self.assertIn('value="ana@example.com"', answer.text)
        answer = self._post(details="All of it")
        self.assertIn("Give us a CPF", answer.text)
        self.assertIn("All of it", answer.text)
        self.assertFalse(
            self.requests.search([("origin", "=", "page")]).filtered(
                lambda r: r.partner_id == self.ana
            )
        )

    def test_with_the_code_the_data_show_at_once(self):
        token = self._token(self._post(email="ana@example.com"))
        self._work()
        self.assertNotIn("ana@example.com", self._follow(token).text)
        answer = self._follow(token, code=self._code())
        self.assertIn("Yes, we process personal data about you.", answer.text)
        self.assertIn("ana@example.com", answer.text)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_the_file_is_handed_out_by_post_only_and_to_its_person_only(self):
        token = self._token(self._post("portability", email="ana@example.com"))
        other = self._token(self._post("confirmation", email="rui@example.com"))
        self._work()
        codes = {
            letter["to"]: re.search(r"\d{4} \d{4}", letter["text"])[0]
            for letter in self.letters
        }
        self._follow(other, code=codes["rui@example.com"])
        self._follow(token, code=codes["ana@example.com"])
        self._work()
        package = self.requests._by_token(token).package_ids
        self.assertIn(f"/{package.id}", self._follow(token).text)
        path = f"/veloc/privacy/{token}/{package.id}"
        self.assertEqual(self.url_open(path).status_code, 405)
        answer = self.url_open(path, data={"x": 1})
        with zipfile.ZipFile(BytesIO(answer.content)) as archive:
            self.assertIn("data.json", archive.namelist())
        stolen = self.url_open(f"/veloc/privacy/{other}/{package.id}", data={"x": 1})
        self.assertEqual(stolen.status_code, 404)
        with freeze_time(package.expires_at + timedelta(days=1)):
            late = self.url_open(path, data={"x": 1})
        self.assertEqual(late.status_code, 404)

    def test_a_representative_sends_a_mandate_and_nothing_but_a_document(self):
        form = {
            "kind": "access",
            "email": "ana@example.com",
            "representative": "1",
            "rep_name": "Marta",
            "rep_email": "marta@example.com",
        }
        for content, is_taken in ((b"<script>", False), (PDF, True)):
            answer = self.url_open(
                "/veloc/privacy?lang=en_US",
                data=form,
                files={"proof": ("x.pdf", content, "application/pdf")},
            )
            self.assertEqual("Show that it is you" in answer.text, is_taken)
        request = self.requests.search(
            [("is_representative", "=", True)], limit=1, order="id desc"
        )
        self.assertEqual(request.proof_ids._open(), PDF)
        self.assertEqual(request.representative, "Marta · marta@example.com")

    def test_a_forged_or_cut_link_says_the_same_as_none(self):
        token = self._token(self._post(email="ana@example.com"))
        answers = {
            self._bare(self._follow(link))[2]
            for link in ("0" * 64, token[:-1], token[:-1] + "x", "abc")
        }
        self.assertEqual(len(answers), 1)

    # === LOGGED IN === #

    def _portal_user(self):
        self.ana.street = "Rua A, 1"
        return new_test_user(
            self.env, "ana_portal", "base.group_portal", partner_id=self.ana.id
        )

    def _csrf(self, answer):
        return re.search(r'name="csrf_token" value="([^"]+)"', answer.text)[1]

    def test_a_logged_in_person_sees_their_data_and_takes_them_at_once(self):
        user = self._portal_user()
        self.authenticate(user.login, user.login)
        page = self.url_open("/my/privacy")
        self.assertIn("Rua A, 1", page.text)
        self.assertNotIn("rui@example.com", page.text)
        form = {"csrf_token": self._csrf(page), "kind": "portability"}
        page = self.url_open("/my/privacy", data=form)
        package = self.env["veloc.privacy.package"].search([], limit=1, order="id desc")
        self.assertEqual(package.request_id.partner_id, self.ana)
        self.assertEqual(package.request_id.verified_how, "login")
        form = {"csrf_token": self._csrf(page)}
        answer = self.url_open(f"/my/privacy/{package.id}", data=form)
        self.assertEqual(answer.headers["Content-Type"], "application/zip")

    def test_a_logged_in_person_cannot_fetch_the_files_of_another(self):
        foreign = self._proven("portability", email="rui@example.com").package_ids
        user = self._portal_user()
        self.authenticate(user.login, user.login)
        form = {"csrf_token": self._csrf(self.url_open("/my/privacy"))}
        answer = self.url_open(f"/my/privacy/{foreign.id}", data=form)
        self.assertEqual(answer.status_code, 404)
        answer = self.url_open(f"/veloc/privacy/package/{foreign.id}")
        self.assertEqual(answer.status_code, 404)

    def test_without_csrf_token_nothing_is_asked_in_somebodys_name(self):
        user = self._portal_user()
        self.authenticate(user.login, user.login)
        answer = self.url_open("/my/privacy", data={"kind": "elimination"})
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self.requests.search([("partner_id", "=", self.ana.id)]))

    def test_the_desk_fetches_files_and_proofs_of_its_own_requests_only(self):
        request = self._proven("access")
        self.env["veloc.privacy.proof"]._keep(request, "identity", PDF)
        request.user_id = self.officer
        for user, status in ((self.analyst, 404), (self.officer, 200)):
            self.authenticate(user.login, user.login)
            for path in (
                f"/veloc/privacy/package/{request.package_ids.id}",
                f"/veloc/privacy/proof/{request.proof_ids.id}",
            ):
                self.assertEqual(self.url_open(path).status_code, status)
