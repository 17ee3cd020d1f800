from odoo import models
from odoo.tools import SQL

from ...rules.merge_choice import stricter_states

# The row that stands and the other one, of which the stricter must be the survivor's.
# Both may not stand for one person at a time, so one of them waits elsewhere.
SUPPRESSIONS = """
    SELECT own.id, other.id FROM veloc_suppression own JOIN veloc_suppression other
        ON other.kind = own.kind
        AND coalesce(other.channel, '') = coalesce(own.channel, '')
    WHERE own.partner_id = %(kept)s AND other.partner_id = %(gone)s
        AND own.lifted_at IS NULL AND other.lifted_at IS NULL
        AND coalesce(other.until_at, 'infinity') > coalesce(own.until_at, 'infinity')
"""
LIMITS = """
    SELECT own.id, other.id FROM veloc_care_limit own JOIN veloc_care_limit other
        ON other.kind = own.kind AND other.period = own.period
        AND other.state = own.state
    WHERE own.partner_id = %(kept)s AND other.partner_id = %(gone)s
        AND own.state IN ('active', 'waiting') AND NOT other.is_removal IS TRUE
        AND (own.is_removal IS TRUE
            OR coalesce(other.minutes, 0) + coalesce(other.amount, 0)
             < coalesce(own.minutes, 0) + coalesce(own.amount, 0))
"""


class VelocMerge(models.Model):
    """What the person said and what protects them: the stricter of the two holds."""

    _inherit = "veloc.merge"

    def _join_consents(self, journal):
        """Let the stricter word count; the events of both move with the rest."""
        words = {side.id: {} for side in (self.survivor_id, self.loser_id)}
        for row in self.env.execute_query_dict(
            SQL(
                "SELECT id, partner_id, purpose_id, channel, granted, consent_id,"
                " version_number, recorded_at FROM veloc_consent_state"
                " WHERE partner_id = ANY(%s) ORDER BY id",
                list(words),
            )
        ):
            words[row["partner_id"]][row["purpose_id"], row["channel"]] = row
        kept, gone = words[self.survivor_id.id], words[self.loser_id.id]
        taken, differed = stricter_states(
            {key: row["granted"] for key, row in kept.items()},
            {key: row["granted"] for key, row in gone.items()},
        )
        self.has_consent_conflict = differed
        for key in taken:
            self._take_word(journal, kept.get(key), gone[key])
        heard = {
            row["consent_id"]
            for key in taken
            for row in (kept.get(key), gone[key])
            if row
        }
        journal.entries.append({"op": "words", "consents": sorted(heard)})
        self._note_words(heard)

    def _take_word(self, journal, own, other):
        """Put the other's word in the place of the survivor's."""
        names = ("granted", "consent_id", "version_number", "recorded_at")
        if own:
            assignments = SQL(", ").join(
                SQL("%s = %s", SQL.identifier(name), other[name]) for name in names
            )
            journal.update("veloc_consent_state", [own["id"]], assignments)
        else:
            names = ("purpose_id", "channel", *names)
            values = SQL(", ").join(SQL("%s", other[name]) for name in names)
            journal.insert(
                "veloc_consent_state",
                ("partner_id", *names),
                SQL("VALUES (%s, %s)", self.survivor_id.id, values),
            )

    def _note_words(self, consent_ids):
        """The guard of the current words wants to hear why they changed."""
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "consent",
                    "model": "veloc.consent",
                    "res_id": consent_id,
                    "subject_id": self.survivor_id.id,
                    "public": {"op": "merge", "merge": self.id},
                }
                for consent_id in sorted(consent_ids)
            ]
        )

    def _join_protections(self, journal):
        """Where both have one of a kind, the survivor carries the stricter."""
        for table, model, query in (
            ("veloc_suppression", "veloc.suppression", SUPPRESSIONS),
            ("veloc_care_limit", "veloc.care.limit", LIMITS),
        ):
            kept, gone = self.survivor_id.id, self.loser_id.id
            pairs = self.env.execute_query(SQL(query, kept=kept, gone=gone))
            for own, other in pairs:
                self._swap(table, own, other, kept, gone)
                entry = {"op": "swap", "table": table, "model": model}
                journal.entries.append(entry | {"own": own, "other": other})
                self._note_swap(model, own, other)

    def _swap(self, table, own, other, kept, gone):
        """Exchange two rows' people; for a moment one stands with the company."""
        waiting = self.company_id.partner_id.id
        for id_, partner_id in ((own, waiting), (other, kept), (own, gone)):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET partner_id = %s WHERE id = %s",
                    SQL.identifier(table),
                    partner_id,
                    id_,
                )
            )

    def _note_swap(self, model, *ids):
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "care",
                    "model": model,
                    "res_id": id_,
                    "subject_id": self.survivor_id.id,
                    "public": {"op": "merge", "merge": self.id},
                }
                for id_ in ids
            ]
        )
