"""May data go to this country, and on what ground (LGPD art. 33)?"""

from __future__ import annotations

from datetime import date

HOME = "BR"
# In the order of art. 33; "none" says that nobody has decided yet.
MECHANISMS = {
    "adequacy": "Adequate country (art. 33 I)",
    "clauses": "Standard contractual clauses (art. 33 II b)",
    "specific_clauses": "Specific clauses approved by the ANPD (art. 33 II a)",
    "corporate_rules": "Global corporate rules (art. 33 II c)",
    "certificate": "Seals and certificates (art. 33 II d)",
    "cooperation": "International legal cooperation (art. 33 III)",
    "authorised": "Authorised by the ANPD (art. 33 V)",
    "consent": "Specific consent of the person (art. 33 VIII)",
    "contract": "Contract with the person, at their request (art. 33 IX)",
}
# These stand on a document that must be at hand: the person may ask for it.
WITH_DOCUMENT = frozenset({"clauses", "specific_clauses", "corporate_rules"})
# Countries the ANPD has recognised (Res. CD/ANPD 32/2026: the European Union).
ADEQUATE = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)


def transfer_fault(country: str, mechanism: str | None, has_document: bool) -> str:
    """Return the code of what is missing for a transfer, "" where nothing is."""
    if not country:
        return "no_country"
    if country == HOME:
        return ""
    if not mechanism:
        return "no_mechanism"
    if mechanism == "adequacy" and country not in ADEQUATE:
        return "not_adequate"
    if mechanism in WITH_DOCUMENT and not has_document:
        return "no_document"
    return ""


def contract_fault(signed: date | None, ends: date | None, today: date) -> str:
    """Return the code of what is wrong with a vendor's contract, or ""."""
    if not signed:
        return "no_contract"
    if ends and ends < today:
        return "contract_over"
    return ""
