import uuid

from odoo import api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

from ...rules import field_cipher
from ...rules.subject_key import SubjectKey, new_key


class VelocSubjectKey(models.Model):
    """A person's own key. What it sealed dies with it; the row stays as the proof.

    Ledger entries and other rows that may never change hold personal data under this
    key only.
    """

    _name = "veloc.subject.key"
    _description = "Key of a data subject"
    _order = "id desc"
    _rec_name = "reference"

    # A number, not a link: the proof outlives the contact.
    partner_number = fields.Integer("Contact's number", required=True, readonly=True)
    reference = fields.Char(required=True, readonly=True)
    sealed = fields.Char(readonly=True, groups=NO_ACCESS)
    destroyed_at = fields.Datetime(readonly=True)
    destroyed_reason = fields.Char("Reason", readonly=True)
    destroyed_by_id = fields.Many2one("res.users", "Destroyed by", readonly=True)

    _reference_unique = models.Constraint("UNIQUE (reference)", "Not unique.")
    _one_alive = models.UniqueIndex("(partner_number) WHERE sealed IS NOT NULL")
    _destroyed_means_gone = models.Constraint(
        "CHECK ((sealed IS NULL) = (destroyed_at IS NOT NULL))",
        "A key is either here or destroyed.",
    )

    @api.model
    def _known(self, partner_ids):
        """Return ``{partner_id: SubjectKey}`` of those who have one, in one query."""
        rows = self._alive_rows(partner_ids)
        keyring = self.env["veloc.keyring"]
        return {
            number: SubjectKey(id_, keyring._open(self._place(reference), sealed))
            for id_, number, reference, sealed in rows
        }

    @api.model
    def _for(self, partner_ids):
        """Return ``{partner_id: SubjectKey}``, made where missing: three queries.

        Whoever was erased has no key any more and gets no new one.
        """
        wanted = set(partner_ids)
        known = self._known(wanted)
        missing = wanted - known.keys()
        if not missing:
            return known
        self._insert(missing - self._destroyed(missing))
        return known | self._known(missing)

    @api.model
    def _shred(self, partner_ids, reason):
        """Destroy the keys of these people; return how many there were."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE veloc_subject_key
                   SET sealed = NULL, destroyed_reason = %s, destroyed_by_id = %s,
                       destroyed_at = now() AT TIME ZONE 'UTC',
                       write_date = now() AT TIME ZONE 'UTC', write_uid = %s
                 WHERE partner_number = ANY(%s) AND sealed IS NOT NULL
             RETURNING id
                """,
                reason,
                self.env.uid,
                self.env.uid,
                list(partner_ids),
            )
        )
        self.invalidate_model()
        return len(rows)

    # === ROWS === #

    @api.model
    def _alive_rows(self, partner_ids):
        self.flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT id, partner_number, reference, sealed FROM veloc_subject_key
                WHERE partner_number = ANY(%s) AND sealed IS NOT NULL
                """,
                list(partner_ids),
            )
        )

    @api.model
    def _destroyed(self, partner_ids):
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT partner_number FROM veloc_subject_key "
                "WHERE partner_number = ANY(%s) AND sealed IS NULL",
                list(partner_ids),
            )
        )
        return {number for (number,) in rows}

    @api.model
    def _insert(self, partner_ids):
        """Add keys; where another transaction was first, its key stays."""
        if not partner_ids:
            return
        keyring = self.env["veloc.keyring"]
        references = [str(uuid.uuid4()) for _number in partner_ids]
        sealed = [keyring._seal(self._place(name), new_key()) for name in references]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_subject_key (partner_number, reference, sealed,
                    create_uid, create_date, write_uid, write_date)
                SELECT number, reference, sealed, %(uid)s, now() AT TIME ZONE 'UTC',
                    %(uid)s, now() AT TIME ZONE 'UTC'
                FROM unnest(%(numbers)s, %(references)s, %(sealed)s)
                    AS row (number, reference, sealed)
                ORDER BY number
                ON CONFLICT (partner_number) WHERE sealed IS NOT NULL DO NOTHING
                """,
                uid=self.env.uid,
                numbers=list(partner_ids),
                references=references,
                sealed=sealed,
            )
        )

    @api.model
    def _place(self, reference):
        return field_cipher.context(self._table, "sealed", reference)
