from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..models.retention.veloc_tombstone import KINDS


class VelocTombstoneReturn(models.TransientModel):
    """Record that an erased person came back by their own word.

    The officer types what the person gave; the hashes find the erasure. What was
    typed is forgotten at once.
    """

    _name = "veloc.tombstone.return"
    _description = "Record a person's return"

    kind = fields.Selection(KINDS, required=True, default="email")
    value = fields.Char("What the person gave", required=True)
    evidence = fields.Text(
        "How they asked to come back", required=True, help="Without personal data."
    )

    # === ACTIONS === #

    def action_return(self):
        """Let the person in again; they are a new person to us."""
        self.ensure_one()
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))
        value, evidence = self.value, self.evidence
        tombstones = self.env["veloc.tombstone"]
        marks = tombstones._marks({self.kind: [value]})
        self.unlink()
        if not marks:
            raise UserError(self.env._("Nobody who was erased is known by this."))
        flat = [mark for found in marks.values() for mark in found]
        tombstones._let_return(flat, "officer")
        self.env["veloc.ledger.entry"]._note(
            "erasure",
            tombstones._name,
            flat[0].id,
            public={"deed": "returned"},
            secret={"evidence": evidence},
        )
        return {"type": "ir.actions.act_window_close"}
