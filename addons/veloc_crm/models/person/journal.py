"""A way to change rows that can be taken back: every change is written down."""

import json

from psycopg2.errors import UniqueViolation

from odoo.tools import SQL, mute_logger


class Journal:
    """Changes rows of any table by SQL and keeps what it takes to undo them.

    Rows are kept as PostgreSQL writes them (JSON text), so that numbers and times
    come back to the last digit. ``entries`` is JSON-safe.
    """

    def __init__(self, env, entries=None):
        self.env = env
        self.entries = entries or []
        self._written = {}

    # === DO === #

    def move(self, table, column, old, new, where=None):
        """Point rows from one id to another; return (moved, left where they were).

        Rows that the table's uniqueness forbids to move are left.
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM %s WHERE %s = %s AND %s ORDER BY id",
                SQL.identifier(table),
                SQL.identifier(column),
                old,
                where or SQL("true"),
            )
        )
        ids = [id_ for (id_,) in rows]
        if self._try_move(table, column, ids, new):
            moved = ids
        else:
            moved = [id_ for id_ in ids if self._try_move(table, column, [id_], new)]
        if moved:
            self.entries.append(
                {
                    "op": "move",
                    "table": table,
                    "column": column,
                    "ids": moved,
                    "from": old,
                    "to": new,
                }
            )
        return moved, [id_ for id_ in ids if id_ not in set(moved)]

    def _try_move(self, table, column, ids, new):
        if not ids:
            return True
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET %s = %s WHERE id = ANY(%s)",
                        SQL.identifier(table),
                        SQL.identifier(column),
                        new,
                        ids,
                    )
                )
        except UniqueViolation:
            return False
        return True

    def update(self, table, ids, assignments):
        """Change some rows; ``assignments`` is the SQL after SET."""
        before = self.rows(table, ids)
        if not before:
            return
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE id = ANY(%s)",
                SQL.identifier(table),
                assignments,
                list(before),
            )
        )
        self.note_update(table, before)

    def note_update(self, table, before):
        """Write down what became of the rows that ``rows`` returned before."""
        after = self.rows(table, before)
        changed = [
            (before[id_], after[id_]) for id_ in before if before[id_] != after.get(id_)
        ]
        if changed:
            self.entries.append({"op": "update", "table": table, "rows": changed})

    def delete(self, table, condition):
        """Delete rows; return how many."""
        rows = self.env.execute_query(
            SQL(
                "DELETE FROM %s t WHERE %s RETURNING to_jsonb(t)::text",
                SQL.identifier(table),
                condition,
            )
        )
        if rows:
            texts = [text for (text,) in rows]
            self.entries.append({"op": "delete", "table": table, "rows": texts})
        return len(rows)

    def insert(self, table, columns, select):
        """Insert the rows of a SELECT; return their ids."""
        names = SQL(", ").join(map(SQL.identifier, columns))
        rows = self.env.execute_query(
            SQL(
                "INSERT INTO %s (%s) %s RETURNING id",
                SQL.identifier(table),
                names,
                select,
            )
        )
        ids = [id_ for (id_,) in rows]
        if ids:
            self.entries.append({"op": "insert", "table": table, "ids": ids})
        return ids

    def snapshot(self, table, column, ids):
        """Keep rows that others work out: they will be put back as a whole."""
        rows = self.env.execute_query(
            SQL(
                "SELECT to_jsonb(t)::text FROM %s t WHERE %s = ANY(%s)",
                SQL.identifier(table),
                SQL.identifier(column),
                ids,
            )
        )
        entry = {"op": "snapshot", "table": table, "column": column, "keys": ids}
        self.entries.append(entry | {"rows": [text for (text,) in rows]})

    def rows(self, table, ids):
        """Return ``{id: the row as JSON text}``."""
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, to_jsonb(t)::text FROM %s t"
                    " WHERE id = ANY(%s) ORDER BY id",
                    SQL.identifier(table),
                    list(ids),
                )
            )
        )

    # === UNDO === #

    def revert(self, entry):
        """Take one change back; what others changed since stays."""
        getattr(self, f"_revert_{entry['op']}")(entry)

    def _revert_move(self, entry):
        self.env.cr.execute(
            SQL(
                "UPDATE %(table)s SET %(column)s = %(old)s"
                " WHERE id = ANY(%(ids)s) AND %(column)s = %(new)s",
                table=SQL.identifier(entry["table"]),
                column=SQL.identifier(entry["column"]),
                old=entry["from"],
                new=entry["to"],
                ids=entry["ids"],
            )
        )

    def _revert_update(self, entry):
        """Restore the columns that still hold what the change put there."""
        table = entry["table"]
        ids = [json.loads(before)["id"] for before, _after in entry["rows"]]
        current = self.rows(table, ids)
        for (before, after), id_ in zip(entry["rows"], ids, strict=True):
            if id_ not in current:
                continue
            was, put, now = (_cells(text) for text in (before, after, current[id_]))
            names = [
                name
                for name in was
                if was[name] != put.get(name) and now.get(name) == put.get(name)
            ]
            self.restore(table, id_, names, before)

    def restore(self, table, id_, names, text):
        """Write some cells of a row as its JSON text has them."""
        own = self._columns(table)
        names = [name for name in names if name in own]
        if not names:
            return
        columns = SQL(", ").join(map(SQL.identifier, names))
        self.env.cr.execute(
            SQL(
                "UPDATE %(table)s SET (%(columns)s) = ROW(%(values)s)"
                " FROM jsonb_populate_record(NULL::%(table)s, %(text)s::jsonb) AS was"
                " WHERE %(table)s.id = %(id)s",
                table=SQL.identifier(table),
                columns=columns,
                values=SQL(", ").join(SQL.identifier("was", name) for name in names),
                text=text,
                id=id_,
            )
        )

    def _revert_snapshot(self, entry):
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE %s = ANY(%s)",
                SQL.identifier(entry["table"]),
                SQL.identifier(entry["column"]),
                entry["keys"],
            )
        )
        self._revert_delete(entry)

    def _revert_delete(self, entry):
        own = self._columns(entry["table"])
        self.env.cr.execute(
            SQL(
                "INSERT INTO %(table)s (%(columns)s) SELECT %(columns)s"
                " FROM unnest(%(rows)s) AS row,"
                " jsonb_populate_record(NULL::%(table)s, row::jsonb) AS was"
                " ON CONFLICT DO NOTHING",
                table=SQL.identifier(entry["table"]),
                columns=SQL(", ").join(map(SQL.identifier, sorted(own))),
                rows=entry["rows"],
            )
        )

    def _columns(self, table):
        """Return the names of the columns that are written, not generated."""
        if table not in self._written:
            rows = self.env.execute_query(
                SQL(
                    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass"
                    " AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
                    table,
                )
            )
            self._written[table] = {name for (name,) in rows}
        return self._written[table]

    def _revert_insert(self, entry):
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE id = ANY(%s)",
                SQL.identifier(entry["table"]),
                entry["ids"],
            )
        )


def _cells(text):
    """Return a row's cells; numbers stay as they are written."""
    return json.loads(text, parse_float=str)
