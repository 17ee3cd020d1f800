from odoo import api, models

from ...rules.consent_item import Fault

_ERASED, _BLOCKED = ("erased", "marks"), ("erased", "contacts")


class VelocConsentImportRow(models.Model):
    """A file of consents brings nobody back, and says so in the row."""

    _inherit = "veloc.consent.import.row"

    @api.model
    def _owners(self, rows):
        """Find out besides who of those named was erased: two queries more."""
        owners = super()._owners(rows)
        values = {}
        for row in rows:
            if not isinstance(row, Fault):
                for kind, text in row.person.items():
                    values.setdefault(kind, set()).add(text)
        values.pop("contact_id", None)
        known = {id_ for ids in owners.values() for id_ in ids}
        # sudo: being out of use is hidden from most roles.
        partners_sudo = self.env["res.partner"].sudo().with_context(active_test=False)
        blocked_sudo = partners_sudo.search(
            [("id", "in", sorted(known)), ("veloc_blocked_at", "!=", False)]
        )
        owners[_ERASED] = self.env["veloc.tombstone"]._marks(values)
        owners[_BLOCKED] = set(blocked_sudo.ids)
        return owners

    def _with_owner(self, row, owners):
        found = super()._with_owner(row, owners)
        if isinstance(found, tuple):
            is_erased = found[0] in owners[_BLOCKED]
        else:
            is_erased = not isinstance(row, Fault) and any(
                item in owners[_ERASED] for item in row.person.items()
            )
        return Fault("erased_person", "person") if is_erased else found

    def _store(self, job, found, values):
        """Count the refused ones where all refusals are counted."""
        refused = sum(
            isinstance(pair, Fault) and pair.code == "erased_person" for pair in found
        )
        if refused:
            self.env["veloc.tombstone.refusal"]._count("consents", refused)
        return super()._store(job, found, values)
