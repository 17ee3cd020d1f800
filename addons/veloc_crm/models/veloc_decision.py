"""Why somebody got a message, or did not: one narrow row per evaluation."""

import json

from odoo import api, fields, models
from odoo.tools import SQL, drop_view_if_exists

from odoo.addons.veloc_compliance.const import CHANNELS

from ..words import VERDICTS, say_reason, say_seen, say_selection

COLUMNS = (
    "at",
    "trader_id",
    "partner_id",
    "company_id",
    "cadence_id",
    "version_id",
    "step_id",
    "enrolment_id",
    "message_id",
    "channel",
    "verdict",
    "reason",
    "basis",
    "rule",
    "saw",
    "until",
)


def _without_nulls(value):
    """Return JSON in which null is false: XML-RPC cannot carry a null."""
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return False if value is None else value


class VelocDecision(models.Model):
    """A view over the monthly partitions; rows are inserted in batches."""

    _name = "veloc.decision"
    _description = "Decision"
    _auto = False
    _order = "at desc, id desc"

    at = fields.Datetime(string="When", readonly=True)
    trader_id = fields.Many2one("veloc.trader", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Person", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    cadence_id = fields.Many2one("veloc.cadence", readonly=True)
    version_id = fields.Many2one("veloc.cadence.version", readonly=True)
    step_id = fields.Many2one("veloc.cadence.step", readonly=True)
    enrolment_id = fields.Many2one("veloc.enrolment", readonly=True)
    message_id = fields.Many2one("veloc.message", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    verdict = fields.Selection(VERDICTS, readonly=True)
    reason = fields.Char(readonly=True)
    basis = fields.Selection("_selection_basis", string="Legal Basis", readonly=True)
    rule = fields.Char(readonly=True)
    saw = fields.Json(readonly=True)
    saw_text = fields.Text(compute="_compute_saw_text", string="What It Saw")
    until = fields.Datetime(readonly=True)
    words = fields.Char(compute="_compute_words", string="In Words")
    message_state = fields.Selection(related="message_id.state", string="Message State")

    def init(self):
        """Create the partitioned table once, and the view over it."""
        self.env.cr.execute(RAW_SQL)
        self.env["veloc.partition"]._set_up("veloc_decision_raw", "at")
        drop_view_if_exists(self.env.cr, "veloc_decision")
        self.env.cr.execute(
            SQL(
                "CREATE VIEW veloc_decision AS SELECT id, %s FROM veloc_decision_raw",
                SQL(", ").join(SQL.identifier(name) for name in COLUMNS),
            )
        )

    # === COMPUTE === #

    @api.depends("verdict", "partner_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for decision in self:
            words = say_selection(self.env, self._name, "verdict", decision.verdict)
            decision.display_name = f"{words} · {decision.partner_id.display_name}"

    @api.model
    def _selection_basis(self):
        verdicts = self.env["veloc.gate.verdict"]
        return verdicts._fields["basis"]._description_selection(self.env)

    @api.depends("reason", "verdict")
    @api.depends_context("lang")
    def _compute_words(self):
        for decision in self:
            decision.words = say_reason(self.env, decision.reason)

    @api.depends("saw")
    @api.depends_context("lang")
    def _compute_saw_text(self):
        for decision in self:
            decision.saw_text = say_seen(self.env, decision.saw)

    # === WRITING === #

    @api.model
    def _insert(self, rows):
        """Insert decision rows, dicts of ``COLUMNS``; one query for any number."""
        if not rows:
            return
        columns = SQL(", ").join(SQL.identifier(name) for name in COLUMNS)
        self.env.cr.execute(
            SQL(
                """INSERT INTO veloc_decision_raw (%s)
                SELECT %s FROM jsonb_to_recordset(%s::jsonb) AS d(
                    at timestamp, trader_id int, partner_id int, company_id int,
                    cadence_id int, version_id int, step_id int, enrolment_id int,
                    message_id int, channel varchar, verdict varchar, reason varchar,
                    basis varchar, rule varchar, saw jsonb, until timestamp)""",
                columns,
                columns,
                json.dumps(rows, default=str),
            )
        )
        self.invalidate_model()

    # === READING === #

    def _to_words(self):
        """Return the decisions as JSON-safe dicts with everything in words."""
        return [
            {
                "id": decision.id,
                "at": fields.Datetime.to_string(decision.at),
                "cadence": decision.cadence_id.name,
                "version": decision.version_id.number,
                "step": decision.step_id.name or False,
                "channel": decision.channel or False,
                "verdict": decision.verdict,
                "verdict_words": say_selection(
                    self.env, self._name, "verdict", decision.verdict
                ),
                "reason": decision.reason or False,
                "words": decision.words,
                "basis": decision.basis or False,
                "rule": decision.rule or False,
                "saw": _without_nulls(decision.saw or {}),
                "until": fields.Datetime.to_string(decision.until) or False,
                "message": decision._message_in_words(),
            }
            for decision in self
        ]

    def _message_in_words(self):
        message = self.message_id
        if not message:
            return False
        return {
            "id": message.id,
            "state": message.state,
            "state_words": say_selection(
                self.env, message._name, "state", message.state
            ),
        }

    @api.model
    def _explain(self, partner_id, cadence_id=None, limit=200):
        """Return the newest decisions about a person, in words."""
        domain = [("partner_id", "=", partner_id)]
        if cadence_id:
            domain.append(("cadence_id", "=", cadence_id))
        return self.search(domain, limit=limit)._to_words()


RAW_SQL = """
CREATE SEQUENCE IF NOT EXISTS veloc_decision_raw_id_seq;
CREATE TABLE IF NOT EXISTS veloc_decision_raw (
    id bigint NOT NULL DEFAULT nextval('veloc_decision_raw_id_seq'),
    at timestamp NOT NULL,
    trader_id int NOT NULL,
    partner_id int NOT NULL,
    company_id int,
    cadence_id int NOT NULL,
    version_id int,
    step_id int,
    enrolment_id int,
    message_id int,
    channel varchar,
    verdict varchar NOT NULL,
    reason varchar,
    basis varchar,
    rule varchar,
    saw jsonb,
    until timestamp,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX IF NOT EXISTS veloc_decision_raw_partner_idx
    ON veloc_decision_raw (partner_id, at);
CREATE INDEX IF NOT EXISTS veloc_decision_raw_trader_idx
    ON veloc_decision_raw (trader_id, at);
CREATE INDEX IF NOT EXISTS veloc_decision_raw_step_idx
    ON veloc_decision_raw (step_id, verdict);
CREATE INDEX IF NOT EXISTS veloc_decision_raw_enrolment_idx
    ON veloc_decision_raw (enrolment_id);
CREATE INDEX IF NOT EXISTS veloc_decision_raw_message_idx
    ON veloc_decision_raw (message_id);
"""
