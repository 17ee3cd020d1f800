"""Print what the anomaly rules find: ``python -m tools.simulate [firms]``."""

import sys

from . import measure, staff


def main():
    """Run the shipped simulation and print one line per class of theft."""
    firms = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    result = measure.run(firms=firms)
    planted = sum(map(len, result.delays.values()))
    print(f"{firms} firms, 40 people each, 45 days (30 to learn), {planted} thefts")
    for kind in staff.CLASSES:
        print(
            f"{kind:6}  found {result.share_found(kind):6.1%}"
            f"  within 15 min {result.share_in_time(kind):6.1%}"
            f"  median {result.median_delay(kind):3.0f} min"
        )
    per_day = result.false_alerts / result.worker_days
    print(
        f"alerts {result.true_alerts} true, {result.false_alerts} false"
        f" = {result.false_share:.1%} false, {per_day:.4f} per person and day"
    )


if __name__ == "__main__":
    main()
