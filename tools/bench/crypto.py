"""``python -m tools.bench``: what encryption costs beside the same work in clear."""

from . import shell
from .inside_crypto import PLAIN, SEALED

PEOPLE = 1000


def measure(house):
    """Print CPU figures of encrypted and plain fields, from one run."""
    told = shell.measure(house, "crypto", number=PEOPLE)
    values = ", ".join(f"{name} {us:.1f} µs" for name, us in told["values"].items())
    print(f"\nEncrypted fields, CPU of one process ({values} a value)")
    for what in ("create", "read", "find"):
        plain, sealed = told[f"{what} {PLAIN}"], told[f"{what} {SEALED}"]
        count = PEOPLE // 10 if what == "find" else PEOPLE
        print(
            f"  {what} {count:,} contacts: plain {plain:7.1f} ms, encrypted "
            f"{sealed:7.1f} ms, {sealed / plain:.2f} times"
        )
