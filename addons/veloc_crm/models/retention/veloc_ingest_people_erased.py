from operator import attrgetter

from odoo import api, models

from ...rules.event_schema import INTRODUCING
from ...rules.person import read_person


class VelocIngestPeople(models.AbstractModel):
    """Events about somebody who was erased: refused, unless they came back."""

    _inherit = "veloc.ingest.people"

    @api.model
    def _refuse_erased(self, batch):
        """Refuse the rows that would bring somebody back, each with its reason.

        A person's own fresh sign-up is let in: from then on they are new. One query,
        none while nobody was ever erased.
        """
        tombstones = self.env["veloc.tombstone"]
        if not tombstones._is_any():
            return
        pairs = {event.index: self._told(event, batch) for event in batch.events}
        values = {}
        for own in pairs.values():
            for kind, value in own:
                values.setdefault(kind, set()).add(value)
        marks = tombstones._marks(values)
        if not marks:
            return
        found = {
            index: [mark for pair in own for mark in marks.get(pair, ())]
            for index, own in pairs.items()
        }
        self._welcome(batch, found)
        self._refuse(batch, found)

    def _told(self, event, batch):
        """Return the (kind, value) by which an event names somebody."""
        told = set()
        if event.trader not in batch.known:
            told.add(("external_ref", event.trader))
        if event.type in INTRODUCING:
            person = read_person(event.data, batch.now.date())
            told |= {("email", person.email), ("phone", person.phone)}
            cpf = event.data.get("cpf")
            told.add(("cpf", cpf if isinstance(cpf, str) else None))
        return {(kind, value) for kind, value in told if value}

    def _welcome(self, batch, found):
        """Note who came back by a sign-up of their own in this batch."""
        tombstones = self.env["veloc.tombstone"]
        for event in batch.events:
            marks = found[event.index]
            if marks and tombstones._is_fresh_signup(
                event.type == "signup",
                event.at,
                event.data.get("consents") or (),
                marks,
            ):
                batch.returning.setdefault(event.trader, []).extend(marks)
        for marks in batch.returning.values():
            tombstones._let_return(marks, "signup")

    def _refuse(self, batch, found):
        """Refuse the rest; of those who came back, what happened before is refused."""

        def is_welcome(event):
            marks = found[event.index]
            back = event.trader in batch.returning
            return not marks or (
                back and all(event.at > mark.erased_at for mark in marks)
            )

        before = len(batch.events)
        batch.keep(is_welcome, "erased_person")
        refused = before - len(batch.events)
        if refused:
            self.env["veloc.tombstone.refusal"]._count("events", refused)

    @api.model
    def _record_wishes(self, batch):
        """Start or stop the clock of the legal periods when an account closes."""
        done = super()._record_wishes(batch)
        closed = {}
        for event in sorted(batch.new_events, key=attrgetter("at")):
            if event.type in ("account_closed", "account_reopened"):
                day = event.at.date() if event.type == "account_closed" else False
                closed[batch.known[event.trader].partner_id] = day
        partners = self.env["res.partner"]
        for day in set(closed.values()):
            ids = [partner_id for partner_id, end in closed.items() if end == day]
            partners.browse(ids).write({"veloc_relationship_end": day})
        return done

    @api.model
    def _introduce(self, batch):
        """Let those who came back keep the protections they had left with."""
        done = super()._introduce(batch)
        for ref, marks in batch.returning.items():
            if ref in batch.known:
                self.env["veloc.tombstone"]._renew_care(
                    batch.known[ref].partner_id, marks
                )
        return done
