"""People onto a static list, or off it: references, CPFs, e-mails or phones."""

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

MOST_BYTES = 8 * 1024 * 1024
MOST_SHOWN = 200


class VelocSegmentImport(models.TransientModel):
    """A file or a pasted list; what is not found is told line by line."""

    _name = "veloc.segment.import"
    _description = "People for a List"

    segment_id = fields.Many2one("veloc.segment", required=True, ondelete="cascade")
    direction = fields.Selection(
        [("add", "Put on the list"), ("remove", "Take off the list")],
        required=True,
        default="add",
    )
    file = fields.Binary(string="CSV File", attachment=False)
    filename = fields.Char()
    text = fields.Text(string="Or Paste Here")
    result = fields.Text(readonly=True)

    def action_run(self):
        """Change the list and show what was found and what was not."""
        self.ensure_one()
        found = self.segment_id._change_by_text(
            self._read(), is_removal=self.direction == "remove"
        )
        self.write(
            {
                "result": self._say(found),
                "file": False,
                "filename": False,
                "text": False,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("People for a List"),
        }

    def _read(self):
        if not self.file:
            return self.text or ""
        content = base64.b64decode(self.file)
        if len(content) > MOST_BYTES:
            raise UserError(self.env._("The file is larger than 8 MB. Split it."))
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            # What Excel on a Brazilian Windows writes.
            return content.decode("cp1252", errors="replace")

    @api.model
    def _say(self, found):
        words = {
            "unknown": self.env._("nobody is called that"),
            "several": self.env._("several people are called that"),
        }
        lines = [
            self.env._(
                "%(found)s people found, %(changed)s moved; %(unknown)s lines unused.",
                found=found["found"],
                changed=found["changed"],
                unknown=len(found["unknown"]),
            )
        ]
        lines += [
            self.env._(
                "Line %(line)s, %(text)s: %(why)s",
                line=line,
                text=text,
                why=words[why],
            )
            for line, text, why in found["unknown"][:MOST_SHOWN]
        ]
        return "\n".join(lines)
