"""The secrets of this clone: one file, readable by its owner alone."""

import os
import secrets

from .paths import SECRETS


def read_all():
    """Return all secrets by name."""
    if not SECRETS.exists():
        return {}
    rows = (line.partition("=") for line in SECRETS.read_text().splitlines())
    return {name: value for name, _, value in rows if value}


def keep(name, value):
    """Store one secret under its name."""
    values = read_all() | {name: value}
    partial = SECRETS.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.writelines(f"{key}={values[key]}\n" for key in sorted(values))
    partial.rename(SECRETS)


def ensure(name, size=16):
    """Return the secret of that name; the first call invents ``size`` bytes."""
    values = read_all()
    if name not in values:
        keep(name, secrets.token_hex(size))
    return values.get(name) or read_all()[name]


def forget(name):
    """Drop one secret."""
    if name in read_all():
        keep(name, "")
