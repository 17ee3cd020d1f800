from odoo import api, fields, models

from ...rules import touch

ARRIVED = ("phone", "touches")


class VelocCaptureSubmission(models.Model):
    """What was sent beside the consents that wait for confirmation.

    Name and address stand on the waiting consent alone. Nothing here reaches a contact
    before the owner of the mailbox pressed the button; then the row is emptied.
    """

    _name = "veloc.capture.submission"
    _description = "Sent form that waits for its confirmation"
    _veloc_ledger_reads = True
    _order = "id desc"
    _rec_name = "email"

    form_id = fields.Many2one(
        "veloc.capture.form", required=True, readonly=True, ondelete="cascade"
    )
    variant_id = fields.Many2one(
        "veloc.capture.variant", readonly=True, ondelete="set null"
    )
    company_id = fields.Many2one(related="form_id.company_id")
    pending_id = fields.Many2one(
        "veloc.consent.pending", required=True, readonly=True, ondelete="cascade"
    )
    # sudo: who may read what a form brought in may read whom it is about.
    email = fields.Char(related="pending_id.email", related_sudo=True)
    name = fields.Char(related="pending_id.name", related_sudo=True)
    expires_at = fields.Datetime(related="pending_id.expires_at", related_sudo=True)
    phone = fields.Char(readonly=True)
    touches = fields.Json(readonly=True)
    nonce = fields.Char(required=True, readonly=True, groups="base.group_no_one")
    sent_at = fields.Datetime("Sent at", required=True, readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("confirmed", "Confirmed")],
        string="Status",
        required=True,
        readonly=True,
        default="waiting",
    )
    trader_id = fields.Many2one(
        "veloc.trader", readonly=True, ondelete="set null", index=True
    )

    _one_of_pending = models.Constraint(
        "UNIQUE (pending_id)", "What waits was sent once."
    )
    _nonce_unique = models.Constraint("UNIQUE (nonce)", "A form is sent once.")

    @api.model
    def _is_known(self, nonce):
        """Return whether this page view was sent before."""
        return bool(self.search_count([("nonce", "=", nonce)], limit=1))

    def _arrive(self, partner):
        """Give what waited to its owner: trader, touches and a lead event."""
        self.ensure_one()
        now = fields.Datetime.now()
        self._fill_in(partner)
        pair = touch.read_pair(self.touches, now)
        trader = self._tell_lead(partner, pair, now)
        self.env["veloc.touchpoint"]._keep(trader, pair, self)
        self.env["veloc.capture.day"]._count(
            self.form_id, self.variant_id, "confirmations"
        )
        values = dict.fromkeys(ARRIVED, False)
        self.write({**values, "state": "confirmed", "trader_id": trader.id})

    def _fill_in(self, partner):
        """Give a contact the number they lack; what is known is never replaced.

        Anybody may have typed it: only the mailbox is proven.
        """
        is_staff = any(not user.share for user in partner.user_ids)
        if self.phone and not partner.phone and not is_staff:
            guard = self.env["veloc.tombstone.guard"]
            with guard._own_word_of_the_person("confirmation"):
                partner.phone = self.phone

    def _tell_lead(self, partner, pair, now):
        """Store the lead as the event it is; return the trader."""
        last = pair.get("last") or pair.get("first")
        utm = last.labels if last else {}
        if self.form_id.campaign_id:
            utm.setdefault("utm_campaign", self.form_id.campaign_id.name)
        data = {"form": self.form_id.code, "variant": self.variant_id.name or "", **utm}
        door = self.env["veloc.capture.door"]
        return door._tell(
            self.form_id, partner, "lead", f"lead:{self.nonce}", data, now
        )
