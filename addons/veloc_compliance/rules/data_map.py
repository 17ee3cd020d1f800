"""Where personal data stand, whose they are, and what becomes of them on erasure.

One table answers many questions: access and portability read by it, erasure blanks by
it, the register of processing is written from it, and a test finds what it forgot.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

DATA_CLASSES = {
    "identity": "Identity",
    "contact": "Contact details",
    "consent": "Consents and objections",
    "contact_log": "Messages and contacts",
    "trading": "Account and trading",
    "behaviour": "Behaviour and decisions",
    "conversation": "Conversations",
    "access_log": "Access log",
    "kyc": "Identity proofs",
    "bank": "Bank details",
    "incident": "Incidents",
    "request": "Requests of the data subject",
}

# blank: the fields are emptied; pseudonymise: a token stands in their place;
# delete: the rows go; keep: evidence, or nothing personal once the person is gone.
ON_ERASURE = frozenset({"blank", "pseudonymise", "delete", "keep"})


@dataclass(frozen=True, slots=True)
class Source:
    """Some fields of a model, that belong to one person.

    ``subject``: path to the partner's id; empty where rows name no person. Where it
    leads to a record of another model, ``via`` names that model, whose own source
    says whose it is. ``by_value``: rows found because a field holds the person's
    address. ``shown``: the person gets them to read by themselves; technical secrets
    and what staff wrote in free words are not: a person looks at those first (they may
    be about others, or under secrecy). ``consented``: held only because of a consent.
    """

    model: str
    subject: str
    fields: tuple[str, ...]
    data_class: str
    on_erasure: str
    shared_with: tuple[str, ...] = ()
    reason: str = ""
    condition: tuple = ()
    via: str = ""
    by_value: str = ""
    shown: bool = True
    consented: bool = False

    def __post_init__(self):
        if self.data_class not in DATA_CLASSES:
            raise ValueError(f"{self.model}: no data class {self.data_class!r}")
        if self.on_erasure not in ON_ERASURE:
            raise ValueError(f"{self.model}: no such erasure {self.on_erasure!r}")
        if self.consented and self.on_erasure not in ("delete", "blank"):
            raise ValueError(f"{self.model}: what rests on consent alone must go")
        if self.on_erasure == "keep" and not self.reason:
            raise ValueError(f"{self.model}: what is kept is kept for a reason")

    @property
    def is_personal(self) -> bool:
        """Whether rows of it belong to somebody."""
        return bool(self.subject or self.by_value)


def source(model: str, subject: str, names: str, *what: str, **more) -> Source:
    """Return a source; ``names`` are field names with spaces between."""
    return Source(model, subject, tuple(names.split()), *what, **more)


def impersonal(reason: str, models: Iterable[str]) -> list[Source]:
    """Return sources of models whose rows are about nobody, and say why."""
    return [
        Source(model, "", (), "identity", "keep", reason=reason) for model in models
    ]


def mapped_fields(sources: Iterable[Source]) -> dict[str, set[str]]:
    """Return ``{model: names}`` of everything that the map speaks of."""
    found: dict[str, set[str]] = {}
    for entry in sources:
        found.setdefault(entry.model, set()).update(entry.fields)
    return found


def impersonal_models(sources: Iterable[Source]) -> set[str]:
    """Return the models that the map says hold nothing about anybody."""
    listed = list(sources)
    personal = {entry.model for entry in listed if entry.is_personal}
    return {entry.model for entry in listed} - personal


def doubles(sources: Iterable[Source]) -> list[tuple[str, str]]:
    """Return (model, field) that two entries treat differently for the same rows."""
    fate: dict[tuple, str] = {}
    found = []
    for entry in sources:
        for name in entry.fields:
            key = (entry.model, name, entry.condition, entry.subject, entry.by_value)
            if fate.setdefault(key, entry.on_erasure) != entry.on_erasure:
                found.append((entry.model, name))
    return found
