from odoo import api, fields, models
from odoo.exceptions import UserError

from ...rules.finding import Finding, graver

SEVERITY_LABELS = [
    ("info", "Information"),
    ("warning", "Warning"),
    ("critical", "Critical"),
]
HOW = [
    ("check", "Looked for each minute"),
    ("told", "Told by the part itself"),
    ("built", "Built here"),
]


class VelocAlertRule(models.Model):
    """Something the watch looks for, how grave it is, and who answers for it."""

    _name = "veloc.alert.rule"
    _description = "Alert rule"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _veloc_ledger_fields = frozenset(
        {"active", "severity", "threshold", "window", "every", "owner_id", "domain"}
    )
    _veloc_ledger_subject = None
    _veloc_ledger_kind = "config"

    name = fields.Char("Rule", required=True, translate=True)
    code = fields.Char(
        readonly=True, copy=False, help="Tells the rules apart; never changes."
    )
    how = fields.Selection(
        HOW, required=True, readonly=True, default="built", copy=False
    )
    sequence = fields.Integer(default=50)
    active = fields.Boolean(default=True, tracking=True)
    severity = fields.Selection(
        SEVERITY_LABELS, required=True, default="warning", tracking=True
    )
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
        help="From how many, or how old, it counts; the description says which.",
        tracking=True,
    )
    window = fields.Integer(
        "Window (min)", help="How far back it looks, in minutes; 0: everything."
    )
    is_state = fields.Boolean(
        "Closes by itself",
        help="It describes a state: the alert closes when the cause is gone. Otherwise "
        "it describes an event, and a person closes it.",
    )
    owner_id = fields.Many2one(
        "res.users",
        "Answers for it",
        domain=[("share", "=", False)],
        tracking=True,
        help="Is told at once, and owns the alert until somebody else takes it.",
    )
    mark_ids = fields.One2many("veloc.watch.mark", "rule_id")
    looked_at = fields.Datetime("Last look", compute="_compute_mark")
    seconds = fields.Float("Took (s)", compute="_compute_mark", digits=(10, 3))
    error = fields.Char("Went wrong", compute="_compute_mark")
    alert_ids = fields.One2many("veloc.alert", "rule_id")
    open_count = fields.Integer("Not over", compute="_compute_open_count")

    _code_unique = models.UniqueIndex("(code)", "A rule with this code exists.")
    _numbers = models.Constraint(
        'CHECK (every BETWEEN 1 AND 1440 AND threshold >= 0 AND "window" >= 0)',
        "A rule looks once a minute at most and once a day at least.",
    )

    # === COMPUTE === #

    @api.depends("mark_ids")
    def _compute_mark(self):
        for rule in self:
            mark = rule.mark_ids[:1]
            rule.looked_at = mark.looked_at
            rule.seconds = mark.seconds
            rule.error = mark.error

    def _compute_open_count(self):
        groups = self.env["veloc.alert"]._read_group(
            [("rule_id", "in", self.ids), ("closed_at", "=", False)],
            ["rule_id"],
            ["__count"],
        )
        counts = {rule.id: count for rule, count in groups}
        for rule in self:
            rule.open_count = counts.get(rule.id, 0)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Give every rule its code, and the mark that says how far it was looked at."""
        rules = super().create([self._as_allowed(vals) for vals in vals_list])
        for rule in rules.filtered(lambda rule: not rule.code):
            # sudo: the code is the watch's own affair, nobody writes it.
            rule.sudo().code = f"built_{rule.id}"
        # sudo: marks belong to the watch; nobody else writes them.
        self.env["veloc.watch.mark"].sudo().create([{"rule_id": r.id} for r in rules])
        return rules

    def write(self, vals):
        """Keep code and kind as they are, and tell when a rule is made blunter."""
        vals = self._as_allowed(vals, is_new=False)
        blunter = self.filtered(lambda rule: rule._is_blunted(vals))
        result = super().write(vals)
        for rule in blunter:
            self.env["veloc.alert"]._raise_many("rule_blunted", [rule._blunted()])
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never_shipped(self):
        if self.filtered(lambda rule: rule.how != "built"):
            raise UserError(
                self.env._("A shipped rule can be switched off, not deleted.")
            )

    def _as_allowed(self, vals, is_new=True):
        """People build rules; which code is asked for a shipped one is not theirs."""
        if self.env.su:
            shipped = is_new and vals.get("code") and "how" not in vals
            return {**vals, "how": "check"} if shipped else vals
        return {key: vals[key] for key in vals if key not in ("code", "how")}

    def _is_blunted(self, vals):
        """Return whether these values make the rule find less, or matter less."""
        if self.env.su:
            return False
        off = self.active and not vals.get("active", True)
        milder = graver(self.severity, vals.get("severity") or self.severity)
        return off or milder

    def _blunted(self):
        """Return the finding that tells the others what was done to this rule."""
        text = self.env._(
            "%(rule)s was switched off or made milder by %(who)s.",
            rule=self.name,
            who=self.env.user.name,
        )
        return Finding(
            self.code,
            text,
            self._name,
            self.id,
            at=fields.Datetime.now(),
            about_user_id=self.env.uid,
        )

    # === ACTIONS === #

    def action_alerts(self):
        """Open the alerts of this rule (button)."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_compliance.veloc_alert_action"
        )
        action["domain"] = [("rule_id", "=", self.id)]
        return action
