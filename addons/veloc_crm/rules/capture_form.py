"""What somebody filled in on the broker's site, read and checked field by field."""

from dataclasses import dataclass, field

from .person import read_email, read_name, read_phone

# Channels that ring: without a number there is nothing to agree to.
PHONE_CHANNELS = frozenset({"sms", "whatsapp", "call"})
MAX_BOXES = 40

_ = str  # marks texts for the translators; the model that answers translates

MESSAGES = {
    "missing_name": _("Please tell us your name."),
    "invalid_name": _("This does not look like a name."),
    "missing_email": _("Please tell us your e-mail address."),
    "invalid_email": _("This is not an e-mail address. Example: ana@example.com"),
    "missing_phone": _("For the channel you ticked we need your phone number."),
    "invalid_phone": _("This is not a phone number. Example: (11) 96123-4567"),
    "missing_box": _("Tick at least one box: how may we write to you?"),
    "malformed": _("The form could not be read. Please load the page again."),
    "unknown_origin": _("This form does not belong to this site."),
    "unknown_form": _("There is no such form."),
    "bad_ticket": _("The form could not be read. Please load the page again."),
    "expired_ticket": _("The form was open for too long. Please send it again."),
    "too_fast": _("That was quick. Please press the button once more."),
    "stale_text": _("The text of a consent has changed. Please read it again."),
}


@dataclass(frozen=True, slots=True)
class Box:
    """A ticked box: purpose and channel, the version and hash of what was read."""

    purpose: str
    channel: str
    version: int
    text_hash: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read; ``errors`` is ``{field: code}``, empty when all is well."""

    name: str = ""
    email: str = ""
    phone: str = ""
    boxes: tuple[Box, ...] = ()
    errors: dict = field(default_factory=dict)


def is_trap(body: dict) -> bool:
    """Return whether the field that no person sees was filled in."""
    return bool(body.get("website"))


def read(body: dict, asks_phone: bool) -> Reading:
    """Return the reading of a form's body."""
    errors = {}
    boxes = _boxes(body.get("boxes"))
    if boxes is None:
        return Reading(errors={"boxes": "malformed"})
    name = _field(body, "name", read_name, errors, required=True)
    email = _field(body, "email", read_email, errors, required=True)
    rings = any(box.channel in PHONE_CHANNELS for box in boxes)
    phone = _field(body, "phone", read_phone, errors, required=rings)
    if not boxes:
        errors["boxes"] = "missing_box"
    return Reading(name, email, phone if asks_phone else "", boxes, errors)


def stale_boxes(boxes, in_force: dict[tuple[str, str], tuple[int, str]]):
    """Return the boxes whose text is not the one in force, or that nobody offered.

    ``in_force``: ``{(purpose, channel): (version, hash of its text)}``.
    """
    return [
        box
        for box in boxes
        if in_force.get((box.purpose, box.channel)) != (box.version, box.text_hash)
    ]


def _field(body, key, parse, errors, required):
    raw = body.get(key)
    if raw is None or raw == "":
        if required:
            errors[key] = f"missing_{key}"
        return ""
    value = parse(raw) if isinstance(raw, str) and len(raw) <= 512 else None
    if value is None:
        errors[key] = f"invalid_{key}"
    return value or ""


def _boxes(raw):
    """Return the ticked boxes, or None if they are no list of boxes."""
    if raw is None:
        return ()
    if not isinstance(raw, list) or len(raw) > MAX_BOXES or not all(map(_is_box, raw)):
        return None
    return tuple(
        dict.fromkeys(
            Box(b["purpose"], b["channel"], b["version"], b["hash"]) for b in raw
        )
    )


def _is_box(raw):
    return (
        isinstance(raw, dict)
        and all(isinstance(raw.get(k), str) for k in ("purpose", "channel", "hash"))
        and isinstance(raw.get("version"), int)
        and not isinstance(raw["version"], bool)
    )
