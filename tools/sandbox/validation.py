"""What Twilio refuses before it accepts a message; no I/O, no clock."""

import json
import re
from datetime import UTC, datetime, timedelta

from .errors import Refusal

MAX_BODY = 1600
WHATSAPP = "whatsapp:"
MAGIC_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
MAGIC_FROM = {
    "+15005550001": 21212,
    "+15005550007": 21606,
    "+15005550008": 21611,
}
_PHONE = re.compile(r"\+[1-9]\d{7,14}")
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
_SENDER = re.compile(r"\+[1-9]\d{7,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{2,11}")
_BRAZIL_LANDLINE = re.compile(r"\+55[1-9]\d[2-5]\d{7}")
_URL = re.compile(r"https?://[^\s/_?#]+(?:[/?#]\S*)?")
_CONTENT = re.compile(r"HX[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_SOONEST, _LATEST = timedelta(minutes=5), timedelta(days=35)


def check(form, now):
    """Raise the refusal that Twilio would give for this form, else return None."""
    words = {
        "to": form.get("To", ""),
        "sender": form.get("From", ""),
        "callback": form.get("StatusCallback", ""),
        "content_sid": form.get("ContentSid", ""),
    }
    for rule in (_to, _sender, _pair, _content, _callback):
        if code := rule(form):
            raise Refusal(code, **words)
    if form.get("ScheduleType") and (code := _schedule(form, now)):
        raise Refusal(code, **words)


def _to(form):
    to = form.get("To", "").strip()
    if not to:
        return 21604
    number = to.removeprefix(WHATSAPP)
    if number in MAGIC_TO:
        return MAGIC_TO[number]
    if to.startswith(WHATSAPP):
        return None if _PHONE.fullmatch(number) or _BSUID.fullmatch(number) else 21211
    if not _PHONE.fullmatch(number):
        return 21211
    return 21614 if _BRAZIL_LANDLINE.fullmatch(number) else None


def _sender(form):
    sender, service = form.get("From", "").strip(), form.get("MessagingServiceSid")
    if not sender and not service:
        return 21603
    if service and not _SERVICE.fullmatch(service):
        return 21701
    number = sender.removeprefix(WHATSAPP)
    if number in MAGIC_FROM:
        return MAGIC_FROM[number]
    return 21212 if sender and not _SENDER.fullmatch(number) else None


def _pair(form):
    to, sender = form["To"].strip(), form.get("From", "").strip()
    if not sender:
        return None
    if to.startswith(WHATSAPP) != sender.startswith(WHATSAPP):
        return 21910
    return 21266 if to == sender else None


def _content(form):
    body, content_sid = form.get("Body", ""), form.get("ContentSid")
    if not body and not content_sid and not form.get("MediaUrl"):
        return 21602
    if len(body) > MAX_BODY:
        return 21617
    if content_sid and not _CONTENT.fullmatch(content_sid):
        return 21655
    return None if _are_variables(form.get("ContentVariables")) else 21656


def _are_variables(text):
    if not text:
        return True
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _callback(form):
    callback = form.get("StatusCallback")
    return 21609 if callback and not _URL.fullmatch(callback) else None


def _schedule(form, now):
    if form["ScheduleType"] != "fixed":
        return 35126
    if not form.get("MessagingServiceSid"):
        return 35118
    if not form.get("SendAt"):
        return 35111
    try:
        send_at = datetime.fromisoformat(form["SendAt"])
    except ValueError:
        return 35114
    send_at = send_at if send_at.tzinfo else send_at.replace(tzinfo=UTC)
    return None if now + _SOONEST <= send_at <= now + _LATEST else 35114
