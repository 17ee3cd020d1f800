"""Requests that carried an idempotency key, and what we answered."""

import hashlib
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

KEPT_FOR = timedelta(days=7)
GC_LIMIT = 10_000


class VelocApiRequest(models.Model):
    """The same key with the same body gets the same answer; nobody reads this."""

    _name = "veloc.api.request"
    _description = "Answered API Request"

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    key = fields.Char(required=True)
    body_hash = fields.Char(required=True)
    answer = fields.Text()

    _user_key_unique = models.Constraint(
        "UNIQUE (user_id, key)", "A key is used once per user."
    )

    @api.model
    def _claim(self, user_id, key, body):
        """Return ``(claimed, stored answer)``; the answer is None for another body.

        Whoever comes second waits here until the first one's answer is committed.
        """
        digest = hashlib.sha256(body).hexdigest()
        inserted = self.env.execute_query(
            SQL(
                "INSERT INTO veloc_api_request (user_id, key, body_hash, create_date)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
                user_id,
                key,
                digest,
                fields.Datetime.now(),
            )
        )
        if inserted:
            return True, None
        [(known_digest, answer)] = self.env.execute_query(
            SQL(
                "SELECT body_hash, answer FROM veloc_api_request"
                " WHERE user_id = %s AND key = %s",
                user_id,
                key,
            )
        )
        return False, json.loads(answer) if known_digest == digest else None

    @api.model
    def _settle(self, user_id, key, answer):
        """Keep the answer for those who ask again."""
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_api_request SET answer = %s"
                " WHERE user_id = %s AND key = %s",
                json.dumps(answer),
                user_id,
                key,
            )
        )

    @api.autovacuum
    def _gc_answered(self):
        """Forget what nobody will ask again."""
        old = self.search(
            [("create_date", "<", fields.Datetime.now() - KEPT_FOR)], limit=GC_LIMIT
        )
        old.unlink()
        return len(old), len(old) == GC_LIMIT
