"""What opening a trader's page costs inside Odoo, whatever they did."""

import time
from statistics import median

from lxml import etree

from .workload import activity, signups

ROUNDS = 7
SOURCE = "bench-story"


def story(env, events):
    """Return seconds, CPU seconds and queries of opening the page of a busy trader."""
    env["veloc.ingest"]._run(SOURCE, signups(1, "story", days_ago=60))
    for start in range(0, events, 1_000):
        rows = activity(min(1_000, events - start), "story", 1, f"story{start}")
        env["veloc.ingest"]._run(SOURCE, rows)
    trader = env["veloc.trader"].search([("external_ref", "like", "story")], limit=1)
    agent = env.ref("veloc_crm.demo_user_agent")
    trader = trader.with_user(agent)
    wanted = _specification(trader)
    turns = [_open(env, trader, wanted) for _round in range(ROUNDS)][1:]
    seconds, cpu, queries = (median(column) for column in zip(*turns, strict=True))
    env.cr.rollback()
    return {"seconds": seconds, "cpu": cpu, "queries": queries, "events": events}


def _specification(trader):
    """Return what the form asks for: names of records, ids of lists."""
    arch = etree.fromstring(trader.get_view(view_type="form")["arch"])
    # Fields inside another field belong to its own list.
    names = {
        node.get("name")
        for node in arch.iter("field")
        if not any(parent.tag == "field" for parent in node.iterancestors())
    }
    types = {name: trader._fields[name].type for name in names}
    return {
        name: {"fields": {"display_name": {}}} if kind == "many2one" else {}
        for name, kind in types.items()
    }


def _open(env, trader, wanted):
    """Do what the client's calls do when the page opens."""
    env.invalidate_all()
    queries = env.cr.sql_log_count
    start, cpu = time.perf_counter(), time.process_time()
    trader.web_read(wanted)
    trader.load_story()
    trader.env["veloc.timeline"].load_page(trader.id)
    return (
        time.perf_counter() - start,
        time.process_time() - cpu,
        env.cr.sql_log_count - queries,
    )


CASES = {"story": story}
