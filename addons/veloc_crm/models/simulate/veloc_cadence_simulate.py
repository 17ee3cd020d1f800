"""What a cadence would do: asked before it is published, or any day after."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...rules import planner, simulation
from ...words import say_reason
from ..veloc_decision import _without_nulls

PEOPLE, MOST_PEOPLE = 500, 5_000


class VelocCadence(models.Model):
    """Simulation: nothing is written, nothing is sent, nobody is woken."""

    _inherit = "veloc.cadence"

    # === RPC === #

    @api.model
    @api.readonly
    def simulate(self, cadence_id, start, end, people=None):
        """Return what the cadence would decide from ``start`` to ``end`` (RPC, UTC).

        Without ``people``: who waits in it, and whom an event or a segment brought
        in within the time; where that is nobody, people like those it will meet, as
        if they came in at ``start``. ``people`` is a dict: ``partner_ids`` or
        ``segment_id`` come in at ``start``; ``version_id`` tries another version,
        ``limit`` (500) says how many people at most.

        Planner, gate and outbox decide as they do for real, each step at the moment
        it is due. What is known of people, their consents included, is what is known
        now. The answer: ``people`` (how many wait, came in, were put in, could not
        come in), ``verdicts``, ``steps`` and ``rows`` in the order of time.
        """
        if not self.env.user.has_group("veloc_crm.group_analyst"):
            raise AccessError(self.env._("Only analysts may simulate cadences."))
        cadence = self.browse(int(cadence_id)).exists()
        cadence.check_access("read")
        if not cadence:
            raise UserError(self.env._("There is no such cadence."))
        ask = self._read_ask(start, end, people or {})
        version = cadence._choose_version(ask["version_id"])
        # Elevated, the context's companies would be believed; here they are checked.
        self.env.companies  # noqa: B018
        # sudo: the gate reads suppressions and consents the analyst may not see; the
        # people are those of the companies just checked.
        return cadence.sudo()._simulate(version.sudo(), ask)

    @api.model
    def _read_ask(self, start, end, people):
        """Return the question with its moments and numbers checked."""
        try:
            start, end = simulation.read_moment(start), simulation.read_moment(end)
            limit = int(people.get("limit") or PEOPLE)
            segment = int(people.get("segment_id") or 0)
            version = int(people.get("version_id") or 0)
            partners = [int(id_) for id_ in people.get("partner_ids") or ()]
        except (TypeError, ValueError, AttributeError) as error:
            raise UserError(
                self.env._("Say from when to when, and name people by their numbers.")
            ) from error
        if not start < end <= start + simulation.LONGEST:
            raise UserError(
                self.env._("A simulation runs from a moment to a later one, a year on.")
            )
        return {
            "start": start,
            "end": end,
            "limit": min(max(limit, 1), MOST_PEOPLE),
            "segment_id": segment,
            "version_id": version,
            "partner_ids": partners,
        }

    def _choose_version(self, version_id):
        """Return the version to try: the one named, the published one, the draft."""
        self.ensure_one()
        version = self.current_version_id or self.draft_version_id
        if version_id:
            version = self.version_ids.filtered(lambda v: v.id == version_id)
        if not version.step_ids:
            raise UserError(self.env._("There is no version with steps to simulate."))
        return version

    # === ACTIONS === #

    def action_simulate(self):
        """Open the screen that tries the draft, or what is published."""
        self.ensure_one()
        version = self.draft_version_id or self.current_version_id
        return self.env["veloc.cadence.trial"]._open(version)

    # === BUSINESS === #

    def _simulate(self, version, ask):
        self.ensure_one()
        now = fields.Datetime.now()
        simulate = self.env["veloc.cadence.simulation"]
        waiting, entrances, count = self._gather(version, ask)
        runs, refused = simulate._imagine(version, entrances, now)
        runs = simulate._with_ways_out(version, runs, ask["end"])
        decisions = simulation.fold(simulate._walk([*waiting, *runs], ask["end"]))
        return _without_nulls(
            {
                "cadence": self.code,
                "version": version.number,
                "start": fields.Datetime.to_string(ask["start"]),
                "end": fields.Datetime.to_string(ask["end"]),
                "as_of": fields.Datetime.to_string(now),
                "people": {
                    **count,
                    "waiting": len(waiting),
                    "entering": len({run.trader_id for run in runs}),
                    "not_entering": len(refused),
                },
                "verdicts": self._count_verdicts(decisions),
                "steps": self._say_steps(version, decisions),
                "rows": self._say_decisions(decisions),
            }
        )

    def _gather(self, version, ask):
        """Return the runs that wait, the entrances, and how they were found."""
        simulate = self.env["veloc.cadence.simulation"]
        if ask["partner_ids"] or ask["segment_id"]:
            chosen = self._find_chosen(ask)
            waiting = simulate._waiting(version, ask, chosen)
            entrances = simulate._as_if(self, chosen, ask["start"])
            return waiting, entrances, self._say_count("chosen", chosen, ask)
        waiting = simulate._waiting(version, ask)
        entrances = simulate._entrances(self, ask)
        if waiting or entrances:
            found = max(waiting, entrances, key=len)
            return waiting, entrances, self._say_count("real", found, ask)
        likely = simulate._likely(self, ask)
        entrances = simulate._as_if(self, likely, ask["start"])
        return [], entrances, self._say_count("likely", likely, ask)

    def _say_count(self, how, found, ask):
        return {"how": how, "is_cut": len(found) >= ask["limit"]}

    def _find_chosen(self, ask):
        """Return the traders that were named, those of the user's companies."""
        simulate = self.env["veloc.cadence.simulation"]
        if ask["segment_id"]:
            segment = self.env["veloc.segment"].browse(ask["segment_id"]).exists()
            return simulate._members(segment, ask)
        own = [
            ("partner_id", "in", ask["partner_ids"]),
            ("company_id", "in", self.env.companies.ids),
        ]
        return self.env["veloc.trader"].search(own, limit=ask["limit"]).ids

    # === WORDS === #

    @api.model
    def _count_verdicts(self, decisions):
        counts = dict.fromkeys(planner.VERDICTS, 0)
        for decision in decisions:
            counts[decision["verdict"]] += 1
        return {verdict: count for verdict, count in counts.items() if count}

    @api.model
    def _say_steps(self, version, decisions):
        """Return per step how often it did what, with the reasons in words."""
        names = {step.id: step for step in version.step_ids}
        return [
            {
                **counts,
                "step": names[counts["step_id"]].name,
                "channel": names[counts["step_id"]].channel,
                "words": {
                    reason: say_reason(self.env, reason) for reason in counts["reasons"]
                },
            }
            for counts in simulation.tally(decisions, list(names))
        ]

    @api.model
    def _say_decisions(self, decisions):
        steps = self.env["veloc.cadence.step"].browse(
            {decision["step_id"] for decision in decisions if decision["step_id"]}
        )
        names = {step.id: step.name for step in steps}
        field = self.env["veloc.decision"]._fields["verdict"]
        verdicts = dict(field._description_selection(self.env))
        return [
            {
                "partner_id": decision["partner_id"],
                "run": decision["run_id"],
                "at": fields.Datetime.to_string(decision["at"]),
                "step_id": decision["step_id"],
                "step": names.get(decision["step_id"]),
                "channel": decision["channel"],
                "verdict": decision["verdict"],
                "verdict_words": verdicts[decision["verdict"]],
                "reason": decision["reason"],
                "words": say_reason(self.env, decision["reason"]),
                "basis": decision["basis"],
                "rule": decision["rule"],
                "saw": decision["saw"],
                "until": fields.Datetime.to_string(decision["until"]),
                "times": decision["times"],
            }
            for decision in decisions
        ]
