from datetime import date

from odoo import api, models

from ...rules import retention


class VelocRetentionDuty(models.AbstractModel):
    """What the law still wants kept of a person, as holds that say until when."""

    _name = "veloc.retention.duty"
    _description = "Duties to keep a person's data"

    @api.model
    def _running(self, partner_ids):
        """Return ``{partner_id: [(version, last day)]}`` of duties that bind today."""
        pairs = self.env["veloc.retention.policy"]._regimes().get(("", ""), [])
        versions = {}
        for version, regime in pairs:
            versions.setdefault(regime, version)
        scope = self.env["veloc.retention.scope"]
        today = scope._today()
        return {
            partner_id: [
                (versions[regime], end)
                for regime, end in retention.running_duties(versions, subject, today)
            ]
            for partner_id, subject in scope._subjects(partner_ids).items()
        }

    @api.model
    def _renew_holds(self, erasures):
        """Have one hold for each duty that runs; also where a law grew longer since.

        A duty that two people made shorter lets its hold end earlier.
        """
        running = self._running(erasures.partner_id.ids)
        standing = self.env["veloc.legal.hold"].search(
            [
                ("partner_id", "in", erasures.partner_id.ids),
                ("kind", "=", "retention"),
                ("lifted_at", "=", False),
            ]
        )
        by_duty = {
            (h.partner_id.id, h.policy_version_id.policy_id): h for h in standing
        }
        for partner_id, duties in running.items():
            for version, end in duties:
                hold = by_duty.pop((partner_id, version.policy_id), None)
                self._renew_hold(hold, partner_id, version, _until(end))
        self._end_early(by_duty.values())

    def _renew_hold(self, hold, partner_id, version, until):
        if hold:
            if (hold.until or False) != until or hold.policy_version_id != version:
                hold.write({"until": until, "policy_version_id": version.id})
            return
        self.env["veloc.legal.hold"]._place(
            [partner_id],
            "retention",
            version.law,
            version.policy_id.name,
            until,
            policy_version_id=version.id,
        )

    def _end_early(self, holds):
        """End the holds whose duty no longer runs: yesterday was their last day."""
        today = self.env["veloc.retention.scope"]._today()
        for hold in holds:
            if not hold.until or hold.until >= today:
                hold.until = date.fromordinal(today.toordinal() - 1)

    @api.model
    def _kept_classes(self, erasures):
        """Return ``{partner_id: classes of data}`` that a sealed copy must hold.

        A hold of another kind than retention keeps everything: nobody can say what a
        court will ask for.
        """
        kept = {erasure.partner_id.id: set() for erasure in erasures}
        for partner_id, duties in self._running(list(kept)).items():
            for version, _end in duties:
                kept[partner_id].add(version.policy_id.data_class)
        wide = self.env["veloc.legal.hold"].search(
            [
                ("partner_id", "in", list(kept)),
                ("kind", "!=", "retention"),
                ("is_active", "=", True),
            ]
        )
        for hold in wide:
            kept[hold.partner_id.id] = None
        # Whatever is kept is kept of somebody: their name goes with it.
        for classes in kept.values():
            if classes:
                classes.add("identity")
        return kept


def _until(end):
    return False if end == date.max else end
