import os

from odoo import api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

from ...rules import data_key, field_cipher, master_key


class VelocDataKey(models.Model):
    """The keys that seal values, each wrapped by a master key that is not here.

    No column of this table opens anything without the master key: opening them is the
    proof, at each start, that the key of the environment is this database's.
    """

    _name = "veloc.data.key"
    _description = "Wrapped data key"
    _order = "use, generation desc"

    use = fields.Selection(data_key.USES, required=True, readonly=True)
    generation = fields.Integer(required=True, readonly=True)
    state = fields.Selection(
        [
            ("ready", "Known, not writing yet"),
            ("current", "Writes"),
            ("retired", "Reads only"),
        ],
        required=True,
        readonly=True,
    )
    master_version = fields.Integer("Wrapped by master key", readonly=True)
    wrapped = fields.Char(required=True, readonly=True, groups=NO_ACCESS)

    _generation_unique = models.Constraint(
        "UNIQUE (use, generation)", "There is such a key already."
    )
    _one_current = models.UniqueIndex("(use) WHERE state = 'current'")

    def init(self):
        """Make the first keys together with the table."""
        try:
            self._ensure_first()
        except master_key.KeyProblem as problem:
            self.env["veloc.keyring"]._refuse(problem)

    @api.model
    def _ensure_first(self):
        """Make generation 1 of each use where the table has none."""
        known = {row[0] for row in self._rows()}
        missing = [use for use, _label in data_key.USES if use not in known]
        for use in missing:
            self._insert(use, 1, "current")
        if missing:
            self._forget()

    @api.model
    def _insert(self, use, generation, state):
        masters = self.env["veloc.keyring"]._master_keys()
        version = max(masters)
        wrapped = data_key.wrap(
            masters[version], use, generation, os.urandom(field_cipher.KEY_SIZE)
        )
        # Two servers that start at once: the first one's key stays.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_data_key
                    (use, generation, state, master_version, wrapped,
                     create_date, write_date)
                VALUES (%s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC',
                        now() AT TIME ZONE 'UTC')
                ON CONFLICT DO NOTHING
                """,
                use,
                generation,
                state,
                version,
                wrapped,
            )
        )

    # === CHANGE === #

    @api.model
    def _wrap_anew(self):
        """Wrap every data key with the newest master key; return how many changed.

        All or none: a key that does not open again ends it.
        """
        masters = self.env["veloc.keyring"]._master_keys()
        version = max(masters)
        rows = [row for row in self._rows() if row[3] != version]
        rings = self._unwrap_all(masters)
        for use, generation, _state, _version, _wrapped in rows:
            key = rings[use].keys[generation]
            wrapped = data_key.wrap(masters[version], use, generation, key)
            if data_key.unwrap(masters[version], use, generation, wrapped) != key:
                raise master_key.KeyProblem("A wrapped key does not open again.")
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE veloc_data_key SET wrapped = %s, master_version = %s,
                        write_date = now() AT TIME ZONE 'UTC'
                    WHERE use = %s AND generation = %s
                    """,
                    wrapped,
                    version,
                    use,
                    generation,
                )
            )
        self._forget()
        return len(rows)

    @api.model
    def _announce_next(self):
        """Make the next generation of the keys of values: known, not writing yet."""
        rings = self.env["veloc.keyring"]._rings_now()
        for use in data_key.CHANGING:
            self._insert(use, max(rings[use].keys) + 1, "ready")
        self._forget()

    @api.model
    def _activate_next(self):
        """Let the announced generation write; the one before only reads."""
        # sudo: no user may write keys; the caller checked who ordered the change.
        for key_sudo in self.sudo().search([("state", "=", "ready")]):
            former = [("use", "=", key_sudo.use), ("state", "=", "current")]
            self.sudo().search(former).state = "retired"
            self.flush_model()
            key_sudo.state = "current"
        self.flush_model()
        self._forget()

    @api.model
    def _forget(self):
        """Let every process of the house read the keys again."""
        self.invalidate_model()
        self.env.registry.clear_cache()

    @api.model
    def _unwrap_all(self, masters):
        """Return ``{use: Ring}``; KeyProblem if a key does not open."""
        return data_key.rings(self._rows(), masters)

    @api.model
    def _rows(self):
        self.flush_model()
        return self.env.execute_query(
            SQL(
                "SELECT use, generation, state, master_version, wrapped FROM %s",
                SQL.identifier(self._table),
            )
        )
