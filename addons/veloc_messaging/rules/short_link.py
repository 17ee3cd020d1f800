"""Short tracked links: which addresses of a text they replace, and how they look."""

from __future__ import annotations

import html
import re
import string
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from .link_target import host_of

# 65 bits: nobody guesses one. Letters and digits only, as telephones end a link
# before a hyphen or an underscore.
CODE_LENGTH = 11
ALPHABET = string.digits + string.ascii_letters
CODE = re.compile(rf"[0-9A-Za-z]{{{CODE_LENGTH}}}")

# The addresses of this house: /veloc/preferences, /veloc/unsubscribe, /veloc/l …
OWN_PATH = "/veloc/"
LINK_PATH = "/veloc/l"
OPEN_PATH = "/veloc/o"

_IN_TEXT = re.compile(r"https?://[^\s<>\"'\u201c\u201d\u00ab\u00bb]+", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\b[^>]*>", re.IGNORECASE)
_HREF = re.compile(r"(\shref\s*=\s*)(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_PIXEL = re.compile(rf"<img\b[^>]*{OPEN_PATH}/[^>]*>", re.IGNORECASE)
_BASE = re.compile(r"https://[a-z0-9.-]+(/[A-Za-z0-9_-]{1,20}){0,2}/?")
_PAIRS = {")": "(", "]": "[", "}": "{"}

Shorten = Callable[[str], str | None]


def new_code(choice: Callable[[Sequence[str]], str]) -> str:
    """Return a code; ``choice`` must come from a cryptographic generator."""
    return "".join(choice(ALPHABET) for _ in range(CODE_LENGTH))


def base_of(public_url: str, link_domain: str = "") -> str:
    """Return what stands in front of a code.

    A link domain without a path is another name of this server; with a path, a proxy
    is to turn that path into ``/veloc/l``.

    >>> base_of("https://crm.veloc.example")
    'https://crm.veloc.example/veloc/l'
    >>> base_of("https://crm.veloc.example", "https://vlc.example/r")
    'https://vlc.example/r'
    """
    if not link_domain:
        return f"{public_url.rstrip('/')}{LINK_PATH}"
    domain = link_domain.rstrip("/")
    return domain if urlsplit(domain).path else f"{domain}{LINK_PATH}"


def is_base(text: str) -> bool:
    """Return whether ``text`` may stand as the link domain: https, host, short path.

    >>> is_base("https://vlc.example"), is_base("http://vlc.example/?x=")
    (True, False)
    """
    return bool(_BASE.fullmatch(text)) and host_of(text) is not None


def address(base: str, code: str) -> str:
    """Return the short link that people see."""
    return f"{base}/{code}"


def worst_length(base: str) -> int:
    """Return how many characters a short link takes: all take the same.

    >>> worst_length("https://vlc.example/r")
    33
    """
    return len(base) + 1 + CODE_LENGTH


def is_own(url: str, public_url: str, base: str) -> bool:
    """Return whether ``url`` leads back to this house: those are never tracked.

    >>> is_own("https://x.example/veloc/unsubscribe/a", "https://x.example", "")
    True
    """
    own = (f"{public_url.rstrip('/')}{OWN_PATH}", base and f"{base.rstrip('/')}/")
    return url.startswith(tuple(filter(None, own)))


def replace_in_text(text: str, shorten: Shorten) -> str:
    """Return ``text`` with the addresses replaced that ``shorten`` has a link for."""

    def swap(match):
        url, rest = _cut_tail(match[0])
        return f"{shorten(url) or url}{rest}"

    return _IN_TEXT.sub(swap, text)


def replace_in_html(text: str, shorten: Shorten) -> str:
    """Return HTML with the links of its ``<a>`` replaced; images stay, words too."""

    def swap_href(match):
        quote, url = match[2][0], html.unescape(match[2][1:-1]).strip()
        short = url[:4].lower() == "http" and shorten(url)
        return f"{match[1]}{quote}{html.escape(short)}{quote}" if short else match[0]

    return _ANCHOR.sub(lambda match: _HREF.sub(swap_href, match[0], count=1), text)


def with_pixel(body: str, url: str) -> str:
    """Return an HTML e-mail with the image that tells when it is opened."""
    pixel = (
        f'<img src="{html.escape(url)}" width="1" height="1" alt="" '
        'style="display:block;border:0"/>'
    )
    end = body.lower().rfind("</body>")
    return f"{body[:end]}{pixel}{body[end:]}" if end >= 0 else f"{body}{pixel}"


def without_pixel(body: str) -> str:
    """Return the e-mail for our own screens: looking at it is no opening.

    >>> without_pixel(with_pixel("<p>Oi</p>", "https://x.example/veloc/o/a1"))
    '<p>Oi</p>'
    """
    return _PIXEL.sub("", body)


def _cut_tail(url: str) -> tuple[str, str]:
    """Split off the punctuation of the sentence around an address."""
    end = len(url)
    while end:
        last = url[end - 1]
        opening = _PAIRS.get(last)
        unpaired = opening and url.count(last, 0, end) > url.count(opening, 0, end)
        if last not in ".,;:!?*_~" and not unpaired:
            break
        end -= 1
    return url[:end], url[end:]
