from odoo import models


class VelocPersonalData(models.AbstractModel):
    """Alerts, audits and backups name records and staff, never a data subject."""

    _inherit = "veloc.personal.data"

    def _data_map(self):
        return super()._data_map() + self._impersonal(
            "Names records by number and members of staff by account; texts are "
            "written by the system without personal data.",
            "veloc.alert",
            "veloc.alert.rule",
            "veloc.watch.mark",
            "veloc.escalation",
            "veloc.escalation.shift",
            "veloc.escalation.step",
            "veloc.backup.report",
            "veloc.audit",
            "veloc.audit.plan",
            "veloc.audit.question",
            "veloc.audit.check",
            "veloc.privilege",
            "veloc.staff.reading",
            "veloc.staff.habit",
        )
