from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import AccessMatrixCase

# Model: role and what it may (read, write, create, delete), as the access lines say;
# what a role inherits is not repeated. A line here is a decision: least privilege.
TABLE = """
veloc.account: manager rwcd, user r---
veloc.account.secret: system rwcd
veloc.blocked.address: manager r---
veloc.call: manager rw--, user r---
veloc.call.back: user rwc-
veloc.channel.hold: user r---
veloc.channel.identity: manager r--d, user r---
veloc.channel.price: manager rwcd, user r---
veloc.conversation: user rw--
veloc.conversation.entry: user r---
veloc.conversation.link: user rwc-
veloc.conversation.round: user r---
veloc.conversation.tag: manager rwcd, user r---
veloc.conversation.template: user rwc-
veloc.delivery.delta: everybody ----
veloc.delivery.limit: manager rwcd, user r---
veloc.delivery.objection: user r---
veloc.delivery.stat: user r---
veloc.desk: manager rwcd, user r---
veloc.link: user r---
veloc.link.click: user r---
veloc.link.domain: manager rwcd, user r---
veloc.message: user r---
veloc.messaging.alert: user r---
veloc.pace: manager r---
veloc.provider.event: user r---
veloc.push.subscription: user r---
veloc.reach.portfolio: manager rwcd, user r---
veloc.reach.use: manager r---
veloc.style.notice: manager rwcd, user r---
veloc.style.product: manager rwcd, user r---
veloc.style.rule: manager rwcd, user r---
veloc.style.word: manager rwcd, user r---
veloc.template: manager rwcd, user r---
veloc.template.body: manager rwcd, user r---
veloc.template.return: manager rwc-
veloc.template.review: user r---
veloc.template.version: manager rwcd, user r---
veloc.webhook.refusal: manager r---
"""


@tagged("post_install", "-at_install")
class TestLeastPrivilege(AccessMatrixCase):
    """Who may do what with which records is decided here, line by line."""

    addon = "veloc_messaging"
    table = TABLE
    open_to_staff = {
        ("veloc.delivery.board", "open"): "leads to a window with its own lines",
        ("veloc.template.compare", "action_bring_back"): "part of a version",
    }

    def test_every_access_line_is_in_the_table_and_the_other_way_round(self):
        self.assertEqual(self._found(), self._decided())

    def test_every_model_of_the_addon_is_in_the_table(self):
        self.assertEqual(self._models() - self._decided().keys(), set())

    def test_a_user_without_a_role_gets_nothing_from_any_public_method(self):
        self.maxDiff = None
        self.assertEqual(self._open_methods(), {})
