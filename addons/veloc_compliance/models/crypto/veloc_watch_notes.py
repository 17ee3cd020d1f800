from odoo import api, models
from odoo.tools import SQL

from ...rules.finding import Finding
from ...rules.identity_number import find_cpfs

# What PostgreSQL can rule out; the check digits decide.
_LOOKS_LIKE_CPF = r"\d{3}[.\s]?\d{3}[.\s]?\d{3}[-./\s]?\d{2}"
_MOST = 2000
# (table, texts, time of the last change, model, column of the record's id)
_PLACES = (
    ("mail_message", ("body", "subject"), "write_date", "mail.message"),
    ("res_partner", ("comment", "ref", "function", "vat"), "write_date", "res.partner"),
)


class VelocWatch(models.AbstractModel):
    """Finds CPF numbers where no encryption reaches them: in notes and messages."""

    _inherit = "veloc.watch"

    @api.model
    def _check_cpf_in_notes(self, rule, since):
        """Return a finding per text changed since then that holds a CPF number."""
        return [
            Finding(
                f"{model},{record_id}",
                self.env._(
                    "%(count)s CPF number(s) in clear text in record %(record)s.",
                    count=count,
                    record=f"{model} {record_id}",
                ),
                model,
                record_id,
                at=at,
            )
            for model, record_id, count, at in self._cpfs_in_notes(since)
        ]

    @api.model
    def _check_ciphertext_unreadable(self, rule, since):
        """Raised by whoever meets such a value, and by the weekly check of all."""
        return []

    @api.model
    def _cpfs_in_notes(self, since, most=_MOST):
        """Return (model, id, how many, when) of texts with CPF numbers in them."""
        found = []
        for table, columns, changed, model in _PLACES:
            texts = SQL(
                "concat_ws(' ', %s)", SQL(", ").join(map(SQL.identifier, columns))
            )
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT id, %(texts)s, %(changed)s FROM %(table)s
                    WHERE %(changed)s >= %(since)s AND %(texts)s ~ %(pattern)s
                    ORDER BY id DESC LIMIT %(most)s
                    """,
                    texts=texts,
                    changed=SQL.identifier(changed),
                    table=SQL.identifier(table),
                    since=since,
                    pattern=_LOOKS_LIKE_CPF,
                    most=most,
                )
            )
            found += [
                (model, id_, len(numbers), at)
                for id_, text, at in rows
                if (numbers := find_cpfs(text))
            ]
        return found
