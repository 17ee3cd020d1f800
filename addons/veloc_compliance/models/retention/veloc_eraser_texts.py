from collections import Counter
from dataclasses import dataclass

from odoo import api, models
from odoo.tools import SQL

from ...rules import cnpj, erased_text

# Catalogues, code, and rows that are sealed or name nobody; people's own rows are the
# map's, and another person's name is not ours to change.
SPARED = (
    "ir_model%",
    "ir_ui_%",
    "ir_act_%",
    "ir_module%",
    "ir_config_parameter",
    "ir_cron%",
    "ir_default",
    "ir_sequence%",
    "res_company",
    "res_config%",
    "res_country%",
    "res_currency%",
    "res_groups%",
    "res_lang",
    "res_partner",
    "res_users",
    "theme_%",
    "web_%",
    "veloc_cadence%",
    "veloc_change_permit",
    "veloc_data_key",
    "veloc_erasure%",
    "veloc_ledger_%",
    "veloc_purpose%",
    "veloc_retention_%",
    "veloc_rate_limit",
    "veloc_style_%",
    "veloc_subject_key",
    "veloc_template%",
    "veloc_tombstone%",
)
_PATTERNS = {
    "cpf": erased_text.digits_pattern,
    "cnpj": cnpj.cnpj_pattern,
    "phone": erased_text.phone_pattern,
    "email": erased_text.email_pattern,
}


@dataclass(frozen=True, slots=True)
class Needles:
    """What to look for: numbers and words, as one pattern each."""

    digits: str | None
    words: str | None

    @property
    def all(self):
        """Return both as one pattern, None for nothing to look for."""
        return erased_text.any_of([self.digits, self.words])


class VelocEraser(models.AbstractModel):
    """Takes identifiers out of texts that somebody wrote about somebody.

    Numbers and addresses are unique to a person; a full name is only looked for where
    nobody else bears it.
    """

    _inherit = "veloc.eraser"

    @api.model
    def _needles(self, people, identities):
        """Return what to look for, of all these people at once."""
        shared = self._shared(people)
        digits, words = set(), set()
        for values in identities.values():
            for kind, value in values:
                if value not in shared and kind in _PATTERNS:
                    # Only digits may stand bare in JSON, and stay a number there.
                    is_number = value.removeprefix("+").isdigit()
                    (digits if is_number else words).add(_PATTERNS[kind](value))
        for person in people:
            words.update(self._name_needles(person, people))
        return Needles(erased_text.any_of(digits), erased_text.any_of(words))

    def _name_needles(self, person, people):
        patterns = erased_text.name_patterns(person.name or "")
        pattern = erased_text.any_of(patterns)
        if not pattern:
            return []
        others = self.env.execute_query(
            SQL(
                "SELECT 1 FROM res_partner WHERE name ~* %s AND NOT id = ANY(%s)"
                " AND veloc_blocked_at IS NULL LIMIT 1",
                pattern,
                people.ids,
            )
        )
        return [] if others else patterns

    # === TEXTS === #

    @api.model
    def _redact(self, needles):
        """Take what is found out of every text of the database and of text files."""
        counts = Counter()
        if not needles.all:
            return counts
        self.env.flush_all()
        for table, columns in self._text_columns().items():
            number = self._redact_table(table, columns, needles)
            if number:
                counts[table.replace("_", ".")] += number
        counts["ir.attachment"] += self._redact_files(needles)
        self.env.invalidate_all(flush=False)
        return +counts

    @api.model
    def _text_columns(self):
        """Return ``{table: [(column, is JSON, is unique)]}`` of what may hold texts."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.relname, a.attname, t.typname LIKE 'json%%',
                    EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid
                        AND i.indisunique AND a.attnum = ANY(i.indkey))
                FROM pg_class c
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                    AND NOT a.attisdropped AND a.attgenerated = ''
                JOIN pg_type t ON t.oid = a.atttypid
                WHERE c.relnamespace = current_schema()::regnamespace
                    AND c.relkind = 'r'
                    AND t.typname IN ('text', 'varchar', 'bpchar', 'json', 'jsonb')
                    AND NOT c.relname LIKE ANY(%s)
                ORDER BY c.relname, a.attnum
                """,
                list(SPARED),
            )
        )
        # Of another contact, what colleagues noted is theirs to change; names are not.
        found = {"res_partner": [("comment", False, False)]}
        for table, column, is_json, is_unique in rows:
            found.setdefault(table, []).append((column, is_json, is_unique))
        return found

    def _redact_table(self, table, columns, needles):
        name = SQL.identifier(table)
        hit = SQL(" OR ").join(
            SQL("%s::text ~* %s", SQL.identifier(column), needles.all)
            for column, _json, _unique in columns
        )
        if not self.env.execute_query(
            SQL("SELECT 1 FROM %s WHERE %s LIMIT 1", name, hit)
        ):
            return 0
        if self._is_append_only(table):
            self.env["veloc.change.permit"]._open([self._root(table)], "erasure")
        settings = SQL(", ").join(
            SQL(
                "%s = %s", SQL.identifier(column), self._redacted(column, *how, needles)
            )
            for column, *how in columns
        )
        rows = self.env.execute_query(
            SQL("UPDATE %s SET %s WHERE %s RETURNING 1", name, settings, hit)
        )
        return len(rows)

    def _redacted(self, column, is_json, is_unique, needles):
        """Return a column without what is to be found, whatever its type."""
        text = SQL("%s::text", SQL.identifier(column))
        # In JSON a number may stand bare and must stay one.
        token = erased_text.ERASED_DIGITS if is_json else erased_text.ERASED
        cleaned = text
        if needles.digits:
            cleaned = _replace(cleaned, needles.digits, SQL("%s", token))
        if needles.words:
            cleaned = _replace(cleaned, needles.words, SQL("%s", erased_text.ERASED))
        if is_unique:
            salt = SQL("' ' || substr(md5(random()::text), 1, 12)")
            cleaned = SQL("%s || %s", cleaned, salt) if not is_json else cleaned
        if is_json:
            cleaned = SQL("(%s)::jsonb", cleaned)
        return SQL(
            "CASE WHEN %s ~* %s THEN %s ELSE %s END",
            text,
            needles.all,
            cleaned,
            SQL.identifier(column),
        )

    @api.model
    def _root(self, table):
        """Return the partitioned table that this one is a part of, or itself."""
        ((name,),) = self.env.execute_query(
            SQL(
                "SELECT coalesce(pg_partition_root(%s::regclass), %s::regclass)::text",
                table,
                table,
            )
        )
        return name


def _replace(text, pattern, token):
    return SQL("regexp_replace(%s, %s, %s, 'gi')", text, pattern, token)
