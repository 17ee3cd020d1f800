from odoo import api, models

IN_CONVERSATION = "in_conversation"


class VelocOutbox(models.AbstractModel):
    """The robot goes silent while a person talks."""

    _inherit = "veloc.outbox"

    @api.model
    def _hold_drafts(self, pairs, now):
        """Let offers and steps wait for people who are in a conversation."""
        held = super()._hold_drafts(pairs, now)
        pairs = [
            (draft, answer)
            for draft, answer in pairs
            if "work" in answer and self._is_held_back(answer["work"]["template"])
        ]
        talks = self.env["veloc.conversation"]
        silent = talks._silent({draft["partner_id"] for draft, _a in pairs}, now)
        for draft, answer in pairs:
            until = silent.get(draft["partner_id"])
            if until and until > draft.get("at", now):
                answer.update(until=until, reason=IN_CONVERSATION)
                self._close(answer, "deferred")
        return held

    @api.model
    def _is_held_back(self, template):
        """Return whether this template waits; urgent service messages never do."""
        return not (template.lane == "urgent" and template.purpose_id.kind == "service")

    @api.model
    def _prepare_row(self, draft, answer, account, address, now):
        """Answer from the number that the person wrote to, while it works."""
        wanted = self.env["veloc.account"].browse(draft.get("conversation_account_id"))
        if (
            wanted.exists()
            and wanted.active
            and wanted.state == "active"
            and wanted.channel == draft["channel"]
        ):
            account = wanted
        return super()._prepare_row(draft, answer, account, address, now)
