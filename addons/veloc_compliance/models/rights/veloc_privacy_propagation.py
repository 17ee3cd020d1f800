import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS

from ...rules import field_cipher

STATES = [
    ("queued", "To tell"),
    ("sent", "Told"),
    ("acknowledged", "Confirmed"),
    ("overdue", "Not confirmed in time"),
    ("impossible", "Impossible or disproportionate"),
]
OPEN = ("queued", "sent", "overdue")
# What each right makes others do.
ORDERS = [
    ("correct", "Correct"),
    ("eliminate", "Eliminate"),
    ("anonymise", "Anonymise"),
    ("block", "Block"),
]


class VelocPrivacyPropagation(models.Model):
    """Word to one recipient that they must do the same (art. 18 § 6), until confirmed.

    An outbox: written with the measure itself, sent by a job, watched by a clock.
    """

    _name = "veloc.privacy.propagation"
    _description = "Word to a recipient"
    _order = "due_at, id"
    _rec_name = "recipient_id"

    request_id = fields.Many2one(
        "veloc.privacy.request", required=True, readonly=True, ondelete="restrict"
    )
    recipient_id = fields.Many2one(
        "veloc.privacy.recipient", required=True, readonly=True, ondelete="restrict"
    )
    order = fields.Selection(ORDERS, required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="queued")
    # Who and what, sealed; gone once the recipient confirmed.
    sealed = fields.Text(readonly=True, groups=NO_ACCESS)
    sent_at = fields.Datetime("Told on", readonly=True)
    due_at = fields.Datetime("To be confirmed by", required=True, readonly=True)
    closed_at = fields.Datetime("Confirmed on", readonly=True)
    reference = fields.Char("Their reference", readonly=True)
    company_id = fields.Many2one(related="request_id.company_id", store=True)

    _once = models.UniqueIndex("(request_id, recipient_id)", "They were told already.")
    _open_idx = models.Index("(due_at) WHERE state IN ('queued', 'sent', 'overdue')")

    # === TELLING === #

    @api.model
    def _tell(self, request):
        """Queue word to every recipient that has data of this kind; once each."""
        recipients = self.env["veloc.privacy.recipient"].search(
            [("company_id", "in", (request.company_id.id, False))]
        )
        classes = self._classes(request)
        told = request.propagation_ids.recipient_id
        wanted = (recipients - told).filtered(
            lambda r: set(r.data_class_ids.mapped("code")) & classes
        )
        now = fields.Datetime.now()
        made = self.create(
            [
                {
                    "request_id": request.id,
                    "recipient_id": recipient.id,
                    "order": self._order_of(request),
                    "due_at": now + timedelta(days=recipient.answer_days),
                    "sealed": self._seal(request, recipient),
                }
                for recipient in wanted
            ]
        )
        if made:
            request._remember("propagated", recipients=len(made))
            # sudo: whoever carries a request out need not be able to run jobs.
            self.env.ref("veloc_compliance.ir_cron_privacy_work").sudo()._trigger()
        return made

    def _classes(self, request):
        if request.kind == "correction":
            return {"identity", "contact"}
        return set(self.env["veloc.data.class"].search([], limit=100).mapped("code"))

    def _order_of(self, request):
        if request.kind == "correction":
            return "correct"
        return request.measure or "eliminate"

    def _seal(self, request, recipient):
        """Return who it is and what changed: recipients must find the person."""
        partner = request.partner_id
        payload = {
            "who": self._identifiers(partner),
            "values": {
                line.field: line.proposed
                for line in request.correction_ids
                if line.decision == "approved"
            },
        }
        return self.env["veloc.keyring"]._seal(
            self._place(request, recipient),
            json.dumps(payload, ensure_ascii=False).encode(),
        )

    @api.model
    def _identifiers(self, partner):
        """Return by what others know the person; addons add theirs."""
        found = {"email": partner.email, "phone": partner.phone_sanitized}
        return {key: value for key, value in found.items() if value}

    def _place(self, request, recipient):
        record = f"{request.id}.{recipient.id}"
        return field_cipher.context("veloc_privacy_propagation", "sealed", record)

    def _payload(self):
        self.ensure_one()
        place = self._place(self.request_id, self.recipient_id)
        # sudo: the sealed text is shown to nobody.
        sealed = self.sudo().sealed
        keyring = self.env["veloc.keyring"]
        return json.loads(keyring._open(place, sealed)) if sealed else {}

    # === JOBS === #

    @api.model
    def _send_queued(self):
        """Send what goes by e-mail; programs fetch theirs, people do the rest."""
        queued = self.search(
            [("state", "=", "queued"), ("recipient_id.way", "=", "email")], limit=100
        )
        for word in queued.try_lock_for_update():
            word._send_mail()
            self.env["ir.cron"]._commit_progress(1)

    def _send_mail(self):
        request, recipient = self.request_id, self.recipient_id
        lang = self.company_id.partner_id.lang or "en_US"
        labels = dict(
            self.with_context(lang=lang)
            ._fields["order"]
            ._description_selection(self.with_context(lang=lang).env)
        )
        values = {
            "outcome": labels[self.order],
            "details": self._in_words(),
            "company": self.company_id.name,
            "number": request.number,
        }
        letters = self.env["veloc.privacy.letter"]
        subject, text = letters._write_letter("recipient", values, lang)
        outcome = request._send_text(
            "recipient", f"recipient:{self.id}", subject, text, recipient.email
        )
        if outcome in ("sent", "duplicate"):
            self.write({"state": "sent", "sent_at": fields.Datetime.now()})

    def _in_words(self):
        payload = self._payload()
        lines = [f"{key}: {value}" for key, value in payload.get("who", {}).items()]
        lines += [
            f"{key} → {value}" for key, value in payload.get("values", {}).items()
        ]
        return "\n".join(lines)

    @api.model
    def _mark_overdue(self):
        """Mark recipients who have not confirmed in time; return how many."""
        late = self.search(
            [
                ("state", "in", ("queued", "sent")),
                ("due_at", "<=", fields.Datetime.now()),
            ],
            limit=1000,
        )
        late.write({"state": "overdue"})
        return len(late)

    # === PROGRAMS === #

    @api.model
    def pending(self):
        """Return what the calling program must do for its recipient (RPC).

        ``[{"id", "order", "number", "who", "values", "due_at"}]``.
        """
        words = self._of_program()
        words.filtered(lambda w: w.state == "queued").write(
            {"state": "sent", "sent_at": fields.Datetime.now()}
        )
        return [word._to_program() for word in words]

    def _to_program(self):
        payload = self._payload()
        return {
            "id": self.id,
            "order": self.order,
            "number": self.request_id.number,
            "who": payload.get("who", {}),
            "values": payload.get("values", {}),
            "due_at": fields.Datetime.to_string(self.due_at),
        }

    @api.model
    def acknowledge(self, word_ids, reference):
        """Confirm that it was done (RPC); return the ids that were open."""
        words = self._of_program().filtered(lambda word: word.id in set(word_ids))
        words._acknowledge(reference)
        return words.ids

    def _of_program(self):
        """Return the open words to the recipients this program speaks for."""
        # sudo: a program needs no right but to be named on its recipient.
        recipients = self.env["veloc.privacy.recipient"].sudo()
        mine = recipients.search(
            [("user_id", "=", self.env.uid), ("way", "=", "program")]
        )
        if not mine:
            raise AccessError(self.env._("You may not speak for a recipient."))
        # sudo: only words to that recipient, by the search itself.
        return self.sudo().search(
            [("recipient_id", "in", mine.ids), ("state", "in", OPEN)]
        )

    # === CLOSING === #

    def _by_desk(self):
        """Return the words elevated once the desk's right was checked."""
        for word in self:
            word.request_id._check_worker()
        # sudo: the worker was checked; words change through methods only.
        return self.sudo().filtered(lambda word: word.state in OPEN)

    def _acknowledge(self, reference):
        if not (reference or "").strip():
            raise UserError(self.env._("Say how they confirmed it."))
        self._close("acknowledged", reference.strip())

    def _declare_impossible(self, reason):
        if len((reason or "").strip()) < 15:
            raise UserError(self.env._("Give the reason in a sentence."))
        self._close("impossible", reason.strip())

    def _close(self, state, reference):
        for word in self:
            word.request_id._remember("acknowledged", recipient=word.recipient_id.id)
        # The person's particulars are not needed any more.
        self.write(
            {
                "state": state,
                "closed_at": fields.Datetime.now(),
                "reference": reference[:200],
                "sealed": False,
            }
        )
