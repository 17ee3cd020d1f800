"""What makes a password too weak: short, common, or about its owner.

No rules about digits and signs and no expiry (ASVS 5.0, 6.2.5 and 6.2.10): they make
people write passwords down. Length is what counts.
"""

MIN_LENGTH = 12
MAX_LENGTH = 128  # longer ones only keep the hash busy
# Words whose repetitions and decorations are tried first; here and in Brazil.
_COMMON = (
    "password passw0rd senha senha123 mudar123 trocar123 qwerty qwertyuiop asdfgh "
    "123456789 1234567890 123123123 111111 000000 abc123 iloveyou teamo letmein "
    "welcome admin administrator administrador monkey dragon master flamengo "
    "corinthians palmeiras brasil veloc odoo trader forex investimento"
)
COMMON = frozenset(_COMMON.split())
SHORTEST_WORD = 4


def weakness(password: str, about: tuple[str, ...] = ()) -> str:
    """Return why not: "short", "long", "common", "personal" or "".

    ``about``: words an attacker knows of the owner (login, name, company).
    """
    if len(password) < MIN_LENGTH:
        return "short"
    if len(password) > MAX_LENGTH:
        return "long"
    plain = password.casefold()
    letters = _core(plain)
    if len(set(plain)) < 5 or letters in COMMON or not letters:
        return "common"
    rest = plain
    for word in sorted({w for text in about for w in _words(text)}, key=len)[::-1]:
        rest = rest.replace(word, "")
    if rest != plain and len(_core(rest)) < SHORTEST_WORD:
        return "personal"
    return ""


def _core(text):
    """Return the text without the digits and signs that people add to a word."""
    letters = "".join(c for c in text if c.isalnum()).strip("0123456789")
    half = letters[: len(letters) // 2]
    return half if half and half * 2 == letters else letters


def _words(text):
    cleaned = "".join(c if c.isalnum() else " " for c in (text or "").casefold())
    return [word for word in cleaned.split() if len(word) >= SHORTEST_WORD]
