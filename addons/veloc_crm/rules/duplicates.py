"""Are two records one person? A score from 0 to 100, and what it rests on.

Records are compared only within blocks of those that share a key; a block that too
many share (an office's phone, a common name) says nothing and is left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

from rapidfuzz.distance import JaroWinkler
from rapidfuzz.fuzz import token_sort_ratio

from .names import PARTICLES, fold, generation
from .phonetic import block, keys

# Below this a pair is not shown; above the other nobody needs to think long.
SHOWN = 60
SURE = 90
# More than this many share the key: it is no trait of a person.
MAX_BLOCK = 12
# Numbers that the state gives to one alone: they count however many share one.
NUMBERS = ("cpf", "cnpj")
_GENERIC = frozenset({"contato", "atendimento", "financeiro", "vendas", "admin"})


POINTS = {
    "cpf": 100,
    "cnpj": 60,
    "email": 50,
    "mailbox": 30,
    "phone": 40,
    "birth_date": 25,
    "zip": 15,
    "city": 5,
    "device": 25,
    "name": 40,
    "similar_name": 30,
    "other_birth_date": -35,
}
# A trait that says nothing more once the stronger one is shared.
_WEAKER = {"mailbox": "email", "city": "zip"}


@dataclass(frozen=True, slots=True)
class Record:
    """What is compared; identity numbers come as keyed hashes, never in clear."""

    id: int
    name: str = ""
    email: str = ""
    phone: str = ""
    cpf: str = field(default="", repr=False)
    birth_date: date | None = None
    zip: str = ""
    city: str = ""
    devices: frozenset = frozenset()
    cnpj: str = field(default="", repr=False)
    is_company: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A pair, the older record first, with the codes of its reasons."""

    left: int
    right: int
    score: int
    reasons: tuple[str, ...]


def block_keys(record: Record) -> Iterator[tuple[str, str]]:
    """Return the (kind, value) under which this record is looked for."""
    for kind in ("cpf", "cnpj", "email", "phone"):
        if value := getattr(record, kind):
            yield kind, value
    if local := _mailbox(record.email):
        yield "mailbox", local
    sound = block(record.name)
    if sound and record.birth_date:
        yield "name_birth", f"{sound}|{record.birth_date}"
    if sound and (place := record.zip or fold(record.city)):
        yield "name_place", f"{sound}|{place}"
    if record.birth_date and record.zip:
        yield "birth_zip", f"{record.birth_date}|{record.zip}"
    for device in record.devices:
        yield "device", device


def candidate_pairs(
    records: Iterable[Record], touched: set[int] | None = None
) -> set[tuple[int, int]]:
    """Return the pairs of ids worth comparing; with ``touched`` only theirs."""
    blocks = defaultdict(set)
    for record in records:
        for key in block_keys(record):
            blocks[key].add(record.id)
    pairs = set()
    for (kind, _value), ids in blocks.items():
        if len(ids) > MAX_BLOCK and kind not in NUMBERS:
            continue
        if touched is None:
            pairs.update(combinations(sorted(ids), 2))
        else:
            own = ids & touched
            pairs.update((min(a, b), max(a, b)) for a in own for b in ids if a != b)
    return pairs


def find(records: Iterable[Record], touched: set[int] | None = None) -> list[Match]:
    """Return the pairs that look like one person, the surest first."""
    by_id = {record.id: record for record in records}
    pairs = candidate_pairs(by_id.values(), touched)
    matches = (compare(by_id[a], by_id[b]) for a, b in pairs)
    shown = [match for match in matches if match and match.score >= SHOWN]
    return sorted(shown, key=lambda match: (-match.score, match.left, match.right))


def compare(a: Record, b: Record) -> Match | None:
    """Return how likely two records are one person; None under different CPFs.

    The same CPF is certain, and so is the same CNPJ of two companies; people may well
    name the company of somebody else. Twins and families share much, so people of
    different birth dates, generations or clearly different first names stay below the
    mark.
    """
    left, right = sorted((a, b), key=lambda record: record.id)
    number = "cnpj" if a.is_company and b.is_company else "cpf"
    if getattr(a, number) and getattr(b, number):
        if getattr(a, number) != getattr(b, number):
            return None
        return Match(left.id, right.id, 100, (number,))
    likeness = name_likeness(a.name, b.name)
    points = dict(_points(a, b, likeness))
    if not points:
        return None
    if _are_relatives(a, b, likeness):
        return Match(left.id, right.id, min(sum(points.values()), 50), tuple(points))
    if "birth_date" not in points and _contradict(a, b):
        points["other_birth_date"] = POINTS["other_birth_date"]
    score = max(0, min(99, sum(points.values())))
    return Match(left.id, right.id, score, tuple(points))


def _points(a, b, likeness):
    """Yield (reason, points) of everything that speaks for one person."""
    shared = [reason for reason, trait in _TRAITS if trait(a) and trait(a) == trait(b)]
    for reason in shared:
        if _WEAKER.get(reason) not in shared:
            yield reason, POINTS[reason]
    if a.devices & b.devices:
        yield "device", POINTS["device"]
    if likeness >= 0.88:
        reason = "name" if likeness >= 0.97 else "similar_name"
        yield reason, POINTS[reason]


def name_likeness(one: str, other: str) -> float:
    """Return 0 to 1: spelling, sound and order of words taken together."""
    words, others = _words(one), _words(other)
    if not words or not others:
        return 0.0
    if sorted(keys(one)) == sorted(keys(other)):
        return 1.0
    spelt = token_sort_ratio(" ".join(words), " ".join(others)) / 100
    short, long = sorted((words, others), key=lambda w: (len(w), len("".join(w))))
    if len(short) >= 2 and _is_abbreviation(short, long):
        return max(spelt, 0.9)
    return spelt


def _words(name):
    return [word for word in fold(name).split() if word not in PARTICLES]


def _is_abbreviation(short, long):
    """Maria Silva, M. A. Silva or Maria A. Silva of Maria Aparecida Silva."""
    if short[0][0] != long[0][0] or JaroWinkler.similarity(short[-1], long[-1]) < 0.93:
        return False
    if len(short[0]) > 1 and JaroWinkler.similarity(short[0], long[0]) < 0.93:
        return False
    rest = iter(long[1:-1])
    return all(any(word.startswith(w) for word in rest) for w in short[1:-1])


def _are_relatives(a, b, likeness):
    """Father and son, twins, spouses: much is shared, the person is another."""
    if generation(a.name) != generation(b.name):
        return True
    one, other = _words(a.name), _words(b.name)
    if not one or not other or likeness >= 0.97 or len(one[0]) < 2:
        return False
    if one[0] == other[-1] or one[-1] == other[0] or len(other[0]) < 2:
        return False
    return JaroWinkler.similarity(one[0], other[0]) < 0.82


def _contradict(a, b):
    """Different birth dates that no slip of the finger explains."""
    if not a.birth_date or not b.birth_date:
        return False
    one, other = a.birth_date, b.birth_date
    swapped = (one.year, one.day, one.month) == (other.year, other.month, other.day)
    parts = sum(
        x == y for x, y in zip(one.timetuple()[:3], other.timetuple()[:3], strict=True)
    )
    return not swapped and parts < 2


def _mailbox(email):
    """Return the part before @ as people reuse it at other houses, "" if too plain."""
    local = email.partition("@")[0].partition("+")[0].replace(".", "")
    return local if len(local) >= 6 and local not in _GENERIC else ""


_TRAITS = (
    ("cnpj", lambda record: record.cnpj),
    ("email", lambda record: record.email),
    ("mailbox", lambda record: _mailbox(record.email)),
    ("phone", lambda record: record.phone),
    ("birth_date", lambda record: record.birth_date),
    ("zip", lambda record: record.zip),
    ("city", lambda record: fold(record.city)),
)
