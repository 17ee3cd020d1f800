from collections import defaultdict
from datetime import timedelta

from odoo import api, models

from ..providers import base, errors

# What a person does not want → how it stands in the way of the gate. An opt-out
# holds promotional messages only, a blocked channel everything.
SUPPRESSIONS = {errors.CHANNEL: "channel_blocked", errors.MARKETING: "opt_out"}
# An account that is too fast rests for so long when nobody says how long.
REST = timedelta(minutes=1)


class VelocProviderConsequence(models.AbstractModel):
    """What an error of a provider means beyond the one message.

    An item is a dict: partner_id, channel, account_id, code, and ``found``, the
    ``ErrorClass`` of the code.
    """

    _name = "veloc.provider.consequence"
    _description = "Consequences of provider errors"

    @api.model
    def _prepare_answer_item(self, row, result):
        """Return the item of an answer to a send; ``row`` is what was claimed."""
        # What the adapter made of it counts; the table may add how far it goes.
        found = errors.ErrorClass(result.kind)
        if result.code.isdecimal():
            account = self.env["veloc.account"].browse(row["account_id"])
            told = errors.consequence(account.provider, int(result.code))
            found = told if told.kind == result.kind else found
        return {
            "partner_id": row["partner_id"],
            "channel": row["channel"],
            "account_id": row["account_id"],
            "code": result.code,
            "found": found,
        }

    @api.model
    def _for_people(self, items, now):
        """Suppress those who do not want it; let rest those who got too much."""
        blocks = defaultdict(set)
        holds = []
        for item in items:
            found = item["found"]
            if found.kind == base.SUPPRESS:
                kind = SUPPRESSIONS[found.suppress or errors.CHANNEL]
                blocks[kind, item["channel"]].add(item["partner_id"])
            elif found.hold_hours and found.scope:
                holds.append(item)
        for (kind, channel), partner_ids in blocks.items():
            self.env["veloc.suppression"]._impose(
                sorted(partner_ids), kind, channel=channel, source="provider"
            )
        self.env["veloc.channel.hold"]._extend(holds, now)

    @api.model
    def _for_accounts(self, items, now):
        """Pause an account that is refused as a whole; let rest one that is too fast.

        By account, so that two jobs never wait for each other's account.
        """
        worst = {}
        for item in items:
            found = item["found"]
            if found.whole_account:
                worst[item["account_id"]] = item
            elif not found.scope and (found.kind == base.SLOW or found.hold_hours):
                worst.setdefault(item["account_id"], item)
        accounts = self.env["veloc.account"]
        for account_id, item in sorted(worst.items()):
            account, found = accounts.browse(account_id), item["found"]
            if found.whole_account:
                account._pause(str(item["code"]))
            else:
                hours = timedelta(hours=found.hold_hours)
                account._slow_down(now + (hours or REST))
