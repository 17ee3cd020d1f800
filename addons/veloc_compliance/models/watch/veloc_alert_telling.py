from odoo import fields, models
from odoo.tools import SQL

from ...rules import escalation

ACTIVITY = "mail.mail_activity_data_warning"
TOASTS = {"info": "info", "warning": "warning", "critical": "danger"}
BATCH = 200


class VelocAlert(models.Model):
    """Telling people of an alert, level by level, each level once."""

    _inherit = "veloc.alert"

    def _cron_escalate(self):
        """Tell the next level of every alert whose time has come."""
        self.env["veloc.watch"]._read_committed()
        now = fields.Datetime.now()
        due = self.search(
            [("state", "=", "open"), ("escalates_at", "<=", now)], limit=BATCH
        ).try_lock_for_update()
        due._climb(now)
        self.env["ir.cron"]._commit_progress(len(due))

    def _climb(self, now):
        """Tell the levels that are due, and write when the next one is."""
        if not self:
            return
        ladder = self.env["veloc.escalation"]._ladder()
        numbers = {level.id: place for place, level in enumerate(ladder, 1)}
        told = self._told()
        rules = ladder._rules()
        plan, steps = [], []
        for alert in self:
            known = told.get((alert.id, alert.round), set())
            for rule in escalation.due(
                rules, alert.severity, alert.clock_from, now, known
            ):
                level = ladder.browse(rule.id)
                steps.append((alert, level, numbers[level.id]))
                known = known | {level.id}
            at = escalation.next_at(rules, alert.severity, alert.clock_from, known)
            plan.append((alert, at))
        self._tell_once(steps, now)
        for alert, at in plan:
            if alert.escalates_at != at:
                alert.escalates_at = at

    def _told(self):
        """Return {(alert id, round): ids of the levels that know}."""
        groups = self.env["veloc.escalation.step"]._read_group(
            [("alert_id", "in", self.ids)], ["alert_id", "round", "level_id"]
        )
        told = {}
        for alert, round_, level in groups:
            told.setdefault((alert.id, round_), set()).add(level.id)
        return told

    def _tell_once(self, steps, now):
        """Write who is told; only the server that wrote the row tells them."""
        if not steps:
            return
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_escalation_step
                    (alert_id, level_id, level_number, level_name, round, told_at)
                VALUES %s
                ON CONFLICT (alert_id, level_number, round) DO NOTHING
                RETURNING id, alert_id, level_id
                """,
                SQL(", ").join(
                    SQL(
                        "%s",
                        (alert.id, level.id, number, level.name, alert.round, now),
                    )
                    for alert, level, number in steps
                ),
            )
        )
        for id_, alert_id, level_id in rows:
            step = self.env["veloc.escalation.step"].browse(id_)
            self.browse(alert_id)._tell(step, level_id, now)

    def _tell(self, step, level_id, now):
        """Tell the people of one level: screen, activity, e-mail."""
        level = self.env["veloc.escalation"].browse(level_id)
        people = level._people(now)
        step.user_ids = people
        for user in people:
            alert = self.with_context(lang=user.lang)
            alert.invalidate_recordset(["display_name"])
            user._bus_send(
                "simple_notification",
                {
                    "type": TOASTS[self.severity],
                    "title": alert.display_name,
                    "message": self.detail or "",
                    "sticky": self.severity == "critical",
                },
            )

    def _forget_activities(self, keep=None):
        """Take the alert off the lists of those who need not act any more."""
        activities = self.activity_search([ACTIVITY], only_automated=True)
        activities.filtered(lambda a: a.user_id != keep).unlink()
