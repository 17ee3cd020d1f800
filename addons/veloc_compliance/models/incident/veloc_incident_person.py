from odoo import api, fields, models
from odoo.tools import SQL

from ...rules.incident_people import age_group

AGES = [
    ("child", "Child"),
    ("adolescent", "Adolescent"),
    ("adult", "Adult"),
    ("elderly", "Elderly"),
    ("unknown", "Age unknown"),
]
LETTER_STATES = [
    ("waiting", "Not told yet"),
    ("sent", "Letter sent"),
    ("failed", "Not reached"),
]
FLAGS = ("financial", "authentication", "sensitive", "secrecy")

_FREEZE = SQL("""
    CREATE OR REPLACE FUNCTION veloc_frozen_list() RETURNS trigger
    LANGUAGE plpgsql AS $$
    DECLARE
        affected record := CASE WHEN TG_OP = 'INSERT' THEN NEW ELSE OLD END;
        is_open bool;
    BEGIN
        SELECT frozen_at IS NULL AND list_round = affected.round INTO is_open
        FROM veloc_incident WHERE id = affected.incident_id;
        IF NOT is_open AND (TG_OP <> 'UPDATE'
            OR NEW.incident_id <> OLD.incident_id
            OR NEW.partner_id IS DISTINCT FROM OLD.partner_id
            OR NEW.round <> OLD.round)
        THEN
            RAISE EXCEPTION 'the list of affected people is frozen: %% refused', TG_OP
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END $$
""")
_TRIGGERS = (
    SQL("""
        CREATE OR REPLACE TRIGGER veloc_frozen_list BEFORE INSERT OR UPDATE OR DELETE
        ON veloc_incident_person FOR EACH ROW EXECUTE FUNCTION veloc_frozen_list()
    """),
    SQL("ALTER TABLE veloc_incident_person ENABLE ALWAYS TRIGGER veloc_frozen_list"),
)


class VelocIncidentPerson(models.Model):
    """Somebody whose data an incident affected, as known when the list was frozen."""

    _name = "veloc.incident.person"
    _description = "Person affected by an incident"
    _log_access = False
    _order = "id"

    incident_id = fields.Many2one(
        "veloc.incident", required=True, readonly=True, ondelete="restrict", index=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Person", readonly=True, ondelete="restrict", index=True
    )
    address = fields.Char("E-mail", readonly=True, help="Of somebody without contact.")
    round = fields.Integer("List", required=True, readonly=True)
    age = fields.Selection(AGES, required=True, readonly=True)
    financial = fields.Boolean("Financial data", readonly=True)
    authentication = fields.Boolean("Access data", readonly=True)
    sensitive = fields.Boolean("Sensitive data", readonly=True)
    secrecy = fields.Boolean("Under secrecy", readonly=True)
    letter_state = fields.Selection(LETTER_STATES, "Letter", readonly=True)
    letter_reason = fields.Char("Why not", readonly=True)
    letter_at = fields.Datetime("Letter sent", readonly=True)
    attempts = fields.Integer(readonly=True)

    _partner_unique = models.UniqueIndex(
        "(incident_id, partner_id) WHERE partner_id IS NOT NULL",
        "This person is on the list already.",
    )
    _address_unique = models.UniqueIndex(
        "(incident_id, address) WHERE partner_id IS NULL",
        "This address is on the list already.",
    )
    _waiting_idx = models.Index("(incident_id, id) WHERE letter_state = 'waiting'")

    def init(self):
        """Let the database hold a frozen list."""
        result = super().init()
        for statement in (_FREEZE, *_TRIGGERS):
            self.env.cr.execute(statement)
        return result

    @api.depends("partner_id", "address")
    def _compute_display_name(self):
        for person in self:
            person.display_name = person.partner_id.display_name or person.address

    # === BUILDING THE LIST === #

    @api.model
    def _add(self, incident, partner_ids, addresses, flags):
        """Put people on the list; return how many are new. Flags add up.

        One statement for any number of people.
        """
        # sudo: the birth date is asked for the count the law wants, not shown.
        people_sudo = self.env["res.partner"].sudo().browse(partner_ids).exists()
        day = (incident.affected_known_at or incident.known_at).date()
        rows = [
            (person.id, None, age_group(person.veloc_birth_date or None, day))
            for person in people_sudo
        ]
        rows += [(None, address, "unknown") for address in addresses]
        if not rows:
            return 0
        self.env.flush_all()
        found = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_incident_person AS p (incident_id, partner_id,
                    address, age, round, letter_state, attempts, financial,
                    authentication,
                    sensitive, secrecy)
                SELECT %(incident)s, partner_id, address, age, %(round)s, 'waiting', 0,
                    %(financial)s, %(authentication)s, %(sensitive)s, %(secrecy)s
                FROM unnest(%(partners)s::int[], %(addresses)s::varchar[],
                    %(ages)s::varchar[]) AS r(partner_id, address, age)
                WHERE NOT EXISTS (SELECT 1 FROM veloc_incident_person o
                    WHERE o.incident_id = %(incident)s AND (o.partner_id = r.partner_id
                        OR (o.partner_id IS NULL AND o.address = r.address)))
                RETURNING id
                """,
                incident=incident.id,
                round=incident.list_round,
                partners=[row[0] for row in rows],
                addresses=[row[1] for row in rows],
                ages=[row[2] for row in rows],
                **flags,
            )
        )
        self._add_flags(incident, partner_ids, addresses, flags)
        self.invalidate_model()
        return len(found)

    def _add_flags(self, incident, partner_ids, addresses, flags):
        if any(flags.values()):
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE veloc_incident_person SET
                        financial = financial OR %(financial)s,
                        authentication = authentication OR %(authentication)s,
                        sensitive = sensitive OR %(sensitive)s,
                        secrecy = secrecy OR %(secrecy)s
                    WHERE incident_id = %(incident)s AND (partner_id = ANY(%(ids)s)
                        OR address = ANY(%(addresses)s))
                    """,
                    incident=incident.id,
                    ids=list(partner_ids),
                    addresses=list(addresses),
                    **flags,
                )
            )

    @api.model
    def _counts(self, incidents):
        """Return ``{incident id: {what: how many}}`` of the lists; one query."""
        self.flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT incident_id, count(*) AS people,
                    count(*) FILTER (WHERE age = 'child') AS child,
                    count(*) FILTER (WHERE age = 'adolescent') AS adolescent,
                    count(*) FILTER (WHERE age = 'elderly') AS elderly,
                    count(*) FILTER (WHERE age = 'unknown') AS unknown,
                    count(*) FILTER (WHERE financial) AS financial,
                    count(*) FILTER (WHERE authentication) AS authentication,
                    count(*) FILTER (WHERE sensitive) AS sensitive,
                    count(*) FILTER (WHERE secrecy) AS secrecy,
                    count(*) FILTER (WHERE letter_state = 'sent') AS sent,
                    count(*) FILTER (WHERE letter_state = 'failed') AS failed
                FROM veloc_incident_person WHERE incident_id = ANY(%s) GROUP BY 1
                """,
                incidents.ids,
            )
        )
        return {row["incident_id"]: row for row in rows}
