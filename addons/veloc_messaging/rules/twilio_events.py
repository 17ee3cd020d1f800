"""What a request from Twilio says, and how to tell it from its copies."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qsl

from .provider_event import INBOUND, OTHER, STATUS, Event

_RECEIVED = {"received", "receiving"}
_OPT_OUT = {"STOP": "stop", "START": "start", "HELP": "help"}
# A quick-reply button of our own template says it in its payload.
_TEXTS = ("ButtonPayload", "Body", "ButtonText")
_CHANNEL_DETAIL = "ChannelStatusMessage"
# What identifies a person who has no number: Twilio writes it both ways.
_IDS = ("ExternalUserId", "ExternalUserIdentifier", "WaId")
_MAX_MEDIA = 10
_PHONE = re.compile(r"\+?\d{4,15}")


def parse(payload: str) -> Event:
    """Return the event in a form post; something unknown is of kind "other".

    The key is equal for copies of one event and differs between events.
    """
    form = {}
    # Of a repeated name the first value counts.
    for name, value in parse_qsl(payload, keep_blank_values=True):
        form.setdefault(name, value)
    ref = form.get("MessageSid") or form.get("SmsSid") or ""
    status = (form.get("MessageStatus") or form.get("SmsStatus") or "").lower()
    common = {
        "payload": payload,
        "provider_ref": ref,
        "account_ref": form.get("AccountSid", ""),
        "channel": "whatsapp" if _is_whatsapp(form) else "sms",
    }
    if ref and (status in _RECEIVED or (not status and form.get("From"))):
        return Event(INBOUND, f"in|{ref}", **_incoming(form), **common)
    if ref and status:
        code = form.get("ErrorCode", "")
        return Event(
            STATUS,
            f"st|{ref}|{status}|{code}"[:120],
            status=status,
            error_code=int(code) if re.fullmatch(r"\d{1,9}", code) else None,
            error_detail=form.get("ErrorMessage") or form.get(_CHANNEL_DETAIL, ""),
            **common,
        )
    return Event(OTHER, f"ot|{hashlib.sha256(payload.encode()).hexdigest()}", **common)


def _incoming(form):
    address = form.get("From", "").rpartition(":")[2].strip()
    phone = address if _PHONE.fullmatch(address) else ""
    known_as = next((form[name] for name in _IDS if form.get(name)), "")
    return {
        "sender": phone if phone[:1] in ("", "+") else f"+{phone}",
        "sender_id": known_as or ("" if phone else address),
        "sender_name": form.get("ProfileName", ""),
        "texts": tuple(form[name] for name in _TEXTS if form.get(name)),
        "body": form.get("Body", "").replace("\x00", ""),
        "media": tuple(_media(form)),
        "reply_to": form.get("OriginalRepliedMessageSid", ""),
        "opt_out": _OPT_OUT.get(form.get("OptOutType", "").upper()),
    }


def _media(form):
    """Yield (address, type) of what came with the message."""
    for number in range(_MAX_MEDIA):
        if address := form.get(f"MediaUrl{number}"):
            yield address, form.get(f"MediaContentType{number}", "")


def _is_whatsapp(form):
    return any(form.get(name, "").startswith("whatsapp:") for name in ("From", "To"))
