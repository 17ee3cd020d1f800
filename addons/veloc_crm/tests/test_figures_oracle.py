"""Random batches, late, twice, out of order, taken back: sums stay the events' sums."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import SQL

from ..models.state.veloc_trader_state_recompute import FIGURES
from .common import CrmCase
from .figures_oracle import SUMS, Oracle

START = datetime(2026, 3, 1, 9, 0)
BATCHES = 80
AMENDING = 0.1  # of all events take back or correct an earlier one
SHOWN = 3  # differences
KINDS = ["deposit_approved"] * 3 + ["withdrawal_paid"] + ["trade"] * 5 + ["login"] * 3
TARGETS = {"reversal": "reverses", "correction": "corrects"}
KINDS += ["kyc_submitted", "something_new"]


@tagged("post_install", "-at_install")
class TestFiguresOracle(CrmCase):
    """Over several zones, so that the broker's day is not ours."""

    maxDiff = None

    def test_figures_are_the_sum_of_events_in_sao_paulo(self):
        self._live("America/Sao_Paulo", seed=1)

    def test_figures_are_the_sum_of_events_in_rio_branco(self):
        self._live("America/Rio_Branco", seed=2)

    def test_figures_are_the_sum_of_events_in_tokyo(self):
        self._live("Asia/Tokyo", seed=3)

    def test_figures_are_the_sum_of_events_in_auckland(self):
        self._live("Pacific/Auckland", seed=4)

    # === THE RANDOM LIFE OF A BROKER === #

    def _live(self, zone, seed):
        self.env["ir.config_parameter"].set_param("veloc_crm.zone", zone)
        self.zone = ZoneInfo(zone)
        self.random = random.Random(seed)
        self.oracle = Oracle()
        self.clock = START
        self.number = 0
        other = self.env["res.company"].create(
            {"name": "Broker 2", "currency_id": self.env.ref("base.BRL").id}
        )
        self.refs = {
            f"{seed}-{n}": company
            for company in (self.env.company, other)
            for n in range(4 * company.id, 4 * company.id + 4)
        }
        self._sign_up()
        for number in range(BATCHES):
            self._next_batch()
            if self.random.random() < 0.1:
                self._night()
            if number % 5 == 4:
                self._compare()
        self._night()
        self._compare()

    def _sign_up(self):
        for ref, company in self.refs.items():
            self._send([self._make("signup", ref, timedelta(0))], company)

    def _next_batch(self):
        company = self.random.choice(list(self.refs.values()))
        mine = [ref for ref, owner in self.refs.items() if owner == company]
        batch = [self._random_event(mine) for _ in range(self.random.randint(1, 12))]
        if self.random.random() < 0.3:
            batch += self.random.sample(batch, 1)  # twice in one batch
        if self.random.random() < 0.15:
            self._send_and_die(batch, company)
        self._send(batch, company)
        if self.random.random() < 0.2:
            self._send(batch, company)  # all of it again
        self.clock += timedelta(hours=self.random.expovariate(1 / 20))

    def _random_event(self, refs):
        if self.random.random() < AMENDING and (known := self.oracle.correctable(refs)):
            return self._amend(self.random.choice(known))
        ref = self.random.choice(refs)
        lateness = self.random.choice((0, 0, 0, 1, 2, 6, 8, 29, 31, 89, 91, 200))
        ago = timedelta(days=lateness, seconds=self.random.randint(0, 86_000))
        return self._make(self.random.choice(KINDS), ref, ago)

    def _amend(self, target):
        """Take an event back, or say what it was really worth."""
        kind = self.random.choice(list(TARGETS))
        event = self._make(target["type"], target["trader"], timedelta(0))
        event |= {"type": kind, "target": target["id"]}
        if kind == "reversal":
            event |= {"amount": None, "volume": None, "result": None}
        return event

    def _make(self, kind, ref, ago):
        self.number += 1
        cents = self.random.randint(1, 1_000_000)
        is_trade = kind == "trade"
        is_money = kind in ("deposit_approved", "withdrawal_paid")
        return {
            "id": f"{ref}-{self.number}",
            "type": kind,
            "trader": ref,
            "at": (self.clock - ago).replace(microsecond=0),
            "amount": Decimal(cents) / 100 if is_money else None,
            "volume": Decimal(cents) / 10 if is_trade else None,
            "result": Decimal(self.random.randint(-999, 999)) / 4 if is_trade else None,
            "target": None,
        }

    def _send(self, batch, company):
        with freeze_time(self.clock):
            events = self.env["veloc.trader.event"].with_context(
                allowed_company_ids=company.ids
            )
            answer = events.ingest("broker", [_as_sent(event) for event in batch])
        self.assertFalse(answer["rejected"])
        for event in batch:
            self.oracle.add(event)

    def _send_and_die(self, batch, company):
        oracle = dict(self.oracle.events)
        with self.env.cr.savepoint() as savepoint:
            self._send(batch, company)
            savepoint.rollback()
        self.oracle.events = oracle
        self.env.invalidate_all()

    def _night(self):
        self.clock += timedelta(hours=self.random.randint(0, 30))
        with (
            freeze_time(self.clock),
            self.enter_registry_test_mode(),
            self.env.registry.cursor() as cr,
        ):
            figures = self.env(cr=cr)["veloc.trader.state"]
            figures._move_windows(self.clock)
            traders = self.env["veloc.trader"].search(
                [("external_ref", "in", list(self.refs))]
            )
            proof = figures._recompute(traders.ids, self.clock, is_proof=True)
        self.assertEqual(proof, (len(self.refs), 0, []))
        self.env.invalidate_all()

    # === COMPARE === #

    def _compare(self):
        traders = self.env["veloc.trader"].search(
            [("external_ref", "in", list(self.refs))]
        )
        self._compare_days(traders)
        for trader in traders:
            ref = trader.external_ref
            (row,) = self._rows("veloc_trader_state", trader)
            as_of = date.fromisoformat(row["as_of"])
            wanted = self.oracle.figures(ref, as_of, self.zone)
            self._assert_same({name: row[name] for name in FIGURES}, wanted)
            today = self.clock.replace(tzinfo=UTC).astimezone(self.zone).date()
            self.assertLessEqual(as_of, today)

    def _compare_days(self, traders):
        refs = {trader.id: trader.external_ref for trader in traders}
        found = {
            (refs[row["trader_id"]], date.fromisoformat(row["day"])): {
                name: row[name] for name in SUMS
            }
            for row in self._rows("veloc_trader_day_raw", traders)
        }
        self._assert_same(found, self.oracle.days(self.zone))

    def _rows(self, table, traders):
        """Return rows to the last digit: the ORM's cursor makes floats of numbers."""
        rows = self.env.execute_query(
            SQL(
                "SELECT to_jsonb(t)::text FROM %s t WHERE trader_id = ANY(%s)",
                SQL.identifier(table),
                traders.ids,
            )
        )
        return [json.loads(text, parse_float=Decimal) for (text,) in rows]

    def _assert_same(self, found, wanted):
        """Only what differs is worth reading."""
        wanted = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in wanted.items()
        }
        differing = (n for n in found | wanted if found.get(n) != wanted.get(n))
        names = sorted(differing)[:SHOWN]
        self.assertEqual(
            {name: found.get(name) for name in names},
            {name: wanted.get(name) for name in names},
        )


def _as_sent(event):
    """Return the event as a broker sends it."""
    sent = {
        "id": event["id"],
        "type": event["type"],
        "trader": event["trader"],
        "at": event["at"].replace(tzinfo=UTC).isoformat(),
    }
    if event["amount"] is not None:
        sent |= {"amount": str(event["amount"]), "currency": "BRL"}
    data = {
        name: str(event[name])
        for name in ("volume", "result")
        if event[name] is not None
    }
    if event["target"]:
        data[TARGETS[event["type"]]] = event["target"]
    return {**sent, "data": data} if data else sent
