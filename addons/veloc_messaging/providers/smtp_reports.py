"""What came back by e-mail, as the events that every provider's reports become.

Nobody calls us about e-mail: reports come in as mails, are read where they arrive and
stored as the small JSON that is understood here.
"""

from __future__ import annotations

import json

from ..rules import dsn, provider_event, smtp_status
from ..rules.provider_event import Event
from ..rules.webhook import Webhook
from . import errors

# Not a header of the letter but the envelope's sender, as in Odoo's own e-mails.
RETURN_PATH = "Return-Path"

REPLY, LEAVE = "reply", "leave"
_STATES = {dsn.BOUNCE: "undelivered", dsn.DELAY: "delayed", dsn.ARRIVED: "delivered"}
_WISHES = {dsn.COMPLAINT, LEAVE}
_FIELDS = {"what", "key", "ref", "status", "detail", "sender", "name", "text", "about"}


class SmtpReports(Webhook):
    """Reads what the mail gateway stored; the public door takes nothing for e-mail."""

    def is_valid(self, secrets, call):
        """Refuse: reports about e-mail come by e-mail."""
        return False

    def parse(self, payload: str) -> list[Event]:
        """Return the one event of a stored piece; never raises."""
        try:
            piece = json.loads(payload)
            what = piece["what"]
        except (ValueError, TypeError, KeyError):
            return [Event(provider_event.OTHER, "", payload, channel="email")]
        return [_event(what, piece, payload)]


def event(**piece: str) -> Event:
    """Return the event of a report; ``payload`` is what to store.

    ``what`` is a kind of ``dsn``, "reply" or "leave"; ``ref`` the message id of ours.
    """
    if unknown := piece.keys() - _FIELDS:
        raise ValueError(f"no such fields: {sorted(unknown)}")
    payload = json.dumps({k: v for k, v in piece.items() if v}, ensure_ascii=False)
    return _event(piece["what"], piece, payload)


def _code(status):
    """Return the code of a status that the table knows, its class' if need be."""
    code = smtp_status.code_of(status)
    return code if errors.knows("smtp", code) else smtp_status.generic(status)


def _event(what, piece, payload):
    shared = {
        "key": piece.get("key", ""),
        "payload": payload,
        "provider_ref": piece.get("ref", ""),
        "channel": "email",
    }
    status = piece.get("status", "")
    if what in _STATES:
        return Event(
            provider_event.STATUS,
            status=_STATES[what],
            error_code=_code(status) if what == dsn.BOUNCE else None,
            error_detail=" ".join(filter(None, (status, piece.get("detail")))),
            **shared,
        )
    if what in _WISHES:
        sender = piece.get("sender", "")
        return Event(
            provider_event.PREFERENCE,
            status=what,
            sender=sender,
            opt_out="stop",
            **shared,
        )
    if what == REPLY:
        text = piece.get("text", "")
        return Event(
            provider_event.INBOUND,
            sender=piece.get("sender", ""),
            sender_name=piece.get("name", ""),
            # The subject says "Re: …" whatever the person wants; it is no word.
            texts=(text, text.split("\n", 1)[0]),
            body=text,
            reply_to=piece.get("about", ""),
            **shared,
        )
    return Event(provider_event.OTHER, **shared)
