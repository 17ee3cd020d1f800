"""Who the sandbox is when it plays Meta: one app, one number, its people."""

import hashlib
import re
from dataclasses import dataclass

# Accounts of these area codes know their ninth digit; elsewhere old ones do not.
NINE_DIGITS = {*range(11, 20), 21, 22, 24, 27, 28}
_MOBILE = re.compile(r"55(\d\d)9([6-9]\d{7})")
USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")


@dataclass(frozen=True)
class Meta:
    """The secrets of the app, and the ids of its number."""

    token: str
    app_secret: str
    verify_token: str
    webhook: str = ""
    phone_number_id: str = "106540352242922"
    waba_id: str = "102290129340398"
    number: str = "+5511940000003"

    @property
    def address(self):
        """Return our number as messages name it."""
        return f"whatsapp:{self.number}"


def wa_id(number):
    """Return what WhatsApp calls a number: old Brazilian accounts lack the nine.

    >>> wa_id("5585961234567"), wa_id("5511961234567")
    ('558561234567', '5511961234567')
    """
    found = _MOBILE.fullmatch(number)
    if found and int(found[1]) not in NINE_DIGITS:
        return f"55{found[1]}{found[2]}"
    return number


def user_id(number):
    """Return the business-scoped id of the person with this number."""
    digits = int(hashlib.sha256(number.encode()).hexdigest(), 16) % 10**20
    return f"BR.{digits:020}"


@dataclass(frozen=True)
class Person:
    """A person as an address of ours names them: whatsapp:+55… or whatsapp:BR.…"""

    address: str

    @property
    def is_hidden(self):
        """Tell whether nobody knows this person's number."""
        return bool(USER_ID.fullmatch(self.address.removeprefix("whatsapp:")))

    @property
    def wa_id(self):
        """Return the number in WhatsApp's spelling, "" for a hidden one."""
        number = self.address.removeprefix("whatsapp:").lstrip("+")
        return "" if self.is_hidden else wa_id(number)

    @property
    def user_id(self):
        """Return the business-scoped id."""
        if self.is_hidden:
            return self.address.removeprefix("whatsapp:")
        return user_id(self.wa_id)

    def contact(self, name="Sandbox"):
        """Return the entry of this person among a webhook's contacts."""
        known = {"profile": {"name": name}, "user_id": self.user_id}
        return known | ({} if self.is_hidden else {"wa_id": self.wa_id})

    def as_sender(self):
        """Return the fields of an inbound message that say who wrote it."""
        known = {"from_user_id": self.user_id}
        return known | ({} if self.is_hidden else {"from": self.wa_id})
