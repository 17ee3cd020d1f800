import logging
import os
import threading
import time
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odoo import api, models, tools

from ...rules import field_cipher, master_key

_logger = logging.getLogger(__name__)

# Seconds. Less than the minute for which new keys are announced.
KNOWN_FOR = 30


class VelocKeyring(models.AbstractModel):
    """Seals and opens values, makes blind indexes, holds the signing keys.

    Three layers: a master key from the environment wraps a few data keys that stand in
    the database (`veloc.data.key`), and those derive one key per table and column. A
    new master key means that a few rows are wrapped anew, no value is touched.
    """

    _name = "veloc.keyring"
    _description = "Keys of the encrypted fields"

    # === START === #

    def _register_hook(self):
        """Refuse to serve a database without its key: never clear text instead."""
        super()._register_hook()
        try:
            self.env["veloc.data.key"]._ensure_first()
            self._check()
        except master_key.KeyProblem as problem:
            self._refuse(problem)

    @api.model
    def _refuse(self, problem):
        _logger.critical("Veloc does not start: %s", problem)
        if threading.current_thread() is threading.main_thread():
            # Odoo goes on serving when a registry fails to load; this ends it.
            raise SystemExit(f"Veloc does not start: {problem}") from problem
        raise problem

    @api.model
    def _check(self):
        """Raise KeyProblem unless our master keys open this database's data keys."""
        self.env["veloc.data.key"]._unwrap_all(self._master_keys())

    # === VALUES === #

    @api.model
    def _seal(self, context, plain):
        """Return the sealed text of ``plain``, bound to ``context``.

        ``context`` is ``field_cipher.context(table, column, record)``.
        """
        return field_cipher.seal(self._rings()["field"], context, plain)

    @api.model
    def _open(self, context, sealed):
        """Return the bytes; ``field_cipher.CannotOpen`` if changed or moved."""
        ring = self._ring_with(field_cipher.generation_of(sealed))
        return field_cipher.open_sealed(ring, context, sealed)

    @api.model
    def _open_column(self, table, column, sealed):
        """Return ``{record: bytes}`` of ``{record: sealed}``, all of one column."""
        generations = set(map(field_cipher.generation_of, sealed.values()))
        ring = self._ring_with(max(generations - {None}, default=None))
        return field_cipher.open_column(ring, table, column, sealed)

    @api.model
    def _seal_bytes(self, context, plain):
        """Return the sealed bytes of a file, bound to ``context``."""
        return field_cipher.seal_bytes(self._rings()["field"], context, plain)

    @api.model
    def _open_bytes(self, context, sealed):
        """Return the bytes of a file; ``field_cipher.CannotOpen`` as `_open`."""
        ring = self._ring_with(field_cipher.generation_of_bytes(sealed))
        return field_cipher.open_bytes(ring, context, sealed)

    @api.model
    def _blind(self, table, column, values):
        """Return a keyed hash for each normalised value, as it is written today."""
        ring = self._rings()["index"]
        return field_cipher.blind(ring.keys[ring.current], table, column, values)

    @api.model
    def _blind_all(self, table, column, values):
        """Return ``{hash: value}`` under all index keys there ever were.

        Who looks something up asks with all of them: while keys change, some rows
        carry the old hash, and those of erased values carry it for ever.
        """
        values = list(values)
        return {
            digest: value
            for key in self._rings()["index"].keys.values()
            for digest, value in zip(
                field_cipher.blind(key, table, column, values), values, strict=True
            )
        }

    @api.model
    def _mac(self, label, data):
        """Return a keyed hash of ``data`` (32 bytes) under the key of ``label``."""
        return field_cipher.mac(self._label_key(f"mac|{label}"), data)

    @api.model
    def _signing_key(self, label):
        """Return the Ed25519 private key of ``label``; it outlives master keys."""
        return Ed25519PrivateKey.from_private_bytes(self._label_key(f"sign|{label}"))

    @api.model
    def _public_key_pem(self, label):
        """Return the public key that proves signatures of ``label``."""
        public = self._signing_key(label).public_key()
        return public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()

    @api.model
    def _label_key(self, label):
        ring = self._rings()["sign"]
        return field_cipher.scope_key(ring.keys[ring.current], label)

    # === WHAT IS NOTED === #

    @api.model
    def _note_reading(self, records, names, **more):
        """Note in the ledger that the user was shown clear values of these records."""
        people = self._people_of(records)
        one = len(records) == 1
        self.env["veloc.ledger.entry"]._note_apart(
            "read",
            model=records._name,
            res_id=records.id if one else 0,
            subject_id=people.id if len(people) == 1 else None,
            public={"fields": sorted(names), "count": len(records)}
            | ({} if one else {"ids": records.ids})
            | more,
            subject_ids=people.ids if len(people) > 1 else (),
        )

    @api.model
    def _people_of(self, records):
        subject = getattr(records, "_veloc_ledger_subject", None)
        if records._name == "res.partner" or not subject:
            return records if records._name == "res.partner" else records.browse()
        # sudo: whose data they are does not depend on who reads them.
        return records.sudo().mapped(subject)

    @api.model
    def _report_unreadable(self, records, name):
        """Raise the alert: somebody changed these values, or the wrong key is here."""
        _logger.error("%s of %s %s does not open", name, records._name, records.ids)
        house = self.with_context(lang=self.env["veloc.watch"]._house_lang())
        self.env["veloc.alert"]._raise_apart(
            "ciphertext_unreadable",
            key=f"{records._name}.{name}",
            detail=house.env._(
                "%(count)s values of “%(field)s” do not open, among them those of the "
                "records %(ids)s: they were changed or moved behind Odoo's back, or "
                "restored from a database with other keys.",
                count=len(records),
                field=name,
                ids=", ".join(str(id_) for id_ in records.ids[:20]),
            ),
            res_model=records._name,
            res_id=records[:1].id,
        )

    # === KEYS === #

    @api.model
    def _rings(self):
        """Return ``{use: Ring}``, as this process has known them for 30 s at most.

        A change of keys is announced for longer than that before it takes effect. To
        wait for a signal would not do: a request that began earlier puts what it sees
        back into the cache of its process.
        """
        return self._rings_since(int(time.monotonic() // KNOWN_FOR))

    @api.model
    @tools.ormcache("moment")
    def _rings_since(self, moment):
        return self._rings_now()

    @api.model
    def _rings_now(self):
        """Return ``{use: Ring}`` as they stand in the database."""
        return self.env["veloc.data.key"]._unwrap_all(self._master_keys())

    @api.model
    def _ring_with(self, generation):
        """Return the ring of values; with a generation made a moment ago if need be."""
        ring = self._rings()["field"]
        known = generation is None or generation in ring.keys
        return ring if known else self._rings_now()["field"]

    @api.model
    def _master_keys(self):
        return master_key.read(os.environ, lambda path: Path(path).read_text("utf-8"))
