"""The fast road and the careful road leave the same rows behind."""

import random

from odoo.tests import tagged

from .common import CrmCase

TABLES = {
    "raw": """SELECT external_id, at, type, is_known, source, amount, currency,
        amount_company, volume, result, data, company_id FROM veloc_trader_event_raw
        WHERE trader_id = %s ORDER BY external_id""",
    "day": """SELECT (to_jsonb(d) - 'trader_id')::text FROM veloc_trader_day_raw d
        WHERE trader_id = %s ORDER BY day""",
    "trader": """SELECT (to_jsonb(t) - '{id,partner_id,external_ref,figures_id,
        create_date,write_date}'::text[])::text
        FROM veloc_trader t WHERE id = %s""",
    "figures": """SELECT (to_jsonb(s) - '{id,trader_id}'::text[])::text
        FROM veloc_trader_state s WHERE id = %s""",
    "funnel": """SELECT stage, from_stage, at, reason FROM veloc_lifecycle_event
        WHERE trader_id = %s ORDER BY at, id""",
    "tiers": """SELECT ladder, at, reason FROM veloc_tier_event
        WHERE trader_id = %s ORDER BY at, id""",
}
TYPES = (
    *("trade", "trade", "trade", "login", "deposit_approved", "deposit_approved"),
    *("withdrawal_paid", "withdrawal_requested", "deposit_failed", "page_viewed"),
    *("kyc_approved", "kyc_rejected", "lead", "reversal", "correction", "nonsense!"),
)
PEOPLE = 4


@tagged("post_install", "-at_install")
class TestTwoRoads(CrmCase):
    """Every batch is told twice: plainly, and with the fast road closed."""

    def test_random_batches_leave_identical_rows_on_both_roads(self):
        for seed in range(3):
            with self.subTest(seed=seed):
                self._compare(random.Random(seed), f"{seed}-")

    def _compare(self, dice, prefix):
        roads = {"fast": {}, "careful": {"veloc_careful": True}}
        people = range(PEOPLE)
        batches = [self._people(prefix, people)]
        batches += [self._batch(dice, prefix) for _ in range(7)]
        told = {}
        for road, context in roads.items():
            events = self.env["veloc.trader.event"].with_context(**context)
            answers = [
                events.ingest(road, [self._of(road, row) for row in batch])
                for batch in batches
            ]
            rows = [self._rows(road, f"{road}-{prefix}{n}") for n in people]
            told[road] = [self._plainly(road, answers), rows]
        self.maxDiff = None
        self.assertEqual(told["fast"][0], told["careful"][0])
        for fast, careful in zip(told["fast"][1], told["careful"][1], strict=True):
            for table in TABLES:
                self.assertEqual(fast[table], careful[table], table)

    def _people(self, prefix, people):
        return [
            self._signup(f"{prefix}{n}", 200, email=None, phone=None) for n in people
        ]

    def _batch(self, dice, prefix):
        return [self._one(dice, prefix) for _ in range(dice.randrange(1, 25))]

    def _one(self, dice, prefix):
        """Return an event: late, of the past, wrong, or one that was sent before."""
        kind = dice.choice(TYPES)
        trader = f"{prefix}{dice.randrange(PEOPLE + 1)}"  # one of them nobody knows
        days = dice.choice((0, 0, 1, 2, 29, 31, 89, 95, 150, -1))
        row = self._event(kind, trader, days + dice.random())
        row["id"] = f"{prefix}{dice.randrange(60)}"
        if kind == "trade":
            row["data"] = {
                "volume": dice.choice(("10", "7.25", "x")),
                "result": f"{dice.randrange(-9, 9)}.5",
            }
        elif kind in ("reversal", "correction"):
            key = "reverses" if kind == "reversal" else "corrects"
            row |= {"amount": "3.00", "data": {key: f"{prefix}{dice.randrange(60)}"}}
        else:
            row["amount"] = dice.choice(("1", "99.99", "400.00", "-1"))
            row["currency"] = dice.choice(("BRL", None, "BRL", "XAU"))
            row["data"] = dice.choice(({}, None, {"note": 'a"\\é'}, {"deep": [1]}))
        return row

    def _of(self, road, row):
        return {**row, "trader": f"{road}-{row['trader']}"}

    def _rows(self, road, ref):
        trader = self._trader(ref)
        self.env.flush_all()
        found = {}
        for table, query in TABLES.items():
            self.env.cr.execute(query, [trader.id])
            found[table] = self._plainly(road, self.env.cr.fetchall())
        return found

    def _plainly(self, road, value):
        return str(value).replace(road, "road")
