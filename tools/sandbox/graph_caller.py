"""Webhooks as Meta sends them: signed batches of statuses, what people write."""

import asyncio
import hashlib
import hmac
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import SystemRandom

import aiohttp
from yarl import URL

from .callbacks import WHATSAPP_LIFE, Caller
from .graph_errors import reported
from .meta import Person

log = logging.getLogger("sandbox.graph")

WINDOW = timedelta(hours=24)
BATCH = 1000  # updates in one call, at most
GATHER = 0.05  # seconds that statuses wait for others
TRIES = 5
DEFAULT_CODE = 131026
# These end as failed some moments after they were accepted, as at Meta.
MAGIC = {
    "whatsapp:+15005550001": 131026,
    "whatsapp:+15005550002": 131047,
    "whatsapp:+15005550003": 131049,
    "whatsapp:+15005550004": 131050,
}


@dataclass(frozen=True)
class End:
    """Why a message does not arrive."""

    code: int


def signature(secret, body):
    """Return the header X-Hub-Signature-256 over the raw bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class GraphCaller(Caller):
    """Lets the messages of one WhatsApp number live, and its people write."""

    def __init__(self, meta, store, faults, speed=1.0):
        super().__init__((meta.waba_id, meta.app_secret), store, faults, speed=speed)
        self.meta = meta
        self.webhook = meta.webhook
        self.heard = {}
        self._waiting = []
        for message in store.messages.values():
            if message.api == "graph" and message.direction == "inbound":
                at = datetime.fromisoformat(message.date_created)
                self.heard[Person(message.sender).user_id] = at

    def is_open(self, address):
        """Tell whether a person wrote within the last 24 hours."""
        heard = self.heard.get(Person(address).user_id)
        return bool(heard) and datetime.now(UTC) - heard < WINDOW

    async def forget(self):
        """Stop what is still to be posted and close every window."""
        await super().forget()
        self._waiting = []
        self.heard.clear()

    # === THE LIFE OF A MESSAGE === #

    def _end(self, message, facts):
        if code := MAGIC.get(message.to):
            return End(code)
        if message.template is None and not self.is_open(message.to):
            return End(131047)
        if fault := self.faults.take({"undelivered"}, **facts):
            is_ours = fault.code < 100 or fault.code > 100_000
            return End(fault.code if is_ours else DEFAULT_CODE)
        return None

    @staticmethod
    def _steps(message, end):
        life = ((0.05, "failed"),) if end else WHATSAPP_LIFE
        past = [0.0, *(at for at, _status in life)]
        return [
            (at - before, status)
            for (at, status), before in zip(life, past, strict=False)
        ]

    def _report(self, message):
        person = Person(message.to)
        report = {
            "id": message.sid,
            "status": message.status,
            "timestamp": _seconds(),
            "recipient_user_id": person.user_id,
        }
        if not person.is_hidden:
            report["recipient_id"] = person.wa_id
        if message.opaque:
            report["biz_opaque_callback_data"] = message.opaque
        if message.error_code:
            report["errors"] = [reported(message.error_code)]
        else:
            category = (message.template or {}).get("category", "service").lower()
            report["pricing"] = {
                "billable": True,
                "pricing_model": "PMP",
                "category": category,
            }
        return report

    async def _tell(self, message, report):
        if not self.webhook:
            return
        outcome = await self._with_others({"statuses": [report]})
        message.callbacks.append([report["status"], outcome])

    async def _with_others(self, value):
        """Post one update in the next batch; return what the webhook said."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((self.change(value), done))
        if len(self._waiting) == 1:
            task = asyncio.get_running_loop().create_task(self._flush())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await done

    async def _flush(self):
        await asyncio.sleep(GATHER * self.speed)
        taken, self._waiting = self._waiting, []
        for start in range(0, len(taken), BATCH):
            part = taken[start : start + BATCH]
            outcome = await self.tell([change for change, _done in part])
            for _change, done in part:
                if not done.done():
                    done.set_result(outcome)

    # === INBOUND === #

    async def say(self, person, sender, body, url="", said=None):
        """Let a person write; ``said`` replaces the text (a button, a location …)."""
        message = self.store.accept(
            account_sid=self.account_sid,
            to=sender,
            sender=person,
            body=body,
            status="received",
            direction="inbound",
            api="graph",
        )
        who = Person(person)
        self.heard[who.user_id] = datetime.now(UTC)
        update = {
            **who.as_sender(),
            "id": message.sid,
            "timestamp": _seconds(),
            **(said or {"type": "text", "text": {"body": body}}),
        }
        change = self.change({"contacts": [who.contact()], "messages": [update]})
        return message, await self.tell([change], url)

    async def prefer(self, person, value):
        """Let a person switch marketing off or on in WhatsApp; return the outcome."""
        who = Person(person)
        update = {
            "user_id": who.user_id,
            "detail": f"User requested to {value} marketing messages",
            "category": "marketing_messages",
            "value": value,
            "timestamp": _seconds(),
        }
        if not who.is_hidden:
            update["wa_id"] = who.wa_id
        value = {"contacts": [who.contact()], "user_preferences": [update]}
        return await self.tell([self.change(value, "user_preferences")])

    # === HTTP === #

    def change(self, value, field="messages"):
        """Return one change of our number."""
        around = {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": self.meta.number.lstrip("+"),
                "phone_number_id": self.meta.phone_number_id,
            },
        }
        return {"value": around | value, "field": field}

    async def tell(self, changes, url=""):
        """Post a batch until the other side says 200; return the last outcome."""
        if not (url := url or self.webhook):
            return "no_url"
        entry = {"id": self.meta.waba_id, "time": int(_seconds()), "changes": changes}
        tree = {"object": "whatsapp_business_account", "entry": [entry]}
        body = json.dumps(tree, ensure_ascii=False).encode()
        outcome = None
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(min(0.2 * 2**attempt, 5) * self.speed)
            outcome = await self._post_bytes(url, body)
            if outcome == 200:
                break
        self.store.counters["callbacks"] += 1
        self.store.counters[f"callbacks_{outcome}"] += 1
        return outcome

    async def _post_bytes(self, url, body):
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": signature(self.meta.app_secret, body),
        }
        limit = aiohttp.ClientTimeout(total=15)
        try:
            async with (
                self._gate,
                self._session.post(
                    URL(url, encoded=True), data=body, headers=headers, timeout=limit
                ) as answer,
            ):
                await answer.read()
                return answer.status
        except aiohttp.ClientConnectorError:
            return "ct"
        except (aiohttp.ClientError, TimeoutError):
            return "rt"

    async def subscribe(self, url):
        """Shake hands with a webhook and keep it when it knows the token."""
        challenge = str(SystemRandom().randrange(10**9, 10**10))
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": self.meta.verify_token,
        }
        limit = aiohttp.ClientTimeout(total=15)
        try:
            async with self._session.get(url, params=query, timeout=limit) as answer:
                if answer.status != 200 or await answer.text() != challenge:
                    return False
        except (aiohttp.ClientError, TimeoutError):
            return False
        self.webhook = url
        return True


def _seconds():
    return str(int(datetime.now(UTC).timestamp()))
