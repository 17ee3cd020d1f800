"""What the CRM stores about who is who: aliases, pairs, merges, links, findings."""

from __future__ import annotations


def _entry(*what, **more):
    return what, more


ALL = (
    _entry(
        "veloc.trader.alias",
        "trader_id.partner_id",
        "external_ref",
        "identity",
        "delete",
    ),
    _entry(
        "veloc.trader.alias",
        "trader_id.partner_id",
        "trader_id merge_id company_id",
        "identity",
        "delete",
        shown=False,
    ),
    *(
        _entry(
            "veloc.duplicate",
            side,
            "left_id right_id company_id score reasons state found_at decided_at "
            "decided_by",
            "behaviour",
            "delete",
            shown=False,
        )
        for side in ("left_id", "right_id")
    ),
    _entry(
        "veloc.merge",
        "survivor_id",
        "undo_sealed",
        "identity",
        "blank",
        shown=False,
    ),
    _entry(
        "veloc.merge",
        "survivor_id",
        "survivor_id loser_id company_id merged_at merged_by reason state undo_until "
        "closed_at closed_by moved_count has_consent_conflict",
        "behaviour",
        "keep",
        reason="Proof of which records were joined: it names nobody by itself.",
        shown=False,
    ),
    _entry(
        "veloc.trader.alias.event",
        "alias_id.trader_id.partner_id",
        "alias_id event_id",
        "trading",
        "delete",
        shown=False,
    ),
    _entry(
        "veloc.trader.former",
        "trader_id.partner_id",
        "number trader_id merge_id",
        "trading",
        "keep",
        reason="A number and no name: by it an erasure finds what archived months "
        "hold of a person who was merged.",
        shown=False,
    ),
    _entry(
        "veloc.archive.owner",
        "trader_id.partner_id",
        "event_id trader_id",
        "trading",
        "keep",
        reason="Numbers and no name: by them an erasure finds single events in "
        "archived months.",
        shown=False,
    ),
    _entry(
        "veloc.person.key",
        "partner_id",
        "partner_id kind digest",
        "identity",
        "delete",
        shown=False,
    ),
    _entry(
        "veloc.trader.device",
        "trader_id.partner_id",
        "trader_id digest seen_at",
        "behaviour",
        "delete",
        shown=False,
    ),
    _entry(
        "veloc.trader.link",
        "trader_id.partner_id",
        "trader_id kind cluster size company_id since",
        "behaviour",
        "delete",
        shown=False,
    ),
    _entry(
        "veloc.data.issue",
        "partner_id",
        "partner_id trader_id company_id kind severity state found_at "
        "closed_at closed_by",
        "behaviour",
        "delete",
        shown=False,
    ),
)
NOBODY = ("veloc.data.quality", "veloc.hygiene.report")
