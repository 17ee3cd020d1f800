import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...rules import finding
from .veloc_alert_rule import SEVERITY_LABELS

_logger = logging.getLogger(__name__)

STATES = [
    ("open", "Open"),
    ("acknowledged", "Being looked at"),
    ("resolved", "Resolved"),
    ("false_alarm", "False alarm"),
]


class VelocAlert(models.Model):
    """A trouble that a person must know of, with its clock, until it is settled.

    One trouble (code and key) has one open alert, however often and by however many
    servers it is noticed. Rows are written by the methods below only.
    """

    _name = "veloc.alert"
    _description = "Alert"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "urgency desc, last_raised_at desc, id desc"
    _veloc_ledger_fields = frozenset({"state", "severity", "owner_id", "close_reason"})
    _veloc_ledger_subject = None
    _veloc_ledger_kind = "alert"
    _veloc_ledger_guard = frozenset({"update", "delete"})

    code = fields.Char(required=True, readonly=True)
    key = fields.Char(readonly=True, help="Tells two troubles of one kind apart.")
    rule_id = fields.Many2one("veloc.alert.rule", readonly=True, ondelete="set null")
    severity = fields.Selection(
        SEVERITY_LABELS, required=True, readonly=True, tracking=True
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="open", tracking=True
    )
    urgency = fields.Integer(
        compute="_compute_urgency",
        store=True,
        index=True,
        export_string_translation=False,
    )
    detail = fields.Text("What was found", readonly=True)
    raised_at = fields.Datetime("Since", required=True, readonly=True)
    last_raised_at = fields.Datetime("Last noticed", readonly=True)
    last_event_at = fields.Datetime(readonly=True)
    times = fields.Integer("Times noticed", readonly=True, default=1)
    clock_from = fields.Datetime("Clock runs from", readonly=True)
    round = fields.Integer(readonly=True, default=1)
    escalates_at = fields.Datetime("Next level told at", readonly=True)
    step_ids = fields.One2many("veloc.escalation.step", "alert_id", "Escalation")
    owner_id = fields.Many2one("res.users", readonly=True, tracking=True)
    about_user_id = fields.Many2one("res.users", "About", readonly=True)
    acknowledged_at = fields.Datetime(readonly=True)
    acknowledged_by_id = fields.Many2one("res.users", readonly=True)
    closed_at = fields.Datetime(readonly=True)
    closed_by_id = fields.Many2one("res.users", readonly=True)
    close_reason = fields.Text("Outcome", readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    advice = fields.Text("What to do", related="rule_id.advice", related_sudo=True)

    _one_open = models.UniqueIndex(
        "(code, COALESCE(key, '')) WHERE state IN ('open', 'acknowledged')",
        "This trouble has its alert.",
    )
    _by_key = models.Index("(code, key, last_event_at)")
    _to_escalate = models.Index(
        "(escalates_at) WHERE state = 'open' AND escalates_at IS NOT NULL"
    )

    # === COMPUTE === #

    @api.depends("rule_id", "code")
    def _compute_display_name(self):
        for alert in self:
            # sudo: the name of the rule is the name of the alert.
            alert.display_name = alert.rule_id.sudo().name or alert.code

    @api.depends("state", "severity")
    def _compute_urgency(self):
        for alert in self:
            alert.urgency = finding.urgency(alert.state, alert.severity)

    # === BUSINESS: RAISE AND CLEAR === #

    @api.model
    def _raise(self, code, key="", detail="", severity=None, res_model=None, res_id=0):
        """Open an alert and tell who must know; return it, or the one that is open."""
        found = finding.Finding(str(key), detail, res_model, res_id, severity)
        return self._raise_many(code, [found])

    @api.model
    def _finding(self, key, detail="", res_model=None, res_id=0, **more):
        """Return a finding; for addons above, which cannot import the rules."""
        return finding.Finding(key, detail, res_model, res_id, **more)

    @api.model
    def _raise_many(self, code, findings):
        """Open or renew the alerts of these findings, and return them.

        A constant number of statements, however many there are. What has an alert that
        was closed after the event itself (``at``) is settled, and left alone.
        """
        findings = finding.one_per_key(findings)
        # sudo: whoever notices a trouble may not write alerts, and must not need to.
        # A rule that is switched off may still be told by the part that knows.
        alerts_sudo = self.sudo().with_context(active_test=False)
        rule_sudo = alerts_sudo.env["veloc.alert.rule"].search([("code", "=", code)])
        standing = alerts_sudo._standing(code, [f.key for f in findings])
        known = [f for f in findings if f.key in standing]
        fresh = [f for f in findings if f.key not in standing]
        fresh = alerts_sudo._unsettled(code, fresh)
        opened = alerts_sudo._insert(code, rule_sudo, fresh)
        opened._note_opening()
        opened._climb(fields.Datetime.now())
        alerts_sudo._renew(standing, known)
        return opened.union(*(standing[f.key] for f in known))

    @api.model
    def _raise_apart(self, code, **more):
        """Raise an alert once this transaction has ended, however it ends.

        For those who notice a trouble while they only read, or are about to fail.
        """
        registry = self.env.registry

        def tell():
            try:
                with registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    env["veloc.alert"]._raise(code, **more)
            except Exception:
                _logger.exception("Alert %s could not be raised", code)

        self.env.cr.postcommit.add(tell)
        self.env.cr.postrollback.add(tell)

    @api.model
    def _clear(self, code, key=""):
        """Close the open alert of this trouble, because its cause is gone."""
        # sudo: see _raise_many.
        alerts = self.sudo()._standing(code, [str(key)])
        cleared = self.browse().union(*alerts.values()).sudo()
        cleared._close("resolved", self.env._("The cause is gone."), by_itself=True)
        return cleared

    def _standing(self, code, keys):
        """Return {key: alert} of the alerts of that code which are not over."""
        found = self.search(
            [
                ("code", "=", code),
                ("key", "in", [*keys, False] if "" in keys else keys),
                ("state", "in", finding.LIVE),
            ]
        )
        return {alert.key or "": alert for alert in found}

    def _unsettled(self, code, findings):
        """Return the findings whose event is newer than what was closed before."""
        dated = [f.key for f in findings if f.at]
        if not dated:
            return findings
        closed = self._read_group(
            [("code", "=", code), ("key", "in", dated)],
            ["key"],
            ["last_event_at:max"],
        )
        settled = {key or "": at for key, at in closed if at}
        return [
            f for f in findings if not (f.at and f.at <= settled.get(f.key, f.at.min))
        ]

    def _insert(self, code, rule, findings):
        """Insert one alert per finding, unless another server's is open already."""
        if not findings:
            return self.browse()
        now = fields.Datetime.now()
        rows = [self._prepare_row(code, rule, found, now) for found in findings]
        self.flush_model()
        inserted = self.env.execute_query(
            SQL(
                "INSERT INTO veloc_alert (%s) VALUES %s "
                "ON CONFLICT (code, COALESCE(key, '')) "
                "WHERE state IN ('open', 'acknowledged') DO NOTHING RETURNING id",
                SQL(", ").join(map(SQL.identifier, rows[0])),
                SQL(", ").join(SQL("%s", tuple(row.values())) for row in rows),
            )
        )
        return self.browse(id_ for (id_,) in inserted)

    def _note_opening(self):
        """Record the new ones: they were inserted by SQL, which no hook sees."""
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "alert",
                    "model": self._name,
                    "res_id": alert.id,
                    "public": {
                        "event": "opened",
                        "code": alert.code,
                        "key": alert.key or "",
                        "severity": alert.severity,
                    },
                }
                for alert in self
            ]
        )

    def _prepare_row(self, code, rule, found, now):
        severity = found.severity or rule.severity or "warning"
        return {
            "code": code,
            "key": found.key,
            "rule_id": rule.id or None,
            "severity": severity,
            "state": "open",
            "urgency": finding.urgency("open", severity),
            "detail": found.detail or None,
            "raised_at": now,
            "last_raised_at": now,
            "last_event_at": found.at,
            "times": 1,
            "clock_from": now,
            "round": 1,
            "owner_id": rule.owner_id.id or None,
            "about_user_id": found.about_user_id,
            "res_model": found.res_model,
            "res_id": found.res_id or None,
            "company_id": found.company_id,
            "create_uid": self.env.uid,
            "create_date": now,
            "write_uid": self.env.uid,
            "write_date": now,
        }

    def _renew(self, standing, findings):
        """Count what was noticed again; what grew graver is told from the start."""
        now = fields.Datetime.now()
        news = [f for f in findings if self._says_more(standing[f.key], f)]
        if not news:
            return
        self.flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE veloc_alert a SET times = times + 1, last_raised_at = %(now)s,
                    detail = COALESCE(n.detail, a.detail),
                    last_event_at = COALESCE(n.at, a.last_event_at)
                FROM (VALUES %(rows)s) AS n(id, detail, at) WHERE a.id = n.id
                RETURNING a.id
                """,
                now=now,
                rows=SQL(", ").join(
                    SQL(
                        "(%s, %s::text, %s::timestamp)",
                        standing[f.key].id,
                        f.detail or None,
                        f.at,
                    )
                    for f in news
                ),
            )
        )
        self.invalidate_model(["times", "last_raised_at", "detail", "last_event_at"])
        for found in news:
            standing[found.key]._grow(found.severity, now)

    def _says_more(self, alert, found):
        return not found.at or found.at > (alert.last_event_at or found.at.min)

    def _grow(self, severity, now):
        """Open an alert anew that turned out graver than those who took it knew."""
        if not severity or not finding.graver(severity, self.severity):
            return
        self.write(
            {
                "severity": severity,
                "state": "open",
                "clock_from": now,
                "round": self.round + 1,
            }
        )
        self._climb(now)

    # === BUSINESS: STATES === #

    def _check_may_act(self):
        if not self.env.user.has_group("veloc_compliance.group_advanced"):
            raise AccessError(self.env._("Only compliance analysts act on alerts."))
        # What follows runs elevated: alerts of other companies end here.
        self.check_access("read")

    def action_acknowledge(self):
        """Take the alert: it does not climb any further (button)."""
        self._check_may_act()
        # sudo: the group was checked; nobody has write access to alerts.
        self.sudo()._acknowledge_for(self.env.user)
        return True

    def _acknowledge_for(self, user):
        """Write who takes those that nobody has taken; the others forget them."""
        taken = self.filtered(lambda alert: alert.state == "open")
        taken.write(
            {
                "state": "acknowledged",
                "acknowledged_at": fields.Datetime.now(),
                "acknowledged_by_id": user.id,
                "owner_id": user.id,
                "escalates_at": False,
            }
        )
        taken._forget_activities(user)

    def action_open_record(self):
        """Open what the alert is about, with the reader's own rights (button)."""
        self.check_access("read")
        if self.res_model not in self.env or not self.res_id:
            raise UserError(self.env._("The record is gone."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def _close_by_person(self, state, reason):
        """Close with a person's word; an alert about oneself is closed by another."""
        self._check_may_act()
        if not (reason or "").strip():
            raise UserError(self.env._("Say what was done, or why it was nothing."))
        if self.about_user_id & self.env.user:
            raise UserError(
                self.env._("This alert is about you: somebody else closes it.")
            )
        # sudo: the group was checked; nobody has write access to alerts.
        self.sudo()._close(state, reason)

    def _close(self, state, reason, by_itself=False):
        """Write the end of those that are not over."""
        alerts = self.filtered(lambda alert: alert.state in finding.LIVE)
        if not alerts:
            return
        alerts.write(
            {
                "state": state,
                "closed_at": fields.Datetime.now(),
                "closed_by_id": False if by_itself else self.env.uid,
                "close_reason": reason,
                "escalates_at": False,
            }
        )
        alerts._forget_activities()
