"""SMS and WhatsApp through Twilio's Messages API, with the official client."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.util import make_headers

from . import base, errors, registry, transport
from .twilio_content import TwilioContent
from .twilio_webhook import TwilioWebhook

CAPABILITIES = base.Capabilities(
    channels=frozenset({"sms", "whatsapp"}),
    templates=True,
    validity=True,
    callbacks=True,
    lookup=True,
)
# Twilio's clock and ours may differ; a message cannot be much older than its send.
CLOCK_SKEW = timedelta(minutes=1)
LOOKUP_LIMIT = 100
MAX_VALIDITY = 36000  # seconds; also what Twilio takes when nothing is said
# Ask Twilio to repeat a callback that we did not answer well, within its 15 seconds.
# 4xx too: while its database is down Odoo answers every address with 404.
CALLBACK_OPTIONS = "#rc=5&rp=ct,rt,4xx,5xx"


class TwilioHttpClient(HttpClient):
    """Twilio's transport, with what the stock one lacks.

    A time-out on every call, no proxy or netrc from the environment, a pool as big as
    the number of threads, another host when asked, and no state shared by threads but
    the connections (the stock client hands out answers through an attribute).
    """

    def __init__(self, base_url: str = "", pool_size: int = 8) -> None:
        super().__init__(None, False, None)
        self.base = urlsplit(base_url) if base_url else None
        self.transport = transport.Transport(pool_size)
        self._seen = threading.local()

    def request(
        self,
        method,
        url,
        params=None,
        data=None,
        headers=None,
        auth=None,
        timeout=None,  # ignored: ours is never "for ever"
        allow_redirects=False,
    ):
        self._seen.headers = {}
        headers = dict(headers or {})
        if auth:
            basic = make_headers(basic_auth=":".join(auth))
            headers["Authorization"] = basic["authorization"]
        address = self._address(url)
        if params:
            address = f"{address}?{urlencode(params, doseq=True)}"
        answer = self.transport.call(
            method.upper(), address, data and urlencode(data, doseq=True), headers
        )
        self._seen.headers = answer.headers
        text = answer.data.decode("utf-8", "replace")
        return Response(answer.status, text, answer.headers)

    def retry_after(self) -> float | None:
        """Return what the last answer in this thread asked us to wait, in seconds."""
        seen = getattr(self._seen, "headers", {})
        return transport.retry_after(seen.get("Retry-After"))

    def _address(self, url):
        if not self.base:
            return url
        parts = urlsplit(url)
        path = self.base.path.rstrip("/") + parts.path
        return urlunsplit(
            (self.base.scheme, self.base.netloc, path, parts.query, parts.fragment)
        )


class TwilioProvider(TwilioContent):
    """One Twilio account; ``channel`` decides between SMS and WhatsApp."""

    def __init__(self, config: base.Config) -> None:
        self.config = config
        self.http = TwilioHttpClient(config.base_url, config.concurrency)
        self._client = None

    def prepare(self) -> base.Result | None:
        """Refuse to start without the credentials Twilio would ask for."""
        if self.config.account_sid and self.config.secret:
            return None
        return base.Result(
            base.CONFIG,
            "no_secret",
            "Account SID or secret missing",
            whole_account=True,
        )

    def send(self, message: base.Outgoing) -> base.Result:
        """Create the message. Only a request that never left may be sent again."""
        base.refuse_unsupported(CAPABILITIES, message)
        if refusal := self.prepare():
            return refusal
        try:
            created = self.client.messages.create(**self._parameters(message))
        except transport.NetworkError as error:
            return transport.network_result(error)
        except TwilioException as error:
            return self._error_result(error)
        except (ValueError, KeyError, TypeError) as error:
            # 2xx, but not the JSON of a message: it was probably taken.
            return base.Result(base.IN_DOUBT, "bad_answer", type(error).__name__)
        if not created.sid:
            return base.Result(base.IN_DOUBT, "bad_answer", "no sid")
        return base.Result(
            base.ACCEPTED, provider_ref=created.sid, status=str(created.status or "")
        )

    def find(self, lookup: base.Lookup) -> base.Search:
        """List what went to this person lately; a failed list proves nothing.

        Not filtered by DateSent at Twilio: a message that waits in its queue has none
        and would be missed, hence sent twice.
        """
        if refusal := self.prepare():
            return base.Search(detail=refusal.code)
        try:
            records = self.client.messages.list(
                to=self._address(lookup.to), limit=LOOKUP_LIMIT
            )
        except transport.NetworkError as error:
            return base.Search(detail=type(error).__name__)
        except TwilioException as error:
            return base.Search(detail=f"http_{getattr(error, 'status', '')}")
        except (ValueError, KeyError, TypeError) as error:
            return base.Search(detail=type(error).__name__)
        sightings = tuple(
            base.Sighting(record.sid, str(record.status or ""))
            for record in records
            if self._matches(record, lookup)
        )
        return base.Search(sightings, complete=len(records) < LOOKUP_LIMIT)

    def close(self) -> None:
        """The session is kept: opening it is the dear part."""

    @property
    def client(self) -> Client:
        if self._client is None:
            self._client = Client(
                self.config.account_sid, self.config.secret, http_client=self.http
            )
        return self._client

    def _parameters(self, message):
        parameters = {"to": self._address(message.to)}
        if message.content_sid:
            parameters["content_sid"] = message.content_sid
            if message.content_variables:
                parameters["content_variables"] = message.content_variables
        else:
            parameters["body"] = message.body
        if self.config.messaging_service_sid:
            parameters["messaging_service_sid"] = self.config.messaging_service_sid
        elif sender := message.sender or self.config.sender:
            parameters["from_"] = self._address(sender)
        if validity := _validity(message.useful_for):
            parameters["validity_period"] = validity
        if message.status_callback:
            parameters["status_callback"] = message.status_callback + CALLBACK_OPTIONS
        return parameters

    def _address(self, number):
        if self.config.channel != "whatsapp" or number.startswith("whatsapp:"):
            return number
        return f"whatsapp:{number}"

    def _matches(self, record, lookup):
        if str(record.direction or "").startswith("inbound"):
            return False
        created = record.date_created or record.date_sent
        if created and _aware(created) < _aware(lookup.since) - CLOCK_SKEW:
            return False
        sender = lookup.sender or self.config.sender
        if (
            not self.config.messaging_service_sid
            and sender
            and record.from_ != self._address(sender)
        ):
            return False
        # The text of an approved template is put together by Twilio.
        return bool(lookup.content_sid) or (
            (record.body or "").strip() == lookup.body.strip()
        )

    def _error_result(self, error):
        """Class an error answer; 5xx says nothing about whether it was taken."""
        status = int(getattr(error, "status", 0) or 0)
        code = getattr(error, "code", None)
        detail = str(getattr(error, "msg", "") or getattr(error, "title", ""))[:200]
        found = errors.of_answer(
            "twilio", status, code if isinstance(code, int) else None
        )
        if found.kind == base.IN_DOUBT or status < 400:
            return base.Result(base.IN_DOUBT, f"http_{status}", detail)
        return base.Result(
            found.kind,
            str(code or status),
            detail,
            retry_after=self.http.retry_after(),
            whole_account=found.whole_account,
        )


def _validity(seconds: float | None) -> int | None:
    """Return how long Twilio may try, None for as long as it likes."""
    if seconds is None or seconds >= MAX_VALIDITY:
        return None
    return max(int(seconds), 1)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


registry.register(
    registry.Kind(
        "twilio",
        "Twilio",
        CAPABILITIES,
        lambda config, _session: TwilioProvider(config),
        TwilioWebhook(),
    )
)
