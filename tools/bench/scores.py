"""RFM and scores of all traders, beside the wanted processor seconds."""

from . import shell

# RFM without the write-back, for a million traders.
WANTED_RFM = 1.0
MEMORY = 512


def measure(house):
    """Print a line per step."""
    told = shell.measure(house, "scores")
    print(f"\nScores of {told['traders']:,} traders")
    print(f"  wanted: RFM {WANTED_RFM} CPU s for 1,000,000 without write-back")
    for name, seconds, cpu, _peak, counts in told["steps"]:
        print(f"  {name:<38}{seconds:>8.2f} s {cpu:>8.2f} CPU s  {counts}")
    peak = max(step[3] for step in told["steps"])
    print(f"  memory at most: {peak:,.0f} MB (wanted: {MEMORY})")
