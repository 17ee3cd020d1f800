"""The events that the bench posts: many trades and logins, no two alike."""

import json
import random
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

BATCH = 5000
_numbers = count(1)


def signups(number, prefix, days_ago=0):
    """Return the sign-ups of a crowd, with contact data and consents.

    Those of long ago are history: no cadence stirs while something else is measured.
    """
    now = datetime.now(UTC) - timedelta(days=days_ago, minutes=5)
    return [
        {
            "id": uuid4().hex,
            "type": "signup",
            "trader": f"{prefix}-{n}",
            "at": now.isoformat(),
            "data": {
                "name": f"Pessoa {n}",
                "email": f"{prefix}-{n}@example.com",
                "phone": f"+551196{next(_numbers):07}",
                "state": "SP",
                "language": "pt_BR",
                "consents": [
                    {"purpose": "marketing", "channel": channel, "granted": True}
                    for channel in ("sms", "email", "whatsapp")
                ],
            },
        }
        for n in range(number)
    ]


def activity(number, prefix, people, seed=0):
    """Return trades (3 of 4) and logins of known traders."""
    rng = random.Random(f"{prefix}{seed}")
    now = datetime.now(UTC)
    return [_one(rng, now, f"{prefix}-{rng.randrange(people)}") for _n in range(number)]


def _one(rng, now, trader):
    event = {
        "id": f"{rng.getrandbits(96):024x}",
        "type": "login",
        "trader": trader,
        "at": (now - timedelta(seconds=rng.randrange(3600))).isoformat(),
        "data": {},
    }
    if rng.random() < 0.75:
        event["type"] = "trade"
        event["data"] = {
            "instrument": rng.choice(("WIN", "WDO", "PETR4")),
            "volume": f"{rng.randrange(10, 9000)}.00",
            "result": f"{rng.randrange(-90, 90)}.50",
        }
    return event


def body(events, source="bench"):
    """Return a batch as the bytes of a request."""
    return json.dumps({"source": source, "events": events}).encode()
