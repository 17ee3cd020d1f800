import os
import random
from datetime import UTC, datetime, timedelta
from math import ceil

from freezegun import freeze_time

from odoo.tests import tagged

from ..rules.amendments import ALLOWED
from .segment_oracle import Oracle
from .test_veloc_segment import SegmentCase, did, last, where

# `VELOC_SEGMENT_BATCHES=10000` for the long proof. It is lived in many lives: within
# one transaction each row leaves all its former versions behind.
BATCHES = int(os.environ.get("VELOC_SEGMENT_BATCHES", "120"))
LIFE = 250
CHECK_EACH = 20
PEOPLE = 60
TYPES = (
    *("trade",) * 4,
    *("login",) * 2,
    *("deposit_started",) * 3,
    *("deposit_approved",) * 3,
    "deposit_failed",
    "withdrawal_requested",
    "withdrawal_paid",
    "kyc_submitted",
    "kyc_rejected",
    "complaint_opened",
    "complaint_closed",
)
MONEY = ("deposit_approved", "withdrawal_paid", "withdrawal_requested")
AMENDED = 0.08  # of all batches take back or correct an earlier event
MERGES = 6  # in a life
NIGHTS = 0.2  # of the times when the clock moves


def field(name, op, value=None):
    condition = {"is": "field", "field": name, "op": op}
    return condition if value is None else {**condition, "value": value}


def waiting(first, then, after, within):
    return {
        "is": "sequence",
        "first": first,
        "then": then,
        "after": after,
        "within": within,
    }


def trend(direction, measure="trade_count"):
    return {
        "is": "trend",
        "measure": measure,
        "direction": direction,
        "percent": 40,
        "least": 2,
    }


DEFINITIONS = {
    "deposits_2_30d": where(did("deposit_approved", times=2, within=last(30))),
    "deposits_2_14d": where(did("deposit_approved", times=2, within=last(14))),
    "deposit_1_3d": where(did("deposit_approved", within=last(3))),
    "no_trade_5d": where(did("trade", "=", 0, within=last(5))),
    "few_trades_10d": where(did("trade", "<=", 1, within=last(10))),
    "one_login_2d": where(did("login", "=", 1, within=last(2))),
    "login_36h": where(did("login", within=last(36, "hours"))),
    "three_trades_8h": where(did("trade", times=3, within=last(8, "hours"))),
    "failed_twice": where(did("deposit_failed", times=2)),
    "failed_4d": where(did("deposit_failed", within=last(4))),
    "big_deposit_9d": where(did("deposit_approved", within=last(9), amount=500)),
    "asked_much": where(did("withdrawal_requested", amount=400)),
    "abandoned_1h": where(
        waiting("deposit_started", "deposit_approved", last(1, "hours"), last(3))
    ),
    "abandoned_24h": where(
        waiting("deposit_started", "deposit_approved", last(24, "hours"), last(9))
    ),
    "kyc_stuck": where(waiting("kyc_submitted", "kyc_rejected", last(2), last(20))),
    "silent": where(field("last_login_at", "older_than", last(6))),
    "fresh_stage": where(field("stage_since", "within", last(3))),
    "new_people": where(field("signup_at", "within", last(10))),
    "idle_days": where(field("last_active_day", "older_than", last(4))),
    "active_days": where(field("last_active_day", "within", last(2))),
    "birthday_soon": where(field("birthday", "within", last(7))),
    "over_30": where(field("age", ">=", 30)),
    "portuguese": where(field("lang", "in", ["pt_BR"]), field("has_email", "is", True)),
    "complaining": where({"is": "suppression", "kinds": ["complaint"]}),
    "asked_sms": where({"is": "consent", "state": "granted", "channel": "sms"}),
    "never_told": where({"is": "consent", "state": "none"}),
    "falling": where(trend("falling")),
    "rising": where(trend("rising")),
    "mixed": where(
        {"not": did("deposit_approved", within=last(6))},
        {"any": [did("login", times=2, within=last(4)), field("stage", "in", ["kyc"])]},
    ),
    "of_others": where(
        {"is": "segment", "code": "abandoned_1h"},
        {"not": {"is": "segment", "code": "complaining"}},
    ),
}


@tagged("post_install", "-at_install")
class TestSegmentOracle(SegmentCase):
    """Membership is what a look at everything from scratch would give, at any time."""

    def test_membership_equals_a_look_from_scratch_after_random_batches(self):
        for life in range(ceil(BATCHES / LIFE)):
            with self.env.cr.savepoint() as savepoint:
                self._begin(seed=life)
                self._live(min(LIFE, BATCHES - life * LIFE))
                savepoint.rollback()
            self.env.invalidate_all()
            self.env.registry.clear_cache()

    def _begin(self, seed):
        self.seed, self.random = seed, random.Random(20261122 + seed)
        self.events, self.clock = {}, datetime(2026, 3, 2, 13, 0)
        self.segments = {
            code: self._segment(code, *definition["where"]["all"])
            for code, definition in DEFINITIONS.items()
        }
        self.oracle = Oracle(self.env.cr, self.events, DEFINITIONS)

    def _live(self, batches):
        merges = set(self.random.sample(range(batches), min(MERGES, batches)))
        with freeze_time(self.clock) as frozen:
            self._introduce()
            self._fill(self.clock)
            for number in range(batches):
                self._batch()
                if number in merges:
                    self._merge()
                self._write_somebody()
                self._let_time_pass(frozen)
                if number % CHECK_EACH == 0:
                    self._compare(number)
            self._compare(batches)
            self._moves_tell_the_members()

    def _let_time_pass(self, frozen):
        if self.random.random() < 0.5:
            self.clock += self._step()
            frozen.move_to(self.clock)
            self._pass_time()
            if self.random.random() < NIGHTS:
                self._night()

    def _introduce(self):
        self.refs, self.merged = [f"T-{n}" for n in range(PEOPLE)], set()
        batch = [
            self._event(
                "signup",
                f"T-{number}",
                data={
                    "name": f"Ana {number}",
                    "email": f"a{number}@example.com",
                    "birth_date": f"{1970 + number % 35}-{number % 12 + 1:02}-14",
                },
            )
            for number in range(PEOPLE)
        ]
        self._send(batch)

    def _event(self, kind, trader="T-1", days_ago=0, **values):
        type(self).counter += 1
        at = self.clock - timedelta(seconds=self._lateness())
        return {
            "id": f"o-{self.counter}",
            "type": kind,
            "trader": trader,
            "at": at.replace(tzinfo=UTC).isoformat(),
            **values,
        }

    def _lateness(self):
        """Most events are news, some are hours or days late."""
        kind = self.random.random()
        if kind < 0.7:
            return self.random.randrange(60)
        return self.random.randrange(86_400 if kind < 0.9 else 12 * 86_400)

    def _batch(self):
        batch = []
        for _n in range(self.random.randrange(1, 5)):
            kind = self.random.choice(TYPES)
            values = {}
            if kind in MONEY:
                amount = f"{self.random.randrange(10, 900)}.00"
                values = {"amount": amount, "currency": "BRL"}
            if kind == "trade":
                values = {"data": {"instrument": "X", "volume": "100", "result": "-1"}}
            who = self.random.choice(self.refs)
            batch.append(self._event(kind, who, **values))
        self._send(batch)
        if self.random.random() < AMENDED:
            self._amend()

    def _send(self, batch):
        answer = self._ingest(*batch)
        self.assertFalse(answer["rejected"])
        for event in batch:
            trader = self._trader(event["trader"])
            at = datetime.fromisoformat(event["at"]).astimezone(UTC)
            self.events.setdefault(trader.id, {})[event["id"]] = (
                event["type"],
                at.replace(tzinfo=None),
                float(event.get("amount", 0)),
            )

    def _amend(self):
        """Something that happened did not, or was worth something else."""
        ref = self.random.choice(self.refs)
        own = self.events[self._trader(ref).id]
        name = self.random.choice(list(own))
        type_, at, _amount = own[name]
        if (
            type_ in ALLOWED["correction"]
            and type_ in MONEY
            and self.random.choice((True, False))
        ):
            amount = self.random.randrange(10, 900)
            own[name] = type_, at, float(amount)
            data = {"corrects": name}
            values = {"amount": f"{amount}.00", "currency": "BRL", "data": data}
            event = self._event("correction", ref, **values)
        elif type_ in ALLOWED["reversal"]:
            del own[name]
            event = self._event("reversal", ref, data={"reverses": name})
        else:
            return
        # What is said later holds, so it is said now.
        event["at"] = self.clock.replace(tzinfo=UTC).isoformat()
        self.assertFalse(self._ingest(event)["rejected"])

    def _merge(self):
        """Two of them turn out to be one person."""
        kept, gone = self.random.sample(self.refs, 2)
        self.refs.remove(gone)
        survivor, loser = self._trader(kept), self._trader(gone)
        self.events[survivor.id] |= self.events.pop(loser.id)
        self.merged.add(survivor)
        self.env["veloc.merge"]._perform(survivor.partner_id, loser.partner_id)
        self._pass_time()

    def _night(self):
        """The windows move with the calendar, and the segments with the windows."""
        with self.enter_registry_test_mode(), self.env.registry.cursor() as cr:
            env = self.env(cr=cr)
            env["veloc.trader.state"]._move_windows(self.clock)
            env["veloc.segment.engine"]._nightly(self.clock)
        self.env.invalidate_all()

    def _write_somebody(self):
        """Now and then a contact changes, a consent is given, somebody goes."""
        dice = self.random.random()
        if dice > 0.1:
            return
        partner = self._trader(self.random.choice(self.refs)).partner_id
        if dice < 0.03:
            partner.lang = self.random.choice(["pt_BR", "en_US"])
        elif dice < 0.05:
            partner.email = self.random.choice([False, "x@example.com"])
        elif dice < 0.06:
            partner.active = not partner.active
        else:
            self._consent(partner)
        self._pass_time()

    def _consent(self, partner):
        self.env["veloc.consent"].record(
            [
                {
                    "partner_id": partner.id,
                    "purpose": "marketing",
                    "channel": self.random.choice(["sms", "email"]),
                    "granted": self.random.random() < 0.6,
                    "source": "test",
                }
            ]
        )

    def _step(self):
        return self.random.choice(
            [
                timedelta(minutes=self.random.randrange(1, 90)),
                timedelta(hours=self.random.randrange(1, 20)),
                timedelta(days=self.random.randrange(1, 4)),
            ]
        )

    def _pass_time(self):
        while self.engine._pass_due(self.clock):
            pass

    def _compare(self, number):
        self.env.flush_all()
        wanted = self.oracle.members(self.clock)
        self.env.cr.execute(
            "SELECT s.code, array_agg(m.trader_id) FROM veloc_segment_member m"
            " JOIN veloc_segment s ON s.id = m.segment_id GROUP BY 1"
        )
        found = {code: set(ids) for code, ids in self.env.cr.fetchall()}
        for code, ids in wanted.items():
            with self.subTest(segment=code, life=self.seed, batch=number):
                self.assertEqual(found.get(code, set()), ids)
                self.assertEqual(
                    self.env["veloc.segment"]._count(DEFINITIONS[code]), len(ids)
                )

    def _moves_tell_the_members(self):
        """Who came in and did not leave is who is in; merged people have two pasts."""
        for segment in self.segments.values():
            standing = {}
            for event in segment.event_ids.sorted("id"):
                if event.trader_id in self.merged:
                    continue
                before = standing.get(event.trader_id, "left")
                self.assertNotEqual(before, event.kind)
                standing[event.trader_id] = event.kind
            inside = {t for t, kind in standing.items() if kind == "entered"}
            self.assertEqual(inside, set(segment.member_ids.trader_id) - self.merged)
