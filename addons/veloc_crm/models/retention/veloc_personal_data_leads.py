from odoo import api, models

FIELDS = (
    "name contact_name partner_name email_from email_normalized phone phone_sanitized "
    "street street2 zip city website function description email_cc"
)


class VelocPersonalData(models.AbstractModel):
    """Leads that nobody has linked to a contact yet are found by their address."""

    _inherit = "veloc.personal.data"

    @api.model
    def _data_map(self):
        return [
            *super()._data_map(),
            *(
                self._source(
                    "crm.lead", "", FIELDS, "contact", "blank", by_value=address
                )
                for address in ("email_normalized", "phone_sanitized")
            ),
        ]
