from odoo import api, models

_PHONES = ("sms", "whatsapp", "call")


class VelocEraser(models.AbstractModel):
    """What the channels know somebody by: addresses they wrote from."""

    _inherit = "veloc.eraser"

    @api.model
    def _identities(self, people):
        found = super()._identities(people)
        # sudo: identities are the inbox's own; the eraser reads everybody's.
        known_sudo = (
            self.env["veloc.channel.identity"]
            .sudo()
            .search([("partner_id", "in", people.ids)])
        )
        for identity in known_sudo:
            kind = "email" if identity.channel == "email" else None
            if identity.channel in _PHONES:
                kind = "phone"
            if kind and self.env["veloc.tombstone"]._normal(kind, identity.identifier):
                found[identity.partner_id.id].add((kind, identity.identifier))
        return found
