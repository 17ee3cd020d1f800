import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import SystemRandom

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS

from ..rules import link_target, short_link, sms_segments, utm

WHAT = [("click", "Link followed"), ("open", "E-mail opened")]
# In a call a person reads the text out: nothing to follow.
TRACKED_CHANNELS = frozenset({"email", "sms", "whatsapp", "push"})

_COLUMNS = (
    "code",
    "what",
    "target",
    "message_id",
    "partner_id",
    "template_version_id",
    "channel",
    "campaign",
    "company_id",
    "created_at",
)
_random = SystemRandom()


class VelocLink(models.Model):
    """One short address in one message: whose it is and where it leads.

    Written in bulk with the messages, never changed. The code says nothing about the
    person and cannot be guessed.
    """

    _name = "veloc.link"
    _description = "Tracked link"
    _order = "id desc"
    _rec_name = "code"
    _log_access = False

    code = fields.Char(required=True, readonly=True)
    what = fields.Selection(WHAT, required=True, readonly=True, default="click")
    target = fields.Char("Leads to", readonly=True)
    message_id = fields.Many2one(
        "veloc.message", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="cascade"
    )
    template_version_id = fields.Many2one(
        "veloc.template.version", readonly=True, ondelete="restrict"
    )
    channel = fields.Selection(CHANNELS, readonly=True)
    campaign = fields.Char(readonly=True, help="utm_campaign: cadence or template.")
    company_id = fields.Many2one("res.company", readonly=True)
    created_at = fields.Datetime(required=True, readonly=True)
    click_ids = fields.One2many("veloc.link.click", "link_id", "Visits", readonly=True)
    human_count = fields.Integer("By people", compute="_compute_counts")
    machine_count = fields.Integer(
        "By machines",
        compute="_compute_counts",
        help="Scanners, previews and robots. Never counted in reports.",
    )

    _code_unique = models.Constraint("UNIQUE(code)", "This code exists.")
    _message_idx = models.Index("(message_id)")
    _partner_idx = models.Index("(partner_id)")

    # === COMPUTE === #

    @api.depends("click_ids.kind")
    def _compute_counts(self):
        groups = self.env["veloc.link.click"]._read_group(
            [("link_id", "in", self.ids)], ["link_id", "kind"], ["__count"]
        )
        counts = {(link.id, kind): count for link, kind, count in groups}
        for link in self:
            link.human_count = counts.get((link.id, "human"), 0)
            total = sum(n for (id_, _kind), n in counts.items() if id_ == link.id)
            link.machine_count = total - link.human_count

    @api.depends("code", "target")
    def _compute_display_name(self):
        for link in self:
            link.display_name = link.target or link.code

    # === MAKING === #

    @api.model
    def _base(self):
        """Return what stands in front of a code."""
        # sudo: a public address, meant for every reader.
        config_sudo = self.env["ir.config_parameter"].sudo()
        return short_link.base_of(
            self.env["veloc.contact.gate"]._public_url(),
            config_sudo.get_param("veloc_messaging.link_domain", ""),
        )

    @api.model
    def _worst_length(self):
        """Return how long a tracked link is, for previews and segment counts."""
        return short_link.worst_length(self._base())

    @api.model
    def _shorten(self, rows, drafts):
        """Put tracked links into the rows of messages that may have them.

        The links themselves wait in ``row["links"]`` until the messages have ids.
        A constant number of queries; a text without an address costs nothing.
        """
        by_key = {draft["key"]: draft for draft in drafts if draft.get("key")}
        # sudo: what to track is a switch of the house, not a right of the sender.
        versions_sudo = self.env["veloc.template.version"].sudo()
        house = _House(
            self.env["veloc.contact.gate"]._public_url(),
            self._base(),
            self.env["veloc.link.domain"]._hosts() if rows else (),
        )
        for row in rows:
            version = versions_sudo.browse(row["template_version_id"])
            purpose = version.template_id.purpose_id
            if row["channel"] not in TRACKED_CHANNELS:
                continue
            made = _Maker(row, version, by_key.get(row["key"]) or {}, house)
            if version.template_id.track_links and purpose.track_clicks:
                made.replace_links()
            if row["channel"] == "email" and purpose.track_opens:
                made.add_pixel()
            if made.links:
                row["links"] = made.links

    @api.model
    def _insert(self, links):
        """Store links in one INSERT; ``links`` are dicts of the columns."""
        if not links:
            return
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_link (%s) VALUES %s",
                SQL(", ").join(map(SQL.identifier, _COLUMNS)),
                SQL(", ").join(
                    SQL("%s", tuple(link[name] for name in _COLUMNS)) for link in links
                ),
            )
        )


@dataclass(frozen=True)
class _House:
    """Where we live and where links may lead."""

    public_url: str
    base: str
    hosts: Sequence[link_target.Host]


class _Maker:
    """Rewrites the text of one row and keeps the links that come of it."""

    def __init__(self, row, version, draft, house):
        self.row, self.house = row, house
        self.links = []
        self._known = {}
        self._values = {
            "source": "veloc",
            "medium": row["channel"],
            "campaign": draft.get("campaign") or version.template_id.code,
            "content": draft.get("campaign_part") or f"v{version.number}",
        }

    def replace_links(self):
        """Give every followable address of the text a link of its own."""
        row = self.row
        if row.get("content_variables"):
            # The provider holds the text; only what we fill in can be ours.
            values = json.loads(row["content_variables"])
            filled = {
                name: short_link.replace_in_text(value, self._shorten)
                for name, value in values.items()
            }
            row["content_variables"] = json.dumps(filled)
            row["body"] = short_link.replace_in_text(row["body"], self._known.get)
        elif row["channel"] == "email":
            row["body"] = short_link.replace_in_html(row["body"], self._shorten)
        elif not row.get("content_sid"):
            row["body"] = short_link.replace_in_text(row["body"], self._shorten)
        if self.links and row["channel"] == "sms":
            row["segments"] = sms_segments.measure(row["body"]).segments

    def add_pixel(self):
        """Add the image that tells when the e-mail is opened."""
        code = self._keep("open", None)
        url = f"{self.house.public_url}{short_link.OPEN_PATH}/{code}"
        self.row["body"] = short_link.with_pixel(self.row["body"], url)

    def _shorten(self, url):
        if url not in self._known:
            self._known[url] = self._make(url)
        return self._known[url]

    def _make(self, url):
        house = self.house
        if short_link.is_own(url, house.public_url, house.base):
            return None
        if not link_target.is_allowed(url, house.hosts):
            return None
        code = self._keep("click", utm.with_utm(url, self._values))
        return short_link.address(house.base, code)

    def _keep(self, what, target):
        code = short_link.new_code(_random.choice)
        self.links.append(
            {
                "code": code,
                "what": what,
                "target": target,
                "partner_id": self.row["partner_id"],
                "template_version_id": self.row["template_version_id"],
                "channel": self.row["channel"],
                "campaign": self._values["campaign"],
                "company_id": self.row["company_id"],
                "created_at": self.row["queued_at"],
            }
        )
        return code
