from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS, PROMOTIONAL

# Told again within this time, a person rests longer: one, two, three days …
MEMORY = timedelta(days=30)
LONGEST = 7


class VelocChannelHold(models.Model):
    """A rest on one channel that a provider asked for, for one person.

    Nothing promotional goes out before its end; messages wait in the queue.
    """

    _name = "veloc.channel.hold"
    _description = "Rest on a channel"
    _order = "until_at desc, id desc"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="cascade"
    )
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    until_at = fields.Datetime("Until", required=True, readonly=True)
    last_at = fields.Datetime("Last asked for", required=True, readonly=True)
    count = fields.Integer(
        "How often", required=True, readonly=True, help="Each time it gets longer."
    )
    code = fields.Char("Provider's code", readonly=True)

    _one_each = models.Constraint(
        "UNIQUE (partner_id, channel)", "This person rests on this channel already."
    )

    @api.model
    def _extend(self, items, now):
        """Let the people of these items rest; see ``veloc.provider.consequence``."""
        by_person = {(item["partner_id"], item["channel"]): item for item in items}
        if not by_person:
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_channel_hold AS h
                       (partner_id, channel, last_at, code, until_at, count)
                VALUES %(rows)s
                ON CONFLICT (partner_id, channel) DO UPDATE SET
                    count = CASE WHEN h.last_at < %(old)s THEN 1 ELSE h.count + 1 END,
                    until_at = GREATEST(h.until_at, excluded.until_at + (
                        CASE WHEN h.last_at < %(old)s THEN 0
                             ELSE LEAST(h.count, %(longest)s) END
                        * (excluded.until_at - excluded.last_at))),
                    last_at = excluded.last_at, code = excluded.code
                """,
                rows=SQL(", ").join(
                    SQL("%s", self._prepare_row(person, item, now))
                    for person, item in sorted(
                        by_person.items(), key=lambda pair: pair[0]
                    )
                ),
                old=now - MEMORY,
                longest=LONGEST - 1,
            )
        )
        self.invalidate_model(flush=False)

    def _prepare_row(self, person, item, now):
        until = now + timedelta(hours=item["found"].hold_hours)
        return (*person, now, str(item["code"]), until, 1)

    @api.model
    def _standing(self, rows, now):
        """Return ``{row id: until}`` of claimed rows whose people rest; two queries."""
        purposes = self.env["veloc.purpose"].browse({row["purpose_id"] for row in rows})
        selling = set(purposes.filtered(lambda p: p.kind in PROMOTIONAL).ids)
        rows = [row for row in rows if row["purpose_id"] in selling]
        if not rows:
            return {}
        self.flush_model()
        standing = {
            (partner_id, channel): until
            for partner_id, channel, until in self.env.execute_query(
                SQL(
                    "SELECT partner_id, channel, until_at FROM veloc_channel_hold "
                    "WHERE partner_id = ANY(%s) AND until_at > %s",
                    list({row["partner_id"] for row in rows}),
                    now,
                )
            )
        }
        pairs = ((row, (row["partner_id"], row["channel"])) for row in rows)
        return {row["id"]: standing[pair] for row, pair in pairs if pair in standing}
