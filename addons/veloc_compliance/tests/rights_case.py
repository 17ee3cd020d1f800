"""Set-up for the tests of data subjects' rights."""

import re

from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import ComplianceCase

CPF_ANA = "529.982.247-25"
CPF_RUI = "111.444.777-35"


class RightsCase(ComplianceCase):
    """Ana and Rui with their CPF, an officer, an analyst, and a post office we see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whatever the translations: these tests read the source's words.
        (cls.ana | cls.rui).lang = "en_US"
        cls.ana.veloc_cpf = CPF_ANA
        cls.rui.veloc_cpf = CPF_RUI
        groups = "veloc_compliance.group_officer"
        cls.officer = new_test_user(cls.env, "rights_officer", groups)
        groups = "veloc_compliance.group_advanced"
        cls.analyst = new_test_user(cls.env, "rights_analyst", groups)
        cls.requests = cls.env["veloc.privacy.request"]
        # Requests of the demo must not be worked on by these tests.
        cls.requests.search([("has_job", "=", True)]).has_job = False
        cls.requests.search([("state", "=", "received")]).unlink()
        cls.letters = []
        notices = type(cls.env["veloc.notice"])
        cls.classPatch(notices, "_deliver", cls._fake_post_office())

    @classmethod
    def _fake_post_office(cls):
        """Take every letter that has an address, as the outbox would."""

        def deliver(notices, batch):
            outcomes = {}
            for notice in batch:
                partner = notices.env["res.partner"].browse(notice.get("partner_id"))
                to = notice.get("email") or partner.email_normalized
                outcomes[notice["key"]] = "sent" if to else "no_address"
                if to:
                    cls.letters.append({**notice, "to": to})
            return outcomes

        return deliver

    def setUp(self):
        super().setUp()
        self.letters.clear()

    # === STEPS === #

    def _open(self, kind, **told):
        """Open a request as the page does, with the token of its link."""
        more = {key: told.pop(key) for key in ("details", "correction") if key in told}
        more |= {"representative": told.pop("representative", {})}
        told = told or {"email": "ana@example.com"}
        identity = self.env["veloc.privacy.page"]._read({"kind": kind, **told})[2]
        return self.requests._receive(kind, identity, "page", lang="en_US", **more)

    def _work(self):
        """Run the job that looks people up, makes files and tells recipients."""
        with self.enter_registry_test_mode(), mute_logger("odoo.addons.base"):
            cron = self.env.ref("veloc_compliance.ir_cron_privacy_work")
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def _code(self):
        """Return the code in the newest letter."""
        return re.search(r"\b\d{4} \d{4}\b", self.letters[-1]["text"])[0]

    def _proven(self, kind, **told):
        """Return a request whose person typed the code, with its files made."""
        request = self._open(kind, **told)
        self._work()
        self.assertTrue(request._try_code(self._code()))
        self._work()
        return request

    def _recipient(self):
        self.env["veloc.privacy.recipient"].search([]).active = False
        return self.env["veloc.privacy.recipient"].create(
            {
                "name": "Checker Ltd.",
                "purpose": "Checks identities",
                "country_id": self.env.ref("base.br").id,
                "data_class_ids": [
                    (4, self.env.ref("veloc_compliance.veloc_data_class_identity").id)
                ],
                "email": "dpo@checker.example",
            }
        )

    def _as(self, request, user):
        return request.with_user(user)

    def _check_all(self, request, user=None):
        """Tick everything that a person ticks."""
        request.step_ids.with_user(user or self.officer).action_check()

    def _sealed_mail(self, code):
        """Return the newest letter of this kind."""
        return [x for x in self.letters if x["code"] == f"privacy_{code}"][-1]

    def _history(self, request):
        return request.event_ids.sorted("id").mapped("what")
