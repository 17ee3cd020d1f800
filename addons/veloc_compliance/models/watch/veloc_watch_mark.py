from odoo import fields, models


class VelocWatchMark(models.Model):
    """How far the watch has looked for one rule.

    It stands apart from the rule: the rule is configuration and each change of it is
    evidence, this row moves every minute.
    """

    _name = "veloc.watch.mark"
    _description = "Progress of a rule"
    _log_access = False

    rule_id = fields.Many2one("veloc.alert.rule", required=True, ondelete="cascade")
    looked_at = fields.Datetime(readonly=True)
    seen_until = fields.Datetime(readonly=True)
    seconds = fields.Float(readonly=True, digits=(10, 3))
    failures = fields.Integer(readonly=True)
    error = fields.Char(readonly=True)
    # Of a built rule: what the database counted in its tables, when it was asked.
    counter = fields.Char(readonly=True)
    asked_at = fields.Datetime(readonly=True)

    _one_per_rule = models.UniqueIndex("(rule_id)", "A rule has one mark.")
