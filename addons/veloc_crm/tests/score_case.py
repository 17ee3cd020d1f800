"""Runs nightly steps the way the job does: with a cursor that commits."""

from datetime import timedelta

from .common import CrmCase


class ScoreCase(CrmCase):
    """A broker with clients, and nights."""

    def _night(self, model="veloc.rfm.run", after=timedelta(), method="_nightly"):
        """Run one nightly step and return its counts."""
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            told = getattr(self.env(cr=cr)[model], method)(self.now + after)
        self.env.invalidate_all()
        return told

    def _client(self, ref, *days_ago, amount="100.00"):
        """Return the events of somebody who deposited on those days."""
        return [
            self._signup(ref, days_ago[0] + 1, email=f"{ref}@example.com", phone=""),
            *(self._deposit(amount, ref, days) for days in days_ago),
        ]

    def _group(self):
        """Ten clients: the later the name, the more recent, frequent and rich."""
        events = []
        for n in range(10):
            days = [95 - 10 * n + k for k in range(n + 1)]
            events += self._client(f"T-{n}", *reversed(days), amount=str(100 + n))
        self._ingest(*events)

    def _figures(self, ref):
        figures = self._trader(ref).figures_id
        figures.invalidate_recordset()
        return figures

    def _scores(self, ref):
        figures = self._figures(ref)
        return figures.rfm_r, figures.rfm_f, figures.rfm_m
