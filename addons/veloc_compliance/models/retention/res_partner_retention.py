from odoo import api, fields, models
from odoo.tools import SQL

_OFFICER = "veloc_compliance.group_officer"


class ResPartner(models.Model):
    """A person's clocks, and being out of use while an erasure goes on."""

    _inherit = "res.partner"
    _veloc_ledger_fields = frozenset({"veloc_relationship_end", "veloc_blocked_at"})

    veloc_relationship_end = fields.Date(
        "Relationship ended",
        groups="veloc_compliance.group_viewer",
        help="The legal retention periods count from this day.",
    )
    veloc_blocked_at = fields.Datetime(
        "Blocked from use",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="veloc_compliance.group_viewer",
    )
    veloc_hold_ids = fields.One2many(
        "veloc.legal.hold", "partner_id", "Legal holds", groups=_OFFICER
    )
    veloc_erasure_ids = fields.One2many(
        "veloc.erasure", "partner_id", "Erasures", groups=_OFFICER
    )

    # === CLOCKS (addons that know more extend these) === #

    @api.model
    def _veloc_is_subject_sql(self):
        """Return SQL: whether partner ``p`` is a data subject of the house's desk."""
        return SQL(
            "(said.said_at IS NOT NULL OR p.veloc_relationship_end IS NOT NULL OR %s)",
            self._veloc_is_identified_sql(),
        )

    @api.model
    def _veloc_is_client_sql(self):
        """Return SQL: whether ``p`` ever was a client, not just a prospect."""
        return SQL(
            "(p.veloc_relationship_end IS NOT NULL OR %s)",
            self._veloc_is_identified_sql(),
        )

    @api.model
    def _veloc_is_identified_sql(self):
        return SQL(
            "EXISTS (SELECT FROM veloc_identity_proof proof"
            " WHERE proof.partner_id = p.id)"
        )

    @api.model
    def _veloc_last_activity_sql(self):
        """Return SQL: when ``p`` was last heard of."""
        return SQL("greatest(p.create_date, said.said_at)")

    @api.model
    def _veloc_clock_joins_sql(self):
        """Return the joins that the three above need."""
        return SQL("")

    # === BLOCKING === #

    def _veloc_block(self):
        """Take these people out of use: no contact, no list, no log-in.

        LGPD art. 5 XIII: the data stay, nobody works with them.
        """
        people = self.with_context(active_test=False)
        people.user_ids.filtered("share").write({"active": False})
        fresh = people.filtered(lambda p: not p.veloc_blocked_at)
        fresh.write({"active": False, "veloc_blocked_at": fields.Datetime.now()})
        # A term that counts from the end of a relationship must begin to count.
        people.filtered(lambda p: not p.veloc_relationship_end)._veloc_end_clients()

    def _veloc_end_clients(self):
        """End the relationship of those who were clients."""
        scope = self.env["veloc.retention.scope"]
        subjects = scope._subjects(self.ids)
        clients = self.filtered(lambda p: p.id in subjects and subjects[p.id].is_client)
        clients.write({"veloc_relationship_end": scope._today()})

    def _veloc_unblock(self):
        """Let these people be worked with again; not those being erased."""
        # sudo: erasures are hidden from most roles, which must not matter here.
        erased_sudo = self.sudo().filtered("veloc_erasure_ids")
        self.browse((self - erased_sudo).ids).write(
            {"active": True, "veloc_blocked_at": False}
        )
