"""An entry's JSON parts, as a line of text and as a list of values."""

import json


def summary(public: str | None) -> str:
    """Return the public part as one line; no sentence, so that no language is in it."""
    try:
        told = json.loads(public or "{}")
    except ValueError:
        return public or ""
    if not isinstance(told, dict):
        return str(told)
    return " · ".join(
        f"{name}: {_short(value)}"
        for name, value in told.items()
        if value not in ("", [])
    )


def _short(value):
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def values(secret: str | None) -> str:
    """Return the secret part, opened, one field a line; before → after of changes."""
    if not secret:
        return ""
    told = json.loads(secret)
    return "\n".join(f"{name}: {_value(value)}" for name, value in told.items())


def _value(value):
    if isinstance(value, list) and len(value) == 2:  # before and after
        before, after = ("∅" if side is None else _short(side) for side in value)
        return f"{before} → {after}"
    return _short(value)
