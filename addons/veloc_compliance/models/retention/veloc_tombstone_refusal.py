from odoo import SUPERUSER_ID, api, fields, models
from odoo.modules import module
from odoo.tools import SQL

ROADS = [
    ("events", "Events of the broker"),
    ("record", "Contacts and leads: forms, imports, programs"),
    ("consents", "Import of consents"),
    ("mail", "Incoming mail"),
]


class VelocTombstoneRefusal(models.Model):
    """How often something would have brought an erased person back, per day and road.

    Counted, not stored: who it was is exactly what nobody may know any more.
    """

    _name = "veloc.tombstone.refusal"
    _description = "Refused return of an erased person"
    _order = "day desc, id desc"
    _log_access = False
    _rec_name = "day"

    day = fields.Date(required=True, readonly=True)
    road = fields.Selection(ROADS, required=True, readonly=True)
    count = fields.Integer("Refused", readonly=True)
    last_at = fields.Datetime("Last time", readonly=True)

    _once_a_day = models.UniqueIndex("(day, road)")

    @api.model
    def _count(self, road, number=1):
        """Add to the day's count, with this transaction."""
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_tombstone_refusal AS r (day, road, count, last_at)
                VALUES (%(day)s, %(road)s, %(number)s, %(now)s)
                ON CONFLICT (day, road) DO UPDATE SET
                    count = r.count + excluded.count, last_at = excluded.last_at
                """,
                day=now.date(),
                road=road,
                number=number,
                now=now,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _count_apart(self, road, number=1):
        """Add to the count although this transaction is about to be rolled back."""
        if module.current_test:
            return
        registry = self.env.registry

        def count():
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["veloc.tombstone.refusal"]._count(road, number)

        self.env.cr.postrollback.add(count)
