"""Measured inside Odoo: queueing, dispatching, folding, and a long queue."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import requests

from odoo import fields
from odoo.tools import SQL

from .measure import Watch, memory_of

TEMPLATE = "bench"
BATCH = 500
FILL = """
WITH verdict AS (
    INSERT INTO veloc_gate_verdict (partner_id, purpose_id, channel,
        purpose_version_id, reason, basis, consent_id, allowed, decided_at)
    SELECT partner_id, purpose_id, channel, purpose_version_id, reason, basis,
           consent_id, allowed, decided_at
    FROM veloc_gate_verdict, generate_series(1, %(number)s) WHERE id = %(verdict)s
    RETURNING id
)
INSERT INTO veloc_message (%(columns)s, verdict_id, key, reference, account_id, state,
    next_attempt_at)
SELECT %(copied)s, v.id, 'fill-' || v.id, md5(v.id::text), %(account)s, 'queued',
       now() AT TIME ZONE 'UTC' - interval '1 hour'
FROM verdict v, veloc_message m WHERE m.id = %(message)s
"""
OWN = {"id", "verdict_id", "key", "reference", "account_id", "state"}
OWN |= {"next_attempt_at", "provider_ref", "lease_until", "sending_at", "accepted_at"}
OWN |= {"failure_class", "failure_code", "failure_detail", "sent_at"}
_rounds = count(1)


def _account(env, code, **values):
    account = env["veloc.account"].search([("code", "=", code)])
    account.write({"state": "active", "pause_reason": False, "resume_at": False})
    account.write({name: v for name, v in values.items() if name in account._fields})
    env.cr.commit()
    return account


def _queue(env, number, prefix):
    """Queue messages in batches as the engine does; return what it took."""
    template = env["veloc.template"].search([("code", "=", TEMPLATE)])
    people = env["res.partner"].search([("email", "=like", "pessoa-%")], limit=number)
    drafts = [
        {
            "partner_id": partner_id,
            "template_id": template.id,
            "channel": "sms",
            "key": f"{prefix}-{partner_id}",
            "variables": {"reference": f"{prefix}-{partner_id}"},
        }
        for partner_id in people.ids
    ]
    with Watch([env.cr.connection.info.backend_pid]) as watch:
        for start in range(0, len(drafts), BATCH):
            answers = env["veloc.message"]._enqueue(
                drafts[start : start + BATCH], fields.Datetime.now()
            )
            env.cr.commit()
            odd = [a for a in answers if a["outcome"] != "queued"]
            if odd:
                raise RuntimeError(odd[:3])
    return watch, len(drafts)


def dispatch(env, number, threads):
    """Queue and send with one account and so many threads, in this process."""
    account = _account(env, "sandbox-sms", concurrency=threads, rate=0)
    queueing, queued = _queue(env, number, f"bench{next(_rounds)}-{threads}")
    with Watch([env.cr.connection.info.backend_pid]) as watch:
        while _left(env, account):
            env["veloc.dispatcher"]._cron_dispatch("bulk")
    return {
        "number": queued,
        "seconds": watch.seconds,
        "cpu": watch.cpu,
        "queueing": queueing.cpu,
        "account": account.code,
    }


def same_client(env, number, threads):
    """Send as many with the same adapter and threads, nothing stored."""
    account = _account(env, "sandbox-sms", concurrency=threads, rate=0)
    from odoo.addons.veloc_messaging.providers import base

    provider = account._get_provider()
    messages = [
        base.Outgoing(f"{n:032x}", f"+551196{n:07}", "Pedido 1") for n in range(number)
    ]
    with Watch() as watch, ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(provider.send, messages))
    odd = [result for result in results if result.kind != base.ACCEPTED]
    if odd:
        raise RuntimeError(odd[:3])
    return {"number": number, "seconds": watch.seconds, "cpu": watch.cpu}


def stock(env, number, url, sid, token):
    """Send with Odoo's own sms_twilio, its fixed address pointed at the sandbox."""
    from odoo.addons.sms_twilio.tools.sms_api import (
        SmsApiTwilio,
    )

    env.company.write({"sms_twilio_account_sid": sid, "sms_twilio_auth_token": token})
    numbers = env["sms.twilio.number"]
    brazil = env.ref("base.br").id
    numbers.create({"number": "+5511400400400", "country_id": brazil})
    post = requests.Session.post

    def to_sandbox(session, address, **options):
        return post(session, address.replace("https://api.twilio.com", url), **options)

    numbers_to = [
        {"uuid": f"{n:032x}", "number": f"+551196{n:07}"} for n in range(number)
    ]
    requests.Session.post = to_sandbox
    try:
        with Watch([env.cr.connection.info.backend_pid]) as watch:
            answers = SmsApiTwilio(env)._send_sms_batch(
                [{"content": "Pedido 1", "numbers": numbers_to}]
            )
    finally:
        requests.Session.post = post
    odd = [answer for answer in answers if answer["state"] != "sent"]
    if odd:
        raise RuntimeError(odd[:3])
    return {"number": number, "seconds": watch.seconds, "cpu": watch.cpu}


def fold(env):
    """Fold all that the webhook stored."""
    waiting = "SELECT count(*) FROM veloc_provider_event WHERE state = 'received'"
    number = env.execute_query(SQL(waiting))[0][0]
    env.cr.commit()
    with Watch([env.cr.connection.info.backend_pid]) as watch:
        while env["veloc.fold"]._fold_batch():
            env.cr.commit()
    env.cr.commit()
    states = "SELECT state, count(*) FROM veloc_provider_event GROUP BY 1"
    return {
        "number": number,
        "seconds": watch.seconds,
        "cpu": watch.cpu,
        "states": dict(env.execute_query(SQL(states))),
    }


def backlog(env, waiting, seconds):
    """Fill the queue up to ``waiting`` rows, then send for so many seconds."""
    account = _account(env, "bench-null", concurrency=16, rate=0)
    _fill(env, account, waiting)
    parameters = env["ir.config_parameter"].sudo()
    parameters.set_param("veloc_messaging.pass_seconds", str(seconds))
    env.cr.commit()
    env.cr.connection.autocommit = True
    env.cr.execute("VACUUM ANALYZE veloc_message")
    env.cr.connection.autocommit = False
    before, memory = _left(env, account), memory_of(os.getpid())
    with Watch([env.cr.connection.info.backend_pid]) as watch:
        env["veloc.dispatcher"]._cron_dispatch("bulk")
    return {
        "number": before - _left(env, account),
        "seconds": watch.seconds,
        "cpu": watch.cpu,
        "waiting": before,
        "memory": memory_of(os.getpid()) - memory,
    }


def _left(env, account):
    query = (
        "SELECT count(*) FROM veloc_message WHERE account_id = %s AND lane = 'bulk'"
        " AND state = 'queued' AND next_attempt_at <= now() AT TIME ZONE 'UTC'"
    )
    (row,) = env.execute_query(SQL(query, account.id))
    env.cr.commit()
    return row[0]


def _fill(env, account, waiting):
    """Copy one message that was sent until enough wait on the account."""
    pattern = env["veloc.message"].search([("source", "=", False)], limit=1)
    columns = [
        name
        for name, field in env["veloc.message"]._fields.items()
        if field.store and field.column_type and name not in OWN
    ]
    missing = waiting - _left(env, account)
    env.cr.execute(
        SQL(
            FILL,
            number=missing,
            verdict=pattern.verdict_id.id,
            message=pattern.id,
            account=account.id,
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            copied=SQL(", ").join(SQL.identifier("m", name) for name in columns),
        )
    )
    env.cr.commit()


CASES = {
    "dispatch": dispatch,
    "same_client": same_client,
    "stock": stock,
    "fold": fold,
    "backlog": backlog,
}
