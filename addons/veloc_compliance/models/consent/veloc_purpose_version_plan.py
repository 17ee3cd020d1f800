from odoo import models
from odoo.tools import SQL


class VelocPurposeVersion(models.Model):
    """Who must be asked again when a version is published (art. 8 § 6)."""

    _inherit = "veloc.purpose.version"

    def action_review_publication(self):
        """Open the dialog that counts heads before anything is published."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Publish %(version)s", version=self.display_name),
            "res_model": "veloc.purpose.publish",
            "view_mode": "form",
            "target": "new",
            "context": {"default_version_id": self.id},
        }

    # === BUSINESS === #

    def _count_heads(self):
        """Return who is affected by publishing this version, in people.

        ``{"channels": {channel: (standing, kept)}, "standing", "kept", "again",
        "reachable"}``: whose yes counts today, whose still would, who must be asked
        again, and who of those has an e-mail address. One query.
        """
        self.ensure_one()
        rows = self.env.execute_query(
            SQL(
                """
                WITH yes AS (%s)
                SELECT channel, count(DISTINCT partner_id),
                    count(DISTINCT partner_id) FILTER (WHERE is_kept),
                    count(DISTINCT partner_id) FILTER (WHERE NOT is_kept),
                    count(DISTINCT partner_id) FILTER (WHERE NOT is_kept AND has_email)
                FROM yes GROUP BY GROUPING SETS ((channel), ())
                """,
                self._standing_query(),
            )
        )
        total = next((row[1:] for row in rows if row[0] is None), (0, 0, 0, 0))
        names = ("standing", "kept", "again", "reachable")
        return dict(zip(names, total, strict=True)) | {
            "channels": {row[0]: row[1:3] for row in rows if row[0] is not None}
        }

    def _standing_query(self):
        """Return SQL of the yeses that count today: partner, channel, is_kept, …"""
        current = self.purpose_id.current_version_id
        self.env["res.partner"].flush_model(["email_normalized", "active"])
        return SQL(
            """
            SELECT s.partner_id, s.channel, s.version_number >= %(kept)s AS is_kept,
                p.email_normalized > '' AS has_email
            FROM veloc_consent_state s JOIN res_partner p ON p.id = s.partner_id
            WHERE s.purpose_id = %(purpose)s AND s.granted AND p.active
                AND s.version_number >= %(standing)s AND %(is_consent)s
            """,
            kept=self._future_covers_from(),
            purpose=self.purpose_id.id,
            standing=current.covers_from,
            # Words given under another basis were objections or nothing.
            is_consent=current.legal_basis == "consent",
        )

    def _people_to_ask(self):
        """Return SQL of the ids of people who would have to be asked again."""
        return SQL(
            "SELECT DISTINCT partner_id FROM (%s) yes WHERE NOT is_kept",
            self._standing_query(),
        )
