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

from ..rules import twilio_events
from ..rules.provider_event import Event
from . import base, errors, registry, transport, twilio_options
from .twilio_content import TwilioContent
from .twilio_webhook import TwilioWebhook

CAPABILITIES = base.Capabilities(
    channels=frozenset({"sms", "whatsapp"}),
    templates=True,
    scheduling=True,
    validity=True,
    callbacks=True,
    lookup=True,
    media=True,
    fetch=True,
)
# Twilio's clock and ours may differ; a message cannot be much older than its send.
CLOCK_SKEW = timedelta(minutes=1)
LOOKUP_LIMIT = 100
# Ask Twilio to repeat a callback that we did not answer well, within its 15 seconds.
# 4xx too: while its database is down Odoo answers every address with 404.
CALLBACK_OPTIONS = "#rc=5&rp=ct,rt,4xx,5xx"

# What Twilio calls the parameters of a message.
FORM = {
    "to": "To",
    "from_": "From",
    "messaging_service_sid": "MessagingServiceSid",
    "body": "Body",
    "media_url": "MediaUrl",
    "content_sid": "ContentSid",
    "content_variables": "ContentVariables",
    "validity_period": "ValidityPeriod",
    "schedule_type": "ScheduleType",
    "send_at": "SendAt",
    "status_callback": "StatusCallback",
}


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

    def clock_ahead(self) -> timedelta:
        """Return by how much our clock is ahead of the one of the last answer."""
        sent = transport.read_date(getattr(self._seen, "headers", {}).get("Date"))
        return max(datetime.now(UTC) - sent, timedelta()) if sent else timedelta()

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
        user, secret = self._credentials()
        if self.config.account_sid and user and secret:
            return None
        return base.Result(
            base.CONFIG,
            "no_secret",
            "Account SID or secret missing",
            whole_account=True,
        )

    def _credentials(self):
        """Return an API key and its secret, or the account and its auth token."""
        if key := self.config.option("api_key_sid"):
            return key, self.config.named_secret("api_key")
        return self.config.account_sid, self.config.secret

    def send(self, message: base.Outgoing) -> base.Result:
        """Create the message. Only a request that never left may be sent again."""
        base.refuse_unsupported(CAPABILITIES, message)
        if refusal := self.prepare():
            return refusal
        parameters = self._parameters(message)
        try:
            # The stock ``messages.create`` spends as much on dates we do not read.
            created = self.client.api.v2010.create(
                "POST",
                f"/Accounts/{self.config.account_sid}/Messages.json",
                data={FORM[name]: value for name, value in parameters.items()},
            )
        except transport.NetworkError as error:
            return transport.network_result(error)
        except TwilioException as error:
            return self._error_result(error)
        except (ValueError, KeyError, TypeError) as error:
            # 2xx, but not the JSON of a message: it was probably taken.
            return base.Result(base.IN_DOUBT, "bad_answer", type(error).__name__)
        sid = created.get("sid") if isinstance(created, dict) else None
        if not isinstance(sid, str) or not sid:
            return base.Result(base.IN_DOUBT, "bad_answer", "no sid")
        return base.Result(
            base.ACCEPTED, provider_ref=sid, status=str(created.get("status") or "")
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
        # Times of theirs are compared with one of ours.
        since = _aware(lookup.since) - CLOCK_SKEW - self.http.clock_ahead()
        sightings = tuple(
            base.Sighting(record.sid, str(record.status or ""))
            for record in records
            if self._matches(record, lookup, since)
        )
        return base.Search(sightings, complete=len(records) < LOOKUP_LIMIT)

    def fetch(self, provider_ref: str) -> Event | None:
        """Ask for one message; return what a callback would have said, or None."""
        if self.prepare():
            return None
        try:
            record = self.client.messages(provider_ref).fetch()
        except (transport.NetworkError, TwilioException, ValueError, KeyError):
            return None
        form = {
            "MessageSid": record.sid or "",
            "MessageStatus": str(record.status or ""),
            "ErrorCode": "" if record.error_code is None else str(record.error_code),
            "ErrorMessage": record.error_message or "",
            "AccountSid": self.config.account_sid,
        }
        event = twilio_events.parse(urlencode(form))
        return event if event.provider_ref == provider_ref else None

    def close(self) -> None:
        """The session is kept: opening it is the dear part."""

    @property
    def client(self) -> Client:
        if self._client is None:
            self._client = Client(
                *self._credentials(), self.config.account_sid, http_client=self.http
            )
        return self._client

    def _parameters(self, message):
        parameters = twilio_options.prepare(self.config, message, datetime.now(UTC))
        parameters["to"] = self._address(message.to)
        if self.config.messaging_service_sid:
            parameters["messaging_service_sid"] = self.config.messaging_service_sid
        elif sender := message.sender or self.config.sender:
            parameters["from_"] = self._address(sender)
        if message.status_callback:
            parameters["status_callback"] = message.status_callback + CALLBACK_OPTIONS
        return parameters

    def _address(self, number):
        if self.config.channel != "whatsapp" or number.startswith("whatsapp:"):
            return number
        return f"whatsapp:{number}"

    def _matches(self, record, lookup, since):
        if str(record.direction or "").startswith("inbound"):
            return False
        created = record.date_created or record.date_sent
        if created and _aware(created) < since:
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
