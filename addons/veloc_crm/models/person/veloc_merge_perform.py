from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..veloc_ingest_people import QUIETLY
from .journal import Journal

UNDO_DAYS = 30
# Ingestion shares this lock with itself; a merge has it alone.
MERGE_LOCK = 7_602_003
# What stays with the contact it is about: lists that are frozen or made anew, the
# summary of consents (see ``_join_consents``), and the merges themselves.
STAYS = frozenset(
    {
        "res_company",
        "res_users",
        "veloc_blocklist_match",
        "veloc_consent_state",
        "veloc_conversation",
        "veloc_duplicate",
        "veloc_erasure",
        "veloc_gate_verdict",
        "veloc_incident_person",
        "veloc_merge",
        "veloc_message",
        "veloc_privacy_candidate",
        "veloc_reconsent_person",
        "veloc_trader",
        "veloc_trader_state",
    }
)
# Rows about a contact that name it by model and number.
BY_MODEL = (
    ("mail_message", "model", SQL("true")),
    ("mail_activity", "res_model", SQL("true")),
    ("ir_attachment", "res_model", SQL("res_field IS NULL")),
)
# Tables without a foreign key: partitions cannot have one to a table like ours.
WITHOUT_KEY = (
    ("veloc_decision_raw", "partner_id"),
    ("veloc_decision_raw", "trader_id"),
    ("veloc_trader_event_raw", "trader_id"),
)


class VelocMerge(models.Model):
    """Joining: everything that names the one contact names the other afterwards."""

    _inherit = "veloc.merge"

    @api.model
    def _perform(self, survivor, loser, values=None, reason=""):
        """Merge ``loser`` into ``survivor`` and return the merge.

        ``values`` are the survivor's new values of fields, where the other's was
        chosen. One transaction; all of it can be undone for 30 days.
        """
        self._check_may_merge()
        self._check_may_see(survivor | loser)
        if refusal := self._refusal(survivor, loser):
            raise UserError(refusal)
        # sudo: what belongs to a person goes with the person, seen or not.
        merge_sudo = self.sudo()._prepare(survivor, loser, reason)
        journal = Journal(merge_sudo.env)
        merge_sudo._join(journal, values or {})
        merge_sudo._settle(journal)
        merge_sudo._seal_undo(journal)
        merge_sudo._finish()
        return self.browse(merge_sudo.id)

    @api.model
    def _prepare(self, survivor, loser, reason):
        self._stop_ingestion()
        # sudo: traders of both are locked, seen or not.
        traders = (survivor | loser).sudo().veloc_trader_ids
        self.env.cr.execute(
            SQL(
                "SELECT id FROM veloc_trader WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
                traders.ids,
            )
        )
        now = fields.Datetime.now()
        company = traders.company_id or survivor.company_id or self.env.company
        return self.create(
            {
                "survivor_id": survivor.id,
                "loser_id": loser.id,
                "company_id": company[:1].id,
                "merged_at": now,
                "merged_by": self.env.uid,
                "undo_until": now + timedelta(days=UNDO_DAYS),
                "reason": reason,
            }
        )

    @api.model
    def _stop_ingestion(self):
        """Wait for batches under way and hold back others: they name traders by id.

        What such a batch changed while we waited makes this transaction fail, and the
        request is tried again.
        """
        self.env.flush_all()
        self.env.cr.execute("SELECT pg_advisory_xact_lock(%s)", [MERGE_LOCK])

    def _join(self, journal, values):
        """Move what is evidence, what is work, what is figures; then the names."""
        survivor, loser = self.survivor_id, self.loser_id
        columns = self._columns("res_partner")
        self._permit([table for table, _column in columns])
        self._join_traders(journal)
        self._join_consents(journal)
        self._join_protections(journal)
        for table, column in columns:
            self._move_noted(journal, table, column)
        for table, column, where in BY_MODEL:
            own = SQL("%s = 'res.partner' AND %s", SQL.identifier(column), where)
            journal.move(table, "res_id", loser.id, survivor.id, own)
        self._join_messages(journal)
        self._join_conversations(journal)
        self._join_tags(journal)
        self._join_contacts(journal, values)

    def _finish(self):
        """Close the pairs, and tell who must know."""
        self.env.invalidate_all()
        self.env["veloc.duplicate"]._merged(self.survivor_id, self.loser_id)
        if self.has_consent_conflict:
            self.env["veloc.alert"]._raise(
                "merge_consents", key=self.id, res_model=self._name, res_id=self.id
            )

    # === TABLES === #

    @api.model
    def _columns(self, target):
        """Return the (table, column) that point to ``target`` and are ours to move.

        Dialogs, links without a number and what ``STAYS`` are left out.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT c.conrelid::regclass::text, a.attname
                FROM pg_constraint c
                JOIN pg_attribute a
                    ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
                JOIN pg_attribute i ON i.attrelid = c.conrelid AND i.attname = 'id'
                WHERE c.contype = 'f' AND array_length(c.conkey, 1) = 1
                    AND c.conparentid = 0 AND c.confrelid = %s::regclass
                ORDER BY 1, 2
                """,
                target,
            )
        )
        dialogs = {
            model._table for model in self.env.registry.values() if model._transient
        }
        found = [(t, c) for t, c in rows if t not in STAYS and t not in dialogs]
        key = {"res_partner": "partner_id", "veloc_trader": "trader_id"}[target]
        return found + [pair for pair in WITHOUT_KEY if pair[1] == key]

    @api.model
    def _permit(self, tables):
        """Open what is append-only among these tables, for this transaction."""
        eraser = self.env["veloc.eraser"]
        sealed = [
            table
            for table in {*tables, "veloc_gate_verdict"}
            if eraser._is_append_only(table)
        ]
        self.env["veloc.change.permit"]._open(sealed, "merge")

    def _move_noted(self, journal, table, column):
        """Move the rows of one column; the ledger hears what it hears of a write."""
        old, new = self.loser_id.id, self.survivor_id.id
        model = self._model_of(table)
        if model is None or column not in (model._veloc_ledger_fields or ()):
            own = SQL("id <> ALL(%s)", [old, new])
            where = own if table == "res_partner" else None
            return journal.move(table, column, old, new, where)
        recorder = self.env["veloc.ledger.recorder"]
        rows = model.with_context(active_test=False).search([(column, "=", old)])
        before = recorder._before_write(rows, [column])
        moved = journal.move(table, column, old, new)
        rows.invalidate_recordset(flush=False)
        recorder._written(rows, before)
        return moved

    @api.model
    def _model_of(self, table):
        return next(
            (
                self.env[name]
                for name, model in self.env.registry.items()
                if model._table == table and model._auto and not model._abstract
            ),
            None,
        )

    # === WHAT NEEDS MORE THAN MOVING === #

    def _join_messages(self, journal):
        """Messages hang on the verdicts that allowed them: both move at once."""
        ids = self._move_messages(self.loser_id.id, self.survivor_id.id)
        journal.entries.append(
            {"op": "messages", "messages": ids[0], "verdicts": ids[1]}
        )

    @api.model
    def _move_messages(self, old, new, messages=None, verdicts=None):
        """Move messages with their verdicts, all or the given; return their ids."""
        some = SQL("true") if messages is None else SQL("id = ANY(%s)", messages)
        asked = SQL("true") if verdicts is None else SQL("id = ANY(%s)", verdicts)
        return self.env.execute_query(
            SQL(
                """
                WITH asked AS (
                    UPDATE veloc_gate_verdict SET partner_id = %(new)s
                    WHERE partner_id = %(old)s AND %(asked)s RETURNING id
                ), sent AS (
                    UPDATE veloc_message SET partner_id = %(new)s
                    WHERE partner_id = %(old)s AND %(some)s RETURNING id
                )
                SELECT ARRAY(SELECT id FROM sent), ARRAY(SELECT id FROM asked)
                """,
                old=old,
                new=new,
                some=some,
                asked=asked,
            )
        )[0]

    def _join_conversations(self, journal):
        """One conversation goes on; the other one's words are in it."""
        for talk in self.env["veloc.conversation"].search(
            [("partner_id", "=", self.loser_id.id)]
        ):
            own = talk.search(
                [
                    ("partner_id", "=", self.survivor_id.id),
                    ("company_id", "=", talk.company_id.id),
                ]
            )
            if not own:
                where = SQL("id = %s", talk.id)
                ids = (self.loser_id.id, self.survivor_id.id)
                journal.move("veloc_conversation", "partner_id", *ids, where)
                continue
            for table, column in (
                ("veloc_conversation_entry", "conversation_id"),
                ("veloc_conversation_round", "conversation_id"),
                ("veloc_conversation_link", "conversation_id"),
            ):
                journal.move(table, column, talk.id, own.id)
            for table, column, _where in BY_MODEL[:2]:
                model = SQL("%s = 'veloc.conversation'", SQL.identifier(column))
                journal.move(table, "res_id", talk.id, own.id, model)
            journal.update(
                "veloc_conversation",
                [talk.id],
                SQL(
                    "state = 'closed', waiting_since = NULL, step_in_at = NULL,"
                    " escalate_at = NULL, round_id = NULL"
                ),
            )

    def _join_tags(self, journal):
        """The survivor carries the tags of both."""
        before = set(self.survivor_id.category_id.ids)
        added = set(self.loser_id.category_id.ids) - before
        self.survivor_id.with_context(**QUIETLY).write(
            {"category_id": [fields.Command.link(id_) for id_ in sorted(added)]}
        )
        journal.entries.append({"op": "tags", "ids": sorted(added)})

    def _join_contacts(self, journal, values):
        """Write the chosen values; the other contact becomes an empty shell."""
        survivor, loser = self.survivor_id, self.loser_id
        self.env.flush_all()
        ids = [survivor.id, loser.id]
        before = journal.rows("res_partner", ids)
        keys = self._key_ids(loser.id)
        keys_before = journal.rows("veloc_subject_key", keys)
        if values:
            survivor.with_context(**QUIETLY).write(values)
        loser.env["res.partner"]._veloc_merge_identity(loser, survivor)
        self.env.flush_all()
        self._empty_shell()
        journal.note_update("res_partner", before)
        journal.note_update("veloc_subject_key", keys_before)

    @api.model
    def _key_ids(self, partner_id):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM veloc_subject_key"
                " WHERE partner_number = %(id)s OR merged_into = %(id)s",
                id=partner_id,
            )
        )
        return [id_ for (id_,) in rows]

    def _empty_shell(self):
        """Leave nothing on the merged contact by which it could be found or reached."""
        loser = self.loser_id
        names = self._personal_columns()
        recorder = self.env["veloc.ledger.recorder"]
        noted = sorted({"name", "active", *names} & loser._veloc_ledger_fields)
        before = recorder._before_write(loser, noted)
        title = self.env._("Merged into contact %(id)s", id=self.survivor_id.id)
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET name = %s, complete_name = %s,"
                " active = false, %s WHERE id = %s",
                title,
                title,
                SQL(", ").join(SQL("%s = NULL", SQL.identifier(n)) for n in names),
                loser.id,
            )
        )
        loser.invalidate_recordset(flush=False)
        recorder._written(loser, before)

    @api.model
    def _personal_columns(self):
        """Return the contact's columns that erasure would empty, by the data map."""
        partner = self.env["res.partner"]
        stored = {
            name
            for name, field in partner._fields.items()
            if field.store and field.column_type and not field.required
        }
        mapped = {
            name
            for source in self.env["veloc.personal.data"]._data_map()
            if source.model == "res.partner" and source.on_erasure == "blank"
            for name in source.fields
        }
        return sorted(stored & mapped)
