from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...rules import care_terms
from ...rules.suppression import BINDING

# Where a block comes from that another contact of the same person has.
SAME_PERSON = "same_person"
MOST_ASKED = 1000


class VelocSuppression(models.Model):
    """Who shut themselves out is out under every contact they have or will have."""

    _inherit = "veloc.suppression"

    origin_id = fields.Many2one(
        "veloc.suppression",
        "Comes from",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The block of another contact of the same person.",
    )
    inherited_ids = fields.One2many("veloc.suppression", "origin_id", "Binds as well")
    identity_ids = fields.One2many("veloc.care.identity", "suppression_id")

    # === THE PERSON'S OWN TERM === #

    @api.model
    def self_exclude(self, partner_ids, term, source="program"):
        """Shut these people out for a term, at once and under all their contacts.

        ``term`` is ``24h``, ``1m``, ``3m``, ``6m``, ``12m`` or ``indefinite``. For
        programs of the broker; returns ``[{"partner_id", "kind", "until"}]``.
        """
        if not self.env.user.has_group("veloc_compliance.group_recorder"):
            raise AccessError(self.env._("You may not record what people decided."))
        if term not in care_terms.TERMS:
            raise UserError(self.env._("There is no term “%(term)s”.", term=term))
        if len(partner_ids) > MOST_ASKED:
            raise UserError(
                self.env._("At most %(count)s people at once.", count=MOST_ASKED)
            )
        people = self.env["res.partner"].browse(partner_ids).exists()
        # sudo: nobody has create rights; the caller may record decisions.
        self.sudo()._exclude(people.ids, term, str(source)[:64])
        kind = care_terms.kind_of(term)
        return [
            {
                "partner_id": block.partner_id.id,
                "kind": block.kind,
                "until": fields.Datetime.to_string(block.until_at) or None,
            }
            # sudo: the answer repeats what was just recorded.
            for block in self.sudo()._standing_of(people.ids, kind)
        ]

    @api.model
    def _exclude(self, partner_ids, term, source, note=""):
        """Shut these people out for a term that begins now."""
        until = care_terms.ends_at(term, fields.Datetime.now())
        kind = care_terms.kind_of(term)
        self._impose(partner_ids, kind, source=source, note=note, until=until)

    @api.model
    def _standing_of(self, partner_ids, kind):
        return self.search(
            [
                ("partner_id", "in", list(partner_ids)),
                ("kind", "=", kind),
                ("is_active", "=", True),
            ]
        )

    # === ALL CONTACTS OF A PERSON === #

    @api.model
    def _impose(self, partner_ids, kind, channel=None, source="", note="", until=None):
        """Impose; what binds a person binds all their contacts, later ones too."""
        result = super()._impose(partner_ids, kind, channel, source, note, until)
        if kind in BINDING and source != SAME_PERSON:
            self._bind_same_person(list(partner_ids), kind, until)
        return result

    def _bind_same_person(self, partner_ids, kind, until):
        """Bind the contacts with the same CPF, e-mail or phone, and remember these."""
        # sudo: other contacts of the person may be out of the caller's sight.
        people_sudo = self.env["res.partner"].sudo().browse(partner_ids)
        roots = {
            block.partner_id.id: block
            for block in self.sudo()._standing_of(partner_ids, kind)  # sudo: as above
        }
        same = people_sudo._veloc_same_people()
        pairs = [
            (other_id, roots[id_].id)
            for id_, others in same.items()
            for other_id in others
            if id_ in roots
        ]
        self._inherit_blocks(pairs, kind, until)
        blocks = self.browse(block.id for block in roots.values())
        # sudo: hashes of addresses that nobody reads.
        self.env["veloc.care.identity"].sudo()._remember(blocks)

    @api.model
    def _inherit_blocks(self, pairs, kind, until):
        """Impose on contacts what another contact has: ``(partner id, block id)``."""
        if not pairs:
            return
        partner_ids = [partner_id for partner_id, _block_id in pairs]
        self._impose(partner_ids, kind, source=SAME_PERSON, until=until)
        self.env.cr.execute(
            SQL(
                """
                UPDATE veloc_suppression b SET origin_id = COALESCE(o.origin_id, o.id)
                FROM unnest(%(people)s::int[], %(origins)s::int[])
                    AS pair(partner_id, origin_id)
                JOIN veloc_suppression o ON o.id = pair.origin_id
                WHERE b.partner_id = pair.partner_id AND b.kind = %(kind)s
                    AND b.lifted_at IS NULL AND b.source = %(source)s
                    AND b.origin_id IS NULL AND b.id <> COALESCE(o.origin_id, o.id)
                """,
                people=partner_ids,
                origins=[block_id for _partner_id, block_id in pairs],
                kind=kind,
                source=SAME_PERSON,
            )
        )
        self.invalidate_model(["origin_id"])

    @api.model
    def _inherit_known(self, found):
        """Bind contacts that turn out to be somebody who is bound.

        ``found`` is ``{partner id: blocks}``; one imposition per kind and end.
        """
        groups = defaultdict(list)
        for partner_id, blocks in found.items():
            for block in blocks:
                if block.partner_id.id != partner_id:
                    key = block.kind, block.until_at or None
                    groups[key].append((partner_id, block.id))
        for (kind, until), pairs in groups.items():
            self._inherit_blocks(pairs, kind, until)

    def _end(self, source, note):
        """End these, and with them what other contacts inherited from them."""
        # sudo: the block ends as a whole, wherever it stands.
        heirs_sudo = self.sudo().inherited_ids.filtered("is_active")
        return super(VelocSuppression, self | heirs_sudo)._end(source, note)
