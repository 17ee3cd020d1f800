import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

KINDS = [
    ("account_paused", "Account paused"),
    ("no_credentials", "No credentials"),
    ("queue_stuck", "Queue stuck"),
    ("failures", "Too many failures"),
    ("complaints", "Too many complaints"),
    ("opt_outs", "Too many opt-outs"),
    ("slow_delivery", "Slow delivery"),
    ("bad_signatures", "Bad signatures"),
    ("database_copy", "Copy of a database"),
    ("other", "Other"),
]
SEVERITIES = [("info", "Notice"), ("warning", "Warning"), ("critical", "Critical")]
ACTIVITY = "mail.mail_activity_data_warning"
_TOASTS = {"info": "info", "warning": "warning", "critical": "danger"}


class VelocMessagingAlert(models.Model):
    """Something about the sending that a person should know, until it is over.

    One trouble has one open alert, however often it is noticed.
    """

    _name = "veloc.messaging.alert"
    _description = "Messaging alert"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "closed_at desc, opened_at desc, id desc"

    kind = fields.Selection(KINDS, required=True, readonly=True)
    account_id = fields.Many2one("veloc.account", readonly=True, ondelete="cascade")
    key = fields.Char(readonly=True, help="Tells two troubles of one kind apart.")
    severity = fields.Selection(
        SEVERITIES, required=True, readonly=True, default="warning"
    )
    detail = fields.Char(readonly=True)
    opened_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    closed_at = fields.Datetime(readonly=True, help="When the trouble was over.")
    acknowledged_at = fields.Datetime(readonly=True)
    acknowledged_by_id = fields.Many2one("res.users", readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("acknowledged", "Being looked at"), ("closed", "Over")],
        compute="_compute_state",
        store=True,
    )
    company_id = fields.Many2one("res.company", readonly=True)

    _one_open = models.UniqueIndex(
        "(kind, COALESCE(account_id, 0), COALESCE(key, '')) WHERE closed_at IS NULL",
        "This trouble has its alert.",
    )

    # === COMPUTE === #

    @api.depends("kind", "account_id")
    def _compute_display_name(self):
        for alert in self:
            account = alert.account_id.name
            alert.display_name = " · ".join(filter(None, [alert._label(), account]))

    @api.depends("closed_at", "acknowledged_at")
    def _compute_state(self):
        for alert in self:
            seen = "acknowledged" if alert.acknowledged_at else "open"
            alert.state = "closed" if alert.closed_at else seen

    def _label(self):
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    # === ACTIONS === #

    def action_acknowledge(self):
        """Tell the others that somebody is looking at it (button)."""
        self._check_manager()
        news = self.filtered(lambda alert: alert.state == "open")
        # sudo: the group was checked; nobody has write access to alerts.
        news.sudo().write(
            {
                "acknowledged_at": fields.Datetime.now(),
                "acknowledged_by_id": self.env.uid,
            }
        )
        return True

    def action_close(self):
        """Call it over by hand; it opens anew if it happens again (button)."""
        self._check_manager()
        # sudo: the group was checked; nobody has write access to alerts.
        self.sudo()._close()
        return True

    def action_real_one(self):
        """Say that this database sends, not the one it was copied from (button)."""
        self._check_manager()
        if self.kind != "database_copy":
            raise UserError(self.env._("This alert is about something else."))
        # sudo: the group was checked; the identity is a technical parameter.
        self.env["veloc.database.identity"].sudo()._adopt()
        return True

    def _check_manager(self):
        if not self.env.user.has_group("veloc_messaging.group_manager"):
            raise AccessError(self.env._("Only messaging managers act on alerts."))
        # What follows runs elevated: other companies' alerts end here.
        self.check_access("read")

    # === BUSINESS === #

    @api.model
    def _raise(self, kind, account=None, severity="warning", detail="", key=None):
        """Open an alert and tell the managers; return it, or the one that is open."""
        if kind not in dict(KINDS):
            # An alert must never be what breaks the sending.
            _logger.error("Alert of an unknown kind: %s", kind)
            kind, key = "other", f"{kind}:{key or ''}"
        account_id = account.id if account else None
        values = {
            "kind": kind,
            "account_id": account_id,
            "key": key or None,
            "severity": severity,
            "detail": detail or None,
            "state": "open",
            "company_id": account.company_id.id or None if account else None,
            "opened_at": fields.Datetime.now(),
        }
        # sudo: whoever notices it may not write alerts, and must not need to.
        alerts_sudo = self.sudo()
        if opened := alerts_sudo._insert_once(values):
            opened._tell_managers()
            return opened
        return alerts_sudo._find_open(kind, account_id, key)

    @api.model
    def _clear(self, kind, account=None, key=None):
        """Close the open alert of this trouble, if there is one; return it."""
        # sudo: see _raise.
        alerts_sudo = self.sudo()
        alert = alerts_sudo._find_open(kind, account.id if account else None, key)
        alert._close()
        return alert

    def _insert_once(self, values):
        """Insert, unless another worker's alert is open already."""
        columns = {
            **values,
            "create_uid": self.env.uid,
            "create_date": values["opened_at"],
            "write_uid": self.env.uid,
            "write_date": values["opened_at"],
        }
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "INSERT INTO veloc_messaging_alert (%s) VALUES %s "
                "ON CONFLICT (kind, COALESCE(account_id, 0), COALESCE(key, '')) "
                "WHERE closed_at IS NULL DO NOTHING RETURNING id",
                SQL(", ").join(map(SQL.identifier, columns)),
                tuple(columns.values()),
            )
        )
        return self.browse(row[0] for row in rows)

    def _find_open(self, kind, account_id, key):
        return self.search(
            [
                ("kind", "=", kind),
                ("account_id", "=", account_id or False),
                ("key", "=", key or False),
                ("closed_at", "=", False),
            ]
        )

    def _close(self):
        alerts = self.filtered(lambda alert: not alert.closed_at)
        alerts.write({"closed_at": fields.Datetime.now()})
        alerts.activity_unlink([ACTIVITY])

    def _tell_managers(self):
        """Give every manager of the company an activity and a notice on the screen."""
        self.ensure_one()
        activity_type = self.env.ref(ACTIVITY, raise_if_not_found=False)
        activities = []
        for user in self._managers():
            alert = self.with_context(lang=user.lang)
            alert.invalidate_recordset(["display_name"])
            user._bus_send(
                "simple_notification",
                {
                    "type": _TOASTS[self.severity],
                    "title": alert.display_name,
                    "message": self.detail or "",
                    "sticky": self.severity == "critical",
                },
            )
            activities.append(
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": self.id,
                    "activity_type_id": activity_type and activity_type.id,
                    "user_id": user.id,
                    "summary": alert.display_name,
                    "automated": True,
                }
            )
        # No mail for each: the list and the bell tell, and this may be a sender.
        quiet = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        quiet.create(activities)

    def _managers(self):
        group = self.env.ref("veloc_messaging.group_manager")
        company = self.company_id
        return group.all_user_ids.filtered(
            lambda user: user.active and (not company or company in user.company_ids)
        )
