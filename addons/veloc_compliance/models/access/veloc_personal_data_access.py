from odoo import api, models

_LOG = "access_log"
_WHY = (
    "Who had access is evidence for six months (Marco Civil, art. 15) and of "
    "incidents; the account of a former member of staff is pseudonymised itself."
)


class VelocPersonalData(models.AbstractModel):
    """Where access leaves traces of persons: failed sign-ins, exports, grants."""

    _inherit = "veloc.personal.data"

    @api.model
    def _data_map(self):
        return [
            *super()._data_map(),
            self._source(
                "veloc.signin.failure",
                "user_id.partner_id",
                "user_id login_hint address channel day count refused first_at last_at "
                "locked_until account_key address_key",
                _LOG,
                "keep",
                reason=_WHY,
            ),
            self._source(
                "veloc.export.log",
                "user_id.partner_id",
                "user_id at res_model rows field_names way channel address state "
                "allowed",
                _LOG,
                "keep",
                reason=_WHY,
            ),
            self._source(
                "veloc.export.grant",
                "user_id.partner_id",
                "user_id rows until reason granted_by_id",
                _LOG,
                "keep",
                reason=_WHY,
            ),
            *self._impersonal(
                "Settings and catalogues: no row is about a person.",
                "veloc.access.limit",
                "veloc.role.line",
            ),
        ]
