"""Invented traders and what they do next: the plot of the broker simulator.

No clock and no network: ``now`` and the random generator come in, events go out.
"""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from uuid import uuid4

FIRST = ("Ana", "Bruno", "Camila", "Diego", "Eduarda", "Felipe", "Gabriela", "Heitor")
LAST = ("Almeida", "Barbosa", "Cardoso", "Duarte", "Esteves", "Ferreira", "Gonçalves")
PLACES = (("SP", "11"), ("RJ", "21"), ("MG", "31"), ("RS", "51"), ("BA", "71"))
INSTRUMENTS = ("WIN", "WDO", "PETR4", "VALE3", "EURUSD", "BTCUSD")
CONSENTS = [("marketing", "sms"), ("marketing", "email"), ("marketing", "whatsapp")]
MOST_TRADERS = 40


@dataclass
class Person:
    """One invented trader."""

    ref: str
    deposits: int = 0
    withdrawals: list = field(default_factory=list)


class Story:
    """Tells the next event, given a random generator and the time."""

    def __init__(self, rng, prefix="sim"):
        self.rng = rng
        self.prefix = prefix
        self.people = []
        self._numbers = count(1)

    def opening(self, now: datetime) -> list:
        """Return events that are answered by e-mail and by SMS at once."""
        return [self._signup(now), self._login_suspicious(self.people[-1], now)]

    def next_event(self, now: datetime) -> dict:
        """Return one event in the schema of the events API."""
        is_new = len(self.people) < MOST_TRADERS and self.rng.random() < 0.3
        if is_new or not self.people:
            return self._signup(now)
        person = self.rng.choice(self.people)
        if person.withdrawals:
            return self._event(person, "withdrawal_paid", now, person.withdrawals.pop())
        if not person.deposits:
            kinds, weights = ("login", "deposit_approved"), (2, 1)
        else:
            kinds = ("trade", "login", "deposit_approved", "withdrawal_requested")
            weights = (6, 3, 2, 1)
        kind = self.rng.choices(kinds, weights)[0]
        return getattr(self, f"_{kind}")(person, now)

    def _event(self, person, kind, now, amount=None, **data):
        event = {
            "id": str(uuid4()),
            "type": kind,
            "trader": person.ref,
            "at": now.isoformat(),
            "data": data,
        }
        if amount:
            event |= {"amount": amount, "currency": "BRL"}
        return event

    def _amount(self, low, high):
        return f"{self.rng.randint(low, high)}.{self.rng.choice(('00', '50', '90'))}"

    def _signup(self, now):
        number = next(self._numbers)
        person = Person(f"{self.prefix}-{number:04}")
        self.people.append(person)
        name = f"{self.rng.choice(FIRST)} {self.rng.choice(LAST)}"
        state, area = self.rng.choice(PLACES)
        given = [pair for pair in CONSENTS if self.rng.random() < 0.8]
        return self._event(
            person,
            "signup",
            now,
            name=name,
            email=f"{person.ref}@example.com",
            # 9 6… is a mobile; the middle keeps the invented numbers apart.
            phone=f"+55{area}96{self.rng.randint(100, 999)}{number:04}",
            birth_date=f"{self.rng.randint(1960, 2003)}-0{self.rng.randint(1, 9)}-15",
            state=state,
            language="pt_BR",
            utm_source=self.rng.choice(("google", "instagram", "indicacao")),
            consents=[
                {"purpose": purpose, "channel": channel, "granted": True}
                for purpose, channel in given
            ],
        )

    def _login(self, person, now):
        return self._event(person, "login", now, device="Android")

    def _login_suspicious(self, person, now):
        return self._event(person, "login_suspicious", now, city="Lisboa")

    def _deposit_approved(self, person, now):
        person.deposits += 1
        return self._event(person, "deposit_approved", now, self._amount(50, 3000))

    def _withdrawal_requested(self, person, now):
        amount = self._amount(30, 400)
        person.withdrawals.append(amount)
        return self._event(person, "withdrawal_requested", now, amount)

    def _trade(self, person, now):
        return self._event(
            person,
            "trade",
            now,
            instrument=self.rng.choice(INSTRUMENTS),
            volume=self._amount(100, 9000),
            result=str(self.rng.randint(-120, 110)),
        )
