from odoo import api, models
from odoo.tools import SQL

from ...rules import ledger_entry
from ...rules.ledger_entry import Entry
from ...rules.sealed_text import as_text

MAC_LABEL = "ledger"


class VelocLedgerWriter(models.AbstractModel):
    """Turns notes into rows: numbers, secrets, MACs, one INSERT."""

    _name = "veloc.ledger.writer"
    _description = "Ledger writer"

    @api.model
    def _write_notes(self, notes):
        """Store the notes in this transaction; return the ids of the entries."""
        if not notes:
            return []
        ids, at = self._take_numbers(len(notes))
        secrets_ = self._seal_secrets(ids, notes)
        key = self._row_key()
        rows = []
        for id_, note, secret in zip(ids, notes, secrets_, strict=True):
            entry = Entry(id_, at, *note[:6], secret)
            mac = ledger_entry.row_mac(key, ledger_entry.leaf_hash(entry))
            ids_ = list(note.subject_ids) or None
            rows.append((id_, *note[:6], secret, ids_, mac))
        self._insert(rows)
        return ids

    @api.model
    def _take_numbers(self, count):
        """Return new entry ids and the time this transaction's entries have."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT nextval('veloc_ledger_entry_raw_id_seq')::int,
                    now() AT TIME ZONE 'UTC'
                FROM generate_series(1, %s)
                """,
                count,
            )
        )
        return [row[0] for row in rows], rows[0][1]

    @api.model
    def _row_key(self):
        return self.env["veloc.keyring"]._mac(MAC_LABEL, b"veloc.ledger.row")

    @api.model
    def _seal_secrets(self, ids, notes):
        """Return each note's secret, encrypted for its person or for the house.

        A person whose key was destroyed leaves no secrets behind.
        """
        people = {n.subject_id for n in notes if n.secret and n.subject_id}
        keys = self.env["veloc.subject.key"]._for(sorted(people)) if people else {}
        return [
            self._seal_secret(id_, note, keys) if note.secret else None
            for id_, note in zip(ids, notes, strict=True)
        ]

    @api.model
    def _seal_secret(self, id_, note, keys):
        place = ledger_entry.place(id_)
        if note.subject_id is None:
            return self.env["veloc.keyring"]._seal(place, note.secret.encode())
        key = keys.get(note.subject_id)
        if key is None:
            return None
        return as_text(key.id, key.seal(place, note.secret.encode()))

    @api.model
    def _insert(self, rows):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_ledger_entry_raw (id, kind, user_id, model, res_id,
                    subject_id, public, secret, subject_ids, mac)
                VALUES %s
                """,
                SQL(", ").join(SQL("%s", row) for row in rows),
            )
        )
