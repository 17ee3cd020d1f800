import logging
from datetime import timedelta
from random import SystemRandom

from odoo import fields, models

from ..providers import base
from ..rules import message_state, retry
from ..rules.outbox_item import storable

DEFAULT_SLOW = 2.0
MAX_COOL_DOWN = 600.0

_jitter = SystemRandom()
_logger = logging.getLogger(__name__)


class VelocDispatcher(models.AbstractModel):
    """What follows from the providers' answers."""

    _inherit = "veloc.dispatcher"

    # === ANSWERS === #

    def _write_answers(self, group, rows):
        """Write what became of some sends; the caller commits at once."""
        self._read_committed()
        now = fields.Datetime.now()
        messages = self.env["veloc.message"].browse(key for key, _result in group)
        group = self._drop_stale(group, rows, messages._lock())
        plan = {}
        for key, result in group:
            step = self._next_step(rows[key], result, now)
            values = self._prepare_answer(rows[key], result, step)
            plan.setdefault(step.state, {})[key] = values
        for target, each in plan.items():
            moved = messages.browse(each)._move(
                target, each=each, at=now, lease_until=None
            )
            if target == message_state.FAILED:
                self.env["veloc.fallback"]._offer(moved)
        self._tell_accounts(group, rows, now)
        self._suppress(group, rows)
        self._after_answers(group, rows, now)

    def _after_answers(self, group, rows, now):
        """Hook: act on answers, in their transaction.

        ``group`` holds (row id, Result); ``rows`` the claimed rows by id.
        """

    def _drop_stale(self, group, rows, sending_at):
        """Leave out answers to calls that outlived their lease and were repeated.

        The row is about another call by now, which may still be in the air.
        """
        stale = {key for key, _r in group if sending_at[key] != rows[key]["sending_at"]}
        if stale:
            _logger.error("Answers came after the lease of messages %s", sorted(stale))
        return [pair for pair in group if pair[0] not in stale]

    def _next_step(self, row, result, now):
        # The account refuses this recipient only: no use in trying again.
        alone = result.kind == base.CONFIG and not result.whole_account
        return retry.after_answer(
            base.PERMANENT if alone else result.kind,
            now=now,
            attempts=row["attempts"] + 1,
            useful_until=row["useful_until"],
            retry_after=result.retry_after,
            status=result.status,
            jitter=_jitter.random(),
        )

    def _prepare_answer(self, row, result, step):
        went = result.kind in {base.ACCEPTED, base.NOT_STARTED}
        late = step.state == message_state.EXPIRED
        return {
            "attempts": row["attempts"] + step.counts,
            "next_attempt_at": step.at or row["next_attempt_at"],
            "provider_ref": storable(result.provider_ref) or None,
            "failure_class": "late" if late else None if went else result.kind,
            "failure_code": None if went else storable(result.code[:60]) or None,
            "failure_detail": None if went else storable(result.detail) or None,
        }

    def _tell_accounts(self, group, rows, now):
        """Pause an account that was refused as a whole; slow one that was too fast."""
        accounts = self.env["veloc.account"]
        # By account, so that two jobs never wait for each other's account.
        for key, result in sorted(group, key=lambda pair: rows[pair[0]]["account_id"]):
            account = accounts.browse(rows[key]["account_id"])
            if result.kind == base.CONFIG and result.whole_account:
                account._pause(storable(f"{result.code} {result.detail}").strip())
            elif result.kind in {base.SLOW, base.NOT_STARTED}:
                wait = result.retry_after
                if result.kind == base.SLOW:
                    wait = wait or DEFAULT_SLOW
                if wait:
                    seconds = min(wait, MAX_COOL_DOWN)
                    account._slow_down(now + timedelta(seconds=seconds))

    def _suppress(self, group, rows):
        """Let people bear what the provider says about them."""
        consequences = self.env["veloc.provider.consequence"]
        items = [
            consequences._prepare_answer_item(rows[key], result)
            for key, result in group
            if result.kind not in {base.ACCEPTED, base.NOT_STARTED}
        ]
        consequences._for_people(items, fields.Datetime.now())
