from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...rules import loosening

STATES = [
    (loosening.REQUESTED, "Waiting for a second person"),
    (loosening.APPROVED, "Waiting for its time"),
    (loosening.DONE, "Taken effect"),
    (loosening.REFUSED, "Refused"),
    (loosening.CANCELLED, "Withdrawn"),
]
_OFFICER = "veloc_compliance.group_officer"


class VelocSuppressionLoosening(models.Model):
    """The wish to end a protection early: two people and a delay, or it stays.

    One asks with a reason, another approves, time passes in which anybody of the desk
    can withdraw it; then a job ends the suppression, if it still may be ended.
    """

    _name = "veloc.suppression.loosening"
    _description = "Loosening of a suppression"
    _order = "id desc"
    _rec_name = "suppression_id"
    _veloc_ledger_fields = frozenset({"state", "effective_at", "approved_by"})
    _veloc_ledger_subject = "partner_id"

    suppression_id = fields.Many2one(
        "veloc.suppression", required=True, readonly=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(related="suppression_id.kind", string="Reason in force")
    state = fields.Selection(
        STATES, required=True, readonly=True, default=loosening.REQUESTED
    )
    reason = fields.Text("Why it should end", required=True, readonly=True)
    requested_by = fields.Many2one(
        "res.users", "Asked by", required=True, readonly=True, ondelete="restrict"
    )
    requested_at = fields.Datetime("Asked", required=True, readonly=True)
    approved_by = fields.Many2one(
        "res.users", "Second person", readonly=True, ondelete="restrict"
    )
    approved_at = fields.Datetime("Approved", readonly=True)
    effective_at = fields.Datetime("Takes effect", readonly=True)
    ended_at = fields.Datetime("Settled", readonly=True)
    ended_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    outcome = fields.Char(readonly=True)
    can_approve = fields.Boolean(compute="_compute_can_approve")

    _two_people = models.Constraint(
        "CHECK (approved_by IS NULL OR approved_by <> requested_by)",
        "Whoever asks for it cannot approve it.",
    )
    _nobody_skips = models.Constraint(
        "CHECK (state NOT IN ('approved', 'done') OR "
        "(approved_by IS NOT NULL AND effective_at IS NOT NULL))",
        "It takes effect only with a second person and after its delay.",
    )
    _one_open = models.UniqueIndex(
        "(suppression_id) WHERE state IN ('requested', 'approved')",
        "Somebody has asked for this already.",
    )
    _due_idx = models.Index("(effective_at) WHERE state = 'approved'")
    _person_idx = models.Index("(partner_id)")

    # === COMPUTE === #

    @api.depends("state", "requested_by")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        is_officer = self.env.user.has_group(_OFFICER)
        for wish in self:
            is_open = wish.state == loosening.REQUESTED
            is_second = wish.requested_by != self.env.user
            wish.can_approve = is_officer and is_open and is_second

    # === ACTIONS === #

    def action_approve(self):
        """Agree as the second person; the delay begins (button)."""
        self._check_officer()
        for wish in self:
            wish._refuse_unless_open(loosening.REQUESTED)
            refusal = loosening.approval_refusal(wish.requested_by.id, self.env.uid)
            if refusal:
                raise UserError(
                    self.env._("You asked for this yourself: another person decides.")
                )
            wish._refuse_if_binding()
            now = fields.Datetime.now()
            wish._move(
                loosening.APPROVED,
                approved_by=self.env.uid,
                approved_at=now,
                effective_at=now + self._delay(wish.kind),
            )
        # sudo: waking a job is all that happens.
        self.env.ref("veloc_compliance.ir_cron_care_due").sudo()._trigger(
            self.mapped("effective_at")
        )
        return True

    def action_refuse(self):
        """Say no as the second person: the suppression stays (button)."""
        self._check_officer()
        self._settle(loosening.REFUSED, "")
        return True

    def action_withdraw(self):
        """Take the wish back, also while it waits (button)."""
        if not self.env.user.has_group("veloc_compliance.group_advanced"):
            raise AccessError(self.env._("Only the compliance desk may do this."))
        self._settle(loosening.CANCELLED, "")
        return True

    def _open_list(self):
        """Show these requests to whoever made them."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_compliance.veloc_suppression_loosening_action"
        )
        return action | {"domain": [("id", "in", self.ids)], "context": {}}

    def _check_officer(self):
        if not self.env.user.has_group(_OFFICER):
            raise AccessError(self.env._("Only a compliance officer may decide this."))
        self.check_access("read")

    def _refuse_unless_open(self, *states):
        if self.state not in (states or loosening.OPEN):
            raise UserError(self.env._("This request is settled already."))

    def _refuse_if_binding(self):
        block = self.suppression_id
        if loosening.refusal(
            block.kind, block.until_at or None, fields.Datetime.now(), by_officer=True
        ):
            raise UserError(
                self.env._(
                    "“%(name)s” protects the person and runs its full term.",
                    name=block.display_name,
                )
            )

    # === BUSINESS === #

    @api.model
    def _request(self, blocks, reason):
        """Ask to end these suppressions; those asked for already stay as they are."""
        now = fields.Datetime.now()
        # sudo: requests are made here only, in the name of who asks.
        wishes_sudo = self.sudo()
        asked = wishes_sudo.search(
            [("suppression_id", "in", blocks.ids), ("state", "in", loosening.OPEN)]
        ).suppression_id
        return wishes_sudo.create(
            [
                {
                    "suppression_id": block.id,
                    "partner_id": block.partner_id.id,
                    "reason": reason,
                    "requested_by": self.env.uid,
                    "requested_at": now,
                }
                for block in blocks - asked
            ]
        )

    def _delay(self, kind):
        # sudo: a number in the settings.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        text = parameters_sudo.get_param("veloc_compliance.loosening_hours") or "24"
        hours = int(text) if text.isdecimal() else 24
        return loosening.delay(kind, timedelta(hours=min(hours, 10_000)))

    def _move(self, target, **values):
        """Move those that may move to ``target``; return them."""
        movable = self.filtered(lambda wish: loosening.can_move(wish.state, target))
        # sudo: nobody has write rights; the buttons and the job decide.
        movable.sudo().write({"state": target, **values})
        return movable

    def _settle(self, target, outcome):
        for wish in self:
            wish._refuse_unless_open()
        self._move(
            target,
            ended_at=fields.Datetime.now(),
            ended_by=self.env.uid,
            outcome=outcome,
        )

    @api.model
    def _apply_due(self, limit=200):
        """End what is due and may still be ended; return how many were settled."""
        now = fields.Datetime.now()
        due = self.search(
            [("state", "=", loosening.APPROVED), ("effective_at", "<=", now)],
            order="effective_at, id",
            limit=limit,
        )
        for wish in due.try_lock_for_update():
            wish._apply(now)
        return len(due)

    def _apply(self, now):
        block = self.suppression_id
        if not block.is_active:
            return self._finish(loosening.CANCELLED, "over", now)
        # The term may have been chosen or made longer while the request waited.
        if loosening.refusal(block.kind, block.until_at or None, now, by_officer=True):
            return self._finish(loosening.REFUSED, "runs_until", now)
        block._end(source="loosening", note=self.reason)
        return self._finish(loosening.DONE, "", now)

    def _finish(self, target, outcome, now):
        return self._move(target, ended_at=now, ended_by=self.env.uid, outcome=outcome)
