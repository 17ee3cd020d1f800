import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .journal import Journal

ENDED_AT_ONCE = 100


class VelocMerge(models.Model):
    """Parting again: what was moved goes back, and what came since to whom it is."""

    _inherit = "veloc.merge"

    # === THE SEALED NOTES === #

    def _place(self):
        return f"{self._table}|undo|{self.id}"

    def _seal_undo(self, journal):
        """Keep what undoing takes; it holds personal data, so it is encrypted."""
        plain = json.dumps(journal.entries, default=str).encode()
        moved = sum(len(entry.get("ids", ())) for entry in journal.entries)
        self.write(
            {
                "undo_sealed": self.env["veloc.keyring"]._seal(self._place(), plain),
                "moved_count": moved,
            }
        )

    def _open_undo(self):
        keyring = self.env["veloc.keyring"]
        return Journal(
            self.env, json.loads(keyring._open(self._place(), self.undo_sealed))
        )

    # === ACTIONS === #

    def action_undo(self):
        """Make two records of the one again (button)."""
        self.ensure_one()
        self._check_may_merge()
        with self._alone() as merge:
            merge._undo()
        return True

    def _undo(self):
        if self.state != "merged" or self.undo_until < fields.Datetime.now():
            raise UserError(self.env._("This merge can no longer be undone."))
        both = (self.survivor_id | self.loser_id).ids
        later = [("id", ">", self.id), ("state", "=", "merged")]
        people = ["|", ("survivor_id", "in", both), ("loser_id", "in", both)]
        if self.search_count(later + people, limit=1):
            raise UserError(self.env._("Undo the later merge of this person first."))
        # sudo: the group was checked; what was moved goes back, seen or not.
        self.sudo()._part()

    def action_open_trader(self):
        """Open the trader who stayed (button)."""
        self.ensure_one()
        trader = self.survivor_id.veloc_trader_id
        return (trader or self.survivor_id)._get_records_action()

    # === UNDO === #

    def _part(self):
        """Take the merge back, in one transaction."""
        if self.survivor_id.veloc_blocked_at or self.survivor_id.veloc_erasure_ids:
            raise UserError(
                self.env._("This person is blocked or was erased: it stays as it is.")
            )
        self._stop_ingestion()
        journal = self._open_undo()
        tables = {entry["table"] for entry in journal.entries if "table" in entry}
        self._permit(tables)
        recorder = self.env["veloc.ledger.recorder"]
        people = self.survivor_id | self.loser_id
        names = sorted(people._veloc_ledger_fields)
        before = recorder._before_write(people, names)
        came = self.env["veloc.trader.alias.event"]._take(self)
        for entry in reversed(journal.entries):
            own = getattr(self, f"_revert_{entry['op']}", None)
            if own:
                own(entry)
            else:
                journal.revert(entry)
            self._note_back(entry)
        self.env.invalidate_all()
        self._give_back(journal, came)
        recorder._written(people, before)
        self._closed("undone")
        self.env["veloc.trader.alias.event"]._forget()
        self._after_parting()

    def _after_parting(self):
        pair = self.env["veloc.duplicate"].search(
            [
                ("left_id", "=", min(self.survivor_id.id, self.loser_id.id)),
                ("right_id", "=", max(self.survivor_id.id, self.loser_id.id)),
            ]
        )
        pair._decide("different")
        self.env.registry.clear_cache()
        self.env.cr.postcommit.add(self.env.registry.clear_cache)
        touched = (self.survivor_id | self.loser_id).veloc_trader_ids.ids
        self.env["veloc.segment"]._on_touched(
            touched, fields.Datetime.now(), wake=False
        )

    def _closed(self, state):
        self.write(
            {
                "state": state,
                "undo_sealed": False,
                "closed_at": fields.Datetime.now(),
                "closed_by": self.env.uid,
            }
        )

    def _revert_messages(self, entry):
        ids = (entry["messages"], entry["verdicts"])
        self._move_messages(self.survivor_id.id, self.loser_id.id, *ids)

    def _revert_swap(self, entry):
        kept, gone = self.survivor_id.id, self.loser_id.id
        own, other = entry["own"], entry["other"]
        self._swap(entry["table"], other, own, kept, gone)
        self._note_swap(entry["model"], own, other)

    def _revert_tags(self, entry):
        self.env.cr.execute(
            SQL(
                "DELETE FROM res_partner_res_partner_category_rel"
                " WHERE partner_id = %s AND category_id = ANY(%s)",
                self.survivor_id.id,
                entry["ids"],
            )
        )

    def _revert_days(self, entry):
        self._take_days(entry["from"], entry["to"])

    def _revert_words(self, entry):
        self._note_words(entry["consents"])

    def _revert_figures(self, entry):
        """The rows as they were; ``_give_back`` adds what came since."""
        journal = Journal(self.env)
        for text in entry["states"]:
            row = json.loads(text)
            names = sorted(row.keys() - {"id", "trader_id"})
            journal.restore("veloc_trader_state", row["id"], names, text)
        trader = json.loads(entry["trader"])
        names = sorted(trader.keys() - {"id", "partner_id", "external_ref"})
        journal.restore("veloc_trader", trader["id"], names, entry["trader"])

    def _note_back(self, entry):
        """The guards of evidence want to hear of every hand, ours too."""
        model = self._model_of(entry.get("table", ""))
        if model is None or not model._veloc_ledger_guard:
            return
        if entry["op"] != "update":
            ids = entry.get("ids", [])
        else:
            ids = [json.loads(row[0])["id"] for row in entry.get("rows", ())]
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": model._veloc_ledger_kind or "write",
                    "model": model._name,
                    "res_id": id_,
                    "public": {"op": "unmerge", "merge": self.id},
                }
                for id_ in ids
            ]
        )

    # === WHAT CAME SINCE === #

    def _give_back(self, journal, came):
        """Give the other trader what came under their own reference since."""
        if not any(entry["op"] == "figures" for entry in journal.entries):
            return
        kept = self.survivor_id.veloc_trader_ids.id
        gone = self.loser_id.veloc_trader_ids.id
        # References of earlier merges went back with the trader who has them.
        came = came + self.env["veloc.trader.alias.event"]._find(gone)
        self._hand_back(journal, came, kept, gone)
        news = self.env.execute_query(
            SQL(
                "SELECT 1 FROM veloc_trader_event_raw"
                " WHERE trader_id = ANY(%s) AND id > %s LIMIT 1",
                [kept, gone],
                self._last_event_of(journal),
            )
        )
        if news:
            self.env["veloc.trader.state"]._recompute([kept, gone])

    def _hand_back(self, journal, came, kept, gone):
        """Let the events that came since name whose they are."""
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_trader_event_raw SET trader_id = %s"
                " WHERE id = ANY(%s) AND trader_id = %s",
                gone,
                came,
                kept,
            )
        )

    @api.model
    def _last_event_of(self, journal):
        """Return the number that all events since the merge exceed."""
        return next(
            entry["last_event_id"]
            for entry in journal.entries
            if entry["op"] == "figures"
        )

    # === THE END OF THE 30 DAYS === #

    @api.model
    def _cron_end_undo(self):
        """Let go of what undoing would take, 30 days after each merge."""
        cron = self.env["ir.cron"]
        due = [
            ("state", "=", "merged"),
            ("undo_until", "<", fields.Datetime.now()),
        ]
        time_left = cron._commit_progress(remaining=self.search_count(due))
        while time_left and (batch := self.search(due, limit=ENDED_AT_ONCE)):
            batch._make_final()
            time_left = cron._commit_progress(len(batch))

    def _make_final(self):
        """The merge stands for good: nothing personal is left of the other record."""
        # sudo: pictures of contacts are hidden even from administrators.
        self.env["ir.attachment"].sudo().search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "in", self.loser_id.ids),
                ("res_field", "!=", False),
            ]
        ).unlink()
        for merge in self:
            merge._closed("final")
        self.env["veloc.trader.alias.event"]._forget()
