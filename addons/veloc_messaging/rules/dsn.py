"""What a mail that came back says: a bounce, a delay, a complaint, an absence.

Understood are delivery reports (RFC 3464), feedback reports (RFC 5965) and the plain
texts of servers that write neither. What is none of them is a letter from a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from . import smtp_status
from .bounce_address import references

BOUNCE, DELAY, ARRIVED = "bounce", "delay", "arrived"
COMPLAINT, AUTO, OTHER = "complaint", "auto", "other"

_ACTIONS = {"failed": BOUNCE, "delayed": DELAY}
# Of several recipients the worst one counts.
_GRAVITY = (BOUNCE, DELAY, ARRIVED)
_COMPLAINTS = {"abuse", "fraud", "virus", "opt-out", "other"}
_DAEMON = re.compile(
    r"mailer-daemon|mail delivery|postmaster|mdaemon|mail administrator|"
    r"exchange\w{10,}@|bounces?@",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"undeliver|delivery (status|failure|failed|has failed)|returned mail|"
    r"failure notice|mail delivery failed|could not be delivered|"
    r"n[aã]o (p[oô]de ser|foi) entregue|falha na entrega|devolvid",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"delayed|warning: (message|could not)|still (trying|being)|atrasad", re.IGNORECASE
)
_AWAY = re.compile(
    r"^\W*(out of (the )?office|automatic reply|auto(matic)?[- ]?(reply|response)|"
    r"autoreply|resposta autom[aá]tica|aus[eê]ncia|fora do escrit[oó]rio|"
    r"em f[eé]rias|on (vacation|holiday)|abwesen)",
    re.IGNORECASE,
)
_AWAY_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder")


@dataclass(frozen=True, slots=True)
class Report:
    """One report. ``references`` are messages of ours that it quotes."""

    kind: str
    status: str = ""
    detail: str = ""
    references: tuple[str, ...] = ()


def read(message: Message) -> Report | None:
    """Return the report a mail is, None when a person wrote it."""
    return (
        _feedback(message)
        or _delivery(message)
        or _daemon(message)
        or (Report(AUTO) if _is_automatic(message) else None)
    )


# === RFC 5965 === #


def _feedback(message: Message) -> Report | None:
    part = next(_parts(message, "message/feedback-report"), None)
    if part is None:
        return None
    fields = _inner(part)
    kind = str(fields.get("Feedback-Type", "")).strip().lower()
    return Report(
        COMPLAINT if kind in _COMPLAINTS else OTHER,
        detail=kind[:40],
        references=_quoted(message),
    )


# === RFC 3464 === #


def _delivery(message: Message) -> Report | None:
    part = next(_parts(message, "message/delivery-status"), None)
    if part is None:
        return None
    blocks = part.get_payload() if part.is_multipart() else [_inner(part)]
    found = [_recipient(block) for block in blocks if block.get("Action")]
    if not found:
        return Report(OTHER, references=_quoted(message))
    kind, status, detail = min(found, key=lambda row: _GRAVITY.index(row[0]))
    return Report(kind, status, detail, _quoted(message))


def _recipient(block: Message) -> tuple[str, str, str]:
    action = str(block["Action"]).split()[0].strip(";").lower()
    said = " ".join(str(block.get("Diagnostic-Code", "")).split())
    said = re.sub(r"^(smtp|x-\w+(-\w+)*)\s*;\s*", "", said, flags=re.IGNORECASE)
    status = smtp_status.status_of(said, str(block.get("Status", "")))
    kind = _ACTIONS.get(action, ARRIVED)
    return kind, status, smtp_status.without_addresses(said)


# === PLAIN TEXT === #


def _daemon(message: Message) -> Report | None:
    """Exim, qmail and old gateways write prose."""
    failed_header = message.get("X-Failed-Recipients")
    subject = str(message.get("Subject", ""))
    is_daemon = failed_header or (
        _comes_from_daemon(message)
        and (_FAILED.search(subject) or _DELAYED.search(subject))
    )
    if not is_daemon:
        return None
    text = " ".join(_text(message).split())
    said = _said(text)
    status = smtp_status.status_of(said)
    # "Warning: message delayed 24 hours": it is still being tried.
    kind = DELAY if _DELAYED.search(subject) and not failed_header else BOUNCE
    if kind == BOUNCE and status[:1] == "4" and not _FAILED.search(subject):
        kind = DELAY
    detail = smtp_status.without_addresses(said)
    return Report(kind, status, detail, _quoted(message))


def _said(text: str) -> str:
    """Return what the other server said, from the prose around it."""
    match = re.search(r"(?<![\d.])[45]\d\d[ -].{0,300}", text)
    match = match or re.search(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}.{0,300}", text)
    return match[0] if match else text[:600]


def _comes_from_daemon(message: Message) -> bool:
    is_null = str(message.get("Return-Path", "")).strip() == "<>"
    return is_null or bool(_DAEMON.search(str(message.get("From", ""))))


# === AUTOMATIC ANSWERS === #


def _is_automatic(message: Message) -> bool:
    """Return whether a machine answered (RFC 3834): out of office and the like."""
    submitted = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    if submitted != "no" or any(message.get(name) for name in _AWAY_HEADERS):
        return True
    if str(message.get("Precedence", "")).strip().lower() in {"auto_reply", "bulk"}:
        return True
    is_null = str(message.get("Return-Path", "")).strip() == "<>"
    return is_null or bool(_AWAY.search(str(message.get("Subject", ""))))


# === PARTS === #


def _parts(message: Message, content_type: str) -> Iterator[Message]:
    return (part for part in message.walk() if part.get_content_type() == content_type)


def _inner(part: Message) -> Message:
    """Return the fields in a part; parsers disagree on how deep they stand."""
    payload = part.get_payload()
    return payload[0] if isinstance(payload, list) and payload else part


def _quoted(message: Message) -> tuple[str, ...]:
    """Return our messages that the report sends back, whole or headers only."""
    texts = [
        str(part.get(name, ""))
        for part in message.walk()
        if part is not message
        for name in ("Message-ID", "Original-Message-ID", "References")
    ]
    texts += [_payload(part) for part in _parts(message, "text/rfc822-headers")]
    texts += [str(message.get("In-Reply-To", "")), str(message.get("References", ""))]
    if not any(map(references, texts)):
        texts = [_text(message)]
    found = [ref for text in texts for ref in references(text)]
    return tuple(dict.fromkeys(found))


def _text(message: Message) -> str:
    return "\n".join(map(_payload, _parts(message, "text/plain")))[:20000]


def _payload(part: Message) -> str:
    raw = part.get_payload(decode=True) or b""
    try:
        return raw.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")
