"""Why is this person (not) in this segment?"""

from markupsafe import Markup

from odoo import api, fields, models


class VelocSegmentExplain(models.TransientModel):
    """A segment, a person, and the truth of each condition with what was seen."""

    _name = "veloc.segment.explain"
    _description = "Why In This Segment"

    segment_id = fields.Many2one("veloc.segment", required=True, ondelete="cascade")
    trader_id = fields.Many2one("veloc.trader", string="Person", ondelete="cascade")
    answer = fields.Html(compute="_compute_answer")

    @api.depends("segment_id", "trader_id")
    def _compute_answer(self):
        for question in self:
            question.answer = (
                question.trader_id
                and question.segment_id
                and question._say(question.segment_id.explain(question.trader_id.id))
            )

    def _say(self, found):
        """Return the explanation as a list that can be read aloud."""
        if found["is_member"]:
            head = self.env._("Is in the segment.")
        elif found["fits"]:
            head = self.env._("Fits, and comes in within a minute.")
        else:
            head = self.env._("Is not in the segment.")
        lines = Markup("").join(self._say_line(line) for line in found["lines"])
        return Markup("<p><strong>%s</strong></p><ul class='list-unstyled'>%s</ul>") % (
            head,
            lines,
        )

    def _say_line(self, line):
        mark = {True: "✓", False: "✗", None: ""}[line.get("truth")]
        seen = line.get("seen")
        told = self.env._("(seen: %(seen)s)", seen=seen) if seen else ""
        return Markup(
            "<li style='padding-inline-start:%srem'>%s %s "
            "<span class='text-muted'>%s</span></li>"
        ) % (line["depth"], mark, line["text"], told)
