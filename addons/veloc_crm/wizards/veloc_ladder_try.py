"""What if the thresholds were others: see who would go where, then save or leave."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..rules.tiers import METRICS

TRIED = (*METRICS, "match", "stay_percent")
LADDERS = {"veloc.tier": "tier", "veloc.vip.level": "vip"}


class VelocLadderTry(models.TransientModel):
    """A copy of the ladder to play with; nothing is touched before ``action_save``."""

    _name = "veloc.ladder.try"
    _description = "Try Thresholds"

    ladder = fields.Selection(
        [("tier", "Tiers"), ("vip", "VIP levels")], required=True, readonly=True
    )
    line_ids = fields.One2many("veloc.ladder.try.line", "try_id", string="Thresholds")
    move_ids = fields.One2many(
        "veloc.ladder.try.move", "try_id", string="Who would move", readonly=True
    )
    is_looked_at = fields.Boolean(readonly=True)
    total_count = fields.Integer(string="Traders", readonly=True)
    moving_count = fields.Integer(string="Would Move", readonly=True)

    # === CRUD === #

    def write(self, vals):
        """What was seen belongs to the thresholds it was seen with."""
        if "line_ids" in vals:
            vals = {**vals, "is_looked_at": False}
        return super().write(vals)

    # === ACTIONS === #

    @api.model
    def _open(self, model):
        """Return the dialog with a copy of the ladder."""
        attempt = self.create(
            {
                "ladder": LADDERS[model],
                "line_ids": [
                    (
                        0,
                        0,
                        {"rung_id": rung.id, "name": rung.name}
                        | {name: rung[name] for name in TRIED},
                    )
                    for rung in self.env[model].search([])
                ],
            }
        )
        attempt._look()
        return attempt._show()

    def action_look(self):
        """Count who would go where with these thresholds."""
        self.ensure_one()
        self._look()
        return self._show()

    def action_save(self):
        """Write what was changed; the job then places everybody."""
        self.ensure_one()
        if not self.is_looked_at:
            raise UserError(
                self.env._("Look at who would move first: the thresholds were changed.")
            )
        for line in self.line_ids:
            rung = line._get_rung()
            changed = {name: line[name] for name in TRIED if line[name] != rung[name]}
            if changed:
                rung.write(changed)
        return {"type": "ir.actions.act_window_close"}

    def _show(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What if"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # === BUSINESS === #

    def _look(self):
        """One statement over all traders, and the names of a few."""
        self.check_access("write")
        ladder = [line._prepare_rung() for line in self.line_ids]
        # sudo: numbers of all traders of the user's companies, named in the statement.
        tiers_sudo = self.env["veloc.ingest.tiers"].sudo()
        rows = tiers_sudo._count_places(self.ladder, ladder, self.env.companies.ids)
        names = {line.rung_id: line.name for line in self.line_ids}
        volume = sum(row["volume"] for row in rows) or 1
        moving = [row for row in rows if row["from_id"] != row["to_id"]]
        self.move_ids.unlink()
        self.write(
            {
                "move_ids": [
                    (0, 0, self._prepare_move(row, names, volume)) for row in moving
                ],
                "is_looked_at": True,
                "total_count": sum(row["traders"] for row in rows),
                "moving_count": sum(row["traders"] for row in moving),
            }
        )

    def _prepare_move(self, row, names, volume):
        nowhere = self.env._("None")
        share = formatLang(self.env, 100 * row["volume"] / volume, digits=1)
        people = self.env["veloc.trader"].browse(row["sample"])
        return {
            "from_name": names.get(row["from_id"], nowhere),
            "to_name": names.get(row["to_id"], nowhere),
            "direction": "up" if row["is_up"] else "down",
            "trader_count": row["traders"],
            "volume_share": f"{share} %",
            "sample": ", ".join(people.mapped("display_name")),
        }
