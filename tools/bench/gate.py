"""The gate: a verdict for ten thousand people, and its number of queries."""

from . import shell

PEOPLE = 10_000
TARGET = 0.5


def measure(house):
    """Print one line."""
    told = shell.measure(house, "gate", number=PEOPLE)
    print(f"\nGate: one question about {told['number']:,} people")
    print(
        f"  {told['seconds']:.2f} s (wanted: {TARGET} s), {told['cpu']:.2f} CPU s, "
        f"{told['queries']} queries (for 10 people: {told['few_queries']})"
    )
    print(f"  verdicts: {told['verdicts']}")
