"""The SMTP sink: takes every e-mail, keeps it, fails where it is asked to."""

import email
import email.policy
from uuid import uuid4

from aiosmtpd.smtp import SMTP

from .store import now_text

MAX_BYTES = 10 * 1024 * 1024
# These local parts fail without any fault being set, like Twilio's magic numbers.
MAGIC = {"smtp-451": "smtp_451", "smtp-550": "smtp_550", "smtp-drop": "smtp_drop"}
ANSWERS = {
    "smtp_451": "451 4.7.1 Greylisted, please try again later",
    "smtp_550": "550 5.1.1 Mailbox does not exist",
}


class Sink:
    """The aiosmtpd handler: one e-mail kept per DATA."""

    def __init__(self, store, faults):
        self.store = store
        self.faults = faults

    def _fault(self, address, *kinds):
        magic = MAGIC.get(address.partition("@")[0])
        if magic in kinds:
            return magic
        fault = self.faults.take(set(kinds), to=address)
        return fault.kind if fault else None

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 aiosmtpd names it
        """Take a recipient, unless it is one that fails here."""
        if kind := self._fault(address, "smtp_451", "smtp_550"):
            return ANSWERS[kind]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 aiosmtpd names it
        """Keep the e-mail, then answer or drop the line."""
        self.store.keep_email(parse(envelope))
        drops = [self._fault(to, "smtp_drop") for to in envelope.rcpt_tos]
        if any(drops):
            server.transport.abort()
        return "250 OK: queued in the sandbox"


def parse(envelope):
    """Return an e-mail as a JSON-safe dict: headers, text and HTML."""
    parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
    return {
        "id": uuid4().hex,
        "at": now_text(),
        "mail_from": envelope.mail_from,
        "rcpt_tos": list(envelope.rcpt_tos),
        "subject": str(parsed["Subject"] or ""),
        "from": str(parsed["From"] or ""),
        "to": str(parsed["To"] or ""),
        "headers": [[name, str(value)] for name, value in parsed.items()],
        "text": _part(parsed, "plain"),
        "html": _part(parsed, "html"),
    }


def _part(parsed, kind):
    part = parsed.get_body(preferencelist=(kind,))
    return part.get_content() if part is not None else ""


def protocol(store, faults):
    """Return a factory of SMTP connections for the running loop."""
    sink = Sink(store, faults)
    return lambda: SMTP(
        sink, hostname="sandbox", enable_SMTPUTF8=True, data_size_limit=MAX_BYTES
    )
