"""What may be published as a purpose, and whose consents it still honours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a purpose as these rules see it."""

    number: int
    state: str
    legal_basis: str
    notice: str
    balancing_note: str = ""
    keeps_consents: bool = False
    covers_from: int = 0


def publish_fault(version: Version) -> str | None:
    """Return why the version cannot be published, or None.

    Legitimate interest asks for its balancing first (LGPD art. 10), and nobody
    can agree to an empty text (art. 8 and 9).
    """
    if version.state != "draft":
        return "not_a_draft"
    if not version.notice.strip():
        return "no_notice"
    if version.legal_basis == "legitimate_interest":
        return None if version.balancing_note.strip() else "no_balancing_note"
    return None


def covers_from(version: Version, previous: Version | None) -> int:
    """Return the oldest version whose consents the new one honours.

    A changed purpose asks everybody again (art. 8 § 6). Words given under
    another legal basis were never consents, whatever the new version claims.
    """
    if version.keeps_consents and previous and previous.legal_basis == "consent":
        return previous.covers_from
    return version.number
