import uuid

from odoo import api, fields, models
from odoo.fields import NO_ACCESS

from ...rules import field_cipher

KINDS = [
    ("analysis", "Under analysis"),
    ("reported", "Reported to COAF"),
    ("not_reported", "Analysed, not reported"),
]


class VelocSecrecyMark(models.Model):
    """That a person was reported or analysed (Law 9,613/98, art. 11 II).

    Only ``group_secrecy`` knows that it exists. It is in no export, timeline, count,
    chatter or data map of a person, and it leaves no gap: nothing points to it from
    the contact, and the ledger notes it without the person.
    """

    _name = "veloc.secrecy.mark"
    _description = "Mark under secrecy"
    _order = "id desc"
    _rec_name = "reference"

    # Set to null, never restrict: a refused deletion would tell of the mark.
    partner_id = fields.Many2one("res.partner", "Person", ondelete="set null")
    kind = fields.Selection(KINDS, required=True, default="analysis")
    reference = fields.Char("Our reference", required=True)
    noted_at = fields.Datetime(
        "Since", required=True, default=fields.Datetime.now, readonly=True
    )
    note = fields.Text(compute="_compute_note", inverse="_inverse_note")
    place = fields.Char(readonly=True, groups=NO_ACCESS)
    sealed = fields.Text(readonly=True, groups=NO_ACCESS)

    _partner_idx = models.Index("(partner_id)")

    # === COMPUTE === #

    def _compute_note(self):
        keyring = self.env["veloc.keyring"]
        for mark in self:
            # sudo: the sealed text is shown to nobody; who reads the mark reads this.
            mark_sudo = mark.sudo()
            plain = mark_sudo.sealed and keyring._open(
                mark._context_of(mark_sudo.place), mark_sudo.sealed
            )
            mark.note = plain.decode() if plain else False

    def _inverse_note(self):
        keyring = self.env["veloc.keyring"]
        for mark in self:
            place = uuid.uuid4().hex
            text = (mark.note or "").encode()
            # sudo: as above.
            mark.sudo().write(
                {
                    "place": place,
                    "sealed": keyring._seal(self._context_of(place), text),
                }
            )

    @api.model
    def _context_of(self, place):
        return field_cipher.context("veloc_secrecy_mark", "note", place)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Note in the ledger that a mark was made, never about whom."""
        marks = super().create(vals_list)
        marks._note_silently("marked")
        return marks

    def write(self, vals):
        """Note in the ledger that a mark was changed, never about whom."""
        done = super().write(vals)
        if set(vals) - {"place", "sealed"}:
            self._note_silently("changed")
        return done

    def _note_silently(self, what):
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "access",
                    "model": self._name,
                    "res_id": mark.id,
                    "public": {"what": what},
                }
                for mark in self
            ]
        )
