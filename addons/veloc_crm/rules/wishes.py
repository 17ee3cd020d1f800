"""What people want of us, read from a batch: consents, exclusions, complaints."""

from datetime import UTC, datetime
from operator import attrgetter

from .batch import Batch
from .event_schema import parse_until

# event type → (suppression, True to impose and False to lift)
PROTECTIONS = {
    "self_excluded": ("self_exclusion", True),
    "complaint_opened": ("complaint", True),
    "complaint_closed": ("complaint", False),
    "kyc_rejected": ("kyc_block", True),
    "kyc_approved": ("kyc_block", False),
}


def read_wishes(batch: Batch):
    """Return (event, consent to record) pairs, ``{(kind, until): partners}`` to
    protect and ``{kind: partners}`` to release.

    Where a batch both opens and closes, the later event holds.
    """
    consents = []
    latest: dict[tuple[int, str], tuple[bool, datetime | None]] = {}
    for event in sorted(batch.new_events, key=attrgetter("at")):
        partner_id = batch.known[event.trader].partner_id
        consents += [
            (event, item) for item in _consent_items(batch.source, event, partner_id)
        ]
        if event.type in PROTECTIONS:
            kind, imposes = PROTECTIONS[event.type]
            latest[partner_id, kind] = imposes, _until(event, batch.now)
    impositions, lifts = {}, {}
    for (partner_id, kind), (imposes, until) in latest.items():
        if imposes:
            impositions.setdefault((kind, until), []).append(partner_id)
        else:
            lifts.setdefault(kind, []).append(partner_id)
    return consents, impositions, lifts


def types_about(kind: str) -> tuple[str, str]:
    """Return the event types that impose and that lift a suppression.

    >>> types_about("complaint")
    ('complaint_opened', 'complaint_closed')
    """
    by_effect = {
        imposes: type_ for type_, (name, imposes) in PROTECTIONS.items() if name == kind
    }
    return by_effect[True], by_effect[False]


def _consent_items(source, event, partner_id):
    at = event.at.replace(tzinfo=UTC).isoformat()
    return [
        {
            "partner_id": partner_id,
            "purpose": item["purpose"],
            "channel": item["channel"],
            "granted": item["granted"],
            "source": source,
            "at": at,
            "evidence": _evidence(event.id, item),
            **{
                key: item[key]
                for key in ("language", "ip", "user_agent")
                if key in item
            },
        }
        for item in event.data.get("consents") or ()
    ]


def _evidence(event_id, item):
    version = item.get("text_version")
    return f"event {event_id}" + (f", text {version}" if version else "")


def _until(event, now):
    """Return when a self-exclusion ends; one that is over already is for ever."""
    text = event.data.get("until") if event.type == "self_excluded" else None
    until = parse_until(text) if text else None
    return until if until and until > now else None
