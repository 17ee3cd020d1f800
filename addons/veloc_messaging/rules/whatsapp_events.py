"""What Meta tells us about WhatsApp, taken apart into single events.

One call brings up to a thousand updates of several numbers, in three megabytes. Each
piece is wrapped again as Meta wraps one update, so that it can be stored, shown and
parsed alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from . import whatsapp_message, whatsapp_template
from .outbox_item import is_storable, storable
from .provider_event import Event
from .whatsapp_message import dictionary, items, text

MESSAGES, PREFERENCES = "messages", "user_preferences"
TEMPLATE = "message_template_status_update"
TROUBLE = "error"  # of the number itself, about no message in particular
# A person who got a new number or a new id; the old one is the sender.
MOVES = frozenset({"user_changed_number", "user_changed_user_id"})

_PHONE = re.compile(r"\+?[1-9]\d{6,14}")
_LISTS = {MESSAGES: ("statuses", "messages", "errors"), PREFERENCES: (PREFERENCES,)}
_PREFERENCES = {"stop": "stop", "resume": "start"}
# Escapes of NUL and of surrogates; most of the latter are sound pairs (emoji).
_ODD = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_MAX_KEY = 200
_DETAIL = 200


@dataclass(frozen=True, slots=True)
class _Piece:
    """One update with what stood around it."""

    field: str
    entry: dict[str, Any]
    value: dict[str, Any]
    part: str = ""
    item: dict[str, Any] | None = None
    object: str = ""

    def __str__(self) -> str:
        value = self.value
        if self.item is not None:
            value = {name: value[name] for name in _AROUND if name in value}
            if contact := self.contact():
                value["contacts"] = [contact]
            value[self.part] = [self.item]
        entry = {
            "id": self.entry.get("id"),
            "changes": [{"value": value, "field": self.field}],
        }
        if "time" in self.entry:
            entry["time"] = self.entry["time"]
        return dumped({"object": self.object, "entry": [entry]})

    def contact(self) -> dict[str, Any]:
        """Return the contact that the update is about, {} when it is not named."""
        contacts, item = items(self.value.get("contacts")), self.item or {}
        ids = {text(item.get(name)) for name in _PERSON_IDS} - {""}
        for contact in contacts:
            if {text(contact.get("wa_id")), text(contact.get("user_id"))} & ids:
                return contact
        alone = len(contacts) == 1 and self.part != "statuses"
        return contacts[0] if alone and not ids else {}


_AROUND = ("messaging_product", "metadata")
_PERSON_IDS = (
    *("from", "from_user_id", "recipient_id", "recipient_user_id"),
    *("wa_id", "user_id"),
)


def parse(payload: str) -> list[Event]:
    """Return the events of a call, or the one event of a stored piece.

    Nothing is lost: what is not understood comes back as an event of kind "other".
    """
    try:
        tree = json.loads(payload)
    except (ValueError, RecursionError):
        return [_other(payload)]
    if _ODD.search(payload):
        tree = _cleaned(tree)
    pieces = list(_pieces(dictionary(tree)))
    if len(pieces) == 1:
        return [_read(pieces[0], payload)]
    return [_read(piece, str(piece)) for piece in pieces] or _nothing(tree, payload)


def dumped(tree: Any) -> str:
    """Return JSON that the database takes: escaped where it would not."""
    shown = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
    if is_storable(shown):
        return shown
    return json.dumps(tree, separators=(",", ":"))


def _cleaned(tree: Any) -> Any:
    """Return the tree without what the database does not take."""
    if isinstance(tree, dict):
        return {storable(name): _cleaned(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [_cleaned(value) for value in tree]
    return storable(tree) if isinstance(tree, str) else tree


def _nothing(tree, payload):
    """A call without updates is Meta's own test: nothing to store."""
    if isinstance(tree, dict) and tree.get("entry") == []:
        return []
    return [_other(payload)]


def _pieces(tree: dict[str, Any]) -> Iterator[_Piece]:
    of = text(tree.get("object"))
    for entry in items(tree.get("entry")):
        for change in items(entry.get("changes")):
            field, value = text(change.get("field")), dictionary(change.get("value"))
            around = {"entry": entry, "value": value, "object": of}
            lists = [name for name in _LISTS.get(field, ()) if items(value.get(name))]
            for part in lists:
                for item in items(value[part]):
                    yield _Piece(field, part=part, item=item, **around)
            if not lists:
                yield _Piece(field, **around)


# === ONE PIECE === #


def _read(piece: _Piece, payload: str) -> Event:
    reader = _READERS.get(piece.part or (piece.field, "whole"))
    values = reader(piece) if reader else None
    if values is None:
        # The piece, not the payload: the same key alone and inside a batch.
        digest = hashlib.sha256(str(piece).encode("utf-8", "replace")).hexdigest()
        values = _someone(piece) | {"kind": "other", "key": f"ot|{digest}"}
        kind = text((piece.item or {}).get("type"))
        values["status"] = kind or piece.part or piece.field
    return Event(payload=payload, **values)


def _common(piece: _Piece) -> dict[str, Any]:
    metadata = dictionary(piece.value.get("metadata"))
    when = (piece.item or {}).get("timestamp") or piece.entry.get("time")
    return {
        "channel": "whatsapp",
        "account_ref": text(metadata.get("phone_number_id")),
        "at": _moment(when),
    }


def _someone(piece: _Piece) -> dict[str, Any]:
    """Return what is common, and who the update is from."""
    item, contact = piece.item or {}, piece.contact()
    number = text(item.get("from")) or text(item.get("wa_id"))
    number = number or text(contact.get("wa_id"))
    user_id = text(item.get("from_user_id")) or text(item.get("user_id"))
    user_id = user_id or text(contact.get("user_id"))
    return _common(piece) | {
        "sender": _phone(number),
        "sender_id": user_id or number,
        "sender_name": text(dictionary(contact.get("profile")).get("name")),
    }


def _status(piece: _Piece) -> dict[str, Any] | None:
    item = piece.item
    ref, status = text(item.get("id")), text(item.get("status")).lower()
    if not ref or not status:
        return None
    code, detail = _error(item)
    pricing = dictionary(item.get("pricing"))
    billable = pricing.get("billable")
    return _common(piece) | {
        "kind": "status",
        "key": _key("st", ref, status, text(code)),
        "provider_ref": ref,
        "status": status,
        "reference": text(item.get("biz_opaque_callback_data")),
        "error_code": code,
        "error_detail": detail,
        "price_category": text(pricing.get("category")),
        "is_billable": billable if isinstance(billable, bool) else None,
    }


def _message(piece: _Piece) -> dict[str, Any] | None:
    item = piece.item
    ref, kind = text(item.get("id")), text(item.get("type"))
    if ref and kind == "system":
        return _system(piece, ref)
    said = whatsapp_message.read(item)
    if not ref or said is None:
        return None
    code, detail = _error(item)
    return _someone(piece) | {
        "kind": "inbound",
        "key": _key("in", ref),
        "provider_ref": ref,
        "status": "received",
        "texts": said.texts,
        "body": said.body,
        "media": said.media,
        "reply_to": said.reply_to,
        "error_code": code,
        "error_detail": detail,
    }


def _system(piece: _Piece, ref: str) -> dict[str, Any]:
    """Somebody has another number or id now; ``texts`` hold the new ones."""
    system = dictionary(piece.item.get("system"))
    new = (text(system.get(name)) for name in ("wa_id", "new_wa_id", "user_id"))
    return _someone(piece) | {
        "kind": "other",
        "key": _key("in", ref),
        "provider_ref": ref,
        "status": text(system.get("type")).replace("customer_", "user_"),
        "texts": tuple(dict.fromkeys(filter(None, new))),
        "body": text(system.get("body")),
    }


def _preference(piece: _Piece) -> dict[str, Any] | None:
    """A person switched marketing off or on in WhatsApp itself."""
    item, someone = piece.item, _someone(piece)
    if not someone["sender_id"]:
        return None
    category, value = text(item.get("category")), text(item.get("value")).lower()
    when = text(item.get("timestamp"))
    return someone | {
        "kind": "preference",
        "key": _key("pf", someone["sender_id"], category, value, when),
        "status": value,
        "body": category,
        "texts": tuple(filter(None, [text(item.get("detail"))])),
        "opt_out": _PREFERENCES.get(value),
    }


def _template(piece: _Piece) -> dict[str, Any]:
    value = piece.value
    ref, status = text(value.get("message_template_id")), text(value.get("event"))
    reason = text(value.get("reason"))
    info = dictionary(value.get("rejection_info")) or dictionary(
        value.get("other_info")
    )
    detail = text(info.get("reason")) or text(info.get("description"))
    detail = detail or ("" if reason == "NONE" else reason)
    return _common(piece) | {
        "kind": "template",
        "key": _key("tp", ref, status, text(piece.entry.get("time"))),
        "provider_ref": ref,
        "status": whatsapp_template.state_of(status),
        "error_detail": detail[:_DETAIL],
        "body": text(value.get("message_template_name")),
        "texts": (text(value.get("message_template_language")),),
    }


def _trouble(piece: _Piece) -> dict[str, Any]:
    """An error of the number itself, about no message in particular."""
    code, detail = _error({"errors": [piece.item]})
    digest = hashlib.sha256(str(piece).encode("utf-8", "replace")).hexdigest()
    return _common(piece) | {
        "kind": "other",
        "key": f"ot|{digest}",
        "status": TROUBLE,
        "error_code": code,
        "error_detail": detail,
    }


_READERS = {
    "statuses": _status,
    "messages": _message,
    "errors": _trouble,
    PREFERENCES: _preference,
    (TEMPLATE, "whole"): _template,
}


# === PARTS === #


def _other(payload: str) -> Event:
    digest = hashlib.sha256(payload.encode("utf-8", "replace")).hexdigest()
    return Event("other", f"ot|{digest}", payload, channel="whatsapp")


def _error(item: dict[str, Any]) -> tuple[int | None, str]:
    errors = items(item.get("errors"))
    if not errors:
        return None, ""
    error = errors[0]
    code = error.get("code")
    detail = text(dictionary(error.get("error_data")).get("details"))
    detail = detail or text(error.get("message")) or text(error.get("title"))
    is_code = type(code) is int and 0 <= code < 2**31
    return code if is_code else None, detail[:_DETAIL]


def _key(kind: str, *parts: str) -> str:
    """Return a key that is equal for copies; an overlong one is hashed."""
    key = "|".join((kind, *parts))
    if len(key) <= _MAX_KEY:
        return key
    return f"{kind}|{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()}"


def _phone(number: str) -> str:
    """Return the number in E.164, "" for an id that is no number."""
    if not _PHONE.fullmatch(number):
        return ""
    return f"+{number.lstrip('+')}"


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromtimestamp(int(text(value)), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.replace(tzinfo=None)
