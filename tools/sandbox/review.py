"""The people who approve WhatsApp templates, for Meta's API and for Twilio's."""

import asyncio
import re

REVIEW = 0.5  # seconds
PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# A template with this word in its name is not approved; the reason is Meta's.
REJECTED, REASON = "reject", "INVALID_FORMAT"


class Review:
    """Decides about templates after a moment and tells whoever listens."""

    def __init__(self, store, speed=1.0):
        self.store = store
        self.speed = speed
        self.listeners = []
        self._tasks = set()

    def start(self, template):
        """Put a template in front of the reviewers."""
        self.store.keep_template(template | {"status": "PENDING"})
        self._begin(template["id"])

    def resume(self):
        """Go on with what was being reviewed when the sandbox ended."""
        for template in self.store.templates.values():
            if template["status"] == "PENDING":
                self._begin(template["id"])

    async def stop(self):
        """Stop deciding."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def decide(self, template_id, status, reason=""):
        """Give a template a status and tell it."""
        template = self.store.templates.get(template_id)
        if template is None:
            return None
        template = template | {"status": status, "reason": reason}
        self.store.keep_template(template)
        for listener in self.listeners:
            await listener(template)
        return template

    def _begin(self, template_id):
        task = asyncio.get_running_loop().create_task(self._look_at(template_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look_at(self, template_id):
        await asyncio.sleep(REVIEW * self.speed)
        template = self.store.templates.get(template_id)
        if template is None or template["status"] != "PENDING":
            return
        if REJECTED in template["name"]:
            await self.decide(template_id, "REJECTED", REASON)
        else:
            await self.decide(template_id, "APPROVED")


def places(body):
    """Return the names of the gaps in a text, in order, each once."""
    return list(dict.fromkeys(PLACE.findall(body)))


def filled(body, values):
    """Return the text with its gaps filled."""
    return PLACE.sub(lambda found: str(values.get(found[1], found[0])), body)
