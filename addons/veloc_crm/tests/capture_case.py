"""Shared by the tests of capture: a live form and what its page sends."""

import os
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields

from odoo.addons.veloc_crm.rules import capture_ticket

from .common import CrmCase, TraderMixin

SITE = "https://www.broker.example"
LINK = re.compile(r"/veloc/confirm/([\w-]+)")
TEXT = {"title": "Free guide", "body": "How trading works.", "button": "Send it"}
TOUCHES = {
    "first": {
        "at": "2026-11-01T10:00:00Z",
        "utm_source": "google",
        "gclid": "Abc12345",
    },
    "last": {
        "utm_source": "instagram",
        "utm_campaign": "verao",
        "page": f"{SITE}/guia?email=secret@example.com",
    },
}


class CaptureMixin(TraderMixin):
    """A live form and what its page sends."""

    @classmethod
    def _set_up_form(cls):
        cls._set_up_broker()
        cls.env["res.lang"]._activate_lang("pt_BR")
        cls.form = cls.env["veloc.capture.form"].create(
            {
                "name": "Guide",
                "code": "guide",
                "origins": f"{SITE}\nhttp://localhost:8001",
                "variant_ids": [
                    (0, 0, {"name": "A", "weight": 1, **TEXT}),
                    (0, 0, {"name": "B", "weight": 0, **TEXT}),
                ],
            }
        )
        cls.form.action_publish()
        cls.door = cls.env["veloc.capture.door"].with_context(lang="en_US")

    def _ticket(self, seconds=10, form=None):
        form = form or self.form
        variant = form.variant_ids[0].id
        at = fields.Datetime.now() - timedelta(seconds=seconds)
        type(self).counter += 1
        ticket = capture_ticket.Ticket(form.code, variant, f"n-{self.counter}", at)
        return capture_ticket.issue(ticket, form._key("ticket"))

    def _box(self, channel="email", purpose="marketing"):
        for shown in self.door._purposes(self.form):
            if shown["code"] == purpose:
                keys = ("version", "hash")
                return {
                    "purpose": purpose,
                    "channel": channel,
                    **{key: shown[key] for key in keys},
                }
        raise LookupError(purpose)

    def _body(self, **changes):
        return {
            "ticket": self._ticket(),
            "name": "Ana da Silva",
            "email": "ana@example.com",
            "phone": "(11) 96123-4567",
            "boxes": [self._box()],
            "touches": TOUCHES,
            "page": f"{SITE}/guia?a=b",
            **changes,
        }

    def _forget_counts(self):
        """Give whoever ran before us no say in what is too often."""
        limits = self.env["veloc.rate.limit"]
        limits._forget("confirmation.address", "ana@example.com")
        limits._forget("confirmation.ip", "177.1.2.3", "127.0.0.1")

    def _sent(self):
        return self.env["veloc.capture.submission"].search(
            [("form_id", "=", self.form.id)]
        )

    def _mails(self, email="ana@example.com"):
        return self.env["mail.mail"].search([("email_to", "=", email)], order="id")

    def _numbers(self, *names):
        days = self.form.day_ids
        return tuple(sum(days.mapped(name)) for name in names)


class CaptureCase(CaptureMixin, CrmCase):
    """A form that people fill in, without the network."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_form()

    def setUp(self):
        super().setUp()
        # What is counted beside the transaction is taken back with it.
        self.enterContext(self.enter_registry_test_mode())
        self._forget_counts()

    def _submit(self, **changes):
        visit = {"ip": "177.1.2.3", "user_agent": "Firefox"}
        return self.door._submit(self.form, self._body(**changes), visit)

    def _confirm(self, email="ana@example.com"):
        token = LINK.search(self._mails(email)[-1].body_html)[1]
        pending = self.env["veloc.consent.pending"]._find(token)
        proof = SimpleNamespace(ip="177.1.2.3", user_agent="Firefox", lang="en_US")
        self.assertTrue(pending._confirm(proof))
        return pending

    def _assert_refused(self, answer, status, code):
        self.assertEqual((answer[0], answer[1]["error"]["code"]), (status, code))
        self.assertTrue(answer[1]["error"]["message"])

    def _note(self, kind, **more):
        ticket = more.pop("ticket", None) or self._ticket()
        return self.door._note(self.form, {"kind": kind, "ticket": ticket, **more})

    def _erase_ana(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        journal = str(Path(folder.name) / "tombstones.jsonl")
        self.startPatcher(patch.dict(os.environ, {"VELOC_TOMBSTONES": journal}))
        self._ingest(self._signup(days_ago=9))
        self.env["veloc.erasure"]._erase(self._trader().partner_id, "request")
        self.env.ref("veloc_compliance.ir_cron_erasure").method_direct_trigger()
        self.env.invalidate_all()
