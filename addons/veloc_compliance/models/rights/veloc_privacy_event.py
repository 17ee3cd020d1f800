import json

from odoo import api, fields, models

WHATS = [
    ("received", "Received"),
    ("matched", "Looked up"),
    ("code_sent", "Code sent"),
    ("code_failed", "Wrong code"),
    ("verified", "Identity proven"),
    ("state", "State changed"),
    ("step", "Checked"),
    ("step_undone", "Check taken back"),
    ("carried_out", "Carried out"),
    ("corrected", "Values corrected"),
    ("package", "File made"),
    ("download", "File downloaded"),
    ("letter", "Letter sent"),
    ("letter_failed", "Letter not sent"),
    ("propagated", "Recipients told"),
    ("acknowledged", "Recipient confirmed"),
    ("reviewed", "Decision reviewed"),
    ("extended", "Term extended"),
    ("proof", "Proof received"),
    ("assigned", "Assigned"),
]


class VelocPrivacyEvent(models.Model):
    """One line of a request's history: written once, no names in it."""

    _name = "veloc.privacy.event"
    _inherit = ["veloc.append.only"]
    _description = "History of a request"
    _log_access = False
    _order = "id desc"
    _rec_name = "what"

    request_id = fields.Many2one(
        "veloc.privacy.request", required=True, readonly=True, ondelete="restrict"
    )
    at = fields.Datetime("When", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Who", required=True, readonly=True)
    what = fields.Selection(WHATS, required=True, readonly=True)
    detail = fields.Char(readonly=True)
    words = fields.Char("In words", compute="_compute_words")

    _request_idx = models.Index("(request_id, id)")

    # === COMPUTE === #

    @api.depends("what", "detail")
    @api.depends_context("lang")
    def _compute_words(self):
        labels = dict(self._fields["what"]._description_selection(self.env))
        for event in self:
            told = ", ".join(event._told().values())
            event.words = (
                f"{labels[event.what]}: {told}" if told else labels[event.what]
            )

    def _told(self):
        """Return the detail with its codes in words."""
        detail = json.loads(self.detail or "{}")
        requests = self.env["veloc.privacy.request"]._fields
        for name in ("state", "kind", "origin"):
            if name in detail:
                labels = requests[name]._description_selection(self.env)
                detail[name] = dict(labels).get(detail[name], detail[name])
        if "step" in detail:
            steps = self.env["veloc.privacy.step"]._fields["code"]
            labels = dict(steps._description_selection(self.env))
            detail["step"] = labels.get(detail["step"], detail["step"])
        return {name: str(value) for name, value in detail.items()}

    # === BUSINESS === #

    @api.model
    def _add(self, requests, what, detail):
        """Write one line for each request."""
        # sudo: history is written by what happens, by nobody's right.
        self.sudo().create(
            [
                {
                    "request_id": request.id,
                    "at": fields.Datetime.now(),
                    "user_id": self.env.uid,
                    "what": what,
                    "detail": json.dumps(detail, sort_keys=True) if detail else False,
                }
                for request in requests
            ]
        )
