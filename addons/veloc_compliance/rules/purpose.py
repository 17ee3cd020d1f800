"""What may be published as a purpose, and whose consents it still honours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..const import PROMOTIONAL

# Codes that name no purpose at all; the database refuses them too.
GENERIC_CODES = frozenset(
    ("all", "any", "general", "generic", "everything", "misc", "others")
) | frozenset(("geral", "generico", "todas", "todos", "tudo", "diversos", "outros"))
# What the house writes itself of the seven items of art. 9; the controller's two
# (III, IV) and the rights (VII) are written from the company and the law.
WRITTEN_ITEMS = ("use", "means", "duration", "sharing", "responsibilities")
# Grounds of art. 7 that art. 11 does not know.
NEVER_SENSITIVE = frozenset({"legitimate_interest", "credit"})

_GENERIC = re.compile(
    r"\b(todas?|todos|quaisquer|qualquer|diversas?|demais|outr[ao]s)"
    r"( as| os| e quaisquer)?"
    r" (outras )?(finalidades?|fins)\b"
    r"|\b(finalidades?|fins) (em geral|gerais|diversas?|diversos|quaisquer)\b"
    r"|\b(any|all|other|various|general)( and all)?( lawful| other)?"
    r" (purposes?|uses?)\b"
    r"|\bwhatever (purpose|we want)\b"
)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a purpose as these rules see it."""

    number: int
    state: str
    legal_basis: str
    notice: str
    name: str = ""
    kind: str = "service"
    # The written items of art. 9, by name.
    items: Mapping[str, str] = field(default_factory=dict, hash=False)
    # What ``rules.balancing.standing`` says of its assessment.
    balancing: str = "missing"
    is_sensitive: bool = False
    sensitive_basis: str = ""
    sensitive_notice: str = ""
    keeps_consents: bool = False
    covers_from: int = 0


def publish_fault(version: Version) -> str | None:
    """Return why the version cannot be published, or None.

    Legitimate interest asks for its balancing first (LGPD art. 10), nobody can
    agree to an empty or a generic text (art. 8 § 4), and the notice needs all
    its items (art. 9).
    """
    if version.state != "draft":
        return "not_a_draft"
    return (
        _text_fault(version)
        or _notice_fault(version)
        or _sensitive_fault(version)
        or _balancing_fault(version)
    )


def _text_fault(version: Version) -> str | None:
    if not version.notice.strip():
        return "no_notice"
    said = (version.name, version.notice, version.items.get("use", ""))
    return "generic" if any(map(is_generic, said)) else None


def _notice_fault(version: Version) -> str | None:
    for name in WRITTEN_ITEMS:
        if not (version.items.get(name) or "").strip():
            return f"no_{name}"
    return None


def _sensitive_fault(version: Version) -> str | None:
    if not version.is_sensitive:
        return None
    if version.legal_basis in NEVER_SENSITIVE:
        return "never_sensitive"
    if not version.sensitive_basis:
        return "no_sensitive_basis"
    if version.sensitive_basis != "consent":
        return "sensitive_needs_consent" if version.kind in PROMOTIONAL else None
    if version.legal_basis != "consent":
        return "sensitive_not_asked"
    return None if version.sensitive_notice.strip() else "no_sensitive_notice"


def _balancing_fault(version: Version) -> str | None:
    if version.legal_basis != "legitimate_interest" or version.balancing == "valid":
        return None
    return f"balancing_{version.balancing}"


def is_generic(text: str) -> bool:
    """Return whether a text asks for everything, which is void (art. 8 § 4).

    >>> is_generic("Usaremos seus dados para quaisquer finalidades."), is_generic(
    ...     "Usaremos seu e-mail para enviar novidades.")
    (True, False)
    """
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore")
    return bool(_GENERIC.search(" ".join(plain.decode().split())))


def covers_from(version: Version, previous: Version | None) -> int:
    """Return the oldest version whose consents the new one honours.

    A changed purpose asks everybody again (art. 8 § 6). Words given under
    another legal basis were never consents, whatever the new version claims; and
    nobody who agreed before sensitive data came in agreed to those (art. 11 I).
    """
    if not (version.keeps_consents and previous):
        return version.number
    if previous.legal_basis != "consent":
        return version.number
    if version.is_sensitive and not previous.is_sensitive:
        return version.number
    return previous.covers_from
