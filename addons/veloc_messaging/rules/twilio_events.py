"""What a request from Twilio says, and how to tell it from its copies."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

STATUS, INBOUND, OTHER = "status", "inbound", "other"

_RECEIVED = {"received", "receiving"}
_OPT_OUT = {"STOP": "stop", "START": "start", "HELP": "help"}
# A quick-reply button of our own template says it in its payload.
_TEXTS = ("ButtonPayload", "Body", "ButtonText")


@dataclass(frozen=True, slots=True)
class Event:
    kind: str
    key: str
    provider_ref: str = ""
    status: str = ""
    error_code: int | None = None
    channel: str = "sms"
    sender: str = ""
    texts: tuple[str, ...] = ()
    # What Twilio itself did about it (Advanced Opt-Out); wins over the words.
    opt_out: str | None = None
    account_sid: str = ""


def parse(pairs: Iterable[tuple[str, str]], raw: str = "") -> Event:
    """Return the event in a form post; something unknown is of kind "other".

    The key is equal for copies of one event and differs between events.
    """
    form = {}
    for name, value in pairs:
        form.setdefault(name, value)
    ref = form.get("MessageSid") or form.get("SmsSid") or ""
    status = (form.get("MessageStatus") or form.get("SmsStatus") or "").lower()
    common = {
        "provider_ref": ref,
        "account_sid": form.get("AccountSid", ""),
        "channel": "whatsapp" if _is_whatsapp(form) else "sms",
    }
    if ref and (status in _RECEIVED or (not status and form.get("From"))):
        return Event(
            INBOUND,
            f"in|{ref}",
            sender=form.get("From", ""),
            texts=tuple(form[name] for name in _TEXTS if form.get(name)),
            opt_out=_OPT_OUT.get(form.get("OptOutType", "").upper()),
            **common,
        )
    if ref and status:
        code = form.get("ErrorCode", "")
        return Event(
            STATUS,
            f"st|{ref}|{status}|{code}"[:120],
            status=status,
            error_code=int(code) if re.fullmatch(r"\d{1,9}", code) else None,
            **common,
        )
    digest = hashlib.sha256((raw or repr(sorted(form.items()))).encode()).hexdigest()
    return Event(OTHER, f"ot|{digest}", **common)


def _is_whatsapp(form):
    return any(form.get(name, "").startswith("whatsapp:") for name in ("From", "To"))
