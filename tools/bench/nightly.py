"""The night's work over a million traders, beside what the database alone needs."""

from . import shell

WANTED = 60
MEMORY = 512


def measure(house):
    """Print a line per step of three nights; the usual one is what was wanted."""
    told = shell.measure(house, "nightly")
    print(f"\nThe night's work over {told['traders']:,} traders")
    print(f"  wanted: {WANTED} s in all, of a usual night")
    for name, steps in told["nights"].items():
        print(f"  {name}")
        for code, seconds, cpu, counts in steps:
            print(f"    {code:<14}{seconds:>8.1f} s {cpu:>8.1f} CPU s  {_say(counts)}")
        seconds, cpu = (sum(step[n] for step in steps) for n in (1, 2))
        print(f"    {'in all':<14}{seconds:>8.1f} s {cpu:>8.1f} CPU s")
    seconds, cpu = told["learning"]
    print(f"  learning, once a week: {seconds:.1f} s, {cpu:.1f} CPU s")
    print("  bare SQL (windows of one sum; days of a seventh of the traders)")
    for name, (seconds, cpu) in told["floors"].items():
        print(f"    {name:<14}{seconds:>8.1f} s {cpu:>8.1f} CPU s")
    print(f"  memory at most: {told['peak']:,.0f} MB (wanted: {MEMORY})")


def fill(house, traders, events):
    """Fill the database with a population, and print how long it took."""
    told = shell.measure(house, "fill", traders=traders, events=events)
    print(
        f"\n{traders:,} traders, {events:,} events: filled in {told['seconds']:,.0f} s,"
        f" {told['size']}"
    )


def _say(counts):
    numbers = {k: v for k, v in counts.items() if isinstance(v, int) and v}
    return ", ".join(f"{name} {number:,}" for name, number in numbers.items())
