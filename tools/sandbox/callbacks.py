"""Signed posts back to the sender: status callbacks and inbound messages."""

import asyncio
import base64
import hashlib
import hmac
import logging
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode
from uuid import uuid4

import aiohttp
from yarl import URL

log = logging.getLogger("sandbox.callbacks")

PARALLEL = 6  # callbacks in the air at once: the other side is one small machine

# Seconds from the message's acceptance to each report.
SMS_LIFE = ((0.05, "sent"), (0.15, "delivered"))
WHATSAPP_LIFE = (*SMS_LIFE, (0.4, "read"))
FAILED = {"undelivered", "failed"}
CALLBACK_FAULTS = {"no_callback", "late_callback", "duplicate_callback"} | {
    "reversed_callback"
}


def signature(token, url, params):
    """Return Twilio's signature of a form post: URL plus sorted names and values."""
    text = url + "".join(f"{name}{params[name]}" for name in sorted(params))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@dataclass(frozen=True)
class RetryRule:
    """What the fragment of a callback address asks for (#rc=…&rp=…)."""

    times: int = 1
    policy: frozenset = frozenset({"ct"})
    timeout: float = 15.0

    @classmethod
    def from_fragment(cls, fragment):
        """Read the fragment; what is missing or broken keeps Twilio's default."""
        asked = {name: values[0] for name, values in parse_qs(fragment).items()}
        times, millis = asked.get("rc", ""), asked.get("rt", "")
        return cls(
            times=min(int(times), 5) if times.isdecimal() else 1,
            policy=frozenset(asked.get("rp", "ct").split(",")),
            timeout=min(int(millis), 15000) / 1000 if millis.isdecimal() else 15.0,
        )

    def wants(self, outcome):
        """Tell whether an outcome (200, 503, "ct", "rt") is to be tried again."""
        if isinstance(outcome, str):
            return outcome in self.policy or "all" in self.policy
        if outcome < 400:
            return False
        return f"{outcome // 100}xx" in self.policy or "all" in self.policy


class Caller:
    """Posts callbacks in the background, a few at a time."""

    def __init__(self, account, store, faults, inbound_urls=None, speed=1.0):
        self.account_sid, self.token = account
        self.store = store
        self.inbound_urls = inbound_urls or {}
        self.faults = faults
        self.speed = speed
        self._gate = asyncio.Semaphore(PARALLEL)
        self._tasks = set()
        self._session = None

    async def open(self):
        """Open the HTTP session; needs the running loop."""
        self._session = aiohttp.ClientSession(trust_env=False)

    async def close(self):
        """Stop what is still to be posted and close the session."""
        await self.forget()
        await self._session.close()

    async def forget(self):
        """Stop what is still to be posted."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def start_life(self, message):
        """Let an accepted message travel: statuses, callbacks, maybe a STOP."""
        task = asyncio.get_running_loop().create_task(self._live(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # === THE LIFE OF A MESSAGE === #

    async def _live(self, message):
        facts = {"to": message.to, "from": message.sender, "body": message.body}
        end = self._end(message, facts)
        stop = self.faults.take({"stop_reply"}, **facts)
        fault = self.faults.take(CALLBACK_FAULTS, **facts)
        reports = []
        for wait, status in self._steps(message, end):
            await asyncio.sleep(wait * self.speed)
            code = end.code if end and status in FAILED else None
            self.store.move(message, status, code)
            reports.append(self._report(message))
            if fault is None:
                await self._tell(message, reports.pop())
        if fault:
            await self._tell_badly(message, reports, fault)
        if stop:
            await self.say(message.to, message.sender, stop.body)

    def _end(self, message, facts):
        """Return why this message will not arrive, None when it will."""
        return self.faults.take({"undelivered"}, **facts)

    @staticmethod
    def _steps(message, end):
        life = list(WHATSAPP_LIFE if message.channel == "whatsapp" else SMS_LIFE)
        if end:
            life = [(0.05, "sent"), (0.15, "undelivered")]
        if message.messaging_service_sid:
            life.insert(0, (0.02, "queued"))
        past = [0.0, *(at for at, _status in life)]
        return [
            (at - before, status)
            for (at, status), before in zip(life, past, strict=False)
        ]

    async def _tell_badly(self, message, reports, fault):
        if fault.kind == "no_callback":
            return
        if fault.kind == "late_callback":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "reversed_callback":
            reports.reverse()
        if fault.kind == "duplicate_callback":
            reports = [report for report in reports for _ in range(fault.times)]
        for report in reports:
            await self._tell(message, report)

    @staticmethod
    def _report(message):
        report = {
            "AccountSid": message.account_sid,
            "ApiVersion": "2010-04-01",
            "From": message.sender,
            "MessageSid": message.sid,
            "MessageStatus": message.status,
            "SmsSid": message.sid,
            "SmsStatus": message.status,
            "To": message.to,
        }
        if message.messaging_service_sid:
            report["MessagingServiceSid"] = message.messaging_service_sid
        if message.error_code:
            report["ErrorCode"] = str(message.error_code)
        if message.channel == "whatsapp":
            report["ChannelPrefix"] = "whatsapp"
            report["EventType"] = message.status.upper()
        return report

    async def _tell(self, message, report):
        if not message.status_callback:
            return
        outcome = await self.post(message.status_callback, report)
        message.callbacks.append([report["MessageStatus"], outcome])

    # === INBOUND === #

    async def say(self, person, sender, body, url=""):
        """Let a person write to a sender; return (message, what the webhook said)."""
        message = self.store.accept(
            account_sid=self.account_sid,
            to=sender,
            sender=person,
            body=body,
            status="received",
            direction="inbound",
        )
        self.store.hear(person, sender, body)
        url = url or self.inbound_url(message)
        if not url:
            return message, "no_url"
        return message, await self.post(url, self.inbound_form(message))

    def inbound_url(self, inbound):
        """Return where a message to one of our numbers goes.

        Twilio has an address per number. Where none is configured here, the
        newest message of the number tells it: its callback address without the
        message's own key.
        """
        if url := self.inbound_urls.get(inbound.channel):
            return url
        for sent in self.store.newest_first():
            if sent.direction == "inbound" or sent.sender != inbound.to:
                continue
            if door := sent.status_callback.partition("#")[0]:
                has_key = len(sent.key) == 32
                return door.rstrip("/").rpartition("/")[0] if has_key else door
        return ""

    @staticmethod
    def inbound_form(message):
        """Return the form of an inbound message in Twilio's names."""
        form = {
            "AccountSid": message.account_sid,
            "ApiVersion": "2010-04-01",
            "Body": message.body,
            "From": message.sender,
            "FromCountry": "BR",
            "MessageSid": message.sid,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "To": message.to,
            "ToCountry": "BR",
        }
        if message.channel == "whatsapp":
            form["MessageType"] = "text"
            form["ProfileName"] = "Sandbox"
            form["WaId"] = message.sender.removeprefix("whatsapp:").lstrip("+")
        return form

    # === HTTP === #

    async def post(self, address, params):
        """Post a signed form, again where the address asks for it; return the end."""
        url, _hash, fragment = address.partition("#")
        rule = RetryRule.from_fragment(fragment)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "I-Twilio-Idempotency-Token": str(uuid4()),
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": signature(self.token, url, params),
        }
        for attempt in range(rule.times + 1):
            outcome = await self._post_once(url, params, headers, rule.timeout)
            if not rule.wants(outcome):
                break
            await asyncio.sleep(min(0.2 * 2**attempt, 2) * self.speed)
        self.store.counters["callbacks"] += 1
        self.store.counters[f"callbacks_{outcome}"] += 1
        return outcome

    async def _post_once(self, url, params, headers, timeout):
        limit = aiohttp.ClientTimeout(total=timeout)
        try:
            async with (
                self._gate,
                self._session.post(
                    URL(url, encoded=True),
                    data=urlencode(params),
                    headers=headers,
                    timeout=limit,
                    allow_redirects=False,
                ) as answer,
            ):
                await answer.read()
                return answer.status
        except aiohttp.ClientConnectorError:
            return "ct"
        except (aiohttp.ClientError, TimeoutError):
            return "rt"
        except ValueError:
            log.warning("a callback address cannot be used")
            return "bad_url"
