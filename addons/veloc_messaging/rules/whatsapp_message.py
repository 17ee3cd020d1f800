"""What a person said in one WhatsApp message, whatever its type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MEDIA = ("image", "video", "audio", "document", "sticker")


@dataclass(frozen=True, slots=True)
class Said:
    """``texts`` are what may be an opt-out word, the surest first."""

    body: str = ""
    texts: tuple[str, ...] = ()
    media: tuple[tuple[str, str], ...] = ()
    reply_to: str = ""


def read(message: dict[str, Any]) -> Said | None:
    """Return what a message says, None when it is no utterance of a person.

    >>> read({"type": "text", "text": {"body": "Oi"}}).body
    'Oi'
    """
    kind = text(message.get("type"))
    reader = _READERS.get(kind)
    if not reader:
        return None
    return reader(dictionary(message.get(kind)), message)


def text(value: Any) -> str:
    """Return a string or a number as text, "" for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if type(value) in (int, float) else ""


def dictionary(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list; what is no object is left out."""
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, dict)]


def _quoted(message):
    return text(dictionary(message.get("context")).get("id"))


def _said(message, *texts, body=None, media=()):
    texts = tuple(filter(None, map(text, texts)))
    shown = text(body) if body is not None else (texts or ("",))[-1]
    return Said(shown, texts, media, _quoted(message))


def _text(part, message):
    return _said(message, part.get("body"))


def _button(part, message):
    # The payload is ours and never translated; the text is what the person saw.
    return _said(message, part.get("payload"), part.get("text"))


def _interactive(part, message):
    kind = text(part.get("type"))
    reply = dictionary(part.get(kind))
    if kind in ("button_reply", "list_reply"):
        return _said(message, reply.get("id"), reply.get("title"))
    shown = reply.get("body") or reply.get("response_json") or reply.get("response")
    return _said(message, body=text(shown) or kind)


def _media(part, message):
    caption = text(part.get("caption"))
    found = (text(part.get("id")), text(part.get("mime_type")))
    return _said(message, body=caption, media=(found,) if found[0] else ())


def _location(part, message):
    place = ", ".join(filter(None, (text(part.get(n)) for n in ("name", "address"))))
    point = f"{text(part.get('latitude'))}, {text(part.get('longitude'))}"
    return _said(message, body=f"{place} ({point})" if place else point)


def _contacts(_part, message):
    lines = []
    for card in items(message.get("contacts")):
        name = text(dictionary(card.get("name")).get("formatted_name"))
        phones = [text(phone.get("phone")) for phone in items(card.get("phones"))]
        lines.append(": ".join(filter(None, (name, ", ".join(filter(None, phones))))))
    return _said(message, body="\n".join(lines))


def _reaction(part, message):
    # An empty emoji takes a reaction back.
    said = _said(message, body=part.get("emoji") or "")
    return Said(said.body, (), (), text(part.get("message_id")))


def _order(part, message):
    lines = [text(part.get("text"))] + [
        f"{text(item.get('quantity'))} x {text(item.get('product_retailer_id'))}"
        for item in items(part.get("product_items"))
    ]
    return _said(message, body="\n".join(filter(None, lines)))


def _edit(part, message):
    said = read(dictionary(part.get("message"))) or Said()
    return Said(
        said.body, said.texts, said.media, text(part.get("original_message_id"))
    )


def _unsupported(part, message):
    errors = items(message.get("errors"))
    error = errors[0] if errors else {}
    detail = dictionary(error.get("error_data")).get("details") or error.get("title")
    return _said(message, body=text(part.get("type")) or text(detail))


_READERS: dict[str, Callable[[dict, dict], Said]] = {
    "text": _text,
    "button": _button,
    "interactive": _interactive,
    **dict.fromkeys(MEDIA, _media),
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "order": _order,
    "edit": _edit,
    "unsupported": _unsupported,
    "unknown": _unsupported,
}
