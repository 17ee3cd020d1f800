"""How a message looks where people read it: on a phone, in a mail program.

Only for previews. Every text is escaped here; the HTML of an e-mail comes in cleaned.
"""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

from .text_diff import ADDED, REMOVED

_PHONE = (
    "max-width: 360px; border: 1px solid #ced4da; border-radius: 24px;"
    " padding: 20px 12px; background: {wall}; color: #111;"
)
_BUBBLE = (
    "display: inline-block; max-width: 90%; padding: 8px 12px; border-radius: 14px;"
    " background: {paint}; white-space: pre-wrap; overflow-wrap: anywhere;"
)
_SMS = ("#ffffff", "#e9e9eb")
_WHATSAPP = ("#efeae2", "#ffffff")
_STYLES = (("*", "strong"), ("_", "em"), ("~", "s"))


def look(channel: str, *, subject: str, body: str | Markup, sender: str) -> Markup:
    """Return the frame of ``channel`` around a finished text."""
    if channel == "email":
        return _mail(subject, body, sender)
    if channel == "push":
        return _push(subject or sender, body)
    if channel == "call":
        return _script(body)
    colours = _WHATSAPP if channel == "whatsapp" else _SMS
    text = _whatsapp_text(body) if channel == "whatsapp" else escape(body)
    return _bubble(text, sender, *colours)


def difference(pieces: Iterable[tuple[str, str]]) -> Markup:
    """Return the changes of a text, with what went and what came marked."""
    marks = {
        ADDED: Markup("<ins class='text-success fw-bold'>{}</ins>"),
        REMOVED: Markup("<del class='text-danger'>{}</del>"),
    }
    plain = Markup("{}")
    return Markup().join(marks.get(kind, plain).format(text) for kind, text in pieces)


def _bubble(text: Markup, sender: str, wall: str, paint: str) -> Markup:
    return Markup(
        "<div class='o_veloc_phone' style='{}'>"
        "<div class='text-center small mb-2' style='color: #555'>{}</div>"
        "<div style='{}'>{}</div></div>"
    ).format(_PHONE.format(wall=wall), sender, _BUBBLE.format(paint=paint), text)


def _push(title: str, body: str) -> Markup:
    return Markup(
        "<div class='o_veloc_phone' style='{}'><div style='{}'>"
        "<div style='font-weight: 600'>{}</div>{}</div></div>"
    ).format(
        _PHONE.format(wall="#cfd8e3"), _BUBBLE.format(paint="#ffffff"), title, body
    )


def _mail(subject: str, body: Markup, sender: str) -> Markup:
    return Markup(
        "<div class='o_veloc_mail border rounded bg-white text-dark'>"
        "<div class='border-bottom p-2'><div class='small text-muted'>{}</div>"
        "<div class='fw-bold text-break'>{}</div></div>"
        "<div class='p-3' style='overflow-x: auto'>{}</div></div>"
    ).format(sender, subject, body)


def _script(body: str) -> Markup:
    return Markup(
        "<div class='o_veloc_script border-start border-4 ps-3 py-2'"
        " style='white-space: pre-wrap; overflow-wrap: anywhere'>{}</div>"
    ).format(body)


def _whatsapp_text(body: str) -> Markup:
    """Return the text with WhatsApp's own marks for bold, italic and struck out."""
    text = str(escape(body))
    for mark, tag in _STYLES:
        pattern = rf"(?<!\w){re.escape(mark)}(\S(?:[^\n]*?\S)?){re.escape(mark)}(?!\w)"
        text = re.sub(pattern, rf"<{tag}>\1</{tag}>", text)
    return Markup(text)  # noqa: S704  escaped above; only our own tags were added
