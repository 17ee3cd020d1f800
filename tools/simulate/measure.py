"""What the rules find among the planted thefts, how soon, and how often for nothing."""

import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import staff

_RULE = Path(__file__).parents[2] / "addons/veloc_compliance/rules/anomaly.py"
IN_TIME = 15  # minutes


def _load():
    """Return the rule without Odoo: the very file that watches in production."""
    spec = importlib.util.spec_from_file_location("veloc_anomaly", _RULE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


anomaly = _load()


@dataclass
class Result:
    """Delays in minutes per class (None: never found), false alerts, days watched."""

    delays: dict = field(default_factory=lambda: {kind: [] for kind in staff.CLASSES})
    true_alerts: int = 0
    false_alerts: int = 0
    worker_days: int = 0

    def share_in_time(self, kind):
        """Return the share of the planted events that were found within 15 minutes."""
        delays = self.delays[kind]
        return sum(d is not None and d <= IN_TIME for d in delays) / len(delays)

    def share_found(self, kind):
        """Return the share of the planted events that were found at all."""
        return sum(d is not None for d in self.delays[kind]) / len(self.delays[kind])

    def median_delay(self, kind):
        """Return the middle of the delays of those that were found."""
        return float(np.median([d for d in self.delays[kind] if d is not None]))

    @property
    def false_share(self):
        """Return how many of all alerts were about nothing."""
        alerts = self.true_alerts + self.false_alerts
        return self.false_alerts / alerts if alerts else 0.0


def run(firms=10, workers=40, days=45, learning=30, thefts=15, seed=20260311):
    """Simulate, judge every bucket with the rule, and return the result."""
    rng = np.random.default_rng(seed)
    result = Result()
    for _ in range(firms):
        people = staff.firm(rng, workers, days, learning, thefts)
        profiles = [_profile(worker.reads[:learning]) for worker in people]
        house = anomaly.of_house(profiles)
        for worker, profile in zip(people, profiles, strict=True):
            _watch(worker, profile, house, learning, result)
    return result


def _profile(reads):
    """Return what was usual in these days, as the nightly roll-up keeps it."""
    parts = []
    for day in reads:
        counts = {int(b): int(day[b]) for b in np.flatnonzero(day)}
        if counts:
            hours = frozenset(bucket // staff.PER_HOUR for bucket in counts)
            parts.append(anomaly.Profile(anomaly.largest_sums(counts), hours, 1))
    return anomaly.merged(parts)


def _watch(worker, own, house, learning, result):
    for day in range(learning, len(worker.reads)):
        result.worker_days += 1
        reads = worker.reads[day]
        counts = {int(b): int(reads[b]) for b in np.flatnonzero(reads)}
        alarms = {}
        for bucket in sorted(counts):
            hour = bucket // staff.PER_HOUR
            for found in anomaly.judge(own, house, counts, bucket, hour):
                alarms.setdefault(found.kind, []).append(bucket)
        _score(worker, day, alarms, result)


def _score(worker, day, alarms, result):
    """One alert per person, kind and day: it stays open until somebody looks."""
    planted = [theft for theft in worker.thefts if theft.day == day]
    for theft in planted:
        # A bucket is judged when it ends at the latest.
        hits = [
            (bucket - theft.first + 1) * anomaly.BUCKET_MINUTES
            for buckets in alarms.values()
            for bucket in buckets
            if theft.first <= bucket <= theft.last + 1
        ]
        result.delays[theft.kind].append(min(hits, default=None))
    for buckets in alarms.values():
        is_true = any(
            theft.first <= bucket <= theft.last + 1
            for theft in planted
            for bucket in buckets
        )
        result.true_alerts += is_true
        result.false_alerts += not is_true
