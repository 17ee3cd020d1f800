from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ...rules.care_terms import youngest_adult

# What identifies a person; a change of any may show who they are.
IDENTITY = {"email", "phone", "veloc_cpf", "veloc_birth_date"}
# What agents must see before they speak; the gravest first.
GRAVE = ("deceased", "self_exclusion", "cooling_off", "minor", "loss_limit")
SHOWN = (*GRAVE, "complaint", "kyc_block", "blocklist")


class ResPartner(models.Model):
    """A person under care: known under any contact, shown to who speaks to them."""

    _inherit = "res.partner"

    veloc_care_banner = fields.Text(
        "Handle with care", compute="_compute_veloc_care", groups="base.group_user"
    )
    veloc_is_grave = fields.Boolean(
        compute="_compute_veloc_care", groups="base.group_user"
    )
    veloc_care_limit_ids = fields.One2many(
        "veloc.care.limit",
        "partner_id",
        "Own limits",
        groups="veloc_compliance.group_viewer",
    )

    # === COMPUTE === #

    @api.depends_context("lang", "tz")
    def _compute_veloc_care(self):
        """Say in standard words what applies; notes of cases stay where they are."""
        standing = self._veloc_care_rows()
        for partner in self:
            rows = sorted(standing[partner._origin.id], key=_gravity)
            partner.veloc_is_grave = any(kind in GRAVE for kind, _at, _on in rows)
            words = dict.fromkeys(self._veloc_care_words(*row) for row in rows)
            partner.veloc_care_banner = "\n".join(words) or False

    def _veloc_care_rows(self):
        """Return ``{partner id: [(kind, until, channel)]}`` of what agents must see."""
        rows = defaultdict(list)
        ids = self._origin.ids
        if ids:
            self.env["veloc.suppression"].flush_model()
            found = self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, kind, until_at, channel FROM veloc_suppression
                    WHERE partner_id = ANY(%s) AND kind = ANY(%s)
                        AND lifted_at IS NULL AND (until_at IS NULL OR until_at > %s)
                    """,
                    ids,
                    list(SHOWN),
                    fields.Datetime.now(),
                )
            )
            for partner_id, *row in found:
                rows[partner_id].append(tuple(row))
        return rows

    def _veloc_care_words(self, kind, until, channel):
        """Return one line for an agent: what holds, and how to behave."""
        env = self.env
        lines = {
            "deceased": env._(
                "Reported as deceased: do not contact. Relatives go to compliance."
            ),
            "self_exclusion": env._(
                "Shut themselves out: no offers, no bonuses, no persuasion. Help only "
                "with what they ask."
            ),
            "cooling_off": env._(
                "Taking a pause: no offers, no bonuses, no persuasion. Help only with "
                "what they ask."
            ),
            "minor": env._("Under age: no offers. Pass every matter to compliance."),
            "loss_limit": env._(
                "Has reached a limit of their own: do not invite them to deposit or "
                "trade."
            ),
            "complaint": env._("Open complaint: no offers until it is settled."),
            "kyc_block": env._(
                "Identity check blocked: no offers; questions about documents go to "
                "the identity team."
            ),
            "blocklist": env._(
                "On a do-not-contact list: no promotion by the channels of the list."
            ),
        }
        if not until:
            return lines[kind]
        local = fields.Datetime.context_timestamp(self, until)
        day = format_date(env, local.date())
        return env._("%(line)s Until %(day)s.", line=lines[kind], day=day)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Recognise who signs up again."""
        partners = super().create(vals_list)
        partners._veloc_recognise()
        return partners

    def write(self, vals):
        """Recognise a person by what was just told of them."""
        result = super().write(vals)
        if IDENTITY & vals.keys():
            self._veloc_recognise()
        return result

    # === BUSINESS === #

    def _veloc_addresses(self):
        """Return ``{id: {(kind, value)}}``: the normalised addresses of people."""
        # sudo: compared by the system, shown to nobody.
        people_sudo = self.sudo()
        return {
            person.id: {
                (kind, value)
                for kind, value in (
                    ("cpf", person.veloc_cpf),
                    ("email", person.email_normalized),
                    ("phone", person.phone_sanitized),
                )
                if value
            }
            for person in people_sudo
        }

    def _veloc_same_people(self):
        """Return ``{id: ids of other contacts with one of the person's addresses}``."""
        mine = self._veloc_addresses()
        wanted = defaultdict(set)
        for addresses in mine.values():
            for kind, value in addresses:
                wanted[kind].add(value)
        owners = {
            (kind, value): ids
            for kind, values in wanted.items()
            for value, ids in self._veloc_find(kind, sorted(values)).items()
        }
        return {
            id_: {other for address in addresses for other in owners.get(address, ())}
            - {id_}
            for id_, addresses in mine.items()
        }

    def _veloc_recognise(self):
        """Let people inherit what binds the person they turn out to be.

        Terms of another contact, do-not-contact lists, and being under age. Constant
        queries for any number of people.
        """
        people = self.filtered(lambda person: not person.is_company)
        if not people:
            return
        self.env["veloc.care"]._recognise(people._veloc_addresses())
        people._veloc_mark_minors(fields.Date.today())

    def _veloc_mark_minors(self, day):
        """Suppress who is under age on ``day``; return how many were not marked."""
        youngest = youngest_adult(day)
        # sudo: the birth date is asked, not shown.
        minors_sudo = self.sudo().filtered(
            lambda person: (
                person.veloc_birth_date and person.veloc_birth_date > youngest
            )
        )
        if not minors_sudo:
            return 0
        blocks = self.env["veloc.suppression"]
        # sudo: a fact of law, whoever wrote the date down.
        marked = blocks.sudo()._standing_of(minors_sudo.ids, "minor").partner_id
        missing = minors_sudo - marked
        if missing:
            blocks._impose(missing.ids, "minor", source="birth_date")
        return len(missing)


def _gravity(row):
    return SHOWN.index(row[0])
