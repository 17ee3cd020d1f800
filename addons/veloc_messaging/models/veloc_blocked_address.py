from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS, PROMOTIONAL

from ..rules import phone_variants


class VelocBlockedAddress(models.Model):
    """An address that said stop before we knew whose it is.

    Whoever turns up with it later is opted out of that channel from the start.
    """

    _name = "veloc.blocked.address"
    _description = "Blocked address"
    _order = "blocked_at desc, id desc"
    _rec_name = "address"
    _log_access = False

    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    address = fields.Char(required=True, readonly=True)
    blocked_at = fields.Datetime("Since", required=True, readonly=True)
    evidence = fields.Char(
        "Said in", readonly=True, help="The provider's event that said so."
    )

    _once = models.Constraint(
        "UNIQUE (channel, address)", "This address is blocked already."
    )
    _address_idx = models.Index("(address)")

    # === BUSINESS === #

    @api.model
    def _block(self, channel, said):
        """Block ``{address: (evidence, when)}`` in every spelling they have."""
        rows = [
            (channel, spelling, at, evidence)
            for address, (evidence, at) in said.items()
            for spelling in phone_variants.variants(address)
        ]
        if not rows:
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_blocked_address "
                "(channel, address, blocked_at, evidence) VALUES %s "
                "ON CONFLICT (channel, address) DO UPDATE "
                "SET blocked_at = excluded.blocked_at, evidence = excluded.evidence "
                "WHERE veloc_blocked_address.blocked_at < excluded.blocked_at",
                # Two spellings of one number may both be in the batch: once each.
                SQL(", ").join(
                    SQL("%s", row)
                    for row in {row[1]: row for row in sorted(rows)}.values()
                ),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _unblock(self, channel, said):
        """The person behind an address said start: ``{address: when}``.

        A stop that came after the word (an old event may be folded again) stays.
        """
        times = {s: at for a, at in said.items() for s in phone_variants.variants(a)}
        blocked = self.search(
            [("channel", "=", channel), ("address", "in", list(times))]
        )
        blocked.filtered(lambda b: b.blocked_at <= times[b.address]).unlink()

    @api.model
    def _channels(self, addresses):
        """Return ``{address: {channel: evidence}}`` of those that are blocked."""
        addresses = [address for address in addresses if address]
        if not addresses:
            return {}
        self.flush_model()
        found = {}
        for address, channel, evidence in self.env.execute_query(
            SQL(
                "SELECT address, channel, evidence FROM veloc_blocked_address "
                "WHERE address = ANY(%s)",
                addresses,
            )
        ):
            found.setdefault(address, {})[channel] = evidence or ""
        return found

    @api.model
    def _opt_out(self, partners):
        """Opt out those of these people who have a blocked address; one query."""
        partners = partners.filtered("phone_sanitized")
        blocked = self._channels(partners.mapped("phone_sanitized"))
        by_channel = {}
        for partner in partners:
            for channel, evidence in blocked.get(partner.phone_sanitized, {}).items():
                by_channel.setdefault(channel, {})[partner.id] = evidence
        for channel, evidences in by_channel.items():
            self.env["veloc.fold"]._stop({channel: evidences})

    @api.model
    def _refused(self, rows):
        """Return the ids of claimed rows whose address said stop to promotions."""
        purposes = self.env["veloc.purpose"].browse({row["purpose_id"] for row in rows})
        selling = set(purposes.filtered(lambda p: p.kind in PROMOTIONAL).ids)
        rows = [row for row in rows if row["purpose_id"] in selling]
        blocked = self._channels({row["address"] for row in rows})
        return {r["id"] for r in rows if r["channel"] in blocked.get(r["address"], ())}
