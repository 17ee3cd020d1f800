from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, email_normalize
from odoo.tools.translate import LazyTranslate

from ...rules import cnpj, identity_number
from .encrypted_char import (
    UNREADABLE,
    EncryptedChar,
    encrypted_char,
    masked_char,
    searchable_encrypted_char,
)

_lt = LazyTranslate(__name__)

# Works requests and incidents: has to know for certain who somebody is.
READERS = "veloc_compliance.group_advanced"
VIEWERS = "veloc_compliance.group_viewer"


class ResPartner(models.Model):
    """Who a person is before the law: encrypted, masked, found only exactly."""

    _inherit = "res.partner"
    _veloc_ledger_fields = frozenset(
        {
            "veloc_cnpj",
            "veloc_cpf",
            "veloc_identity_kind",
            "veloc_identity_number",
            "veloc_mother_name",
        }
    )
    _veloc_ledger_subject = "id"

    veloc_cpf, veloc_cpf_sealed, veloc_cpf_blind = searchable_encrypted_char(
        "CPF",
        groups=READERS,
        normalise=identity_number.read_cpf,
        problem=_lt("the check digits are wrong."),
    )
    # A person who trades as a company (MEI) is known by it as by a CPF.
    veloc_cnpj, veloc_cnpj_sealed, veloc_cnpj_blind = searchable_encrypted_char(
        "CNPJ",
        groups=READERS,
        normalise=cnpj.read_cnpj,
        problem=_lt("the check digits are wrong."),
    )
    veloc_identity_kind = fields.Selection(
        identity_number.KINDS, "Kind of document", groups=VIEWERS, copy=False
    )
    (
        veloc_identity_number,
        veloc_identity_number_sealed,
        veloc_identity_number_blind,
    ) = searchable_encrypted_char(
        "Document number",
        groups=READERS,
        normalise=identity_number.read_document,
        problem=_lt("4 to 20 letters and digits are wanted."),
    )
    veloc_mother_name, veloc_mother_name_sealed = encrypted_char(
        "Mother's name",
        groups=READERS,
        normalise=identity_number.read_name,
        problem=_lt("this is no name."),
    )

    veloc_cpf_masked = masked_char(
        "CPF, masked", "veloc_cpf", identity_number.mask_cpf, groups=VIEWERS
    )
    veloc_cnpj_masked = masked_char(
        "CNPJ, masked", "veloc_cnpj", cnpj.mask_cnpj, groups=VIEWERS
    )
    veloc_identity_number_masked = masked_char(
        "Document number, masked",
        "veloc_identity_number",
        identity_number.mask_end,
        groups=VIEWERS,
    )
    veloc_mother_name_masked = masked_char(
        "Mother's name, masked",
        "veloc_mother_name",
        identity_number.mask_name,
        groups=VIEWERS,
    )
    veloc_same_cpf_count = fields.Integer(
        "Contacts with the same CPF",
        compute="_compute_veloc_same_cpf_count",
        groups=VIEWERS,
    )

    veloc_bank_account_ids = fields.One2many(
        "veloc.bank.account", "partner_id", "Bank accounts", groups=VIEWERS
    )
    veloc_identity_proof_ids = fields.One2many(
        "veloc.identity.proof", "partner_id", "Identity proofs", groups=VIEWERS
    )

    # === COMPUTE === #

    @api.depends("veloc_cpf_sealed")
    def _compute_veloc_same_cpf_count(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT own.id, count(*) FROM res_partner own
                JOIN res_partner other ON other.veloc_cpf_blind = own.veloc_cpf_blind
                    AND other.id <> own.id
                WHERE own.id = ANY(%s) GROUP BY own.id
                """,
                self._origin.ids,
            )
        )
        counts = dict(rows)
        for partner in self:
            partner.veloc_same_cpf_count = counts.get(partner._origin.id, 0)

    # === CONSTRAINTS === #

    @api.constrains("veloc_identity_kind", "veloc_identity_number")
    def _check_veloc_identity_number(self):
        numbers = self._fields["veloc_identity_number"].plain_values(self)
        for partner in self:
            # sudo: the kind is not a secret of the number's writer.
            kind, number = partner.sudo().veloc_identity_kind, numbers.get(partner.id)
            if not number or number == UNREADABLE or not kind:
                continue
            if not identity_number.document_fits(kind, number):
                raise ValidationError(
                    self.env._("The check digits of the CNH's number are wrong.")
                )

    # === ACTIONS === #

    def action_veloc_show_identity(self):
        """Open the clear values, for reading and changing; the ledger notes it."""
        self.ensure_one()
        self.check_access("read")
        self._check_field_access(self._fields["veloc_cpf"], "read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Identity of %(name)s", name=self.display_name),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [
                (
                    self.env.ref("veloc_compliance.res_partner_view_form_clear").id,
                    "form",
                )
            ],
            "target": "new",
        }

    def action_veloc_same_cpf(self):
        """List the contacts that carry the same CPF as this one."""
        self.ensure_one()
        self.check_access("read")
        self._check_field_access(self._fields["veloc_same_cpf_count"], "read")
        rows = self.env.execute_query(
            SQL(
                "SELECT other.id FROM res_partner own JOIN res_partner other "
                "ON other.veloc_cpf_blind = own.veloc_cpf_blind WHERE own.id = %s",
                self.id,
            )
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "contacts.action_contacts"
            if self.env.ref("contacts.action_contacts", raise_if_not_found=False)
            else "base.action_partner_form"
        )
        return action | {
            "name": self.env._("Contacts with the same CPF"),
            "domain": [("id", "in", [id_ for (id_,) in rows])],
            "context": {"active_test": False},
        }

    # === BUSINESS === #

    @api.model
    def _veloc_find(self, kind, values):
        """Return ``{value: [partner ids]}``, exact after normalising; [] if nobody.

        Archived contacts count, and no namesake ever does. ``kind`` is ``cpf``,
        ``cnpj``, ``email``, ``phone``, ``push`` or ``external_ref``; addons above
        extend it for what they keep. Asks with nobody's rights: the caller decides who
        may know.
        """
        finder = getattr(self, f"_veloc_find_by_{kind}", None)
        if finder is None:
            raise ValueError(f"people are not found by {kind}")
        found = finder(list(values))
        return {value: sorted(found.get(value, ())) for value in values}

    @api.model
    def _veloc_learn_cpfs(self, told):
        """Store what a program was told: ``{partner_id: (digits, is_news)}``.

        What is no news only fills a gap. A constant number of statements.
        """
        field = self._fields["veloc_cpf"]
        known = field.plain_values(self.browse(told))
        ids = [
            id_
            for id_, (digits, is_news) in told.items()
            if known.get(id_) != digits and (is_news or id_ not in known)
        ]
        partners, recorder = self.browse(ids), self.env["veloc.ledger.recorder"]
        if ids:
            before = recorder._before_write(partners, ["veloc_cpf"])
            field.write_texts(partners, [told[id_][0] for id_ in ids])
            recorder._written(partners, before)
        return partners

    @api.model
    def _veloc_merge_identity(self, sources, target):
        """Give ``target`` what it lacks of the others; their keys follow it."""
        for name, field in self._fields.items():
            if not isinstance(field, EncryptedChar) or field.related:
                continue
            texts = field.plain_values(sources | target)
            values = [texts[id_] for id_ in sources.ids if id_ in texts]
            if values and target.id not in texts and values[0] != UNREADABLE:
                target[name] = values[0]
        self.env["veloc.subject.key"]._merge_into(sources.ids, target.id)

    @api.model
    def _veloc_find_by_cpf(self, values):
        return self._veloc_find_sealed("veloc_cpf", values)

    @api.model
    def _veloc_find_by_cnpj(self, values):
        return self._veloc_find_sealed("veloc_cnpj", values)

    @api.model
    def _veloc_find_sealed(self, name, values):
        field = self._fields[name]
        wanted = {v: text for v in values if v and (text := field.normalise(v))}
        digests = field.digests(self.env, set(wanted.values()))
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM res_partner WHERE %s = ANY(%s)",
                SQL.identifier(f"{name}_blind"),
                list(digests),
            )
        )
        # The index found them, the value itself decides: an index that was changed by
        # hand hands nobody another person's data.
        numbers = field.plain_values(self.browse(id_ for (id_,) in rows))
        return {
            value: [id_ for id_, number in numbers.items() if number == text]
            for value, text in wanted.items()
        }

    @api.model
    def _veloc_find_by_email(self, values):
        wanted = {v: email_normalize(v) for v in values if v}
        return self._veloc_find_in_column("email_normalized", wanted)

    @api.model
    def _veloc_find_by_phone(self, values):
        country = self.env.ref("base.br")
        wanted = {v: self._phone_format(number=v, country=country) for v in values if v}
        return self._veloc_find_in_column("phone_sanitized", wanted)

    @api.model
    def _veloc_find_by_push(self, values):
        return {}

    @api.model
    def _veloc_find_by_external_ref(self, values):
        return {}

    @api.model
    def _veloc_find_in_column(self, column, wanted):
        """Return {value: ids} for ``wanted`` {value: normalised text or False}."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT %(column)s, array_agg(id) FROM res_partner "
                "WHERE %(column)s = ANY(%(texts)s) GROUP BY 1",
                column=SQL.identifier(column),
                texts=[text for text in wanted.values() if text],
            )
        )
        ids = dict(rows)
        return {value: ids.get(text, []) for value, text in wanted.items()}
