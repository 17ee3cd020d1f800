"""Two records of one person, with something to merge on both sides."""

from odoo.tests import new_test_user

from .common import CrmCase


class MergeCase(CrmCase):
    """``kept`` and ``gone`` are the contacts of the traders T-1 and T-2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analyst = new_test_user(
            cls.env, "merger", groups="veloc_crm.group_analyst", lang="en_US"
        )

    def setUp(self):
        super().setUp()
        self._ingest(
            self._signup("T-1", 40),
            self._event("kyc_approved", "T-1", 39),
            self._deposit("100.00", "T-1", 38),
            self._trade("1000", "5", "T-1", 37),
            self._signup("T-2", 30, email="ana@other.example", phone="+5521961234567"),
            self._deposit("50.00", "T-2", 38),
            self._deposit("70.00", "T-2", 3),
            self._trade("500", "-5", "T-2", 2),
        )
        self.kept = self._trader("T-1").partner_id
        self.gone = self._trader("T-2").partner_id
        self.merges = self.env["veloc.merge"].with_user(self.analyst)

    def _merge(self, **values):
        return self.merges._perform(self.kept, self.gone, values, "same person")
