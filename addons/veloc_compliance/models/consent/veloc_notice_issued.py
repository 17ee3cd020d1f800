import hashlib

from odoo import api, fields, models
from odoo.tools import SQL


class VelocNoticeIssued(models.Model):
    """That a notice went to a person, once: its kind and the hash of its words."""

    _name = "veloc.notice.issued"
    _description = "Notice sent"
    _log_access = False
    _order = "issued_at desc, id desc"
    _rec_name = "code"

    key = fields.Char(required=True, readonly=True)
    code = fields.Char("Kind", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Person", readonly=True, ondelete="set null"
    )
    text_hash = fields.Char("Text hash (SHA-256)", required=True, readonly=True)
    issued_at = fields.Datetime("Sent at", required=True, readonly=True)

    _key_unique = models.Constraint("UNIQUE(key)", "A notice is sent once per key.")
    _partner_idx = models.Index("(partner_id) WHERE partner_id IS NOT NULL")

    @api.model
    def _claim(self, notices):
        """Return ``{key: notice}`` of those whose key nobody took before."""
        first = {}
        for notice in notices:
            first.setdefault(notice["key"], notice)
        if not first:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_notice_issued
                    (key, code, partner_id, text_hash, issued_at)
                SELECT key, code, NULLIF(partner_id, 0), text_hash, %s::timestamp
                FROM unnest(%s::varchar[], %s::varchar[], %s::int[], %s::varchar[])
                    AS notice(key, code, partner_id, text_hash)
                ON CONFLICT (key) DO NOTHING RETURNING key
                """,
                fields.Datetime.now(),
                list(first),
                [notice["code"] for notice in first.values()],
                [notice.get("partner_id") or 0 for notice in first.values()],
                [self._hash(notice) for notice in first.values()],
            )
        )
        return {key: first[key] for (key,) in rows}

    @api.model
    def _release(self, keys):
        """Forget keys whose notice did not leave."""
        if keys:
            self.env.cr.execute(
                SQL("DELETE FROM veloc_notice_issued WHERE key = ANY(%s)", list(keys))
            )

    @staticmethod
    def _hash(notice):
        words = f"{notice['subject']}\n\n{notice['text']}"
        return hashlib.sha256(words.encode()).hexdigest()
