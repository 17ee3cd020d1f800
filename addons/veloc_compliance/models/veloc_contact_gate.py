import os
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..const import CHANNELS
from ..rules import gate, moments


class VelocContactGate(models.AbstractModel):
    """The one door: may we contact these people, for what, how, now?"""

    _name = "veloc.contact.gate"
    _description = "Contact gate"

    @api.model
    def decide(self, partner_ids, purpose, channel, at=None):
        """Return ``[{"partner_id", "allowed", "reason", "basis"}]`` in order.

        ``until`` (UTC) is added where contact is only too early. ``at`` asks
        about the hours and terms of another moment; consents are today's.
        """
        self.env["veloc.gate.verdict"].check_access("read")
        self.env["res.partner"].browse(partner_ids).check_access("read")
        if channel not in dict(CHANNELS):
            raise UserError(self.env._("There is no channel “%(code)s”.", code=channel))
        found = self.env["veloc.purpose"].search([("code", "=", purpose)])
        if not found:
            raise UserError(self.env._("There is no purpose “%(code)s”.", code=purpose))
        now = moments.read(at) if at else fields.Datetime.now()
        if now is None:
            raise UserError(self.env._("“%(at)s” is no date and time.", at=at))
        asks = [(partner_id, found.id, channel) for partner_id in partner_ids]
        return [
            self._prepare_answer(ask[0], verdict)
            for ask, verdict in zip(asks, self._ask(asks, now), strict=True)
        ]

    def _prepare_answer(self, partner_id, verdict):
        answer = {
            "partner_id": partner_id,
            "allowed": verdict.allowed,
            "reason": verdict.reason,
            "basis": verdict.basis,
        }
        if verdict.until:
            answer["until"] = fields.Datetime.to_string(verdict.until)
        return answer

    @api.model
    def _ask(self, asks, now):
        """Return a ``gate.Verdict`` per ``(partner_id, purpose_id, channel)``."""
        return self._ask_each([(*ask, now) for ask in asks])

    @api.model
    def _ask_each(self, asks):
        """Return a verdict per ``(partner_id, purpose_id, channel, moment)``.

        Five queries, however many people, purposes, channels and moments. Hours and
        terms are those of the moment; consents are today's.
        """
        partner_ids = list({ask[0] for ask in asks})
        purpose_ids = list({ask[1] for ask in asks})
        people = self.env["res.partner"]._veloc_gate_people(partner_ids)
        purposes = self.env["veloc.purpose"]._gate_purposes(purpose_ids)
        terms = self.env["veloc.suppression"]._gate_terms(
            partner_ids, min((ask[3] for ask in asks), default=None)
        )
        consents = self.env["veloc.consent.state"]._gate_consents(
            partner_ids, purpose_ids
        )
        hours = self.env["veloc.contact.hours"]._gate_table()
        verdicts = []
        for partner_id, purpose_id, channel, at in asks:
            person = people.get(partner_id)
            case = gate.Case(
                person,
                purposes.get(purpose_id),
                channel,
                at,
                consents.get((partner_id, purpose_id, channel)),
                frozenset(
                    (kind, on)
                    for kind, on, until in terms.get(partner_id, ())
                    if until is None or until > at
                ),
                hours.windows(channel, person and person.uf),
            )
            verdicts.append(gate.decide(case))
        return verdicts

    @api.model
    def _record_allowed(self, asks, verdicts, now):
        """Store the allowing verdicts; return their ids, None where not allowed.

        One INSERT. Equal asks of a batch share facts, so their rows are alike.
        """
        rows = [
            (*ask, verdict)
            for ask, verdict in zip(asks, verdicts, strict=True)
            if verdict.allowed
        ]
        stored = defaultdict(list)
        for verdict_id, *ask in self._insert_verdicts(rows, now):
            stored[tuple(ask)].append(verdict_id)
        return [
            stored[tuple(ask)].pop() if verdict.allowed else None
            for ask, verdict in zip(asks, verdicts, strict=True)
        ]

    def _insert_verdicts(self, rows, now):
        if not rows:
            return []
        partners, purposes, channels, verdicts = map(list, zip(*rows, strict=True))
        return self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_gate_verdict (partner_id, purpose_id, channel,
                    purpose_version_id, reason, basis, consent_id, allowed, decided_at)
                SELECT *, true, %s::timestamp FROM unnest(%s::int[], %s::int[],
                    %s::varchar[], %s::int[], %s::varchar[], %s::varchar[], %s::int[])
                RETURNING id, partner_id, purpose_id, channel
                """,
                now,
                partners,
                purposes,
                channels,
                [verdict.purpose_version_id for verdict in verdicts],
                [verdict.reason for verdict in verdicts],
                [verdict.basis for verdict in verdicts],
                [verdict.consent_id for verdict in verdicts],
            )
        )

    @api.model
    def _public_url(self):
        """Return the address under which the outside world reaches us."""
        # sudo: staff without settings rights make links too.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        url = (
            os.environ.get("VELOC_PUBLIC_URL")
            or parameters_sudo.get_param("veloc.public_url")
            or parameters_sudo.get_param("web.base.url", "")
        )
        return url.rstrip("/")
