from odoo import api, fields, models

from ...rules.finding import Finding
from ...rules.privacy_request import OWED


class VelocWatch(models.AbstractModel):
    """The clocks of the rights of data subjects, for the watch of every minute."""

    _inherit = "veloc.watch"

    @api.model
    def _check_privacy_request_due(self, rule, since):
        """Requests that are due within three days: day 12 of 15."""
        return self._late_requests(["due"])

    @api.model
    def _check_privacy_request_overdue(self, rule, since):
        """Requests whose term is over: day 15."""
        return self._late_requests(["overdue"])

    def _late_requests(self, clocks):
        """Return findings of requests that we owe an answer, and no names."""
        owed = fields.Domain("state", "in", list(OWED))
        # Somebody proved something that only a person of the desk can judge.
        judged = fields.Domain("state", "=", "identity_unverified")
        judged &= fields.Domain("needs_desk", "=", True)
        requests = self.env["veloc.privacy.request"].search(
            fields.Domain("clock", "in", clocks) & (owed | judged)
        )
        return [
            Finding(
                str(request.id),
                self.env._(
                    "Request %(number)s, due %(due)s",
                    number=request.number,
                    due=fields.Datetime.to_string(request.due_at),
                ),
                request._name,
                request.id,
                company_id=request.company_id.id,
            )
            for request in requests
        ]

    @api.model
    def _check_propagation_unacknowledged(self, rule, since):
        """Recipients who did not confirm that they did the same."""
        late = self.env["veloc.privacy.propagation"].search(
            [
                ("state", "in", ("queued", "sent", "overdue")),
                ("due_at", "<=", fields.Datetime.now()),
            ]
        )
        return [
            Finding(
                str(word.id),
                self.env._(
                    "%(recipient)s has not confirmed request %(number)s",
                    recipient=word.recipient_id.name,
                    number=word.request_id.number,
                ),
                word.request_id._name,
                word.request_id.id,
                company_id=word.company_id.id,
            )
            for word in late
        ]
