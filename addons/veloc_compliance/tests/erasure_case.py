"""A person with traces everywhere, and a journal of their own for the tests."""

import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from ..models.retention.veloc_tombstone_journal import VARIABLE
from .retention_case import CPF, RetentionCase

NAME = "Zuleika Fontoura Brandão"
EMAIL = "zuleika.brandao@pessoa.example.com"
PHONE = "+55 11 98877-6655"
# As plain as a reader of the dump would search for them.
TRACES = (
    "Zuleika",
    "Fontoura",
    EMAIL,
    "988776655",
    "98877-6655",
    "52998224725",
    "529.982",
)


class ErasureCase(RetentionCase):
    """Zuleika, who wants to be erased, and a namesake who does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.journal = Path(folder.name) / "veloc" / "tombstones.jsonl"
        cls.startClassPatcher(patch.dict(os.environ, {VARIABLE: str(cls.journal)}))
        cls.zuleika = cls._person()
        cls.namesake = cls.env["res.partner"].create(
            cls._prepare_person("Zuleica Fontes", "zf@example.com", "+5511988770000")
        )

    def setUp(self):
        super().setUp()
        self.journal.unlink(missing_ok=True)

    @classmethod
    def _person(cls):
        values = cls._prepare_person(NAME, EMAIL, PHONE)
        return cls.env["res.partner"].create(
            values | {"veloc_cpf": CPF, "street": "Rua Zuleika 9", "comment": NAME}
        )

    def _erase(self, partner=None, reason="request"):
        erasure = self.env["veloc.erasure"]._erase(partner or self.zuleika, reason)
        self._run_erasures()
        return erasure

    def _leave_traces(self):
        """Have Odoo and Veloc write down this person wherever they can."""
        person = self.zuleika
        self._grant(person, ip="203.0.113.9", evidence=f"{NAME} called")
        person.message_post(body=f"{NAME} wrote from {EMAIL}", subject=NAME)
        person.write({"name": NAME + " e Silva"})
        person.write({"name": NAME})
        self.rui.message_post(
            body=f"Indicated by {NAME} ({EMAIL}, {PHONE}, CPF {CPF}, 52998224725)"
        )
        self.rui.comment = f"<p>Married to {NAME}, {PHONE}</p>"
        person.activity_schedule("mail.mail_activity_data_todo", note=f"Call {NAME}")
        self._leave_files()
        self.env["mail.mail"].create(
            {"email_to": f"{NAME} <{EMAIL}>", "subject": NAME, "body_html": NAME}
        )
        self.env["mail.blacklist"]._add(EMAIL)
        self.env["phone.blacklist"]._add([PHONE])
        self.env["ir.logging"].create(
            {
                "name": "x",
                "type": "server",
                "message": f"bad address {EMAIL}",
                "path": "x",
                "func": "x",
                "line": "1",
            }
        )
        self.env["veloc.suppression"]._impose(
            person.ids, "complaint", source="staff", note=f"{NAME} complains"
        )

    def _leave_files(self):
        self.env["ir.attachment"].create(
            [
                {
                    "name": "rg-zuleika.txt",
                    "raw": f"Documento de {NAME}".encode(),
                    "res_model": "res.partner",
                    "res_id": self.zuleika.id,
                },
                {
                    "name": "list.csv",
                    "raw": f"name,email\nRui,r@x.com\n{NAME},{EMAIL}\n".encode(),
                    "res_model": "res.partner",
                    "res_id": self.rui.id,
                },
            ]
        )
