from odoo import api, models
from odoo.tools import SQL


class VelocEraser(models.AbstractModel):
    """The eraser at work for retention: rows by their age, nobody in particular."""

    _inherit = "veloc.eraser"

    @api.model
    def _blank_class(self, model, data_class, ids):
        """Empty what the map calls personal in these rows; return how many."""
        done = 0
        for source in self._emptied_sources(model._name, data_class):
            done = max(done, self._blank_rows(model, source, ids))
        model.invalidate_model(flush=False)
        return done

    def _emptied_sources(self, model_name, data_class):
        """Return the entries whose fields go, each set of fields once."""
        found = {}
        for source in self.env["veloc.retention.scope"]._sources(
            model_name, data_class
        ):
            if source.on_erasure != "keep":
                found.setdefault(source.fields, source)
        return list(found.values())

    @api.model
    def _is_full_sql(self, model_name, data_class, query):
        """Return the condition that there is something to empty in a row."""
        # sudo: only names of columns are read.
        model = self.env[model_name].sudo()
        not_null = self._not_null(self._storage(model))
        conditions = [
            SQL(
                "%s IS DISTINCT FROM %s",
                SQL.identifier(query.table, name),
                self._emptied(model, model._fields[name], not_null, "blank"),
            )
            for source in self._emptied_sources(model_name, data_class)
            for name in source.fields
            if name in model._fields
            and model._fields[name].store
            and model._fields[name].column_type
            and self._emptied(model, model._fields[name], not_null, "blank") is not None
        ]
        if not conditions:
            return SQL("false")
        return SQL("(%s)", SQL(" OR ").join(conditions))

    @api.model
    def _referred_sql(self, model_name):
        """Return the condition that a row ``due`` is still referred to.

        By a foreign key that forbids its deletion: an outbox row needs its verdict.
        """
        # sudo: only the table's name is read.
        table = self._storage(self.env[model_name].sudo())
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT k.conrelid::regclass::text, a.attname
                FROM pg_constraint k
                CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (own, other)
                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.own
                JOIN pg_attribute id ON id.attrelid = k.confrelid
                    AND id.attnum = pair.other AND id.attname = 'id'
                WHERE k.contype = 'f' AND k.confrelid = to_regclass(%s)
                    AND k.confdeltype IN ('a', 'r')
                """,
                table,
            )
        )
        conditions = [
            SQL(
                "EXISTS (SELECT FROM %s r WHERE r.%s = due.id)",
                SQL.identifier(other),
                SQL.identifier(column),
            )
            for other, column in rows
        ]
        return SQL("(%s)", SQL(" OR ").join(conditions)) if conditions else SQL("false")
