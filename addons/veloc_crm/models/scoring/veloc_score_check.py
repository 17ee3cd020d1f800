from odoo import fields, models

VERDICTS = [
    ("good", "As it should be"),
    ("drift", "People have changed"),
    ("miscalibrated", "Says too much or too little"),
    ("replaced", "A better one took its place"),
]


class VelocScoreCheck(models.Model):
    """A weekly look at a model in use: what it said thirty days ago, and what came."""

    _name = "veloc.score.check"
    _description = "Score Check"
    _order = "day desc, id desc"
    _rec_name = "day"

    model_id = fields.Many2one(
        "veloc.score.model", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="model_id.company_id")
    day = fields.Date(required=True, readonly=True)
    people = fields.Integer(readonly=True)
    expected = fields.Float("Said", readonly=True, digits=(6, 4))
    observed = fields.Float("Came", readonly=True, digits=(6, 4))
    auc = fields.Float("AUC", readonly=True, digits=(4, 3))
    brier = fields.Float(readonly=True, digits=(6, 4))
    drift = fields.Float("Largest Drift", readonly=True, digits=(6, 3))
    drifts = fields.Json(readonly=True, help="Drift (PSI) of each input and the score.")
    candidate_brier = fields.Float("Brier of the New One", readonly=True, digits=(6, 4))
    verdict = fields.Selection(VERDICTS, required=True, readonly=True)

    _model_idx = models.Index("(model_id, day DESC)")
