from datetime import timedelta

from odoo import models
from odoo.tools import SQL

# WhatsApp takes one message to a person in six seconds; stored times lack fractions.
PAIR_GAP = timedelta(seconds=7)
# For pg_try_advisory_xact_lock: one worker at a time writes to a person.
PAIR_LOCK = 7_305_241


class VelocDispatcher(models.AbstractModel):
    """What WhatsApp asks for: the answer window, the gap, the limit of a portfolio."""

    _inherit = "veloc.dispatcher"

    def _refusals(self, rows, now):
        """Free text may only answer somebody; templates may begin."""
        refusals = super()._refusals(rows, now)
        free = [
            row
            for row in rows
            if row["channel"] == "whatsapp"
            and not row["content_sid"]
            and not row["template_name"]
        ]
        windows = self._windows(free)
        for row in free:
            if (windows.get(row["partner_id"]) or now) <= now:
                refusals.setdefault(row["id"], ("window", "window_closed"))
        return refusals

    def _holds(self, rows, now):
        holds = super()._holds(rows, now)
        waiting = [
            row
            for row in rows
            if row["channel"] == "whatsapp" and row["id"] not in holds
        ]
        if not waiting:
            return holds
        busy = self._busy_people({row["partner_id"] for row in waiting}, now)
        for row in waiting:
            until = busy.get(row["partner_id"])
            if until and until > now:
                holds[row["id"]] = (until, "pair_gap")
            # The next one of the batch to this person waits for this one.
            busy[row["partner_id"]] = now + PAIR_GAP
        return holds

    def _reach_holds(self, rows, now):
        """Return holds for what finds no place in its portfolio's limit."""
        rows = [row for row in rows if row["portfolio_id"]]
        if not rows:
            return {}
        homeless = self.env["veloc.reach.portfolio"]._allot(
            rows, self._windows(rows), now
        )
        return {id_: (until, "no_budget") for id_, until in homeless.items()}

    def _spend(self, rows, now):
        """Write down what these rows use up; they leave when this is committed."""
        rows = [row for row in rows if row["portfolio_id"]]
        if rows:
            self.env["veloc.reach.portfolio"]._spend(rows, self._windows(rows), now)

    def _windows(self, rows):
        people = {row["partner_id"] for row in rows}
        if not people:
            return {}
        return self.env["veloc.conversation"]._window_until("whatsapp", people)

    def _busy_people(self, partner_ids, now):
        """Return ``{partner id: when the next message may go}``."""
        ids = sorted(partner_ids)
        taken = self.env.execute_query(
            SQL(
                "SELECT id FROM unnest(%s::int[]) AS p(id) "
                "WHERE NOT pg_try_advisory_xact_lock(%s, id)",
                ids,
                PAIR_LOCK,
            )
        )
        busy = {id_: now + PAIR_GAP for (id_,) in taken}
        for id_, in_air, last in self.env.execute_query(
            SQL(
                """
                SELECT partner_id, bool_or(state = 'sending'),
                       max(greatest(sending_at, accepted_at)) FROM veloc_message
                 WHERE partner_id = ANY(%s) AND channel = 'whatsapp'
                   AND sending_at > %s GROUP BY 1
                """,
                ids,
                now - timedelta(minutes=2),
            )
        ):
            busy[id_] = (now if in_air else min(last, now)) + PAIR_GAP
        return busy
