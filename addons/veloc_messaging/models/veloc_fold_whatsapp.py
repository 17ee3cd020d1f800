from odoo import models

from ..rules import whatsapp_events
from ..rules.receipts import FOLDED, IGNORED

# Said by WhatsApp itself or taken back by the person: nothing to answer.
SILENT = frozenset({"request_welcome", "revoke"})
OWN_NEWS = ("phone_number_", "account_", "business_", "template_", "message_template_")


class VelocFold(models.AbstractModel):
    """What Meta tells besides messages: new numbers, and trouble of a number."""

    _inherit = "veloc.fold"

    def _fold_others(self, items):
        outcome = super()._fold_others(items)
        for receipt, rest, event in items:
            if rest.provider != "whatsapp":
                continue
            if event.status in whatsapp_events.MOVES and event.texts:
                outcome[receipt.id] = self._fold_move(event)
            elif event.status == whatsapp_events.TROUBLE:
                self._tell_trouble(receipt, event)
                outcome[receipt.id] = {"state": FOLDED, "error": event.error_detail}
            elif event.status in SILENT or event.status.startswith(OWN_NEWS):
                outcome[receipt.id] = {"state": IGNORED}
        return outcome

    def _fold_move(self, event):
        """Let the conversation follow a person to a new number or id."""
        old = event.sender or event.sender_id
        for new in event.texts:
            if new not in (event.sender_id, event.sender.lstrip("+")):
                self.env["veloc.conversation"]._changed_number(event.channel, old, new)
        return {"state": FOLDED, "channel": event.channel}

    def _tell_trouble(self, receipt, event):
        account = self.env["veloc.account"].browse(receipt.account_id)
        code = "" if event.error_code is None else str(event.error_code)
        detail = f"{code} {event.error_detail}".strip()
        alerts = self.env["veloc.messaging.alert"]
        alerts._raise("other", account, detail=detail, key=f"meta:{code}")

    def _find_people(self, items):
        """Find who wrote, and remember the id that WhatsApp gives a known person.

        Once a person hides the number behind a user name, the id is all that comes.
        """
        people = super()._find_people(items)
        learned = {}
        for receipt, _rest, event, *_word in items:
            number, id_ = event.sender.lstrip("+"), event.sender_id
            known = people[receipt.id]
            if number and id_ and id_ != number and len(known) == 1:
                learned.setdefault(event.channel, {})[id_] = known[0]
        for channel, owners in learned.items():
            self.env["veloc.channel.identity"]._learn_new(channel, owners)
        return people
