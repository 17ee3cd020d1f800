import time
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...rules import rule_domain
from ...rules.finding import Finding

GROUPABLE = ("many2one", "selection", "boolean", "integer")
PREVIEW_SECONDS = 3
PREVIEW_LINES = 8


class VelocAlertRule(models.Model):
    """Rules that a person builds from a model and a condition: no SQL, no code.

    They are asked with the rights of who wrote the condition: nobody learns through an
    alert what they may not read themselves.
    """

    _inherit = "veloc.alert.rule"

    model_id = fields.Many2one(
        "ir.model",
        "Records of",
        domain=[("transient", "=", False), ("abstract", "=", False)],
        ondelete="cascade",
    )
    model_name = fields.Char(related="model_id.model", string="Model")
    domain = fields.Char("Condition", default="[]")
    date_field_id = fields.Many2one(
        "ir.model.fields",
        "Time that counts",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('ttype', 'in', ('datetime', 'date'))]",
        ondelete="cascade",
        help="For the window; empty: when the record was made.",
    )
    group_field_id = fields.Many2one(
        "ir.model.fields",
        "One alert per",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('ttype', 'in', ('many2one', 'selection', 'boolean', 'integer'))]",
        ondelete="cascade",
        help="Empty: one alert for all records together.",
    )
    author_id = fields.Many2one(
        "res.users", "Asked with the rights of", readonly=True, copy=False
    )
    preview = fields.Text("Today's matches", compute="_compute_preview")

    # === COMPUTE === #

    @api.depends(
        "how",
        "model_id",
        "domain",
        "threshold",
        "window",
        "date_field_id",
        "group_field_id",
    )
    def _compute_preview(self):
        for rule in self:
            is_built = rule.how == "built" and rule.model_id
            rule.preview = rule._preview() if is_built else False

    def _preview(self):
        """Return what the rule would find now, asked with the rights of the reader."""
        began = time.monotonic()
        try:
            # A question asked while somebody types must not hold the database up.
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    SQL("SET LOCAL statement_timeout = %s", PREVIEW_SECONDS * 1000)
                )
                groups = self._matches(self.env.user, fields.Datetime.now())
                self.env.cr.execute("SET LOCAL statement_timeout TO DEFAULT")
        except (UserError, ValueError, TypeError) as error:
            return str(error)
        except psycopg2.errors.QueryCanceled:
            return self.env._(
                "The question took more than %(seconds)s s: narrow the condition.",
                seconds=PREVIEW_SECONDS,
            )
        return self._describe(groups, time.monotonic() - began)

    def _describe(self, groups, seconds):
        over = [group for group in groups if group[1] >= max(self.threshold, 1)]
        lines = [
            self.env._(
                "%(alerts)s alerts; %(records)s records match; asked in %(seconds)s s.",
                alerts=len(over),
                records=sum(group[1] for group in groups),
                seconds=round(seconds, 2),
            )
        ]
        for value, count, _at in over[:PREVIEW_LINES]:
            label = getattr(value, "display_name", value)
            lines.append(f"• {label}: {count}" if self.group_field_id else f"• {count}")
        return "\n".join(lines)

    # === CONSTRAINTS === #

    @api.constrains(
        "how", "model_id", "domain", "date_field_id", "group_field_id", "threshold"
    )
    def _check_question(self):
        for rule in self.filtered(lambda rule: rule.how == "built"):
            if not rule.model_id:
                raise ValidationError(self.env._("Say which records to look at."))
            rule._check_fields()
            # sudo: only for records of the house; people are asked with their rights.
            author = rule.author_id or self.env.user
            try:
                with self.env.cr.savepoint():
                    rule._matches(author, fields.Datetime.now(), limit=1)
            except AccessError as error:
                raise ValidationError(
                    self.env._("You may not read what this rule asks about.")
                ) from error
            except (ValueError, TypeError, KeyError) as error:
                raise ValidationError(
                    self.env._("The condition cannot be asked: %(why)s", why=error)
                ) from error

    def _check_fields(self):
        of_model = self.date_field_id | self.group_field_id
        if of_model.model_id - self.model_id:
            raise ValidationError(self.env._("Choose fields of the same records."))
        if self.group_field_id and self.group_field_id.ttype not in GROUPABLE:
            raise ValidationError(self.env._("One cannot group by this field."))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Remember whose rights a built rule has."""
        return super().create(
            [{**vals, "author_id": self.env.uid} for vals in vals_list]
        )

    def write(self, vals):
        """Whoever changes the question, from then on answers for it."""
        if {"model_id", "domain", "group_field_id", "date_field_id"} & vals.keys():
            vals = {**vals, "author_id": self.env.uid}
        elif not self.env.su:
            vals = {key: vals[key] for key in vals if key != "author_id"}
        return super().write(vals)

    # === BUSINESS === #

    def _matches(self, user, now, limit=None):
        """Return [(value, count, newest)] of the groups that match; one query."""
        records = self.env[self.model_name].with_user(user)
        records.check_access("read")
        date_field = self.date_field_id.name or "create_date"
        group = [self.group_field_id.name] if self.group_field_id else []
        newest = [f"{date_field}:max"] if date_field in records._fields else []
        rows = records._read_group(
            self._question(records, date_field, now),
            group,
            ["__count", *newest],
            limit=limit,
        )
        return [self._as_match(row, bool(group), bool(newest)) for row in rows]

    def _question(self, records, date_field, now):
        try:
            domain = Domain(rule_domain.read(self.domain))
        except rule_domain.NotPlainError as error:
            raise ValidationError(
                self.env._(
                    "A condition holds fixed values and dates such as 'today -7d' only."
                )
            ) from error
        domain.validate(records)
        if self.window:
            since = now - timedelta(minutes=self.window)
            domain &= Domain(date_field, ">=", since)
        return domain

    def _as_match(self, row, is_grouped, is_dated):
        value = row[0] if is_grouped else None
        count = row[1] if is_grouped else row[0]
        return value, count, row[-1] if is_dated else None

    def _findings(self, now):
        """Return what this built rule finds now, with the rights of its author."""
        if not self.author_id.active:
            raise UserError(self.env._("Who built this rule is gone: save it anew."))
        return [
            self._prepare_finding(value, count, at)
            for value, count, at in self._matches(self.author_id, now)
            if count >= max(self.threshold, 1)
        ]

    def _prepare_finding(self, value, count, at):
        """Name the group by its number only: who reads the alert may know less."""
        key, res_id = str(value if value is not None else ""), 0
        model = None
        if isinstance(value, models.BaseModel):
            key, model, res_id = str(value.id), value._name, value.id
        text = self.env._("%(count)s records match.", count=count)
        moment = fields.Datetime.to_datetime(at) if at and not self.is_state else None
        return Finding(key, text, model, res_id, at=moment)
