"""From which devices a trader was seen: keyed hashes, never the broker's numbers."""

from odoo import api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

MAX_DEVICE = 128


class VelocTraderDevice(models.Model):
    """One device of one trader, taken from ``data.device_id`` of their events."""

    _name = "veloc.trader.device"
    _description = "Device of a Trader"
    _order = "seen_at desc, id desc"
    _log_access = False
    _rec_name = "trader_id"

    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, ondelete="cascade"
    )
    digest = fields.Char(required=True, readonly=True, index=True, groups=NO_ACCESS)
    seen_at = fields.Datetime("Last Seen", required=True, readonly=True)

    _device_unique = models.Constraint(
        "UNIQUE (trader_id, digest)", "This device is known already."
    )

    @api.model
    def _note(self, batch):
        """Note the devices that a batch of events names; one statement, or none."""
        seen = {}
        for event in batch.new_events:
            device = event.data.get("device_id")
            if not isinstance(device, str) or not 0 < len(device) <= MAX_DEVICE:
                continue
            key = batch.known[event.trader].trader_id, device.strip()
            seen[key] = max(seen.get(key, event.at), event.at)
        if not seen:
            return
        keys = sorted(seen)
        digests = self.env["veloc.keyring"]._blind(
            self._table, "digest", [device for _trader, device in keys]
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_trader_device AS d (trader_id, digest, seen_at)
                SELECT * FROM unnest(%s::int[], %s::varchar[], %s::timestamp[])
                ON CONFLICT (trader_id, digest) DO UPDATE SET seen_at = excluded.seen_at
                WHERE excluded.seen_at > d.seen_at
                """,
                [trader for trader, _device in keys],
                digests,
                [seen[key] for key in keys],
            )
        )
