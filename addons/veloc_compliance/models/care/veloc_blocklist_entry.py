from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

SOURCE = "blocklist:"


class VelocBlocklistEntry(models.Model):
    """One address on a list, as a keyed hash, and the contacts that have it."""

    _name = "veloc.blocklist.entry"
    _description = "Entry of a do-not-contact list"
    _log_access = False

    list_id = fields.Many2one(
        "veloc.blocklist", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Char(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    import_id = fields.Many2one(
        "veloc.blocklist.import", "Newest file", readonly=True, ondelete="restrict"
    )
    ended_at = fields.Datetime(readonly=True)

    _digest_unique = models.Constraint(
        "UNIQUE (digest, list_id)", "This address is on the list already."
    )
    _import_idx = models.Index("(list_id, import_id) WHERE ended_at IS NULL")

    def init(self):
        """Add the table of matches: which contacts an entry has been found to mean."""
        result = super().init()
        self.env.cr.execute(
            SQL(
                """
                CREATE TABLE IF NOT EXISTS veloc_blocklist_match (
                    entry_id int NOT NULL
                        REFERENCES veloc_blocklist_entry ON DELETE CASCADE,
                    partner_id int NOT NULL REFERENCES res_partner ON DELETE CASCADE,
                    PRIMARY KEY (entry_id, partner_id));
                CREATE INDEX IF NOT EXISTS veloc_blocklist_match_partner_idx
                    ON veloc_blocklist_match (partner_id)
                """
            )
        )
        return result

    # === STORING === #

    @api.model
    def _store(self, blocklist, run, addresses):
        """Put ``{(kind, value)}`` on the list; return ``{address: is new}``.

        People who have one of them are suppressed at once.
        """
        hashes = self.env["veloc.care.identity"]._digests(addresses)
        by_hash = {digest: address for address, digest in hashes.items()}
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_blocklist_entry AS e
                    (list_id, kind, digest, import_id)
                SELECT %(list)s, kind, digest, %(run)s
                FROM unnest(%(kinds)s::varchar[], %(digests)s::varchar[])
                    AS given(kind, digest) ORDER BY digest
                ON CONFLICT (digest, list_id)
                    DO UPDATE SET import_id = excluded.import_id, ended_at = NULL
                RETURNING id, digest, (xmax = 0)
                """,
                list=blocklist.id,
                run=run.id,
                kinds=[kind for kind, _value in hashes],
                digests=list(hashes.values()),
            )
        )
        self.invalidate_model()
        entries = {by_hash[digest]: id_ for id_, digest, _is_new in rows}
        self._match(blocklist, entries)
        return {by_hash[digest]: is_new for _id, digest, is_new in rows}

    def _match(self, blocklist, entries):
        """Find the contacts of these entries by their addresses, and suppress them."""
        values = defaultdict(list)
        for kind, value in entries:
            values[kind].append(value)
        found = {
            (kind, value): ids
            for kind, wanted in values.items()
            for value, ids in self.env["res.partner"]._veloc_find(kind, wanted).items()
        }
        pairs = [
            (entries[address], partner_id)
            for address, ids in found.items()
            for partner_id in ids
        ]
        self._add_matches(pairs)
        self._impose(blocklist, {partner_id for _entry, partner_id in pairs})

    @api.model
    def _add_matches(self, pairs):
        """Note which contacts these entries mean: ``(entry id, partner id)``."""
        if pairs:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO veloc_blocklist_match (entry_id, partner_id)"
                    " SELECT * FROM unnest(%s::int[], %s::int[])"
                    " ON CONFLICT DO NOTHING",
                    *map(list, zip(*pairs, strict=True)),
                )
            )

    @api.model
    def _impose(self, blocklist, partner_ids):
        """Suppress these people on the channels of the list."""
        if partner_ids:
            for channel in blocklist._channels():
                self.env["veloc.suppression"]._impose(
                    sorted(partner_ids),
                    "blocklist",
                    channel=channel,
                    source=f"{SOURCE}{blocklist.code}"[:64],
                )

    # === PEOPLE WHO COME LATER === #

    @api.model
    def _find_entries(self, digests):
        """Return ``{hash: [(entry id, list id)]}`` in force; one query."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.digest, e.id, e.list_id FROM veloc_blocklist_entry e
                JOIN veloc_blocklist l ON l.id = e.list_id AND l.active
                WHERE e.digest = ANY(%s) AND e.ended_at IS NULL
                """,
                list(digests),
            )
        )
        found = defaultdict(list)
        for digest, entry_id, list_id in rows:
            found[digest].append((entry_id, list_id))
        return found

    # === ENDING === #

    @api.model
    def _end_missing(self, blocklist, run):
        """End the entries that the newest file no longer has; return how many."""
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE veloc_blocklist_entry SET ended_at = %s
                WHERE list_id = %s AND ended_at IS NULL AND import_id <> %s
                RETURNING id
                """,
                fields.Datetime.now(),
                blocklist.id,
                run.id,
            )
        )
        self.invalidate_model()
        self._release(self._people_of([id_ for (id_,) in rows]))
        return len(rows)

    def _people_of(self, entry_ids):
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT partner_id FROM veloc_blocklist_match"
                " WHERE entry_id = ANY(%s)",
                entry_ids,
            )
        )
        return [id_ for (id_,) in rows]

    @api.model
    def _release(self, partner_ids):
        """End what no list in force asks for any more; the list is who decides."""
        if not partner_ids:
            return
        wanted = self._wanted(partner_ids)
        # sudo: nobody has write rights on suppressions; the list has ended.
        standing_sudo = (
            self.env["veloc.suppression"].sudo()._standing_of(partner_ids, "blocklist")
        )
        standing_sudo.filtered(
            lambda block: (
                block.source.startswith(SOURCE)
                and (block.partner_id.id, block.channel or None) not in wanted
            )
        )._end(source="blocklist", note="")

    def _wanted(self, partner_ids):
        """Return ``{(partner id, channel)}`` that lists in force close."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT m.partner_id, e.list_id FROM veloc_blocklist_match m
                JOIN veloc_blocklist_entry e ON e.id = m.entry_id
                WHERE m.partner_id = ANY(%s) AND e.ended_at IS NULL
                """,
                list(partner_ids),
            )
        )
        lists = self.env["veloc.blocklist"].browse({id_ for _partner, id_ in rows})
        channels = {blocklist.id: blocklist._channels() for blocklist in lists}
        return {(id_, channel) for id_, list_ in rows for channel in channels[list_]}

    @api.model
    def _match_again(self, blocklist):
        """Suppress and release anew after the list changed what it closes."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT m.partner_id FROM veloc_blocklist_match m"
                " JOIN veloc_blocklist_entry e ON e.id = m.entry_id"
                " WHERE e.list_id = %s AND e.ended_at IS NULL",
                blocklist.id,
            )
        )
        people = {id_ for (id_,) in rows}
        self._impose(blocklist, people)
        self._release(people)
