from collections import Counter

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...rules.delete_order import referrers_first

# Rows that no longer name anybody may still need a value of their own.
TOKEN = SQL("'erased-' || id")


class VelocEraser(models.AbstractModel):
    """Empties, replaces and deletes rows: one statement for each entry of the map."""

    _inherit = "veloc.eraser"

    # === BY THE MAP === #

    @api.model
    def _empty(self, people):
        """Do to every source what the map says; return ``{deed: Counter(model)}``."""
        counts = {"delete": Counter(), "blank": Counter(), "pseudonymise": Counter()}
        work = self._work(people)
        self._permit({model for model, _ids, _source in work}, "erasure")
        counts["delete"] += self._delete_traces(people)
        for model, ids, source in work:
            if source.on_erasure == "delete":
                done = self._delete_rows(model, ids)
            else:
                done = self._blank_rows(model, source, ids)
            counts[source.on_erasure][source.model] += done
        self.env.invalidate_all(flush=False)
        return counts

    def _work(self, people):
        """Return ``[(model, ids, source)]`` in the order in which nothing is lost.

        Addresses lead to rows only while the person still has them; the person's own
        row comes last, and what refers to something before what it refers to.
        """
        data, shared = self.env["veloc.personal.data"], self._shared(people)
        work = []
        for source in data._data_map():
            if not source.is_personal or source.on_erasure == "keep":
                continue
            if source.model not in self.env:
                continue
            # sudo: the map reaches models that no single role may write.
            model = self.env[source.model].sudo().with_context(active_test=False)
            domain = data._domain(source, people)
            if source.by_value and shared:
                domain &= Domain(source.by_value, "not in", sorted(shared))
            ids = model._search(domain).get_result_ids()
            if ids:
                work.append((model, list(ids), source))
        order = referrers_first({model._name: _referred(model) for model, *_ in work})
        turns = {name: turn for turn, name in enumerate(order)}
        return sorted(
            work,
            key=lambda job: (
                job[0]._name == "res.partner",
                job[2].on_erasure != "delete",
                turns[job[0]._name],
            ),
        )

    @api.model
    def _permit(self, models_, reason):
        """Open what is append-only among these tables, for this transaction."""
        tables = [
            self._storage(model)
            for model in models_
            if self._is_append_only(self._storage(model))
        ]
        if tables:
            self.env["veloc.change.permit"]._open(tables, reason)

    @api.model
    def _storage(self, model):
        """Return the table in which a model's rows stand; views name theirs."""
        return model._table

    @api.model
    def _is_append_only(self, table):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT 1 FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
                WHERE t.tgrelid = to_regclass(%s)
                    AND f.proname = 'veloc_refuse_change' LIMIT 1
                """,
                table,
            )
        )
        return bool(rows)

    # === DELETE === #

    @api.model
    def _delete_rows(self, model, ids):
        """Delete rows; return how many. Files and trees go by the ORM."""
        if model._name in ("ir.attachment", "res.partner.bank"):
            records = model.browse(ids).exists()
            number = len(records)
            records.unlink()
            self.env.flush_all()
            return number
        if model._name not in ("mail.message", "mail.mail"):
            # sudo: files of fields are hidden even from administrators.
            self.env["ir.attachment"].sudo().search(
                [
                    ("res_model", "=", model._name),
                    ("res_id", "in", ids),
                    ("res_field", "in", [False, *_file_fields(model)]),
                ]
            ).unlink()
        rows = self.env.execute_query(
            SQL(
                "DELETE FROM %s WHERE id = ANY(%s) RETURNING id",
                SQL.identifier(self._storage(model)),
                ids,
            )
        )
        self._note_guarded(model, [row[0] for row in rows])
        return len(rows)

    # === BLANK === #

    @api.model
    def _blank_rows(self, model, source, ids):
        """Empty the source's fields; return in how many rows something stood."""
        columns = self._not_null(self._storage(model))
        settings, done = [], 0
        for name in source.fields:
            field = model._fields.get(name)
            if field is None:
                continue
            if not field.store or not field.column_type:
                done += self._blank_elsewhere(model, field, ids)
                continue
            value = self._emptied(model, field, columns, source.on_erasure)
            if value is not None:
                settings.append((SQL.identifier(name), value))
        if not settings:
            return done
        return max(done, self._write_emptied(model, settings, ids))

    def _write_emptied(self, model, settings, ids):
        rows = self.env.execute_query(
            SQL(
                "UPDATE %s SET %s WHERE id = ANY(%s) AND (%s) RETURNING id",
                SQL.identifier(self._storage(model)),
                SQL(", ").join(SQL("%s = %s", *setting) for setting in settings),
                ids,
                SQL(" OR ").join(
                    SQL("%s IS DISTINCT FROM %s", *setting) for setting in settings
                ),
            )
        )
        self._note_guarded(model, [row[0] for row in rows])
        return len(rows)

    def _emptied(self, model, field, not_null, deed):
        """Return what stands in an emptied column, None where it must stay."""
        kind = field.column_type[0]
        is_text = kind in ("varchar", "text") and field.type != "selection"
        if is_text and (deed == "pseudonymise" or not_null.get(field.name)):
            return TOKEN
        if field.name not in not_null:
            return SQL("NULL")
        if kind == "jsonb":
            return SQL("'{}'::jsonb")
        return SQL("''") if is_text else None

    @api.model
    def _not_null(self, table):
        """Return ``{column: is unique}`` of the columns that cannot be empty."""
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT a.attname, EXISTS (SELECT FROM pg_index i
                        WHERE i.indrelid = a.attrelid AND i.indisunique
                        AND a.attnum = ANY(i.indkey))
                    FROM pg_attribute a WHERE a.attrelid = to_regclass(%s)
                        AND a.attnum > 0 AND a.attnotnull
                    """,
                    table,
                )
            )
        )

    def _blank_elsewhere(self, model, field, ids):
        """Empty what stands in no column of the row: links, files, sealed values."""
        if field.type == "many2many" and field.store:
            return self._unlink_pairs(field, ids)
        if field.type == "binary" and field.attachment:
            # sudo: files of fields are hidden even from administrators.
            files_sudo = self.env["ir.attachment"].sudo()
            domain = [
                ("res_model", "=", model._name),
                ("res_field", "=", field.name),
                ("res_id", "in", ids),
            ]
            found = files_sudo.search(domain)
            number = len(found)
            found.unlink()
            return number
        return self._blank_sealed(model, field, ids)

    def _unlink_pairs(self, field, ids):
        rows = self.env.execute_query(
            SQL(
                "DELETE FROM %s WHERE %s = ANY(%s) RETURNING 1",
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
                ids,
            )
        )
        return len(rows)

    def _blank_sealed(self, model, field, ids):
        """Empty an encrypted field: its hidden columns stand beside it."""
        columns = [
            name
            for name, other in model._fields.items()
            if other.store
            and other.column_type
            and name in (f"{field.name}_sealed", f"{field.name}_blind")
        ]
        if not columns:
            return 0
        settings = [(SQL.identifier(name), SQL("NULL")) for name in columns]
        return self._write_emptied(model, settings, ids)

    # === THE PERSON'S OWN ROW === #

    @api.model
    def _rename(self, people):
        """Give the emptied contacts a name that says what they are."""
        company = self.env.company.partner_id
        speaking = self.with_context(lang=company.lang or "pt_BR")
        label = speaking.env._("Erased person")
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner SET name = %(label)s || ' ' || id,
                    complete_name = %(label)s || ' ' || id, active = false
                WHERE id = ANY(%(ids)s)
                """,
                label=label,
                ids=people.ids,
            )
        )
        self.env.invalidate_all(flush=False)

    # === THE LEDGER === #

    @api.model
    def _note_guarded(self, model, ids):
        """Record rows of tables whose every change must stand in the ledger."""
        if not ids or not getattr(type(model), "_veloc_ledger_guard", None):
            return
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "erasure",
                    "model": model._name,
                    "res_id": id_,
                    "public": {"deed": "emptied"},
                }
                for id_ in ids
            ]
        )


def _referred(model):
    return {
        field.comodel_name
        for field in model._fields.values()
        if field.type == "many2one" and field.store
    }


def _file_fields(model):
    return [
        name
        for name, field in model._fields.items()
        if field.type == "binary" and field.store and field.attachment
    ]
