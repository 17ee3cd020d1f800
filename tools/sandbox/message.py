"""One message as Twilio keeps and shows it, and what Meta keeps of one."""

import base64
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from uuid import uuid4

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_DOUBLE = set("^{}\\[~]|€\f")
CANCELABLE = "scheduled"


@dataclass
class Message:
    """An outbound or inbound message with its life so far."""

    account_sid: str
    to: str
    sender: str
    body: str
    sid: str = ""
    status: str = "queued"
    direction: str = "outbound-api"
    messaging_service_sid: str | None = None
    content_sid: str | None = None
    content_variables: str | None = None
    status_callback: str = ""
    num_media: int = 0
    error_code: int | None = None
    date_created: str = ""
    date_updated: str = ""
    date_sent: str | None = None
    callbacks: list = field(default_factory=list)
    api: str = "twilio"  # or "graph": Meta's own
    opaque: str = ""  # Meta hands it back in every status
    template: dict | None = None  # Meta: name, lang, parameters

    @property
    def channel(self):
        """Return ``whatsapp`` or ``sms``."""
        return "whatsapp" if self.to.startswith("whatsapp:") else "sms"

    @property
    def key(self):
        """Return the sender's own reference: opaque data, or the callback's end."""
        if self.opaque:
            return self.opaque
        path = self.status_callback.partition("#")[0].partition("?")[0]
        return path.rstrip("/").rpartition("/")[2]

    @property
    def uri(self):
        """Return the address of this message below the API's host."""
        return f"/2010-04-01/Accounts/{self.account_sid}/Messages/{self.sid}.json"

    def as_json(self):
        """Return the message in Twilio's shape."""
        return {
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": rfc_2822(self.date_created),
            "date_sent": rfc_2822(self.date_sent),
            "date_updated": rfc_2822(self.date_updated),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender or None,
            "messaging_service_sid": self.messaging_service_sid,
            "num_media": str(self.num_media),
            "num_segments": self._segments_text(),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": self.uri.replace(".json", "/Media.json")},
            "to": self.to,
            "uri": self.uri,
        }

    def as_record(self):
        """Return everything, JSON-safe, with the key: for inspection and state."""
        return {**asdict(self), "key": self.key, "channel": self.channel}

    def _segments_text(self):
        # Twilio says "0" while a Messaging Service has not chosen the sender.
        waits = self.messaging_service_sid and not self.sender
        return "0" if waits or self.channel == "whatsapp" else str(segments(self.body))


def new_sid(message):
    """Return an id: SM… for SMS, MM… for WhatsApp, wamid.… for Meta's own API."""
    if message.api == "graph":
        number = message.to.removeprefix("whatsapp:+")
        label = f"{number}{uuid4().hex.upper()}"
        return f"wamid.{base64.b64encode(label.encode()).decode()}"
    return ("MM" if message.channel == "whatsapp" else "SM") + uuid4().hex


def rfc_2822(iso):
    """Return Twilio's form of a time kept as ISO text, None for none."""
    if not iso:
        return None
    return format_datetime(datetime.fromisoformat(iso).astimezone(UTC))


def segments(body):
    """Return how many SMS parts the text takes."""
    if set(body) <= GSM | GSM_DOUBLE:
        length = len(body) + sum(char in GSM_DOUBLE for char in body)
        single, part = 160, 153
    else:
        length = len(body.encode("utf-16-be")) // 2
        single, part = 70, 67
    return 1 if length <= single else -(-length // part)
