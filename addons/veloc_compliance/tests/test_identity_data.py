import base64
from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Datetime
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..rules.field_cipher import CannotOpen
from .crypto_case import CPF, DENIALS, OTHER_CPF, QUIET, CryptoCase

PDF = b"%PDF-1.7 page of a passport"
PIX = "9f1c2d3e-4b5a-4c6d-8e7f-0a1b2c3d4e5f"


@tagged("post_install", "-at_install")
class TestIdentityData(CryptoCase):
    """LGPD art. 46: bank accounts and proof files are read by few, and it shows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.env["veloc.bank.account"].create(
            {
                "partner_id": cls.ana.id,
                "bank_code": "1",
                "bank_name": "Banco",
                "branch": "1234-5",
                "account": "12.345-x",
                "pix_key": PIX.upper(),
            }
        )
        cls.proof = cls.env["veloc.identity.proof"].create(
            {
                "partner_id": cls.ana.id,
                "file_name": "passaporte.pdf",
                "content": base64.b64encode(PDF),
            }
        )

    # === DOCUMENTS === #

    def test_a_driving_licence_with_wrong_check_digits_is_refused(self):
        self.ana.write(
            {"veloc_identity_kind": "cnh", "veloc_identity_number": "62472927637"}
        )
        with self.assertRaisesRegex(ValidationError, "CNH"):
            self.ana.veloc_identity_number = "62472927636"

    # === BANK ACCOUNTS === #

    def test_an_account_is_stored_encrypted_and_shown_masked(self):
        ((row,),) = self.env.execute_query(
            SQL(
                "SELECT b::text FROM veloc_bank_account b WHERE id = %s",
                self.account.id,
            )
        )
        for clear in (PIX, "12345X", "1234"):
            self.assertNotIn(clear, row)
        account = self._as(self.viewer, self.account)
        self.assertEqual(account.account_masked, "••••45X")
        self.assertEqual(account.pix_key_masked, "••••e5f")
        self.assertEqual(account.display_name, "Banco ••••45X")
        self.assertEqual(account.bank_code, "001")
        with self.assertRaises(AccessError), mute_logger(*DENIALS):
            account.read(["pix_key"])
        self.assertFalse(self._readings(self.viewer))

    def test_an_account_is_found_by_its_whole_pix_key(self):
        accounts = self.env["veloc.bank.account"]
        self.assertEqual(accounts.search([("pix_key", "=", PIX.upper())]), self.account)
        with self.assertRaises(UserError):
            accounts.search([("pix_key", "ilike", PIX[:8])])

    def test_an_account_without_number_or_key_is_refused(self):
        with self.assertRaises(ValidationError):
            self.env["veloc.bank.account"].create({"partner_id": self.ana.id})
        with self.assertRaises(ValidationError):
            self.account.write({"account": False, "pix_key": False})
        with self.assertRaises(ValidationError):
            self.account.bank_code = "Banco"

    def test_showing_an_account_is_for_analysts_and_noted(self):
        with self.assertRaises(AccessError), mute_logger(*DENIALS):
            self._as(self.viewer, self.account).action_show()
        action = self._as(self.analyst, self.account).action_show()
        shown = self.env[action["res_model"]].with_user(self.analyst)
        shown.browse(action["res_id"]).read(["account"])
        entry = self._readings(self.analyst).filtered(
            lambda e: e.model == "veloc.bank.account"
        )
        self.assertEqual((entry.res_id, entry.subject_id), (self.account.id, self.ana))

    # === PROOFS === #

    def test_a_proof_is_sealed_before_it_reaches_the_filestore(self):
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "veloc.identity.proof"),
                    ("res_id", "=", self.proof.id),
                    ("res_field", "=", "sealed_content"),
                ]
            )
        )
        self.assertNotIn(b"passport", attachment.raw)
        self.assertFalse(attachment.index_content)
        self.assertFalse(attachment.public)
        self.assertEqual(
            (self.proof.mimetype, self.proof.size), ("application/pdf", 27)
        )

    def test_a_proof_leaves_by_download_only_and_the_reading_is_noted(self):
        proof = self._as(self.analyst, self.proof)
        self.assertFalse(proof.content)
        name, mimetype, content = proof._open_content()
        self.assertEqual((name, mimetype), ("passaporte.pdf", "application/pdf"))
        self.assertEqual(content, PDF)
        entry = self._readings(self.analyst).filtered(lambda e: "download" in e.public)
        self.assertEqual(entry.subject_id, self.ana)
        with self.assertRaises(AccessError), mute_logger(*DENIALS):
            self._as(self.viewer, self.proof)._open_content()

    def test_a_proof_is_not_exchanged(self):
        proof = self._as(self.officer_user(), self.proof)
        with self.assertRaises(UserError):
            proof.write({"content": base64.b64encode(PDF)})
        with self.assertRaises(UserError):
            proof.write({"partner_id": self.rui.id})

    def officer_user(self):
        return self._user("identity_officer", "veloc_compliance.group_officer")

    def test_programs_and_pages_are_no_proofs(self):
        for content in (b"MZ\x90\x00", b"<html>", b""):
            with self.subTest(content), self.assertRaises(ValidationError):
                self.env["veloc.identity.proof"].create(
                    {"partner_id": self.ana.id, "content": base64.b64encode(content)}
                )

    @mute_logger(QUIET)
    def test_a_proof_given_to_another_person_by_sql_does_not_open(self):
        other = self.env["veloc.identity.proof"].create(
            {"partner_id": self.rui.id, "content": base64.b64encode(PDF + b"2")}
        )
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE ir_attachment SET res_id = CASE res_id WHEN %(a)s THEN %(b)s "
                "ELSE %(a)s END WHERE res_model = 'veloc.identity.proof' "
                "AND res_id IN (%(a)s, %(b)s)",
                a=self.proof.id,
                b=other.id,
            )
        )
        self.env.invalidate_all()
        with self._alerts() as alerts, self.assertRaises(CannotOpen):
            self.proof._open_content()
        self.assertEqual(alerts(), ["ciphertext_unreadable"])

    # === NOTES === #

    def test_a_cpf_in_a_note_is_found(self):
        since = Datetime.now() - timedelta(minutes=5)
        self.ana.message_post(body="Cliente informou CPF 529.982.247-25 por telefone.")
        self.rui.comment = "ligar para 11 96123-4567"
        rule = self.env.ref("veloc_compliance.veloc_alert_rule_cpf_in_notes")
        found = self.env["veloc.watch"]._check_cpf_in_notes(rule, since)
        self.assertEqual([f.res_model for f in found], ["mail.message"])
        self.assertNotIn(CPF[:3], found[0].detail)

    def test_no_encrypted_value_reaches_chatter_or_tracking(self):
        since = Datetime.now() - timedelta(minutes=5)
        person = self.env["res.partner"].create({"name": "X", "veloc_cpf": CPF})
        person.veloc_cpf = OTHER_CPF
        person.message_post(body="changed")
        self.env.flush_all()
        self.assertFalse(self.env["veloc.watch"]._cpfs_in_notes(since))
        ((count,),) = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM mail_tracking_value t WHERE t::text ~ %s",
                f"{CPF}|{OTHER_CPF}",
            )
        )
        self.assertFalse(count)

    # === MERGE === #

    def test_merged_contacts_keep_readable_numbers_and_one_fate(self):
        gone, stays = self.env["res.partner"].create(
            [{"name": "Same", "veloc_cpf": OTHER_CPF}, {"name": "Same"}]
        )
        keys = self.env["veloc.subject.key"]
        made = keys._for([gone.id, stays.id])
        gone_id = gone.id
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [gone.id, stays.id], stays
        )
        self.env.invalidate_all()
        self.assertEqual(stays.veloc_cpf, OTHER_CPF)
        self.assertEqual(keys._known([gone_id]), {gone_id: made[gone_id]})
        self.assertEqual(keys._shred([stays.id], "erasure"), 2)
        self.assertEqual(keys._known([gone_id, stays.id]), {})
