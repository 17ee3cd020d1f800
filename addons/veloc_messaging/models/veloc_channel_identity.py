from odoo import api, fields, models
from odoo.tools import SQL

from ..rules import phone_variants

SOURCES = [
    ("agent", "Linked by an agent"),
    ("provider", "Told by the provider"),
    ("person", "Changed by the person"),
]


class VelocChannelIdentity(models.Model):
    """Who stands behind a number or an id at a provider, once somebody knows it.

    Telephone numbers of contacts are found without it. It is for what they do not
    say: WhatsApp ids without a number, and numbers that several people share.
    """

    _name = "veloc.channel.identity"
    _description = "Identity at a channel"
    _order = "id desc"
    _rec_name = "identifier"

    channel = fields.Char(required=True, readonly=True)
    identifier = fields.Char(required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Person",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    source = fields.Selection(SOURCES, required=True, readonly=True, default="agent")

    _identifier_unique = models.Constraint(
        "UNIQUE (channel, identifier)", "This identity belongs to somebody already."
    )

    @api.model
    def _find(self, channel, pairs):
        """Return ``{(sender, sender_id): partner ids}``; those we learned come first.

        Everybody with the number is in the list: a STOP from it is for all of them.
        Two queries, however many pairs.
        """
        spellings = {pair: self._spellings(*pair) for pair in pairs}
        wanted = sorted({name for names in spellings.values() for name in names})
        learned = self._learned(channel, wanted)
        owners = self._owners(channel, wanted)
        found = {}
        for pair, names in spellings.items():
            ids = [learned[name] for name in names if name in learned]
            for name in names:
                ids += owners.get(name, ())
            found[pair] = list(dict.fromkeys(ids))
        return found

    @api.model
    def _learned(self, channel, identifiers):
        """Return ``{identifier: partner id}`` of what was learned."""
        if not identifiers:
            return {}
        self.flush_model()
        query = SQL(
            "SELECT identifier, partner_id FROM veloc_channel_identity "
            "WHERE channel = %s AND identifier = ANY(%s)",
            channel,
            list(identifiers),
        )
        return dict(self.env.execute_query(query))

    @api.model
    def _owners(self, channel, identifiers):
        """Return ``{identifier: partner ids}`` by the contacts' own addresses."""
        if not identifiers:
            return {}
        name = "email_normalized" if channel == "email" else "phone_sanitized"
        self.env["res.partner"].flush_model([name])
        column = SQL.identifier(name)
        owners = {}
        for partner_id, address in self.env.execute_query(
            SQL(
                "SELECT id, %s FROM res_partner WHERE %s = ANY(%s) ORDER BY id",
                column,
                column,
                list(identifiers),
            )
        ):
            owners.setdefault(address, []).append(partner_id)
        return owners

    @api.model
    def _spellings(self, sender, sender_id=""):
        """Return every way these two may be written down, the surest first."""
        return tuple(
            dict.fromkeys(
                spelling
                for name in (sender_id, sender)
                if name
                for spelling in phone_variants.variants(name.strip().lower())
            )
        )

    @api.model
    def _learn(self, channel, identifier, partner_id, source="agent"):
        """Remember whose this is; what was known before gives way."""
        spellings = self._spellings(identifier)
        if not spellings:
            return self.browse()
        known = self.search(
            [("channel", "=", channel), ("identifier", "in", spellings)]
        )
        values = {"partner_id": partner_id, "source": source}
        if known:
            known.write(values)
            return known
        return self.create({"channel": channel, "identifier": spellings[0], **values})
