from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from ..rules import response_clock

BATCH = 200
ACTIVITY = "veloc_messaging.mail_activity_type_answer"


class VelocConversationClock(models.AbstractModel):
    """Asks people to step in, escalates, and lists at night who still waits.

    The due times stand on the rows since the person wrote, so that an idle minute
    costs three index probes. Each is taken by whoever comes first, once.
    """

    _name = "veloc.conversation.clock"
    _description = "Response clock"

    @api.model
    def _cron_tick(self):
        """Do what is due."""
        cron = self.env["ir.cron"]
        cron._commit_progress()
        for step in (self._step_in, self._escalate, self._list_unanswered):
            while count := step(fields.Datetime.now()):
                cron._commit_progress(count)
            cron._commit_progress()

    # === STEP IN === #

    @api.model
    def _step_in(self, now):
        """Ask somebody on duty to step in; return how many conversations."""
        talks = self._take("step_in_at", "stepped_in_at", now)
        load = self._load(talks.desk_id.user_ids)
        for talk in talks:
            user = self._on_duty(talk, load)
            if user:
                load[user] = load.get(user, 0) + 1
            self._ask(talk, user or talk.desk_id.supervisor_id, self._step_in_words)
            talk.round_id.stepped_in = 1
        talks._changed()
        return len(talks)

    def _on_duty(self, talk, load):
        """Return who is asked: the agent when on duty, else who has least to do."""
        duty = talk.desk_id.user_ids.filtered(
            lambda user: talk.company_id in user.company_ids
        )
        if talk.user_id in duty:
            return talk.user_id
        return min(duty, key=lambda user: (load.get(user, 0), user.id), default=None)

    def _load(self, users):
        if not users:
            return {}
        return dict(
            self.env["mail.activity"]._read_group(
                [
                    ("user_id", "in", users.ids),
                    ("res_model", "=", "veloc.conversation"),
                ],
                ["user_id"],
                ["__count"],
            )
        )

    def _step_in_words(self, env, talk):
        return env._(
            "%(person)s has been waiting for an answer for %(minutes)s working "
            "minutes. Please step in.",
            person=talk.display_name,
            minutes=talk.desk_id.step_in_minutes,
        )

    # === ESCALATION === #

    @api.model
    def _escalate(self, now):
        """Tell the supervisors; return how many conversations."""
        talks = self._take("escalate_at", "escalated_at", now)
        for talk in talks:
            self._ask(talk, talk.desk_id.supervisor_id, self._escalation_words)
            talk._message_log(body=self._escalation_note(talk))
            talk.round_id.escalated = 1
        talks._changed()
        return len(talks)

    def _escalation_note(self, talk):
        """Say it in the language of the supervisor: the job itself has none."""
        supervisor = talk.desk_id.supervisor_id
        return talk.with_context(lang=supervisor.lang or self.env.lang).env._(
            "Escalated to %(name)s: nobody answered within %(minutes)s working "
            "minutes.",
            name=supervisor.name or "—",
            minutes=talk.desk_id.escalate_minutes,
        )

    def _escalation_words(self, env, talk):
        return env._(
            "Escalated: %(person)s has been waiting for %(minutes)s working minutes "
            "and nobody answered.",
            person=talk.display_name,
            minutes=talk.desk_id.escalate_minutes,
        )

    # === BOTH === #

    def _take(self, due, done, now):
        """Take what is due, so that nobody else does; return the conversations.

        The caller commits: the taking and what follows from it are one.
        """
        self.env["veloc.dispatcher"]._read_committed()
        self.env["veloc.conversation"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE veloc_conversation SET %(due)s = NULL, %(done)s = %(now)s
                 WHERE id IN (SELECT id FROM veloc_conversation
                               WHERE %(due)s <= %(now)s ORDER BY %(due)s
                               LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)
                RETURNING id
                """,
                due=SQL.identifier(due),
                done=SQL.identifier(done),
                now=now,
                limit=BATCH,
            )
        )
        self.env["veloc.conversation"].invalidate_model(flush=False)
        return self.env["veloc.conversation"].browse(row[0] for row in rows)

    def _ask(self, talk, user, words):
        """Put an activity in front of a person and say so on their screen."""
        if not user:
            talk._message_log(body=talk.env._("Nobody is on duty at this desk."))
            return
        env = talk.with_context(lang=user.lang).env
        text = words(env, talk.with_env(env))
        talk.with_context(mail_activity_quick_update=True).activity_schedule(
            ACTIVITY, summary=text, user_id=user.id
        )
        user._bus_send(
            "simple_notification", {"message": text, "type": "warning", "sticky": True}
        )

    def _retime(self, desks):
        """Count the deadlines of those who wait anew."""
        talks = self.env["veloc.conversation"].search(
            [("desk_id", "in", desks.ids), ("waiting_since", "!=", False)]
        )
        for talk in talks:
            hours, desk = talk._hours(), talk.desk_id
            for due, done, minutes in (
                ("step_in_at", "stepped_in_at", desk.step_in_minutes),
                ("escalate_at", "escalated_at", desk.escalate_minutes),
            ):
                if not talk[done]:
                    talk[due] = response_clock.due_at(
                        hours, talk.waiting_since, minutes
                    )

    # === END OF THE DAY === #

    @api.model
    def _list_unanswered(self, now):
        """Give each supervisor the list of the day; return how many desks."""
        self.env["veloc.dispatcher"]._read_committed()
        self.env["veloc.desk"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM veloc_desk WHERE list_at <= %s AND active "
                "LIMIT 20 FOR NO KEY UPDATE SKIP LOCKED",
                now,
            )
        )
        desks = self.env["veloc.desk"].browse(row[0] for row in rows)
        desks.invalidate_recordset(flush=False)
        for desk in desks:
            talks = self.env["veloc.conversation"].search(
                [("desk_id", "=", desk.id), ("waiting_since", "!=", False)]
            )
            if talks and desk.supervisor_id:
                self._hand_over(desk, talks)
        desks._plan_list(now)
        return len(desks)

    def _hand_over(self, desk, talks):
        supervisor = desk.supervisor_id
        env = desk.with_context(
            lang=supervisor.lang, tz=desk.calendar_id.tz or "UTC"
        ).env
        lines = [
            Markup("<li><a href='/odoo/veloc-inbox/%s'>%s</a>: %s</li>")
            % (
                talk.id,
                talk.display_name,
                format_datetime(env, talk.waiting_since, dt_format="short"),
            )
            for talk in talks
        ]
        desk.activity_schedule(
            ACTIVITY,
            summary=env._("%(count)s people wait for an answer", count=len(talks)),
            note=Markup("<ul>%s</ul>") % Markup().join(lines),
            user_id=supervisor.id,
        )
