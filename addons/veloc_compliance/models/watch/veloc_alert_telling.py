from markupsafe import Markup

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
        told = self._escalate(fields.Datetime.now())
        self.env["ir.cron"]._commit_progress(told, remaining=int(told == BATCH))

    def _escalate(self, now):
        """Climb with a batch of those that are due; return how many there were."""
        waiting = [("state", "=", "open"), ("escalates_at", "<=", now)]
        due = self.search(waiting, limit=BATCH).try_lock_for_update()
        due._climb(now)
        return len(due)

    # === WHO IS NEXT === #

    def _climb(self, now):
        """Tell the levels that are due, and write when the next one is."""
        if not self:
            return
        ladder = self.env["veloc.escalation"]._ladder()
        told, rules = self._told(), ladder._rules()
        steps, plan = [], []
        for alert in self:
            known = told.get((alert.id, alert.round), set())
            ready = escalation.due(rules, alert.severity, alert.clock_from, now, known)
            steps += [(alert, ladder.browse(rule.id)) for rule in ready]
            known = known.union(rule.id for rule in ready)
            at = escalation.next_at(rules, alert.severity, alert.clock_from, known)
            plan.append((alert, at or False))
        self._tell_once(steps, ladder, now)
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

    def _tell_once(self, steps, ladder, now):
        """Write who is told; only the server that wrote the row tells them."""
        if not steps:
            return
        numbers = {level.id: place for place, level in enumerate(ladder, 1)}
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_escalation_step
                    (alert_id, level_id, level_number, level_name, round, told_at)
                VALUES %s ON CONFLICT (alert_id, level_id, round) DO NOTHING
                RETURNING level_id, id
                """,
                SQL(", ").join(
                    self._prepare_step(alert, level, numbers[level.id], now)
                    for alert, level in steps
                ),
            )
        )
        self.invalidate_recordset(["step_ids"])
        written = {}
        for level_id, id_ in rows:
            written.setdefault(level_id, []).append(id_)
        for level_id, ids in written.items():
            new = self.env["veloc.escalation.step"].browse(ids)
            new._tell(ladder.browse(level_id), numbers[level_id] == 1, now)

    def _prepare_step(self, alert, level, number, now):
        return SQL("%s", (alert.id, level.id, number, level.name, alert.round, now))

    # === HOW === #

    def _notify(self, people, by_mail):
        """Put these alerts before the eyes of these people; mail them if so."""
        self._create_activities(people)
        mails = []
        for user in people:
            alerts = self.with_context(lang=user.lang)
            alerts.invalidate_recordset(["display_name"])
            user._bus_send("simple_notification", alerts._toast())
            if by_mail and user.email:
                mails.append(alerts._prepare_mail(user))
        if mails:
            # sudo: a letter of the house to its staff.
            self.env["mail.mail"].sudo().create(mails)
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _toast(self):
        worst = self.sorted("urgency")[-1:]
        title = worst.display_name
        if len(self) > 1:
            title = self.env._("%(count)s alerts", count=len(self))
        return {
            "type": TOASTS[worst.severity],
            "title": title,
            "message": worst.detail or "",
            "sticky": worst.severity == "critical",
        }

    def _create_activities(self, people):
        """List the alerts among what these people have to do."""
        listed = {
            (activity.res_id, activity.user_id.id)
            for activity in self.activity_search([ACTIVITY])
        }
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY)
        model_id = self.env["ir.model"]._get_id(self._name)
        # No mail for each: the ladder says who gets one.
        quiet = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        quiet.create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": alert.id,
                    "activity_type_id": type_id,
                    "user_id": user.id,
                    "summary": alert.display_name,
                    "automated": True,
                }
                for user in people
                for alert in self.with_context(lang=user.lang)
                if (alert.id, user.id) not in listed
            ]
        )

    def _prepare_mail(self, user):
        """Return the letter that tells one person of these alerts."""
        title = self._toast()["title"]
        return {
            "subject": self.env._("Veloc alert: %(title)s", title=title),
            "body_html": self.env["ir.qweb"]._render(
                "veloc_compliance.veloc_alert_mail",
                {"alerts": self, "user": user, "base_url": self[:1].get_base_url()},
                lang=user.lang,
            ),
            "email_to": user.email_formatted,
            "auto_delete": True,
        }

    def _log_lines(self, lines):
        """Write one line of history on each alert: {alert: text}."""
        bodies = {alert.id: Markup("<p>%s</p>") % text for alert, text in lines.items()}
        alerts = self.browse(bodies)
        if bodies:
            alerts._message_log_batch(bodies)

    def _forget_activities(self, keep=None):
        """Take the alert off the lists of those who need not act any more."""
        activities = self.activity_search([ACTIVITY], only_automated=True)
        activities.filtered(lambda a: a.user_id != keep).unlink()
