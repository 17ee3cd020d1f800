from odoo import fields, models


class VelocEscalationStep(models.Model):
    """That a level was told of an alert: the row that makes it happen once."""

    _name = "veloc.escalation.step"
    _description = "Escalation"
    _order = "told_at desc, id desc"
    _log_access = False

    alert_id = fields.Many2one(
        "veloc.alert", required=True, readonly=True, ondelete="cascade", index=True
    )
    # No foreign key to obey: a level that is removed leaves its history.
    level_id = fields.Many2one("veloc.escalation", readonly=True, ondelete="set null")
    level_number = fields.Integer(required=True, readonly=True)
    level_name = fields.Char("Level", required=True, readonly=True)
    round = fields.Integer(
        required=True, readonly=True, help="Rises when an alert grows graver."
    )
    told_at = fields.Datetime("Told", required=True, readonly=True)
    user_ids = fields.Many2many("res.users", string="People", readonly=True)
    by_mail = fields.Boolean("E-mail", readonly=True)

    _told_once = models.UniqueIndex(
        "(alert_id, level_number, round)", "This level has been told of this alert."
    )
