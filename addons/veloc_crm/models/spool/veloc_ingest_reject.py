import json

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

from ...rules import (
    dead_row,
    event_schema,
    import_events,
    import_table,
    person,
    spool_file,
)

# Lines that are no event: a person may put them right, nobody tries them again.
UNREADABLE = {
    **import_table.MESSAGES,
    **spool_file.MESSAGES,
    **import_events.MESSAGES,
}
MESSAGES = {**event_schema.MESSAGES, **person.MESSAGES, **UNREADABLE}
STATES = [
    ("waiting", "Waiting"),
    ("replayed", "Stored after all"),
    ("discarded", "Discarded"),
]
ROADS = [
    ("api", "Program (HTTP or RPC)"),
    ("import", "Import"),
    ("spool", "File in the spool folder"),
]
TABLE = "veloc_ingest_reject"
ANALYST = "veloc_crm.group_analyst"


class VelocIngestReject(models.Model):
    """A row that was refused: what was wrong with it, and the row itself, sealed.

    Rows are written by the ingest path in the batch's own transaction. The same row
    sent again is counted, not kept twice.
    """

    _name = "veloc.ingest.reject"
    _description = "Dead Row"
    _log_access = False
    _order = "received_at desc, id desc"
    _rec_name = "external_id"
    _veloc_ledger_fields = frozenset({"state", "discard_reason"})
    _veloc_ledger_subject = "trader_id.partner_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    source = fields.Char(required=True, readonly=True)
    road = fields.Selection(ROADS, string="Way In", required=True, readonly=True)
    external_id = fields.Char(string="Source's Id", readonly=True)
    trader_ref = fields.Char(
        string="Trader's Reference",
        readonly=True,
        help="Empty where it is an e-mail address, a phone number or a CPF: then it "
        "stands in the sealed row only.",
    )
    trader_id = fields.Many2one("veloc.trader", readonly=True, index="btree_not_null")
    type = fields.Char(string="Type Code", readonly=True)
    type_name = fields.Char(string="Event", compute="_compute_type_name")
    currency = fields.Char(string="Currency Code", readonly=True)
    target = fields.Char(
        string="Event Meant", readonly=True, help="Of a reversal or a correction."
    )
    code = fields.Selection(
        "_select_code", string="Kind of Error", required=True, readonly=True
    )
    error_code = fields.Char(compute="_compute_message")
    message = fields.Char(string="What Is Wrong", compute="_compute_message")
    state = fields.Selection(STATES, required=True, readonly=True, default="waiting")
    is_news = fields.Boolean(
        string="Wakes Cadences", readonly=True, help="It was sent as news, not history."
    )
    received_at = fields.Datetime(required=True, readonly=True)
    tried_at = fields.Datetime(string="Last Replay", readonly=True)
    attempts = fields.Integer(string="Replays", readonly=True)
    times = fields.Integer(string="Times Sent", readonly=True)
    spool_id = fields.Many2one(
        "veloc.spool", "File", readonly=True, index="btree_not_null"
    )
    line = fields.Integer(readonly=True)
    discard_reason = fields.Char(readonly=True)
    digest = fields.Char(required=True, readonly=True, groups=NO_ACCESS)
    row_sealed = fields.Char(readonly=True, groups=NO_ACCESS, prefetch=False)
    row_text = fields.Text("The Row", compute="_compute_row_text", groups=ANALYST)

    _waiting_unique = models.UniqueIndex("(digest) WHERE state = 'waiting'")
    _waiting_idx = models.Index("(code, id) WHERE state = 'waiting'")
    _received_idx = models.Index("(received_at)")

    def init(self):
        """Add what the ORM has no type for: the keyed hashes of the people named."""
        self.env.cr.execute(
            SQL(
                "ALTER TABLE veloc_ingest_reject"
                " ADD COLUMN IF NOT EXISTS person_digests varchar[];"
                " CREATE INDEX IF NOT EXISTS veloc_ingest_reject_person_digests"
                " ON veloc_ingest_reject USING gin (person_digests)"
            )
        )

    # === COMPUTE === #

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_message(self):
        for reject in self:
            text = MESSAGES.get(reject.code)
            reject.message = self.env._(text) if text else reject.code
            reject.error_code = reject.code

    @api.depends("type")
    @api.depends_context("lang")
    def _compute_type_name(self):
        kind = self.env["veloc.trader.event"]._fields["kind"]
        labels = dict(kind._description_selection(self.env))
        for reject in self:
            reject.type_name = labels.get(reject.type, reject.type)

    @api.model
    def _select_code(self):
        """Return every code with its words: groups are read by people."""
        return [(code, self.env._(text)) for code, text in MESSAGES.items()]

    @api.depends("external_id", "source", "line")
    def _compute_display_name(self):
        for reject in self:
            what = reject.external_id or (f"#{reject.line}" if reject.line else "?")
            reject.display_name = f"{reject.source} · {what}"

    @api.depends("row_sealed")
    def _compute_row_text(self):
        """Open the rows for whoever looks, and note the reading."""
        rows = self._open_rows()
        for reject in self:
            row = rows.get(reject.id)
            reject.row_text = (
                json.dumps(row, indent=2, ensure_ascii=False)
                if row is not None
                else False
            )
        if rows and not self.env.su:
            keyring = self.env["veloc.keyring"]
            keyring._note_reading(self.browse(rows), ["row_text"])

    # === ACTIONS === #

    def action_replay(self):
        """Hand these rows in again; say what became of them."""
        self._check_analyst()
        waiting = self.filtered(lambda reject: reject.state == "waiting")
        # sudo: analysts may replay; what events touch is written by the ingest alone.
        stored = waiting.sudo()._replay()
        refused = len(waiting) - stored
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if refused else "success",
                "message": self.env._(
                    "%(stored)s stored, %(refused)s refused again.",
                    stored=stored,
                    refused=refused,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _discard(self, reason):
        """Give these rows up, with the reason of whoever does so."""
        self._check_analyst()
        waiting = self.filtered(lambda reject: reject.state == "waiting")
        # sudo: nobody has write rights; the caller was checked.
        waiting.sudo().write({"state": "discarded", "discard_reason": reason})
        return waiting

    def _check_analyst(self):
        self.check_access("read")
        if not self.env.user.has_group(ANALYST):
            raise AccessError(self.env._("Only analysts may decide about dead rows."))

    # === KEEPING === #

    @api.model
    def _keep(self, source, events, notes, wake=True):
        """Keep the refused rows: one statement, none if there are none."""
        rows = self._prepare_rows(source, events, notes)
        if not rows:
            return
        context = self.env.context
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_ingest_reject AS old (
                    company_id, source, road, is_news, received_at, spool_id, state,
                    attempts, times, external_id, trader_ref, trader_id, type,
                    currency, target, code, line, digest, row_sealed, person_digests)
                SELECT %(company)s, %(source)s, %(road)s, %(wake)s, %(now)s, %(spool)s,
                    'waiting', 0, r.times, r.external_id, r.ref, t.id, r.type,
                    r.currency, r.target, r.code, r.line, r.digest, r.sealed,
                    ARRAY(SELECT json_array_elements_text(r.people))
                FROM json_to_recordset(%(rows)s::json) AS r (
                    external_id varchar, ref varchar, type varchar, currency varchar,
                    target varchar, code varchar, line int4, digest varchar,
                    sealed varchar, people json, times int4)
                LEFT JOIN veloc_trader t
                    ON t.external_ref = r.ref AND t.company_id = %(company)s
                ORDER BY r.digest
                ON CONFLICT (digest) WHERE state = 'waiting' DO UPDATE SET
                    times = old.times + EXCLUDED.times, code = EXCLUDED.code,
                    received_at = EXCLUDED.received_at, road = EXCLUDED.road,
                    spool_id = EXCLUDED.spool_id, line = EXCLUDED.line
                """,
                company=self.env.company.id,
                source=source,
                road=context.get("veloc_road", "api"),
                wake=wake,
                now=fields.Datetime.now(),
                spool=context.get("veloc_spool_id"),
                rows=json.dumps(rows),
            )
        )
        self.invalidate_model(flush=False)

    def _prepare_rows(self, source, events, notes):
        """Return the rows as columns, each once, without those of erased people."""
        lines = self.env.context.get("veloc_lines")
        kept = [
            (note, dead_row.read(events[note["index"]]))
            for note in notes
            if note["code"] not in dead_row.NEVER_KEPT
        ]
        kept = self._without_erased(kept)
        place = f"{self.env.company.id}|{source}|"
        keyring, found = self.env["veloc.keyring"], {}
        texts = [place + (row.text or repr(note)) for note, row in kept]
        digests = keyring._blind(TABLE, "row", texts)
        for (note, row), digest in zip(kept, digests, strict=True):
            if digest in found:
                found[digest]["times"] += 1
                continue
            found[digest] = {
                "external_id": row.external_id,
                "ref": row.ref,
                "type": row.type,
                "currency": row.currency,
                "target": row.target,
                "code": note["code"],
                "line": lines[note["index"]] if lines else None,
                "digest": digest,
                "sealed": self._seal_row(digest, row.text),
                "people": sorted(self._digests(row.told)),
                "times": 1,
            }
        return list(found.values())

    def _without_erased(self, kept):
        """Drop the rows that speak of an erased person, whatever is wrong in them."""
        values = {}
        for _note, row in kept:
            for kind, value in row.told:
                values.setdefault(kind, set()).add(value)
        marks = self.env["veloc.tombstone"]._marks(values)
        return [(note, row) for note, row in kept if not marks.keys() & row.told]

    # === SEALED === #

    def _seal_row(self, digest, text):
        if text is None:
            return None
        return self.env["veloc.keyring"]._seal(_place(digest), text.encode())

    def _open_rows(self):
        """Return ``{id: row}`` of those whose row was kept; nobody is noted."""
        keyring = self.env["veloc.keyring"]
        # sudo: the columns are closed to everybody; the callers were checked.
        return {
            reject.id: json.loads(
                keyring._open(_place(reject.digest), reject.row_sealed)
            )
            for reject in self.sudo()
            if reject.row_sealed
        }

    @api.model
    def _digests(self, told, every=False):
        """Return the keyed hashes of what people are known by (kind, value)."""
        tombstones, keyring = self.env["veloc.tombstone"], self.env["veloc.keyring"]
        found = set()
        for kind, value in told:
            normal = tombstones._normal(kind, value)
            if normal and every:
                found |= set(keyring._blind_all(TABLE, kind, [normal]))
            elif normal:
                found |= set(keyring._blind(TABLE, kind, [normal]))
        return found


def _place(digest):
    """Return what a sealed row is bound to, as ``field_cipher.context`` writes it."""
    return f"{TABLE}|row|{digest}"
