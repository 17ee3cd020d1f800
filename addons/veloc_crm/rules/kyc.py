"""What events say of a trader's identity check."""

from collections.abc import Iterable
from datetime import datetime

STATES = {
    "kyc_submitted": "submitted",
    "kyc_approved": "approved",
    "kyc_rejected": "rejected",
}


def latest_kyc(events: Iterable) -> dict[str, tuple[str, datetime]]:
    """Return ``{trader's reference: (state, since)}`` by the latest event of each.

    Of two at the same time the later in the batch holds.
    """
    found: dict[str, tuple[str, datetime]] = {}
    for event in events:
        if event.type not in STATES:
            continue
        known = found.get(event.trader)
        if known is None or event.at >= known[1]:
            found[event.trader] = STATES[event.type], event.at
    return found
