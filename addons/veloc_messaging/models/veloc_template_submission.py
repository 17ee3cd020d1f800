from odoo import fields, models
from odoo.exceptions import AccessError

CATEGORIES = [
    ("UTILITY", "Utility"),
    ("MARKETING", "Marketing"),
    ("AUTHENTICATION", "Authentication"),
]
STATUSES = [
    ("queued", "On its way"),
    ("draft", "Draft at WhatsApp"),
    ("pending", "Waiting for WhatsApp"),
    ("approved", "Approved by WhatsApp"),
    ("rejected", "Rejected by WhatsApp"),
    ("paused", "Paused by WhatsApp"),
    ("disabled", "Disabled by WhatsApp"),
]
# What WhatsApp says; nobody's to write, and free to change on a frozen text.
SUBMISSION_FIELDS = frozenset(
    {"submission_status", "submission_ref", "submission_reason", "submission_at"}
)


class VelocTemplateSubmission(models.AbstractModel):
    """The road of a text through the approval of WhatsApp."""

    _name = "veloc.template.submission"
    _description = "Submission of a text to WhatsApp"

    template_name = fields.Char(
        "Name at WhatsApp",
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

    # === CRUD === #

    def _refuse_submission_fields(self, vals):
        if not self.env.su and SUBMISSION_FIELDS & set(vals):
            raise AccessError(
                self.env._("What WhatsApp says about a text is nobody's to write.")
            )

    # === BUSINESS === #

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
