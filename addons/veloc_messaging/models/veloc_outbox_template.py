from odoo import api, fields, models


class VelocOutbox(models.AbstractModel):
    """Says at once when WhatsApp would not take a text outside its 24 hours."""

    _inherit = "veloc.outbox"

    @api.model
    def _render(self, drafts, answers):
        super()._render(drafts, answers)
        waiting = [
            (draft, answer)
            for draft, answer in self._open(drafts, answers)
            if answer["work"]["text"].template_status
            # With another channel to fall back to, the dispatcher decides.
            and not answer["work"]["template"].fallback_channels
        ]
        if not waiting:
            return
        windows = self.env["veloc.conversation"]._window_until(
            "whatsapp", [draft["partner_id"] for draft, _answer in waiting]
        )
        now = fields.Datetime.now()
        for draft, answer in waiting:
            until = windows.get(draft["partner_id"])
            if not until or until <= draft.get("at", now):
                self._refuse(answer, "template_not_approved_by_whatsapp")
