from contextlib import contextmanager
from contextvars import ContextVar

from odoo import api, models
from odoo.exceptions import ValidationError

# Set around what the person does themselves. No caller of RPC can reach it, as they
# could reach a key of the context.
_own_word = ContextVar("veloc_own_word", default=None)


class VelocTombstoneGuard(models.AbstractModel):
    """Asks the tombstones before somebody is stored, on every road into the house."""

    _name = "veloc.tombstone.guard"
    _description = "Guard against the return of erased people"

    @api.model
    def _check(self, records, kinds, road="record"):
        """Refuse these records if one of them would bring an erased person back.

        ``kinds``: ``{field: kind of mark}``. One query, none while nobody was erased.
        """
        tombstones = self.env["veloc.tombstone"]
        if not tombstones._is_any():
            return
        # sudo: the guard reads fields that their writer may not read.
        records_sudo = records.sudo()
        values = {}
        for name, kind in kinds.items():
            told = {value for value in records_sudo.mapped(name) if value}
            values.setdefault(kind, set()).update(told)
        marks = tombstones._marks(values)
        if not marks:
            return
        if _own_word.get():
            self._welcome(records_sudo, kinds, marks)
            return
        self.env["veloc.tombstone.refusal"]._count_apart(road, len(records))
        raise ValidationError(self._message())

    def _welcome(self, records_sudo, kinds, marks):
        """Let in who comes by their own word, under the protections they left."""
        tombstones = self.env["veloc.tombstone"]
        for record in records_sudo:
            own = [
                mark
                for name, kind in kinds.items()
                for mark in marks.get((kind, record[name]), ())
            ]
            tombstones._let_return(own, _own_word.get())
            if record._name == "res.partner":
                tombstones._renew_care(record.id, own)

    @api.model
    @contextmanager
    def _own_word_of_the_person(self, road):
        """Within it, what is stored is the person's own fresh sign-up."""
        token = _own_word.set(road)
        try:
            yield
        finally:
            _own_word.reset(token)

    @api.model
    def _message(self):
        """Return the sentence of the refusal; the code comes first, for programs."""
        return self.env._(
            "erased_person: one of these addresses or numbers belongs to somebody "
            "whose data were erased. Only that person can come back, by signing up "
            "anew; an officer can record it."
        )
