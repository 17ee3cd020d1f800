"""What the people of the demo did, as the events their broker would have sent.

Pure and seeded: the same ``now`` gives the same story, to the second.
"""

import random
import unicodedata
from datetime import datetime, timedelta
from decimal import Decimal

from .people import PEOPLE, Persona

SEED = 20260311
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
INSTRUMENTS = ("WINFUT", "WDOFUT", "PETR4", "VALE3", "EUR/USD", "BTC/BRL")
METHODS = ("Pix", "TED", "boleto")


def tell(now: datetime) -> list[dict]:
    """Return all events of the demo, oldest first; none lies after ``now``."""
    events = []
    for number, persona in enumerate(PEOPLE, 1):
        diary = Diary(number, persona, now)
        JOURNEYS[persona.journey](diary)
        events += diary.events
    past = [event for event in events if event["at"] <= now]
    past.sort(key=lambda event: (event["at"], event["id"]))
    return past


class Diary:
    """One person's events while they are being written down."""

    def __init__(self, number: int, persona: Persona, now: datetime) -> None:
        self.number = number
        self.persona = persona
        self.now = now
        self.start = now - persona.days * DAY
        self.dice = random.Random(SEED + number)  # noqa: S311 - a story, no secret
        self.ref = f"VB-{1000 + number}"
        self.events: list[dict] = []

    def note(self, type_: str, at: datetime, amount=None, **data) -> None:
        """Write down one event."""
        event = {
            "id": f"demo-{self.number}-{len(self.events) + 1}",
            "type": type_,
            "trader": self.ref,
            "at": at.replace(microsecond=0),
            "data": data,
        }
        if amount is not None:
            event |= {"amount": str(Decimal(amount).quantize(Decimal("0.01")))}
            event |= {"currency": "BRL"}
        self.events.append(event)

    def introduce(self, type_: str, at: datetime, consents=None) -> None:
        """Write down a lead or a signup with who the person is."""
        persona = self.persona
        granted = persona.consents if consents is None else consents
        self.note(
            type_,
            at,
            name=persona.name,
            email=f"{_slug(persona.name)}@example.com",
            phone=f"+55{persona.area}9{61000000 + self.number * 13577}",
            cpf=make_cpf(300_000_000 + self.number * 7_919_113),
            birth_date=f"{persona.born}-{self.number % 12 + 1:02}-15",
            state=persona.uf,
            language=persona.language,
            utm_source=persona.source,
            utm_medium="indicacao" if persona.source == "indicacao" else "cpc",
            utm_campaign="abertura-de-conta",
            consents=[
                {"purpose": purpose, "channel": channel, "granted": True}
                for purpose, channel in granted
            ],
        )

    def amount(self, low: int, high: int) -> int:
        """Return a round sum of money, as people pay it in."""
        return self.dice.randrange(low, high + 1, 50)

    def deposit(self, at: datetime, amount: int) -> None:
        """Write down a deposit from its start to its approval."""
        method = self.dice.choice(METHODS)
        self.note("deposit_started", at - 4 * MINUTE, amount, method=method)
        self.note("deposit_approved", at, amount, method=method)

    def withdraw(self, at: datetime, amount: int, reason: str = "") -> None:
        """Write down a withdrawal with all its steps."""
        self.note("withdrawal_requested", at, amount)
        self.note("withdrawal_processing", at + 3 * HOUR, amount)
        if reason:
            self.note("withdrawal_rejected", at + 9 * HOUR, amount, reason=reason)
        else:
            self.note("withdrawal_paid", at + 9 * HOUR, amount)

    def trade(self, first: datetime, last: datetime, count: int) -> None:
        """Write down ``count`` trades between two moments, with their logins."""
        span = (last - first).total_seconds()
        for _n in range(count):
            at = first + timedelta(seconds=self.dice.uniform(0, span))
            if self.dice.random() < 0.3:
                self.note("login", at - 2 * MINUTE)
            volume = self.amount(200, 5000)
            result = round(volume * self.dice.gauss(-0.004, 0.03), 2)
            self.note(
                "trade",
                at,
                instrument=self.dice.choice(INSTRUMENTS),
                volume=f"{volume}.00",
                result=f"{result:.2f}",
            )


# === JOURNEYS === #


def _lead(diary):
    diary.introduce("lead", diary.start)


def _lead_started(diary):
    diary.introduce("lead", diary.start)
    diary.introduce("signup_started", diary.start + HOUR, consents=())


def _signup(diary):
    diary.introduce("signup", diary.start)
    if diary.number % 2:
        diary.note("login", diary.start + 5 * MINUTE)


def _kyc(diary):
    _signup(diary)
    diary.note("kyc_submitted", diary.start + 5 * HOUR)
    diary.note("kyc_approved", diary.start + 26 * HOUR)


def _converted(diary):
    _kyc(diary)
    diary.deposit(diary.start + 3.2 * DAY, diary.amount(100, 400))


def _first_deposit(diary):
    _kyc(diary)
    diary.deposit(diary.start + 4 * DAY, diary.amount(100, 300))


def _client(diary, until: float, trades: int, low: int, high: int):
    """A client from the first deposit until so many days ago."""
    _kyc(diary)
    first = diary.start + 3 * DAY
    last = diary.now - until * DAY
    for share in (0.0, 0.3, 0.65):
        diary.deposit(first + share * (last - first), diary.amount(low, high))
    diary.trade(first + HOUR, last, trades)


def _active(diary):
    _client(diary, 0.5, 14, 100, 600)
    diary.withdraw(diary.now - (2 + diary.number % 4) * DAY, 150)


def _vip(diary):
    _client(diary, 0.2, 90, 2500, 9000)
    diary.withdraw(diary.now - 20 * DAY, diary.amount(500, 2000))
    reason = "conta bancária em nome de outra pessoa"
    diary.withdraw(diary.now - 1.6 * DAY, 900, reason if diary.number % 2 else "")
    diary.note(
        "login_suspicious", diary.now - 5.2 * DAY, city="Lisboa", device="Firefox"
    )
    diary.note("password_changed", diary.now - 5.1 * DAY)


def _at_risk(diary):
    _client(diary, 38 + diary.number % 9, 12, 200, 900)


def _churned(diary):
    _client(diary, 96 + diary.number % 5, 8, 100, 500)


def _won_back(diary):
    _client(diary, 99, 10, 300, 800)
    diary.note("login", diary.now - 3.5 * DAY)
    diary.deposit(diary.now - 3.4 * DAY, diary.amount(300, 900))
    diary.trade(diary.now - 3 * DAY, diary.now - 0.3 * DAY, 6)


def _self_excluded(diary):
    _client(diary, 9, 25, 300, 900)
    until = (diary.now + 170 * DAY).strftime("%Y-%m-%dT00:00:00Z")
    diary.note("self_excluded", diary.now - 8.5 * DAY, until=until)


def _complaint(diary):
    _client(diary, 3, 10, 150, 500)
    diary.note("complaint_opened", diary.now - 2.5 * DAY, channel="Reclame Aqui")


def _kyc_rejected(diary):
    _signup(diary)
    diary.note("kyc_submitted", diary.start + 5 * HOUR)
    diary.note("kyc_rejected", diary.start + 30 * HOUR, reason="documento ilegível")


def _revoked(diary):
    """Takes back the word on SMS two days after giving it."""
    _signup(diary)
    word = {"purpose": "marketing", "channel": "sms", "granted": False}
    diary.note("login", diary.start + 1.8 * DAY, consents=[word])


JOURNEYS = {
    "lead": _lead,
    "lead_started": _lead_started,
    "signup": _signup,
    "converted": _converted,
    "kyc": _kyc,
    "first_deposit": _first_deposit,
    "active": _active,
    "vip": _vip,
    "at_risk": _at_risk,
    "churned": _churned,
    "won_back": _won_back,
    "self_excluded": _self_excluded,
    "complaint": _complaint,
    "kyc_rejected": _kyc_rejected,
    "revoked": _revoked,
}


# === SHAPES === #


def make_cpf(number: int) -> str:
    """Return ``number`` as a CPF with its two check digits."""
    digits = [int(digit) for digit in f"{number % 10**9:09}"]
    for _n in range(2):
        weights = range(len(digits) + 1, 1, -1)
        rest = sum(d * w for d, w in zip(digits, weights, strict=True)) % 11
        digits.append(0 if rest < 2 else 11 - rest)
    return "".join(map(str, digits))


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return ".".join(plain.lower().split())
