from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..const import CHANNELS, PROMOTIONAL
from ..rules import consent_item

_PROOF = "veloc_compliance.group_officer"


class VelocConsent(models.Model):
    """One word of a person: a consent or its revocation, as it was given."""

    _name = "veloc.consent"
    _inherit = ["veloc.append.only"]
    _description = "Consent event"
    _veloc_ledger_fields = frozenset(
        {
            "channel",
            "evidence",
            "granted",
            "ip",
            "partner_id",
            "purpose_id",
            "recorded_at",
            "source",
            "text_hash",
            "user_agent",
            "version_id",
        }
    )
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_kind = "consent"
    _veloc_ledger_reads = True
    _veloc_ledger_guard = frozenset({"insert", "update", "delete"})
    _log_access = False
    _order = "recorded_at desc, id desc"

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="restrict"
    )
    purpose_id = fields.Many2one(
        "veloc.purpose", required=True, readonly=True, ondelete="restrict"
    )
    version_id = fields.Many2one(
        "veloc.purpose.version", required=True, readonly=True, ondelete="restrict"
    )
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    granted = fields.Boolean(required=True, readonly=True)
    recorded_at = fields.Datetime("Given at", required=True, readonly=True)
    stored_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    recorded_by = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    source = fields.Char(required=True, readonly=True)
    text_hash = fields.Char(readonly=True, help="SHA-256 of the text that was shown.")
    text_language = fields.Char(readonly=True)
    ip = fields.Char("IP address", readonly=True, groups=_PROOF)
    user_agent = fields.Char(readonly=True, groups=_PROOF)
    evidence = fields.Text(readonly=True, groups=_PROOF)

    _not_ahead = models.Constraint(
        "CHECK (recorded_at <= stored_at + interval '10 minutes')",
        "A consent cannot be given in the future.",
    )
    _person_idx = models.Index("(partner_id, purpose_id, channel, recorded_at DESC)")

    # === COMPUTE === #

    @api.depends("partner_id", "purpose_id", "channel")
    def _compute_display_name(self):
        channels = dict(self._fields["channel"]._description_selection(self.env))
        for consent in self:
            consent.display_name = (
                f"{consent.partner_id.display_name} · {consent.purpose_id.name} · "
                f"{channels.get(consent.channel)}"
            )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Store events and bring the current state up to date with them."""
        consents = super().create(vals_list)
        self.env["veloc.consent.state"]._fold(consents)
        return consents

    # === BUSINESS === #

    @api.model
    def record(self, items):
        """Store consents and revocations; a bad item does not lose the good ones.

        Answers, in the order of ``items``, ``{"index", "id"}`` or ``{"index",
        "code", "message"}``. For officers and programs (``group_recorder``).
        """
        if not (
            self.env.su or self.env.user.has_group("veloc_compliance.group_recorder")
        ):
            raise AccessError(self.env._("You may not record consents."))
        if not isinstance(items, list | tuple):
            raise UserError(self.env._("Send a list of consents."))
        now = fields.Datetime.now()
        read = [consent_item.read(raw, now) for raw in items]
        resolve = self._item_resolver(read)
        answers, values = [], []
        for index, item in enumerate(read):
            found = resolve(item)
            if isinstance(found, consent_item.Fault):
                message = self._fault_message(found)
                answers.append({"index": index, "code": found.code, "message": message})
            else:
                answers.append({"index": index})
                values.append(found)
        # sudo: nobody has create rights; these values were checked one by one.
        ids = iter(self.sudo().create(values).ids)
        for answer in answers:
            if "code" not in answer:
                answer["id"] = next(ids)
        return answers

    def _item_resolver(self, items):
        """Return a function from item to values, or the fault that forbids it."""
        good = [item for item in items if isinstance(item, consent_item.Item)]
        # sudo: programs may record without reading the catalogue or the contacts.
        purposes = self.env["veloc.purpose"].sudo()._published_by_code()
        partners = self.env["res.partner"].sudo()
        known = set(partners.browse(item.partner_id for item in good).exists().ids)

        def resolve(item):
            if isinstance(item, consent_item.Fault):
                return item
            purpose = purposes.get(item.purpose)
            if item.partner_id not in known:
                return consent_item.Fault("unknown_partner", "partner_id")
            if purpose is None:
                return consent_item.Fault("unknown_purpose", "purpose")
            if not purpose.is_revocable:
                return consent_item.Fault("not_consent_based", "purpose")
            version = purpose._version_shown(item.version)
            if not version:
                return consent_item.Fault("unknown_version", "version")
            return self._prepare_item_values(item, version)

        return resolve

    def _prepare_item_values(self, item, version):
        language = self.env["res.partner"]._veloc_installed_lang(
            item.texts.get("language")
        )
        return {
            "partner_id": item.partner_id,
            "purpose_id": version.purpose_id.id,
            "version_id": version.id,
            "channel": item.channel,
            "granted": item.granted,
            "recorded_at": item.recorded_at,
            "recorded_by": self.env.uid,
            "source": item.texts["source"],
            "text_hash": version._text_hash(language),
            "text_language": language or item.texts.get("language"),
            "ip": item.texts.get("ip"),
            "user_agent": item.texts.get("user_agent"),
            "evidence": item.texts.get("evidence"),
        }

    def _fault_message(self, fault):
        messages = {
            "not_an_object": self.env._("An item must be an object."),
            "future": self.env._("A consent cannot be given in the future."),
            "unknown_partner": self.env._("There is no such contact."),
            "unknown_purpose": self.env._(
                "There is no published purpose of this code."
            ),
            "unknown_version": self.env._("That version was never published."),
            "generic_purpose": self.env._(
                "A consent for everything is void (LGPD art. 8 § 4)."
            ),
            "other_address": self.env._(
                "The contact has another e-mail address: only its owner can confirm."
            ),
            "not_consent_based": self.env._(
                "This purpose does not rest on the person's consent."
            ),
        }
        invalid = self.env._(
            "The value of “%(field)s” is not valid.", field=fault.field
        )
        return messages.get(fault.code, invalid)

    @api.model
    def _revoke_channel(
        self, partner_ids, channel, source, evidence="", promotional_only=False
    ):
        """Revoke everything these people can revoke on ``channel``; idempotent.

        With ``promotional_only`` service purposes stay. Returns the new events.
        Constant number of queries for any number of people.
        """
        # sudo: a revocation counts whoever hands it over (STOP words, public pages).
        self = self.sudo()
        now = fields.Datetime.now()
        purposes = self.env["veloc.purpose"]._revocable()
        if promotional_only:
            purposes = purposes.filtered(lambda p: p.kind in PROMOTIONAL)
        standing = self._already_revoked(partner_ids, channel)
        return self.create(
            [
                {
                    "partner_id": partner_id,
                    "purpose_id": purpose.id,
                    "version_id": purpose.current_version_id.id,
                    "channel": channel,
                    "granted": False,
                    "recorded_at": now,
                    "recorded_by": self.env.uid,
                    "source": source,
                    "evidence": evidence,
                }
                for partner_id in dict.fromkeys(partner_ids)
                for purpose in purposes
                if (partner_id, purpose.id) not in standing
            ]
        )

    def _already_revoked(self, partner_ids, channel):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, purpose_id FROM veloc_consent_state
                WHERE partner_id = ANY(%s) AND channel = %s AND NOT granted
                """,
                list(partner_ids),
                channel,
            )
        )
        return set(rows)
