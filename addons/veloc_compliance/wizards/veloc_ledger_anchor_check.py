import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ..rules import ledger_audit, ledger_head


class VelocLedgerAnchorCheck(models.TransientModel):
    """Compare the log with heads that were kept elsewhere: a file, a mail."""

    _name = "veloc.ledger.anchor.check"
    _description = "Comparison with an anchor"

    file = fields.Binary("Anchor file", attachment=False)
    file_name = fields.Char()
    text = fields.Text("Anchor lines", help="The lines of a daily mail, as they are.")
    result = fields.Text(readonly=True)
    is_sound = fields.Boolean(readonly=True)

    # === ACTIONS === #

    def action_compare(self):
        """Compare every head that was given and show what does not fit."""
        self.ensure_one()
        self.env["veloc.ledger.head"]._check_auditor()
        anchors = ledger_head.read_anchor(self._read_text())
        if not anchors:
            raise UserError(self.env._("There is no head in this text."))
        # sudo: the right was checked; the comparison reads tables, not records.
        found = self.sudo()._compare(anchors)
        check = self.env["veloc.ledger.check"]
        told = [check._sentence(f.code, f.first, f.last, f.detail) for f in found]
        told = told or [
            self.env._(
                "All %(count)s heads fit: the log has only grown since.",
                count=len(anchors),
            )
        ]
        self.write({"result": "\n".join(told), "is_sound": not found})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _read_text(self):
        file = base64.b64decode(self.file or b"").decode("utf-8", "replace")
        return f"{file}\n{self.text or ''}"

    def _compare(self, anchors):
        heads = self.env["veloc.ledger.head"]._heads_after(0)
        return ledger_audit.against_anchors(
            anchors,
            heads[-1].size if heads else 0,
            self.env["veloc.ledger.check"]._root_at,
            {head.public_key for head in heads},
        )
