import base64
from dataclasses import dataclass

from odoo import api, models
from odoo.tools import SQL

from ...rules import field_cipher
from .encrypted_char import EncryptedChar

BATCH = 500
FILES = 10


@dataclass(frozen=True)
class Column:
    """A column of ciphertexts: its table, its place in them, its record's name."""

    model: str
    table: str
    name: str
    sealed: str
    record: str = "id"
    blind: str = ""


@dataclass(frozen=True)
class Passed:
    """What one batch saw: the last id (None: the end), and how many of what."""

    last_id: int | None
    seen: int = 0
    changed: int = 0
    broken: int = 0


class VelocKeyWalk(models.AbstractModel):
    """Goes over every encrypted value, a short batch at a time, beside the traffic."""

    _name = "veloc.key.walk"
    _description = "Walk over encrypted values"

    @api.model
    def _columns(self):
        """Return every column of ciphertexts; addons need not register anything."""
        found = [
            Column(
                "veloc.subject.key",
                "veloc_subject_key",
                "sealed",
                "sealed",
                "reference",
            )
        ]
        for name in sorted(self.env.registry.models):
            model = self.env[name]
            if model._abstract or not model._auto:
                continue
            found += [
                Column(
                    name,
                    model._table,
                    field.name,
                    f"{field.name}_sealed",
                    blind=f"{field.name}_blind" if field.has_blind else "",
                )
                for field in model._fields.values()
                if isinstance(field, EncryptedChar) and not field.related
            ]
        return found

    # === TEXTS === #

    @api.model
    def _pass(self, column, after_id, renew):
        """Open the next values; with ``renew`` seal those of older keys anew.

        Rows that somebody is writing are left for the next round, nobody waits.
        """
        rows = self._take(column, after_id, renew)
        if not rows:
            return Passed(None)
        rings = self.env["veloc.keyring"]._rings_now()
        fresh, broken = [], []
        for id_, record, sealed, blind in rows:
            place = field_cipher.context(column.table, column.name, record)
            try:
                plain = field_cipher.open_sealed(rings["field"], place, sealed)
            except field_cipher.CannotOpen:
                broken.append(id_)
                continue
            if column.blind and not self._index_fits(
                column, rings["index"], plain, blind
            ):
                broken.append(id_)
            if renew and field_cipher.generation_of(sealed) != rings["field"].current:
                fresh.append((id_, place, plain))
        self._store(column, rings, fresh)
        if broken:
            records = self.env[column.model].browse(broken)
            self.env["veloc.keyring"]._report_unreadable(records, column.name)
        return Passed(rows[-1][0], len(rows), len(fresh), len(broken))

    @api.model
    def _take(self, column, after_id, renew):
        self.env.flush_all()
        current = self.env["veloc.keyring"]._rings_now()["field"].current
        older = SQL(
            "AND %s NOT LIKE %s", SQL.identifier(column.sealed), f"v{current}:%"
        )
        return self.env.execute_query(
            SQL(
                """
                SELECT id, %(record)s, %(sealed)s, %(blind)s FROM %(table)s
                WHERE id > %(after)s AND %(sealed)s IS NOT NULL %(older)s
                ORDER BY id LIMIT %(limit)s %(lock)s
                """,
                record=SQL.identifier(column.record),
                sealed=SQL.identifier(column.sealed),
                blind=SQL.identifier(column.blind) if column.blind else SQL("NULL"),
                table=SQL.identifier(column.table),
                after=after_id,
                older=older if renew else SQL(),
                limit=BATCH,
                # Not FOR UPDATE: who inserts a row that points here need not wait.
                lock=SQL("FOR NO KEY UPDATE SKIP LOCKED") if renew else SQL(),
            )
        )

    @api.model
    def _index_fits(self, column, ring, plain, blind):
        """Return whether a blind index is the value's, by the newest key first."""
        value = [plain.decode()]
        return any(
            field_cipher.blind(ring.keys[number], column.table, column.name, value)
            == [blind]
            for number in sorted(ring.keys, reverse=True)
        )

    @api.model
    def _store(self, column, rings, fresh):
        if not fresh:
            return
        sealed = [
            field_cipher.seal(rings["field"], place, plain)
            for _id, place, plain in fresh
        ]
        assignment = SQL("%s = v.sealed", SQL.identifier(column.sealed))
        blinds = [None] * len(fresh)
        if column.blind:
            texts = [plain.decode() for _id, _place, plain in fresh]
            key = rings["index"].keys[rings["index"].current]
            blinds = field_cipher.blind(key, column.table, column.name, texts)
            assignment = SQL(
                "%s, %s = v.blind", assignment, SQL.identifier(column.blind)
            )
        self.env.cr.execute(
            SQL(
                """
                UPDATE %s AS row SET %s
                FROM unnest(%s::int[], %s::varchar[], %s::varchar[])
                    AS v (id, sealed, blind)
                WHERE row.id = v.id
                """,
                SQL.identifier(column.table),
                assignment,
                [id_ for id_, _place, _plain in fresh],
                sealed,
                blinds,
            )
        )
        self.env[column.model].invalidate_model(flush=False)

    @api.model
    def _older(self, column):
        """Return how many values of a column still carry an older key."""
        current = self.env["veloc.keyring"]._rings_now()["field"].current
        ((count,),) = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM %s WHERE %s NOT LIKE %s",
                SQL.identifier(column.table),
                SQL.identifier(column.sealed),
                f"v{current}:%",
            )
        )
        return count

    # === FILES === #

    @api.model
    def _pass_files(self, after_id, renew):
        """The same for the files of identity proofs, which are larger."""
        # sudo: the walk belongs to the house, and nobody sees what it opens.
        proofs_sudo = (
            self.env["veloc.identity.proof"]
            .sudo()
            .search([("id", ">", after_id)], order="id", limit=FILES)
        )
        if not proofs_sudo:
            return Passed(None)
        keyring, changed, broken = self.env["veloc.keyring"], 0, []
        head = b"v%d:" % keyring._rings_now()["field"].current
        for proof_sudo in proofs_sudo.with_context(bin_size=False):
            sealed = base64.b64decode(proof_sudo.sealed_content or b"")
            try:
                plain = keyring._open_bytes(proof_sudo._place(), sealed)
            except field_cipher.CannotOpen:
                broken.append(proof_sudo.id)
                continue
            if renew and not sealed.startswith(head):
                proof_sudo._store_sealed(plain)
                changed += 1
        if broken:
            keyring._report_unreadable(proofs_sudo.browse(broken), "content")
        return Passed(proofs_sudo[-1:].id, len(proofs_sudo), changed, len(broken))
