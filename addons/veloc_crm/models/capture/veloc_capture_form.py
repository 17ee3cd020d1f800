"""A form on the broker's own site: where, when and with which words it asks."""

import hashlib
import hmac
import re

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

SCRIPT = "/veloc_crm/static/capture/veloc-capture.js"
# Plain http is for trying it out on one's own machine.
_ORIGIN = re.compile(
    r"https://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?"
    r"|http://(?:localhost|127\.0\.0\.1)(?::\d{1,5})?"
)
CHANNEL_FIELDS = {
    "ask_email": "email",
    "ask_whatsapp": "whatsapp",
    "ask_sms": "sms",
    "ask_call": "call",
}


class VelocCaptureForm(models.Model):
    """Asks visitors for name, address and consent; serves one site, one text each."""

    _name = "veloc.capture.form"
    _description = "Capture form"
    _veloc_ledger_fields = frozenset(
        {
            "active",
            "code",
            "company_id",
            "name",
            "origins",
            "purpose_ids",
            "state",
            "tracks_deposit",
            "tracks_signup",
            *CHANNEL_FIELDS,
        }
    )
    _veloc_ledger_kind = "config"
    _order = "name, id"

    name = fields.Char(required=True, help="For your own eyes.")
    code = fields.Char(
        required=True,
        copy=False,
        help="Stands in the address and in the script's tag. Fixed once live.",
    )
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [("draft", "Draft"), ("live", "Online"), ("stopped", "Stopped")],
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    origins = fields.Text(
        "Sites",
        help="One address a line, as in https://www.broker.example: no other site can "
        "show the form or send it.",
    )
    campaign_id = fields.Many2one(
        "utm.campaign", help="Of leads whose visit named no campaign of its own."
    )
    purpose_ids = fields.Many2many(
        "veloc.purpose",
        string="Consents asked for",
        domain="[('legal_basis', '=', 'consent')]",
        default=lambda self: self.env["veloc.purpose"].search(
            [("code", "=", "marketing")]
        ),
    )
    ask_email = fields.Boolean("E-mail", default=True)
    ask_whatsapp = fields.Boolean("WhatsApp", default=True)
    ask_sms = fields.Boolean("SMS")
    ask_call = fields.Boolean("Phone call")
    asks_phone = fields.Boolean(
        "Ask for the phone", default=True, help="Optional for the visitor."
    )
    on_exit = fields.Boolean("On leaving", default=True)
    on_idle = fields.Boolean("When idle", default=True)
    on_scroll = fields.Boolean("After scrolling", default=True)
    on_delay = fields.Boolean("After a while", default=True)
    idle_seconds = fields.Integer(default=180)
    scroll_percent = fields.Integer(default=70)
    delay_seconds = fields.Integer(default=30)
    pause_days = fields.Integer(
        "Pause (days)", default=7, help="After it was shown, before it is shown again."
    )
    risk_notice = fields.Text(
        translate=True,
        default=lambda self: self.env._("Trading involves risk of loss."),
        help="Below the form wherever trading is offered.",
    )
    tracks_signup = fields.Boolean(
        "Watch the sign-up form",
        help="Forms of the site marked data-veloc-track=“signup”, of visitors who "
        "agreed to it on the site.",
    )
    tracks_deposit = fields.Boolean(
        "Watch the deposit form",
        help="Forms of the site marked data-veloc-track=“deposit”, of traders whom the "
        "site names with a proof.",
    )
    planned_shows = fields.Integer(
        "Views per variant",
        default=1000,
        help="How many views of each variant the test needs: no verdict before that.",
    )
    variant_ids = fields.One2many("veloc.capture.variant", "form_id", copy=True)
    day_ids = fields.One2many("veloc.capture.day", "form_id")
    shows = fields.Integer("Views", compute="_compute_numbers")
    submissions = fields.Integer("Sendings", compute="_compute_numbers")
    confirmations = fields.Integer(compute="_compute_numbers")
    waiting_count = fields.Integer("Waiting", compute="_compute_waiting_count")
    snippet = fields.Text(compute="_compute_snippet")
    preview_url = fields.Char(compute="_compute_preview_url")
    site_key = fields.Char(
        compute="_compute_site_key",
        groups="veloc_crm.group_manager",
        help="For the site's server alone. The proof of a trader is the HMAC-SHA256 of "
        "their reference with this key, in hexadecimal.",
    )

    _code_unique = models.Constraint("UNIQUE (code)", "This code is already taken.")
    _code_shape = models.Constraint(
        "CHECK (code ~ '^[a-z0-9][a-z0-9_-]{0,40}$')",
        "A code has lower-case letters, digits, hyphens and underscores only.",
    )
    _triggers_sane = models.Constraint(
        "CHECK (idle_seconds >= 10 AND scroll_percent BETWEEN 1 AND 100"
        " AND delay_seconds >= 5 AND pause_days >= 1 AND planned_shows >= 100)",
        "At least 10 idle seconds, 5 seconds of delay, 1 day of pause and 100 views; "
        "scrolling is 1 to 100 percent.",
    )

    # === COMPUTE === #

    @api.depends("day_ids.shows", "day_ids.submissions", "day_ids.confirmations")
    def _compute_numbers(self):
        rows = self.env["veloc.capture.day"]._read_group(
            [("form_id", "in", self.ids)],
            ["form_id"],
            ["shows:sum", "submissions:sum", "confirmations:sum"],
        )
        found = {form: numbers for form, *numbers in rows}
        for form in self:
            numbers = found.get(form, (0, 0, 0))
            form.shows, form.submissions, form.confirmations = numbers

    def _compute_waiting_count(self):
        counts = dict(
            self.env["veloc.capture.submission"]._read_group(
                [("form_id", "in", self.ids), ("state", "=", "waiting")],
                ["form_id"],
                ["__count"],
            )
        )
        for form in self:
            form.waiting_count = counts.get(form, 0)

    @api.depends("code")
    def _compute_snippet(self):
        base = self.env["veloc.contact.gate"]._public_url()
        for form in self:
            form.snippet = Markup(
                '<script src="{}{}" data-form="{}" defer></script>'
            ).format(base, SCRIPT, form.code or "")

    @api.depends("code")
    def _compute_preview_url(self):
        for form in self:
            form.preview_url = f"/veloc/capture/{form.code}/preview"

    @api.depends("code")
    def _compute_site_key(self):
        for form in self:
            form.site_key = form._key("site").hex()

    # === CONSTRAINTS === #

    @api.constrains("origins")
    def _check_origins(self):
        """Refuse what is no exact origin: a path or a star would mean nothing."""
        for form in self:
            for line in form._origins():
                if not _ORIGIN.fullmatch(line):
                    raise ValidationError(
                        self.env._(
                            "“%(line)s” is no site: write https:// and the name alone, "
                            "without a path.",
                            line=line,
                        )
                    )

    @api.constrains("purpose_ids")
    def _check_purposes(self):
        """A box is an agreement: what does not rest on one has no box."""
        for purpose in self.purpose_ids:
            if purpose.legal_basis != "consent":
                raise ValidationError(
                    self.env._(
                        "“%(purpose)s” does not rest on consent: there is nothing to "
                        "tick.",
                        purpose=purpose.name,
                    )
                )

    @api.constrains(
        "state", "origins", "purpose_ids", "variant_ids", "asks_phone", *CHANNEL_FIELDS
    )
    def _check_live(self):
        """What is live stays fit to be: also after it was edited."""
        for form in self.filtered(lambda form: form.state == "live"):
            if problem := form._what_is_missing():
                raise ValidationError(problem)

    # === CRUD === #

    def write(self, vals):
        """Keep the code of a form that stands in somebody's pages."""
        if "code" in vals and self.filtered(
            lambda form: form.state != "draft" and form.code != vals["code"]
        ):
            raise UserError(
                self.env._("The code stands in the site's pages: it is fixed.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if self.filtered(lambda form: form.state != "draft"):
            raise UserError(self.env._("A form that was live is archived instead."))

    # === ACTIONS === #

    def action_publish(self):
        """Let the form be shown, once nothing is missing."""
        return self.write({"state": "live"})

    def action_stop(self):
        """Show the form to nobody any more."""
        return self.write({"state": "stopped"})

    def action_open_waiting(self):
        """Open what was sent and waits for its owner's confirmation."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_capture_submission_action"
        )
        return {**action, "domain": [("form_id", "=", self.id)]}

    def action_open_days(self):
        """Open the numbers day by day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_capture_day_action"
        )
        return {**action, "domain": [("form_id", "=", self.id)]}

    def action_open_preview(self):
        """Open the form as visitors see it; nothing that is sent there is kept."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.preview_url, "target": "new"}

    # === BUSINESS === #

    def _origins(self):
        """Return the sites that may show the form."""
        return (self.origins or "").split()

    def _channels(self):
        """Return the channels that have a box."""
        return [code for name, code in CHANNEL_FIELDS.items() if self[name]]

    def _key(self, use):
        """Return this form's own key: nothing to store, nothing to leak."""
        # sudo: the database's secret, for a key that does not tell it.
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        text = f"veloc_capture\0{use}\0{self.code}"
        return hmac.digest((secret or "").encode(), text.encode(), hashlib.sha256)

    def _what_is_missing(self):
        """Return a sentence about the first thing that keeps it from going live."""
        self.ensure_one()
        needed = [
            (self._origins(), self.env._("Name the sites that may show the form.")),
            (self.purpose_ids, self.env._("Choose what people agree to.")),
            (self._channels(), self.env._("Choose at least one channel.")),
            (
                self.variant_ids.filtered("weight"),
                self.env._("Write at least one text with a weight above zero."),
            ),
            (
                self.asks_phone or set(self._channels()) <= {"email"},
                self.env._("Channels other than e-mail need the phone number."),
            ),
        ]
        for is_there, problem in needed:
            if not is_there:
                return problem
        return self.variant_ids._what_is_forbidden()
