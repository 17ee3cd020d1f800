"""Fifty segments for 5,000 touched traders, and one count over all of them.

The seconds of a count are those of all its processes side by side, its CPU seconds
those of one process that does it alone.
"""

from . import shell

WANTED_TOUCHED = 0.1
WANTED_COUNT = 0.2


def measure(house):
    """Print a line per measurement."""
    told = shell.measure(house, "segments")
    print(
        f"\n{told['segments']} segments, {told['touched']:,} touched of "
        f"{told['traders']:,} traders"
    )
    print(
        f"  wanted: {WANTED_TOUCHED} CPU s for those touched, {WANTED_COUNT} s a count"
    )
    for name, seconds, cpu in told["steps"]:
        print(f"  {name:<38}{seconds:>8.3f} s {cpu:>8.3f} CPU s")
