from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .crypto_case import DENIALS, CryptoCase
from .erasure_case import ErasureCase

CNPJ, NUMBER = "12.abc.345/01de-35", "12ABC34501DE35"


@tagged("post_install", "-at_install")
class TestCnpj(CryptoCase):
    """A company's number, and that of a person who trades as one (MEI)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.env["res.partner"].create(
            {"name": "Loja da Ana", "is_company": True, "veloc_cnpj": CNPJ}
        )

    def test_a_cnpj_is_kept_tidy_and_encrypted(self):
        self.assertEqual(self.shop.veloc_cnpj, NUMBER)
        row = self._column(self.shop, "veloc_cnpj_sealed")
        self.assertNotIn("ABC345", row)
        self.shop.veloc_cnpj = "623904000173"
        self.assertEqual(self.shop.veloc_cnpj, "00623904000173")

    def test_wrong_check_digits_are_refused(self):
        for wrong in (
            "191",
            "12.ABC.345/01DE-36",
            "11.111.111/1111-11",
            "529.982.247-25",
        ):
            with (
                self.subTest(wrong),
                self.assertRaisesRegex(ValidationError, "check digits"),
            ):
                self.shop.veloc_cnpj = wrong

    def test_a_company_is_found_by_its_whole_number_in_any_writing(self):
        partners = self.env["res.partner"]
        for typed in (CNPJ, NUMBER, NUMBER.lower()):
            self.assertEqual(partners.search([("veloc_cnpj", "=", typed)]), self.shop)
        found = partners._veloc_find("cnpj", [CNPJ, "00.000.000/0001-91"])
        self.assertEqual(found, {CNPJ: self.shop.ids, "00.000.000/0001-91": []})

    def test_viewers_see_it_masked_and_analysts_leave_a_trace(self):
        shop = self._as(self.viewer, self.shop)
        self.assertEqual(shop.veloc_cnpj_masked, "**.ABC.345/01DE-**")
        with self.assertRaises(AccessError), mute_logger(*DENIALS):
            shop.read(["veloc_cnpj"])
        self._as(self.analyst, self.shop).read(["veloc_cnpj"])
        self.assertEqual(self._readings(self.analyst).res_id, self.shop.id)


@tagged("post_install", "-at_install")
class TestCnpjErased(ErasureCase):
    """The CNPJ of a person goes with them, and brings nobody back."""

    def test_an_erased_persons_cnpj_is_gone_everywhere_and_stays_away(self):
        self.zuleika.veloc_cnpj = CNPJ
        self.rui.comment = "<p>Loja 12.ABC.345/01DE-35 or 12abc34501de35</p>"
        self._erase()
        self.env.invalidate_all()
        self.assertFalse(self.zuleika.veloc_cnpj)
        self.assertNotIn("345", str(self.rui.comment))
        stones = self.env["veloc.tombstone"].search([])
        self.assertIn("cnpj", stones.mapped("kind"))
        with self.assertRaisesRegex(ValidationError, "erased_person"):
            self.env["res.partner"].create({"name": "Other", "veloc_cnpj": NUMBER})
