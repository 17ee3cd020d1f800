import os
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import ComplianceCase


@tagged("post_install", "-at_install")
class TestPartner(ComplianceCase):
    def test_the_zone_comes_from_the_most_specific_thing_known(self):
        manaus = self.env["res.partner"].create(
            {
                **self._prepare_person("M", "m@example.com", "+55 92 96123-4567"),
            }
        )
        acre = self.env["res.partner"].create(
            {
                **self._prepare_person("A", "a@example.com", "+55 11 96123-4567"),
                "state_id": self.env.ref("base.state_br_ac").id,
            }
        )
        lisbon = self.env["res.partner"].create(
            {**self._prepare_person("L", "l@example.com", ""), "tz": "Europe/Lisbon"}
        )
        people = self.ana | manaus | acre | lisbon
        self.assertEqual(
            people._veloc_zones(),
            {
                self.ana.id: "America/Sao_Paulo",
                manaus.id: "America/Manaus",
                acre.id: "America/Rio_Branco",
                lisbon.id: "Europe/Lisbon",
            },
        )

    def test_each_person_has_links_of_their_own(self):
        people = self.ana | self.rui
        links = people._veloc_preferences_url()
        self.assertEqual(set(links), set(people.ids))
        self.assertEqual(len(set(links.values())), 2)
        stops = people._veloc_unsubscribe_url(self.purpose("marketing"), "email")
        self.assertEqual(set(stops), set(people.ids))
        self.assertFalse(set(stops.values()) & set(links.values()))

    def test_a_link_says_what_it_was_made_for(self):
        marketing = self.purpose("marketing")
        url = self.ana._veloc_unsubscribe_url(marketing, "email")[self.ana.id]
        token = url.rsplit("/", 1)[1]
        link = self.env["res.partner"]._veloc_read_link("unsubscribe", token)
        self.assertEqual(
            (link.partner_id, link.purpose_id, link.channel),
            (self.ana.id, marketing.id, "email"),
        )
        self.assertIsNone(
            self.env["res.partner"]._veloc_read_link("preferences", token)
        )

    def test_links_to_many_people_cost_no_query_each(self):
        people = self.env["res.partner"].create([{"name": f"{n}"} for n in range(50)])
        people[0]._veloc_preferences_url()
        self.env.flush_all()
        with self.assertQueryCount(0):
            people._veloc_preferences_url()

    def test_the_public_address_is_the_nearest_thing_configured(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("web.base.url", "http://inside:8069")
        with patch.dict(os.environ):
            os.environ.pop("VELOC_PUBLIC_URL", None)
            self.assertEqual(self.gate._public_url(), "http://inside:8069")
            parameters.set_param("veloc.public_url", "https://veloc.example/")
            self.assertEqual(self.gate._public_url(), "https://veloc.example")
            os.environ["VELOC_PUBLIC_URL"] = "https://env.example"
            self.assertEqual(self.gate._public_url(), "https://env.example")
            url = self.ana._veloc_preferences_url()[self.ana.id]
        self.assertTrue(url.startswith("https://env.example/veloc/preferences/"))

    def test_a_contact_shows_what_holds_and_what_was_allowed(self):
        self._grant(self.ana)
        self._grant(self.ana, channel="email", granted=False)
        self.env["veloc.suppression"]._impose(self.ana.ids, "complaint")
        self.assertRecordValues(
            self.ana, [{"veloc_suppression_count": 1, "veloc_consent_count": 1}]
        )
        self.assertEqual(len(self.ana.veloc_consent_state_ids), 2)
        for action in (
            self.ana.action_veloc_consents,
            self.ana.action_veloc_suppressions,
        ):
            self.assertIn(("partner_id", "=", self.ana.id), action()["domain"])

    def test_only_officers_open_the_page_of_another_person(self):
        officer = new_test_user(
            self.env, "dpo", groups="veloc_compliance.group_officer"
        )
        action = self.ana.with_user(officer).action_veloc_open_preferences()
        self.assertIn("/veloc/preferences/", action["url"])
        viewer = new_test_user(
            self.env, "viewer", groups="veloc_compliance.group_viewer"
        )
        with self.assertRaises(AccessError):
            self.ana.with_user(viewer).action_veloc_open_preferences()

    def test_the_contact_form_opens_for_those_who_see_nothing_of_this(self):
        clerk = new_test_user(
            self.env, "clerk", groups="base.group_user,base.group_partner_manager"
        )
        arch = (
            self.env["res.partner"].with_user(clerk).get_view(view_type="form")["arch"]
        )
        self.assertNotIn("veloc_suppression_ids", arch)
        officer = new_test_user(
            self.env, "dpo", groups="veloc_compliance.group_officer"
        )
        arch = (
            self.env["res.partner"]
            .with_user(officer)
            .get_view(view_type="form")["arch"]
        )
        self.assertIn("veloc_suppression_ids", arch)

    # === EVIDENCE KEEPS ITS PERSON === #

    def _merge(self, partners, dst=None):
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge(partners.ids, dst, extra_checks=False)

    def test_a_contact_with_evidence_cannot_be_deleted(self):
        self._grant(self.ana)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.ForeignKeyViolation),
        ):
            self.ana.unlink()
            self.env.flush_all()

    def test_a_double_without_evidence_is_merged_into_the_one_that_has_it(self):
        self._grant(self.ana)
        double = self.env["res.partner"].create({"name": "Ana", "tz": False})
        for dst in (None, self.ana):
            self._merge(self.ana | double, dst)
            self.assertTrue(self.ana.exists())
            self.assertFalse(double.exists())
            double = self.env["res.partner"].create({"name": "Ana", "tz": False})

    def test_evidence_of_two_people_is_never_mixed(self):
        self._grant(self.ana)
        self._grant(self.rui)
        with self.assertRaises(UserError):
            self._merge(self.ana | self.rui)
        with self.assertRaises(UserError):
            self._merge(self.ana | self.rui, self.rui)
        self.assertTrue((self.ana | self.rui).exists())

    def test_contacts_without_evidence_merge_as_ever(self):
        self._merge(self.ana | self.rui, self.rui)
        self.assertFalse(self.ana.exists())
