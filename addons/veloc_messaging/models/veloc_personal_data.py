from odoo import api, models

from ..rules import personal_data


class VelocPersonalData(models.AbstractModel):
    """What messaging knows about people: messages, answers, links, addresses."""

    _inherit = "veloc.personal.data"

    @api.model
    def _data_map(self):
        return [
            *super()._data_map(),
            *(self._source(*what, **more) for what, more in personal_data.ALL),
            *self._impersonal(personal_data.SETTINGS, *personal_data.NOBODY),
        ]
