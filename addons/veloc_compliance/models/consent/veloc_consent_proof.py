from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError

_PROOF = "veloc_compliance.group_officer"


class VelocConsent(models.Model):
    """What a word rests on: the words that were read, and the receipt for it."""

    _inherit = "veloc.consent"

    notice_hash = fields.Char(
        readonly=True, help="SHA-256 of the notice of art. 9 that was shown with it."
    )
    receipt_ref = fields.Char(
        "Receipt",
        readonly=True,
        index="btree_not_null",
        help="One receipt for all that was said at once.",
    )
    shown_text = fields.Text(
        "The words as shown", compute="_compute_shown", groups=_PROOF
    )
    shown_notice = fields.Text(
        "The notice as shown", compute="_compute_shown", groups=_PROOF
    )
    is_objection = fields.Boolean(compute="_compute_is_objection")

    # === COMPUTE === #

    def _compute_shown(self):
        texts = self.env["veloc.shown.text"]
        said = texts._by_hash("statement", set(self.mapped("text_hash")) - {False})
        told = texts._by_hash("notice", set(self.mapped("notice_hash")) - {False})
        for consent in self:
            statement = said.get((consent.version_id.id, consent.text_hash))
            notice = told.get((consent.version_id.id, consent.notice_hash))
            consent.shown_text = statement.body if statement else consent._frozen_text()
            consent.shown_notice = notice.body if notice else False

    def _frozen_text(self):
        """Return the words of the version, if they are those that were shown.

        Consents of before texts were kept: versions are frozen as well.
        """
        if not self.text_hash:
            return False
        version = self.version_id.with_context(lang=self.text_language)
        is_same = version._text_hash(version.env.lang) == self.text_hash
        return version._statement() if is_same else False

    @api.depends("granted", "version_id.legal_basis")
    def _compute_is_objection(self):
        for consent in self:
            basis = consent.version_id.legal_basis
            consent.is_objection = not consent.granted and basis != "consent"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Give what one person says at once one receipt, and keep what was shown."""
        receipts = {}
        numbered = []
        for vals in vals_list:
            said = ("partner_id", "recorded_at", "source", "text_language")
            key = tuple(vals.get(name) for name in said)
            if key not in receipts:
                receipts[key] = str(uuid4())
            numbered.append({**vals, "receipt_ref": receipts[key]})
        consents = super().create(numbered)
        self.env["veloc.shown.text"]._keep(consents)
        self.env["veloc.receipt.key"]._remember()
        return consents

    # === ACTIONS === #

    def action_receipt_pdf(self):
        """Open the receipt to print."""
        return self._receipt_action("pdf")

    def action_receipt_json(self):
        """Open the receipt for programs."""
        return self._receipt_action("json")

    def _receipt_action(self, kind):
        self.ensure_one()
        self.check_access("read")
        if not self.receipt_ref:
            raise UserError(
                self.env._("This word was recorded before there were receipts.")
            )
        url = f"/veloc/receipts/{self.receipt_ref}/{kind}"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}
