"""Keyed hashes of the traits by which doubles and households are looked for."""

from odoo import api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

from ...rules import duplicates
from ...rules.address import household_key


class VelocPersonKey(models.Model):
    """One trait of one person, as a hash that only this house can compute."""

    _name = "veloc.person.key"
    _description = "Trait of a Person, Hashed"
    _log_access = False
    _rec_name = "kind"

    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    kind = fields.Char(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True, groups=NO_ACCESS)

    _digest_idx = models.Index("(digest, kind, partner_id)")

    # === BUSINESS === #

    @api.model
    def _renew(self, records, streets):
        """Write the keys of these people anew; a constant number of statements.

        ``streets`` is ``{partner id: (street, zip)}`` for those who have an address.
        """
        rows = []
        for record in records:
            keys = set(duplicates.block_keys(record))
            if home := household_key(record.name, *streets.get(record.id, ("", ""))):
                keys.add(("household", home))
            rows += [(record.id, kind, value) for kind, value in sorted(keys)]
        texts = [f"{kind}|{value}" for _id, kind, value in rows]
        digests = self.env["veloc.keyring"]._blind(self._table, "digest", texts)
        self.env.cr.execute(
            SQL(
                "DELETE FROM veloc_person_key WHERE partner_id = ANY(%s)",
                [record.id for record in records],
            )
        )
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_person_key (partner_id, kind, digest)"
                " SELECT * FROM unnest(%s::int[], %s::varchar[], %s::varchar[])",
                [id_ for id_, _kind, _value in rows],
                [kind for _id, kind, _value in rows],
                digests,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _pairs(self, partner_ids):
        """Return the pairs (older, newer) that these people form by shared keys.

        A key that a crowd shares is no trait of a person, except a CPF or CNPJ.
        """
        return self.env.execute_query(
            SQL(
                """
                WITH own AS (
                    SELECT DISTINCT digest FROM veloc_person_key
                    WHERE partner_id = ANY(%(ids)s) AND kind <> 'household'
                ), shared AS (
                    SELECT k.digest FROM own JOIN veloc_person_key k USING (digest)
                    GROUP BY k.digest, k.kind
                    HAVING count(*) > 1
                        AND (count(*) <= %(most)s OR k.kind = ANY(%(numbers)s))
                )
                SELECT DISTINCT least(a.partner_id, b.partner_id),
                    greatest(a.partner_id, b.partner_id)
                FROM shared
                JOIN veloc_person_key a USING (digest)
                JOIN veloc_person_key b USING (digest)
                WHERE a.partner_id = ANY(%(ids)s) AND a.partner_id <> b.partner_id
                """,
                ids=list(partner_ids),
                most=duplicates.MAX_BLOCK,
                numbers=list(duplicates.NUMBERS),
            )
        )
