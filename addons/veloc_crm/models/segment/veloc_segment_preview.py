"""Before a segment is saved: how many, who for example, and who can be reached."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS

from ...rules import segment_sql
from ...rules.segment_care import asks_for_care
from ...rules.segment_definition import leaves, parse
from ...rules.segment_reach import EXACT_UP_TO, SAMPLE, estimate
from ...rules.sql_text import Piece, sql

SAMPLE_SHOWN = 10


class VelocSegment(models.Model):
    """What the builder asks; each answer is for the companies of the asking user."""

    _inherit = "veloc.segment"

    # === COUNT === #

    @api.model
    def preview(self, definition, code=None):
        """Return how many fit a definition, ten of them and it in words (RPC).

        ``{"count", "sample": [{"id", "name"}], "words", "for_care"}``, or ``error``
        in words where the definition cannot be used yet.
        """
        self.check_access("read")
        try:
            tree = self._read_definition(definition, code)
        except ValidationError as error:
            return {"error": str(error)}
        return {
            "count": self._count_tree(tree),
            "sample": self._sample(tree),
            "words": self.env["veloc.segment.words"]._say_tree(parse(definition)),
            "for_care": asks_for_care(parse(definition)),
        }

    @api.model
    def _count(self, definition):
        """Return how many people of the user's companies fit ``definition``."""
        return self._count_tree(self._read_definition(definition))

    def _count_tree(self, tree):
        ((count,),) = self._select(tree, Piece("count(*)"))
        return count

    @api.model
    def _select(self, tree, columns, tail=None):
        """Run the statement of one tree over the traders of the user's companies."""
        self.env.flush_all()
        clock = self.env["veloc.segment.engine"]._clock(fields.Datetime.now())
        scope = sql("s.company_id = ANY(%s)", self.env.companies.ids)
        found = segment_sql.select(tree, clock, columns, scope)
        # Compiling takes longer than the statement does without.
        self.env.cr.execute("SET LOCAL jit = off")
        return self.env.execute_query(
            SQL("%s %s", SQL(found.code, *found.params), tail or SQL())
        )

    @api.model
    def _sample(self, tree):
        """Return some of those who fit, with names for who may read traders."""
        rows = self._select(
            tree, Piece("s.id"), SQL("ORDER BY s.id DESC LIMIT %s", SAMPLE_SHOWN)
        )
        traders = self.env["veloc.trader"].search(
            [("id", "in", [trader_id for (trader_id,) in rows])]
        )
        return [
            {"id": trader.id, "name": trader.display_name, "stage": trader.stage}
            for trader in traders
        ]

    # === REACH === #

    @api.model
    def reach(self, definition, purpose, code=None):
        """Return per channel how many who fit the gate lets us contact (RPC).

        Everybody is asked up to 10,000 people; beyond that 2,000 drawn at random, with
        the interval. Who may only not be contacted at this hour counts as reached.
        """
        self.check_access("read")
        self.env["veloc.gate.verdict"].check_access("read")
        found = self.env["veloc.purpose"].search([("code", "=", purpose)], limit=1)
        if not found:
            raise ValidationError(
                self.env._("There is no purpose “%(code)s”.", code=purpose)
            )
        tree = self._read_definition(definition, code)
        people = self._count_tree(tree)
        partner_ids = self._draw(tree, people)
        gate = self.env["veloc.contact.gate"]
        now = fields.Datetime.now()
        asks = [(id_, found.id, code) for code, _n in CHANNELS for id_ in partner_ids]
        hits = dict.fromkeys((code for code, _name in CHANNELS), 0)
        for ask, verdict in zip(asks, gate._ask(asks, now), strict=True):
            hits[ask[2]] += bool(verdict.allowed or verdict.until)
        return {
            "people": people,
            "asked": len(partner_ids),
            "channels": [
                self._prepare_reach(code, name, hits[code], len(partner_ids), people)
                for code, name in self._channel_names()
            ],
        }

    @api.model
    def _draw(self, tree, people):
        tail = SQL()
        if people > EXACT_UP_TO:
            tail = SQL("ORDER BY random() LIMIT %s", SAMPLE)
        ids = [id_ for (id_,) in self._select(tree, Piece("s.id"), tail)]
        rows = self.env.execute_query(
            SQL("SELECT partner_id FROM veloc_trader WHERE id = ANY(%s)", ids)
        )
        return [partner_id for (partner_id,) in rows]

    @api.model
    def _channel_names(self):
        return (
            self.env["veloc.consent"]
            ._fields["channel"]
            ._description_selection(self.env)
        )

    @api.model
    def _prepare_reach(self, code, name, hits, asked, people):
        found = estimate(hits, asked, people)
        return {
            "channel": code,
            "name": name,
            "count": found.count,
            "low": found.low,
            "high": found.high,
        }

    # === WHY === #

    def explain(self, trader_id):
        """Return why this trader is in the segment or not (RPC).

        ``{"is_member", "fits", "lines": [{"depth", "text", "truth", "seen"}]}``.
        """
        self.ensure_one()
        self.check_access("read")
        trader = self.env["veloc.trader"].search([("id", "=", int(trader_id))])
        if not trader:
            raise ValidationError(self.env._("This trader is not known to you."))
        member = self.env["veloc.segment.member"].search(
            [("segment_id", "=", self.id), ("trader_id", "=", trader.id)]
        )
        answer = {"is_member": bool(member), "fits": bool(member), "lines": []}
        if self.kind == "static" or not self.definition:
            return answer
        tree = self._read_definition(self.definition, self.code)
        is_here, truths = self._look(tree, trader)
        lines = self.env["veloc.segment.words"]._say_tree(tree)
        seen = iter(truths)
        for line in lines:
            if line["path"]:
                line["truth"], line["seen"] = next(seen)
        if not is_here:
            away = self.env._("The person was taken out of use: no segment holds them.")
            lines.insert(0, {"depth": 0, "text": away, "path": "", "truth": False})
        fits = is_here and _holds(tree, iter([truth for truth, _seen in truths]))
        return {**answer, "fits": fits, "lines": lines}

    @api.model
    def _look(self, tree, trader):
        """Return whether the trader is in use, and (truth, seen) per condition."""
        clock = self.env["veloc.segment.engine"]._clock(fields.Datetime.now())
        found = segment_sql.explain(tree, clock, trader.id)
        self.env.flush_all()
        (row,) = self.env.execute_query(SQL(found.code, *found.params))
        words = self.env["veloc.segment.words"]
        return row[0], [
            (row[1 + 2 * n], words._say_seen(leaf.condition, row[2 + 2 * n], trader))
            for n, leaf in enumerate(leaves(tree))
        ]


def _holds(tree, truths):
    """Return what a tree comes to when its conditions are as ``truths`` say."""
    if not hasattr(tree, "verb"):
        return next(truths)
    values = [_holds(child, truths) for child in tree.children]
    return {"all": all(values), "any": any(values), "not": not values[0]}[tree.verb]
