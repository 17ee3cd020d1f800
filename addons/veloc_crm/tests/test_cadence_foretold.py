"""Whatever people and steps are: what was foretold is what then happens."""

import random
from datetime import date, timedelta

from odoo import fields
from odoo.tests import tagged

from ..rules import planner, simulation
from .cadence_case import DAY, NOON
from .simulate_case import SimulateCase

KINDS = ("complaint", "self_exclusion", "cooling_off", "opt_out")
COMPARED = (
    "partner_id",
    "at",
    "step_id",
    "channel",
    "verdict",
    "reason",
    "basis",
    "rule",
    "until",
    "times",
)


@tagged("post_install", "-at_install")
class TestCadenceSimulateIsTheEngine(SimulateCase):
    """Whatever people and steps are: what was foretold is what then happens."""

    def test_the_engine_does_what_was_foretold(self):
        for seed in range(12):
            with self.subTest(seed=seed), self.env.cr.savepoint():
                self._compare(random.Random(seed))

    def _compare(self, dice):
        self.maxDiff = None
        people = self._random_people(dice)
        cadence = self._random_cadence(dice)
        start = NOON + timedelta(minutes=dice.randrange(0, 7 * 24 * 60))
        end = start + 12 * DAY
        foretold = self._fold_answer(
            self.cadences.simulate(
                cadence.id, start, end, {"partner_ids": people.ids, "limit": 100}
            )
        )
        self._live(people, cadence, start, end)
        self.assertEqual(foretold, self._read_decisions(cadence))

    def _random_people(self, dice):
        people = self.env["res.partner"].create(
            [
                {
                    **self._prepare_person(
                        f"Acaso {n}",
                        dice.choice((f"x{n}@example.com", False)),
                        dice.choice((f"+55 92 9612{n:05}", False, f"+55119612{n:05}")),
                    ),
                    "veloc_birth_date": dice.choice(
                        (False, date(1980, 1, 1), date(2008, 3, 15), date(2012, 1, 1))
                    ),
                }
                for n in range(12)
            ]
        )
        traders = self._traders(people)
        for person, trader in zip(people, traders, strict=True):
            self._say_something(dice, person)
            self._set_standing(dice, trader)
        self.env.invalidate_all()
        return people

    def _say_something(self, dice, person):
        """Let the person agree or not, and be blocked for a while or not."""
        for channel in ("sms", "email"):
            if dice.random() < 0.8:
                self._grant(
                    person,
                    channel=channel,
                    granted=dice.random() < 0.85,
                    at="2026-03-01T12:00:00Z",
                )
        if dice.random() < 0.4:
            kind = dice.choice(KINDS)
            self._impose(
                person,
                kind,
                channel="sms" if kind == "opt_out" else None,
                until=NOON + timedelta(hours=dice.randrange(1, 400)),
            )

    def _set_standing(self, dice, trader):
        self.env.cr.execute(
            "UPDATE veloc_trader SET stage = %s, deposit_count = %s, kyc_state = %s"
            " WHERE id = %s",
            [
                dice.choice(("signup", "active", "churned")),
                dice.choice((0, 2)),
                dice.choice(("none", "approved")),
                trader.id,
            ],
        )

    def _random_cadence(self, dice):
        cadence = self._cadence(f"random_{dice.randrange(10**9)}", (), publish=False)
        version = cadence.draft_version_id
        days = 0
        for number in range(dice.randrange(1, 5)):
            days += dice.randrange(0, 3)
            self._step(
                version,
                days,
                sequence=number,
                channel=dice.choice(("sms", "email")),
                wait_from=dice.choice(("entry", "previous")) if number else "entry",
                condition=dice.choice(list(planner.CONDITIONS)),
                useful_until_hours=dice.choice((2, 24, 72)),
            )
        if dice.random() < 0.5:
            version.exit_ids = [fields.Command.create({"stage": "churned"})]
        version._publish("keep")
        return cadence

    def _live(self, people, cadence, start, end):
        """Let the engine decide at the very moments at which something is due."""
        self.engine._on_events(
            [
                self._event("signup", trader, at=start)
                for trader in self.env["veloc.trader"].search(
                    [("partner_id", "in", people.ids)]
                )
            ],
            start,
        )
        runs = self.env["veloc.enrolment"]
        ours = [("cadence_id", "=", cadence.id), ("state", "=", "active")]
        now = start
        while due := runs.search(ours, order="next_due", limit=1).next_due:
            now = max(now, due)
            if now >= end:
                break
            self._run(now)

    def _read_decisions(self, cadence):
        decisions = self.env["veloc.decision"].search(
            [("cadence_id", "=", cadence.id)], order="id"
        )
        return self._sorted(
            simulation.fold(
                {
                    "run_id": decision.enrolment_id.id,
                    "order": decision.id,
                    "partner_id": decision.partner_id.id,
                    "step_id": decision.step_id.id,
                    "channel": decision.channel,
                    "verdict": decision.verdict,
                    "reason": decision.reason,
                    "basis": decision.basis,
                    "rule": decision.rule,
                    "at": decision.at,
                    "until": decision.until,
                }
                for decision in decisions
            )
        )

    def _fold_answer(self, answer):
        to_moment = fields.Datetime.to_datetime
        return self._sorted(
            {**row, "at": to_moment(row["at"]), "until": to_moment(row["until"])}
            for row in answer["rows"]
        )

    def _sorted(self, rows):
        return sorted(
            ([row[name] or False for name in COMPARED] for row in rows), key=str
        )
