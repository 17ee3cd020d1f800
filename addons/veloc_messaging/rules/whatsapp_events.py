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
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from . import whatsapp_message, whatsapp_template
from .outbox_item import is_storable, storable
from .provider_event import Event
from .whatsapp_message import dictionary, items, text

MESSAGES, PREFERENCES = "messages", "user_preferences"
TEMPLATE = "message_template_status_update"
# A person who got a new number or a new id; the old one is the sender.
MOVES = frozenset({"user_changed_number", "user_changed_user_id"})

_PHONE = re.compile(r"\+?[1-9]\d{6,14}")
_LISTS = {MESSAGES: ("statuses", "messages", "errors"), PREFERENCES: (PREFERENCES,)}
_PREFERENCES = {"stop": "stop", "resume": "start"}
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
    pieces = list(_pieces(dictionary(tree)))
    if len(pieces) == 1:
        return [replace(_read(pieces[0]), payload=payload)]
    return [replace(_read(piece), payload=str(piece)) for piece in pieces] or _nothing(
        tree, payload
    )


def dumped(tree: Any) -> str:
    """Return JSON that the database takes: escaped where it would not."""
    shown = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
    if is_storable(shown):
        return shown
    return json.dumps(tree, separators=(",", ":"))


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


def _read(piece: _Piece) -> Event:
    if piece.field == TEMPLATE:
        return _template(piece)
    reader = _READERS.get(piece.part)
    event = reader(piece) if reader else None
    if event is None:
        return _other(str(piece), status=piece.part or piece.field, **_common(piece))
    return event


def _common(piece: _Piece) -> dict[str, Any]:
    item, contact = piece.item or {}, piece.contact()
    number = text(item.get("from")) or text(item.get("wa_id"))
    number = number or text(contact.get("wa_id"))
    user_id = text(item.get("from_user_id")) or text(item.get("user_id"))
    user_id = user_id or text(contact.get("user_id"))
    metadata = dictionary(piece.value.get("metadata"))
    return {
        "channel": "whatsapp",
        "account_ref": text(metadata.get("phone_number_id")),
        "sender": _phone(number),
        "sender_id": user_id or number,
        "sender_name": storable(text(dictionary(contact.get("profile")).get("name"))),
        "at": _moment(item.get("timestamp") or piece.entry.get("time")),
    }


def _status(piece: _Piece) -> Event | None:
    item = piece.item
    ref, status = text(item.get("id")), text(item.get("status")).lower()
    if not ref or not status:
        return None
    code, detail = _error(item)
    pricing = dictionary(item.get("pricing"))
    billable = pricing.get("billable")
    common = _common(piece)
    common.update(sender="", sender_id="", sender_name="")
    return Event(
        kind="status",
        key=_key("st", ref, status, text(code)),
        provider_ref=ref,
        status=status,
        reference=text(item.get("biz_opaque_callback_data")),
        error_code=code,
        error_detail=detail,
        price_category=text(pricing.get("category")),
        is_billable=billable if isinstance(billable, bool) else None,
        **common,
    )


def _message(piece: _Piece) -> Event | None:
    item = piece.item
    ref, kind = text(item.get("id")), text(item.get("type"))
    if ref and kind == "system":
        return _system(piece, ref)
    said = whatsapp_message.read(item)
    if not ref or said is None:
        return None
    code, detail = _error(item)
    return Event(
        kind="inbound",
        key=_key("in", ref),
        provider_ref=ref,
        status="received",
        texts=tuple(map(storable, said.texts)),
        body=storable(said.body),
        media=said.media,
        reply_to=said.reply_to,
        error_code=code,
        error_detail=detail,
        **_common(piece),
    )


def _system(piece: _Piece, ref: str) -> Event:
    """Somebody has another number or id now; ``texts`` hold the new ones."""
    system = dictionary(piece.item.get("system"))
    new = (text(system.get(name)) for name in ("wa_id", "new_wa_id", "user_id"))
    kind = text(system.get("type")).replace("customer_", "user_")
    common = _common(piece)
    return Event(
        kind="other",
        key=_key("in", ref),
        provider_ref=ref,
        status=kind,
        texts=tuple(dict.fromkeys(filter(None, new))),
        body=storable(text(system.get("body"))),
        **common,
    )


def _preference(piece: _Piece) -> Event | None:
    """A person switched marketing off or on in WhatsApp itself."""
    item = piece.item
    category = text(item.get("category"))
    common = _common(piece)
    if not common["sender_id"]:
        return None
    value = text(item.get("value")).lower()
    when = text(item.get("timestamp"))
    return Event(
        kind="preference",
        key=_key("pf", common["sender_id"], category, value, when),
        status=value,
        body=category,
        texts=tuple(filter(None, [storable(text(item.get("detail")))])),
        opt_out=_PREFERENCES.get(value),
        **common,
    )


def _template(piece: _Piece) -> Event:
    value = piece.value
    ref, status = text(value.get("message_template_id")), text(value.get("event"))
    reason = text(value.get("reason"))
    info = dictionary(value.get("rejection_info")) or dictionary(
        value.get("other_info")
    )
    detail = text(info.get("reason")) or text(info.get("description"))
    common = _common(piece)
    return Event(
        kind="template",
        key=_key("tp", ref, status, text(piece.entry.get("time"))),
        provider_ref=ref,
        status=whatsapp_template.state_of(status),
        error_detail=storable(detail or ("" if reason == "NONE" else reason))[:_DETAIL],
        body=text(value.get("message_template_name")),
        texts=(text(value.get("message_template_language")),),
        **common,
    )


def _trouble(piece: _Piece) -> Event:
    """An error of the number itself, about no message in particular."""
    code, detail = _error({"errors": [piece.item]})
    return _other(
        str(piece),
        status="error",
        error_code=code,
        error_detail=detail,
        **_common(piece),
    )


_READERS = {
    "statuses": _status,
    "messages": _message,
    "errors": _trouble,
    PREFERENCES: _preference,
}


# === PARTS === #


def _other(payload: str, **values) -> Event:
    digest = hashlib.sha256(payload.encode("utf-8", "replace")).hexdigest()
    values = {"channel": "whatsapp", **values}
    return Event(kind="other", key=f"ot|{digest}", payload=payload, **values)


def _error(item: dict[str, Any]) -> tuple[int | None, str]:
    errors = items(item.get("errors"))
    if not errors:
        return None, ""
    error = errors[0]
    code = error.get("code")
    detail = text(dictionary(error.get("error_data")).get("details"))
    detail = detail or text(error.get("message")) or text(error.get("title"))
    is_code = type(code) is int and 0 <= code < 2**31
    return code if is_code else None, storable(detail)[:_DETAIL]


def _key(kind: str, *parts: str) -> str:
    """Return a key that is equal for copies; an overlong one is hashed."""
    key = "|".join((kind, *parts))
    if len(key) <= _MAX_KEY and is_storable(key):
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
