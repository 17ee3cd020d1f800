import base64
import json

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import erasure_state
from ...rules.comeback import LASTING_CARE
from .veloc_tombstone import PLACE

# Ciphertexts and hashes: the values themselves are sealed, under the person's key.
HIDDEN = ("_sealed", "_blind", "sealed_content")


class VelocEraser(models.AbstractModel):
    """Takes a batch of people out of the database, by the map of personal data.

    Everything happens in one transaction and in a number of statements that does not
    depend on how many people there are. What it finds, how it empties rows, what Odoo
    keeps besides, and free texts: see the other files of this model.
    """

    _name = "veloc.eraser"
    _description = "Eraser"

    # === THE TWO DEEDS === #

    @api.model
    def _pseudonymise(self, erasures):
        """Bury marks, seal what must be kept, empty all the rest."""
        self.env.flush_all()
        people = erasures.partner_id.with_context(active_test=False)
        identities = self._identities(people)
        needles = self._needles(people, identities)
        self.env["veloc.retention.duty"]._renew_holds(erasures)
        self._bury(erasures, identities)
        self._seal(erasures)
        counts = self._empty(people)
        self._rename(people)
        redacted = self._redact(needles)
        now = fields.Datetime.now()
        erasures._move(
            erasure_state.PSEUDONYMISED,
            {"pseudonymised_at": now, "has_files_to_collect": True},
        )
        for deed, by_model in {**counts, "redact": redacted}.items():
            if by_model:
                erasures._prove(deed, by_model)
        self.env["veloc.tombstone.journal"]._tell(erasures, "pseudonymised")

    @api.model
    def _destroy(self, erasures):
        """Let go of the sealed copies and of the keys: nothing opens them again."""
        vaults = erasures.vault_ids
        copies = len(vaults)
        vaults.unlink()
        keys = self.env["veloc.subject.key"]._shred(erasures.partner_id.ids, "erasure")
        erasures._move(
            erasure_state.DESTROYED,
            {"destroyed_at": fields.Datetime.now(), "held_until": False},
        )
        erasures._prove(
            "destroy", {"veloc.erasure.vault": copies, "veloc.subject.key": keys}
        )
        self.env["veloc.tombstone.journal"]._tell(erasures, "destroyed")

    # === WHO THEY WERE === #

    @api.model
    def _identities(self, people):
        """Return ``{partner_id: {(kind, value)}}``; addons above add theirs."""
        found = {person.id: set() for person in people}
        for person in people:
            for kind, value in (
                ("email", person.email_normalized),
                ("phone", person.phone_sanitized),
                ("cpf", person.veloc_cpf),
                ("cnpj", person.veloc_cnpj),
            ):
                if value:
                    found[person.id].add((kind, value))
        return found

    @api.model
    def _shared(self, people):
        """Return the addresses that somebody else lives with, who stays."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT other.email_normalized, other.phone_sanitized
                FROM res_partner gone JOIN res_partner other
                    ON other.email_normalized = gone.email_normalized
                    OR other.phone_sanitized = gone.phone_sanitized
                WHERE gone.id = ANY(%(ids)s) AND NOT other.id = ANY(%(ids)s)
                    AND other.veloc_blocked_at IS NULL
                """,
                ids=people.ids,
            )
        )
        return {value for row in rows for value in row if value}

    # === MARKS === #

    @api.model
    def _bury(self, erasures, identities):
        """Leave keyed hashes, so that nothing brings these people back."""
        shared = self._shared(erasures.partner_id)
        care = self._care(erasures.partner_id.ids)
        keyring, rows = self.env["veloc.keyring"], []
        now = fields.Datetime.now()
        for erasure in erasures:
            number = erasure.partner_id.id
            for kind, value in sorted(identities[number]):
                if value in shared and kind in ("email", "phone"):
                    continue
                normal = self.env["veloc.tombstone"]._normal(kind, value)
                if not normal:
                    continue
                (digest,) = keyring._blind(PLACE, kind, [normal])
                rows.append(
                    {
                        "kind": kind,
                        "digest": digest,
                        "reference": erasure.reference,
                        "erased_at": now,
                        "care": json.dumps(care.get(number, [])),
                    }
                )
        self.env["veloc.tombstone"]._bury(rows)
        erasures._prove("bury", {"veloc.tombstone": len(rows)})

    def _care(self, partner_ids):
        """Return ``{partner_id: [(kind, until)]}`` of protections that outlast it."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, kind, until_at FROM veloc_suppression
                WHERE partner_id = ANY(%s) AND kind = ANY(%s) AND lifted_at IS NULL
                    AND (until_at IS NULL OR until_at > now() AT TIME ZONE 'UTC')
                """,
                list(partner_ids),
                sorted(LASTING_CARE),
            )
        )
        care = {}
        for partner_id, kind, until in rows:
            care.setdefault(partner_id, []).append((kind, until and until.isoformat()))
        return care

    # === WHAT IS KEPT === #

    @api.model
    def _seal(self, erasures):
        """Seal, person by person, the classes of data that a law still wants."""
        kept = self.env["veloc.retention.duty"]._kept_classes(erasures)
        held = erasures.filtered(lambda e: kept[e.partner_id.id] != set())
        if not held:
            return
        data = self.env["veloc.personal.data"]
        contents = {erasure.partner_id.id: {} for erasure in held}
        for source in data._data_map():
            if source.on_erasure == "keep" or not source.is_personal:
                continue
            for number, rows in self._rows_to_seal(source, held, kept).items():
                pair = (source.model, source.data_class)
                contents[number].setdefault(pair, []).extend(rows)
        for erasure in held:
            self.env["veloc.erasure.vault"]._seal(
                erasure, contents[erasure.partner_id.id]
            )
        held._prove("seal", {"veloc.erasure.vault": len(held.vault_ids)})

    def _rows_to_seal(self, source, erasures, kept):
        """Return ``{partner_id: [row as a dict]}`` of one source."""
        wanted = erasures.filtered(
            lambda e: (
                kept[e.partner_id.id] is None
                or source.data_class in kept[e.partner_id.id]
            )
        )
        data, found = self.env["veloc.personal.data"], {}
        # Addresses say whose they are only one person at a time.
        groups = wanted if source.by_value or source.via else [wanted]
        for group in groups:
            for record in data._records(source, group.partner_id):
                number = self._owner(source, record, group.partner_id)
                if number:
                    found.setdefault(number, []).append(self._read_row(source, record))
        return found

    def _owner(self, source, record, people):
        """Return whose of these people a row is."""
        if len(people) == 1:
            return people.id
        value = record
        for name in source.subject.split("."):
            value = value[name]
        ids = [value] if isinstance(value, int) else value.ids
        return next((number for number in ids if number in people.ids), None)

    def _read_row(self, source, record):
        names = [
            name
            for name in source.fields
            if name in record._fields and not name.endswith(HIDDEN)
        ]
        row = {"id": record.id}
        for name in names:
            value = record[name]
            row[name] = value.ids if isinstance(value, models.BaseModel) else value
        if source.model == "ir.attachment":
            row["raw"] = record.raw
        if source.model == "veloc.identity.proof" and source.shown:
            row["content"] = self._open_proof(record)
        return row

    def _open_proof(self, proof):
        """Return the file of a proof: sealed anew, with the person's own key."""
        sealed = base64.b64decode(proof.sealed_content or b"")
        return self.env["veloc.keyring"]._open_bytes(proof._place(), sealed)
