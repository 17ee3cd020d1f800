from odoo import api, fields, models
from odoo.tools import SQL

# Whose the rows of ``stage`` are today, where it is not the trader the file names.
OWNERS = """
    SELECT s.id, coalesce(o.trader_id, f.trader_id) AS trader_id, f.merge_id
    FROM %(stage)s s
    LEFT JOIN veloc_archive_owner o ON o.event_id = s.id
    LEFT JOIN veloc_trader_former f ON f.number = s.trader_id
    WHERE coalesce(o.trader_id, f.trader_id) IS NOT NULL
"""


class VelocArchiveOwner(models.Model):
    """Whose an archived event is, where undoing a merge gave it back in its absence.

    Files are not rewritten for that; ``veloc.trader.former`` tells of the merges.
    """

    _name = "veloc.archive.owner"
    _description = "Owner of an Archived Event"
    _log_access = False
    _rec_name = "event_id"

    event_id = fields.Float(digits=(20, 0), required=True, readonly=True)
    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, index=True, ondelete="cascade"
    )

    _event_unique = models.UniqueIndex("(event_id)", "An event has one owner.")

    @api.model
    def _hand_over(self, stage):
        """Let the staged rows name the traders of today; undoing a merge finds them."""
        names = {"stage": SQL.identifier(stage)}
        owners = SQL(OWNERS, **names)
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_trader_alias_event (alias_id, event_id)"
                " SELECT a.id, w.id FROM (%s) w"
                " JOIN veloc_trader_alias a ON a.merge_id = w.merge_id"
                " WHERE %s",
                owners,
                self.env["veloc.trader.alias.event"]._can_part("w.trader_id"),
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE %(stage)s s SET trader_id = w.trader_id FROM (%(owners)s) w"
                " WHERE w.id = s.id",
                owners=owners,
                **names,
            )
        )
        self.env.cr.execute(
            SQL(
                "DELETE FROM veloc_archive_owner o USING %(stage)s s"
                " WHERE s.id = o.event_id",
                **names,
            )
        )

    @api.model
    def _note(self, event_ids, trader_id):
        """Note whose those of these events are that are not in the database.

        Return their ids.
        """
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_archive_owner (event_id, trader_id)
                SELECT missing.id, %s FROM (
                    SELECT unnest(%s::bigint[]) AS id
                    EXCEPT
                    SELECT id FROM veloc_trader_event_raw WHERE id = ANY(%s)
                ) AS missing
                ON CONFLICT (event_id) DO UPDATE SET trader_id = excluded.trader_id
                RETURNING event_id::bigint
                """,
                trader_id,
                event_ids,
                event_ids,
            )
        )
        return [id_ for (id_,) in rows]
