from datetime import UTC, datetime, timedelta

from odoo import api, fields, models

from ...rules import anomaly
from ...rules.finding import Finding
from .veloc_staff_reading import BUCKET


class VelocWatch(models.AbstractModel):
    """Unusual readings of personal data: more than ever, or at a strange hour."""

    _inherit = "veloc.watch"

    @api.model
    def _check_unusual_reading(self, _rule, since):
        """Judge those who read something since; the others cost nothing."""
        readers = self.env["veloc.staff.reading"]._add_up(since)
        if not readers:
            return []
        now = fields.Datetime.now()
        habits = self.env["veloc.staff.habit"]
        habits._learn(now)
        profiles = habits._profiles(now)
        house = anomaly.of_house(profiles.values())
        recent = self.env["veloc.staff.reading"]._recent(readers, since)
        nobody = anomaly.Profile({}, frozenset(), 0)
        findings = []
        for user_id in readers:
            own = profiles.get(user_id, nobody)
            findings += self._judge(user_id, own, house, recent[user_id], since)
        return findings

    def _judge(self, user_id, own, house, counts, since):
        """Return the findings about one person, the gravest bucket of each kind."""
        zone = self.env["veloc.staff.reading"]._zone()
        worst = {}
        for bucket in sorted(counts):
            moment = datetime.fromtimestamp(bucket * BUCKET, zone)
            ends = datetime.fromtimestamp((bucket + 1) * BUCKET, UTC).replace(
                tzinfo=None
            )
            if ends < since:
                continue
            for found in anomaly.judge(own, house, counts, bucket, moment.hour):
                if found.kind not in worst or found.seen >= worst[found.kind][0].seen:
                    worst[found.kind] = found, ends
        return [
            self._prepare_unusual(user_id, found, ends)
            for found, ends in worst.values()
        ]

    def _prepare_unusual(self, user_id, found, ends):
        if found.kind == "hour":
            text = self.env._(
                "%(seen)s records in %(minutes)s min, at an hour without any work in "
                "the last 30 days.",
                seen=found.seen,
                minutes=found.minutes,
            )
        else:
            text = self.env._(
                "%(seen)s records in %(minutes)s min; the most in 30 days was "
                "%(usual)s.",
                seen=found.seen,
                minutes=found.minutes,
                usual=found.usual,
            )
        day = (ends - timedelta(seconds=1)).date()
        return Finding(
            f"{user_id}:{found.kind}:{day}",
            text,
            "res.users",
            user_id,
            at=ends,
            about_user_id=user_id,
        )
