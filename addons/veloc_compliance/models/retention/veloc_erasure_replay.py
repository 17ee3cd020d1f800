from odoo import api, models
from odoo.tools import SQL

from ...rules import tombstone_journal as journal

PEOPLE = 5_000


class VelocErasure(models.Model):
    """After a restore: who was erased since the backup is erased once more."""

    _inherit = "veloc.erasure"

    @api.model
    def _cron_replay(self):
        """Compare the journal outside the database with the database (daily)."""
        self._replay()
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _replay(self, lines=None):
        """Take over what the journal knows and we do not; erase who is back.

        Returns ``{"entries", "erased", "bad_lines"}``. Run it before anybody works
        with a restored database; the daily job runs it too.
        """
        files = self.env["veloc.tombstone.journal"]
        entries, bad = files._read_file(lines)
        missing = files._missing(entries)
        if missing:
            files._adopt(missing)
        back = self._find_back(entries)
        if back:
            self._erase(back, "restore")
        if bad:
            self.env["veloc.alert"]._raise(
                "tombstone_journal",
                detail=self.env._(
                    "%(count)s lines of the journal of erasures are damaged or "
                    "not ours.",
                    count=len(bad),
                ),
            )
        self.env["veloc.ledger.entry"]._note(
            "erasure",
            self._name,
            public={"deed": "replay", "entries": len(missing), "erased": len(back)},
        )
        return {"entries": len(missing), "erased": len(back), "bad_lines": len(bad)}

    @api.model
    def _find_back(self, entries):
        """Return the people who stand here although they were erased.

        By their marks, and by the number their contact had: whoever was stored before
        the erasure is that person; whoever came after it is a new one.
        """
        erased = self._erased_at(entries)
        if not erased:
            return self.env["res.partner"]
        back = set(self._back_by_number(entries))
        last = 0
        while people := self._next_people(last):
            last = people[-1].id
            back |= self._back_by_mark(people)
        # sudo: the job looks at everybody.
        return self.env["res.partner"].sudo().browse(sorted(back))

    def _erased_at(self, entries):
        return {e.reference: e.at for e in entries if e.deed != journal.RETURNED}

    def _back_by_number(self, entries):
        """Return contacts that still have a name under the number of an erased one."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id FROM res_partner p
                JOIN unnest(%s::int[], %s::timestamp[]) AS gone (id, at)
                    ON gone.id = p.id AND p.create_date <= gone.at
                WHERE p.veloc_blocked_at IS NULL
                """,
                [e.partner_id for e in entries if e.deed != journal.RETURNED],
                [e.at for e in entries if e.deed != journal.RETURNED],
            )
        )
        return [row[0] for row in rows]

    def _next_people(self, last):
        # sudo: as in _find_back.
        partners_sudo = self.env["res.partner"].sudo().with_context(active_test=False)
        return partners_sudo.search(
            [("id", ">", last), ("veloc_blocked_at", "=", False)],
            order="id",
            limit=PEOPLE,
        )

    def _back_by_mark(self, people):
        identities = self.env["veloc.eraser"]._identities(people)
        values = {}
        for own in identities.values():
            for kind, value in own:
                values.setdefault(kind, set()).add(value)
        marks = self.env["veloc.tombstone"]._marks(values)
        return {
            person.id
            for person in people
            for pair in identities[person.id]
            for mark in marks.get(pair, ())
            if person.create_date <= mark.erased_at
        }
