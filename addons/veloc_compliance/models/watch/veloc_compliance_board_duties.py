from datetime import timedelta

from odoo import models

from ...rules.board import Line, Tile, trouble

# The states in which an incident is not over.
OPEN_INCIDENTS = ("registered", "assessed", "communicating", "communicated")


class VelocComplianceBoard(models.AbstractModel):
    """What the law gives terms for: requests of data subjects, and incidents."""

    _inherit = "veloc.compliance.board"

    def _may(self, model):
        """A part that is not installed shows nothing."""
        return model in self.env and super()._may(model)

    def _tiles(self, now):
        alerts, consent, *others = super()._tiles(now)
        terms = [self._tile_requests(now), self._tile_incidents(now)]
        return [alerts, *terms, consent, *others]

    def _lists(self, now):
        return (
            super()._lists(now)
            | self._lists_of_requests()
            | self._lists_of_incidents(now)
        )

    def _lists_of_requests(self):
        model = "veloc.privacy.request"
        return {
            "requests_overdue": (
                model,
                self.env._("Overdue requests"),
                [("clock", "=", "overdue")],
            ),
            "requests_due": (
                model,
                self.env._("Requests due within 3 days"),
                [("clock", "=", "due")],
            ),
            "requests_open": (
                model,
                self.env._("Open requests"),
                [("clock", "in", ["on_time", "due", "overdue"])],
            ),
        }

    def _lists_of_incidents(self, now):
        model = "veloc.incident"
        is_open = [("state", "in", list(OPEN_INCIDENTS))]
        untold = [*is_open, ("authority_told_at", "=", False)]
        soon = now + timedelta(hours=24)
        return {
            "incidents_overdue": (
                model,
                self.env._("Incidents past their term"),
                [*untold, ("decision", "!=", "not_notify"), ("due_at", "<=", now)],
            ),
            "incidents_due": (
                model,
                self.env._("Incidents to communicate within 24 hours"),
                [
                    *untold,
                    ("decision", "!=", "not_notify"),
                    ("due_at", ">", now),
                    ("due_at", "<=", soon),
                ],
            ),
            "incidents_open": (model, self.env._("Open incidents"), is_open),
        }

    def _count(self, lists, code):
        model, _title, domain = lists[code]
        return self.env[model].search_count(domain)

    def _tile_requests(self, _now):
        if not self._may("veloc.privacy.request"):
            return None
        lists = self._lists_of_requests()
        late, soon, every = (
            self._count(lists, f"requests_{code}")
            for code in ("overdue", "due", "open")
        )
        lines = [
            Line(self.env._("Overdue"), late, trouble(late), "requests_overdue"),
            Line(
                self.env._("Due within 3 days"),
                soon,
                trouble(soon, "warn"),
                "requests_due",
            ),
            Line(self.env._("Open"), every, "good", "requests_open"),
        ]
        return Tile("requests", self.env._("Requests"), lines)

    def _tile_incidents(self, now):
        if not self._may("veloc.incident"):
            return None
        lists = self._lists_of_incidents(now)
        late, soon, every = (
            self._count(lists, f"incidents_{code}")
            for code in ("overdue", "due", "open")
        )
        lines = [
            Line(
                self.env._("Past their term"), late, trouble(late), "incidents_overdue"
            ),
            Line(
                self.env._("To communicate within 24 h"),
                soon,
                trouble(soon, "warn"),
                "incidents_due",
            ),
            Line(self.env._("Open"), every, trouble(every, "warn"), "incidents_open"),
        ]
        return Tile("incidents", self.env._("Incidents"), lines)
