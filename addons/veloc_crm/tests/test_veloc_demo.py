"""The demo fills every screen by the real road, and leaves nothing half done."""

from odoo import fields
from odoo.tests import tagged

from odoo.addons.veloc_messaging.tests.common import MessagingCase


@tagged("post_install", "-at_install")
class TestVelocDemo(MessagingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # On a demo database the story was told before.
        if not cls.env["veloc.trader"].search_count([("external_ref", "=", "VB-1001")]):
            # Activates the currency too; the demo's broker keeps its books in it.
            cls.env.company.currency_id = cls.env.ref("base.BRL")
            cls.env["ir.config_parameter"].set_param(
                "veloc_messaging.deposit_url", "https://veloc.example/deposito"
            )
            cls.env["veloc.demo"]._load()
        cls.traders = cls.env["veloc.trader"].search([("external_ref", "like", "VB-")])

    def test_all_stages_and_all_tiers_have_people(self):
        stages = dict(self.traders._fields["stage"].selection)
        self.assertEqual(set(self.traders.mapped("stage")), set(stages))
        self.assertEqual(
            set(self.traders.tier_id.mapped("code")), {"low", "moderate", "vip"}
        )

    def test_the_decisions_show_every_kind_of_answer(self):
        decisions = self.env["veloc.decision"].search(
            [("trader_id", "in", self.traders.ids)]
        )
        self.assertLessEqual(
            {"sent", "deferred", "refused", "exited"}, set(decisions.mapped("verdict"))
        )

    def test_nobody_who_must_be_left_in_peace_got_an_offer(self):
        protected = self.env["veloc.suppression"].search(
            [
                ("partner_id", "in", self.traders.partner_id.ids),
                ("lifted_at", "=", False),
            ]
        )
        self.assertTrue(protected)
        offers = self.env["veloc.message"].search(
            [
                ("partner_id", "in", protected.partner_id.ids),
                ("purpose_id.kind", "!=", "service"),
            ]
        )
        since = {block.partner_id: block.from_at for block in protected}
        for offer in offers:
            self.assertLess(offer.queued_at, since[offer.partner_id])

    def test_no_old_message_waits_to_be_sent_again(self):
        waiting = self.env["veloc.message"].search(
            [
                ("partner_id", "in", self.traders.partner_id.ids),
                ("state", "=", "queued"),
                (
                    "queued_at",
                    "<",
                    fields.Datetime.subtract(fields.Datetime.now(), hours=2),
                ),
            ]
        )
        self.assertFalse(waiting)

    def test_the_sales_team_has_people_on_its_desk(self):
        leads = self.env["crm.lead"].search(
            [("partner_id", "in", self.traders.partner_id.ids)]
        )
        self.assertGreaterEqual(len(leads), 8)

    def test_people_and_scanners_have_followed_links(self):
        clicks = self.env["veloc.link.click"].search(
            [("partner_id", "in", self.traders.partner_id.ids)]
        )
        self.assertLessEqual({"human", "scanner"}, set(clicks.mapped("kind")))
