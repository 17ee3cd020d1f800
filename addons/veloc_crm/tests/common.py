"""Shared set-up: a Brazilian company and a broker that sends events."""

from datetime import UTC, timedelta

from odoo import fields
from odoo.tests import TransactionCase

SIGNUP = {
    "name": "Ana da Silva",
    "email": "ana@example.com",
    "phone": "+5511961234567",
    "state": "SP",
    "language": "pt-BR",
}


class TraderMixin:
    """Sends events the way a broker does; mix into a test case."""

    @classmethod
    def _set_up_broker(cls):
        real = cls.env.ref("base.BRL")
        real.active = True
        company = cls.env.company
        company.currency_id = real
        cls.now = fields.Datetime.now()
        cls.counter = 0

    def _event(self, kind, trader="T-1", days_ago=0, **values):
        """Return one event; ``values`` overrides or adds keys, ``data`` included."""
        type(self).counter += 1
        at = self.now - timedelta(days=days_ago)
        event = {
            "id": f"e-{self.counter}",
            "type": kind,
            "trader": trader,
            "at": at.replace(tzinfo=UTC).isoformat(),
        }
        return {**event, **values}

    def _signup(self, trader="T-1", days_ago=0, **data):
        return self._event("signup", trader, days_ago, data={**SIGNUP, **data})

    def _deposit(self, amount="100.00", trader="T-1", days_ago=0, **values):
        values = {"amount": amount, "currency": "BRL", **values}
        return self._event("deposit_approved", trader, days_ago, **values)

    def _trade(self, volume="1000", result="0", trader="T-1", days_ago=0):
        data = {"instrument": "EURUSD", "volume": volume, "result": result}
        return self._event("trade", trader, days_ago, data=data)

    def _ingest(self, *events, source="broker"):
        return self.env["veloc.trader.event"].ingest(source, list(events))

    def _trader(self, ref="T-1"):
        return self.env["veloc.trader"].search([("external_ref", "=", ref)])


class CrmCase(TraderMixin, TransactionCase):
    """A test with a broker."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_broker()
