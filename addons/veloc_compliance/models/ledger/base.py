from odoo import api, models


class Base(models.AbstractModel):
    """Every model can ask to be recorded; one that does not pays a look-up.

    This class is the last before the ORM's own: what comes here is what is stored.
    """

    _inherit = "base"

    # Fields whose changes are recorded; those of all classes of a model together.
    _veloc_ledger_fields = frozenset()
    # Path to the partner whose key seals the values; None: the house's key.
    _veloc_ledger_subject = None
    # Kind of the entries; None: create, write, unlink.
    _veloc_ledger_kind = None
    # Whether readings by RPC, exports and reports are recorded.
    _veloc_ledger_reads = False
    # Operations that a trigger watches for changes beside the ORM.
    _veloc_ledger_guard = frozenset()

    def _auto_init(self):
        done = super()._auto_init()
        if self._veloc_ledger_guard and self._auto and not self._abstract:
            self.env["veloc.ledger.guard"]._guard_model(self)
        return done

    @classmethod
    def _veloc_watched(cls):
        """Return the recorded fields, united over all classes of the model."""
        own = cls.__dict__
        if own.get("_veloc_watched_of") is not cls._base_classes__:
            # Each addon that extends the model replaces the tuple of its classes.
            found = (c.__dict__.get("_veloc_ledger_fields", ()) for c in cls.__mro__)
            cls._veloc_watched_now = frozenset().union(*found)
            cls._veloc_watched_of = cls._base_classes__
        return own["_veloc_watched_now"]

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if watched := self._veloc_watched():
            self.env["veloc.ledger.recorder"]._created(records, watched, vals_list)
        return records

    def write(self, vals):
        watched = self._veloc_watched()
        if not watched or watched.isdisjoint(vals) or not any(self._ids):
            return super().write(vals)
        recorder = self.env["veloc.ledger.recorder"]
        before = recorder._before_write(self, watched.intersection(vals))
        done = super().write(vals)
        recorder._written(self, before)
        return done

    def unlink(self):
        if watched := self._veloc_watched():
            self.env["veloc.ledger.recorder"]._unlinking(self, watched)
        return super().unlink()

    # === READINGS === #

    def export_data(self, fields_to_export):
        exported = super().export_data(fields_to_export)
        if self._veloc_ledger_reads:
            self.env["veloc.ledger.reading"]._exported(self, fields_to_export)
        return exported
