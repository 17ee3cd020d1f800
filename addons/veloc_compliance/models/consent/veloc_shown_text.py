import json
from dataclasses import asdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import privacy_notice


class VelocShownText(models.Model):
    """The very words that somebody read, kept once under their hash.

    Words of a version are frozen, but the notice also names the company, and programs
    change: what a person agreed to stands here, whatever becomes of the rest.
    """

    _name = "veloc.shown.text"
    _description = "Text that was shown"
    _inherit = ["veloc.append.only"]
    _order = "id desc"
    _rec_name = "text_hash"

    version_id = fields.Many2one(
        "veloc.purpose.version", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(
        [("statement", "Statement"), ("notice", "Notice of art. 9")],
        required=True,
        readonly=True,
    )
    lang = fields.Char("Language", required=True, readonly=True)
    text_hash = fields.Char("Text hash (SHA-256)", required=True, readonly=True)
    body = fields.Text("Text", required=True, readonly=True)
    controller = fields.Text(
        readonly=True, help="Who decided about the data then, as JSON."
    )
    first_at = fields.Datetime("First shown at", required=True, readonly=True)

    _text_unique = models.Constraint(
        "UNIQUE(version_id, kind, lang, text_hash)", "A text is kept once."
    )
    _hash_is_of_the_body = models.Constraint(
        "CHECK (text_hash = encode(sha256(convert_to(body, 'UTF8')), 'hex'))",
        "The hash is not that of the text.",
    )

    @api.model
    def _keep(self, consents):
        """Keep what these consents say was shown; one INSERT, none without texts."""
        rows = {}
        for consent in consents:
            if consent.text_hash:
                key = (consent.version_id, consent.text_language)
                rows.setdefault(key, set()).add(consent.notice_hash)
        values = [
            row
            for (version, lang), hashes in rows.items()
            for row in self._prepare_rows(version.with_context(lang=lang), hashes)
        ]
        if values:
            self._insert(values)

    def _prepare_rows(self, version, hashes):
        rows = [(version.id, "statement", version._statement(), None)]
        notice = version._notice_text()
        # A notice that was replaced while somebody read it is kept already.
        if privacy_notice.digest(notice) in hashes:
            controller = json.dumps(asdict(version._notice_facts().controller))
            rows.append((version.id, "notice", notice, controller))
        return [(*row, version.env.lang) for row in rows]

    def _insert(self, values):
        versions, kinds, bodies, controllers, langs = map(
            list, zip(*values, strict=True)
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_shown_text
                    (version_id, kind, lang, text_hash, body, controller, first_at)
                SELECT version_id, kind, lang, hash, body, controller, %s::timestamp
                FROM unnest(%s::int[], %s::varchar[], %s::varchar[], %s::text[],
                    %s::text[]) AS t(version_id, kind, lang, body, controller),
                    encode(sha256(convert_to(t.body, 'UTF8')), 'hex') AS hash
                -- Without this every consent would use up an id.
                WHERE NOT EXISTS (SELECT FROM veloc_shown_text old
                    WHERE (old.version_id, old.kind, old.lang, old.text_hash)
                        = (t.version_id, t.kind, t.lang, hash))
                ON CONFLICT DO NOTHING
                """,
                fields.Datetime.now(),
                versions,
                kinds,
                langs,
                bodies,
                controllers,
            )
        )

    @api.model
    def _by_hash(self, kind, hashes):
        """Return ``{(version id, hash): text}`` of what was kept."""
        found = self.search([("kind", "=", kind), ("text_hash", "in", list(hashes))])
        return {(text.version_id.id, text.text_hash): text for text in found}
