from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...rules import incident_clock, incident_state

KINDS = [
    ("access", "Unauthorised access"),
    ("leak", "Data published or sent out"),
    ("misdirected", "Message to the wrong person"),
    ("phishing", "Phishing or stolen password"),
    ("malware", "Malware or ransomware"),
    ("loss", "Lost or stolen device"),
    ("unavailable", "Data lost or unavailable"),
    ("supplier", "Incident at a supplier"),
    ("other", "Other"),
]
STATES = [
    (incident_state.REGISTERED, "Registered"),
    (incident_state.ASSESSED, "Assessed"),
    (incident_state.COMMUNICATING, "Communicating"),
    (incident_state.COMMUNICATED, "Communicated"),
    (incident_state.CLOSED, "Closed"),
]
DECISIONS = [("notify", "To be communicated"), ("not_notify", "Not communicated")]
# What only methods write, each with an entry in the timeline.
BY_METHOD = frozenset(
    [
        "number",
        "state",
        "registered_at",
        "decision",
        "decided_by",
        "decided_at",
        "frozen_at",
        "list_round",
        "authority_told_at",
        "authority_protocol",
        "subjects_told_at",
        "proof_sent_at",
        "closed_at",
        "letters_started_at",
        "public_code",
        "public_from",
        "public_until",
    ]
)
# Facts whose change the timeline tells.
FACTS = (
    "known_at",
    "affected_known_at",
    "occurred_at",
    "is_small_agent",
    "total_subjects",
)


class VelocIncident(models.Model):
    """An event that may have touched personal data, from the first sign to the end.

    Every one is registered, those that are not communicated too (Res. CD/ANPD 15/2024
    art. 10); nobody deletes one, and what was decided stands with who and why.
    """

    _name = "veloc.incident"
    _description = "Incident"
    _order = "known_at desc, id desc"
    _rec_names_search = ["number", "name"]
    _veloc_ledger_fields = frozenset(
        [
            "name",
            "state",
            "known_at",
            "affected_known_at",
            "occurred_at",
            "decision",
            "decision_reason",
            "authority_told_at",
            "subjects_told_at",
            "proof_sent_at",
            "closed_at",
            "frozen_at",
            "is_small_agent",
            "public_from",
        ]
    )
    _veloc_ledger_kind = "incident"
    _veloc_ledger_guard = frozenset({"insert", "update", "delete"})

    number = fields.Char(readonly=True, copy=False)
    name = fields.Char("What happened", required=True)
    kind = fields.Selection(KINDS, required=True, default="access")
    state = fields.Selection(
        STATES, required=True, readonly=True, default=incident_state.REGISTERED
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
    )
    registered_at = fields.Datetime("Registered", readonly=True)
    kept_until = fields.Datetime(
        "Kept at least until", compute="_compute_kept_until", store=True
    )
    closed_at = fields.Datetime("Closed", readonly=True)

    # Facts: art. 6 § 2 and art. 10 of the resolution.
    occurred_at = fields.Datetime("Happened", help="Empty where nobody knows.")
    known_at = fields.Datetime(
        "First sign",
        required=True,
        default=fields.Datetime.now,
        help="The internal clock of 24 hours runs from here.",
    )
    affected_known_at = fields.Datetime(
        "Known that personal data were affected",
        help="The law's clock of three business days runs from here.",
    )
    description = fields.Text("Circumstances")
    nature = fields.Text("Nature of the incident")
    data_affected = fields.Text("Categories of data affected")
    root_cause = fields.Text()
    measures_before = fields.Text("Measures in place before")
    measures_after = fields.Text("Measures taken after")
    risks = fields.Text("Risks and possible effects on people")
    reversal = fields.Text("Measures to reverse or soften the effects")
    delay_reason = fields.Text("Reasons for the delay")
    processor = fields.Char("Processor (operador) involved")
    total_subjects = fields.Integer(
        "People in the affected processing",
        help="All whose data this processing handles, affected or not.",
    )
    is_small_agent = fields.Boolean(
        "Small agent",
        help="Doubles the terms (Res. CD/ANPD 2/2022, art. 14). A broker is seldom "
        "one: high-risk processing or revenue above R$ 4.8 million exclude it. Ask a "
        "lawyer.",
    )
    secrets = fields.Text(
        "To be kept secret", help="What the authority is asked not to publish, and why."
    )

    entry_ids = fields.One2many("veloc.incident.entry", "incident_id", "Timeline")
    task_ids = fields.One2many("veloc.incident.task", "incident_id", "Tasks")
    query_ids = fields.One2many(
        "veloc.incident.query", "incident_id", "Who is affected"
    )
    letter_ids = fields.One2many("veloc.incident.letter", "incident_id", "Letters")
    person_ids = fields.One2many("veloc.incident.person", "incident_id", "People")
    open_task_count = fields.Integer("Open tasks", compute="_compute_open_task_count")

    _number_unique = models.UniqueIndex("(number)", "This number is taken.")
    _open_idx = models.Index("(due_at) WHERE state <> 'closed'")
    _order_of_time = models.Constraint(
        "CHECK (affected_known_at IS NULL OR occurred_at IS NULL OR "
        "affected_known_at >= occurred_at)",
        "Nobody knows of it before it happens.",
    )

    # === COMPUTE === #

    @api.depends("registered_at")
    def _compute_kept_until(self):
        for incident in self:
            since = incident.registered_at
            incident.kept_until = since and incident_clock.kept_until(since)

    @api.depends("task_ids.done_at")
    def _compute_open_task_count(self):
        for incident in self:
            incident.open_task_count = sum(not t.done_at for t in incident.task_ids)

    @api.depends("number", "name")
    def _compute_display_name(self):
        for incident in self:
            number = f"{incident.number} · " if incident.number else ""
            incident.display_name = f"{number}{incident.name or ''}"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Register incidents with their number, checklist and first entry."""
        if not self.env.su and any(BY_METHOD & vals.keys() for vals in vals_list):
            raise AccessError(self._by_method_message())
        # sudo: the number comes from the house, the rest from the method below.
        sequence_sudo = self.env["ir.sequence"].sudo()
        for vals in vals_list:
            vals.setdefault("number", sequence_sudo.next_by_code("veloc.incident"))
            vals.setdefault("registered_at", fields.Datetime.now())
        incidents = super().create(vals_list)
        for incident in incidents:
            incident._tell("registered", incident.name)
        self.env["veloc.incident.task"]._fill(incidents)
        return incidents

    def write(self, vals):
        """Let the desk fill in facts; a closed incident is only read."""
        if not self.env.su:
            if BY_METHOD & vals.keys():
                raise AccessError(self._by_method_message())
            if any(incident.state == incident_state.CLOSED for incident in self):
                raise AccessError(
                    self.env._("A closed incident stays as it is. Open it again first.")
                )
        before = {incident: incident._facts() for incident in self}
        result = super().write(vals)
        if set(FACTS) & vals.keys():
            self._tell_changes(before)
        return result

    def _by_method_message(self):
        return self.env._("Use the buttons: each step is written into the timeline.")

    def _facts(self):
        return {name: self[name] for name in FACTS}

    def _tell_changes(self, before):
        for incident, old in before.items():
            for name, now in incident._facts().items():
                if old[name] != now:
                    label = self._fields[name]._description_string(self.env)
                    was, is_now = old[name] or "-", now or "-"
                    incident._tell("changed", f"{label}: {was} → {is_now}")

    # === BUSINESS === #

    @api.model
    def _open_incident(self, values):
        """Register an incident from another part of the house; return it.

        ``values`` are those of ``create``; ``known_at`` is now unless it is given.
        """
        # sudo: whoever or whatever notices an incident must be able to register it.
        return self.sudo().create([values])

    def _tell(self, kind, text):
        """Write an entry into the timeline; it can never be changed."""
        # sudo: entries are written by methods only.
        self.env["veloc.incident.entry"].sudo().create(
            [
                {
                    "incident_id": incident.id,
                    "at": fields.Datetime.now(),
                    "kind": kind,
                    "text": text,
                    "user_id": self.env.uid,
                }
                for incident in self
            ]
        )
