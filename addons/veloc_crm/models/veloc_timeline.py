"""One trader's story: what they did, what we decided and sent, where they stand."""

from odoo import api, fields, models
from odoo.tools import drop_view_if_exists, format_amount

from odoo.addons.veloc_compliance.const import CHANNELS

from ..words import say_reason, say_selection

KINDS = [
    ("event", "Event"),
    ("decision", "Decision"),
    ("message", "Message"),
    ("stage", "Stage"),
    ("click", "Click"),
]


class VelocTimeline(models.Model):
    """A view; each source table gets a fifth of the ids."""

    _name = "veloc.timeline"
    _description = "Timeline"
    _auto = False
    _log_access = False
    _order = "at desc, id desc"
    _rec_name = "summary"

    at = fields.Datetime(string="When", readonly=True)
    trader_id = fields.Many2one("veloc.trader", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    kind = fields.Selection(KINDS, string="What", readonly=True)
    code = fields.Char(readonly=True)
    reason = fields.Char(readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    cadence_id = fields.Many2one("veloc.cadence", readonly=True)
    step_id = fields.Many2one("veloc.cadence.step", readonly=True)
    message_id = fields.Many2one("veloc.message", readonly=True)
    amount = fields.Float(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    summary = fields.Char(compute="_compute_summary")
    detail = fields.Char(compute="_compute_summary")

    def init(self):
        """Make the view anew."""
        drop_view_if_exists(self.env.cr, "veloc_timeline")
        self.env.cr.execute(VIEW_SQL)

    # === COMPUTE === #

    @api.depends("kind", "code", "reason")
    @api.depends_context("lang")
    def _compute_summary(self):
        for entry in self:
            say = getattr(entry, f"_say_{entry.kind}")
            entry.summary, entry.detail = say()

    def _say_event(self):
        labels = dict(
            self.env["veloc.trader.event"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        amount = (
            format_amount(self.env, self.amount, self.currency_id)
            if self.amount
            else ""
        )
        return labels.get(self.code, self.code), amount

    def _say_decision(self):
        verdict = say_selection(self.env, "veloc.decision", "verdict", self.code)
        what = self.step_id.name or self.cadence_id.name or ""
        return f"{verdict}: {what}", say_reason(self.env, self.reason)

    def _say_message(self):
        state = say_selection(self.env, "veloc.message", "state", self.code)
        channel = say_selection(self.env, self._name, "channel", self.channel)
        template = self.message_id.template_version_id.template_id
        return f"{channel}: {state}", template.name or ""

    def _say_stage(self):
        stage = say_selection(self.env, "veloc.trader", "stage", self.code)
        return self.env._("Now: %(stage)s", stage=stage), ""

    def _say_click(self):
        what = say_selection(self.env, "veloc.link.click", "what", self.code)
        channel = say_selection(self.env, self._name, "channel", self.channel)
        return f"{channel}: {what}", self.reason or ""


# `amount_company` and not the amount: one currency down the whole page.
VIEW_SQL = """
CREATE VIEW veloc_timeline AS
SELECT e.id * 5 AS id, e.at, e.trader_id, e.company_id, 'event' AS kind,
       e.type AS code, NULL::varchar AS reason, NULL::varchar AS channel,
       NULL::int AS cadence_id, NULL::int AS step_id, NULL::int AS message_id,
       e.amount_company::float8 AS amount
  FROM veloc_trader_event_raw e
UNION ALL
SELECT d.id * 5 + 1, d.at, d.trader_id, t.company_id, 'decision', d.verdict, d.reason,
       d.channel, d.cadence_id, d.step_id, d.message_id, NULL
  FROM veloc_decision_raw d JOIN veloc_trader t ON t.id = d.trader_id
UNION ALL
SELECT m.id::bigint * 5 + 2, m.queued_at, t.id, t.company_id, 'message', m.state,
       NULL, m.channel, NULL, NULL, m.id, NULL
  FROM veloc_message m JOIN veloc_trader t ON t.partner_id = m.partner_id
UNION ALL
SELECT s.id::bigint * 5 + 3, s.at, s.trader_id, t.company_id, 'stage', s.stage,
       s.reason, NULL, NULL, NULL, NULL, NULL
  FROM veloc_lifecycle_event s JOIN veloc_trader t ON t.id = s.trader_id
UNION ALL
SELECT c.id::bigint * 5 + 4, c.at, t.id, t.company_id, 'click', c.what,
       split_part(l.target, '?', 1), c.channel, NULL, NULL, c.message_id, NULL
  FROM veloc_link_click c JOIN veloc_link l ON l.id = c.link_id
  JOIN veloc_trader t ON t.partner_id = c.partner_id
 WHERE c.kind = 'human'
"""
