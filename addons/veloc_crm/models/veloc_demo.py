"""Fills a demo database by the real road, day by day, as if it had been running."""

import logging
import random
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..demo import story

_logger = logging.getLogger(__name__)

SOURCE = "demo"
# Older events are history; from here on the cadences run, slot by slot.
REPLAYED = timedelta(days=13)
SLOT = timedelta(hours=4)
# The last hours are left to the jobs: their messages really go to the sandbox.
LIVE = timedelta(hours=1)
SEED = 7
FATES = {  # channel -> (weights, the states a message walks through)
    "email": ((95, 5), (("accepted", "sent"), ("failed",))),
    "sms": (
        (88, 7, 5),
        (
            ("accepted", "sent", "delivered"),
            ("accepted", "undelivered"),
            ("accepted", "sent"),
        ),
    ),
}
FAILURES = {
    "failed": {"failure_class": "permanent", "failure_code": "550"},
    "undelivered": {"failure_class": "permanent", "failure_code": "30005"},
}
# Of messages with links: looked at by a scanner, followed by a person.
SCANNED, CLICKED = 0.4, 0.35
BROWSER = {
    "agent": "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36",
    "headers": {"accept-language": "pt-BR"},
    "ip": "177.10.20.30",
    "is_staff": False,
}
SCANNER = BROWSER | {"agent": "BarracudaCentral", "ip": "64.235.150.5"}


class VelocDemo(models.AbstractModel):
    """Called once, from the demo data. Without it nothing here ever runs."""

    _name = "veloc.demo"
    _description = "Demo Data"

    @api.model
    def _load(self):
        """Tell the story to the ingest and let the cadences live through it."""
        now = fields.Datetime.now()
        events = story.tell(now)
        begin, end = now - REPLAYED, now - LIVE
        self._ingest([event for event in events if event["at"] <= begin])
        dice = random.Random(SEED)  # noqa: S311 - a story, no secret
        while begin < end:
            until = min(begin + SLOT, end)
            self._live(events, begin, until, dice)
            begin = until
        self._ingest([event for event in events if event["at"] > end], wake=True)
        self._make_opportunities()
        _logger.info("demo: %s events told", len(events))

    @api.model
    def _ingest(self, events, wake=False):
        rows = [{**event, "at": f"{event['at'].isoformat()}Z"} for event in events]
        if rows:
            answer = self.env["veloc.ingest"]._run(SOURCE, rows, wake=wake)
            if answer["rejected"]:
                _logger.warning("demo: refused %s", answer["rejected"][:3])

    @api.model
    def _live(self, events, begin, until, dice):
        """Live through one slot: news, decisions, and what became of the messages."""
        self._ingest([event for event in events if begin < event["at"] <= until])
        engine = self.env["veloc.cadence.engine"]
        engine._on_events(self._read_touched(begin, until), until)
        for is_urgent in (True, False):
            while engine._run_batch(is_urgent, until):
                pass
        self._deliver(until, dice)

    @api.model
    def _read_touched(self, begin, until):
        """Return the slot's events as the ingest would hand them to the engine."""
        rows = self.env.execute_query_dict(
            SQL(
                """SELECT e.trader_id, t.partner_id, e.type, e.at, e.id AS event_id,
                       e.external_id, e.amount, e.currency, e.data
                  FROM veloc_trader_event_raw e
                  JOIN veloc_trader t ON t.id = e.trader_id
                 WHERE e.source = %s AND e.at > %s AND e.at <= %s
                 ORDER BY e.at, e.id""",
                SOURCE,
                begin,
                until,
            )
        )
        for row in rows:
            row["variables"] = {
                **(row.pop("data") or {}),
                "reference": row["external_id"],
                "event_at": f"{row['at'].isoformat()}Z",
            }
            amount, currency = row.pop("amount"), row.pop("currency")
            if amount is not None:
                row["variables"] |= {"amount": str(amount), "currency": currency}
        return rows

    @api.model
    def _deliver(self, at, dice):
        """Give each queued message an ending, as providers would have."""
        queued = self.env["veloc.message"].search(
            [("state", "=", "queued"), ("queued_at", "<=", at)], order="id"
        )
        for message in queued:
            weights, walks = FATES.get(message.channel, FATES["sms"])
            (walk,) = dice.choices(walks, weights)
            message._move("sending", at=at, attempts=1)
            for minutes, state in enumerate(walk, 1):
                moment = at + timedelta(seconds=20 * minutes)
                message._move(state, at=moment, **FAILURES.get(state, {}))
            self._click(message, at, dice)

    @api.model
    def _click(self, message, at, dice):
        """Let some people follow a link, after the scanner of their mail service."""
        links = message.link_ids.filtered(lambda link: link.what == "click")
        if not links or message.state not in ("sent", "delivered", "read"):
            return
        clicks = self.env["veloc.link.click"]
        if message.channel == "email" and dice.random() < SCANNED:
            clicks._follow(links[0].code, SCANNER, at + timedelta(seconds=30))
        if dice.random() < CLICKED:
            moment = at + timedelta(minutes=dice.randint(2, 180))
            clicks._follow(dice.choice(links).code, BROWSER, moment)

    @api.model
    def _make_opportunities(self):
        """Put some people on the desk of the sales team."""
        traders = self.env["veloc.trader"].search(
            [("external_ref", "like", "VB-"), ("stage", "in", ["signup", "kyc"])],
            order="id",
            limit=8,
        )
        agent = self.env.ref("veloc_crm.demo_user_agent", raise_if_not_found=False)
        stages = self.env["crm.stage"].search(
            [("is_won", "=", False)], order="sequence"
        )
        self.env["crm.lead"].create(
            [
                {
                    "name": f"Primeiro depósito: {trader.partner_id.name}",
                    "type": "opportunity",
                    "partner_id": trader.partner_id.id,
                    "user_id": agent.id if agent else False,
                    "stage_id": stages[number % len(stages)].id,
                    "expected_revenue": 300 + 150 * number,
                }
                for number, trader in enumerate(traders)
            ]
        )
