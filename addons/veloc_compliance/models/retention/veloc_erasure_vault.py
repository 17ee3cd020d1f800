import base64
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS

from ...rules import field_cipher


class VelocErasureVault(models.Model):
    """What the law keeps of an erased person, sealed with the person's own key.

    Nobody works with it. An officer may read it, says why, and the reading is in the
    ledger. With the last hold the key is destroyed, and the text is noise.
    """

    _name = "veloc.erasure.vault"
    _description = "Sealed copy of an erased person's data"
    _order = "id"
    _rec_name = "model"

    erasure_id = fields.Many2one(
        "veloc.erasure", required=True, readonly=True, ondelete="restrict", index=True
    )
    model = fields.Char("From", required=True, readonly=True)
    data_class = fields.Char("Class of data", required=True, readonly=True)
    rows = fields.Integer(readonly=True)
    reference = fields.Char(required=True, readonly=True)
    sealed = fields.Char(readonly=True, groups=NO_ACCESS)

    # === BUSINESS === #

    @api.model
    def _seal(self, erasure, contents):
        """Store ``{(model, data class): [rows]}`` of one person, sealed."""
        partner_id = erasure.partner_id.id
        keys = self.env["veloc.subject.key"]._for([partner_id])
        if partner_id not in keys:
            raise UserError(self.env._("The key of this person was destroyed before."))
        key = keys[partner_id]
        values = []
        for number, ((model, data_class), rows) in enumerate(contents.items()):
            reference = f"{erasure.reference}/{number}"
            plain = json.dumps(rows, default=_plain, ensure_ascii=False).encode()
            values.append(
                {
                    "erasure_id": erasure.id,
                    "model": model,
                    "data_class": data_class,
                    "rows": len(rows),
                    "reference": reference,
                    "sealed": key.seal(self._place(reference), plain),
                }
            )
        # sudo: nobody may create or read these rows but these two methods.
        return self.sudo().create(values)

    def _open(self, why):
        """Return ``[{"model", "data_class", "rows"}]`` in clear, and note who read."""
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))
        if not (why or "").strip():
            raise UserError(self.env._("Say why you need to read it."))
        # sudo: the group was checked; the reading is noted below.
        rows_sudo = self.sudo()
        people = rows_sudo.erasure_id.partner_id.ids
        keys = self.env["veloc.subject.key"]._known(people)
        opened = []
        for row in rows_sudo:
            key = keys.get(row.erasure_id.partner_id.id)
            if key is None:
                raise UserError(self.env._("The key was destroyed: nothing to read."))
            plain = key.open(self._place(row.reference), row.sealed)
            opened.append(
                {
                    "model": row.model,
                    "data_class": row.data_class,
                    "rows": json.loads(plain),
                }
            )
        self._note_reading(why)
        return opened

    def _note_reading(self, why):
        for erasure in self.erasure_id:
            self.env["veloc.ledger.entry"]._note_apart(
                "read",
                self._name,
                erasure.id,
                subject_id=erasure.partner_id.id,
                public={"vault": erasure.reference},
                secret={"why": why},
            )

    @api.model
    def _place(self, reference):
        return field_cipher.context(self._table, "sealed", reference)


def _plain(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)
