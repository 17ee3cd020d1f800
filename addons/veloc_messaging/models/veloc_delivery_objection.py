from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS

OBJECTIONS = [("opt_out", "Opt-out"), ("complaint", "Complaint")]


class VelocDeliveryObjection(models.Model):
    """A person who wanted no more of it, with the account that had written last."""

    _name = "veloc.delivery.objection"
    _description = "Opt-out or complaint"
    _log_access = False
    _order = "at desc, id desc"

    kind = fields.Selection(OBJECTIONS, required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="cascade"
    )
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    account_id = fields.Many2one("veloc.account", readonly=True, ondelete="cascade")
    message_id = fields.Many2one(
        "veloc.message", "Last message", readonly=True, ondelete="set null"
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    day = fields.Date(required=True, readonly=True)
    at = fields.Datetime(required=True, readonly=True)

    _once_a_day = models.UniqueIndex("(partner_id, channel, kind, day)")
    _account_idx = models.Index("(account_id, at)")

    @api.depends("kind", "partner_id")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for objection in self:
            who = objection.partner_id.display_name
            objection.display_name = f"{labels[objection.kind]} · {who}"

    @api.model
    def _note(self, kind, channel, partner_ids, at=None):
        """Count people once a day, for the account that wrote to them last.

        Who never got anything on this channel objects to nothing of ours. One
        statement, however many people.
        """
        if not partner_ids:
            return
        at = at or fields.Datetime.now()
        self.env["veloc.message"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH noted AS (
                    INSERT INTO veloc_delivery_objection (kind, partner_id, channel,
                           account_id, message_id, company_id, day, at)
                    SELECT %(kind)s, m.partner_id, m.channel, m.account_id, m.id,
                           m.company_id, %(at)s::date, %(at)s::timestamp
                      FROM unnest(%(ids)s::int[]) AS person
                     CROSS JOIN LATERAL (
                        SELECT * FROM veloc_message
                         WHERE partner_id = person AND channel = %(channel)s
                           AND COALESCE(accepted_at, sent_at) IS NOT NULL
                         ORDER BY id DESC LIMIT 1) m
                    ON CONFLICT (partner_id, channel, kind, day) DO NOTHING
                    RETURNING account_id, company_id
                )
                INSERT INTO veloc_delivery_delta (bucket, account_id, channel,
                       company_id, measure, reason, step, count)
                SELECT date_bin('5 minutes', %(at)s::timestamp, TIMESTAMP '2020-01-01'),
                       account_id, %(channel)s, COALESCE(company_id, 0), %(kind)s,
                       '', 0, count(*)
                  FROM noted GROUP BY account_id, company_id
                """,
                kind=kind,
                channel=channel,
                ids=sorted(set(partner_ids)),
                at=at,
            )
        )
