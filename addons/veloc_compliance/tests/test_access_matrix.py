from odoo.tests import tagged

from .common import AccessMatrixCase

# Model: role and what it may (read, write, create, delete), as the access lines say;
# what a role inherits is not repeated. A line here is a decision: least privilege.
TABLE = """
veloc.access.limit: officer r---, system rw--
veloc.alert: advanced r---, auditor r---
veloc.alert.close: advanced rwcd
veloc.alert.rule: advanced r---, auditor r---, officer rwcd
veloc.api.key.create: system rwc-
veloc.audit: advanced rw--, auditor r---
veloc.audit.check: advanced rw--, auditor r---
veloc.audit.plan: advanced r---, auditor r---, officer rwc-
veloc.audit.question: advanced r---, auditor r---, officer rwcd
veloc.backup.report: advanced r---, auditor r---
veloc.balancing: advanced rwcd, viewer r---
veloc.bank.account: advanced rwc-, officer rwcd, viewer r---
veloc.blocklist: officer rwc-, viewer r---
veloc.blocklist.entry: viewer r---
veloc.blocklist.import: viewer r---
veloc.blocklist.upload: officer rwcd
veloc.care.identity: officer ----
veloc.care.limit: viewer r---
veloc.care.limit.set: advanced rwcd
veloc.change.permit: auditor r---
veloc.compliance.report: advanced r---
veloc.consent: officer r---
veloc.consent.import: officer rwcd
veloc.consent.import.column: officer rwcd
veloc.consent.import.row: officer r---
veloc.consent.match: officer rwcd
veloc.consent.pending: advanced r---
veloc.consent.pending.line: advanced r---
veloc.consent.state: viewer r---
veloc.consent.wizard: officer rwcd
veloc.contact.hours: officer rwcd, viewer r---
veloc.data.class: officer rw--, viewer r---
veloc.data.key: officer r---
veloc.erasure: officer r---
veloc.erasure.ask: officer rwcd
veloc.erasure.step: officer r---
veloc.erasure.vault: officer r---
veloc.escalation: advanced r---, auditor r---, officer rwcd
veloc.escalation.shift: advanced r---, officer rwcd
veloc.escalation.step: advanced r---, auditor r---
veloc.export.grant: officer rwc-
veloc.export.log: officer r---
veloc.gate.verdict: viewer r---
veloc.guardian.consent: officer r-c-
veloc.identity.proof: advanced r-c-, officer rwcd, viewer r---
veloc.impact.report: advanced rwc-, officer rwcd
veloc.impact.risk: advanced rwcd
veloc.incident: advanced rwc-, auditor r---
veloc.incident.entry: advanced r---, auditor r---
veloc.incident.letter: advanced rwc-, auditor r---
veloc.incident.note: advanced rwcd
veloc.incident.person: advanced r---
veloc.incident.query: advanced rwc-, auditor r---
veloc.incident.step: advanced r---, officer rwcd
veloc.incident.task: advanced rwc-, auditor r---
veloc.incident.template: advanced r---, officer rwcd
veloc.key.change: officer r-c-
veloc.ledger.anchor: auditor r---
veloc.ledger.anchor.check: auditor rwcd
veloc.ledger.check: auditor r---
veloc.ledger.entry: auditor r---
veloc.ledger.head: auditor r---
veloc.ledger.person.export: officer rwcd
veloc.legal.hold: officer r---
veloc.legal.hold.lift: officer rwcd
veloc.legal.hold.place: officer rwcd
veloc.notice.issued: officer r---
veloc.privacy.candidate: advanced r---
veloc.privacy.confirm: advanced rwc-
veloc.privacy.correction: advanced rwc-
veloc.privacy.deny: advanced rwc-
veloc.privacy.event: advanced r---
veloc.privacy.extend: advanced rwc-
veloc.privacy.intake: viewer rwc-
veloc.privacy.letter: advanced r---, officer rw--
veloc.privacy.package: advanced r---
veloc.privacy.proof: advanced r---
veloc.privacy.propagation: advanced r---
veloc.privacy.recipient: advanced r---, officer rwc-
veloc.privacy.request: advanced rw--
veloc.privacy.review: advanced rw--
veloc.privacy.step: advanced r---
veloc.privacy.verify: advanced rwc-
veloc.privilege: auditor r---, officer r---
veloc.processing.activity: advanced rwc-, officer rwcd
veloc.processing.version: advanced r---
veloc.purpose: officer rwc-, viewer r---
veloc.purpose.publish: officer rwcd
veloc.purpose.version: officer rwcd, viewer r---
veloc.receipt.export: officer rwcd
veloc.receipt.key: officer r---
veloc.reconsent: advanced r---
veloc.reconsent.person: advanced r---
veloc.retention.policy: officer rwcd, viewer r---
veloc.retention.run: advanced r---
veloc.retention.run.line: advanced r---
veloc.retention.version: officer rwcd, viewer r---
veloc.role.line: auditor r---, officer r---, system r---
veloc.secrecy.mark: secrecy rwc-
veloc.shown.text: officer r---
veloc.signin.failure: officer r---, system r---
veloc.staff.habit: officer r---
veloc.staff.reading: officer r---
veloc.subject.key: officer r---
veloc.suppression: viewer r---
veloc.suppression.impose: officer rwcd
veloc.suppression.lift: officer rwcd
veloc.suppression.loosening: viewer r---
veloc.tombstone: officer r---
veloc.tombstone.journal: officer r---
veloc.tombstone.refusal: officer r---
veloc.tombstone.return: officer rwcd
veloc.vault.reading: officer rwcd
veloc.vendor: advanced rwc-, officer rwcd, veloc_crm.group_analyst r---
veloc.vendor.certification: advanced rwcd
veloc.vendor.check: advanced r-c-
veloc.watch.mark: advanced r---, auditor r---
"""


@tagged("post_install", "-at_install")
class TestLeastPrivilege(AccessMatrixCase):
    """Who may do what with which records is decided here, line by line."""

    addon = "veloc_compliance"
    table = TABLE

    def test_every_access_line_is_in_the_table_and_the_other_way_round(self):
        self.assertEqual(self._found(), self._decided())

    def test_every_model_of_the_addon_is_in_the_table(self):
        self.assertEqual(self._models() - self._decided().keys(), set())

    def test_a_user_without_a_role_gets_nothing_from_any_public_method(self):
        self.maxDiff = None
        self.assertEqual(self._open_methods(), {})
