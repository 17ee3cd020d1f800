"""A text that stands encrypted in the database, declared in one line of a model.

    veloc_cpf, veloc_cpf_sealed, veloc_cpf_blind = searchable_encrypted_char(
        "CPF", groups=READERS, normalise=cpf.read, problem=_lt("…"))

The first field is what people and programs use: read, write, import, export, search by
``=``, ``!=``, ``in``, ``not in`` and whether it is empty. The others are its columns,
which nobody can read. Whoever reads the value as a user leaves an entry in the ledger,
whatever way they take; ``sudo()`` is the program's own reading and leaves none.
"""

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import NO_ACCESS, Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...rules import field_cipher

_lt = LazyTranslate(__name__)

# Shown in place of a value that does not open; can never be saved as one.
UNREADABLE = "⚠ ?"
_SEARCHED = {"=": "in", "!=": "not in", "in": "in", "not in": "not in"}


def encrypted_char(string, *, groups, **more):
    """Return (value, ciphertext): a text that nobody searches for."""
    return (
        EncryptedChar(string, groups=groups, **more),
        _column(),
    )


def searchable_encrypted_char(string, *, groups, **more):
    """Return (value, ciphertext, blind index): a text that is found when equal."""
    return (
        *encrypted_char(string, groups=groups, has_blind=True, **more),
        _column(index="btree_not_null"),
    )


def _column(**more):
    """Return a column that nobody reads, and that is not loaded with its record."""
    return fields.Char(
        groups=NO_ACCESS,
        copy=False,
        prefetch=False,
        export_string_translation=False,
        **more,
    )


def masked_char(string, of, mask, **more):
    """Return a field that shows ``mask(value)`` of the encrypted field ``of``."""
    return MaskedChar(string, masked=of, mask=mask, **more)


class EncryptedChar(fields.Char):
    """The clear value of a sealed column, opened when somebody asks for it."""

    has_blind = False
    write_only = False  # people set it, only programs read it
    # text → the text to keep, None if it cannot be right
    normalise = staticmethod(str.strip)
    problem = _lt("This value cannot be right.")

    def _get_attrs(self, model_class, name):
        attrs = super()._get_attrs(model_class, name)
        if attrs.get("related"):
            return attrs  # res.users shows the fields of its contact
        return attrs | {
            "compute": self._open_values,
            "inverse": self._seal_values,
            "search": self._search_values,
            "store": False,
            "copy": False,
            "compute_sudo": False,
            "readonly": attrs.get("readonly", False),
            "_depends": (f"{name}_sealed",),
            # What the program read by sudo() is no reading of the user's, and the
            # user's own goes through _open_values every time.
            "_depends_context": ("uid",),
        }

    # === READ === #

    def _open_values(self, records):
        """Compute: open the values of these records, and note who read them."""
        if self.write_only:
            for record in records:
                record[self.name] = False
            return
        texts = self.plain_values(records)
        for record in records:
            record[self.name] = texts.get(record._origin.id, False)
        if texts and not records.env.su:
            self._note_reading(records.browse(texts))

    def plain_values(self, records):
        """Return ``{id: text}`` of those that have one; nobody is noted as a reader.

        For the program's own use. A value that does not open is `UNREADABLE`.
        """
        keyring, table, broken, texts = (
            records.env["veloc.keyring"],
            records._table,
            [],
            {},
        )
        # sudo: the columns are closed to everybody; the field's groups were checked.
        for record_sudo in records._origin.sudo():
            if not (sealed := record_sudo[f"{self.name}_sealed"]):
                continue
            place = field_cipher.context(table, self.name, record_sudo.id)
            try:
                texts[record_sudo.id] = keyring._open(place, sealed).decode()
            except field_cipher.CannotOpen:
                texts[record_sudo.id] = UNREADABLE
                broken.append(record_sudo.id)
        if broken:
            keyring._report_unreadable(records.browse(broken), self.name)
        return texts

    def is_unreadable(self, text):
        """Return whether this stands for a value that does not open."""
        return text == UNREADABLE

    def _note_reading(self, records):
        records.env["veloc.keyring"]._note_reading(records, [self.name])

    # === WRITE === #

    def _seal_values(self, records):
        """Inverse: normalise, seal and index; one statement for all records."""
        self.write_texts(
            records, [self._normalised(record[self.name], record) for record in records]
        )

    def write_texts(self, records, texts):
        """Store normalised texts, None for none: two statements for all records."""
        self._store(records, texts)
        names = [name for name in self._own_names() if name in records._fields]
        records.invalidate_recordset(names, flush=False)
        records.modified([f"{self.name}_sealed"])

    def _own_names(self):
        return (self.name, f"{self.name}_sealed", f"{self.name}_blind")

    def _normalised(self, value, records):
        if not value or not value.strip():
            return None
        text = None if value == UNREADABLE else self.normalise(value)
        if text is None:
            raise ValidationError(
                records.env._(
                    "%(field)s: %(problem)s",
                    field=self._description_string(records.env),
                    problem=str(self.problem),
                )
            )
        return text

    def _store(self, records, texts):
        """Write the columns by SQL: the ciphertexts are no news to anybody else."""
        sealed, blinds = self.prepare_columns(records.env, records.ids, texts)
        assignment = SQL("%s = v.sealed", SQL.identifier(f"{self.name}_sealed"))
        if self.has_blind:
            blind = SQL.identifier(f"{self.name}_blind")
            assignment = SQL("%s, %s = v.blind", assignment, blind)
        records.env.cr.execute(
            SQL(
                """
                UPDATE %s AS row SET %s
                FROM unnest(%s::int[], %s::varchar[], %s::varchar[])
                    AS v (id, sealed, blind)
                WHERE row.id = v.id
                """,
                SQL.identifier(records._table),
                assignment,
                records.ids,
                sealed,
                blinds,
            )
        )

    def prepare_columns(self, env, ids, texts):
        """Return (ciphertexts, blind indexes) for normalised texts, None for none."""
        keyring, table = env["veloc.keyring"], env[self.model_name]._table
        sealed = [
            text
            and keyring._seal(
                field_cipher.context(table, self.name, id_), text.encode()
            )
            for id_, text in zip(ids, texts, strict=True)
        ]
        if not self.has_blind:
            return sealed, [None] * len(sealed)
        digests = keyring._blind(table, self.name, [text or "" for text in texts])
        pairs = zip(texts, digests, strict=True)
        return sealed, [digest if text else None for text, digest in pairs]

    # === SEARCH === #

    def _search_values(self, records, operator, value):
        """Search: exact values and emptiness only; the rest has no answer here."""
        records._check_field_access(self, "read")
        operator = _SEARCHED.get(operator) if self.has_blind else None
        if not operator and not self._asks_for_emptiness(value):
            self._refuse_comparison(records.env)
        single = value is None or isinstance(value, str | bool)
        values = [value] if single else list(value)
        found = self._search_exact(records, values)
        return found if operator != "not in" else ~found

    def _asks_for_emptiness(self, value):
        return not value or (not isinstance(value, str) and not any(value))

    def _search_exact(self, records, values):
        wanted = {text for value in values if value and (text := self.normalise(value))}
        domain = Domain.FALSE
        if wanted:
            digests = self.digests(records.env, wanted)
            domain |= Domain(f"{self.name}_blind", "in", list(digests))
        if not all(values):
            domain |= Domain(f"{self.name}_sealed", "=", False)
        # sudo: the columns are closed; who may search was checked, and who may see
        # which record is checked by the search that this condition becomes part of.
        query = records.sudo().with_context(active_test=False)._search(domain)
        return Domain("id", "in", query)

    def digests(self, env, texts):
        """Return ``{hash: text}`` to look for, under old keys and new ones."""
        table = env[self.model_name]._table
        return env["veloc.keyring"]._blind_all(table, self.name, texts)

    def to_sql(self, model, alias):
        """Refuse order and groups: a ciphertext has neither."""
        return self._refuse_comparison(model.env)

    def _refuse_comparison(self, env):
        raise UserError(
            env._(
                "“%(field)s” is encrypted: it can be searched for one whole value or "
                "for being empty, not for a part of it, and not sorted or grouped.",
                field=self._description_string(env),
            )
        )

    def _description_sortable(self, env):
        return False

    def _description_groupable(self, env):
        return False

    def _description_aggregator(self, env):
        return None


class MaskedChar(fields.Char):
    """What everybody may see of an encrypted value: enough to recognise it."""

    masked = ""
    mask = None

    def _get_attrs(self, model_class, name):
        attrs = super()._get_attrs(model_class, name)
        if attrs.get("related"):
            return attrs
        return attrs | {
            "compute": self._mask_values,
            "store": False,
            "copy": False,
            "readonly": True,
            "compute_sudo": False,
            "_depends": (f"{attrs['masked']}_sealed",),
        }

    def _mask_values(self, records):
        texts = records._fields[self.masked].plain_values(records)
        for record in records:
            text = texts.get(record._origin.id)
            shown = text if text in (None, UNREADABLE) else self.mask(text)
            record[self.name] = shown or False
