from odoo import fields, models


class VelocEscalationStep(models.Model):
    """That a level was told of an alert: the row that makes it happen once."""

    _name = "veloc.escalation.step"
    _description = "Escalation"
    _order = "told_at desc, level_number desc, id desc"
    _log_access = False
    _rec_name = "level_name"

    alert_id = fields.Many2one(
        "veloc.alert", required=True, readonly=True, ondelete="cascade", index=True
    )
    # A level that was used cannot be deleted, only archived: its history stands here.
    level_id = fields.Many2one(
        "veloc.escalation", required=True, readonly=True, ondelete="restrict"
    )
    level_number = fields.Integer("Step", required=True, readonly=True)
    level_name = fields.Char("Told level", required=True, readonly=True)
    round = fields.Integer(
        required=True, readonly=True, help="Rises when an alert grows graver."
    )
    told_at = fields.Datetime("Told", required=True, readonly=True)
    user_ids = fields.Many2many("res.users", string="People", readonly=True)
    by_mail = fields.Boolean("E-mail", readonly=True)

    _told_once = models.UniqueIndex(
        "(alert_id, level_id, round)", "This level has been told of this alert."
    )

    # === BUSINESS === #

    def _tell(self, level, is_first, now):
        """Tell the people of a level of the alerts of these rows, and keep who it was.

        Who answers for a rule is told with the first level.
        """
        people = level._people(now)
        for owner, steps in self.grouped(lambda step: step._answerer(is_first)).items():
            told = people | owner._veloc_present()
            for severity, same in steps.grouped(lambda s: s.alert_id.severity).items():
                by_mail = level._mails(severity)
                same.write({"user_ids": [(6, 0, told.ids)], "by_mail": by_mail})
                same.alert_id._notify(told, by_mail)
        self._keep_history()

    def _answerer(self, is_first):
        owner = self.alert_id.rule_id.owner_id
        return owner if is_first else owner.browse()

    def _keep_history(self):
        """Write on the alerts who was told: names in the chatter, ids in the ledger."""
        lines = {}
        for step in self:
            lines[step.alert_id] = self.env._(
                "Told %(level)s: %(people)s",
                level=step.level_name,
                people=", ".join(step.user_ids.mapped("name")),
            )
        self.alert_id._log_lines(lines)
        self.env["veloc.ledger.entry"]._note_many([s._prepare_note() for s in self])

    def _prepare_note(self):
        return {
            "kind": "alert",
            "model": self.alert_id._name,
            "res_id": self.alert_id.id,
            "public": {
                "event": "told",
                "level": self.level_number,
                "round": self.round,
                "users": self.user_ids.ids,
                "mail": self.by_mail,
            },
        }
