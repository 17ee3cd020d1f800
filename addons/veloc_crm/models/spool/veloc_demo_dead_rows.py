from datetime import timedelta

from odoo import api, fields, models

BROKEN = (
    # a program that writes amounts the Brazilian way
    {"type": "deposit_approved", "amount": "1.250,00", "currency": "BRL"},
    # money nobody has entered a rate for
    {"type": "deposit_approved", "amount": "300.00", "currency": "CHF"},
    # somebody whose sign-up was never sent
    {"type": "login", "trader": "99-888"},
    {"type": "trade", "trader": "99-888", "data": {"volume": "100.00"}},
)


class VelocDemo(models.AbstractModel):
    """Rows that could not be stored, as the file of a bank brings them."""

    _inherit = "veloc.demo"

    @api.model
    def _load(self):
        result = super()._load()
        self._load_dead_rows()
        return result

    @api.model
    def _load_dead_rows(self):
        trader = self.env["veloc.trader"].search([], order="id", limit=1)
        now = fields.Datetime.now()
        at = f"{(now - timedelta(hours=3)).isoformat()}Z"
        spool = self.env["veloc.spool"].create(
            {
                "name": f"banco.{now:%Y-%m-%d}.ndjson",
                "company_id": self.env.company.id,
                "state": "done",
                "source": "banco",
                "size": 148_220,
                "position": 148_220,
                "progress": 100,
                "line": 812,
                "accepted": 808,
                "rejected": len(BROKEN),
                "found_at": now - timedelta(hours=2),
                "done_at": now - timedelta(hours=2),
                "stored_as": "done",
            }
        )
        rows = [
            {"id": f"banco-{n}", "trader": trader.external_ref, "at": at, **row}
            for n, row in enumerate(BROKEN)
        ]
        self.env["veloc.ingest"].with_context(
            veloc_road="spool",
            veloc_spool_id=spool.id,
            veloc_lines=[101, 322, 499, 500],
        )._process("banco", rows, wake=False)
