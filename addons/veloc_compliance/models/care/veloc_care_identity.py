from odoo import api, fields, models
from odoo.tools import SQL

# Where the keyed hashes of addresses belong; block lists share them.
INDEX = ("veloc_care_identity", "digest")


class VelocCareIdentity(models.Model):
    """By which addresses a bound person is known again, as keyed hashes.

    They outlive the contact: who shut themselves out, had their data erased and
    signs up again is bound for the rest of the term, and nothing else is known.
    """

    _name = "veloc.care.identity"
    _description = "Identity under care"
    _log_access = False

    suppression_id = fields.Many2one(
        "veloc.suppression", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Char(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)

    _digest_unique = models.Constraint(
        "UNIQUE (digest, suppression_id)", "This address is known already."
    )
    _suppression_idx = models.Index("(suppression_id)")

    @api.model
    def _digests(self, addresses):
        """Return ``{(kind, value): hash}`` as it is written today."""
        addresses = list(addresses)
        texts = [f"{kind}:{value}" for kind, value in addresses]
        hashes = self.env["veloc.keyring"]._blind(*INDEX, texts)
        return dict(zip(addresses, hashes, strict=True))

    @api.model
    def _all_digests(self, addresses):
        """Return ``{hash: (kind, value)}`` under every key there ever was."""
        texts = {f"{kind}:{value}": (kind, value) for kind, value in addresses}
        found = self.env["veloc.keyring"]._blind_all(*INDEX, list(texts))
        return {digest: texts[text] for digest, text in found.items()}

    @api.model
    def _remember(self, blocks):
        """Keep the addresses of the people of these blocks."""
        known = blocks.partner_id._veloc_addresses()
        hashes = self._digests({a for mine in known.values() for a in mine})
        rows = [
            (block.id, address[0], hashes[address])
            for block in blocks
            for address in known[block.partner_id.id]
        ]
        if not rows:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_care_identity (suppression_id, kind, digest)
                SELECT * FROM unnest(%s::int[], %s::varchar[], %s::varchar[])
                ON CONFLICT DO NOTHING
                """,
                *map(list, zip(*rows, strict=True)),
            )
        )
        self.invalidate_model()

    @api.model
    def _find_blocks(self, digests):
        """Return ``{hash: ids of the blocks in force}``; one query."""
        self.flush_model()
        self.env["veloc.suppression"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT i.digest, array_agg(s.id)
                FROM veloc_care_identity i
                JOIN veloc_suppression s ON s.id = i.suppression_id
                WHERE i.digest = ANY(%s) AND s.lifted_at IS NULL
                    AND (s.until_at IS NULL OR s.until_at > %s)
                GROUP BY i.digest
                """,
                list(digests),
                fields.Datetime.now(),
            )
        )
        return dict(rows)

    @api.model
    def _forget_over(self):
        """Delete the hashes of terms that are over; return how many."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM veloc_care_identity i USING veloc_suppression s
                WHERE s.id = i.suppression_id
                    AND (s.lifted_at IS NOT NULL OR s.until_at <= %s)
                """,
                fields.Datetime.now(),
            )
        )
        self.invalidate_model()
        return self.env.cr.rowcount
