from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules.care_terms import youngest_adult
from ...rules.suppression import BINDING

NIGHTLY_BATCH = 1000


class VelocCare(models.AbstractModel):
    """The work that care does by itself: recognising, coming of age, terms that end."""

    _name = "veloc.care"
    _description = "Care for people"

    # === RECOGNISING === #

    @api.model
    def _recognise(self, addresses):
        """Bind people by what they turn out to be: ``{partner id: {(kind, value)}}``.

        Two look-ups for any number of people.
        """
        wanted = {address for mine in addresses.values() for address in mine}
        if not wanted:
            return
        # sudo: hashes are compared by the system, shown to nobody.
        identities_sudo = self.env["veloc.care.identity"].sudo()
        by_address = defaultdict(list)
        for digest, address in identities_sudo._all_digests(wanted).items():
            by_address[address].append(digest)
        hashes = {
            id_: [digest for address in mine for digest in by_address[address]]
            for id_, mine in addresses.items()
        }
        digests = [digest for mine in by_address.values() for digest in mine]
        self._inherit_terms(hashes, identities_sudo._find_blocks(digests))
        # sudo: lists are matched by the system, whoever creates the contact.
        entries_sudo = self.env["veloc.blocklist.entry"].sudo()
        self._apply_lists(hashes, entries_sudo, entries_sudo._find_entries(digests))

    def _inherit_terms(self, hashes, blocks):
        if not blocks:
            return
        # sudo: what binds the person binds whoever creates the contact.
        suppressions_sudo = self.env["veloc.suppression"].sudo()
        found = {
            id_: suppressions_sudo.browse(
                {block for digest in mine for block in blocks.get(digest, ())}
            )
            for id_, mine in hashes.items()
        }
        suppressions_sudo._inherit_known({i: b for i, b in found.items() if b})

    def _apply_lists(self, hashes, entries_sudo, found):
        pairs, people = [], defaultdict(set)
        for id_, mine in hashes.items():
            for entry_id, list_id in (e for d in mine for e in found.get(d, ())):
                pairs.append((entry_id, id_))
                people[list_id].add(id_)
        entries_sudo._add_matches(pairs)
        for blocklist in entries_sudo.env["veloc.blocklist"].browse(people):
            entries_sudo._impose(blocklist, people[blocklist.id])

    # === AT NIGHT === #

    @api.model
    def _cron_nightly(self):
        """Mark who is under age, release who came of age, forget what is over."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=2)
        today = fields.Date.context_today(self.with_context(tz="America/Sao_Paulo"))
        found = 0
        while marked := self._mark_minors(today):
            found += marked
            if not cron._commit_progress(remaining=1):
                break
        if found:
            text = self.env._("%(count)s people were not marked.", count=found)
            self.env["veloc.alert"]._raise("minor_found", str(today), text)
        self._release_adults(today)
        self._remember_older()
        self.env["veloc.care.identity"]._forget_over()
        cron._commit_progress(1, remaining=0)

    def _mark_minors(self, today):
        """Mark a batch of people under age; return how many."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id FROM res_partner p
                WHERE p.veloc_birth_date > %s AND NOT EXISTS (
                    SELECT 1 FROM veloc_suppression s WHERE s.partner_id = p.id
                    AND s.kind = 'minor' AND s.lifted_at IS NULL)
                ORDER BY p.id LIMIT %s
                """,
                youngest_adult(today),
                NIGHTLY_BATCH,
            )
        )
        people = self.env["res.partner"].browse(id_ for (id_,) in rows)
        return people._veloc_mark_minors(today) if people else 0

    def _release_adults(self, today):
        """End the mark of those who came of age; what staff imposed staff ends."""
        blocks = self.env["veloc.suppression"].search(
            [
                ("kind", "=", "minor"),
                ("source", "=", "birth_date"),
                ("is_active", "=", True),
                ("partner_id.veloc_birth_date", "<=", youngest_adult(today)),
            ]
        )
        blocks._end(source="birth_date", note="")
        return len(blocks)

    def _remember_older(self):
        """Bind by their addresses those whose terms are older than the hashes."""
        blocks = self.env["veloc.suppression"].search(
            [
                ("kind", "in", list(BINDING)),
                ("is_active", "=", True),
                ("origin_id", "=", False),
                ("identity_ids", "=", False),
                "|",
                ("partner_id.email_normalized", "!=", False),
                ("partner_id.phone_sanitized", "!=", False),
            ],
            limit=NIGHTLY_BATCH,
        )
        for (kind, until), group in blocks.grouped(
            lambda block: (block.kind, block.until_at or None)
        ).items():
            group._bind_same_person(group.partner_id.ids, kind, until)

    # === WHEN SOMETHING IS DUE === #

    @api.model
    def _cron_due(self):
        """Let loosenings and raised limits take effect whose time has come."""
        cron = self.env["ir.cron"]
        time_left = cron._commit_progress()
        for model in ("veloc.suppression.loosening", "veloc.care.limit"):
            while time_left and (done := self.env[model]._apply_due()):
                time_left = cron._commit_progress(done)
