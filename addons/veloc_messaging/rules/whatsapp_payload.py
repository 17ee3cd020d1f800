"""What Meta's Cloud API is asked to send, as it wants to read it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# A business-scoped user id: the country, maybe the parent business, and the id.
_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
# Meta refuses these inside a parameter of a template.
_BREAKS = re.compile(r"\s*[\n\r\t]+\s*| {5,}")


class PayloadError(ValueError):
    """A message that Meta could not read; it was not sent."""


def recipient(address: str) -> dict[str, str]:
    """Return who is written to: a number in digits, or a user id.

    >>> recipient("whatsapp:+5511987654321"), recipient("BR.134")
    ({'to': '5511987654321'}, {'recipient': 'BR.134'})
    """
    address = address.removeprefix("whatsapp:").strip()
    if _USER_ID.fullmatch(address):
        return {"recipient": address}
    digits = re.sub(r"[\s()+.-]", "", address)
    if not digits.isascii() or not digits.isdigit():
        raise PayloadError("bad_address")
    return {"to": digits}


def text(body: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": body, "preview_url": False}}


def image(link: str, caption: str) -> dict[str, Any]:
    """Return a picture that Meta fetches itself."""
    part = {"link": link}
    return {"type": "image", "image": part | ({"caption": caption} if caption else {})}


def template(name: str, lang: str, variables: str) -> dict[str, Any]:
    """Return a template message; ``variables`` is a JSON object of its values.

    Keys that are numbers fill by position, any other key by its name.
    """
    parameters = _parameters(_values(variables))
    body = [{"type": "BODY", "parameters": parameters}] if parameters else []
    language = {"code": lang or "pt_BR"}
    part = {"name": name, "language": language, "components": body}
    return {"type": "template", "template": part}


def message(
    address: str, content: Mapping[str, Any], *, reference: str = "", reply_to: str = ""
) -> dict[str, Any]:
    """Return the whole body; ``reference`` comes back in every report about it."""
    payload = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **recipient(address),
        **content,
    }
    if reply_to:
        payload["context"] = {"message_id": reply_to}
    if reference:
        payload["biz_opaque_callback_data"] = reference
    return payload


def _values(variables: str) -> dict[str, Any]:
    try:
        values = json.loads(variables) if variables else {}
    except ValueError as error:
        raise PayloadError("bad_variables") from error
    if not isinstance(values, dict):
        raise PayloadError("bad_variables")
    return values


def _parameters(values):
    if all(name.isdecimal() for name in values):
        ordered = sorted(values.items(), key=lambda pair: int(pair[0]))
        return [_parameter(value) for _name, value in ordered]
    return [
        _parameter(value) | {"parameter_name": name} for name, value in values.items()
    ]


def _parameter(value):
    shown = _BREAKS.sub(" ", str(value)).strip()
    if not shown:
        raise PayloadError("empty_variable")
    return {"type": "text", "text": shown}
