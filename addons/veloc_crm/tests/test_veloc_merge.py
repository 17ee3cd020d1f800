import json

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged
from odoo.tools import SQL

from .merge_case import MergeCase

CPF = "529.982.247-25"
# Who wrote a row last and when is not what the row says.
# When the segments look again is theirs.
TRACES = {"write_date", "write_uid", "next_check_at"}
# What a merge and its undoing leave on purpose: their own record and the proof of it.
PROOF = {"veloc_merge", "veloc_ledger_entry_raw", "veloc_change_permit", "veloc_alert"}


@tagged("post_install", "-at_install")
class TestVelocMerge(MergeCase):
    """Two records of one person become one, and two again, to the last cell."""

    # === THE ORACLE === #

    def _tables(self):
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT k.oid::regclass::text, a.attname
                FROM pg_class k
                JOIN pg_attribute a ON a.attrelid = k.oid AND a.attnum > 0
                LEFT JOIN pg_constraint c ON c.conrelid = k.oid AND c.contype = 'f'
                    AND a.attnum = ANY(c.conkey) AND c.confrelid IN
                        ('res_partner'::regclass, 'veloc_trader'::regclass)
                WHERE k.relkind IN ('r', 'p') AND NOT k.relispartition
                    AND (c.oid IS NOT NULL OR a.attname IN ('partner_id', 'trader_id'))
                ORDER BY 1, 2
                """
            )
        )

    def _dump(self, people, traders):
        """Return every row that names one of these people, as the database has it."""
        self.env.flush_all()
        found = {}
        rows = [
            ("res_partner", "id", people),
            ("veloc_trader", "id", traders),
            ("veloc_trader_state", "id", traders),
            ("veloc_subject_key", "partner_number", people),
            ("mail_message", "res_id", people),
            ("mail_message", "res_id", self._talks(people)),
            *(
                (table, column, traders if column == "trader_id" else people)
                for table, column in self._tables()
            ),
        ]
        for table, column, ids in rows:
            if table in PROOF:
                continue
            for (text,) in self.env.execute_query(
                SQL(
                    "SELECT to_jsonb(t)::text FROM %s t WHERE %s = ANY(%s)",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    list(ids),
                )
            ):
                row = json.loads(text, parse_float=str)
                found.setdefault(table, set()).add(
                    json.dumps(
                        {k: v for k, v in row.items() if k not in TRACES},
                        sort_keys=True,
                    )
                )
        return found

    def _talks(self, people):
        talks = self.env["veloc.conversation"].search([("partner_id", "in", people)])
        return talks.ids

    def _assert_same(self, before, after):
        self.maxDiff = None
        for table in sorted(before.keys() | after.keys()):
            with self.subTest(table=table):
                gone = before.get(table, set()) - after.get(table, set())
                new = after.get(table, set()) - before.get(table, set())
                self.assertEqual((sorted(gone), sorted(new)), ([], []))

    def _say_words(self):
        """Let both say yes and no, not always the same."""
        purpose = self.env["veloc.purpose"].search(
            [("code", "=", "marketing")], limit=1
        )
        words = ((self.kept, "email", True), (self.gone, "email", False))
        words += ((self.gone, "sms", True), (self.kept, "whatsapp", False))
        self.env["veloc.consent"].record(
            [
                {
                    "partner_id": person.id,
                    "purpose": purpose.code,
                    "channel": channel,
                    "granted": granted,
                    "source": "test",
                    "recorded_at": (self.now - relativedelta(days=day)).isoformat()
                    + "Z",
                }
                for day, (person, channel, granted) in enumerate(words, 1)
            ]
        )

    def _enrich(self):
        """Give both a life in every corner: words, blocks, talks, runs, accounts."""
        self._say_words()
        both = self.kept | self.gone
        blocks = self.env["veloc.suppression"]
        blocks._impose(self.kept.ids, "complaint", source="test")
        blocks._impose(self.gone.ids, "complaint", source="test")
        later = self.now + relativedelta(months=6)
        blocks._impose(self.kept.ids, "cooling_off", source="t", until=self.now_plus())
        blocks._impose(self.gone.ids, "cooling_off", source="t", until=later)
        blocks._impose(self.gone.ids, "self_exclusion", source="t", until=later)
        self.gone.veloc_cpf = CPF
        self.gone.veloc_mother_name = "Rosa"
        self.env["veloc.bank.account"].create(
            [{"partner_id": self.gone.id, "pix_key": "ana@pix.example"}]
        )
        self.env["veloc.legal.hold"]._place(self.gone.ids, "order", "Order 1", "x")
        tags = self.env["res.partner.category"].create([{"name": "A"}, {"name": "B"}])
        self.kept.category_id = tags[0]
        self.gone.category_id = tags
        for person in both:
            person.message_post(body="hello")
            talk = self.env["veloc.conversation"].create(
                {
                    "partner_id": person.id,
                    "company_id": self.env.company.id,
                    "channel": "sms",
                    "state": "open",
                }
            )
            talk.message_post(body="and hello to you")
        self.env["crm.lead"].create({"name": "Lead", "partner_id": self.gone.id})
        self.env["veloc.duplicate"]._find_for(both.ids)
        self.env["veloc.data.issue"]._check_people(both.ids, self.now)
        self.env["veloc.subject.key"]._for(both.ids)

    def now_plus(self):
        return self.now + relativedelta(months=1)

    def test_merge_and_undo_leave_nothing_behind(self):
        self._enrich()
        people = (self.kept | self.gone).ids
        traders = (self._trader("T-1") | self._trader("T-2")).ids
        self.env["veloc.trader.state"]._recompute(traders)
        self.env["veloc.segment"]._on_touched(traders, self.now)
        before = self._dump(people, traders)
        merge = self._merge(phone="+5521961234567")
        during = self._dump(people, traders)
        self.assertNotEqual(before, during)
        merge.action_undo()
        after = self._dump(people, traders)
        for table in ("veloc_duplicate",):  # what was decided about the pair is news
            before.pop(table, None)
            after.pop(table, None)
        self._assert_same(before, after)
        self.assertEqual(merge.state, "undone")
        self.assertFalse(merge.sudo().undo_sealed)

    # === WHAT A MERGE DOES === #

    def test_one_trader_holds_what_two_did(self):
        self._merge()
        trader = self._trader("T-1")
        self.assertFalse(self._trader("T-2"))
        self.assertRecordValues(
            trader,
            [{"deposit_count": 3, "deposit_total": 220.0, "trade_count": 2}],
        )
        self.assertEqual(trader.event_count, 8)
        self.assertEqual(trader.kyc_state, "approved")
        days = self.env["veloc.trader.day"].search([("trader_id", "=", trader.id)])
        self.assertEqual(sum(days.mapped("deposit_total")), 220.0)
        self.assertEqual(trader.figures_id.deposit_count_30, 1)

    def test_the_other_record_is_an_empty_shell(self):
        self.gone.veloc_cpf = CPF
        self._merge()
        self.assertRecordValues(
            self.gone,
            [{"active": False, "email": False, "phone": False, "veloc_cpf": False}],
        )
        self.assertEqual(self.kept.veloc_cpf, CPF.replace(".", "").replace("-", ""))

    def test_chosen_values_are_written(self):
        self._merge(email="ana@other.example")
        self.assertEqual(self.kept.email, "ana@other.example")

    def test_the_stricter_word_counts_and_the_officer_hears_of_it(self):
        self._enrich()
        merge = self._merge()
        states = {
            state.channel: state.granted
            for state in self.env["veloc.consent.state"].search(
                [("partner_id", "=", self.kept.id)]
            )
        }
        self.assertEqual(states, {"email": False, "sms": True, "whatsapp": False})
        self.assertTrue(merge.has_consent_conflict)
        alert = self.env["veloc.alert"].search([("code", "=", "merge_consents")])
        self.assertEqual(alert.res_id, merge.id)
        events = self.env["veloc.consent"].search([("partner_id", "=", self.kept.id)])
        self.assertEqual(len(events), 4)

    def test_protections_of_both_hold_and_the_longer_one_wins(self):
        self._enrich()
        self._merge()
        standing = self.env["veloc.suppression"].search(
            [("partner_id", "=", self.kept.id), ("is_active", "=", True)]
        )
        self.assertEqual(
            sorted(standing.mapped("kind")),
            ["complaint", "cooling_off", "self_exclusion"],
        )
        cooling = standing.filtered(lambda block: block.kind == "cooling_off")
        self.assertGreater(cooling.until_at, self.now + relativedelta(months=5))

    def test_one_conversation_goes_on_with_the_words_of_both(self):
        self._enrich()
        self._merge()
        talks = self.env["veloc.conversation"]
        own = talks.search([("partner_id", "=", self.kept.id)])
        other = talks.search([("partner_id", "=", self.gone.id)])
        self.assertEqual((len(own), other.state), (1, "closed"))
        said = own.message_ids.filtered(lambda message: "to you" in message.body)
        self.assertEqual(len(said), 2)

    def test_a_legal_hold_of_either_stays(self):
        self._enrich()
        self._merge()
        held = self.env["veloc.legal.hold"]._held(self.kept.ids)
        self.assertIn("Order 1", [law for law, _until in held[self.kept.id]])

    def test_the_ledger_knows_of_both(self):
        self._merge().action_undo()
        self.env.cr.precommit.run()
        entries = self.env["veloc.ledger.entry"].sudo()
        kinds = entries.search([("model", "=", "veloc.merge")])
        self.assertGreaterEqual(len(kinds), 2)
        alarms = entries.search([("kind", "=", "out_of_band")])
        self.assertFalse(alarms)
