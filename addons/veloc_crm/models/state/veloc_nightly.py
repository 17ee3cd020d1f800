"""The night's work over all traders, step by step."""

import logging
from time import monotonic

from odoo import api, models

_logger = logging.getLogger(__name__)


class VelocNightly(models.AbstractModel):
    """Extend ``_steps`` to have something done each night, in the order of numbers.

    A step's method takes the time at which the night began, works in batches that it
    commits with ``ir.cron._commit_progress``, and returns a dict of counts. A step
    that stops because its time is up says so with a count ``remaining`` above zero,
    and is called again; a step that fails is noted, and the others go on.
    """

    _name = "veloc.nightly"
    _description = "Nightly Job"

    @api.model
    def _steps(self):
        """Return ``(number, code, model, method)`` of each step."""
        return [
            (10, "windows", "veloc.trader.state", "_move_windows"),
            (20, "reconcile", "veloc.trader.state", "_reconcile"),
        ]

    @api.model
    def _labels(self):
        """Return the words for codes of steps and of counts."""
        return {
            "windows": self.env._("Windows of 7, 30 and 90 days"),
            "reconcile": self.env._("Proof of the figures"),
            "tiers": self.env._("Tiers and levels"),
            "rfm": self.env._("RFM"),
            "clusters": self.env._("Clusters"),
            "scores": self.env._("Scores"),
            "segments": self.env._("Segments by time"),
            "hygiene": self.env._("Duplicates and data quality"),
            "archive": self.env._("Archive"),
            "moved": self.env._("moved"),
            "traders": self.env._("traders"),
            "repairs": self.env._("repaired"),
            "remaining": self.env._("still to do"),
        }

    @api.model
    def _cron_run(self):
        """Do the steps of tonight, going on where an interrupted run stopped."""
        cron = self.env["ir.cron"]
        run = self.env["veloc.nightly.run"]._current()
        steps = [s for s in sorted(self._steps()) if not run._is_over(s[1])]
        cron._commit_progress(remaining=len(steps) + 1)
        for done, (_number, code, model, method) in enumerate(steps):
            left = self._do_step(run, code, model, method)
            cron._commit_progress(remaining=len(steps) - done + bool(left))
            if left:
                return
        run._end()
        cron._commit_progress(1, remaining=0)

    @api.model
    def _do_step(self, run, code, model, method):
        """Call one step, note what it did, and return how much is left."""
        started, counts, error = monotonic(), {}, None
        try:
            counts = getattr(self.env[model], method)(run.started_at) or {}
        except Exception as exception:
            _logger.exception("Nightly step %s failed", code)
            self.env.cr.rollback()
            counts, error = {"remaining": 0}, type(exception).__name__
        run._note(code, monotonic() - started, counts, error)
        return counts.get("remaining", 0)
