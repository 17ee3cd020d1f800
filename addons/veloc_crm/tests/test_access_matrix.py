from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import AccessMatrixCase

# Model: role and what it may (read, write, create, delete), as the access lines say;
# what a role inherits is not repeated. A line here is a decision: least privilege.
TABLE = """
veloc.api.request: system ----
veloc.audience.export: analyst rwcd
veloc.audience.member: analyst r---
veloc.audience.removal: analyst r---
veloc.audience.run: analyst r---
veloc.cadence: analyst rwcd, user r---
veloc.cadence.exit: analyst rwcd, user r---
veloc.cadence.publish: analyst rwcd
veloc.cadence.publish.line: analyst rwcd
veloc.cadence.step: analyst rwcd, user r---
veloc.cadence.trial: analyst rwcd
veloc.cadence.trial.line: analyst rwcd
veloc.cadence.trial.step: analyst rwcd
veloc.cadence.version: analyst rwcd, user r---
veloc.capture.day: user r---
veloc.capture.form: analyst rwcd, user r---
veloc.capture.submission: analyst r---
veloc.capture.variant: analyst rwcd, user r---
veloc.decision: user r---
veloc.enrolment: user r---
veloc.hygiene.report: analyst r---
veloc.import.profile: analyst rwc-
veloc.import.wizard: analyst rwc-
veloc.import.wizard.line: analyst rwcd
veloc.import.wizard.row: analyst rwcd
veloc.lifecycle.event: user r---
veloc.cluster: user r---
veloc.cluster.run: user r---
veloc.score.check: user r---
veloc.score.model: user r---
veloc.score.run: user r---
veloc.rfm.run: user r---
veloc.rfm.segment: manager rwcd, user r---
veloc.segment: analyst rwcd, user r---
veloc.segment.event: user r---
veloc.segment.member: user r---
veloc.archive: manager r---
veloc.archive.plan: manager rwc-
veloc.ingest.discard: analyst rwc-
veloc.ingest.reject: analyst r---
veloc.spool: analyst r---
veloc.segment.size: user r---
veloc.segment.explain: user rwc-
veloc.segment.import: analyst rwc-
veloc.nightly.run: manager r---
veloc.state.repair: manager r---
veloc.tier: manager rwc-, user r---
veloc.stage.board: user r---
veloc.tier.event: user r---
veloc.timeline: user r---
veloc.touchpoint: user r---
veloc.trader: user r---
veloc.trader.day: user r---
veloc.trader.event: user r---
veloc.trader.state: user r---
veloc.trader.alias: user r---
veloc.duplicate: user r---
veloc.merge: analyst r---
veloc.trader.link: user r---
veloc.data.issue: user r---
veloc.data.quality: user r---
veloc.ladder.try: manager rwcd
veloc.ladder.try.line: manager rwcd
veloc.ladder.try.move: manager rwcd
veloc.vip.benefit: manager rwc-, user r---
veloc.vip.grant: user r---
veloc.vip.level: manager rwc-, user r---
veloc.trader.alias.event: system ----
veloc.person.key: system ----
veloc.trader.device: system ----
veloc.trader.former: system ----
veloc.ingest.correct: analyst rwc-
veloc.archive.owner: system ----
veloc.merge.wizard: analyst rwc-
veloc.merge.wizard.line: analyst rwcd
"""


@tagged("post_install", "-at_install")
class TestLeastPrivilege(AccessMatrixCase):
    """Who may do what with which records is decided here, line by line."""

    addon = "veloc_crm"
    table = TABLE

    def test_every_access_line_is_in_the_table_and_the_other_way_round(self):
        self.assertEqual(self._found(), self._decided())

    def test_every_model_of_the_addon_is_in_the_table(self):
        self.assertEqual(self._models() - self._decided().keys(), set())

    def test_a_user_without_a_role_gets_nothing_from_any_public_method(self):
        self.maxDiff = None
        self.assertEqual(self._open_methods(), {})
