from odoo.exceptions import UserError
from odoo.tests import tagged

from .audience_case import AudienceMixin
from .common import CrmCase


@tagged("post_install", "-at_install")
class TestAudiencePlatforms(AudienceMixin, CrmCase):
    """What TikTok gets, and that no platform gets what people were not told of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_audience()

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def test_tiktok_gets_its_own_columns_and_knows_no_names(self):
        export = self._make_export(platform="tiktok", has_details=True)
        rows = self._file(self._run(export))
        self.assertEqual(set(rows[0]), {"Email_SHA256", "Phone_SHA256"})
        self.assertEqual(
            {row["Email_SHA256"] for row in rows},
            {self._hash(number) for number in range(self.PEOPLE)},
        )
        self.assertEqual({row["Phone_SHA256"] for row in rows}, {""})

    def test_tiktok_leaves_the_protected_alone_and_takes_removals(self):
        suppressions = self.env["veloc.suppression"]
        suppressions._impose(self.partners[0].ids, "self_exclusion", source="test")
        export = self._make_export(platform="tiktok")
        self.assertEqual(self._hand_over(export).exported, self.PEOPLE - 1)
        seed = self._run(self._make_export(platform="tiktok", kind="seed"))
        self.assertEqual((seed.withheld, seed.exported), (1, 0), "no deposits, no seed")
        aside = self._run(self._make_export(platform="tiktok", kind="suppression"))
        self.assertEqual(aside.exported, self.PEOPLE)
        self._agree(self.partners[4], granted=False)
        (row,) = self._file(self._run(export, days=1), "remove")
        self.assertEqual(row["Email_SHA256"], self._hash(4))

    def test_each_platform_proposes_the_smallest_list_it_takes(self):
        values = {"name": "L", "segment_id": self.segment.id}
        values["vendor_id"] = self.vendor.id
        exports = self.env["veloc.audience.export"]
        export = exports.create({**values, "platform": "tiktok"})
        self.assertEqual(export.smallest, 1000)
        export.platform = "meta"
        self.assertEqual(export.smallest, 100)
        export.write({"smallest": 250, "platform": "google"})
        self.assertEqual(export.smallest, 250)

    def test_a_platform_that_people_were_not_told_of_gets_nothing(self):
        """Consents to a text without a recipient are no consents to the recipient."""
        export = self._make_export(platform="tiktok")
        self._hand_over(export)
        self._publish_without_tiktok()
        with self.assertRaisesRegex(UserError, "does not name TikTok"):
            self._make_export(platform="tiktok")
        run = self._run(export, days=1)
        self.assertEqual((run.added, run.removed), (0, self.PEOPLE))
        self.assertIn("TikTok", run.problem)

    def _publish_without_tiktok(self):
        purpose = self.env["veloc.purpose"].search([("code", "=", "ads_audience")])
        version = purpose.current_version_id.copy(
            {
                "notice": "Meta and Google get your address.",
                "notice_sharing": "Meta Platforms, Inc. and Google LLC.",
            }
        )
        version.action_publish()
