from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .caller import CHANNELS

# Marco Civil, art. 15: access logs are kept for six months.
KEEP_DAYS = 180

# Updated first: an INSERT with a conflict would use up an id each time.
COUNT = """
    WITH known AS (
        UPDATE veloc_signin_failure SET
            count = count + %(failed)s, refused = refused + %(refused)s,
            last_at = %(now)s,
            locked_until = GREATEST(locked_until, %(locked_until)s)
         WHERE day = %(day)s AND account_key = %(account)s
           AND address_key = %(bucket)s AND channel = %(channel)s
        RETURNING id)
    INSERT INTO veloc_signin_failure
        (day, user_id, login_hint, address, channel, count, refused,
         first_at, last_at, locked_until, account_key, address_key)
    SELECT %(day)s, %(user)s, %(hint)s, %(address)s, %(channel)s,
           %(failed)s, %(refused)s, %(now)s, %(now)s, %(locked_until)s,
           %(account)s, %(bucket)s
     WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (day, account_key, address_key, channel) DO UPDATE SET
        count = veloc_signin_failure.count + excluded.count,
        refused = veloc_signin_failure.refused + excluded.refused,
        last_at = excluded.last_at,
        locked_until = GREATEST(veloc_signin_failure.locked_until,
                                excluded.locked_until)
    RETURNING id
"""


class VelocSigninFailure(models.Model):
    """Who failed to sign in, from where and how often, per day; and who must wait.

    Counted, not listed one by one: an attack fills a number, not the disk. Written on
    a cursor of its own, because the request that failed is rolled back.
    """

    _name = "veloc.signin.failure"
    _description = "Failed sign-in"
    _order = "last_at desc, id desc"
    _log_access = False

    day = fields.Date(required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Account", readonly=True, ondelete="cascade")
    login_hint = fields.Char(
        "Name typed",
        readonly=True,
        help="Only the beginning, of a name nobody has: people type passwords there.",
    )
    address = fields.Char(readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True, required=True)
    count = fields.Integer("Failures", readonly=True)
    refused = fields.Integer(
        readonly=True, help="Tries while waiting; nothing was looked up."
    )
    first_at = fields.Datetime(readonly=True)
    last_at = fields.Datetime(readonly=True)
    locked_until = fields.Datetime("Must wait until", readonly=True)
    account_key = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    address_key = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    is_locked = fields.Boolean(
        "Waits now", compute="_compute_is_locked", search="_search_is_locked"
    )

    _once_a_day = models.UniqueIndex("(day, account_key, address_key, channel)")
    _lately = models.Index("(last_at)")

    # === COMPUTE === #

    @api.depends("locked_until")
    def _compute_is_locked(self):
        now = fields.Datetime.now()
        for row in self:
            row.is_locked = bool(row.locked_until and row.locked_until > now)

    def _search_is_locked(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        if set(value) == {True}:
            return [("locked_until", ">", now)]
        return ["|", ("locked_until", "=", False), ("locked_until", "<=", now)]

    @api.depends("user_id", "login_hint", "address")
    def _compute_display_name(self):
        for row in self:
            # sudo: the account's name, which the reader of the list is shown anyway.
            who = row.user_id.sudo().login or row.login_hint or ""
            row.display_name = f"{who} · {row.address or ''}"

    # === ACTIONS === #

    def action_unlock(self):
        """Let these accounts and addresses try again at once (button)."""
        if not self.env.user.has_groups(
            "veloc_compliance.group_officer,base.group_system"
        ):
            raise AccessError(
                self.env._("Only the officer and administrators unlock accounts.")
            )
        self.check_access("read")
        # sudo: the group was checked; the keys are shown to nobody.
        for row_sudo in self.sudo():
            row_sudo.env["veloc.signin"]._unlock(
                row_sudo.account_key, row_sudo.address_key
            )
            row_sudo.write({"locked_until": False})
            self.env["veloc.ledger.entry"]._note(
                "access",
                "res.users",
                row_sudo.user_id.id,
                public={"what": "unlocked", "failures": row_sudo.count},
            )
        return True

    # === BUSINESS === #

    @api.model
    def _count(self, attempt, wait=0, refused=False):
        """Add one to today's row of this attempt; ``wait`` locks it for so long."""
        now = fields.Datetime.now()
        locked_until = SQL("NULL::timestamp")
        if wait:
            locked_until = SQL("%s::timestamp + %s * interval '1 second'", now, wait)
        self.env["veloc.rate.limit"]._on_the_spot(
            SQL(
                COUNT,
                day=now.date(),
                now=now,
                failed=int(not refused),
                refused=int(refused),
                locked_until=locked_until,
                account=attempt.account,
                user=attempt.user_id,
                hint=attempt.hint,
                address=attempt.caller.address,
                bucket=attempt.caller.bucket,
                channel=attempt.caller.channel,
            )
        )
        self.invalidate_model(flush=False)

    @api.autovacuum
    def _gc_old(self):
        """Forget what is older than the law wants access logs kept."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM veloc_signin_failure WHERE day < %s",
                fields.Date.subtract(fields.Date.today(), days=KEEP_DAYS),
            )
        )
