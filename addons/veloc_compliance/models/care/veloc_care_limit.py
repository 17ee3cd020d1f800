from collections import defaultdict
from datetime import UTC, timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...rules import care_limit

KINDS = [("deposit", "Deposits"), ("loss", "Losses"), ("time", "Time on the platform")]
PERIODS = [("day", "Each day"), ("week", "Each week"), ("month", "Each month")]
STATES = [
    ("active", "In force"),
    ("waiting", "Waiting for its time"),
    ("replaced", "Replaced"),
    ("cancelled", "Cancelled"),
]
_DESK = "veloc_compliance.group_advanced"
_PROGRAM = "veloc_compliance.group_recorder"
MOST_ITEMS = 1000


class VelocCareLimit(models.Model):
    """A limit that a person set for themselves; lower at once, higher after a wait.

    Rows are never edited: a new limit replaces the old one, so the history stands.
    """

    _name = "veloc.care.limit"
    _description = "Limit of a person's own"
    _order = "id desc"
    _rec_name = "partner_id"
    _veloc_ledger_fields = frozenset({"state", "amount", "minutes", "is_removal"})
    _veloc_ledger_subject = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    period = fields.Selection(PERIODS, required=True, readonly=True)
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True, ondelete="restrict")
    minutes = fields.Integer(readonly=True)
    is_removal = fields.Boolean("No limit any more", readonly=True)
    shown = fields.Char("Limit", compute="_compute_shown")
    state = fields.Selection(STATES, required=True, readonly=True)
    source = fields.Char(required=True, readonly=True)
    asked_at = fields.Datetime("Asked", required=True, readonly=True)
    effective_at = fields.Datetime("In force from", required=True, readonly=True)
    ended_at = fields.Datetime("Until", readonly=True)

    _one_active = models.UniqueIndex(
        "(partner_id, kind, period) WHERE state = 'active'",
        "A person has one limit of a kind for a period.",
    )
    _one_waiting = models.UniqueIndex(
        "(partner_id, kind, period) WHERE state = 'waiting'",
        "One change of a limit can wait.",
    )
    _due_idx = models.Index("(effective_at) WHERE state = 'waiting'")
    _says_how_much = models.Constraint(
        "CHECK (is_removal OR (kind = 'time' AND COALESCE(minutes, 0) > 0)"
        " OR (kind <> 'time' AND amount >= 0 AND currency_id IS NOT NULL))",
        "A limit says an amount with its currency, or minutes where it is about time.",
    )

    # === COMPUTE === #

    @api.depends("amount", "minutes", "is_removal", "currency_id", "kind")
    def _compute_shown(self):
        for limit in self:
            if limit.is_removal:
                limit.shown = self.env._("no limit")
            elif limit.kind == "time":
                limit.shown = self.env._("%(count)s minutes", count=limit.minutes)
            else:
                limit.shown = limit.currency_id.format(limit.amount)

    @api.depends("partner_id", "kind", "period")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for limit in self:
            name = limit.partner_id.display_name
            limit.display_name = f"{name} · {kinds.get(limit.kind, '')}"

    # === FOR PROGRAMS === #

    @api.model
    def set_limits(self, items):
        """Record what people decided; return what became of each, in order.

        An item is ``{"partner_id", "kind", "period", "amount", "currency"}`` (decimal
        text), with ``minutes`` instead for time; without an amount the limit is to
        be taken away. The answer is ``{"partner_id", "state", "effective_at"}``.
        """
        if not self.env.user.has_group(_PROGRAM):
            raise AccessError(self.env._("You may not record what people decided."))
        if len(items) > MOST_ITEMS:
            raise UserError(self.env._("At most %(count)s at once.", count=MOST_ITEMS))
        # sudo: nobody has create rights; the caller may record decisions.
        limits = self.sudo()._set_many([self._read_item(item) for item in items])
        return [
            {
                "partner_id": limit.partner_id.id,
                "state": limit.state,
                "effective_at": fields.Datetime.to_string(limit.effective_at),
            }
            for limit in limits
        ]

    def _read_item(self, item):
        """Return the arguments of ``_set_limit`` in an item, or say what is wrong."""
        kind, period = item.get("kind"), item.get("period")
        is_time = kind == "time"
        try:
            value = item.get("minutes" if is_time else "amount")
            value = None if value is None else Decimal(str(value))
        except ArithmeticError:
            value = Decimal(-1)
        is_known = kind in care_limit.KINDS and period in care_limit.PERIODS
        if not is_known or (value is not None and not 0 <= value < 10**12):
            raise UserError(self.env._("A limit has a kind, a period and an amount."))
        people = self.env["res.partner"].browse(item.get("partner_id")).exists()
        if not people:
            raise UserError(self.env._("Nobody has this contact id."))
        return {
            "partner_id": people.id,
            "kind": kind,
            "period": period,
            "value": value,
            "currency": self._currency(item.get("currency")),
            "source": str(item.get("source") or "program")[:64],
        }

    def _currency(self, code):
        if not code:
            return self.env.company.currency_id
        currencies = self.env["res.currency"].with_context(active_test=False)
        found = currencies.search([("name", "=", code)])
        if not found:
            raise UserError(self.env._("There is no currency “%(code)s”.", code=code))
        return found

    # === BUSINESS === #

    @api.model
    def _set_limit(self, partner, kind, period, value, currency=None, source=""):
        """Make this the person's limit, at once or after the wait; return the row.

        ``value`` None takes the limit away, which is the highest limit of all.
        """
        wish = {"partner_id": partner.id, "kind": kind, "period": period}
        wish |= {"value": value, "currency": currency, "source": source}
        return self._set_many([wish])[0]

    @api.model
    def _set_many(self, wishes):
        """Set the limits of these wishes (arguments of ``_set_limit``), in order.

        Constant queries, unless a person changes the same limit several times.
        """
        made = [self.browse()] * len(wishes)
        rounds, turns = defaultdict(list), defaultdict(int)
        for position, wish in enumerate(wishes):
            key = _key(wish)
            rounds[turns[key]].append(position)
            turns[key] += 1
        for positions in rounds.values():
            rows = self._set_round([wishes[position] for position in positions])
            for position, row in zip(positions, rows, strict=True):
                made[position] = row
        return made

    def _set_round(self, wishes):
        now, delay = fields.Datetime.now(), self._delay()
        standing = self._find_rows({wish["partner_id"] for wish in wishes})
        replaced, cancelled, values = self.browse(), self.browse(), []
        for wish in wishes:
            current, waiting = (
                standing.get((_key(wish), state), self.browse())
                for state in ("active", "waiting")
            )
            currency = wish.get("currency") or self.env.company.currency_id
            verdict = care_limit.judge(
                current._value_in(currency, now), wish["value"], now, delay
            )
            # Whatever waited is overtaken by what the person says now.
            cancelled |= waiting
            if verdict.effect == care_limit.TIGHTEN:
                replaced |= current
            values.append(
                verdict.effect != care_limit.KEEP
                and self._prepare_limit_values(wish, currency, verdict, now)
            )
        cancelled._end_as("cancelled", now)
        replaced._end_as("replaced", now)
        return self._create_round(wishes, values, standing)

    def _create_round(self, wishes, values, standing):
        created = iter(self.create([v for v in values if v]))
        rows = [
            next(created) if v else standing.get((_key(w), "active"), self.browse())
            for v, w in zip(values, wishes, strict=True)
        ]
        waits = [row.effective_at for row in rows if row.state == "waiting"]
        if waits:
            # sudo: waking a job is all that happens.
            self.env.ref("veloc_compliance.ir_cron_care_due").sudo()._trigger(waits)
        return rows

    def _find_rows(self, partner_ids):
        """Return ``{((partner, kind, period), state): row}`` in force or waiting."""
        rows = self.search(
            [
                ("partner_id", "in", list(partner_ids)),
                ("state", "in", ("active", "waiting")),
            ]
        )
        return {
            ((row.partner_id.id, row.kind, row.period), row.state): row for row in rows
        }

    def _value_in(self, currency, now):
        """Return the limit as a decimal in that currency, None without one."""
        if not self:
            return None
        if self.kind == "time":
            return Decimal(self.minutes)
        amount = self.currency_id._convert(
            self.amount, currency, self.env.company, now.date()
        )
        return Decimal(str(amount)).quantize(Decimal("0.01"))

    @api.model
    def _prepare_limit_values(self, wish, currency, verdict, now):
        values = {
            "partner_id": wish["partner_id"],
            "kind": wish["kind"],
            "period": wish["period"],
            "state": "active" if verdict.effect == care_limit.TIGHTEN else "waiting",
            "source": wish.get("source") or "staff",
            "asked_at": now,
            "effective_at": verdict.effective_at,
        }
        if wish["value"] is None:
            return values | {"is_removal": True}
        if wish["kind"] == "time":
            return values | {"minutes": max(int(wish["value"]), 1)}
        return values | {"amount": float(wish["value"]), "currency_id": currency.id}

    def _delay(self):
        # sudo: a number in the settings.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        text = parameters_sudo.get_param("veloc_compliance.limit_raise_hours") or "24"
        hours = int(text) if text.isdecimal() else 24
        return timedelta(hours=min(hours, 10_000))

    def _end_as(self, state, now):
        if self:
            self.write({"state": state, "ended_at": now})
            # The unique indexes must see it before the next row comes.
            self.flush_recordset()

    @api.model
    def _apply_due(self, limit=200):
        """Let raises take effect whose time has come; return how many."""
        now = fields.Datetime.now()
        due = self.search(
            [("state", "=", "waiting"), ("effective_at", "<=", now)],
            order="effective_at, id",
            limit=limit,
        ).try_lock_for_update()
        standing = self._find_rows(due.partner_id.ids)
        for row in due:
            key = row.partner_id.id, row.kind, row.period
            standing.get((key, "active"), self.browse())._end_as("replaced", now)
            # A removal is in force by there being no limit any more.
            state = "replaced" if row.is_removal else "active"
            row.write({"state": state, "ended_at": row.is_removal and now})
            row.flush_recordset()
        return len(due)

    # === REACHED === #

    @api.model
    def _period_starts(self, local_now):
        """Return ``{period: first day of the running one}``."""
        return {
            period: care_limit.period_start(period, local_now).date()
            for period in care_limit.PERIODS
        }

    @api.model
    def _note_reached(self, partner_ids, kind, period, local_now):
        """Leave people in peace who have reached a limit, until its period ends."""
        end = care_limit.period_end(period, local_now).astimezone(UTC)
        self.env["veloc.suppression"]._impose(
            partner_ids,
            "loss_limit",
            source=f"limit:{kind}:{period}",
            until=end.replace(tzinfo=None),
        )

    # === ACTIONS === #

    def action_cancel(self):
        """Take back a raise that still waits (button)."""
        if not self.env.user.has_group(_DESK):
            raise AccessError(self.env._("Only the compliance desk may do this."))
        self.check_access("read")
        if self.filtered(lambda row: row.state != "waiting"):
            raise UserError(self.env._("Only a change that still waits can be undone."))
        # sudo: nobody has write rights; the caller was checked.
        self.sudo()._end_as("cancelled", fields.Datetime.now())
        return True


def _key(wish):
    return wish["partner_id"], wish["kind"], wish["period"]
