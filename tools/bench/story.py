"""A trader's page with thousands of events: what the server spends to open it."""

from . import shell

EVENTS = 2_000
WANTED = 0.3


def measure(house):
    """Print one line."""
    told = shell.measure(house, "story", events=EVENTS)
    print(
        f"\nA trader's page with {told['events']:,} events: {told['seconds']:.3f} s "
        f"(wanted: {WANTED} s), {told['cpu']:.3f} CPU s, {told['queries']:.0f} queries"
    )
