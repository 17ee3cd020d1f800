from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from .common import MessagingCase


@tagged("post_install", "-at_install")
class TestCompanies(MessagingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.companies = cls.env["res.company"].create(
            [{"name": "Broker A"}, {"name": "Broker B"}]
        )
        cls.accounts, cls.users = {}, {}
        for number, company in enumerate(cls.companies):
            cls.accounts[company] = cls._account(
                f"own-{number}",
                "sms",
                sender=f"+551140000000{number}",
                company_id=company.id,
                sequence=50,  # behind the shared one, and still preferred
            )
            cls.users[company] = new_test_user(
                cls.env,
                f"manager_{number}",
                groups="veloc_messaging.group_manager",
                company_id=company.id,
                company_ids=[(6, 0, company.ids)],
            )
        for person in cls.ana + cls.rui:
            cls._grant(person)

    def _enqueue(self, company, partner):
        outbox = self.env["veloc.outbox"].with_company(company)
        draft = self._draft(partner, key=f"{company.name}:{partner.id}")
        (answer,) = outbox._enqueue([draft], NOON)
        return self.env["veloc.message"].browse(answer["message_id"])

    def test_a_company_sends_over_its_own_account_first(self):
        for company in self.companies:
            chosen = self.env["veloc.account"]._choose({"sms"}, company)
            self.assertEqual(chosen["sms"], self.accounts[company])
            self.accounts[company]._pause("20003")
            chosen = self.env["veloc.account"]._choose({"sms"}, company)
            self.assertEqual(chosen["sms"], self.account, "shared, but it works")

    def test_two_companies_that_queue_at_once_both_send(self):
        with freeze_time(NOON):
            messages = [
                self._enqueue(company, partner)
                for company in self.companies
                for partner in (self.ana, self.rui)
            ]
            with self.fake_provider() as provider:
                self.run_dispatch_cron()

        self.assertEqual(len(provider.sent), 4)
        for message in messages:
            self.assertEqual(message.state, "accepted")
            self.assertEqual(message.account_id, self.accounts[message.company_id])

    def test_a_company_does_not_see_the_other(self):
        alerts = self.env["veloc.messaging.alert"]
        limits = self.env["veloc.delivery.limit"]
        of = {}
        with freeze_time(NOON):
            for company, account in self.accounts.items():
                of[company] = [
                    account,
                    self._enqueue(company, self.ana),
                    alerts._raise("failures", account),
                    limits.create({"measure": "failures", "account_id": account.id}),
                ]
            self.env["veloc.delivery.stat"]._fold()
        for company, user in self.users.items():
            (other,) = self.companies - company
            for mine, theirs in zip(of[company], of[other], strict=True):
                with self.subTest(company=company.name, model=mine._name):
                    self.assertTrue(mine.with_user(user).display_name)
                    with self.assertRaises(AccessError):
                        theirs.with_user(user).read(["id", "display_name"])
            stats = self.env["veloc.delivery.stat"].with_user(user)
            own = stats.search([("account_id", "in", self._ids())]).account_id
            self.assertEqual(own, self.accounts[company])

    def _ids(self):
        return [account.id for account in self.accounts.values()]

    def test_the_other_companys_account_cannot_be_stopped(self):
        first, second = self.companies
        account = self.accounts[second].with_user(self.users[first])
        with self.assertRaises(AccessError):
            account.action_pause()
        self.assertEqual(self.accounts[second].state, "active")
