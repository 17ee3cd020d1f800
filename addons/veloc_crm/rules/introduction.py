"""Several leads and sign-ups about one person in a batch make one introduction."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from operator import attrgetter

from .event_schema import Event
from .person import Person, read_person


@dataclass(frozen=True, slots=True)
class Introduction(Person):
    """What we were told of a person, and when last."""

    at: datetime | None = None

    @property
    def is_brazilian(self) -> bool:
        """A Brazilian state or number; we do not guess otherwise."""
        return bool(self.uf or (self.phone or "").startswith("+55"))


def merge_introductions(
    events: Iterable[Event], today: date, warn: Callable[[Event, str], None]
) -> dict[str, Introduction]:
    """Return one introduction per trader; what was told last wins.

    ``warn`` hears of every part that could not be read.
    """
    people: dict[str, Introduction] = {}
    for event in sorted(events, key=attrgetter("at")):
        told = read_person(event.data, today)
        for problem in told.problems:
            warn(event, problem)
        before = people.get(event.trader, Introduction())
        people[event.trader] = _merge(before, told, event.at)
    return people


def _merge(before, told, at):
    news = {
        item.name: value
        for item in fields(Person)
        if item.name != "problems" and (value := getattr(told, item.name))
    }
    news["utm"] = {**before.utm, **told.utm}
    news["tidied"] = before.tidied | told.tidied
    return replace(before, **news, at=at)
