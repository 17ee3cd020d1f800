"""What the trader's own page tells at a glance, in a fixed number of queries."""

from odoo import api, fields, models
from odoo.tools.misc import format_date, format_datetime

from odoo.addons.veloc_compliance.const import CHANNELS

from ...words import say_reason, say_selection

TASKS = 10


class VelocTrader(models.Model):
    """Care, contact, tasks and segments, read when somebody opens the page."""

    _inherit = "veloc.trader"

    care_words = fields.Char(
        compute="_compute_care_words",
        string="Protected Because Of",
        help="What holds back messages, and until when.",
    )

    # === COMPUTE === #

    @api.depends("partner_id")
    @api.depends_context("lang")
    def _compute_care_words(self):
        # sudo: why a person is protected is shown to whoever serves them.
        blocks_sudo = self.env["veloc.suppression"].sudo()
        standing = blocks_sudo.search(
            [("partner_id", "in", self.partner_id.ids), ("is_active", "=", True)]
        ).grouped("partner_id")
        for trader in self:
            blocks = standing.get(trader.partner_id, blocks_sudo)
            trader.care_words = " · ".join(map(self._say_block, blocks))

    @api.model
    def _say_block(self, block):
        said = say_selection(self.env, block._name, "kind", block.kind)
        if block.channel:
            channel = say_selection(self.env, block._name, "channel", block.channel)
            said = f"{said} ({channel})"
        if not block.until_at:
            return said
        day = format_date(self.env, block.until_at)
        return self.env._("%(reason)s until %(day)s", reason=said, day=day)

    # === BUSINESS === #

    @api.readonly
    def load_story(self):
        """Return what stands beside the timeline (RPC): may we contact this person,
        what is to be done, where they belong."""
        self.ensure_one()
        self.check_access("read")
        return {
            "contact": self._prepare_contact(),
            "tasks": self._prepare_tasks(),
            "segments": self._prepare_segments(),
        }

    def _prepare_contact(self):
        """Return the gate's word of this moment for each purpose and channel."""
        # sudo: the gate's look-ups; what is told is its verdict about this trader.
        env = self.sudo().env
        purposes = env["veloc.purpose"].search([("active", "=", True)])
        channels = dict(
            env["veloc.timeline"]._fields["channel"]._description_selection(env)
        )
        asks = [
            (self.partner_id.id, purpose.id, code)
            for purpose in purposes
            for code, _label in CHANNELS
        ]
        verdicts = env["veloc.contact.gate"]._ask(asks, fields.Datetime.now())
        told = iter(verdicts)
        return {
            "channels": list(channels.values()),
            "purposes": [
                {
                    "id": purpose.id,
                    "name": purpose.name,
                    "cells": [
                        self._prepare_verdict(code, label, next(told))
                        for code, label in channels.items()
                    ],
                }
                for purpose in purposes
            ],
        }

    def _prepare_verdict(self, code, label, verdict):
        words = say_reason(self.env, verdict.reason)
        if verdict.until:
            until = format_datetime(self.env, verdict.until, dt_format="short")
            words = self.env._("%(reason)s From %(until)s.", reason=words, until=until)
        return {
            "channel": code,
            "label": label,
            "allowed": verdict.allowed,
            "later": bool(verdict.until),
            "words": words,
        }

    def _prepare_tasks(self):
        """Return open activities and calls, the most urgent first."""
        today = fields.Date.context_today(self)
        activities = self.env["mail.activity"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "=", self.partner_id.id),
            ],
            limit=TASKS,
            order="date_deadline, id",
        )
        calls = self.env["veloc.call"].search(
            [("partner_id", "=", self.partner_id.id), ("state", "=", "open")],
            limit=TASKS,
            order="due_at, id",
        )
        tasks = [
            self._prepare_task(
                activity,
                activity.summary or activity.activity_type_id.name,
                activity.date_deadline,
                today,
            )
            for activity in activities
        ]
        tasks += [
            self._prepare_task(
                call,
                call.display_name,
                fields.Datetime.context_timestamp(self, call.due_at).date(),
                today,
            )
            for call in calls
        ]
        return sorted(tasks, key=lambda task: task["due"])

    def _prepare_task(self, record, what, due, today):
        return {
            "model": record._name,
            "id": record.id,
            "what": what,
            "who": record.user_id.name or "",
            "due": fields.Date.to_string(due),
            "due_words": format_date(self.env, due),
            "is_late": due < today,
        }

    def _prepare_segments(self):
        members = self.env["veloc.segment.member"].search(
            [("trader_id", "=", self.id)], order="since desc"
        )
        return [
            {
                "id": member.segment_id.id,
                "name": member.segment_id.name,
                "since": format_date(self.env, member.since),
            }
            for member in members
        ]
