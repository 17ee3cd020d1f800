from operator import itemgetter

from odoo import SUPERUSER_ID, api, models

from ...rules import ledger_values
from ...rules.ledger_entry import Note

NUMBERS = frozenset({"integer", "float", "monetary"})  # where 0 is not nothing


class VelocLedgerRecorder(models.AbstractModel):
    """What the ORM stores, as notes: one per record, built for batches."""

    _name = "veloc.ledger.recorder"
    _description = "Recording of changes"

    @api.model
    def _created(self, records, watched, vals_list):
        """Note new records with what they were given."""
        # sudo: what is recorded does not depend on what the user may read.
        records_sudo = records.sudo()
        given = sorted(watched.intersection(*[set().union(*vals_list)]))
        public = ledger_values.fields_text(given, self._operation(records, "create"))
        columns = [self._values(records_sudo, name) for name in given]
        rows = zip(*columns, strict=True) if columns else ((),) * len(records)
        texts = [ledger_values.state_text(given, row) for row in rows]
        self._note_records(records_sudo, "create", public, texts)

    @api.model
    def _before_write(self, records, names):
        """Return ``{field: values}`` as they are, for ``_written``."""
        # sudo: as in _created.
        records_sudo = records.sudo()
        stored = [name for name in names if records._fields[name].store]
        records_sudo.fetch(stored)
        return {name: self._values(records_sudo, name) for name in sorted(names)}

    @api.model
    def _written(self, records, before):
        """Note which records changed, field by field."""
        # sudo: as in _created.
        records_sudo = records.sudo()
        after = {
            name: self._values_after(records_sudo, name, old)
            for name, old in before.items()
        }
        operation = self._operation(records, "write")
        publics, notes = {}, []
        for index, subject in enumerate(self._subjects(records_sudo)):
            changes = [
                (name, old[index], after[name][index])
                for name, old in before.items()
                if old[index] != after[name][index]
            ]
            if not changes:
                continue
            names = tuple(map(itemgetter(0), changes))
            public = publics.get(names)
            if public is None:
                public = publics[names] = ledger_values.fields_text(names, operation)
            notes.append((index, subject, public, ledger_values.change_text(changes)))
        self._note_some(records, "write", notes)

    @api.model
    def _unlinking(self, records, watched):
        """Note records that are about to go, with what they held."""
        # sudo: as in _created.
        records_sudo = records.sudo().exists()
        names = sorted(watched)
        public = ledger_values.fields_text((), self._operation(records, "unlink"))
        columns = [self._values(records_sudo, name) for name in names]
        texts = [
            ledger_values.state_text(names, row) for row in zip(*columns, strict=True)
        ]
        self._note_records(records_sudo, "unlink", public, texts)

    # === VALUES === #

    @api.model
    def _values(self, records, name):
        """Return one value per record, as the cache holds it where it can be taken."""
        field = records._fields[name]
        if field.store and field.column_type and not field.compute:
            records.fetch([name])
            cache = field._get_cache(records.env)
            if field.type in NUMBERS:
                return [cache.get(id_) for id_ in records._ids]
            return [cache.get(id_) or None for id_ in records._ids]
        return [_plain(record[name]) for record in records]

    @api.model
    def _values_after(self, records, name, old):
        """Return the new values; what a column was given is the same for all."""
        field = records._fields[name]
        if len(old) > 1 and field.store and field.column_type and not field.compute:
            return self._values(records[:1], name) * len(old)
        return self._values(records, name)

    @api.model
    def _subjects(self, records):
        """Return each record's partner id, None where the model has no person."""
        path = records._veloc_ledger_subject
        if path is None:
            return [None] * len(records)
        if path == "id":
            return list(records._ids)
        if "." not in path:
            return self._values(records, path)
        return [record.mapped(path)[:1].id or None for record in records]

    # === NOTES === #

    @api.model
    def _operation(self, records, operation):
        """Return the operation where the kind of the entry does not tell it."""
        return operation if records._veloc_ledger_kind else ""

    @api.model
    def _note_records(self, records, operation, public, texts):
        subjects = self._subjects(records)
        self._note_some(
            records,
            operation,
            [
                (index, subject, public, text)
                for index, (subject, text) in enumerate(
                    zip(subjects, texts, strict=True)
                )
            ],
        )

    @api.model
    def _note_some(self, records, operation, told):
        """Buffer notes of (index of the record, subject, public, secret)."""
        kind = records._veloc_ledger_kind or operation
        user_id, model, ids = self.env.uid or SUPERUSER_ID, records._name, records._ids
        self.env["veloc.ledger.entry"]._buffer(
            [
                Note(kind, user_id, model, ids[index], subject, public, secret)
                for index, subject, public, secret in told
            ]
        )


def _plain(value):
    """Return records as their ids, anything else as it is."""
    if isinstance(value, models.BaseModel):
        return value._ids or None
    return value
