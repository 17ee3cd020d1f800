from odoo import api, fields, models
from odoo.fields import Domain

from ...rules import data_map, data_map_sources


class VelocPersonalData(models.AbstractModel):
    """The data map: where personal data stand; read, exported and erased by it.

    Addons add their models by ``_inherit``; a test finds a field nobody mapped.
    """

    _name = "veloc.personal.data"
    _description = "Map of personal data"

    # === THE MAP === #

    @api.model
    def _data_map(self):
        """Return ``rules.data_map.Source`` of everything personal we store."""
        return list(data_map_sources.ALL)

    @api.model
    def _source(self, model, subject, names, *what, **more):
        """Return one entry of the map; for addons above, which cannot import it."""
        return data_map.source(model, subject, names, *what, **more)

    @api.model
    def _impersonal(self, reason, *models_):
        """Return entries for models that hold nothing about anybody."""
        return data_map.impersonal(reason, models_)

    # === READING BY IT === #

    @api.model
    def _records(self, source, partners):
        """Return the rows of a source that belong to these people, archived included.

        With the rights of nobody in particular: the caller has checked who asks.
        """
        # sudo: the map reaches models that no single role may read.
        model = self.env[source.model].sudo().with_context(active_test=False)
        if not partners or not source.is_personal:
            return model.browse()
        return model.search(self._domain(source, partners), order="id")

    def _domain(self, source, partners):
        domain = Domain(list(source.condition))
        if source.by_value:
            return domain & Domain(source.by_value, "in", self._addresses(partners))
        ids = partners.ids
        if source.via:
            owner = next(s for s in self._data_map() if s.model == source.via)
            ids = self._records(owner, partners).ids
        return domain & Domain(source.subject, "in", ids)

    @api.model
    def _addresses(self, partners):
        """Return every address of these people, as the house stores addresses."""
        # sudo: normalised addresses are hidden from most roles.
        people = partners.sudo()
        return [
            value
            for person in people
            for value in (person.email_normalized, person.phone_sanitized)
            if value
        ]

    @api.model
    def _collect(self, partner):
        """Return ``{data class: {model: [{field: value}]}}``, JSON-safe, of one person.

        Only what the map marks as shown; records under secrecy are in no source.
        """
        found = {}
        for source in self._data_map():
            if not source.shown:
                continue
            records = self._records(source, partner)
            names = [name for name in source.fields if name in records._fields]
            rows = found.setdefault(source.data_class, {}).setdefault(source.model, {})
            for record in records:
                values = {name: self._plain(record, name) for name in names}
                rows.setdefault(record.id, {"id": record.id}).update(values)
        return {
            data_class: {name: list(rows.values()) for name, rows in by_model.items()}
            for data_class, by_model in found.items()
        }

    # === ELIMINATION OF CONSENTED DATA (ART. 18 VI) === #

    @api.model
    def _erase_consented(self, partners):
        """Remove what we hold of these people on consent alone; return the rows.

        The contract, and what the law makes us keep, stay: that is another right.
        """
        count = 0
        for source in self._data_map():
            if not source.consented:
                continue
            records = self._records(source, partners)
            count += len(records)
            if source.on_erasure == "delete":
                records.unlink()
            else:
                records.write(dict.fromkeys(source.fields, False))
        return count

    @api.model
    def _plain(self, record, name):
        """Return a field's value as JSON can carry it; False becomes None."""
        field, value = record._fields[name], record[name]
        if field.relational:
            return value.mapped("display_name") or None
        if field.type in ("date", "datetime"):
            return fields.Datetime.to_string(value) if value else None
        if field.type == "binary":
            return bool(value) or None
        if field.type == "selection" and value:
            return dict(field._description_selection(self.env)).get(value, value)
        return value if field.type == "boolean" or value is not False else None
