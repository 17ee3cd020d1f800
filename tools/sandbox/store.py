"""What the sandbox has accepted, in memory and in an append-only state file."""

import json
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime

from .message import Message, new_sid

FINAL = {"delivered", "read", "undelivered", "failed", "canceled", "received"}
STOP_WORDS = {
    *("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT")
}
START_WORDS = {"START", "YES", "UNSTOP"}
_FIELDS = {item.name for item in fields(Message)}


def now_text():
    """Return the present second in UTC as ISO text."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Store:
    """Messages by sid, e-mails, opt-outs and counters; replayed from the file."""

    def __init__(self, path=None):
        self.messages = {}
        self.emails = []
        self.opted_out = set()
        self.templates = {}
        self.counters = Counter()
        self.version = 0
        self._file = None
        if path:
            self._replay(path)
            self._file = path.open("a", encoding="utf-8")

    # === CHANGES === #

    def accept(self, **values):
        """Keep a new message and return it; from here on it counts as accepted."""
        now = now_text()
        message = Message(date_created=now, date_updated=now, **values)
        message.sid = new_sid(message)
        self._apply({"what": "message", "values": message.as_record()}, message)
        return message

    def move(self, message, status, error_code=None):
        """Give a message its next status; one that was forgotten stays so."""
        if message.sid not in self.messages:
            return
        values = {
            "status": status,
            "error_code": error_code,
            "date_updated": now_text(),
            "date_sent": message.date_sent
            or (now_text() if status not in ("scheduled", "canceled") else None),
        }
        self._apply({"what": "update", "sid": message.sid, "values": values})

    def redact(self, message):
        """Empty the body, as Twilio does when it is asked to."""
        self._apply({"what": "update", "sid": message.sid, "values": {"body": ""}})

    def delete(self, message):
        """Forget a message."""
        self._apply({"what": "delete", "sid": message.sid})

    def keep_email(self, email):
        """Keep one e-mail that the SMTP sink took."""
        self._apply({"what": "email", "values": email})

    def keep_template(self, template):
        """Keep a template, new or changed, by its id."""
        self._apply({"what": "template", "values": template})

    def hear(self, person, sender, body):
        """Note an opt-out or opt-in word of a person towards a sender."""
        word = body.strip().upper()
        if word in STOP_WORDS | START_WORDS:
            is_out = word in STOP_WORDS
            self._apply({"what": "opt", "pair": [person, sender], "out": is_out})

    def reset(self):
        """Forget everything, the state file included."""
        self.messages.clear()
        self.emails.clear()
        self.opted_out.clear()
        self.templates.clear()
        self.counters.clear()
        self.version += 1
        if self._file:
            self._file.seek(0)
            self._file.truncate()

    # === QUESTIONS === #

    def has_opted_out(self, person, sender):
        """Tell whether this person told this sender to stop."""
        return (person, sender) in self.opted_out

    def newest_first(self):
        """Return the messages, last accepted first."""
        return list(reversed(self.messages.values()))

    def outbound(self):
        """Return the messages that were sent through the API, oldest first."""
        return [m for m in self.messages.values() if m.direction == "outbound-api"]

    def counts(self):
        """Return how often each (to, body, key) was accepted."""
        counts = Counter((m.to, m.body, m.key) for m in self.outbound())
        return [
            {"to": to, "body": body, "key": key, "count": count}
            for (to, body, key), count in counts.items()
        ]

    def stats(self):
        """Return the totals that tests and people look at."""
        outbound = self.outbound()
        keys = Counter(m.key for m in outbound)
        return {
            "accepted": len(outbound),
            "distinct": len(self.counts()),
            "doubled_keys": sorted(key for key, n in keys.items() if key and n > 1),
            "by_status": dict(Counter(m.status for m in outbound)),
            "inbound": len(self.messages) - len(outbound),
            "emails": len(self.emails),
            "opted_out": len(self.opted_out),
            **self.counters,
        }

    # === STATE FILE === #

    def _apply(self, change, message=None):
        self._perform(change, message)
        self.version += 1
        if self._file:
            self._file.write(json.dumps(change) + "\n")
            self._file.flush()

    def _perform(self, change, message=None):
        what, values = change["what"], change.get("values")
        if what == "message":
            known = {key: values[key] for key in _FIELDS & set(values)}
            self.messages[values["sid"]] = message or Message(**known)
        elif what == "update":
            for name, value in values.items():
                setattr(self.messages[change["sid"]], name, value)
        elif what == "delete":
            del self.messages[change["sid"]]
        elif what == "email":
            self.emails.append(values)
        elif what == "template":
            self.templates[values["id"]] = values
        else:
            pair = tuple(change["pair"])
            (self.opted_out.add if change["out"] else self.opted_out.discard)(pair)

    def _replay(self, path):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            return
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                # A line cut by a crash is the last one: nobody was told of it.
                if line.endswith("\n"):
                    self._perform(json.loads(line))
