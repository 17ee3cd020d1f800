import logging
from random import SystemRandom

from odoo import fields, models

from ..providers import base
from ..rules import message_state, retry
from ..rules.outbox_item import storable

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
        """Pause an account that was refused as a whole; let one in trouble rest."""
        accounts = self.env["veloc.account"]
        told, recovered = {}, set()
        for key, result in group:
            row = rows[key]
            if result.kind == base.ACCEPTED and row.get("account_failures"):
                row["account_failures"] = 0
                recovered.add(row["account_id"])
            elif _is_about_account(result):
                told.setdefault(row["account_id"], []).append(result)
        accounts._recover(sorted(recovered - set(told)))
        # By id, so that two jobs never wait for each other's account.
        for account_id, results in sorted(told.items()):
            account = accounts.browse(account_id)
            if refusal := next((r for r in results if r.kind == base.CONFIG), None):
                account._pause(storable(f"{refusal.code} {refusal.detail}").strip())
            else:
                account._rest(results, now)

    def _suppress(self, group, rows):
        """Let people bear what the provider says about them."""
        consequences = self.env["veloc.provider.consequence"]
        items = [
            consequences._prepare_answer_item(rows[key], result)
            for key, result in group
            if result.kind not in {base.ACCEPTED, base.NOT_STARTED}
        ]
        consequences._for_people(items, fields.Datetime.now())


def _is_about_account(result):
    """Return whether an answer says something about the account as a whole."""
    if result.kind == base.NOT_STARTED:
        return result.retry_after is not None
    return result.whole_account or result.kind == base.SLOW
