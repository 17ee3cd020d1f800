import json
import uuid

from odoo import api, models
from odoo.tools import groupby

from ...report import consent_receipt_pdf
from ...rules import consent_receipt, privacy_notice
from .veloc_receipt_key import LABEL

# People are named by a pseudonym of this database: a receipt may travel.
_NAMESPACE = uuid.UUID("5e4a0b0e-6f0b-4c55-9d3c-8b7a6f1c2d31")
# Newest receipts on a person's page; older ones are asked for.
SHOWN = 20


class VelocReceipt(models.AbstractModel):
    """Makes receipts from what was recorded: events, and texts as they were shown.

    Private throughout: the callers have checked who asks.
    """

    _name = "veloc.receipt"
    _description = "Consent receipts"

    @api.model
    def _make(self, consents):
        """Return ``{receipt id: signed receipt}`` for whole receipts of consents.

        Constant number of queries for any number of receipts.
        """
        # sudo: purposes, texts and company are those of the consents.
        consents = (
            consents.sudo()
            .filtered("receipt_ref")
            .sorted(lambda c: (c.receipt_ref, c.version_id.id, c.granted, c.id))
        )
        texts = self.env["veloc.shown.text"].sudo()  # sudo: as above.
        notices = texts._by_hash(
            "notice", set(consents.mapped("notice_hash")) - {False}
        )
        key = self.env["veloc.keyring"]._signing_key(LABEL)
        return {
            ref: consent_receipt.sign(
                consent_receipt.build(self._facts(group, notices)), key
            )
            for ref, group in groupby(consents, lambda c: c.receipt_ref)
        }

    def _facts(self, group, notices):
        """Return what the receipt of one group of consents is made from."""
        first = group[0]
        lang = privacy_notice.language(first.text_language or first.partner_id.lang)
        notice = notices.get((first.version_id.id, first.notice_hash))
        base = self.env["veloc.contact.gate"]._public_url()
        return consent_receipt.Facts(
            receipt_id=first.receipt_ref,
            given_at=first.recorded_at,
            method=first.source,
            language=lang,
            principal=self._principal(first.partner_id),
            controller=self._controller(notice),
            policy_url=f"{base}/veloc/notice",
            words=[
                self._word(words, notices, lang)
                for _key, words in groupby(group, lambda c: (c.version_id, c.granted))
            ],
        )

    def _word(self, consents, notices, lang):
        consent = consents[0]
        version = consent.version_id.with_context(lang=lang)
        notice = notices.get((version.id, consent.notice_hash))
        return consent_receipt.Word(
            purpose=version.purpose_id.name,
            code=version.purpose_id.code,
            version=version.number,
            kind=version.purpose_id.kind,
            legal_basis=version.legal_basis,
            granted=consent.granted,
            channels=tuple(consent.channel for consent in consents),
            events=tuple(consent.id for consent in consents),
            text=consent.shown_text or "",
            notice=notice.body if notice else "",
            duration=version.notice_duration or "",
            sharing=version.notice_sharing or "",
            is_sensitive=version.is_sensitive,
        )

    def _controller(self, notice):
        """Return the controller as named then; without a notice, as named today."""
        if notice and notice.controller:
            return privacy_notice.Controller(**json.loads(notice.controller))
        return self.env.company._veloc_controller()

    def _principal(self, partner):
        # sudo: the database's own id, for a name that leaves it out.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        home = parameters_sudo.get_param("database.uuid")
        return uuid.uuid5(_NAMESPACE, f"{home}:{partner.id}").urn

    # === FILES === #

    @api.model
    def _find(self, ref, partner=None):
        """Return the consents of a receipt, of this person only if one is given."""
        domain = [("receipt_ref", "=", ref)]
        if partner is not None:
            domain.append(("partner_id", "=", partner.id))
        return self.env["veloc.consent"].search(domain)

    @api.model
    def _file(self, consents, kind, lang=None):
        """Return ``(file name, mime type, bytes)`` of one receipt."""
        (receipt,) = self._make(consents).values()
        stem = f"veloc-{receipt['consentReceiptID']}"
        if kind == "json":
            content = json.dumps(receipt, ensure_ascii=False, indent=2).encode()
            return f"{stem}.json", "application/json", content
        words = consent_receipt_pdf.words(privacy_notice.language(lang))
        url = f"{self.env['veloc.contact.gate']._public_url()}/veloc/receipt"
        content = consent_receipt_pdf.render(receipt, words, url)
        return f"{stem}.pdf", "application/pdf", content

    @api.model
    def _listed(self, partner):
        """Return the newest receipts of a person, for their page."""
        domain = [("partner_id", "=", partner.id), ("receipt_ref", "!=", False)]
        rows = self.env["veloc.consent"]._read_group(
            domain,
            ["receipt_ref"],
            ["recorded_at:max", "granted:bool_or", "purpose_id:recordset"],
            order="recorded_at:max desc",
            limit=SHOWN,
        )
        names = ("ref", "at", "has_yes", "purposes")
        return [dict(zip(names, row, strict=True)) for row in rows]

    # === CHECK === #

    @api.model
    def _check(self, content):
        """Return ``(receipt or None, finding)`` for a file somebody shows us."""
        receipt = consent_receipt.read(content)
        if receipt is None:
            return None, consent_receipt.Finding("not_a_receipt")
        pems = self.env["veloc.receipt.key"]._pems()
        return receipt, consent_receipt.check(receipt, pems)
