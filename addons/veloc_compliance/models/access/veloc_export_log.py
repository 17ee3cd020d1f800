import json
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...rules.export_budget import Budget, allowed_rows, is_export
from .caller import CHANNELS, caller

WAYS = [
    ("export", "Export"),
    ("read", "Read in bulk"),
]
STATES = [
    ("taken", "Taken out"),
    ("refused", "Refused"),
]
A_DAY = timedelta(days=1)


class VelocExportLog(models.Model):
    """Who took how many rows about persons out of the house, and who wanted to."""

    _name = "veloc.export.log"
    _description = "Export log"
    _inherit = ["veloc.append.only"]
    _order = "id desc"

    at = fields.Datetime("When", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "Who", required=True, readonly=True, ondelete="restrict"
    )
    res_model = fields.Char("Model", required=True, readonly=True)
    model_name = fields.Char("What", compute="_compute_model_name")
    rows = fields.Integer(readonly=True, required=True)
    field_names = fields.Char("Fields", readonly=True)
    way = fields.Selection(WAYS, required=True, readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    address = fields.Char(readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True)
    allowed = fields.Integer(
        "Rows allowed", readonly=True, help="Of the role, and granted, on that day."
    )

    _of_user = models.Index("(user_id, at)")
    _lately = models.Index("(at)")

    # === COMPUTE === #

    @api.depends("res_model")
    def _compute_model_name(self):
        # sudo: names of models, for a list that names them anyway.
        known_sudo = self.env["ir.model"].sudo()
        for entry in self:
            entry.model_name = known_sudo._get(entry.res_model).name or entry.res_model

    @api.depends("user_id", "rows")
    def _compute_display_name(self):
        for entry in self:
            # sudo: whose export it is, is what the list is about.
            entry.display_name = f"{entry.user_id.sudo().name} · {entry.rows}"

    # === BUSINESS === #

    @api.model
    @tools.ormcache()
    def _personal_models(self):
        """Return the names of all models whose rows are about persons."""
        found = {
            source.model
            for source in self.env["veloc.personal.data"]._data_map()
            if source.is_personal
        }
        return frozenset(found | {"res.partner", "res.users"})

    @api.model
    def _read(self, model, rows, names):
        """Count rows that were read; beyond what is work they are an export."""
        if model not in self._personal_models():
            return
        limits = self.env["veloc.access.limit"]
        over_pace = limits._hit("read_rows", str(self.env.uid), rows)
        if is_export(rows, over_pace=bool(over_pace)):
            self._taken(model, "read", rows, names)

    @api.model
    def _taken(self, model, way, rows, names):
        """Log an export; refuse it above what the user may take out in a day."""
        if model not in self._personal_models():
            return
        budget = self._budget(self.env.user)
        state = "taken" if budget.covers(rows) else "refused"
        self._write_down(model, way, rows, names or (), state, budget.allowed)
        if (
            way != "export"
            or state == "refused"
            or not self.env[model]._veloc_ledger_reads
        ):
            told = {
                "way": way,
                "rows": rows,
                "state": state,
                "fields": list(names or ()),
            }
            self.env["veloc.ledger.entry"]._note_apart("export", model, public=told)
        if state == "refused":
            raise UserError(
                self.env._(
                    "%(rows)s rows are more than the %(left)s you may still take out "
                    "today. Ask the officer for a grant, and say what it is for.",
                    rows=rows,
                    left=budget.left,
                )
            )

    @api.model
    def _budget(self, user):
        """Return what a user may take out within 24 hours, and has."""
        now = fields.Datetime.now()
        ((used,),) = self.env.execute_query(
            SQL(
                "SELECT COALESCE(sum(rows), 0) FROM veloc_export_log "
                "WHERE user_id = %s AND at > %s AND state = 'taken'",
                user.id,
                now - A_DAY,
            )
        )
        # sudo: nobody reads grants but the officer; one's own count.
        granted = self.env["veloc.export.grant"].sudo()._rows(user, now)
        of_groups = user._veloc_policy()["export_rows"]
        return Budget(allowed_rows(of_groups, [granted]), used)

    @api.model
    def _write_down(self, model, way, rows, names, state, allowed):
        who = caller()
        self.env["veloc.rate.limit"]._on_the_spot(
            SQL(
                """
                INSERT INTO veloc_export_log (at, user_id, res_model, rows, field_names,
                    way, channel, address, state, allowed)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
                """,
                fields.Datetime.now(),
                self.env.uid,
                model,
                rows,
                json.dumps(list(names))[:2000],
                way,
                who.channel,
                who.address,
                state,
                allowed,
            )
        )
