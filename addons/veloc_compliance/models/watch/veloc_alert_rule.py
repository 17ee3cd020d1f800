from odoo import api, fields, models

SEVERITY_LABELS = [("info", "Notice"), ("warning", "Warning"), ("critical", "Critical")]


class VelocAlertRule(models.Model):
    """Something the watch looks for, how grave it is, and who answers for it."""

    _name = "veloc.alert.rule"
    _description = "Alert rule"
    _order = "sequence, id"

    name = fields.Char("Rule", required=True, translate=True)
    code = fields.Char(
        readonly=True, copy=False, help="Tells the rules apart; never changes."
    )
    sequence = fields.Integer(default=50)
    active = fields.Boolean(default=True)
    severity = fields.Selection(SEVERITY_LABELS, required=True, default="warning")
    description = fields.Text(
        "What it finds", translate=True, help="In one or two plain sentences."
    )
    advice = fields.Text(
        "What to do", translate=True, help="The first steps of whoever takes the alert."
    )
    article = fields.Char("Law or duty", help="For instance: LGPD art. 8.")
    every = fields.Integer(
        "Every (min)", required=True, default=1, help="Minutes between two looks."
    )
    threshold = fields.Integer(
        help="From how many, or how old, it counts; the description says which."
    )
    window = fields.Integer("Window (min)", help="How far back it looks, in minutes.")
    is_state = fields.Boolean(
        "Closes by itself",
        help="It describes a state: the alert closes when the cause is gone. Otherwise "
        "it describes an event, and a person closes it.",
    )
    owner_id = fields.Many2one(
        "res.users",
        "Answers for it",
        domain=[("share", "=", False)],
        help="Is told at once, and owns the alert until somebody else takes it.",
    )
    mark_ids = fields.One2many("veloc.watch.mark", "rule_id")

    _code_unique = models.UniqueIndex("(code)", "A rule with this code exists.")
    _numbers = models.Constraint(
        'CHECK (every BETWEEN 1 AND 1440 AND threshold >= 0 AND "window" >= 0)',
        "A rule looks once a minute at most and once a day at least.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Give every rule the mark that says how far it has been looked at."""
        rules = super().create(vals_list)
        # sudo: marks belong to the watch; nobody else writes them.
        self.env["veloc.watch.mark"].sudo().create([{"rule_id": r.id} for r in rules])
        return rules
