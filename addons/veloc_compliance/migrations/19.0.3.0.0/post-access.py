"""What roles ask from 19.0.3 on, for databases that had the addon before.

The data file is read once, at the install; an update leaves Odoo's own roles alone.
"""

from odoo import SUPERUSER_ID, api

TIMEOUTS = {"lock_timeout": 720, "lock_timeout_inactivity": 15}
ASKED = {
    "base.group_user": TIMEOUTS,
    "base.group_portal": TIMEOUTS,
    "base.group_system": {"veloc_second_factor": True, "veloc_export_rows": 20000},
    "base.group_erp_manager": {"veloc_second_factor": True},
    "veloc_compliance.group_officer": {
        "veloc_second_factor": True,
        "veloc_export_rows": 50000,
    },
    "veloc_compliance.group_program": {
        "api_key_duration": 180,
        "veloc_export_rows": 100000,
    },
}


def migrate(cr, version):
    """Ask it of the roles, but of a demonstration no second factor."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    is_demo = env.ref("veloc_compliance.veloc_user_officer", False)
    for name, values in ASKED.items():
        values = {
            key: value
            for key, value in values.items()
            if not (is_demo and key == "veloc_second_factor")
        }
        env.ref(name).write(values)
    cron = env.ref("mail.ir_cron_module_update_notification", False)
    if cron:
        cron.active = False
