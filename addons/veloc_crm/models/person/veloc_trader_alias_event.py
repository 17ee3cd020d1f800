"""Which events came under a second reference, for as long as a merge can be undone."""

from odoo import api, fields, models
from odoo.tools import SQL


class VelocTraderAliasEvent(models.Model):
    """One event that named the merged trader by the other reference."""

    _name = "veloc.trader.alias.event"
    _description = "Event under a Further Reference"
    _log_access = False
    _rec_name = "event_id"

    alias_id = fields.Many2one(
        "veloc.trader.alias",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    event_id = fields.Float(digits=(20, 0), required=True, readonly=True)

    @api.model
    def _note(self, batch):
        """Note the new events of a batch that came under a further reference."""
        rows = [
            (alias, batch.ids[event_id])
            for event_id, alias in batch.aliases.items()
            if event_id in batch.ids
        ]
        if rows:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO veloc_trader_alias_event (alias_id, event_id)"
                    " SELECT n.alias, n.event FROM unnest(%s::int[], %s::bigint[])"
                    " AS n (alias, event) JOIN veloc_trader_alias a ON a.id = n.alias"
                    " WHERE %s",
                    [alias for alias, _event in rows],
                    [event for _alias, event in rows],
                    self._can_part("a.trader_id"),
                )
            )

    @api.model
    def _can_part(self, trader):
        """Return the SQL condition that a merge into this trader can be undone.

        Any of theirs: with the last one go the references that an earlier one,
        final by now, had brought along.
        """
        return SQL(
            "EXISTS (SELECT FROM veloc_merge m JOIN veloc_trader t"
            " ON t.partner_id = m.survivor_id"
            " WHERE t.id = %s AND m.state = 'merged')",
            SQL.identifier(*trader.split(".")),
        )

    @api.model
    def _find(self, trader_id):
        """Return the ids of the events noted under a trader's further references."""
        rows = self.env.execute_query(
            SQL(
                "SELECT e.event_id::bigint FROM veloc_trader_alias_event e"
                " JOIN veloc_trader_alias a ON a.id = e.alias_id"
                " WHERE a.trader_id = %s",
                trader_id,
            )
        )
        return [event_id for (event_id,) in rows]

    @api.model
    def _forget(self):
        """Remove the notes that no undo will ask for any more."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM veloc_trader_alias_event e USING veloc_trader_alias a"
                " WHERE a.id = e.alias_id AND NOT %s",
                self._can_part("a.trader_id"),
            )
        )

    @api.model
    def _take(self, merges):
        """Remove the notes about these merges and return the ids of the events."""
        rows = self.env.execute_query(
            SQL(
                "DELETE FROM veloc_trader_alias_event e USING veloc_trader_alias a"
                " WHERE a.id = e.alias_id AND a.merge_id = ANY(%s)"
                " RETURNING e.event_id::bigint",
                merges.ids,
            )
        )
        return [event_id for (event_id,) in rows]
