"""Names as people write them: spelt tidily, told apart from companies and tests.

A spelling somebody chose (McDonald, D'Ávila) is kept; only shouting, whispering and
the particles of Portuguese names are touched.
"""

import re
import unicodedata

MAX_NAME = 128

# Particles of Portuguese names stay small: Maria da Silva.
PARTICLES = frozenset({"da", "das", "de", "do", "dos", "e", "di", "del", "d'"})
_SUFFIXES = {
    "ltda": "Ltda.",
    "ltda.": "Ltda.",
    "limitada": "Limitada",
    "s.a.": "S.A.",
    "s.a": "S.A.",
    "s/a": "S.A.",
    "sa": "S.A.",
    "me": "ME",
    "mei": "MEI",
    "epp": "EPP",
    "eireli": "EIRELI",
    "cia": "Cia.",
    "cia.": "Cia.",
}
_ROMAN = frozenset({"ii", "iii", "iv", "vi", "vii", "viii"})
_COMPANY = re.compile(
    r"(\bltda\b\.?|\blimitada\b|\bs\.a\.?$|\bs/a$|\beireli\b|\bepp$|\bmei$|\bcia\b)",
    re.IGNORECASE,
)
# Marks that decorate a name and are no part of it: symbols, joiners, private use.
_DECORATION = frozenset({"So", "Sk", "Cf", "Co", "Cn"})
_TEST_WORDS = frozenset(
    {"test", "teste", "testando", "tester", "asdf", "asdfg", "qwerty", "qwe", "abc"}
    | {"fulano", "beltrano", "sicrano", "ciclano", "abcd", "admin", "user", "usuario"}
    | {"cliente", "nome", "name", "null", "none", "undefined", "lorem", "ipsum", "foo"}
    | {"demo", "dummy", "fake"}
)


def read_name(text: str) -> str | None:
    """Return a tidy name, or None if the text cannot be one."""
    text = unicodedata.normalize("NFC", text)
    if any(
        unicodedata.category(sign) in ("Cc", "Cs") for sign in "".join(text.split())
    ):
        return None
    text = "".join(" " if _decorates(sign) else sign for sign in text)
    text = " ".join(text.replace("\u2019", "'").split()).strip(" ,;-_")
    if not any(map(str.isalpha, text)) or len(text) > MAX_NAME:
        return None
    return _with_company_suffix(_with_small_particles(_spelt(text)))


def is_company(name: str) -> bool:
    """Return whether the name says that it is a company's."""
    return bool(_COMPANY.search(name))


def looks_like_a_test(name: str) -> bool:
    """Return whether somebody only tried the form out: Teste, Asdf, Aaaa, Fulano."""
    words = fold(name).split()
    return bool(words) and any(
        word in _TEST_WORDS or (len(word) > 2 and len(set(word)) == 1) for word in words
    )


def fold(text: str) -> str:
    """Return the text in small letters a to z and digits, single blanks between."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(kept).replace("'", "")).split())


def surname(name: str) -> str:
    """Return the last word of the name, folded; "" for a name of one word.

    Filho, Junior, Neto and Sobrinho tell generations apart and are no surname.
    """
    words = [word for word in fold(name).split() if word not in PARTICLES]
    while len(words) > 1 and words[-1] in GENERATIONS:
        words.pop()
    return words[-1] if len(words) > 1 else ""


GENERATIONS = frozenset({"filho", "filha", "junior", "jr", "neto", "neta", "sobrinho"})


def generation(name: str) -> str:
    """Return what tells father from son, "" if the name does not say."""
    words = fold(name).split()
    last = words[-1] if words else ""
    return {"jr": "junior"}.get(last, last) if last in GENERATIONS else ""


def _decorates(sign):
    return unicodedata.category(sign) in _DECORATION or sign in "\ufe0f\ufffd"


def _spelt(text):
    if not (text.isupper() or text.islower()):
        return text
    return " ".join(_capitalised(word) for word in text.lower().split())


def _capitalised(word):
    if word in _ROMAN:
        return word.upper()
    parts = re.split(r"([-'.])", word)
    if len(parts) > 2 and parts[1] == "'" and len(parts[0]) > 1:
        return word[:1].title() + word[1:]
    # title: of "ß" upper would make "SS", which looks shouted the next time.
    return "".join(part[:1].title() + part[1:] for part in parts)


def _with_small_particles(text):
    first, *rest = text.split()
    return " ".join(
        [first, *(w.lower() if w.lower() in PARTICLES else w for w in rest)]
    )


def _with_company_suffix(text):
    words = text.split()
    while len(words) > 1 and (written := _SUFFIXES.get(words[-1].lower())):
        if written == "ME" and words[-1].isupper() is False and len(words) < 3:
            break  # "Diga Me" is no company
        head = _with_company_suffix(" ".join(words[:-1]))
        return f"{head} {written}"
    return text
