import hashlib
import hmac

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..rules import gate, link_token
from ..rules.br_zones import state_of, zone_of

_VIEWER = "veloc_compliance.group_viewer"


class ResPartner(models.Model):
    """A person as the gate sees them, and the links that are theirs."""

    _inherit = "res.partner"

    _veloc_ledger_fields = frozenset(
        {
            "active",
            "city",
            "comment",
            "company_name",
            "country_id",
            "email",
            "function",
            "lang",
            "name",
            "parent_id",
            "phone",
            "state_id",
            "street",
            "street2",
            "tz",
            "vat",
            "veloc_birth_date",
            "website",
            "zip",
        }
    )
    _veloc_ledger_subject = "id"
    _veloc_ledger_reads = True

    veloc_birth_date = fields.Date("Birth date", groups="base.group_user")
    veloc_suppression_ids = fields.One2many(
        "veloc.suppression", "partner_id", "Suppressions", groups=_VIEWER
    )
    veloc_consent_state_ids = fields.One2many(
        "veloc.consent.state", "partner_id", "Current consents", groups=_VIEWER
    )

    veloc_suppression_count = fields.Integer(
        "Suppressions in force",
        compute="_compute_veloc_suppression_count",
        groups=_VIEWER,
    )
    veloc_consent_count = fields.Integer(
        "Consents given", compute="_compute_veloc_consent_count", groups=_VIEWER
    )

    # === COMPUTE === #

    def _compute_veloc_suppression_count(self):
        self._veloc_count(
            "veloc_suppression_count", "veloc.suppression", ("is_active", "=", True)
        )

    def _compute_veloc_consent_count(self):
        self._veloc_count(
            "veloc_consent_count", "veloc.consent.state", ("granted", "=", True)
        )

    def _veloc_count(self, field, model, condition):
        groups = self.env[model]._read_group(
            [("partner_id", "in", self.ids), condition], ["partner_id"], ["__count"]
        )
        counts = {partner.id: count for partner, count in groups}
        for partner in self:
            partner[field] = counts.get(partner.id, 0)

    # === ACTIONS === #

    def action_veloc_consents(self):
        """Open everything this person ever said."""
        return self._veloc_open("veloc_compliance.veloc_consent_action")

    def action_veloc_suppressions(self):
        """Open this person's suppressions, those that are over included."""
        return self._veloc_open("veloc_compliance.veloc_suppression_action")

    def _veloc_open(self, xml_id):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        return action | {"domain": [("partner_id", "=", self.id)], "context": {}}

    def action_veloc_open_preferences(self):
        """Open the page as the person would see it."""
        self.ensure_one()
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(
                self.env._("Only a compliance officer may open this page.")
            )
        url = self._veloc_preferences_path()
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}

    # === BUSINESS === #

    @api.model
    def _veloc_gate_people(self, partner_ids):
        """Return ``{id: gate.Person}`` for the gate, in one query."""
        return {
            row[0]: gate.Person(
                id=row[0],
                active=row[1],
                has_email=row[2],
                has_phone=bool(row[3]),
                birth_date=row[4],
                zone=zone_of(row[5], row[6], row[3]),
                uf=state_of(row[6], row[3]),
                country=row[7],
                listed=_listed(row[8], row[9]),
                has_push=row[10],
            )
            for row in self._veloc_people_rows(partner_ids)
        }

    @api.model
    def _veloc_people_rows(self, partner_ids):
        self.flush_model()
        self.env["mail.blacklist"].flush_model()
        self.env["phone.blacklist"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT p.id, p.active, p.email_normalized > '', p.phone_sanitized,
                    p.veloc_birth_date, p.tz,
                    CASE WHEN home.code = 'BR' THEN state.code END,
                    COALESCE(country.code, 'BR'), mail.id, phone.id, %s
                FROM res_partner p
                LEFT JOIN res_country_state state ON state.id = p.state_id
                LEFT JOIN res_country home ON home.id = state.country_id
                LEFT JOIN res_country country ON country.id = p.country_id
                LEFT JOIN mail_blacklist mail
                    ON mail.email = p.email_normalized AND mail.active
                LEFT JOIN phone_blacklist phone
                    ON phone.number = p.phone_sanitized AND phone.active
                WHERE p.id = ANY(%s)
                """,
                self._veloc_push_condition(),
                list(partner_ids),
            )
        )

    @api.model
    def _veloc_push_condition(self):
        """Return SQL that says whether partner ``p`` has a push address.

        Addons that keep such addresses extend it: the gate asks one query.
        """
        return SQL("false")

    def _veloc_zones(self):
        """Return ``{partner_id: IANA zone}``."""
        people = self._veloc_gate_people(self.ids)
        return {partner_id: person.zone for partner_id, person in people.items()}

    def _veloc_preferences_url(self):
        """Return ``{partner_id: address of their preference page}``."""
        return self._veloc_links("preferences")

    def _veloc_preferences_path(self):
        """Return the person's preference page on the host they are on already."""
        self.ensure_one()
        token = link_token.sign(
            self._veloc_secret(), "preferences", link_token.Link(self.id)
        )
        return f"/veloc/preferences/{token}"

    def _veloc_unsubscribe_url(self, purpose, channel):
        """Return ``{partner_id: address that ends this purpose on this channel}``."""
        return self._veloc_links("unsubscribe", purpose.id, channel)

    def _veloc_links(self, scope, purpose_id=None, channel=None):
        base, secret = (
            self.env["veloc.contact.gate"]._public_url(),
            self._veloc_secret(),
        )
        links = {
            id_: link_token.Link(id_, purpose_id or None, channel or None)
            for id_ in self.ids
        }
        return {
            id_: f"{base}/veloc/{scope}/{link_token.sign(secret, scope, link)}"
            for id_, link in links.items()
        }

    @api.model
    def _veloc_read_link(self, scope, token):
        """Return what a link's token says, None unless we made it."""
        return link_token.read(self._veloc_secret(), scope, token)

    @api.model
    def _veloc_secret(self):
        # sudo: the secret signs links and never leaves this method.
        root = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        return hmac.new(root.encode(), b"veloc.link", hashlib.sha256).digest()

    @api.model
    def _veloc_installed_lang(self, code):
        """Return the installed language nearest to ``code`` (``pt-BR``), or False."""
        wanted = (code or "").replace("-", "_").lower()
        installed = [lang for lang, _name in self.env["res.lang"].get_installed()]
        # English is what the texts are written in, installed or not.
        installed = list(dict.fromkeys([*installed, "en_US"]))
        exact = [lang for lang in installed if lang.lower() == wanted]
        prefix = wanted.split("_")[0]
        near = [lang for lang in installed if wanted and lang.split("_")[0] == prefix]
        return next(iter(exact + near), False)


def _listed(mail_id, phone_id):
    channels = {"email"} if mail_id else set()
    return frozenset(channels | gate.PHONE_CHANNELS if phone_id else channels)
