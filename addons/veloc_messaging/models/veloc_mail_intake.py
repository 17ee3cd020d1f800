import hashlib
import logging
from email.utils import parseaddr

from odoo import api, models

from ..providers import plain_text, smtp_reports
from ..rules import bounce_address, dsn, mail_text, outbox_item

_logger = logging.getLogger(__name__)

# Where servers write down whom the envelope was for.
_RECIPIENTS = (
    "Delivered-To",
    "X-Delivered-To",
    "X-Original-To",
    "X-Forwarded-To",
    "Envelope-To",
    "X-Envelope-To",
    "To",
    "Cc",
    "Resent-To",
    "X-Failed-Recipients",
)
MAX_TEXT = 10000


class VelocMailIntake(models.AbstractModel):
    """Reads the mails that come in: which are about our messages, and what they say.

    Private throughout: it runs elevated, on what strangers send.
    """

    _name = "veloc.mail.intake"
    _description = "Mail that came back"

    @api.model
    def _secret(self):
        return self.env["res.partner"]._veloc_secret()

    @api.model
    def _take(self, message):
        """Store what a mail says about a message of ours; return whether it does."""
        addresses = [str(v) for name in _RECIPIENTS for v in message.get_all(name, [])]
        token = bounce_address.read(self._secret(), addresses)
        report = dsn.read(message)
        letter = self._find_letter(token, report, message)
        if not letter:
            # A signed address of a message that is gone concerns nobody else.
            return token is not None
        event = self._prepare_event(message, letter, token, report)
        if event:
            self.env["veloc.provider.event"]._store(
                letter.account_id, [event], letter.reference
            )
            _logger.info("Mail about message %s: %s", letter.id, event.kind)
        return True

    def _find_letter(self, token, report, message):
        """Return the e-mail of ours that a mail is about, empty when it is none.

        The signed address wins over what the mail quotes.
        """
        ids = f"{message.get('In-Reply-To', '')} {message.get('References', '')}"
        if token:
            wanted = [token.reference]
        elif report and report.references:
            wanted = list(report.references)
        else:
            wanted = bounce_address.references(ids)[-32:]
        letters = self.env["veloc.message"]
        if not wanted:
            return letters
        return letters.search(
            [("reference", "in", wanted), ("channel", "=", "email")],
            order="id desc",
            limit=1,
        )

    def _prepare_event(self, message, letter, token, report):
        """Return what to store, None for what says nothing (out of office)."""
        scope = token.scope if token else None
        if report and report.kind == dsn.AUTO:
            return None
        shared = {
            "key": self._key(message, letter, report.kind if report else "reply"),
            "ref": letter.provider_ref or "",
        }
        if report:
            # Whoever complains is the one we wrote to, whatever the report says.
            sender = letter.address if report.kind == dsn.COMPLAINT else ""
            return smtp_reports.event(
                what=report.kind,
                status=report.status,
                detail=outbox_item.storable(report.detail),
                sender=sender,
                **shared,
            )
        if scope == bounce_address.LEAVE:
            return smtp_reports.event(
                what=smtp_reports.LEAVE, sender=letter.address, **shared
            )
        if scope == bounce_address.BOUNCE:
            # To the bounce address, and nothing we know: kept for a person to see.
            return smtp_reports.event(
                what=dsn.OTHER, text=self._text(message)[:2000], **shared
            )
        return smtp_reports.event(
            what=smtp_reports.REPLY,
            # The address we wrote to: From can be anybody's.
            sender=letter.address,
            name=outbox_item.storable(parseaddr(str(message.get("From", "")))[0])[:80],
            text=mail_text.own_words(self._text(message)),
            about=letter.provider_ref or "",
            **shared,
        )

    def _key(self, message, letter, kind):
        """Return what is equal for copies of one mail, as gateways deliver twice."""
        name = str(message.get("Message-ID", "")).strip() or message.as_string()
        mark = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:32]
        return f"{kind}:{letter.reference}:{mark}"

    def _text(self, message):
        """Return the text of a mail, the HTML part's when there is no other."""
        part = message.get_body(("plain", "html"))
        if part is None:
            return ""
        try:
            text = part.get_content()
        except (LookupError, UnicodeError, ValueError):
            text = (part.get_payload(decode=True) or b"").decode("utf-8", "replace")
        if part.get_content_subtype() == "html":
            text = plain_text.from_html(text)
        return outbox_item.storable(str(text))[: MAX_TEXT * 4]
