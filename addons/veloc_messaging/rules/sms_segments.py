"""How many SMS segments a text costs, and how to make it cost fewer.

GSM-7 carries 160 characters in one segment and 153 in each of several; any
character outside that alphabet turns the whole text into UCS-2, with 70 and 67.
Most Portuguese accents (ã, ç, ê, ó …) are outside.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")  # sent as an escape and a character

_GSM = GSM_BASIC | GSM_EXTENDED

SEGMENT_BITS = 1120
HEADER_BITS = 48  # "part 2 of 3" in front of each segment of a longer text

# Twilio's Smart Encoding, as published in its segment calculator (MIT). Written
# with escapes: several of these are invisible or look like the ASCII character.
_LOOKALIKES = {
    '"': "\u00ab\u00bb\u201c\u201d\u02ba\u02ee\u201f\u201e\u275d\u275e\u301d\u301e"
    "\uff02",
    "'": "\u2018\u2019\u02bb\u02c8\u02bc\u02bd\u02b9\u201b\uff07\u00b4\u02ca\u0060"
    "\u02cb\u275b\u275c",
    "-": "\u2013\u2014\u2015\u2010\u2022\u2043\ufe63\uff0d\u23bc\u23bd",
    "/": "\u00f7\u29f8\u2044\u2215\uff0f",
    "*": "\u204e\u2217\u229b\u2731\u273d\ufe61\uff0a",
    "_": "\u2017\uff3f",
    ",": "\u201a\u3001\uff0c",
    "<": "\u2039\uff1c",
    ">": "\u203a\uff1e",
    "~": "\u02dc\u223c\uff5e",
    "^": "\u02c6\uff3e",
    "1/4": "\u00bc",
    "1/2": "\u00bd",
    "3/4": "\u00be",
    "!!": "\u203c",
    "...": "\u2026",
    " ": "\u2001\u2028\u2029",
    "  ": "\u00a0\u2000\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"
    "\u205f\u3000",
    "       ": "\t",
    "": "\u200b\u200c\u2060\ufeff",
}
_SMART = {ord(c): plain for plain, odd in _LOOKALIKES.items() for c in odd}


@dataclass(frozen=True, slots=True)
class SmsSize:
    """What a text costs as an SMS."""

    encoding: str
    segments: int
    characters: int
    bits: int
    offenders: tuple[str, ...]

    @property
    def is_unicode(self) -> bool:
        """Tell whether the dearer encoding is needed."""
        return self.encoding == "UCS-2"


def measure(text: str) -> SmsSize:
    """Return the encoding and the number of segments of ``text``."""
    # Plain text, the usual case, needs no search for composed characters.
    clusters = list(text if _GSM.issuperset(text) else _clusters(text))
    offenders = tuple(c for c in clusters if not _is_gsm(c))
    size_of = _ucs2_bits if offenders else _gsm_bits
    sizes = [size_of(cluster) for cluster in clusters]
    characters = len(clusters) if offenders else sum(sizes) // 7
    encoding = "UCS-2" if offenders else "GSM-7"
    return SmsSize(encoding, _segments(sizes), characters, sum(sizes), offenders)


def smart(text: str) -> str:
    """Replace typographic characters by their GSM-7 lookalikes."""
    return text.translate(_SMART)


def without_accents(text: str) -> str:
    """Return ``text`` in plain letters, which may halve its segments.

    All accents go, also the few that GSM-7 knows: half of them would read worse.
    """
    decomposed = unicodedata.normalize("NFKD", smart(text).replace("€", "EUR"))
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn")


def _segments(sizes: list[int]) -> int:
    """Count segments; a character is never cut in two."""
    if sum(sizes) <= SEGMENT_BITS:
        return 1
    count, used = 1, 0
    for size in sizes:
        if used + size > SEGMENT_BITS - HEADER_BITS:
            count, used = count + 1, 0
        used += size
    return count


def _is_gsm(cluster: str) -> bool:
    return cluster in _GSM


def _gsm_bits(cluster: str) -> int:
    return 14 if cluster in GSM_EXTENDED else 7


def _ucs2_bits(cluster: str) -> int:
    return 8 * len(cluster.encode("utf-16-le", "surrogatepass"))


def _clusters(text: str) -> Iterator[str]:
    """Yield what a reader sees as one character (accents and emoji joined)."""
    cluster = ""
    for character in text:
        if cluster and _continues(cluster, character):
            cluster += character
        else:
            if cluster:
                yield cluster
            cluster = character
    if cluster:
        yield cluster


def _continues(cluster: str, character: str) -> bool:
    if cluster in "\r\n":
        return False
    if character == "\u200d" or cluster[-1] == "\u200d":  # joins emoji
        return True
    if _is_flag_letter(character):
        return len(cluster) == 1 and _is_flag_letter(cluster)
    is_skin_tone = "\U0001f3fb" <= character <= "\U0001f3ff"
    return is_skin_tone or unicodedata.category(character) in ("Mn", "Me", "Mc")


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
