from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..models.crypto.encrypted_char import UNREADABLE
from .crypto_case import CPF, DENIALS, OTHER_CPF, QUIET, CryptoCase


@tagged("post_install", "-at_install")
class TestFieldEncryption(CryptoCase):
    """LGPD art. 46: what the database keeps is of no use without the key."""

    def test_the_database_never_holds_the_clear_number(self):
        sealed = self._column(self.ana, "veloc_cpf_sealed")
        self.assertRegex(sealed, r"^v1:[\w-]{40,}$")
        ((row,),) = self.env.execute_query(
            SQL("SELECT p::text FROM res_partner p WHERE id = %s", self.ana.id)
        )
        self.assertNotIn(CPF, row)

    def test_a_value_is_normalised_when_it_is_written(self):
        self.assertEqual(self.ana.veloc_cpf, CPF)
        self.ana.veloc_cpf = " 111.444.777-35 "
        self.assertEqual(self.ana.veloc_cpf, OTHER_CPF)
        self.env.invalidate_all()
        self.assertEqual(self.ana.veloc_cpf, OTHER_CPF)
        self.assertEqual(
            self.ana.filtered_domain([("veloc_cpf", "=", OTHER_CPF)]), self.ana
        )

    def test_wrong_check_digits_are_refused(self):
        for wrong in ("529.982.247-26", "111.111.111-11", "abc", UNREADABLE):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                self.ana.veloc_cpf = wrong

    def test_an_emptied_value_leaves_nothing_behind(self):
        self.ana.veloc_cpf = False
        self.assertFalse(self.ana.veloc_cpf)
        self.assertIsNone(self._column(self.ana, "veloc_cpf_sealed"))
        self.assertIsNone(self._column(self.ana, "veloc_cpf_blind"))

    def test_many_are_created_with_few_statements(self):
        cpfs = ["52998224725", "11144477735", "39053344705"] * 20
        values = [{"name": f"P{i}", "veloc_cpf": cpf} for i, cpf in enumerate(cpfs)]
        people = self.env["res.partner"].create(values)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(2):
            self.assertEqual(people.mapped("veloc_cpf"), cpfs)

    def test_a_copy_of_a_contact_has_no_copy_of_the_numbers(self):
        self.assertFalse(self.ana.copy().veloc_cpf)

    def test_the_number_can_be_imported_and_a_bad_row_is_named(self):
        fields_ = ["name", "veloc_cpf"]
        rows = [["Imported", "111.444.777-35"]]
        answer = self.env["res.partner"].load(fields_, rows)
        person = self.env["res.partner"].browse(answer["ids"])
        self.assertEqual(person.veloc_cpf, OTHER_CPF)
        answer = self.env["res.partner"].load(fields_, [["Bad", "123"]])
        self.assertFalse(answer["ids"])
        self.assertIn("check digits", answer["messages"][0]["message"])

    # === SEARCH === #

    def test_people_are_found_by_the_whole_number_however_it_is_typed(self):
        partners = self.env["res.partner"]
        for domain, found in (
            ([("veloc_cpf", "=", "529.982.247-25")], True),
            ([("veloc_cpf", "=", CPF)], True),
            ([("veloc_cpf", "in", [OTHER_CPF, CPF])], True),
            ([("veloc_cpf", "!=", OTHER_CPF)], True),
            ([("veloc_cpf", "!=", False)], True),
            ([("veloc_cpf", "not in", [OTHER_CPF])], True),
            ([("veloc_cpf", "=", OTHER_CPF)], False),
            ([("veloc_cpf", "=", "529")], False),
            ([("veloc_cpf", "in", [])], False),
            ([("veloc_cpf", "in", [False, OTHER_CPF])], False),
            ([("veloc_cpf", "in", [False, CPF])], True),
            ([("veloc_cpf", "not in", [])], True),
            ([("veloc_cpf", "=", False)], False),
            ([("veloc_cpf", "!=", CPF)], False),
            ([("veloc_cpf", "not in", [CPF])], False),
        ):
            with self.subTest(domain=domain):
                people = partners.search([*domain, ("id", "=", self.ana.id)])
                self.assertEqual(people, self.ana if found else partners)

    def test_a_search_through_another_model_works_alike(self):
        self.ana.veloc_bank_account_ids = [(0, 0, {"pix_key": "ana@example.com"})]
        domain = [("partner_id.veloc_cpf", "=", CPF)]
        account = self.env["veloc.bank.account"].search(domain)
        self.assertEqual(account.partner_id, self.ana)

    def test_searching_for_a_part_sorting_and_grouping_give_a_clear_answer(self):
        partners = self.env["res.partner"]
        for attempt in (
            lambda: partners.search([("veloc_cpf", "ilike", "529")]),
            lambda: partners.search([("veloc_cpf", "=like", "529%")]),
            lambda: partners.search([("veloc_cpf", "<", CPF)]),
            lambda: partners.search([("veloc_mother_name", "=", "Maria")]),
            lambda: partners.search([], order="veloc_cpf"),
            lambda: partners._read_group([], ["veloc_cpf"]),
            lambda: partners.formatted_read_group([], ["veloc_cpf"], ["__count"]),
        ):
            with self.assertRaisesRegex(UserError, "is encrypted"):
                attempt()

    def test_screens_offer_neither_sorting_nor_grouping(self):
        description = self.env["res.partner"].fields_get(["veloc_cpf"])["veloc_cpf"]
        self.assertFalse(description["sortable"])
        self.assertFalse(description["groupable"])
        self.assertTrue(description["searchable"])

    def test_exact_finding_never_returns_a_namesake(self):
        namesake = self.ana.copy({"name": self.ana.name, "email": "b@example.com"})
        self.rui.phone = False
        for kind, typed, found in (
            ("cpf", "529.982.247-25", self.ana),
            ("cpf", OTHER_CPF, self.rui.browse()),
            ("email", " ANA@example.com", self.ana),
            ("email", "b@example.com", namesake),
            ("phone", "(11) 96123-4567", self.ana | namesake),
            ("phone", "12", self.rui.browse()),
        ):
            with self.subTest(kind=kind, typed=typed):
                answer = self.env["res.partner"]._veloc_find(kind, [typed])
                self.assertEqual(answer, {typed: sorted(found.ids)})

    def test_two_contacts_with_one_cpf_are_shown_not_refused(self):
        self.rui.veloc_cpf = CPF
        self.assertEqual(self.rui.veloc_same_cpf_count, 1)
        action = self.rui.with_user(self.viewer).action_veloc_same_cpf()
        same = self.env["res.partner"].search(action["domain"])
        self.assertEqual(same, self.ana | self.rui)

    # === WHO SEES WHAT === #

    def test_without_the_group_the_number_can_be_neither_read_nor_searched(self):
        for user in (self.viewer, self.seller):
            user.group_ids |= self.env.ref("base.group_allow_export")
            person = self._as(user, self.ana)
            for attempt in (
                lambda p=person: p.read(["veloc_cpf"]),
                lambda p=person: p.search([("veloc_cpf", "=", CPF)]),
                lambda p=person: p.search([("veloc_cpf", "!=", False)]),
                lambda p=person: p.search_count([("veloc_cpf", "in", [CPF])]),
                lambda p=person: p.write({"veloc_cpf": OTHER_CPF}),
                lambda p=person: p.export_data(["veloc_cpf"]),
                lambda p=person: p.search([], order="veloc_cpf"),
                lambda p=person: p.env["veloc.bank.account"].search(
                    [("partner_id.veloc_cpf", "=", CPF)]
                ),
            ):
                with self.assertRaises(AccessError), mute_logger(*DENIALS):
                    attempt()

    def test_nobody_reads_or_searches_the_hidden_columns(self):
        admin = self._as(self.env.ref("base.user_admin"), self.ana)
        blind = self._column(self.ana, "veloc_cpf_blind")
        for name in ("veloc_cpf_sealed", "veloc_cpf_blind"):
            for attempt in (
                lambda n=name: admin.read([n]),
                lambda n=name: admin.search([(n, "=", blind)]),
                lambda n=name: admin.write({n: "x"}),
                lambda n=name: admin.create({"name": "x", n: "x"}),
                lambda n=name: admin.search([], order=n),
                lambda n=name: admin._read_group([], [n]),
            ):
                with self.assertRaises(AccessError), mute_logger(*DENIALS):
                    attempt()
            self.assertNotIn(name, admin.fields_get())

    def test_a_viewer_sees_enough_to_recognise_and_no_more(self):
        self.ana.write(
            {
                "veloc_identity_kind": "rg",
                "veloc_identity_number": "12.345.678-x",
                "veloc_mother_name": " Maria  da Silva ",
            }
        )
        person = self._as(self.viewer, self.ana)
        self.assertEqual(person.veloc_cpf_masked, "***.982.247-**")
        self.assertEqual(person.veloc_identity_number_masked, "••••78X")
        self.assertEqual(person.veloc_mother_name_masked, "M••• S•••")
        self.assertFalse(self._readings(self.viewer))

    def test_whoever_reads_the_clear_number_leaves_an_entry(self):
        (values,) = self._as(self.analyst, self.ana).read(
            ["veloc_cpf", "veloc_cpf_masked"]
        )
        self.assertEqual(values["veloc_cpf"], CPF)
        entry = self._readings(self.analyst)
        self.assertEqual((entry.model, entry.res_id), ("res.partner", self.ana.id))
        self.assertIn("veloc_cpf", entry.public)
        self.assertNotIn(CPF, entry.public)

    def test_what_the_program_read_does_not_hide_a_users_reading(self):
        person = self._as(self.analyst, self.ana)
        self.assertEqual(person.sudo().veloc_cpf, CPF)
        self.assertFalse(self._readings(self.analyst))
        self.assertEqual(person.veloc_cpf, CPF)
        self.assertEqual(len(self._readings(self.analyst)), 1)

    def test_an_export_of_many_is_one_entry_that_names_them(self):
        self.rui.veloc_cpf = OTHER_CPF
        self.analyst.group_ids |= self.env.ref("base.group_allow_export")
        people = self._as(self.analyst, self.ana | self.rui)
        self.assertEqual(
            people.export_data(["veloc_cpf"])["datas"], [[CPF], [OTHER_CPF]]
        )
        (entry,) = self._readings(self.analyst).filtered(
            lambda e: "veloc_cpf" in e.public
        )
        for person in people:
            self.assertIn(str(person.id), entry.public)

    def test_the_button_opens_the_only_form_with_clear_values(self):
        action = self._as(self.analyst, self.ana).action_veloc_show_identity()
        arch = self.env["ir.ui.view"].browse(action["views"][0][0]).arch
        self.assertIn('name="veloc_cpf"', arch)
        with self.assertRaises(AccessError), mute_logger(*DENIALS):
            self._as(self.viewer, self.ana).action_veloc_show_identity()
        arch = (
            self.env["res.partner"]
            .with_user(self.analyst)
            .get_view(view_type="form")["arch"]
        )
        self.assertNotIn('name="veloc_cpf"', arch)
        self.assertIn('name="veloc_cpf_masked"', arch)

    # === ATTACKS === #

    @mute_logger(QUIET)
    def test_two_swapped_ciphertexts_are_noticed_and_break_no_list(self):
        self.rui.veloc_cpf = OTHER_CPF
        names = ("veloc_cpf_sealed", "veloc_cpf_blind")
        kept = {name: self._column(self.ana, name) for name in names}
        for name in names:
            self._set_column(self.ana, name, self._column(self.rui, name))
            self._set_column(self.rui, name, kept[name])
        with self._alerts() as alerts:
            values = (self.ana | self.rui).read(["name", "veloc_cpf"])
        self.assertEqual([v["veloc_cpf"] for v in values], [UNREADABLE, UNREADABLE])
        self.assertEqual(self.ana.veloc_cpf_masked, UNREADABLE)
        self.assertEqual(alerts(), ["ciphertext_unreadable"])
        found = self.env["res.partner"]._veloc_find("cpf", [CPF, OTHER_CPF])
        self.assertEqual(found, {CPF: [], OTHER_CPF: []})

    @mute_logger(QUIET)
    def test_a_clear_number_written_by_sql_is_not_taken_for_a_value(self):
        self._set_column(self.ana, "veloc_cpf_sealed", CPF)
        self.assertEqual(self.ana.veloc_cpf, UNREADABLE)

    @mute_logger(QUIET)
    def test_the_alert_of_an_unreadable_value_speaks_as_the_house_does(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        self.env.company.partner_id.lang = "pt_BR"
        self._set_column(self.ana, "veloc_cpf_sealed", CPF)
        alerts = type(self.env["veloc.alert"])
        with patch.object(alerts, "_raise_apart") as raised:
            self.assertEqual(self.ana.veloc_cpf, UNREADABLE)
        self.assertIn("valores de", raised.call_args.kwargs["detail"])

    @mute_logger(QUIET)
    def test_an_unreadable_value_can_be_replaced(self):
        self._set_column(self.ana, "veloc_cpf_sealed", "v1:AAAA")
        self.ana.veloc_cpf = CPF
        self.env.invalidate_all()
        self.assertEqual(self.ana.veloc_cpf, CPF)

    def test_the_web_client_cannot_group_or_track_an_encrypted_field(self):
        for model in self.env.registry.models.values():
            for field in model._fields.values():
                if type(field).__name__ == "EncryptedChar":
                    self.assertFalse(getattr(field, "tracking", False), field)
                    self.assertFalse(field.store, field)
                    self.assertTrue(field.groups, field)
