"""The notifications that the sandbox's browsers show, and their reports to us."""

import asyncio
import logging
from uuid import uuid4

import aiohttp

from .store import now_text

log = logging.getLogger("sandbox")
SHOWN_AFTER = 0.5  # seconds; a browser that is on line is quick
TIMEOUT = aiohttp.ClientTimeout(total=10)
MOST = 500


class PushStore:
    """Pushes in memory, browsers that are gone, and the key each one knows us by."""

    def __init__(self, store):
        self.store = store
        self.entries = []
        self.expired = set()
        self._keys = {}
        self._tasks = set()

    def key_of(self, name, key):
        """Return the server key that this browser subscribed with: the first seen."""
        return self._keys.setdefault(name, key)

    def keep(self, name, told, headers):
        """Keep a message; one with the same topic that nobody saw yet is replaced."""
        topic = headers.get("Topic", "")
        for entry in self.entries:
            if topic and (entry["name"], entry["topic"]) == (name, topic):
                entry["replaced"] = True
        entry = {
            "id": uuid4().hex,
            "at": now_text(),
            "name": name,
            "topic": topic,
            "urgency": headers.get("Urgency", ""),
            "ttl": int(headers["TTL"]),
            "told": told,
            "events": [],
            "replaced": False,
        }
        self.entries.append(entry)
        del self.entries[:-MOST]
        self._changed()
        return entry

    def find(self, id_):
        """Return the message of that id, or None."""
        return next((entry for entry in self.entries if entry["id"] == id_), None)

    def expire(self, name):
        """Let this browser be gone."""
        self.expired.add(name)
        self._changed()

    def revive(self, name):
        """Let this browser subscribe (again), maybe with another server key."""
        self.expired.discard(name)
        self._keys.pop(name, None)

    def reset(self):
        """Forget everything."""
        self.entries.clear()
        self.expired.clear()
        self._keys.clear()
        self._changed()

    def show_soon(self, entry, speed):
        """Show it in a moment, as a browser that is on line does."""
        task = asyncio.ensure_future(self._show(entry, SHOWN_AFTER * speed))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _show(self, entry, seconds):
        await asyncio.sleep(seconds)
        await self.report(entry, "shown")

    async def report(self, entry, event):
        """Tell the house what happened, the way our service worker does."""
        told = entry["told"]
        entry["events"].append(event)
        self._changed()
        if not told.get("report"):
            return
        data = {"event": event, "reference": told.get("reference", "")}
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as session,
                session.post(told["report"], json=data) as answer,
            ):
                entry["answer"] = answer.status
        except (TimeoutError, aiohttp.ClientError) as error:
            log.warning("No report on a push: %s", type(error).__name__)

    async def close(self):
        """Drop what is still to be shown."""
        for task in self._tasks:
            task.cancel()

    def _changed(self):
        self.store.version += 1
