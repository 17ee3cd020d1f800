"""The consent desk's people, and a box that shows what was sent to whom."""

from unittest.mock import patch

from odoo.tests import new_test_user

from ..models.consent.veloc_notice import VelocNotice
from .common import ComplianceCase


class DeskCase(ComplianceCase):
    """People of the desk, and a box that shows what was sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "veloc_compliance.group_officer"
        cls.officer = new_test_user(cls.env, "dpo", groups=groups)
        groups = "veloc_compliance.group_advanced"
        cls.analyst = new_test_user(cls.env, "analyst", groups=groups)
        cls.marketing = cls.purpose("marketing")
        cls.sent = []

        def send(notice, notices):
            ids = [one["partner_id"] for one in notices]
            people = notice.env["res.partner"].browse(ids)
            outcomes = ["sent" if p.email else "no_address" for p in people]
            cls.sent += notices
            return dict(zip((n["key"] for n in notices), outcomes, strict=True))

        # Which road a notice takes is the business of the addons above.
        cls.startClassPatcher(patch.object(VelocNotice, "_send", send))

    def setUp(self):
        super().setUp()
        self.sent.clear()

    def _draft(self, **values):
        return self.env["veloc.purpose.version"].create(
            {
                "purpose_id": self.marketing.id,
                "notice": "We write to you.",
                **{
                    f"notice_{name}": f"The {name}."
                    for name in (
                        "use",
                        "means",
                        "duration",
                        "sharing",
                        "responsibilities",
                    )
                },
                **values,
            }
        )
