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
    # Keys are made and destroyed by the methods below only; the triggers tell of any
    # other hand. Sealing a key anew with a new data key changes neither column.
    _veloc_ledger_fields = frozenset({"partner_number", "merged_into", "destroyed_at"})
    _veloc_ledger_guard = frozenset({"update", "delete"})
    _veloc_ledger_kind = "key"

    # A number, not a link: the proof outlives the contact.
    partner_number = fields.Integer("Contact's number", required=True, readonly=True)
    merged_into = fields.Integer(
        "Merged into contact",
        readonly=True,
        help="The contact this one became part of; its erasure takes this key too.",
    )
    reference = fields.Char(required=True, readonly=True)
    sealed = fields.Char(readonly=True, groups=NO_ACCESS)
    destroyed_at = fields.Datetime(readonly=True)
    destroyed_reason = fields.Char("Reason", readonly=True)
    destroyed_by_id = fields.Many2one("res.users", "Destroyed by", readonly=True)

    _reference_unique = models.Constraint("UNIQUE (reference)", "Not unique.")
    _by_target = models.Index("(merged_into) WHERE merged_into IS NOT NULL")
    _one_alive = models.UniqueIndex("(partner_number) WHERE sealed IS NOT NULL")
    _destroyed_means_gone = models.Constraint(
        "CHECK ((sealed IS NULL) = (destroyed_at IS NOT NULL))",
        "A key is either here or destroyed.",
    )

    @api.model
    def _known(self, partner_ids):
        """Return ``{partner_id: SubjectKey}`` of those who have one, in one query."""
        return self._opened(self._rows(partner_ids))

    @api.model
    def _for(self, partner_ids):
        """Return ``{partner_id: SubjectKey}``, made where missing: three queries.

        Whoever was erased has no key any more and gets no new one.
        """
        rows = self._rows(partner_ids)
        missing = set(partner_ids) - {row[1] for row in rows}
        rows += self._insert(missing)
        return self._opened(rows)

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
                 WHERE sealed IS NOT NULL
                   AND (partner_number = ANY(%s) OR merged_into = ANY(%s))
             RETURNING id, partner_number
                """,
                reason,
                self.env.uid,
                self.env.uid,
                list(partner_ids),
                list(partner_ids),
            )
        )
        self.invalidate_model()
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "key",
                    "model": self._name,
                    "res_id": id_,
                    "subject_id": number,
                    "public": {"operation": "destroyed", "reason": reason},
                }
                for id_, number in rows
            ]
        )
        return len(rows)

    @api.model
    def _merge_into(self, source_ids, target_id):
        """Let the keys of merged contacts share the fate of the one that stays.

        What they sealed stays readable under the old number.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE veloc_subject_key SET merged_into = %(target)s
                 WHERE partner_number = ANY(%(sources)s)
                    OR merged_into = ANY(%(sources)s)
             RETURNING id
                """,
                target=target_id,
                sources=list(source_ids),
            )
        )
        self.invalidate_model()
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "key",
                    "model": self._name,
                    "res_id": id_,
                    "public": {"operation": "merged", "into": target_id},
                }
                for (id_,) in rows
            ]
        )

    # === ROWS === #

    @api.model
    def _rows(self, partner_ids):
        """Return (id, partner number, reference, sealed or None), the destroyed too."""
        self.flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT id, partner_number, reference, sealed FROM veloc_subject_key
                WHERE partner_number = ANY(%s)
                """,
                list(partner_ids),
            )
        )

    @api.model
    def _insert(self, partner_ids):
        """Add keys and return their rows; where another server was first, its own."""
        if not partner_ids:
            return []
        numbers = sorted(partner_ids)
        references = [str(uuid.uuid4()) for _number in numbers]
        keyring = self.env["veloc.keyring"]
        sealed = [keyring._seal(self._place(name), new_key()) for name in references]
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_subject_key (partner_number, reference, sealed,
                    create_uid, create_date, write_uid, write_date)
                SELECT number, reference, sealed, %(uid)s, now() AT TIME ZONE 'UTC',
                    %(uid)s, now() AT TIME ZONE 'UTC'
                FROM unnest(%(numbers)s, %(references)s, %(sealed)s)
                    AS row (number, reference, sealed)
                ON CONFLICT (partner_number) WHERE sealed IS NOT NULL DO NOTHING
                RETURNING id, partner_number, reference, sealed
                """,
                uid=self.env.uid,
                numbers=numbers,
                references=references,
                sealed=sealed,
            )
        )
        return rows if len(rows) == len(numbers) else self._rows(numbers)

    @api.model
    def _opened(self, rows):
        """Return ``{partner number: SubjectKey}`` of the rows that still have one."""
        sealed = {reference: text for _id, _number, reference, text in rows if text}
        keyring = self.env["veloc.keyring"]
        plain = keyring._open_column(self._table, "sealed", sealed)
        return {
            number: SubjectKey(id_, plain[reference])
            for id_, number, reference, text in rows
            if text
        }

    @api.model
    def _place(self, reference):
        return field_cipher.context(self._table, "sealed", reference)
