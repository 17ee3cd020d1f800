"""Events as the broker's systems post them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import requests

_people = count(1)
ALL_CHANNELS = ("sms", "email", "whatsapp")


def event(kind, trader, at=None, amount=None, **data):
    """Return one event; without ``at`` it happened a second ago."""
    at = at or datetime.now(UTC) - timedelta(seconds=1)
    told = {
        "id": uuid4().hex,
        "type": kind,
        "trader": trader,
        "at": at.isoformat(),
        "data": data,
    }
    if amount:
        told |= {"amount": str(amount), "currency": "BRL"}
    return told


def new_phone():
    """Return an invented Brazilian mobile that no other test has."""
    return f"+551196{next(_people):07}"


def consents(*channels, purpose="marketing"):
    """Return the consents that a sign-up form collected."""
    return [
        {"purpose": purpose, "channel": channel, "granted": True}
        for channel in channels
    ]


def signup(trader, at=None, **data):
    """Return the sign-up of a person with phone, e-mail and consents."""
    person = {
        "name": "Marina Souza",
        "email": f"{trader}@example.com",
        "phone": new_phone(),
        "birth_date": "1990-05-17",
        "state": "SP",
        "language": "pt_BR",
        "consents": consents(*ALL_CHANNELS),
    }
    return event("signup", trader, at, **(person | data))


class EventsApi:
    """The events route with an API key."""

    def __init__(self, url, key):
        self.address = f"{url}/veloc/api/v1/events"
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["Authorization"] = f"Bearer {key}"

    def post(self, *events, source="e2e", headers=None):
        """Return the raw answer to a batch."""
        body = {"source": source, "events": list(events)}
        return self.http.post(self.address, json=body, headers=headers, timeout=120)

    def send(self, *events, source="e2e"):
        """Post a batch that must be taken whole; return the answer's JSON."""
        answer = self.post(*events, source=source)
        assert answer.status_code == 200, answer.text[:500]
        told = answer.json()
        assert not told["rejected"], told["rejected"][:3]
        return told
