"""Set-up shared by the tests of cadences."""

from datetime import timedelta

from odoo import fields

from odoo.addons.veloc_compliance.tests.common import NOON
from odoo.addons.veloc_messaging.tests.common import MessagingCase

from ..rules import planner

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class CadenceCase(MessagingCase):
    """Ana and Rui are traders; one cadence of three SMS; no shipped one interferes.

    Ana agreed to marketing by SMS, Rui never said anything.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engine = cls.env["veloc.cadence.engine"]
        cls.env["veloc.cadence"].search([]).active = False
        cls.ana_trader, cls.rui_trader = cls._traders(cls.ana | cls.rui)
        cls._grant(cls.ana, at="2026-03-01T12:00:00Z")
        cls.cadence = cls._cadence("test", wait_days=(0, 1, 2))
        cls.steps = cls.cadence.current_version_id.step_ids

    @classmethod
    def _traders(cls, partners):
        company = cls.env.company
        return cls.env["veloc.trader"].create(
            [
                {
                    "partner_id": partner.id,
                    "external_ref": f"ref-{partner.id}",
                    "stage": "signup",
                    "company_id": company.id,
                    "currency_id": company.currency_id.id,
                }
                for partner in partners
            ]
        )

    @classmethod
    def _cadence(cls, code, wait_days=(0,), template=None, publish=True, **values):
        """Return a published cadence of SMS, due after these days."""
        cadence = cls.env["veloc.cadence"].create(
            {
                "name": code,
                "code": code,
                "kind": "cadence",
                "entry_event_type": "signup",
                **values,
            }
        )
        draft = cadence.draft_version_id
        if cadence.kind == "cadence":
            draft.exit_ids = [
                fields.Command.create(
                    {"event_type": "deposit_approved", "is_goal": True}
                )
            ]
        template = template or cls.template
        for days in wait_days:
            cls._step(draft, days, template_id=template.id)
        if publish:
            draft.action_publish()
        return cadence

    @classmethod
    def _step(cls, version, days, **values):
        return cls.env["veloc.cadence.step"].create(
            {
                "version_id": version.id,
                "sequence": 10 + days,
                "name": f"D+{days}",
                "wait_value": days,
                "channel": "sms",
                "template_id": cls.template.id,
                "useful_until_hours": 24,
                **values,
            }
        )

    def _happen(self, type_, trader=None, at=NOON, now=None, **variables):
        """Tell the engine of one event."""
        event = self._event(type_, trader, at, **variables)
        self.engine._on_events([event], now or at)

    def _event(self, type_, trader=None, at=NOON, **variables):
        trader = trader or self.ana_trader
        number = next(self._numbers)
        return {
            "trader_id": trader.id,
            "partner_id": trader.partner_id.id,
            "type": type_,
            "at": at,
            "event_id": number,
            "external_id": f"e-{number}",
            "variables": variables,
        }

    _numbers = iter(range(1_000, 1_000_000))

    def _run(self, now=NOON, is_urgent=False):
        """Decide about everything that is due at ``now``."""
        decided = 0
        while batch := self.engine._run_batch(is_urgent, now):
            decided += batch
        return decided

    def _enrolments(self, trader=None, cadence=None):
        trader = trader or self.ana_trader
        cadence = cadence or self.cadence
        return self.env["veloc.enrolment"].search(
            [("trader_id", "=", trader.id), ("cadence_id", "=", cadence.id)],
            order="id",
        )

    def _decisions(self, trader=None):
        """Return (verdict, reason) of everything decided, oldest first."""
        trader = trader or self.ana_trader
        found = self.env["veloc.decision"].search(
            [("trader_id", "=", trader.id)], order="id"
        )
        return [(decision.verdict, decision.reason) for decision in found]

    def _messages(self, partner=None):
        partner = partner or self.ana
        return self.env["veloc.message"].search(
            [("partner_id", "=", partner.id)], order="id"
        )

    def _suppress(self, partner, kind):
        self.env["veloc.suppression"]._impose(partner.ids, kind, source="test")


__all__ = ["DAY", "HOUR", "NOON", "CadenceCase", "planner"]
