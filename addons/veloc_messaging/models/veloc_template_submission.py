import logging
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.translate import LazyTranslate

from odoo.addons.veloc_compliance.const import PROMOTIONAL

from ..providers.base import TemplateSpec
from ..rules import template_text, template_variables, whatsapp_submission

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

CATEGORIES = [
    ("UTILITY", "Utility"),
    ("MARKETING", "Marketing"),
    ("AUTHENTICATION", "Authentication"),
]
STATUSES = [
    ("queued", "On its way"),
    ("draft", "Not submitted"),
    ("pending", "Waiting for WhatsApp"),
    ("approved", "Approved by WhatsApp"),
    ("rejected", "Rejected by WhatsApp"),
    ("paused", "Paused by WhatsApp"),
    ("disabled", "Disabled by WhatsApp"),
]
BAD_NEWS = ("rejected", "paused", "disabled")
# What WhatsApp says; nobody's to write, and free to change on a frozen text.
SUBMISSION_FIELDS = frozenset(
    {
        "submission_status",
        "submission_ref",
        "submission_reason",
        "submission_at",
        "submission_checked_at",
        "submission_account_id",
    }
)
# A change of these makes it another template.
SUBMITTED_FIELDS = frozenset(
    {"channel", "lang", "body", "template_name", "category", "content_variables"}
)
BATCH = 50
# How often to ask what became of a template, should no webhook tell.
PATIENCE = {"pending": timedelta(minutes=20)}
LONG_PATIENCE = timedelta(hours=12)

MESSAGES = {
    "template_name": _lt(
        "WhatsApp: “%(detail)s” is no name. Use small letters, digits and _ only."
    ),
    "template_category": _lt("WhatsApp: choose a category."),
    "template_empty": _lt("WhatsApp: the text is empty."),
    "template_length": _lt(
        "WhatsApp: the text has %(detail)s characters; 1024 are the limit."
    ),
    "template_starts": _lt(
        "WhatsApp: the text starts with {{ %(detail)s }}. Put a word before it."
    ),
    "template_ends": _lt(
        "WhatsApp: the text ends with {{ %(detail)s }}. Put a word after it."
    ),
    "template_side_by_side": _lt(
        "WhatsApp: two variables stand side by side. Put a word between them."
    ),
    "template_ratio": _lt(
        "WhatsApp: too many variables for so few words (%(detail)s). Write more "
        "words, or use fewer variables."
    ),
    "template_lines": _lt("WhatsApp: leave at most one line empty."),
    "not_plain": _lt(
        "WhatsApp: “%(detail)s” cannot be part of a template. Use variables and "
        "default('…') only."
    ),
    "missing_variable": _lt(
        "WhatsApp: {{ %(detail)s }} has no value in the settings of the broker."
    ),
    "syntax": _lt("WhatsApp: a variable is not written correctly (%(detail)s)."),
}


class VelocTemplateSubmission(models.AbstractModel):
    """The road of a text through the approval of WhatsApp."""

    _name = "veloc.template.submission"
    _description = "Submission of a text to WhatsApp"

    template_name = fields.Char(
        "Name at WhatsApp",
        copy=False,
        help="Small letters, digits and _ only. Outside the 24 hours after a person "
        "wrote, WhatsApp delivers nothing but approved templates.",
    )
    category = fields.Selection(CATEGORIES, "Category at WhatsApp")
    submission_status = fields.Selection(
        STATUSES, "At WhatsApp", readonly=True, copy=False
    )
    submission_ref = fields.Char("Its reference", readonly=True, copy=False)
    submission_reason = fields.Char("Its reason", readonly=True, copy=False)
    submission_at = fields.Datetime("Known since", readonly=True, copy=False)
    submission_checked_at = fields.Datetime("Asked at", readonly=True, copy=False)
    submission_account_id = fields.Many2one(
        "veloc.account",
        "Submitted with",
        readonly=True,
        copy=False,
        ondelete="set null",
    )

    # === CRUD === #

    def _refuse_submission_fields(self, vals):
        if not self.env.su and SUBMISSION_FIELDS & set(vals):
            raise AccessError(
                self.env._("What WhatsApp says about a text is nobody's to write.")
            )

    def _forget_submission(self, vals):
        """After a change of its words a text is another template, under a new name."""
        if "submission_status" in vals or not SUBMITTED_FIELDS & set(vals):
            return
        # sudo: what was said of the old words is not true of the new ones.
        for body in self.sudo().filtered(lambda b: b.submission_ref or b._is_waiting()):
            new = {"submission_ref": False, "submission_reason": False}
            if "template_name" not in vals and body.template_name:
                new["template_name"] = whatsapp_submission.next_name(body.template_name)
            body.write({"submission_status": "draft", **new})

    def _is_waiting(self):
        return self.submission_status in ("queued", "pending")

    def _carry_submission(self, source):
        """Take over what WhatsApp said of the same words in an earlier version."""
        known = {(body.channel, body.lang): body for body in source}
        # sudo: what WhatsApp said is nobody's to write; the words are the same.
        for body in self.sudo():
            old = known.get((body.channel, body.lang))
            if old and old.template_name and old.body == body.body:
                names = ["template_name", *SUBMISSION_FIELDS]
                values = old.sudo()._read_format(names, load="")[0]
                values.pop("id")
                body.write(values)

    # === ACTIONS === #

    def action_submit(self):
        """Hand these texts in for WhatsApp's approval; a job does it at once."""
        self.check_access("write")
        account = self._get_submission_account()
        for body in self:
            body._prepare_for_submission()
        # sudo: the state at WhatsApp is nobody's to write; rights are checked.
        self.sudo().write(
            {
                "submission_status": "queued",
                "submission_reason": False,
                "submission_at": fields.Datetime.now(),
                "submission_account_id": account.id,
            }
        )
        # sudo: waking the job that does what the user may ask for.
        self.env.ref("veloc_messaging.ir_cron_template_submission").sudo()._trigger()
        return True

    # === BUSINESS === #

    def _get_submission_account(self):
        accounts = self.env["veloc.account"].search(
            [("channel", "=", "whatsapp"), ("state", "=", "active")]
        )
        able = accounts.filtered(lambda account: account._capabilities().templates)
        if not able:
            raise UserError(
                self.env._("No WhatsApp account is active that takes templates.")
            )
        return able[0]

    def _prepare_for_submission(self):
        """Fill in what is not there yet, and refuse what WhatsApp would refuse."""
        version = self.version_id
        # sudo: whoever writes a text need not be able to open the purpose.
        is_promotional = version.purpose_id.sudo().kind in PROMOTIONAL
        name = self.template_name or whatsapp_submission.name_for(
            version.template_id.code, version.number
        )
        if self.submission_status == "rejected":
            name = whatsapp_submission.next_name(name)
        category = self.category or ("MARKETING" if is_promotional else "UTILITY")
        submission, wrong = self._check_submission(name, category)
        if wrong:
            raise UserError("\n".join(f"• {line}" for line in wrong))
        values = {
            "template_name": name,
            "category": category,
            "content_variables": ", ".join(submission.names) or False,
        }
        if version.state != "draft" and self._would_change(values):
            raise UserError(
                self.env._(
                    "This text is frozen and cannot get another name at WhatsApp. "
                    "Make a new version and submit that one."
                )
            )
        self.write(values)

    def _check_submission(self, name, category):
        """Return the submission of this text, and why WhatsApp would refuse it."""
        try:
            submission = self._prepare_submission()
            found = whatsapp_submission.flaws(name, category, submission)
        except template_text.RenderError as error:
            submission, found = None, [(error.code, error.detail)]
        return submission, [
            # pylint: disable-next=translation-not-lazy  # gaps of a rule's own
            self.env._(MESSAGES.get(code, MESSAGES["syntax"])) % {"detail": detail}
            for code, detail in found
        ]

    def _prepare_submission(self):
        house = self.env["veloc.template.render"]._get_house(self.lang)
        if notice := self._text().notice:
            house["risk_notice"] = notice
        samples = template_variables.samples_for_people(self.lang)
        return whatsapp_submission.prepare(self.body or "", house, samples)

    def _is_usable_template(self) -> bool:
        """Tell whether WhatsApp takes this template.

        One that was entered by hand, never submitted here, is taken on the word of
        the manager who entered it.
        """
        return self.submission_status in (False, "approved")

    def _usable_template_name(self) -> str:
        return (self.template_name or "") if self._is_usable_template() else ""

    def _usable_content_sid(self) -> str:
        """Return the Content SID to send, "" while WhatsApp does not take it."""
        if not self._is_usable_template():
            return ""
        ref = self.submission_ref or ""
        return (self.content_sid or "") or (ref if ref.startswith("HX") else "")

    # === THE JOB === #

    @api.model
    def _cron_submissions(self):
        """Hand in what waits, then ask what became of the rest."""
        cron = self.env["ir.cron"]
        queued = self.search([("submission_status", "=", "queued")], limit=BATCH)
        asked = self._search_unasked()
        time_left = cron._commit_progress(remaining=len(queued) + len(asked))
        for work, bodies in ((self._submit_one, queued), (self._ask_one, asked)):
            for body in bodies:
                if not time_left:
                    return
                work(body)
                time_left = cron._commit_progress(1)

    @api.model
    def _search_unasked(self):
        now = fields.Datetime.now()
        due = [
            ("submission_ref", "!=", False),
            ("submission_status", "in", ("pending", "approved", "paused")),
            "|",
            ("submission_checked_at", "=", False),
            "|",
            ("submission_checked_at", "<", now - LONG_PATIENCE),
            "&",
            ("submission_status", "=", "pending"),
            ("submission_checked_at", "<", now - PATIENCE["pending"]),
        ]
        return self.search(due, order="submission_checked_at, id", limit=BATCH)

    @api.model
    def _submit_one(self, body):
        """Hand in one text. The same name is adopted there: repeating is harmless."""
        try:
            submission = body._prepare_submission()
            spec = TemplateSpec(
                name=body.template_name,
                lang=body.lang,
                category=body.category,
                body=submission.body,
                samples=submission.samples,
            )
            account = body.submission_account_id
            state = account._get_provider().submit_template(spec)
        except Exception as error:
            _logger.exception("Text %s could not be submitted", body.id)
            body._note_state("draft", type(error).__name__)
            return
        if state.ref:
            body.submission_ref = state.ref
        body._note_state(state.status, state.reason)

    @api.model
    def _ask_one(self, body):
        body.submission_checked_at = fields.Datetime.now()
        try:
            provider = body.submission_account_id._get_provider()
            state = provider.template_state(body.submission_ref)
        except Exception:
            _logger.exception("No state of text %s at WhatsApp", body.id)
            return
        # No answer says "still waits" and why; that takes nothing back.
        if state.status != "pending" or not state.reason:
            body._note_state(state.status, state.reason)

    @api.model
    def _on_submission(self, events):
        """Note what WhatsApp reports; return the keys of the events understood.

        A report older than what is known is understood and changes nothing.
        """
        refs = [event.provider_ref for event in events if event.provider_ref]
        bodies = self.search([("submission_ref", "in", refs)]) if refs else self
        known = bodies.grouped("submission_ref")
        statuses = dict(STATUSES)
        understood = set()
        for event in sorted(events, key=lambda event: event.at or datetime.min):
            if event.provider_ref not in known or event.status not in statuses:
                continue
            understood.add(event.key)
            for body in known[event.provider_ref]:
                if (
                    not event.at
                    or not body.submission_at
                    or (event.at >= body.submission_at)
                ):
                    body._note_state(event.status, event.error_detail, event.at)
        return understood

    def _note_state(self, status, reason="", at=None):
        """Keep what WhatsApp says, and tell people when it is bad."""
        is_news = status != self.submission_status
        self.write(
            {
                "submission_status": status,
                "submission_reason": (reason or "")[:500] or False,
                "submission_at": at or fields.Datetime.now(),
                "submission_checked_at": fields.Datetime.now(),
            }
        )
        if is_news and status in BAD_NEWS:
            self._tell_bad_news()

    def _tell_bad_news(self):
        labels = dict(
            self._fields["submission_status"]._description_selection(self.env)
        )
        version = self.version_id
        author = version.edited_by_id or version.submitted_by_id or version.create_uid
        version.template_id.activity_schedule(
            "mail.mail_activity_data_warning",
            user_id=author.id or self.env.uid,
            summary=self.env._(
                "%(text)s of %(version)s: %(status)s",
                text=self.display_name,
                version=version.display_name,
                status=labels[self.submission_status],
            ),
            note=self.submission_reason or "",
        )
