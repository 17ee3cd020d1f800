from odoo import api, fields, models

from ...const import SENSITIVE_BASES
from ...rules import privacy_notice, purpose
from ..veloc_purpose_version import INHERITED, SENSITIVE

# Written item of the rule -> field.
_ITEM_FIELDS = {name: f"notice_{name}" for name in purpose.WRITTEN_ITEMS}


class VelocPurposeVersion(models.Model):
    """The notice of art. 9: written from fields, shown, hashed."""

    _inherit = "veloc.purpose.version"

    notice_use = fields.Text(
        "I. What the data are used for",
        translate=True,
        help="The specific purpose, and which data it takes (art. 9 I).",
    )
    notice_means = fields.Text(
        "II. In what form",
        translate=True,
        help="By which means, by people or by programs (art. 9 II).",
    )
    notice_duration = fields.Text(
        "II. For how long",
        translate=True,
        help="Until when the data are used and kept (art. 9 II).",
    )
    notice_sharing = fields.Text(
        "V. Shared with whom, and why",
        translate=True,
        help="Kinds of recipients and what they do with it; say so if there are none "
        "(art. 9 V).",
    )
    notice_responsibilities = fields.Text(
        "VI. Who answers for what",
        translate=True,
        help="What controller and processors are responsible for (art. 9 VI).",
    )
    is_sensitive = fields.Boolean(
        "Uses sensitive data",
        help="Health, biometrics, religion, opinion, union, sex life, race, genetics "
        "(art. 5 II).",
    )
    sensitive_basis = fields.Selection(
        SENSITIVE_BASES, help="Art. 11 knows other grounds than art. 7."
    )
    sensitive_notice = fields.Text(
        "Highlighted text",
        translate=True,
        help="Stands apart on the page: which sensitive data, what for (art. 11 I).",
    )
    full_notice = fields.Text(
        "Notice of art. 9",
        compute="_compute_full_notice",
        help="All seven items, as the public page shows them now, in your language.",
    )
    full_notice_hash = fields.Char(
        "Notice hash (SHA-256)", compute="_compute_full_notice"
    )
    notice_gaps = fields.Text("Still missing", compute="_compute_notice_gaps")

    # === COMPUTE === #

    @api.depends(*_ITEM_FIELDS.values(), "legal_basis", "is_sensitive")
    @api.depends_context("lang", "company")
    def _compute_full_notice(self):
        for version in self:
            text = version._notice_text()
            version.full_notice = text
            version.full_notice_hash = privacy_notice.digest(text)

    @api.depends(*_ITEM_FIELDS.values())
    @api.depends_context("lang", "company")
    def _compute_notice_gaps(self):
        labels = self._gap_labels()
        for version in self:
            gaps = privacy_notice.gaps(version._notice_facts())
            version.notice_gaps = "\n".join(labels[code] for code in gaps)

    @api.model
    def default_get(self, fields_list):
        """Begin a new version with what the one before said."""
        values = super().default_get(fields_list)
        purpose_id = self.env.context.get("default_purpose_id")
        last = self.search([("purpose_id", "=", purpose_id)], limit=1)
        if purpose_id and last:
            wanted = INHERITED | SENSITIVE | {"notice", "legal_basis"}
            wanted &= set(fields_list)
            values |= {name: last[name] for name in wanted if last[name]}
        return values

    # === BUSINESS === #

    def _inherit_words(self):
        """Take over from the version before what was left empty, in every language."""
        for version in self:
            older = version.purpose_id.version_ids.filtered(
                lambda other, new=version: other.number < new.number
            )
            before = older.sorted("number")[-1:]
            for name in INHERITED:
                if before[name] and not version[name]:
                    version._copy_words(before, name)

    def _copy_words(self, source, name):
        field = self._fields[name]
        words = field._get_stored_translations(source)
        # What it is written in comes first: the other languages hang on it.
        for lang in sorted(words, key=lambda lang: lang != "en_US"):
            self.with_context(lang=lang)[name] = words[lang]

    def _rule_version(self):
        """Return the version as the rules of publishing see it."""
        self.ensure_one()
        return purpose.Version(
            number=self.number,
            state=self.state,
            legal_basis=self.legal_basis,
            notice=self.notice or "",
            name=self.purpose_id.name or "",
            kind=self.purpose_id.kind,
            items=self._notice_items(),
            balancing=self.balancing_id._standing(self.purpose_id),
            is_sensitive=self.is_sensitive,
            sensitive_basis=self.sensitive_basis or "",
            sensitive_notice=self.sensitive_notice or "",
            keeps_consents=self.keeps_consents,
            covers_from=self.covers_from,
        )

    def _notice_items(self):
        return {name: self[field] or "" for name, field in _ITEM_FIELDS.items()}

    def _notice_facts(self):
        """Return what the notice of art. 9 is written from, in the context's words."""
        self.ensure_one()
        base = self.env["veloc.contact.gate"]._public_url()
        return privacy_notice.Facts(
            purpose=self.purpose_id.name or "",
            legal_basis=self.legal_basis,
            items=self._notice_items(),
            controller=self.env.company._veloc_controller(),
            is_sensitive=self.is_sensitive,
            rights_url=f"{base}/veloc/privacy",
        )

    def _notice_text(self):
        return privacy_notice.compose(self._notice_facts(), self.env.lang)

    def _notice_parts(self):
        """Return the seven items for a page."""
        return privacy_notice.items(self._notice_facts(), self.env.lang)

    def _fault_message(self, fault):
        labels = self._gap_labels()
        messages = {
            "not_a_draft": self.env._("Only a draft can be published."),
            "no_notice": self.env._("Write the text that people will read first."),
            "generic": self.env._(
                "A purpose for everything is void (LGPD art. 8 § 4). Say what exactly "
                "the data are used for."
            ),
            "never_sensitive": self.env._(
                "Sensitive data cannot rest on this legal basis (LGPD art. 11)."
            ),
            "no_sensitive_basis": self.env._(
                "Choose the legal basis for the sensitive data (LGPD art. 11)."
            ),
            "sensitive_needs_consent": self.env._(
                "Offers may use sensitive data with consent only (LGPD art. 11 I)."
            ),
            "sensitive_not_asked": self.env._(
                "Consent for sensitive data must be asked: the purpose itself has to "
                "rest on consent."
            ),
            "no_sensitive_notice": self.env._(
                "Write the highlighted text about the sensitive data (LGPD art. 11 I)."
            ),
            "balancing_missing": self.env._(
                "Legitimate interest needs an approved balancing test (LGPD art. 10)."
            ),
            "balancing_not_approved": self.env._(
                "The balancing test is not approved yet."
            ),
            "balancing_expired": self.env._(
                "The balancing test has expired. Make a new one."
            ),
        }
        return messages.get(fault) or self.env._(
            "The notice says nothing on: %(item)s.",
            item=labels[fault.removeprefix("no_")],
        )

    def _gap_labels(self):
        labels = {
            name: self._fields[field]._description_string(self.env)
            for name, field in _ITEM_FIELDS.items()
        }
        return labels | {
            "controller": self.env._("III. Name and CNPJ of the company"),
            "contact": self.env._("IV. E-mail or telephone of the company"),
            "dpo": self.env._("IV. Name and address of the encarregado"),
        }
