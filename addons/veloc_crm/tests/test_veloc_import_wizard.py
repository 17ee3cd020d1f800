"""Files in: by the wizard, and the same history by the route."""

import base64
import io
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, TransactionCase, new_test_user, tagged

from .common import TraderMixin

CDNOW = Path(__file__).parent / "data" / "cdnow_transactions.csv"
LINES = CDNOW.read_text().splitlines()[1:]
PEOPLE = """quem;nome;e-mail;celular;UF;data_cadastro;cpf
C1;MARIA DAS DORES;maria@example.com;(21) 98765-4321;RJ;03/04/2026;529.982.247-25
C2;João Souza;joao@example.com;92 99123-4567;AM;13/04/2026 10:30;
;Ninguém;x@example.com;;;;
"""
MONEY = """trader;date;amount;type
C1;05/05/2026;R$ 1.234,50;depósito
C1;05/05/2026;R$ 1.234,50;depósito
C1;06/05/2026;200,00;saque
C9;07/05/2026;10,00;depósito
C1;99/99/2026;10,00;depósito
C1;08/05/2026;dez;depósito
C1;08/05/2026;1,00;brinde
"""


class ImportMixin(TraderMixin):
    def _wizard(self, text, name="file.csv", kind="transactions", user=None, **values):
        content = text.encode() if isinstance(text, str) else text
        model = self.env["veloc.import.wizard"].with_user(user or self.env.user)
        form = Form(model.with_context(default_filename=name))
        form.kind = kind
        form.file = base64.b64encode(content)
        for field, value in values.items():
            form[field] = value
        return form.save()

    def _import(self, wizard):
        wizard.action_import()
        while wizard.state == "running":
            wizard.action_step()
        return wizard


@tagged("post_install", "-at_install")
class TestImport(ImportMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_broker()
        cls.analyst = new_test_user(
            cls.env, "test-analyst", groups="veloc_crm.group_analyst"
        )

    def test_columns_are_guessed_and_can_be_corrected(self):
        wizard = self._wizard(PEOPLE, kind="traders")
        guessed = {line.column: line.target for line in wizard.line_ids}
        self.assertEqual(
            guessed,
            {
                "quem": False,
                "nome": "name",
                "e-mail": "email",
                "celular": "phone",
                "UF": "state",
                "data_cadastro": "at",
                "cpf": "cpf",
            },
        )
        with self.assertRaisesRegex(UserError, "Trader's reference"):
            wizard.action_check()
        wizard.line_ids.filtered(lambda line: line.column == "quem").target = "ref"
        wizard.action_check()
        self.assertEqual(wizard.state, "checked")

    def test_traders_are_imported_by_an_analyst(self):
        wizard = self._wizard(
            PEOPLE.replace("quem", "trader"), kind="traders", user=self.analyst
        )
        self._import(wizard)
        self.assertRecordValues(
            wizard,
            [{"state": "done", "trader_count": 2, "new_count": 2, "error_count": 1}],
        )
        maria = self._trader("C1")
        self.assertEqual(str(maria.signup_at), "2026-04-03 03:00:00")
        self.assertRecordValues(
            maria.partner_id,
            [{"name": "Maria das Dores", "phone_sanitized": "+5521987654321"}],
        )
        self.assertEqual(self._trader("C2").zone, "America/Manaus")

    def test_a_check_shows_row_by_row_what_would_happen_and_stores_nothing(self):
        self._import(self._wizard(PEOPLE.replace("quem", "trader"), kind="traders"))
        wizard = self._wizard(MONEY)
        wizard.create_missing = False
        wizard.action_check()
        self.assertEqual(
            [(row.number, row.outcome) for row in wizard.row_ids],
            [(2, "new"), (3, "new"), (4, "new")]
            + [(number, "error") for number in (5, 6, 7, 8)],
        )
        self.assertEqual(
            (wizard.new_count, wizard.error_count, wizard.trader_count), (3, 4, 0)
        )
        self.assertEqual(self._trader("C1").deposit_count, 0)
        self.assertIn(b"99/99/2026", base64.b64decode(wizard.error_file))

    def test_an_import_does_what_the_check_showed_and_only_once(self):
        self._import(self._wizard(PEOPLE.replace("quem", "trader"), kind="traders"))
        wizard = self._import(self._wizard(MONEY))
        self.assertEqual(
            (wizard.new_count, wizard.error_count, wizard.trader_count), (4, 3, 1)
        )
        self.assertRecordValues(
            self._trader("C1"),
            [{"deposit_count": 2, "deposit_total": 2469, "withdrawal_total": 200}],
        )
        again = self._import(self._wizard(MONEY))
        self.assertEqual(
            (again.new_count, again.duplicate_count, again.trader_count), (0, 4, 0)
        )
        self.assertEqual(self._trader("C1").deposit_count, 2)

    def test_lines_that_cannot_be_read_become_dead_rows_and_stop_no_other(self):
        content = MONEY.encode() + b"C1;09/05/2026;1,00;saque;x\nC1;\x81;1,00;saque\n"
        rejects = self.env["veloc.ingest.reject"]
        wizard = self._wizard(content, name="broken.csv", user=self.analyst)
        wizard.action_check()
        self.assertEqual(wizard.error_count, 5)
        self.assertFalse(rejects.search([("source", "=", "broken")]))
        self._import(wizard)
        self.assertEqual((wizard.new_count, wizard.error_count), (4, 5))
        found = rejects.search(wizard.action_open_rejects()["domain"]).sorted("line")
        self.assertEqual(
            [(row.line, row.code, row.road) for row in found],
            [
                (6, "bad_date", "import"),
                (7, "bad_amount", "import"),
                (8, "bad_type", "import"),
                (9, "more_cells", "import"),
                (10, "undecodable", "import"),
            ],
        )
        self.assertEqual(found[0].trader_ref, "C1")
        self.assertIn("99/99/2026", found[0].row_text)
        self.assertIn('"x"', found[3].row_text)

    def test_a_row_that_is_refused_as_an_event_knows_its_line_too(self):
        wizard = self._wizard("trader;date;amount\nN1;05/05/2026;-0,00\n", name="n.csv")
        wizard.create_missing = False
        self._import(wizard)
        reject = self.env["veloc.ingest.reject"].search([("source", "=", "n")])
        self.assertEqual((reject.line, reject.state), (2, "waiting"))

    def test_a_corrected_row_of_a_longer_file_is_the_only_new_one(self):
        self._import(self._wizard(MONEY))
        corrected = MONEY.replace("99/99/2026", "09/05/2026")
        again = self._import(self._wizard(corrected))
        self.assertEqual((again.new_count, again.duplicate_count), (1, 4))

    def test_a_spreadsheet_is_read_like_a_text_file(self):
        book = openpyxl.Workbook()
        book.active.append(["trader", "date", "amount"])
        book.active.append([77, self.now - timedelta(days=3), 12.5])
        stream = io.BytesIO()
        book.save(stream)
        wizard = self._import(self._wizard(stream.getvalue(), name="a.xlsx"))
        self.assertEqual((wizard.new_count, wizard.error_count), (1, 0))
        self.assertEqual(self._trader("77").deposit_total, 12.5)

    def test_a_file_that_is_none_is_refused_in_words(self):
        for content in (b"\x00\x01\x02", b"", b"PK\x03\x04broken", b"a,b\n"):
            with self.subTest(content=content), self.assertRaises(UserError):
                self._wizard("a,b\n1,2\n").write({"file": base64.b64encode(content)})
                wizard = self._wizard("trader,date,amount\n1,2026-01-01,2\n")
                wizard.file = base64.b64encode(content)
                wizard.action_check()

    def test_the_error_file_runs_nothing(self):
        evil = "trader,date,amount,note\n1,never,5,=HYPERLINK(1)\n"
        wizard = self._wizard(evil)
        wizard.action_check()
        self.assertIn("'=HYPERLINK(1)", base64.b64decode(wizard.error_file).decode())

    def test_an_agent_may_not_import(self):
        agent = new_test_user(self.env, "test-agent", groups="veloc_crm.group_user")
        with self.assertRaises(AccessError):
            self.env["veloc.import.wizard"].with_user(agent).create({})


@tagged("post_install", "-at_install")
class TestHistory(ImportMixin, HttpCase):
    """A real history of 2,357 customers and 6,919 purchases."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_broker()

    def _count(self):
        """Return what the history became; other rows of the database do not count."""
        self.env.invalidate_all()
        self.env.cr.execute(
            """
            SELECT count(DISTINCT t.id), count(*) FILTER (
                       WHERE e.type = 'deposit_approved'),
                   sum(e.amount_company)::text
            FROM veloc_trader_event_raw e JOIN veloc_trader t ON t.id = e.trader_id
            WHERE e.source = 'cdnow_transactions'
            """
        )
        of_events = self.env.cr.fetchone()
        self.env.cr.execute(
            """
            SELECT count(*), sum(t.deposit_count), sum(t.deposit_total)::text,
                   min(t.first_deposit_at)::date::text,
                   max(t.first_deposit_at)::date::text,
                   count(*) FILTER (WHERE tier.code = 'vip'),
                   count(*) FILTER (WHERE tier.code = 'moderate'),
                   array_agg(DISTINCT t.stage)
            FROM veloc_trader t JOIN veloc_tier tier ON tier.id = t.tier_id
            WHERE t.id IN (SELECT trader_id FROM veloc_trader_event_raw
                           WHERE source = 'cdnow_transactions')
            """
        )
        found = (*of_events, *self.env.cr.fetchone())
        return tuple(
            Decimal(value) if position in (2, 5) else value
            for position, value in enumerate(found)
        )

    def _events(self):
        """Return the file as a program of the broker would send it."""
        rows = [line.split(",") for line in LINES]
        events, met = [], set()
        for number, (_master, ref, day, _cds, amount) in enumerate(rows):
            at = f"{day[:4]}-{day[4:6]}-{day[6:]}T12:00:00-03:00"
            if ref not in met:
                met.add(ref)
                events.append(
                    {"id": f"s-{ref}", "type": "signup", "trader": ref, "at": at}
                )
            events.append(
                {
                    "id": f"d-{number}",
                    "type": "deposit_approved",
                    "trader": ref,
                    "at": at,
                    "amount": amount,
                    "currency": "BRL",
                }
            )
        return events

    def test_the_wizard_and_the_route_make_the_same_of_it(self):
        total = sum(Decimal(line.split(",")[4]) for line in LINES)
        expected = (2357, 6919, total, 2357, 6919, total)
        with self.env.cr.savepoint() as trial:
            wizard = self._import(
                self._wizard(CDNOW.read_bytes(), name="cdnow_transactions.csv")
            )
            self.assertRecordValues(
                wizard,
                [{"trader_count": 2357, "new_count": 6919, "error_count": 0}],
            )
            by_wizard = self._count()
            trial.rollback()
        self.env.invalidate_all(flush=False)
        by_route = self._send_all()
        self.assertEqual(by_wizard[:6], expected)
        self.assertEqual(by_wizard, by_route)
        first, last, vip, moderate, stages = by_route[6:]
        self.assertEqual((first, last), ("1997-01-01", "1997-03-25"))
        self.assertEqual((vip, moderate), (1, 75))
        self.assertEqual(stages, ["churned"])

    def _send_all(self):
        robot = new_test_user(
            self.env,
            "test-robot",
            groups="base.group_user,veloc_crm.group_integration",
        )
        key = (
            self.env["res.users.apikeys"]
            .with_user(robot)
            ._generate("rpc", "test", self.now + timedelta(days=1))
        )
        events = self._events()
        for start in range(0, len(events), 5000):
            body = {
                "source": "cdnow_transactions",
                "events": events[start : start + 5000],
            }
            response = self.url_open(
                "/veloc/api/v1/events",
                data=json.dumps(body),
                headers={
                    "Authorization": f"Bearer {key}",
                    "Content-Type": "application/json",
                },
                timeout=120,
            )
            self.assertEqual(response.json()["rejected"], [])
        return self._count()
