"""What a person said, and what protects them, while two records were one."""

from odoo import fields, models
from odoo.tools import SQL

SOURCE = "unmerge"
IN_FORCE = ("active", "waiting")
# The one block that is about a number or mailbox, not about a person.
ABOUT_AN_ADDRESS = "channel_blocked"


class VelocMerge(models.Model):
    """Nobody knows which of the two a refusal came from: it holds for both again."""

    _inherit = "veloc.merge"

    # === WHEN THEY BECOME ONE === #

    def _join_traders(self, journal):
        """What a person's review took back of either is not computed for the one."""
        was_withheld = self._is_withheld(self.survivor_id | self.loser_id)
        result = super()._join_traders(journal)
        if was_withheld:
            self.env["veloc.privacy.review"]._empty_scores(self.survivor_id)
        return result

    def _seal_undo(self, journal):
        """Note how it stands, so that undoing knows what came since."""
        journal.entries.append(
            {
                "op": "standing",
                "last_consent": self._last_consent_id(),
                "blocks": {block.id: block.until_at for block in self._blocks()},
                "limits": self._limits().ids,
                "withheld": self._is_withheld(self.survivor_id),
            }
        )
        return super()._seal_undo(journal)

    def _last_consent_id(self):
        """Return a number that all later words exceed."""
        rows = self.env.execute_query(SQL("SELECT nextval('veloc_consent_id_seq')"))
        return rows[0][0]

    def _blocks(self):
        return self.env["veloc.suppression"].search(
            [("partner_id", "=", self.survivor_id.id), ("is_active", "=", True)]
        )

    def _limits(self):
        return self.env["veloc.care.limit"].search(
            [("partner_id", "=", self.survivor_id.id), ("state", "in", IN_FORCE)]
        )

    def _is_withheld(self, people):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT 1 FROM veloc_trader_state s JOIN veloc_trader t ON t.id = s.id"
                " WHERE t.partner_id = ANY(%s) AND s.score_withheld LIMIT 1",
                people.ids,
            )
        )
        return bool(rows)

    # === WHEN THEY PART === #

    def _part(self):
        """Part, and let what was said and imposed since hold for both."""
        self._stop_ingestion()
        entries = self._open_undo().entries
        then = next((e for e in entries if e["op"] == "standing"), None)
        since = then and self._find_since(then)
        result = super()._part()
        if since:
            blocks, limits, words, is_withheld = since
            self._block_both(blocks)
            self._limit_both(limits)
            self._say_both(words)
            if is_withheld:
                self.env["veloc.privacy.review"]._withhold(
                    self.survivor_id | self.loser_id
                )
        return result

    def _give_back(self, journal, came):
        """Let both stand where what came since leads them, each with their own."""
        result = super()._give_back(journal, came)
        figures = next((e for e in journal.entries if e["op"] == "figures"), None)
        if figures:
            ids = (self.survivor_id | self.loser_id).veloc_trader_ids.ids
            self.env.cr.execute(
                SQL(
                    "DELETE FROM veloc_lifecycle_event"
                    " WHERE trader_id = ANY(%s) AND id > %s",
                    ids,
                    figures["last_line_id"],
                )
            )
            fold = self.env["veloc.ingest.fold"]
            fold._catch_up(ids, figures["last_event_id"], fields.Datetime.now())
        return result

    def _revert_standing(self, _entry):
        """Nothing was changed when it was noted."""

    def _find_since(self, then):
        """Return blocks, limits and words that came after the merge, and whether
        scores were taken back."""
        blocks = [
            (block.kind, block.channel, block.until_at)
            for block in self._blocks()
            if then["blocks"].get(str(block.id), "")
            != (str(block.until_at) if block.until_at else False)
        ]
        fresh = self._limits().filtered(lambda row: row.id not in then["limits"])
        limits = fresh.filtered(lambda row: row.state == "active")
        # What replaced an older limit would stand in its way when that comes back.
        fresh._end_as("replaced", fields.Datetime.now())
        words = self.env["veloc.consent"].search(
            [
                ("partner_id", "=", self.survivor_id.id),
                ("id", ">", then["last_consent"]),
            ]
        )
        is_withheld = not then["withheld"] and self._is_withheld(self.survivor_id)
        return blocks, limits, words, is_withheld

    def _block_both(self, blocks):
        note = self.env._("From when both records were one (merge %(id)s).", id=self.id)
        for kind, channel, until in blocks:
            people = self.survivor_id
            if kind != ABOUT_AN_ADDRESS:
                people |= self.loser_id
            self.env["veloc.suppression"]._impose(
                people.ids, kind, channel, source=SOURCE, note=note, until=until
            )

    def _limit_both(self, limits):
        """Set the limits again for whom they are tighter than what stands."""
        both = (self.survivor_id | self.loser_id).ids
        standing, now = limits._find_rows(both), fields.Datetime.now()
        wishes = []
        for limit in limits:
            currency = limit.currency_id or self.env.company.currency_id
            value = limit._value_in(currency, now)
            for partner_id in both:
                key = (partner_id, limit.kind, limit.period), "active"
                own = standing.get(key, limits.browse())._value_in(currency, now)
                if own is None or value < own:
                    wishes.append(
                        {
                            "partner_id": partner_id,
                            "kind": limit.kind,
                            "period": limit.period,
                            "value": value,
                            "currency": currency,
                            "source": SOURCE,
                        }
                    )
        limits._set_many(wishes)

    def _say_both(self, words):
        """The newest words count again; a no among them is the other's no, too."""
        states = self.env["veloc.consent.state"]
        states._fold(words)
        refused = {}
        for word in words.sorted(lambda w: (w.recorded_at, w.id)):
            refused[word.purpose_id, word.channel] = word
        self.env["veloc.consent"].create(
            [
                {
                    "partner_id": self.loser_id.id,
                    "purpose_id": word.purpose_id.id,
                    "version_id": word.version_id.id,
                    "channel": word.channel,
                    "granted": False,
                    "recorded_at": fields.Datetime.now(),
                    "recorded_by": self.env.uid,
                    "source": SOURCE,
                    "evidence": self.env._(
                        "Said when both records were one (merge %(id)s).", id=self.id
                    ),
                }
                for word in refused.values()
                if not word.granted
            ]
        )
