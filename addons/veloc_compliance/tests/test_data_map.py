from odoo.tests import tagged

from ..rules import data_map
from .common import ComplianceCase

ADDONS = {"veloc_compliance", "veloc_messaging", "veloc_crm"}
# Kept by Odoo itself on every row: who and when, never about whom.
MAGIC = {"id", "create_uid", "create_date", "write_uid", "write_date", "display_name"}
# Absent on purpose: what names it to nobody is held by TestSecrecy.
SECRET = {"veloc.secrecy.mark"}
# Of every model about nobody: a field of these kinds may yet hold or name somebody.
MAY_HOLD = {"char", "text", "html", "json", "binary", "properties"}
# Odoo's own fields of a contact that say nothing about anybody.
HARMLESS = {
    "active_lang_count",
    "color",
    "company_id",
    "company_type",
    "commercial_partner_id",
    "calendar_last_notif_ack",
    "date_localization",
    "email_tracking",
    "message_bounce",
    "main_user_id",
    "partner_share",
    "properties",
    "signup_type",
    "supplier_rank",
    "customer_rank",
    "tracking_disable",
}


@tagged("post_install", "-at_install")
class TestDataMap(ComplianceCase):
    """F1: every personal field we store is on the map, with its end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.map = cls.env["veloc.personal.data"]._data_map()
        cls.mapped = data_map.mapped_fields(cls.map)
        cls.impersonal = data_map.impersonal_models(cls.map)

    def _our_fields(self):
        """Yield (model name, field) of every stored field that our addons declare."""
        for name, model in self.env.registry.items():
            if model._abstract or model._transient:
                continue
            for field in model._fields.values():
                is_ours = field._module in ADDONS or (
                    name.startswith("veloc.") and model._original_module in ADDONS
                )
                if is_ours and field.store and field.name not in MAGIC:
                    yield name, field

    def _off_the_map(self, sources):
        mapped = data_map.mapped_fields(sources)
        return [
            f"{name}.{field.name}"
            for name, field in self._our_fields()
            if name not in data_map.impersonal_models(sources) | SECRET
            and field.type != "one2many"
            and field.name not in mapped.get(name, ())
        ]

    def test_no_stored_field_of_ours_is_off_the_map(self):
        self.assertFalse(self._off_the_map(self.map))

    def test_a_field_that_nobody_mapped_is_found(self):
        without = [s for s in self.map if "evidence" not in s.fields]
        self.assertIn("veloc.consent.evidence", self._off_the_map(without))

    def test_a_model_about_nobody_points_to_nobody(self):
        guilty = [
            f"{name}.{field.name}"
            for name, field in self._our_fields()
            if name in self.impersonal
            and getattr(field, "comodel_name", "") == "res.partner"
        ]
        self.assertFalse(guilty)

    def test_every_entry_of_the_map_exists_and_can_be_followed(self):
        for source in self.map:
            with self.subTest(model=source.model, subject=source.subject):
                self.assertIn(source.model, self.env)
                fields_ = self.env[source.model]._fields
                self.assertLessEqual(set(source.fields), set(fields_))
                found = self.env["veloc.personal.data"]._records(source, self.ana)
                self.assertEqual(found._name, source.model)

    def test_no_field_has_two_fates_and_nothing_personal_is_kept_without_reason(self):
        self.assertFalse(data_map.doubles(self.map))
        kept = [s for s in self.map if s.on_erasure == "keep"]
        self.assertTrue(all(s.reason for s in kept))

    def test_everything_odoo_stores_of_a_contact_in_words_has_an_end(self):
        fields_ = self.env["res.partner"]._fields.values()
        off = {
            field.name
            for field in fields_
            if field.store
            and field.type in MAY_HOLD
            and field.name not in MAGIC | HARMLESS
        } - self.mapped["res.partner"]
        self.assertFalse(off)

    def test_what_one_person_gets_holds_nothing_of_another(self):
        self._grant(self.ana)
        self._grant(self.rui)
        collected = str(self.env["veloc.personal.data"]._collect(self.ana))
        self.assertIn("ana@example.com", collected)
        self.assertNotIn("rui@example.com", collected)
