from importlib.util import module_from_spec, spec_from_file_location

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path

SCRIPT = "veloc_compliance/migrations/19.0.3.0.0/post-access.py"
ROLES = (
    "base.group_system",
    "base.group_erp_manager",
    "veloc_compliance.group_officer",
)


@tagged("post_install", "-at_install")
class TestAHouseThatWasThereBefore(TransactionCase):
    """An update asks of the roles what a new house asks."""

    def setUp(self):
        super().setUp()
        spec = spec_from_file_location("post_access", file_path(SCRIPT))
        self.script = module_from_spec(spec)
        spec.loader.exec_module(self.script)
        self.roles = [self.env.ref(name) for name in ROLES]
        self.staff = self.env.ref("base.group_user")
        for role in self.roles:
            role.veloc_second_factor = False
        self.staff.write({"lock_timeout": 0, "lock_timeout_inactivity": 0})
        demo = self.env["ir.model.data"].search(
            [("module", "=", "veloc_compliance"), ("name", "=", "veloc_user_officer")]
        )
        demo.name = "veloc_user_officer_away"
        self.env.ref("mail.ir_cron_module_update_notification").active = True

    def test_roles_ask_for_a_second_factor_and_sessions_end(self):
        self.script.migrate(self.env.cr, "19.0.2.0.0")
        self.env.invalidate_all()
        self.assertTrue(all(role.veloc_second_factor for role in self.roles))
        self.assertRecordValues(
            self.staff, [{"lock_timeout": 720, "lock_timeout_inactivity": 15}]
        )

    def test_a_demonstration_is_still_signed_in_to_with_a_password(self):
        values = {"module": "veloc_compliance", "name": "veloc_user_officer"}
        admin = self.env.ref("base.user_admin")
        self.env["ir.model.data"].create(
            {**values, "model": "res.users", "res_id": admin.id}
        )
        self.script.migrate(self.env.cr, "19.0.2.0.0")
        self.env.invalidate_all()
        self.assertFalse(any(role.veloc_second_factor for role in self.roles))

    def test_odoo_sa_is_no_longer_told_about_the_company(self):
        self.script.migrate(self.env.cr, "19.0.2.0.0")
        self.env.invalidate_all()
        cron = self.env.ref("mail.ir_cron_module_update_notification")
        self.assertFalse(cron.active)
