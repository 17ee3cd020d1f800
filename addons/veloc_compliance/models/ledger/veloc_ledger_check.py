import json
import logging
import time
from dataclasses import asdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import ledger_audit
from ...rules.ledger_entry import Entry
from .veloc_ledger_schema import APPEND_ONLY
from .veloc_ledger_sealer import COLUMNS

_logger = logging.getLogger(__name__)

PAGE = 20_000
LATE_MINUTES = 5  # a committed entry is sealed within a minute; this is trouble
LEVELS = [
    ("owner", "Separate owner: the application can only add"),
    ("triggers", "Triggers: the application could disable them"),
    ("broken", "Not protected: triggers are missing or disabled"),
]


class VelocLedgerCheck(models.Model):
    """One examination of the whole ledger, and what it found."""

    _name = "veloc.ledger.check"
    _inherit = ["veloc.append.only"]
    _description = "Examination of the ledger"
    _log_access = False
    _order = "id desc"
    _rec_name = "checked_at"

    checked_at = fields.Datetime("Examined at", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="restrict")
    is_sound = fields.Boolean("Sound", readonly=True)
    size = fields.Integer("Entries sealed", readonly=True, aggregator=None)
    waiting = fields.Integer("Not sealed yet", readonly=True, aggregator=None)
    late = fields.Integer("Not sealed in time", readonly=True, aggregator=None)
    level = fields.Selection(LEVELS, "Protection", readonly=True)
    anchors = fields.Integer("Anchors compared", readonly=True, aggregator=None)
    seconds = fields.Float(readonly=True, aggregator=None)
    findings = fields.Text("Findings (data)", readonly=True)
    told = fields.Text("Findings", compute="_compute_told")

    # === COMPUTE === #

    @api.depends("findings")
    def _compute_told(self):
        for check in self:
            found = json.loads(check.findings or "[]")
            check.told = "\n".join(self._sentence(**item) for item in found)

    # === ACTIONS === #

    def action_examine(self):
        """Examine the whole ledger now and open the result."""
        self.env["veloc.ledger.head"]._check_auditor()
        # sudo: the right was checked; nobody has create rights on examinations.
        check_sudo = self.sudo()._examine()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": check_sudo.id,
            "views": [(False, "form")],
        }

    # === BUSINESS === #

    @api.model
    def _cron_examine(self):
        """Seal what late transactions left behind, examine all, tell what is wrong."""
        with self.env["veloc.ledger.sealer"]._in_own_transaction() as sealer:
            sealer._seal(all_of_it=True)
        self._examine()

    @api.model
    def _examine(self):
        """Examine everything; store, tell and return the result."""
        answer = self._verify()
        check = self.create(
            [
                {
                    "checked_at": fields.Datetime.now(),
                    "user_id": self.env.uid,
                    "is_sound": answer["ok"],
                    "size": answer["size"],
                    "waiting": answer["waiting"],
                    "late": answer["late"],
                    "level": answer["level"],
                    "anchors": answer["anchors"],
                    "seconds": answer["seconds"],
                    "findings": json.dumps(answer["findings"]),
                }
            ]
        )
        self._tell(check)
        return check

    @api.model
    def _verify(self, anchors=()):
        """Return what is wrong with the ledger, JSON-safe; ``ok`` if nothing is.

        ``anchors`` are heads kept elsewhere; our own record of them is always asked.
        """
        start = time.perf_counter()
        heads = self.env["veloc.ledger.head"]._heads_after(0)
        audit = ledger_audit.Audit(heads, self.env["veloc.ledger.writer"]._row_key())
        for row in self._rows():
            audit.feed(*row)
        findings = audit.finish()
        own = self.env["veloc.ledger.anchor"]._largest()
        anchors = [*anchors, *([own] if own else [])]
        if not findings or anchors:
            findings += ledger_audit.against_anchors(
                anchors, audit.size, self._root_at, {head.public_key for head in heads}
            )
        waiting, late = self._count_unsealed()
        level = self._level()
        return {
            "ok": not findings and not late and level != "broken",
            "size": audit.size,
            "heads": len(heads),
            "waiting": waiting,
            "late": late,
            "level": level,
            "anchors": len(anchors),
            "seconds": round(time.perf_counter() - start, 3),
            "findings": [asdict(finding) for finding in findings],
        }

    @api.model
    def _root_at(self, size):
        try:
            return self.env["veloc.ledger.tree"]._root(size)
        except KeyError:  # leaves or nodes are gone: told by the audit
            return b""

    @api.model
    def _rows(self):
        """Yield the leaves in their order, each with its entry; in pages."""
        position = 0
        while True:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT leaf.id, leaf.entry_id, leaf.hash, entry.mac, %s
                    FROM veloc_ledger_leaf leaf
                    LEFT JOIN veloc_ledger_entry_raw entry ON entry.id = leaf.entry_id
                    WHERE leaf.id > %s ORDER BY leaf.id LIMIT %s
                    """,
                    COLUMNS,
                    position,
                    PAGE,
                )
            )
            for leaf_id, entry_id, leaf, mac, *entry in rows:
                found = Entry(*entry) if entry[0] is not None else None
                yield leaf_id - 1, entry_id, bytes(leaf), found, mac
            if len(rows) < PAGE:
                return
            position = rows[-1][0]

    @api.model
    def _count_unsealed(self):
        """Return how many entries wait for their seal, and how many for too long."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT count(*), count(*) FILTER (WHERE entry.at <
                    now() AT TIME ZONE 'UTC' - make_interval(mins => %s))
                FROM veloc_ledger_entry_raw entry
                WHERE NOT EXISTS (
                    SELECT FROM veloc_ledger_leaf leaf WHERE leaf.entry_id = entry.id)
                """,
                LATE_MINUTES,
            )
        )
        return rows[0]

    @api.model
    def _level(self):
        """Return how well the database itself holds the ledger (LEVELS)."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.relname, pg_has_role(current_user, c.relowner, 'MEMBER')
                        -- The owner of a schema may drop what is in it.
                        OR pg_has_role(current_user, n.nspowner, 'MEMBER'),
                    count(t.oid) FILTER (WHERE t.tgenabled = 'A')
                FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_trigger t ON t.tgrelid = c.oid
                    AND t.tgname IN ('veloc_no_change', 'veloc_no_truncate')
                WHERE c.relname = ANY(%s) AND c.relkind = 'r'
                    AND c.relnamespace = current_schema()::regnamespace
                GROUP BY c.oid, c.relname, c.relowner, n.nspowner
                """,
                list(APPEND_ONLY),
            )
        )
        if len(rows) < len(APPEND_ONLY) or any(row[2] < 2 for row in rows):
            return "broken"
        return "triggers" if any(row[1] for row in rows) else "owner"

    # === TELLING === #

    @api.model
    def _tell(self, check):
        """Raise or clear the alert about the ledger itself."""
        alerts = self.env["veloc.alert"]
        if check.is_sound:
            alerts._clear("ledger_unsound")
            return
        _logger.error("The ledger is not sound: examination %s", check.id)
        alerts._raise(
            "ledger_unsound",
            detail=check.told or dict(LEVELS)[check.level],
            severity="critical",
            res_model=self._name,
            res_id=check.id,
        )

    @api.model
    def _sentence(self, code, first, last, detail):
        """Return a finding as a person reads it."""
        texts = {
            "entry_changed": self.env._("Entry %(first)s was changed."),
            "entry_deleted": self.env._("Entry %(first)s was deleted."),
            "entry_forged": self.env._(
                "Entry %(first)s was not written by Veloc as it stands."
            ),
            "leaf_missing": self.env._(
                "Before entry %(first)s, the leaves %(detail)s were removed."
            ),
            "root_differs": self.env._(
                "Among the entries %(first)s to %(last)s, sealed at %(detail)s, one "
                "was replaced together with its leaf."
            ),
            "tail_cut": self.env._(
                "The end of the log is missing, up to entry %(last)s (%(detail)s)."
            ),
            "leaves_without_head": self.env._(
                "From entry %(first)s on, leaves have no signed head."
            ),
            "head_not_signed": self.env._(
                "The head of %(detail)s entries has no valid signature."
            ),
            "anchor_not_signed": self.env._(
                "The anchor of %(detail)s entries has no valid signature."
            ),
            "rolled_back": self.env._(
                "An anchor knows entries up to %(last)s that are gone (%(detail)s): "
                "the log was rolled back."
            ),
            "history_rewritten": self.env._(
                "The log of %(detail)s entries is not the one that was anchored: "
                "something up to entry %(last)s was rewritten."
            ),
            "another_key": self.env._(
                "An anchor was signed with another key: %(detail)s"
            ),
        }
        values = {"first": first, "last": last, "detail": detail}
        return texts.get(code, code) % values
