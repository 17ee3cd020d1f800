"""E-mail domains that are typos of the big ones: asked about, never changed silently.

One letter more, less, other or swapped beside a domain millions use is a typo; two
are not, since houses are really called that.
"""

KNOWN = (
    "gmail.com",
    "hotmail.com",
    "hotmail.com.br",
    "outlook.com",
    "outlook.com.br",
    "yahoo.com",
    "yahoo.com.br",
    "icloud.com",
    "live.com",
    "uol.com.br",
    "bol.com.br",
    "terra.com.br",
    "ig.com.br",
    "globo.com",
    "msn.com",
)
# Real houses one letter away from a big one.
REAL = frozenset(
    {"ymail.com", "mail.com", "email.com", "gmx.com", "uol.com", "aol.com", "bol.com"}
    | {"ig.com", "me.com", "mac.com", "proton.me", "hotmail.fr", "yahoo.co", "line.com"}
)
_EXACT = {
    "gmail.com.br": "gmail.com",
    "gmail.co": "gmail.com",
    "gmail.con": "gmail.com",
    "gmail": "gmail.com",
    "hotmail": "hotmail.com",
    "hotmail.con": "hotmail.com",
    "hotmail.co": "hotmail.com",
    "outlook.con": "outlook.com",
    "yahoo.con": "yahoo.com",
    "icloud.com.br": "icloud.com",
    "hotmil.com": "hotmail.com",
    "gnail.com": "gmail.com",
}
DISPOSABLE = frozenset(
    {"mailinator.com", "guerrillamail.com", "10minutemail.com", "yopmail.com"}
    | {"tempmail.com", "temp-mail.org", "sharklasers.com", "trashmail.com"}
    | {"getnada.com", "maildrop.cc", "dispostable.com", "fakeinbox.com", "mohmal.com"}
)


def suggestion(address: str) -> str | None:
    """Return the address that was probably meant, or None if nothing is wrong."""
    local, at, domain = address.strip().lower().rpartition("@")
    if not at or not local or domain in KNOWN or domain in REAL:
        return None
    meant = _EXACT.get(domain) or next(
        (known for known in KNOWN if _one_slip(domain, known)), None
    )
    return f"{local}@{meant}" if meant else None


def is_disposable(address: str) -> bool:
    """Return whether the mailbox is one that lives for ten minutes."""
    return address.rpartition("@")[2].lower() in DISPOSABLE


def _one_slip(typed, known):
    """One letter other, missing, too many, or two neighbours swapped."""
    if abs(len(typed) - len(known)) > 1:
        return False
    start = next(
        (n for n, (a, b) in enumerate(zip(typed, known, strict=False)) if a != b),
        min(len(typed), len(known)),
    )
    a, b = typed[start:], known[start:]
    return (
        a[1:] == b[1:]
        or a[1:] == b
        or a == b[1:]
        or (a[:2] == b[1::-1] and a[2:] == b[2:])
    )
