from odoo import api, fields, models
from odoo.fields import Domain

from ...rules import data_map

_EVIDENCE = "Evidence of what was asked and allowed; without the person it is nobody's."
_SETTINGS = "Settings and catalogue: no row is about a person."


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
        return [
            *self._data_map_of_partner(),
            *self._data_map_of_odoo(),
            *self._data_map_of_consent(),
            *data_map.impersonal(
                _SETTINGS,
                ("veloc.purpose", "veloc.purpose.version", "veloc.contact.hours"),
            ),
        ]

    @api.model
    def _source(self, model, subject, names, *what, **more):
        """Return one entry of the map; for addons above, which cannot import it."""
        return data_map.source(model, subject, names, *what, **more)

    @api.model
    def _impersonal(self, reason, *models_):
        """Return entries for models that hold nothing about anybody."""
        return data_map.impersonal(reason, models_)

    def _data_map_of_partner(self):
        return [
            self._source(
                "res.partner",
                "id",
                "name complete_name commercial_company_name company_name",
                "identity",
                "pseudonymise",
            ),
            self._source(
                "res.partner",
                "id",
                "ref vat company_registry function comment website barcode "
                "veloc_birth_date image_1920 image_1024 image_512 image_256 image_128 "
                "category_id industry_id parent_id",
                "identity",
                "blank",
            ),
            self._source(
                "res.partner",
                "id",
                "email email_normalized phone phone_sanitized street street2 zip city "
                "state_id partner_latitude partner_longitude",
                "contact",
                "blank",
            ),
            self._source(
                "res.partner",
                "id",
                "lang tz country_id active type is_company user_id",
                "contact",
                "keep",
                reason="Says nothing about anybody once name and addresses are gone.",
            ),
            self._source(
                "res.partner.bank",
                "partner_id",
                "acc_number acc_holder_name sanitized_acc_number",
                "bank",
                "delete",
            ),
        ]

    def _data_map_of_odoo(self):
        on_partner = (("model", "=", "res.partner"),)
        of_partner = (("res_model", "=", "res.partner"),)
        log, hidden = "contact_log", {"shown": False}
        return [
            self._source(
                "mail.message",
                "res_id",
                "subject body email_from record_name date",
                log,
                "delete",
                condition=on_partner,
            ),
            self._source(
                "mail.message",
                "author_id",
                "subject body email_from record_name date",
                log,
                "blank",
            ),
            self._source(
                "mail.tracking.value",
                "mail_message_id.res_id",
                "old_value_char new_value_char old_value_text new_value_text",
                "identity",
                "delete",
                condition=(("mail_message_id.model", "=", "res.partner"),),
            ),
            self._source(
                "ir.attachment",
                "res_id",
                "name description index_content create_date",
                "kyc",
                "delete",
                condition=of_partner,
            ),
            self._source(
                "mail.activity",
                "res_id",
                "summary note date_deadline",
                log,
                "delete",
                condition=of_partner,
            ),
            self._source(
                "mail.mail",
                "recipient_ids",
                "subject body_html email_to email_from date",
                log,
                "delete",
            ),
            self._source(
                "mail.notification",
                "res_partner_id",
                "mail_email_address failure_reason",
                log,
                "delete",
                **hidden,
            ),
            self._source(
                "mail.followers", "partner_id", "res_model res_id", log, "delete"
            ),
            self._source(
                "mail.blacklist", "", "email", "consent", "delete", by_value="email"
            ),
            self._source(
                "phone.blacklist", "", "number", "consent", "delete", by_value="number"
            ),
            self._source(
                "res.users",
                "partner_id",
                "login signature",
                "access_log",
                "pseudonymise",
            ),
        ]

    def _data_map_of_consent(self):
        return [
            self._source(
                "veloc.consent",
                "partner_id",
                "ip user_agent evidence",
                "consent",
                "blank",
            ),
            self._source(
                "veloc.consent",
                "partner_id",
                "partner_id purpose_id version_id channel granted recorded_at "
                "stored_at recorded_by source text_hash text_language",
                "consent",
                "keep",
                reason=_EVIDENCE,
            ),
            self._source(
                "veloc.consent.state",
                "partner_id",
                "partner_id purpose_id channel granted consent_id version_number "
                "recorded_at",
                "consent",
                "keep",
                reason=_EVIDENCE,
            ),
            self._source(
                "veloc.suppression",
                "partner_id",
                "note lift_note",
                "consent",
                "blank",
            ),
            self._source(
                "veloc.suppression",
                "partner_id",
                "partner_id kind channel from_at until_at source lifted_at lifted_by "
                "lift_source",
                "consent",
                "keep",
                reason="Whoever may not be reached stays out of reach.",
            ),
            self._source(
                "veloc.gate.verdict",
                "partner_id",
                "partner_id purpose_id purpose_version_id channel allowed reason basis "
                "consent_id decided_at",
                "contact_log",
                "keep",
                reason=_EVIDENCE,
            ),
        ]

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
