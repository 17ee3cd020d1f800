"""Set-up shared by the tests of this addon and of those above it."""

import math
from contextlib import contextmanager
from unittest.mock import patch

from odoo import fields

from odoo.addons.veloc_compliance.tests.common import NOON, ComplianceCase

from ..models.veloc_account import VelocAccount
from ..models.veloc_settler import VelocSettler
from ..providers import base

ACCOUNT_SID = "AC" + "0" * 32
SECRET = "test-secret"
BODIES = {
    "sms": ("", "{{ first_name | default('Ola') }}, novidades. SAIR para parar."),
    "whatsapp": ("", "{{ first_name | default('Olá') }}, novidades. SAIR para parar."),
    "email": (
        "{{ first_name | default('Olá') }}, novidades",
        '<p>Novidades.</p><p><a href="{{ unsubscribe_url }}">Cancelar</a></p>',
    ),
}


class RecordingProvider:
    """Takes everything; ``answers`` and ``sightings`` say otherwise, by address."""

    def __init__(self):
        self.sent = []
        self.lookups = []
        self.answers = {}
        self.sightings = {}

    def prepare(self):
        return None

    def send(self, message):
        self.sent.append(message)
        answer = self.answers.get(message.to)
        if isinstance(answer, BaseException):
            raise answer
        return answer or base.Result(
            base.ACCEPTED, provider_ref=f"SM{message.reference}", status="queued"
        )

    def find(self, lookup):
        self.lookups.append(lookup)
        return self.sightings.get(lookup.to, base.Search(complete=True))

    def close(self):
        pass


class MessagingCase(ComplianceCase):
    """People who may be written to, an approved template and accounts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A frozen clock is moved at will.
        cls.classPatch(VelocSettler, "_steady_for", lambda _settler: math.inf)
        # One user sets up what two people would: see test_veloc_template_approval.
        cls.env["res.company"].search([]).veloc_two_person_approval = False
        parameters = cls.env["ir.config_parameter"]
        # A slowed account must not make a test wait.
        parameters.set_param("veloc_messaging.pass_seconds", "2")
        parameters.set_param("veloc.public_url", "https://veloc.example.com")
        # What stands in the database already (demo data) must not get in the way.
        cls.env["veloc.account"].search([]).active = False
        cls.env["veloc.provider.event"].search([]).unlink()
        cls.env["veloc.webhook.refusal"].search([]).unlink()
        cls.account = cls._account("test-sms", "sms", sender="+5511999990000")
        cls._account("test-whatsapp", "whatsapp", sender="+5511999990001")
        cls._account(
            "test-email",
            "email",
            provider="smtp",
            sender="Veloc <oi@veloc.example.com>",
        )
        cls.template = cls._approved_template("test-marketing", "marketing")
        cls.urgent = cls._approved_template(
            "test-service", "account_service", lane="urgent"
        )

    @classmethod
    def _account(cls, code, channel, provider="twilio", **values):
        return cls.env["veloc.account"].create(
            {
                "name": code,
                "code": code,
                "channel": channel,
                "provider": provider,
                "account_sid": ACCOUNT_SID,
                "concurrency": 2,
                "sequence": 0,
                **values,
            }
        )

    @classmethod
    def _approved_template(cls, code, purpose, lane="bulk", bodies=None):
        template = cls.env["veloc.template"].create(
            {
                "name": code,
                "code": code,
                "purpose_id": cls.purpose(purpose).id,
                "lane": lane,
            }
        )
        version = cls.env["veloc.template.version"].create(
            {
                "template_id": template.id,
                "body_ids": [
                    fields.Command.create(
                        {
                            "channel": channel,
                            "lang": "pt_BR",
                            "subject": subject,
                            "body": body,
                        }
                    )
                    for channel, (subject, body) in (bodies or BODIES).items()
                ],
            }
        )
        version.action_approve()
        return template

    @classmethod
    def _draft(cls, partner=None, template=None, channel="sms", **values):
        partner = partner or cls.ana
        template = template or cls.template
        return {
            "partner_id": partner.id,
            "template_id": template.id,
            "channel": channel,
            "key": f"test:{partner.id}:{template.code}:{channel}",
            "source": "test,1",
            **values,
        }

    @classmethod
    def _queue(cls, partner=None, template=None, channel="sms", now=NOON, **values):
        """Queue one message (consent is given if the purpose needs it); return it."""
        partner = partner or cls.ana
        template = template or cls.template
        if template.purpose_id.kind != "service":
            cls._grant(partner, template.purpose_id.code, channel)
        draft = cls._draft(partner, template, channel, **values)
        (answer,) = cls.env["veloc.message"]._enqueue([draft], now)
        assert answer["outcome"] == "queued", answer
        return cls.env["veloc.message"].browse(answer["message_id"])

    @classmethod
    def _messages_of(cls, partners):
        return cls.env["veloc.message"].search([("partner_id", "in", partners.ids)])

    @contextmanager
    def fake_provider(self):
        """Every send inside the block lands in the yielded provider's ``sent``."""
        provider = RecordingProvider()
        with patch.object(VelocAccount, "_get_provider", lambda _account: provider):
            yield provider

    def run_dispatch_cron(self, name="veloc_messaging.ir_cron_dispatch_bulk_1"):
        """Send what is due, as the scheduler would."""
        self.run_cron(name)

    def run_cron(self, name):
        """Run a job as the scheduler would, in the test's own transaction."""
        with (
            self.assertNoLogs("odoo.addons.base.models.ir_cron", "ERROR"),
            self.enter_registry_test_mode(),
        ):
            self.env.ref(name).method_direct_trigger()
