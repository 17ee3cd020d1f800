"""What every provider's report becomes, whoever the provider is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

STATUS = "status"  # what became of a message of ours
INBOUND = "inbound"  # somebody wrote
PREFERENCE = "preference"  # somebody said, outside a message, what they want
TEMPLATE = "template"  # what became of a template we submitted
OTHER = "other"  # not understood; kept and shown
KINDS = (STATUS, INBOUND, PREFERENCE, TEMPLATE, OTHER)


@dataclass(frozen=True, slots=True)
class Event:
    """One event. Texts are as received; times are naive and in UTC."""

    kind: str
    # Equal for copies of one event, different for different events.
    key: str
    # The piece that is stored; it parses to this one event again.
    payload: str = ""
    # Our reference, when the provider hands it back in the body.
    reference: str = ""
    provider_ref: str = ""
    status: str = ""
    error_code: int | None = None
    error_detail: str = ""
    channel: str = "sms"
    # The account the report claims to be of; must be the one that was called.
    account_ref: str = ""
    sender: str = ""  # the phone in E.164, "" when the provider does not tell it
    sender_id: str = ""  # whatever else identifies the person at the provider
    sender_name: str = ""
    texts: tuple[str, ...] = ()
    body: str = ""
    media: tuple[tuple[str, str], ...] = ()  # (address or id, MIME type)
    reply_to: str = ""
    # What the provider itself did about it; wins over the words.
    opt_out: str | None = None
    at: datetime | None = None
    price_category: str = ""
    is_billable: bool | None = None
