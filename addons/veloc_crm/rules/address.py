"""Brazilian addresses: CEP, its state, and a street written one way."""

import re

from .names import fold, surname

# First five digits of the CEP, inclusive, as the Correios gave them out.
_RANGES = (
    (1000, 19999, "SP"),
    (20000, 28999, "RJ"),
    (29000, 29999, "ES"),
    (30000, 39999, "MG"),
    (40000, 48999, "BA"),
    (49000, 49999, "SE"),
    (50000, 56999, "PE"),
    (57000, 57999, "AL"),
    (58000, 58999, "PB"),
    (59000, 59999, "RN"),
    (60000, 63999, "CE"),
    (64000, 64999, "PI"),
    (65000, 65999, "MA"),
    (66000, 68899, "PA"),
    (68900, 68999, "AP"),
    (69000, 69299, "AM"),
    (69300, 69399, "RR"),
    (69400, 69899, "AM"),
    (69900, 69999, "AC"),
    (70000, 72799, "DF"),
    (72800, 72999, "GO"),
    (73000, 73699, "DF"),
    (73700, 76799, "GO"),
    (76800, 76999, "RO"),
    (77000, 77999, "TO"),
    (78000, 78899, "MT"),
    (79000, 79999, "MS"),
    (80000, 87999, "PR"),
    (88000, 89999, "SC"),
    (90000, 99999, "RS"),
)
_STREETS = {
    "r": "Rua",
    "av": "Avenida",
    "ave": "Avenida",
    "avda": "Avenida",
    "al": "Alameda",
    "pc": "Praça",
    "pca": "Praça",
    "tv": "Travessa",
    "trav": "Travessa",
    "rod": "Rodovia",
    "est": "Estrada",
    "estr": "Estrada",
    "lgo": "Largo",
    "vl": "Vila",
    "jd": "Jardim",
    "qd": "Quadra",
}
_SHORT = re.compile(r"(\w+)(?:\.\s*|\s)(\w.*)")  # R. Augusta, R.Augusta, R Augusta
_KINDS = frozenset(map(str.lower, _STREETS.values())) | {"praca"}


def read_cep(text: str) -> str | None:
    """Return ``01310-100``, or None if no state has this code."""
    digits = re.sub(r"[\s.-]", "", text)
    if not re.fullmatch(r"[0-9]{7,8}", digits):
        return None
    digits = digits.zfill(8)  # spreadsheets drop the zero of São Paulo
    return f"{digits[:5]}-{digits[5:]}" if uf_of_cep(digits) else None


def uf_of_cep(text: str) -> str | None:
    """Return the state in which the CEP lies."""
    digits = re.sub(r"\D", "", text)
    if len(digits) != 8:
        return None
    head = int(digits[:5])
    return next((uf for low, high, uf in _RANGES if low <= head <= high), None)


def read_street(text: str) -> str | None:
    """Return the street with its kind written out: ``R. Augusta`` is Rua Augusta."""
    text = " ".join(text.split()).strip(" ,")
    if not any(map(str.isalpha, text)) or not text.isprintable() or len(text) > 200:
        return None
    match = _SHORT.match(text)
    kind = match and _STREETS.get(fold(match[1]))
    return f"{kind} {match[2]}" if kind else text


def street_key(text: str) -> str:
    """Return what two spellings of one address share: street and number, folded."""
    street = read_street(text) or ""
    words = fold(street).split()
    if words and words[0] in _KINDS:
        words = words[1:]
    return " ".join(word for word in words if word not in ("n", "no", "num", "numero"))


def household_key(name: str, street: str, cep: str) -> str:
    """Return what people of one home share: address and surname; "" if unknown."""
    home, family = street_key(street or ""), surname(name or "")
    has_number = any(map(str.isdigit, home))
    if not home or not family or not (has_number or read_cep(cep or "")):
        return ""
    return f"{family}|{home}|{read_cep(cep or '') or ''}"
