from odoo import api, fields, models
from odoo.tools import SQL

from ..const import CHANNELS
from ..rules import gate


class VelocConsentState(models.Model):
    """The newest word of each person per purpose and channel; folded from events."""

    _name = "veloc.consent.state"
    _description = "Current consent"
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_reads = True
    _log_access = False
    _order = "recorded_at desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, ondelete="restrict"
    )
    purpose_id = fields.Many2one("veloc.purpose", required=True, ondelete="restrict")
    channel = fields.Selection(CHANNELS, required=True)
    granted = fields.Boolean(required=True)
    consent_id = fields.Many2one("veloc.consent", required=True, ondelete="restrict")
    version_number = fields.Integer(required=True)
    recorded_at = fields.Datetime(required=True)

    _person_unique = models.Constraint(
        "UNIQUE(partner_id, purpose_id, channel)",
        "A person has one current consent per purpose and channel.",
    )

    def _auto_init(self):
        done = super()._auto_init()
        # A state follows a consent; one that follows none was made up.
        self.env["veloc.ledger.guard"]._guard_table(
            self._table,
            {"veloc.consent": "consent_id"},
            subject="partner_id",
            columns=("granted", "consent_id", "version_number", "recorded_at"),
        )
        return done

    @api.model
    def _fold(self, consents):
        """Bring the states up to date with new events; the newest wins.

        Arrival decides between two of the same second. One statement.
        """
        consents.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_consent_state AS state
                    (partner_id, purpose_id, channel, granted, consent_id,
                     version_number, recorded_at)
                SELECT DISTINCT ON (c.partner_id, c.purpose_id, c.channel)
                    c.partner_id, c.purpose_id, c.channel, c.granted, c.id,
                    v.number, c.recorded_at
                FROM veloc_consent c
                JOIN veloc_purpose_version v ON v.id = c.version_id
                WHERE c.id = ANY(%s)
                ORDER BY c.partner_id, c.purpose_id, c.channel,
                    c.recorded_at DESC, c.id DESC
                ON CONFLICT (partner_id, purpose_id, channel) DO UPDATE SET
                    granted = excluded.granted,
                    consent_id = excluded.consent_id,
                    version_number = excluded.version_number,
                    recorded_at = excluded.recorded_at
                WHERE (excluded.recorded_at, excluded.consent_id)
                    > (state.recorded_at, state.consent_id)
                """,
                consents.ids,
            )
        )
        self.invalidate_model()

    @api.model
    def _gate_consents(self, partner_ids, purpose_ids):
        """Return ``{(partner, purpose, channel): gate.Consent}`` in one query."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, purpose_id, channel, consent_id, granted,
                       version_number, recorded_at
                FROM veloc_consent_state
                WHERE partner_id = ANY(%s) AND purpose_id = ANY(%s)
                """,
                list(partner_ids),
                list(purpose_ids),
            )
        )
        return {row[:3]: gate.Consent(*row[3:]) for row in rows}
