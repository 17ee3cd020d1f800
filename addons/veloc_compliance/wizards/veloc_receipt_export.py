import base64
import csv
import io
import json
import zipfile

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

MOST = 10_000
_HEADING = (
    "receipt",
    "at",
    "person",
    "method",
    "purpose",
    "version",
    "event",
    "channels",
    "text_sha256",
    "notice_sha256",
)


class VelocReceiptExport(models.TransientModel):
    """Many receipts at once, as one ZIP that anybody can check offline."""

    _name = "veloc.receipt.export"
    _description = "Export of consent receipts"

    consent_ids = fields.Many2many(
        "veloc.consent",
        string="Chosen consents",
        default=lambda self: self._default_consents(),
    )
    date_from = fields.Date("From")
    date_to = fields.Date("Until")
    purpose_id = fields.Many2one("veloc.purpose")
    partner_ids = fields.Many2many("res.partner", string="People")
    with_pdf = fields.Boolean("PDF as well", help="Slower: each receipt is drawn.")
    receipt_count = fields.Integer("Receipts", compute="_compute_receipt_count")
    file = fields.Binary(readonly=True, attachment=False)
    filename = fields.Char(readonly=True)

    # === COMPUTE === #

    @api.model
    def _default_consents(self):
        is_from_list = self.env.context.get("active_model") == "veloc.consent"
        return self.env.context.get("active_ids") if is_from_list else None

    @api.depends("consent_ids", "date_from", "date_to", "purpose_id", "partner_ids")
    def _compute_receipt_count(self):
        for wizard in self:
            wizard.receipt_count = len(wizard._refs(MOST + 1))

    # === ACTIONS === #

    def action_export(self):
        """Make the ZIP and offer it."""
        self.ensure_one()
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only the encarregado may do this."))
        refs = self._refs(MOST + 1)
        if not refs:
            raise UserError(self.env._("There is no receipt to export."))
        if len(refs) > MOST:
            raise UserError(
                self.env._("More than %(count)s receipts. Choose fewer.", count=MOST)
            )
        consents = self.env["veloc.consent"].search([("receipt_ref", "in", refs)])
        self.env["veloc.ledger.entry"]._note_apart(
            "export",
            model="veloc.consent",
            public={"what": "receipts", "count": len(refs)},
            subject_ids=consents.partner_id.ids,
        )
        self.write(
            {
                "file": base64.b64encode(self._zip(consents)),
                "filename": f"receipts-{fields.Date.today()}.zip",
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # === BUSINESS === #

    def _refs(self, limit):
        domain = fields.Domain("receipt_ref", "!=", False)
        if self.consent_ids:
            domain &= fields.Domain("id", "in", self.consent_ids.ids)
        if self.date_from:
            domain &= fields.Domain("recorded_at", ">=", self.date_from)
        if self.date_to:
            next_day = fields.Date.add(self.date_to, days=1)
            domain &= fields.Domain("recorded_at", "<", next_day)
        if self.purpose_id:
            domain &= fields.Domain("purpose_id", "=", self.purpose_id.id)
        if self.partner_ids:
            domain &= fields.Domain("partner_id", "in", self.partner_ids.ids)
        groups = self.env["veloc.consent"]._read_group(
            domain, ["receipt_ref"], limit=limit
        )
        return [ref for (ref,) in groups]

    def _zip(self, consents):
        """Return the ZIP: each receipt, a list of them, and the public keys."""
        receipts = self.env["veloc.receipt"]
        made = receipts._make(consents)
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for ref, receipt in made.items():
                text = json.dumps(receipt, ensure_ascii=False, indent=2)
                archive.writestr(f"receipts/{ref}.json", text)
            if self.with_pdf:
                for ref, group in consents.grouped("receipt_ref").items():
                    *_names, content = receipts._file(group, "pdf", self.env.lang)
                    archive.writestr(f"receipts/{ref}.pdf", content)
            archive.writestr("receipts.csv", self._list(made))
            for key_id, pem in self.env["veloc.receipt.key"]._pems().items():
                archive.writestr(f"keys/{key_id}.pem", pem)
        return stream.getvalue()

    def _list(self, made):
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(_HEADING)
        for ref, receipt in made.items():
            head = (
                ref,
                receipt["consentTimestamp"],
                receipt["piiPrincipalId"],
                receipt["collectionMethod"],
            )
            for purpose in receipt["services"][0]["purposes"]:
                names = ("purposeCode", "purposeVersion", "event")
                tail = [purpose[name] for name in names]
                tail.append(" ".join(purpose["channels"]))
                tail += [purpose["textSha256"], purpose["noticeSha256"]]
                writer.writerow([*head, *tail])
        return out.getvalue()
