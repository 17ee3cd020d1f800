from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

KINDS = [
    ("retention", "Retention by law"),
    ("order", "Order of an authority"),
    ("dispute", "Dispute or claim"),
    ("inquiry", "Internal inquiry"),
]
_OFFICER = "veloc_compliance.group_officer"


class VelocLegalHold(models.Model):
    """Why a person's data may not be destroyed yet, and until when.

    Rows of kind *retention* come with an erasure, one for each duty that still runs;
    the others are placed by officers. Lifting one takes two people.
    """

    _name = "veloc.legal.hold"
    _description = "Legal hold"
    _order = "placed_at desc, id desc"
    _rec_name = "law"
    _veloc_ledger_fields = frozenset(
        {"partner_id", "kind", "law", "reason", "until", "lift_reason", "lifted_at"}
    )
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_guard = frozenset({"insert", "update", "delete"})

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True, default="order")
    law = fields.Char(
        "Law or order", required=True, readonly=True, help="What obliges us to keep."
    )
    reason = fields.Text(required=True, readonly=True)
    until = fields.Date(readonly=True, help="The last day. Empty: until lifted.")
    placed_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    placed_by = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.uid,
    )
    policy_version_id = fields.Many2one(
        "veloc.retention.version", "Rule", readonly=True, ondelete="restrict"
    )
    lift_asked_at = fields.Datetime("Lifting asked", readonly=True)
    lift_asked_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    lift_reason = fields.Text("Why it may be lifted", readonly=True)
    lifted_at = fields.Datetime(readonly=True)
    lifted_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    is_active = fields.Boolean(
        "In force", compute="_compute_is_active", search="_search_is_active"
    )

    _person_idx = models.Index("(partner_id) WHERE lifted_at IS NULL")
    _two_people = models.Constraint(
        "CHECK (lifted_by IS NULL OR (lift_asked_by IS NOT NULL "
        "AND lifted_by <> lift_asked_by))",
        "Lifting a hold takes two people.",
    )

    # === COMPUTE === #

    @api.depends("until", "lifted_at")
    def _compute_is_active(self):
        today = self._today()
        for hold in self:
            hold.is_active = not hold.lifted_at and not (
                hold.until and hold.until < today
            )

    def _search_is_active(self, operator, value):
        if operator != "in":
            return NotImplemented
        active = fields.Domain("lifted_at", "=", False) & (
            fields.Domain("until", "=", False)
            | fields.Domain("until", ">=", self._today())
        )
        if set(value) == {True, False}:
            return fields.Domain.TRUE
        return active if True in value else ~active

    @api.depends("partner_id", "law")
    def _compute_display_name(self):
        for hold in self:
            hold.display_name = f"{hold.partner_id.display_name} · {hold.law}"

    # === ACTIONS === #

    def action_ask_lift(self):
        """Ask a second officer to lift these holds (button)."""
        return self._open_dialog("veloc_compliance.veloc_legal_hold_lift_action")

    def action_confirm_lift(self):
        """Lift what another officer asked to lift (button)."""
        self._check_officer()
        for hold in self:
            if not hold.lift_asked_by or not hold.is_active:
                raise UserError(self.env._("Nobody has asked to lift this hold."))
            if hold.lift_asked_by == self.env.user:
                raise UserError(
                    self.env._("Lifting a hold takes two people: ask a colleague.")
                )
        # sudo: the group and the second person were checked; nobody has write rights.
        self.sudo().write(
            {"lifted_at": fields.Datetime.now(), "lifted_by": self.env.uid}
        )
        self.env["veloc.erasure"]._wake()
        return True

    def action_withdraw_lift(self):
        """Take back the question; the hold stays (button)."""
        self._check_officer()
        # sudo: the group was checked; nobody has write rights.
        self.sudo().filtered("is_active").write(
            {"lift_asked_at": False, "lift_asked_by": False, "lift_reason": False}
        )
        return True

    def _open_dialog(self, xml_id):
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        return action | {"context": {"default_hold_ids": self.ids}}

    def _check_officer(self):
        if not self.env.user.has_group(_OFFICER):
            raise AccessError(self.env._("Only a compliance officer may do this."))

    # === BUSINESS === #

    @api.model
    def _today(self):
        return self.env["veloc.retention.scope"]._today()

    @api.model
    def _held(self, partner_ids):
        """Return ``{partner_id: [(law, last day or None)]}`` of holds in force."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, law, until FROM veloc_legal_hold
                WHERE partner_id = ANY(%s) AND %s ORDER BY id
                """,
                list(partner_ids),
                self._in_force(),
            )
        )
        held = {}
        for partner_id, law, until in rows:
            held.setdefault(partner_id, []).append((law, until))
        return held

    @api.model
    def _in_force(self, alias="veloc_legal_hold"):
        """Return SQL that says whether a hold is in force today."""
        return SQL(
            "%(a)s.lifted_at IS NULL AND (%(a)s.until IS NULL OR %(a)s.until >= %(d)s)",
            a=SQL.identifier(alias),
            d=self._today(),
        )

    @api.model
    def _place(self, partner_ids, kind, law, reason, until=None, **more):
        """Place a hold on each of these people and return the rows."""
        # sudo: nobody has create rights; the callers have checked who asks.
        return self.sudo().create(
            [
                {
                    "partner_id": partner_id,
                    "kind": kind,
                    "law": law,
                    "reason": reason,
                    "until": until,
                    "placed_by": self.env.uid,
                    **more,
                }
                for partner_id in dict.fromkeys(partner_ids)
            ]
        )

    def _ask_lift(self, reason):
        """Note who wants these lifted and why; a second officer decides."""
        self._check_officer()
        # sudo: the group was checked; nobody has write rights.
        self.sudo().filtered("is_active").write(
            {
                "lift_asked_at": fields.Datetime.now(),
                "lift_asked_by": self.env.uid,
                "lift_reason": reason,
            }
        )
