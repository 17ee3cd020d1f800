from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

ACTIVITY = "veloc_messaging.mail_activity_type_template_approval"
# Set by the methods below only, whatever a client sends.
APPROVAL_FIELDS = frozenset(
    {
        "approved_by_id",
        "approved_at",
        "retired_at",
        "submitted_by_id",
        "submitted_at",
        "edited_by_id",
        "is_two_person",
    }
)
AUTHOR, SECOND = "author", "second"


class VelocTemplateApproval(models.AbstractModel):
    """Four eyes: who writes a version or asks for its approval does not give it."""

    _name = "veloc.template.approval"
    _description = "Approval of a template version"

    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_at = fields.Datetime(readonly=True, copy=False)
    retired_at = fields.Datetime(readonly=True, copy=False)
    submitted_by_id = fields.Many2one(
        "res.users", "Asked for by", readonly=True, copy=False
    )
    submitted_at = fields.Datetime("Asked for at", readonly=True, copy=False)
    edited_by_id = fields.Many2one(
        "res.users", "Last written by", readonly=True, copy=False
    )
    is_two_person = fields.Boolean(
        "Approved by a second person", readonly=True, copy=False
    )
    review_ids = fields.One2many(
        "veloc.template.review", "version_id", "History", readonly=True, copy=False
    )
    may_approve = fields.Boolean(compute="_compute_may_approve")
    needs_second = fields.Boolean(compute="_compute_may_approve")
    sent_back_reason = fields.Text(compute="_compute_sent_back_reason")

    # === COMPUTE === #

    @api.depends("state", "submitted_by_id", "edited_by_id")
    @api.depends_context("uid")
    def _compute_may_approve(self):
        for version in self:
            version.needs_second = self._is_second_person_needed()
            version.may_approve = not version._get_obstacle()

    @api.depends("state", "review_ids")
    def _compute_sent_back_reason(self):
        for version in self:
            last = version.review_ids.sorted("id")[-1:]
            is_back = version.state == "draft" and last.deed == "sent_back"
            version.sent_back_reason = last.reason if is_back else False

    # === ACTIONS === #

    def action_request_approval(self):
        """Ask the other managers to approve these drafts; the texts rest meanwhile."""
        self.check_access("write")
        self._refuse_findings()
        now = fields.Datetime.now()
        # sudo: who asked and when are nobody's to write; rights are checked.
        asked = self.sudo()._move(
            "review", submitted_by_id=self.env.uid, submitted_at=now
        )
        asked._log_deed("requested")
        for version in asked:
            version._ask_approvers()
        return True

    def action_take_back(self):
        """Make drafts again of versions that wait for approval."""
        self.check_access("write")
        # sudo: the state is nobody's to write; rights are checked.
        self.sudo()._move("draft")._log_deed("withdrawn")
        self._close_activities()
        return True

    def action_send_back(self, reason):
        """Refuse the approval, and tell the person who asked for it why."""
        self.check_access("write")
        reason = (reason or "").strip() if isinstance(reason, str) else ""
        if not reason:
            raise UserError(self.env._("Say what should be changed, and why."))
        self._close_activities()
        # sudo: the state is nobody's to write; rights are checked.
        returned = self.sudo()._move("draft")
        returned._log_deed("sent_back", reason)
        for version in returned:
            version._tell_author(reason)
        return True

    def action_approve(self):
        """Bring these versions into use when nothing is wrong with them."""
        self.check_access("write")
        self._refuse_findings()
        for version in self:
            version._refuse_own_approval()
        self._approve(is_two_person=self._is_second_person_needed())
        return True

    def action_open_return(self):
        """Open the dialog that asks why a version is sent back."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send back"),
            "res_model": "veloc.template.return",
            "view_mode": "form",
            "target": "new",
            "context": {"default_version_id": self.id},
        }

    # === BUSINESS === #

    def _approve_shipped(self):
        """Approve the drafts among these versions; for data files.

        A version that came into use or was retired before is left alone, so that
        an upgrade may call this again. What is shipped keeps the shipped style guide;
        a stricter one of the house must not break an upgrade.
        """
        drafts = self.filtered(lambda version: version.state == "draft")
        drafts._refuse_findings(with_style=False)
        drafts._approve(is_two_person=False)

    def _approve(self, *, is_two_person):
        now = fields.Datetime.now()
        # sudo: state, approver and time are nobody's to write; rights are checked.
        versions_sudo = self.sudo()
        open_sudo = versions_sudo.filtered(lambda v: v.state in ("draft", "review"))
        in_use = open_sudo.template_id.current_version_id
        in_use._move("retired", retired_at=now)
        approved = open_sudo._move(
            "approved",
            approved_by_id=self.env.uid,
            approved_at=now,
            is_two_person=is_two_person,
        )
        for version in approved:
            version.template_id.current_version_id = version
        approved._log_deed("approved")
        approved._close_activities()

    @api.model
    def _is_second_person_needed(self):
        """Tell whether a house that this user works for wants four eyes.

        Templates belong to all companies: the strictest of the user's own counts.
        """
        # sudo: a setting of the user's own companies, not a record of theirs.
        companies_sudo = self.env.user.sudo().company_ids | self.env.company.sudo()
        return any(companies_sudo.mapped("veloc_two_person_approval"))

    def _get_obstacle(self):
        """Return why this user may not approve this version now, or None."""
        if not self._is_second_person_needed():
            return None
        if self.state == "draft":
            return SECOND
        is_author = self.env.uid in (self.submitted_by_id.id, self.edited_by_id.id)
        return AUTHOR if self.state == "review" and is_author else None

    def _refuse_own_approval(self):
        obstacle = self._get_obstacle()
        if obstacle == SECOND:
            raise UserError(
                self.env._(
                    "A second person approves what you wrote: use “Ask for approval”."
                )
            )
        if obstacle == AUTHOR:
            raise UserError(
                self.env._(
                    "You wrote “%(version)s” or asked for its approval. Somebody else "
                    "must approve it.",
                    version=self.display_name,
                )
            )

    def _refuse_findings(self, *, with_style=True):
        checker = self.env["veloc.template.check"]
        lines = checker._explain_versions(self, with_style=with_style)
        if wrong := [line for found in lines.values() for line in found]:
            intro = self.env._("This version cannot be approved yet:")
            raise UserError("\n".join([intro, *(f"• {line}" for line in wrong)]))

    def _log_deed(self, deed, reason=None):
        now = fields.Datetime.now()
        # sudo: the history is written by these methods and by nobody else.
        self.env["veloc.template.review"].sudo().create(
            [
                {
                    "version_id": version.id,
                    "deed": deed,
                    "user_id": self.env.uid,
                    "at": now,
                    "reason": reason,
                }
                for version in self
            ]
        )

    def _note_editor(self):
        """Remember who wrote last in these versions."""
        # sudo: nobody's to write; the caller has just changed a text of theirs.
        versions_sudo = self.sudo().filtered(
            lambda version: version.edited_by_id.id != self.env.uid
        )
        versions_sudo.edited_by_id = self.env.uid

    # === ACTIVITIES === #

    def _ask_approvers(self):
        group = self.env.ref("veloc_messaging.group_manager")
        # sudo: who may approve is no secret to the person who asks.
        approvers = group.sudo().all_user_ids.filtered(
            lambda user: (
                user.active
                and not user.share
                and user not in (self.submitted_by_id | self.edited_by_id)
            )
        )
        for approver in approvers:
            self.template_id.activity_schedule(
                ACTIVITY,
                user_id=approver.id,
                summary=self.env._(
                    "Approve %(version)s, please", version=self.display_name
                ),
                note=self._get_link(),
            )

    def _tell_author(self, reason):
        self.template_id.activity_schedule(
            ACTIVITY,
            user_id=self.submitted_by_id.id or self.env.uid,
            summary=self.env._("%(version)s was sent back", version=self.display_name),
            note=Markup("<p>{}</p>{}").format(reason, self._get_link()),
        )

    def _get_link(self):
        return Markup("<a href='/odoo/veloc.template.version/{}'>{}</a>").format(
            self.id, self.display_name
        )

    def _close_activities(self):
        # sudo: what was asked of others is done, whoever did it.
        self.template_id.sudo().activity_unlink([ACTIVITY])
