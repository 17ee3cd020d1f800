from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS

from ..rules import click_kind, link_target, short_link
from .veloc_link import WHAT

KINDS = [
    ("human", "Person"),
    ("proxy", "Mail service for its reader"),
    ("prefetch", "Preview"),
    ("scanner", "Security scanner"),
    ("bot", "Robot"),
    ("staff", "Our own staff"),
]
CLASSES = [
    ("phone", "Phone"),
    ("tablet", "Tablet"),
    ("computer", "Computer"),
    ("program", "Program"),
    ("none", "Unknown"),
]
# Somebody who asks for one link again and again is stored this often in AGAIN.
TIMES, AGAIN = 5, timedelta(minutes=1)
# First half of an advisory lock; the second is the message's number.
VISIT_LOCK = 7_305_243


class VelocLinkClick(models.Model):
    """One visit to a link or one loading of the image in an e-mail, and by whom.

    Neither the address of the visitor nor the name of the browser is kept: a class of
    device, and a mark that joins the visits of one day from one network.
    """

    _name = "veloc.link.click"
    _description = "Visit to a link"
    _order = "id desc"
    _log_access = False

    link_id = fields.Many2one(
        "veloc.link", required=True, readonly=True, ondelete="cascade"
    )
    at = fields.Datetime("When", required=True, readonly=True)
    what = fields.Selection(WHAT, required=True, readonly=True)
    kind = fields.Selection(KINDS, "By", required=True, readonly=True)
    reason = fields.Char(readonly=True, help="What gave a machine away.")
    agent = fields.Selection(CLASSES, "Device", readonly=True)
    visitor = fields.Char(
        readonly=True, help="Same mark: same network on the same day."
    )
    message_id = fields.Many2one("veloc.message", readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", "Person", readonly=True, ondelete="cascade"
    )
    template_version_id = fields.Many2one(
        "veloc.template.version", readonly=True, ondelete="restrict"
    )
    channel = fields.Selection(CHANNELS, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    target = fields.Char(related="link_id.target")
    campaign = fields.Char(related="link_id.campaign")

    _link_idx = models.Index("(link_id, at)")
    _message_idx = models.Index("(message_id, at)")
    _partner_idx = models.Index("(partner_id, id)")
    _version_idx = models.Index("(template_version_id) WHERE kind = 'human'")

    # === COMPUTE === #

    @api.depends("what", "kind")
    def _compute_display_name(self):
        whats = dict(self._fields["what"]._description_selection(self.env))
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for click in self:
            click.display_name = f"{whats[click.what]} · {kinds[click.kind]}"

    # === BUSINESS === #

    @api.model
    def _target(self, code):
        """Return where a code leads, None when nowhere (any more)."""
        link = self._find(code, "click")
        return self._checked_target(link) if link else None

    @api.model
    def _follow(self, code, request, now=None):
        """Count a visit and return where it leads, None when nowhere.

        ``request`` is a dict: agent, headers (names in small letters), ip, is_staff.
        """
        link = self._find(code, "click")
        target = self._checked_target(link) if link else None
        if target:
            self._count(link, request, click_kind.of_click, now)
        return target

    @api.model
    def _open(self, code, request):
        """Count the loading of the image in an e-mail."""
        if link := self._find(code, "open"):
            self._count(link, request, click_kind.of_open)

    def _checked_target(self, link):
        # Asked again: a host may have left the list since the message went out.
        hosts = self.env["veloc.link.domain"]._hosts()
        return link["target"] if link_target.is_allowed(link["target"], hosts) else None

    def _find(self, code, what):
        """Return the link; who asks for another one of its message waits from here on.

        Scanners ask for all of them at once: each visit is to see those before it.
        """
        if not short_link.CODE.fullmatch(code or ""):
            return None
        self.env.cr.execute(
            SQL(
                """
                SELECT l.id, l.target, l.message_id,
                       COALESCE(m.sent_at, m.accepted_at, m.sending_at) AS sent_at,
                       pg_advisory_xact_lock(%s, m.id)
                  FROM veloc_link l JOIN veloc_message m ON m.id = l.message_id
                 WHERE l.code = %s AND l.what = %s
                """,
                VISIT_LOCK,
                code,
                what,
            )
        )
        return (self.env.cr.dictfetchall() or [None])[0]

    def _count(self, link, request, judge, now=None):
        now = now or fields.Datetime.now()
        at_once, again = self._recent(link, now)
        if again >= TIMES:
            return
        sent_at = link["sent_at"]
        verdict = judge(
            click_kind.Visit(
                agent=request["agent"],
                headers=request["headers"],
                ip=request["ip"],
                since_sent=(now - sent_at).total_seconds() if sent_at else None,
                links_at_once=at_once,
                is_staff=request["is_staff"],
            )
        )
        self._store(link, request, verdict, now)
        if verdict.reason == "burst":
            self._unmask(link, now)

    def _recent(self, link, now):
        """Return how many links of the message were just asked for, this one too,
        and how often this one lately."""
        ((others, again),) = self.env.execute_query(
            SQL(
                """
                SELECT count(DISTINCT link_id) FILTER
                           (WHERE link_id != %(link)s AND at >= %(burst)s),
                       count(*) FILTER (WHERE link_id = %(link)s)
                  FROM veloc_link_click
                 WHERE message_id = %(message)s AND at > %(since)s
                """,
                link=link["id"],
                message=link["message_id"],
                burst=now - timedelta(seconds=click_kind.TOO_FAST),
                since=now - AGAIN,
            )
        )
        return others + 1, again

    def _store(self, link, request, verdict, now):
        # sudo: the secret makes the mark and stays here.
        secret = self.env["res.partner"].sudo()._veloc_secret()
        mark = click_kind.visitor_mark(secret, request["ip"], str(now.date()))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_link_click (link_id, at, what, kind, reason, agent,
                    visitor, message_id, partner_id, template_version_id, channel,
                    company_id)
                SELECT id, %s, what, %s, %s, %s, %s, message_id, partner_id,
                       template_version_id, channel, company_id
                  FROM veloc_link WHERE id = %s
                """,
                now,
                verdict.kind,
                verdict.reason or None,
                click_kind.agent_class(request["agent"]),
                mark or None,
                link["id"],
            )
        )

    def _unmask(self, link, now):
        """The first clicks of a burst looked like a person's; now we know better."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE veloc_link_click SET kind = %s, reason = 'burst'
                 WHERE message_id = %s AND at >= %s AND kind = %s
                """,
                click_kind.SCANNER,
                link["message_id"],
                now - timedelta(seconds=click_kind.TOO_FAST),
                click_kind.HUMAN,
            )
        )
