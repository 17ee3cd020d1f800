import json
import secrets
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS

from ...const import REQUEST_KINDS, REQUEST_STATES
from ...rules import field_cipher, privacy_identity, privacy_request

WORKER = "veloc_compliance.group_advanced"
ORIGINS = [
    ("page", "Public page"),
    ("portal", "Customer portal"),
    ("desk", "Written down by staff"),
    ("program", "Program"),
]
MEASURES = [
    ("block", "Block"),
    ("anonymise", "Anonymise"),
    ("eliminate", "Eliminate"),
]
GROUNDS = [
    ("not_subject", "The data are not this person's (art. 18)"),
    ("identity_not_proven", "The identity was not proven (art. 18 § 3)"),
    ("not_agent", "We do not process the data; see who does (art. 18 § 4 I)"),
    ("legal_obligation", "The law obliges us to keep them (art. 16 I)"),
    ("legal_claim", "Needed for rights in proceedings (art. 7 VI)"),
    ("trade_secret", "Trade secret (art. 19 § 3, art. 20 § 1)"),
    ("third_parties", "It would disclose data of others (art. 18 § 4 II)"),
    ("anonymised", "The data are anonymised (art. 12)"),
    ("unfounded", "Other reason of fact or law (art. 18 § 4 II)"),
]
EXTENSIONS = [
    ("volume", "Amount or complexity of the data"),
    ("third_party", "A recipient has to answer first"),
    ("person", "The person was asked for details"),
    ("technical", "Technical impediment"),
]
# Read over the phone: no letter or digit that sounds or looks like another.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
# What people of the desk may change by hand; all else is written by the methods.
DESK_FIELDS = frozenset({"user_id", "measure", "answer_subject", "answer_text"})


class VelocPrivacyRequest(models.Model):
    """What a data subject asks of us, from the first word to the answer."""

    _name = "veloc.privacy.request"
    _description = "Request of a data subject"
    _order = "due_at, id"
    _rec_name = "number"

    number = fields.Char(required=True, readonly=True, copy=False)
    kind = fields.Selection(REQUEST_KINDS, "Right", required=True, readonly=True)
    state = fields.Selection(
        REQUEST_STATES, required=True, readonly=True, default="received"
    )
    origin = fields.Selection(ORIGINS, "Came by", required=True, readonly=True)
    lang = fields.Char("Language", readonly=True)
    company_id = fields.Many2one(
        "res.company", readonly=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users", "Worked by", domain=[("share", "=", False)], ondelete="set null"
    )
    partner_id = fields.Many2one(
        "res.partner", "Person", readonly=True, ondelete="restrict"
    )
    is_representative = fields.Boolean("By a representative", readonly=True)
    needs_desk = fields.Boolean(
        "The desk must identify", readonly=True, help="No code can decide who this is."
    )
    # What was claimed and asked, sealed: it is personal and not yet proven.
    told_sealed = fields.Text(readonly=True, groups=NO_ACCESS)
    told_identity = fields.Text("Says to be", compute="_compute_told")
    details = fields.Text("Asks for", compute="_compute_told")
    representative = fields.Char(compute="_compute_told")

    received_at = fields.Datetime("Received", required=True, readonly=True)
    first_due_at = fields.Datetime("Due by law", required=True, readonly=True)
    due_at = fields.Datetime("Due", required=True, readonly=True)
    extension_reason = fields.Selection(EXTENSIONS, readonly=True)
    extension_note = fields.Text(readonly=True)
    verified_at = fields.Datetime("Identity proven", readonly=True)
    verified_how = fields.Selection(
        [("code", "Code"), ("login", "Login"), ("desk", "By the desk")], readonly=True
    )
    verified_by_id = fields.Many2one("res.users", readonly=True)
    closed_at = fields.Datetime("Closed", readonly=True)
    duplicate_of_id = fields.Many2one("veloc.privacy.request", readonly=True)
    measure = fields.Selection(MEASURES)
    deny_ground = fields.Selection(GROUNDS, "Legal ground", readonly=True)
    deny_reason = fields.Text("Reason of the refusal", readonly=True)
    answer_subject = fields.Char()
    answer_text = fields.Text("Answer")
    answered_by_id = fields.Many2one("res.users", readonly=True)

    code_hash = fields.Char(readonly=True, groups=NO_ACCESS)
    code_until = fields.Datetime(readonly=True, groups=NO_ACCESS)
    code_attempts = fields.Integer(readonly=True, groups=NO_ACCESS)
    codes_sent = fields.Integer(readonly=True)
    access_hash = fields.Char(readonly=True, groups=NO_ACCESS)
    access_until = fields.Datetime(readonly=True, groups=NO_ACCESS)
    letter_hash = fields.Char(readonly=True, groups=NO_ACCESS)

    candidate_ids = fields.One2many("veloc.privacy.candidate", "request_id")
    step_ids = fields.One2many("veloc.privacy.step", "request_id", "Checklist")
    event_ids = fields.One2many("veloc.privacy.event", "request_id", "History")
    proof_ids = fields.One2many("veloc.privacy.proof", "request_id", "Proofs")
    correction_ids = fields.One2many("veloc.privacy.correction", "request_id")
    review_ids = fields.One2many("veloc.privacy.review", "request_id")
    package_ids = fields.One2many("veloc.privacy.package", "request_id", "Files")
    propagation_ids = fields.One2many("veloc.privacy.propagation", "request_id")

    days_left = fields.Integer(compute="_compute_clock")
    clock = fields.Selection(
        [
            ("on_time", "On time"),
            ("due", "Due within 3 days"),
            ("overdue", "Overdue"),
            ("closed", "Closed"),
        ],
        compute="_compute_clock",
        search="_search_clock",
    )
    article = fields.Char("Law", compute="_compute_flow")
    is_at_once = fields.Boolean(compute="_compute_flow")
    steps_left = fields.Integer(compute="_compute_steps_left")

    _number_unique = models.UniqueIndex("(number)", "This number is taken.")
    _access_unique = models.UniqueIndex("(access_hash) WHERE access_hash IS NOT NULL")
    _letter_unique = models.UniqueIndex("(letter_hash) WHERE letter_hash IS NOT NULL")
    _open_idx = models.Index(
        "(due_at) WHERE state IN "
        "('received', 'identity_unverified', 'in_progress', 'waiting')"
    )
    _partner_idx = models.Index("(partner_id, kind)")
    _refused_with_reason = models.Constraint(
        "CHECK (state <> 'denied' OR (deny_reason IS NOT NULL AND deny_ground IS NOT"
        " NULL))",
        "A request is refused only with a reason and its legal ground.",
    )
    _never_worked_unproven = models.Constraint(
        "CHECK (state NOT IN ('in_progress', 'waiting') OR verified_at IS NOT NULL)",
        "Nobody's data are touched before the identity is proven.",
    )

    # === COMPUTE === #

    @api.depends("due_at", "state")
    def _compute_clock(self):
        now = fields.Datetime.now()
        for request in self:
            if not request.due_at:
                request.clock, request.days_left = "on_time", 0
                continue
            request.clock = privacy_request.clock(request.state, request.due_at, now)
            request.days_left = privacy_request.days_left(request.due_at, now)

    def _search_clock(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        is_open = fields.Domain("state", "in", list(privacy_request.OPEN))
        late = fields.Domain("due_at", "<=", now)
        soon = fields.Domain("due_at", "<=", now + privacy_request.WARN_BEFORE)
        domains = {
            "closed": ~is_open,
            "overdue": is_open & late,
            "due": is_open & soon & ~late,
            "on_time": is_open & ~soon,
        }
        return fields.Domain.OR([domains[code] for code in value if code in domains])

    @api.depends("kind")
    def _compute_flow(self):
        for request in self:
            flow = privacy_request.FLOWS.get(request.kind)
            request.article = flow and flow.article
            request.is_at_once = bool(flow and flow.at_once)

    @api.depends("step_ids.done_at")
    def _compute_steps_left(self):
        for request in self:
            request.steps_left = len(request.step_ids.filtered(lambda s: not s.done_at))

    @api.depends("told_sealed")
    def _compute_told(self):
        for request in self:
            told = request._told()
            representative = told.get("representative") or {}
            request.told_identity = privacy_identity.shown(told.get("identity") or {})
            request.details = told.get("details")
            request.representative = " · ".join(filter(None, representative.values()))

    # === CRUD === #

    def write(self, vals):
        """Let people change only who works on it, the measure and the letter."""
        if not self.env.su and set(vals) - DESK_FIELDS:
            raise AccessError(self.env._("Use the buttons to move a request on."))
        return super().write(vals)

    # === OPENING === #

    @api.model
    def open(self, kind, identity):
        """Open a request; for the desk and for programs of the broker (RPC).

        ``identity``: ``{"cpf", "email", "phone", "details"?}`` or one of them as text.
        Answers ``{"id", "number", "state", "due_at"}``, the same whether we know the
        person or not: who it is shows once the identity is proven.
        """
        is_desk = self.env.user.has_group(WORKER)
        is_program = self.env.user.has_group("veloc_compliance.group_recorder")
        if not (self.env.su or is_desk or is_program):
            raise AccessError(self.env._("You may not open requests."))
        if kind not in privacy_request.FLOWS:
            raise UserError(self.env._("There is no right “%(code)s”.", code=kind))
        told = privacy_identity.read(identity)
        if told.is_empty:
            raise UserError(self.env._("Name a CPF, an e-mail or a phone number."))
        details = identity.get("details") if isinstance(identity, dict) else ""
        request = self._receive(
            kind, told, "desk" if is_desk else "program", details=str(details or "")
        )
        return {
            "id": request.id,
            "number": request.number,
            "state": request.state,
            "due_at": fields.Datetime.to_string(request.due_at),
        }

    @api.model
    def _receive(self, kind, told, origin, **more):
        """Write a request down; who it is about is looked up later, by a job.

        So this costs the same whoever is asking about whom. ``more``: ``details``,
        ``representative`` (name, email), ``correction`` (field, value), ``lang``,
        ``token`` (of the public page).
        """
        now = fields.Datetime.now()
        due = privacy_request.due_at(now)
        representative = more.get("representative") or {}
        blob = {
            "identity": told.told(),
            "details": (more.get("details") or "").strip()[:4000],
            "representative": representative,
            "correction": more.get("correction") or {},
        }
        number = self._new_number(now)
        token = more.get("token")
        # sudo: nobody may create requests by hand; these values are ours.
        request = self.sudo().create(
            {
                "number": number,
                "kind": kind,
                "origin": origin,
                "lang": more.get("lang") or self.env.lang,
                "received_at": now,
                "first_due_at": due,
                "due_at": due,
                "is_representative": bool(representative),
                "told_sealed": self._seal_told(number, blob),
                "access_hash": token and self._token_hash(token),
                # Nothing of a link's life may tell a known person from another.
                "access_until": token and due,
            }
        )
        request._remember("received", origin=origin, kind=kind)
        # sudo: whoever opens a request need not be able to run jobs.
        self.env.ref("veloc_compliance.ir_cron_privacy_work").sudo()._trigger()
        return request

    @api.model
    def _new_number(self, now: datetime):
        """Return a number that says nothing of how many requests there are."""
        letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
        return f"{now:%Y}-{letters[:4]}-{letters[4:]}"

    # === WHAT WAS TOLD === #

    @api.model
    def _place(self, number):
        return field_cipher.context("veloc_privacy_request", "told", number)

    @api.model
    def _seal_told(self, number, blob):
        text = json.dumps(blob, ensure_ascii=False)
        return self.env["veloc.keyring"]._seal(self._place(number), text.encode())

    def _told(self):
        """Return what was claimed and asked; empty once it was erased."""
        self.ensure_one()
        # sudo: the sealed text is shown to nobody; what it says, to the desk.
        sealed = self.sudo().told_sealed
        if not sealed:
            return {}
        plain = self.env["veloc.keyring"]._open(self._place(self.number), sealed)
        return json.loads(plain)

    # === STATES AND HISTORY === #

    def _move(self, target, **values):
        """Move those that may move to ``target``; return those."""
        movable = self.filtered(
            lambda request: privacy_request.can_move(request.state, target)
        )
        if target not in privacy_request.OPEN:
            values = {"closed_at": fields.Datetime.now(), **values}
        movable.write({"state": target, **values})
        for request in movable:
            request._remember("state", state=target)
        return movable

    def _remember(self, what, **detail):
        """Add to the history and to the ledger; ``detail`` holds codes and ids only."""
        self.env["veloc.privacy.event"]._add(self, what, detail)
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "request",
                    "model": self._name,
                    "res_id": request.id,
                    "subject_id": request.partner_id.id,
                    "public": {"what": what, **detail},
                }
                for request in self
            ]
        )

    def _check_worker(self):
        """Refuse whoever does not work on requests, or not on these."""
        if not (self.env.su or self.env.user.has_group(WORKER)):
            raise AccessError(self.env._("Only compliance analysts work requests."))
        self.check_access("read")
        # sudo: the group and the rule were asked; requests change by methods only.
        return self.sudo()
