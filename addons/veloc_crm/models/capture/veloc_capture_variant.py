from odoo import api, fields, models
from odoo.exceptions import UserError

from ...rules import capture_split

VERDICTS = [
    ("not_enough", "Not enough data"),
    ("too_early", "Too early to say"),
    ("better", "Better"),
    ("worse", "Worse"),
    ("no_difference", "No difference"),
]
TEXTS = ("title", "body", "offer", "button")


class VelocCaptureVariant(models.Model):
    """One wording of a form; the first in order is what the others are held against."""

    _name = "veloc.capture.variant"
    _description = "Variant of a capture form"
    _veloc_ledger_fields = frozenset({"form_id", "name", "weight", *TEXTS})
    _veloc_ledger_kind = "config"
    _order = "form_id, sequence, id"

    form_id = fields.Many2one(
        "veloc.capture.form", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="form_id.company_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, default="A", help="For your own eyes.")
    weight = fields.Integer(
        default=1, help="Its share of the visitors among all weights; 0: not shown."
    )
    title = fields.Char(required=True, translate=True)
    body = fields.Text(required=True, translate=True)
    offer = fields.Char(translate=True, help="One line that stands out, if any.")
    button = fields.Char(
        required=True, translate=True, default=lambda self: self.env._("Send")
    )
    shows = fields.Integer("Views", compute="_compute_numbers")
    closes = fields.Integer("Closings", compute="_compute_numbers")
    submissions = fields.Integer("Sendings", compute="_compute_numbers")
    confirmations = fields.Integer(compute="_compute_numbers")
    rate = fields.Float(
        "Confirmed of views", compute="_compute_numbers", digits=(16, 4)
    )
    verdict = fields.Selection(VERDICTS, compute="_compute_verdict")
    difference = fields.Float(compute="_compute_verdict", digits=(16, 4))
    low = fields.Float("From", compute="_compute_verdict", digits=(16, 4))
    high = fields.Float("To", compute="_compute_verdict", digits=(16, 4))
    verdict_words = fields.Char("Against the first", compute="_compute_verdict")

    _weight_positive = models.Constraint(
        "CHECK (weight BETWEEN 0 AND 1000)", "A weight is a number from 0 to 1000."
    )

    # === COMPUTE === #

    @api.depends("form_id.day_ids.shows", "form_id.day_ids.confirmations")
    def _compute_numbers(self):
        names = ("shows", "closes", "submissions", "confirmations")
        rows = self.env["veloc.capture.day"]._read_group(
            [("variant_id", "in", self.ids)],
            ["variant_id"],
            [f"{name}:sum" for name in names],
        )
        found = {variant: numbers for variant, *numbers in rows}
        for variant in self:
            numbers = found.get(variant, (0, 0, 0, 0))
            for name, number in zip(names, numbers, strict=True):
                variant[name] = number
            variant.rate = variant._arm().rate or 0.0

    @api.depends("shows", "confirmations", "form_id.planned_shows")
    @api.depends_context("lang")
    def _compute_verdict(self):
        for variant in self:
            found = variant._compare()
            variant.verdict = found and found.verdict
            variant.difference = (found and found.difference) or 0.0
            variant.low = (found and found.low) or 0.0
            variant.high = (found and found.high) or 0.0
            variant.verdict_words = variant._words(found)

    def _arm(self):
        return capture_split.Arm(self.shows, self.confirmations)

    def _compare(self):
        """Return the comparison with the first variant; None for that one itself."""
        others = self.form_id.variant_ids
        control = others[:1]
        if not control or self == control:
            return None
        return capture_split.compare(
            control._arm(), self._arm(), self.form_id.planned_shows, len(others) - 1
        )

    def _words(self, found):
        if found is None:
            return self.env._("The first: the others are held against it.")
        label = dict(self._fields["verdict"]._description_selection(self.env))
        if found.difference is None:
            return label[found.verdict]
        points = [
            self.env["ir.qweb.field.float"].value_to_html(100 * value, {"precision": 1})
            for value in (found.difference, found.low, found.high)
        ]
        return self.env._(
            "%(verdict)s: %(difference)s points (from %(low)s to %(high)s)",
            verdict=label[found.verdict],
            difference=points[0],
            low=points[1],
            high=points[2],
        )

    # === CONSTRAINTS === #

    @api.constrains("weight", *TEXTS)
    def _check_live(self):
        """A text of a live form is held to the style guide when it changes, too."""
        self.form_id._check_live()

    # === CRUD === #

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unseen(self):
        """Its numbers would go with it, and a comparison with them."""
        if self.filtered("shows"):
            raise UserError(
                self.env._("People have seen this text: set its weight to 0 instead.")
            )

    # === BUSINESS === #

    def _what_is_forbidden(self):
        """Return a sentence about words that the style guide forbids, or nothing."""
        guide = self.env["veloc.conversation.reply"]
        for lang, _label in self.env["res.lang"].get_installed():
            for variant in self.with_context(lang=lang):
                text = "\n".join(variant[name] or "" for name in TEXTS)
                if found := guide._forbidden(text, "email", lang):
                    return self.env._(
                        "The style guide forbids “%(words)s” in variant %(name)s.",
                        words="”, “".join(found),
                        name=variant.name,
                    )
        return None
