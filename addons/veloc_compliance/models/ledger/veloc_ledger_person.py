from odoo import api, models
from odoo.tools import SQL

from ...rules import ledger_person, sealed_text
from ...rules.field_cipher import CannotOpen
from ...rules.ledger_entry import Entry, place
from .veloc_ledger_sealer import COLUMNS

# Nobody learns by an export that such a record exists (Law 9,613/98, art. 11 II).
SECRET_MODELS = ("veloc.secrecy.mark",)


class VelocLedgerPerson(models.AbstractModel):
    """One person's part of the ledger: found, opened, proved."""

    _name = "veloc.ledger.person"
    _description = "One person's ledger entries"

    @api.model
    def _export(self, partner, with_values=True):
        """Return (text of the file, number of entries), None before the first seal.

        Readings of many people at once are in it, by their number of people only.
        """
        head = self.env["veloc.ledger.head"]._latest()
        if head is None:
            return None
        rows = self._rows(partner, head.size)
        proofs = self.env["veloc.ledger.tree"]._inclusion(
            [position for position, _entry in rows], head.size
        )
        opened = self._open([entry for _p, entry in rows]) if with_values else {}
        return ledger_person.prepare_file(head, rows, proofs, opened), len(rows)

    @api.model
    def _rows(self, partner, size):
        """Return ``[(position, Entry)]`` of a person, sealed up to that size."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT leaf.id - 1, %s FROM (
                    SELECT id FROM veloc_ledger_entry_raw WHERE subject_id = %s
                    UNION
                    SELECT id FROM veloc_ledger_entry_raw
                    WHERE subject_ids @> ARRAY[%s]::int[] AND subject_ids IS NOT NULL
                ) found
                JOIN veloc_ledger_entry_raw entry ON entry.id = found.id
                JOIN veloc_ledger_leaf leaf ON leaf.entry_id = entry.id
                WHERE leaf.id <= %s AND entry.model <> ALL(%s)
                ORDER BY leaf.id
                """,
                COLUMNS,
                partner.id,
                partner.id,
                size,
                list(SECRET_MODELS),
            )
        )
        return [(row[0], Entry(*row[1:])) for row in rows]

    @api.model
    def _open_all(self, ids):
        """Return ``{entry id: secret in clear}``, what the house sealed included."""
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM veloc_ledger_entry_raw entry WHERE entry.id = ANY(%s)",
                COLUMNS,
                list(ids),
            )
        )
        entries = [Entry(*row) for row in rows]
        opened = self._open(entries)
        keyring = self.env["veloc.keyring"]
        for entry in entries:
            if entry.secret and sealed_text.read(entry.secret) is None:
                try:
                    opened[entry.id] = keyring._open(
                        place(entry.id), entry.secret
                    ).decode("utf-8")
                except CannotOpen:
                    continue
        return opened

    @api.model
    def _open(self, entries):
        """Return ``{entry id: secret in clear}`` of what the people's keys still open.

        What the house sealed (addresses, ids of several people) stays closed.
        """
        people = {entry.subject_id for entry in entries if entry.subject_id}
        keys = self.env["veloc.subject.key"]._known(people)
        opened = {}
        for entry in entries:
            sealed = sealed_text.read(entry.secret or "")
            key = keys.get(entry.subject_id)
            if sealed is None or key is None or key.id != sealed[0]:
                continue
            try:
                opened[entry.id] = key.open(place(entry.id), sealed[1]).decode("utf-8")
            except CannotOpen:
                continue  # changed: the proof of this entry fails as well
        return opened
