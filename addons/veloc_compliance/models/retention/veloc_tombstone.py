import json
from datetime import datetime

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

from ...rules import cnpj, comeback

KINDS = [
    ("cpf", "CPF"),
    ("cnpj", "CNPJ"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("push", "Push address"),
    ("external_ref", "Broker's reference"),
]
# What the keyed hash is bound to; never the name of a table that could change.
PLACE = "veloc_tombstone"


class VelocTombstone(models.Model):
    """That somebody was erased: keyed hashes of how they were known, and no more.

    Whatever would store one of these values again is refused, until the person comes
    back by their own word. Rows are written by erasures and by the journal only.
    """

    _name = "veloc.tombstone"
    _description = "Tombstone"
    _order = "erased_at desc, id desc"
    _rec_name = "kind"

    kind = fields.Selection(KINDS, required=True, readonly=True)
    digest = fields.Char("Keyed hash", required=True, readonly=True, groups=NO_ACCESS)
    reference = fields.Char("Erasure", required=True, readonly=True, index=True)
    erased_at = fields.Datetime(required=True, readonly=True)
    care = fields.Char(
        readonly=True, help="Protections that bind the person if they come back."
    )
    returned_at = fields.Datetime("Came back", readonly=True)
    return_road = fields.Char("How they came back", readonly=True)
    returned_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    state = fields.Selection(
        [("kept", "Kept out"), ("returned", "Came back")], compute="_compute_state"
    )

    _digest_unique = models.Constraint(
        "UNIQUE (kind, digest, reference)", "This mark is there already."
    )
    _digest_idx = models.Index("(digest, kind) WHERE returned_at IS NULL")

    # === COMPUTE === #

    @api.depends("returned_at")
    def _compute_state(self):
        for stone in self:
            stone.state = "returned" if stone.returned_at else "kept"

    @api.depends("kind", "erased_at")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for stone in self:
            stone.display_name = f"{kinds.get(stone.kind)} · {stone.erased_at:%Y-%m-%d}"

    # === ASKING === #

    @api.model
    def _is_erased(self, kind, values):
        """Return those of ``values`` that belong to an erased person.

        Values are compared as the house normalises them. No query while nobody was
        ever erased, one otherwise.
        """
        return {value for _kind, value in self._marks({kind: values})}

    @api.model
    def _marks(self, values_by_kind):
        """Return ``{(kind, value as given): [Mark]}`` of those erased, in one query."""
        if not self._is_any():
            return {}
        wanted = self._digests(values_by_kind)
        if not wanted:
            return {}
        self.flush_model()
        # sudo: the guard asks for everybody; the answer names no person.
        rows = self.sudo().env.execute_query(
            SQL(
                """
                SELECT id, kind, digest, erased_at, care FROM veloc_tombstone
                WHERE returned_at IS NULL AND digest = ANY(%s)
                """,
                [digest for _kind, digest in wanted],
            )
        )
        found = {}
        for id_, kind, digest, erased_at, care in rows:
            mark = comeback.Mark(id_, erased_at, _read_care(care))
            for value in wanted.get((kind, digest), ()):
                found.setdefault((kind, value), []).append(mark)
        return found

    @api.model
    def _digests(self, values_by_kind):
        """Return ``{(kind, digest): [values as given]}`` under all keys there were."""
        keyring = self.env["veloc.keyring"]
        wanted = {}
        for kind, values in values_by_kind.items():
            plain = {}
            for value in values:
                if value and (normal := self._normal(kind, value)):
                    plain.setdefault(normal, []).append(value)
            hashes = keyring._blind_all(PLACE, kind, plain) if plain else {}
            for digest, normal in hashes.items():
                wanted.setdefault((kind, digest), []).extend(plain[normal])
        return wanted

    @api.model
    def _normal(self, kind, value):
        """Return the value as it is hashed, "" for what is none of its kind."""
        if kind == "cpf":
            return "".join(filter(str.isdigit, value))
        if kind == "cnpj":
            return cnpj.read_cnpj(value) or ""
        if kind == "email":
            return tools.email_normalize(value) or ""
        if kind == "phone":
            return self._normal_phone(value)
        return value.strip()

    @api.model
    def _normal_phone(self, value):
        partners = self.env["res.partner"]
        return (
            partners._phone_format(number=value, country=self.env.ref("base.br"))
            or partners._phone_format(number=value, country=partners.country_id)
            or ""
        )

    @api.model
    @tools.ormcache()
    def _is_any(self):
        """Whether anybody was ever erased: most houses ask often and never have."""
        rows = self.env.execute_query(
            SQL("SELECT EXISTS (SELECT FROM veloc_tombstone)")
        )
        return rows[0][0]

    @api.model
    def _is_fresh_signup(self, is_signup, at, consents, marks):
        """Whether an introduction is the person's own new beginning; see the rule."""
        return all(
            comeback.is_fresh_signup(is_signup, at, consents, mark.erased_at)
            for mark in marks
        )

    # === WRITING === #

    @api.model
    def _bury(self, rows):
        """Store marks: dicts of kind, digest, reference, erased_at, care; once each."""
        if not rows:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_tombstone (kind, digest, reference, erased_at, care,
                    create_uid, create_date, write_uid, write_date)
                SELECT kind, digest, reference, erased_at, care, %(uid)s,
                    now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                FROM json_to_recordset(%(rows)s::json) AS r (
                    kind varchar, digest varchar, reference varchar,
                    erased_at timestamp, care varchar)
                ON CONFLICT (kind, digest, reference) DO NOTHING
                """,
                uid=self.env.uid,
                rows=json.dumps(rows, default=str),
            )
        )
        self.invalidate_model()
        self.env.registry.clear_cache()
        # Somebody may ask, and remember "nobody", between now and the commit.
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

    @api.model
    def _let_return(self, marks, road):
        """Note that these people came back by their own word; return their marks.

        All marks of their erasure count as answered: the person is known again.
        """
        ids = {mark.id for mark in marks}
        if not ids:
            return self.browse()
        # sudo: nobody may write tombstones; the caller has seen the person's word.
        stones_sudo = self.sudo().browse(ids)
        all_sudo = stones_sudo.search(
            [
                ("reference", "in", stones_sudo.mapped("reference")),
                ("returned_at", "=", False),
            ]
        )
        all_sudo.write(
            {
                "returned_at": fields.Datetime.now(),
                "return_road": road,
                "returned_by": self.env.uid,
            }
        )
        notes = [
            {
                "kind": "erasure",
                "model": self._name,
                "res_id": stone.id,
                "public": {"deed": "returned", "road": road},
            }
            for stone in all_sudo
        ]
        self.env["veloc.ledger.entry"]._note_many(notes)
        self.env["veloc.tombstone.journal"]._wake()
        return all_sudo

    @api.model
    def _renew_care(self, partner_id, marks):
        """Put whoever came back under the protections that bind them."""
        due = comeback.care_to_renew(marks, fields.Datetime.now())
        # sudo: protection tightens for everybody, whoever brings the person back.
        suppressions_sudo = self.env["veloc.suppression"].sudo()
        for kind, until in due:
            suppressions_sudo._impose([partner_id], kind, source="erasure", until=until)

    # === ACTIONS === #

    def action_return(self):
        """Open the dialog in which an officer records a person's return (button)."""
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))
        if any(stone.returned_at for stone in self):
            raise UserError(self.env._("This person has come back already."))
        return self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_compliance.veloc_tombstone_return_action"
        )


def _read_care(text):
    return tuple(
        (kind, datetime.fromisoformat(until) if until else None)
        for kind, until in json.loads(text or "[]")
    )
