"""One trader's story: what they did, what we decided and sent, where they stand."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import drop_view_if_exists, format_amount, html2plaintext
from odoo.tools.misc import format_date, format_datetime

from odoo.addons.veloc_compliance.const import CHANNELS

from ..words import say_reason, say_selection

KINDS = [
    ("event", "Event"),
    ("decision", "Decision"),
    ("message", "Message"),
    ("stage", "Stage"),
    ("click", "Click"),
    ("reply", "Reply"),
    ("tier", "Tier"),
    ("consent", "Consent"),
    ("care", "Protection"),
    ("merge", "Merge"),
    ("task", "Task"),
    ("call", "Call"),
    ("segment", "Segment"),
    ("visit", "Visit"),
]
# Whose row an entry is, and which of them people may open.
SOURCES = {
    "message": "veloc.message",
    "reply": "veloc.conversation.entry",
    "tier": "veloc.tier.event",
    "consent": "veloc.consent",
    "care": "veloc.suppression",
    "merge": "veloc.merge",
    "task": "mail.activity",
    "call": "veloc.call",
    "segment": "veloc.segment.event",
    "visit": "veloc.touchpoint",
}
OPENED = frozenset({"message", "call", "merge"})
SHARE = 16  # each source has every 16th id
PAGE, MOST = 30, 200


class VelocTimeline(models.Model):
    """A view over everything that is kept of a trader with a time to it."""

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
        """Make the view anew, once all the tables it reads are there."""
        drop_view_if_exists(self.env.cr, "veloc_timeline")
        self.pool.post_init(self.env.cr.execute, VIEW_SQL)

    # === COMPUTE === #

    @api.depends("kind", "code", "reason")
    @api.depends_context("lang")
    def _compute_summary(self):
        sources = self._find_sources()
        for entry in self:
            say = getattr(entry, f"_say_{entry.kind}")
            source = sources.get((entry.kind, entry.id // SHARE))
            entry.summary, entry.detail = say(source) if source else ("", "")

    def _find_sources(self):
        """Return ``{(kind, id): row}``; one read for each kind, however many."""
        found = {}
        for entry in self:
            if entry.kind not in SOURCES:
                found[entry.kind, entry.id // SHARE] = entry
        for kind, model in SOURCES.items():
            ids = [e.id // SHARE for e in self if e.kind == kind]
            # sudo: who may read the timeline may read its one line about the row.
            rows_sudo = self.env[model].sudo().with_context(active_test=False)
            for row in rows_sudo.browse(ids):
                found[kind, row.id] = row
        return found

    def _say_event(self, _entry):
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

    def _say_decision(self, _entry):
        verdict = say_selection(self.env, "veloc.decision", "verdict", self.code)
        what = self.step_id.name or self.cadence_id.name or ""
        return f"{verdict}: {what}", say_reason(self.env, self.reason)

    def _say_message(self, message):
        state = say_selection(self.env, "veloc.message", "state", self.code)
        channel = say_selection(self.env, self._name, "channel", self.channel)
        template = message.template_version_id.template_id
        return f"{channel}: {state}", template.name or ""

    def _say_stage(self, _entry):
        stage = say_selection(self.env, "veloc.trader", "stage", self.code)
        return self.env._("Now: %(stage)s", stage=stage), ""

    def _say_click(self, _entry):
        what = say_selection(self.env, "veloc.link.click", "what", self.code)
        channel = say_selection(self.env, self._name, "channel", self.channel)
        return f"{channel}: {what}", self.reason or ""

    def _say_reply(self, entry):
        voice = say_selection(self.env, entry._name, "voice", self.code)
        channel = say_selection(self.env, self._name, "channel", self.channel)
        text = html2plaintext(entry.mail_message_id.body or "")
        return f"{channel}: {voice}", text[:200]

    def _say_tier(self, move):
        return f"{move.from_name} → {move.to_name}", move.reason_words

    def _say_consent(self, consent):
        said = self.env._("Said yes") if consent.granted else self.env._("Said no")
        channel = say_selection(self.env, self._name, "channel", self.channel)
        return f"{said}: {consent.purpose_id.name}", channel

    def _say_care(self, block):
        kind = say_selection(self.env, block._name, "kind", self.code)
        if block.lifted_at:
            day = format_date(self.env, block.lifted_at)
            return kind, self.env._("Lifted on %(day)s", day=day)
        if block.until_at:
            day = format_date(self.env, block.until_at)
            return kind, self.env._("Until %(day)s", day=day)
        return kind, ""

    def _say_merge(self, merge):
        return self.env._("Records merged"), merge.reason or ""

    def _say_task(self, activity):
        what = activity.summary or activity.activity_type_id.name or ""
        done = self.env._("Done: %(task)s", task=what)
        return done, html2plaintext(activity.feedback or "")[:200]

    def _say_call(self, call):
        outcome = call.outcome or call.state
        field = "outcome" if call.outcome else "state"
        said = say_selection(self.env, call._name, field, outcome)
        return self.env._("Call: %(outcome)s", outcome=said), call.user_id.name or ""

    def _say_segment(self, move):
        said = say_selection(self.env, move._name, "kind", self.code)
        return f"{said}: {move.segment_id.name}", ""

    def _say_visit(self, point):
        return point.display_name, point.page or ""

    # === BUSINESS === #

    @api.model
    @api.readonly
    def load_page(self, trader_id, kinds=None, before=None, limit=PAGE):
        """Return the next entries of a trader, newest first, and where to go on (RPC).

        ``kinds`` leaves out all others; ``before`` is the ``next`` of the page before.
        """
        self.check_access("read")
        domain = fields.Domain("trader_id", "=", int(trader_id))
        if kinds:
            if unknown := set(kinds) - dict(KINDS).keys():
                raise UserError(
                    self.env._("There is no kind “%(code)s”.", code=min(unknown))
                )
            domain &= fields.Domain("kind", "in", list(kinds))
        if before:
            at, entry_id = before
            domain &= fields.Domain("at", "<", at) | (
                fields.Domain("at", "=", at) & fields.Domain("id", "<", int(entry_id))
            )
        limit = max(1, min(int(limit), MOST))
        found = self.search(domain, limit=limit + 1)
        page = found[:limit]
        return {
            "entries": [entry._prepare_line() for entry in page],
            "next": (
                [fields.Datetime.to_string(page[-1].at), page[-1].id]
                if len(found) > limit
                else False
            ),
        }

    def _prepare_line(self):
        opens = self.kind in OPENED and self.env[SOURCES[self.kind]].has_access("read")
        return {
            "id": self.id,
            "at": fields.Datetime.to_string(self.at),
            "at_words": format_datetime(self.env, self.at, dt_format="short"),
            "kind": self.kind,
            "kind_words": say_selection(self.env, self._name, "kind", self.kind),
            "summary": self.summary,
            "detail": self.detail or "",
            "model": SOURCES[self.kind] if opens else False,
            "res_id": self.id // SHARE if opens else False,
        }


# `amount_company` and not the amount: one currency down the whole page.
VIEW_SQL = """
CREATE OR REPLACE VIEW veloc_timeline AS
SELECT e.id * 16 AS id, e.at, e.trader_id, e.company_id, 'event' AS kind,
       e.type AS code, NULL::varchar AS reason, NULL::varchar AS channel,
       NULL::int AS cadence_id, NULL::int AS step_id, NULL::int AS message_id,
       e.amount_company::float8 AS amount
  FROM veloc_trader_event_raw e
UNION ALL
SELECT d.id * 16 + 1, d.at, d.trader_id, t.company_id, 'decision', d.verdict, d.reason,
       d.channel, d.cadence_id, d.step_id, d.message_id, NULL
  FROM veloc_decision_raw d JOIN veloc_trader t ON t.id = d.trader_id
UNION ALL
SELECT m.id::bigint * 16 + 2, m.queued_at, t.id, t.company_id, 'message', m.state,
       NULL, m.channel, NULL, NULL, m.id, NULL
  FROM veloc_message m JOIN veloc_trader t ON t.partner_id = m.partner_id
UNION ALL
SELECT s.id::bigint * 16 + 3, s.at, s.trader_id, t.company_id, 'stage', s.stage,
       s.reason, NULL, NULL, NULL, NULL, NULL
  FROM veloc_lifecycle_event s JOIN veloc_trader t ON t.id = s.trader_id
UNION ALL
SELECT c.id::bigint * 16 + 4, c.at, t.id, t.company_id, 'click', c.what,
       split_part(l.target, '?', 1), c.channel, NULL, NULL, c.message_id, NULL
  FROM veloc_link_click c JOIN veloc_link l ON l.id = c.link_id
  JOIN veloc_trader t ON t.partner_id = c.partner_id
 WHERE c.kind = 'human'
UNION ALL
SELECT r.id::bigint * 16 + 5, r.at, t.id, t.company_id, 'reply', r.voice, NULL,
       r.channel, NULL, NULL, NULL, NULL
  FROM veloc_conversation_entry r JOIN veloc_conversation n
    ON n.id = r.conversation_id
  JOIN veloc_trader t ON t.partner_id = n.partner_id AND t.company_id = n.company_id
 WHERE r.message_id IS NULL
UNION ALL
SELECT v.id::bigint * 16 + 6, v.at, v.trader_id, v.company_id, 'tier', v.direction,
       v.reason, NULL, NULL, NULL, NULL, NULL
  FROM veloc_tier_event v
UNION ALL
SELECT o.id::bigint * 16 + 7, o.recorded_at, t.id, t.company_id, 'consent',
       CASE WHEN o.granted THEN 'granted' ELSE 'refused' END, o.source, o.channel,
       NULL, NULL, NULL, NULL
  FROM veloc_consent o JOIN veloc_trader t ON t.partner_id = o.partner_id
UNION ALL
SELECT p.id::bigint * 16 + 8, p.from_at, t.id, t.company_id, 'care', p.kind, NULL,
       p.channel, NULL, NULL, NULL, NULL
  FROM veloc_suppression p JOIN veloc_trader t ON t.partner_id = p.partner_id
UNION ALL
SELECT g.id::bigint * 16 + 9, g.merged_at, t.id, t.company_id, 'merge', g.state,
       g.reason, NULL, NULL, NULL, NULL, NULL
  FROM veloc_merge g JOIN veloc_trader t ON t.partner_id = g.survivor_id
UNION ALL
SELECT a.id::bigint * 16 + 10, a.date_done::timestamp, t.id, t.company_id, 'task',
       'done', NULL, NULL, NULL, NULL, NULL, NULL
  FROM mail_activity a JOIN veloc_trader t ON t.partner_id = a.res_id
 WHERE a.res_model = 'res.partner' AND a.date_done IS NOT NULL
UNION ALL
SELECT k.id::bigint * 16 + 11, k.ended_at, t.id, t.company_id, 'call', k.state, NULL,
       'call', NULL, NULL, NULL, NULL
  FROM veloc_call k JOIN veloc_trader t ON t.partner_id = k.partner_id
 WHERE k.ended_at IS NOT NULL
UNION ALL
SELECT y.id::bigint * 16 + 12, y.at, y.trader_id, t.company_id, 'segment', y.kind,
       NULL, NULL, NULL, NULL, NULL, NULL
  FROM veloc_segment_event y JOIN veloc_trader t ON t.id = y.trader_id
UNION ALL
SELECT w.id::bigint * 16 + 13, w.at, w.trader_id, w.company_id, 'visit', w.place,
       NULL, NULL, NULL, NULL, NULL, NULL
  FROM veloc_touchpoint w
"""
