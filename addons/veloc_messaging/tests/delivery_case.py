"""Messages with a past, for the tests that count them."""

from datetime import timedelta

from odoo.addons.veloc_compliance.tests.common import NOON

from .common import MessagingCase


class DeliveryCase(MessagingCase):
    """Makes messages that went through states at given times."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stat = cls.env["veloc.delivery.stat"]
        cls._forget()

    @classmethod
    def _forget(cls):
        """What demo data and other tests counted must not get in the way."""
        cls.env.cr.execute("DELETE FROM veloc_delivery_delta")
        cls.env.cr.execute("DELETE FROM veloc_delivery_stat")

    @classmethod
    def _sent(cls, count, *, at=NOON, seconds=10, failed=0, partner=None, **values):
        """Queue ``count`` messages, send them at ``at``; ``failed`` of them fail."""
        messages = cls.env["veloc.message"]
        for number in range(count):
            key = f"stat:{at}:{number}:{cls.env.cr.now()}:{len(messages)}:{values}"
            messages += cls._queue(partner, now=at, key=key, **values)
        messages._move("sending", at=at, attempts=1)
        good, bad = messages[failed:], messages[:failed]
        good._move("accepted", at=at)
        good._move("delivered", at=at + timedelta(seconds=seconds))
        bad._move("failed", at=at, failure_class="permanent", failure_code="21211")
        return messages

    def _sums(self, since=None):
        """Return {measure: count} as the screen sees them, without adding up."""
        sums = {}
        for counts in (
            self.env["veloc.delivery.board"]
            ._counts(since or NOON - timedelta(days=30))
            .values()
        ):
            for measure, _reason, _step, count in counts:
                sums[measure] = sums.get(measure, 0) + count
        return sums
