"""What changed, as JSON texts: built once per batch where records share it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from json.encoder import encode_basestring_ascii as quoted

LONGEST = 4000  # characters of one value; beyond, the start and a hash


def encode(value) -> str:
    """Return one field's value as JSON: no floats, no bytes, nothing endless."""
    if isinstance(value, str):
        return quoted(value if len(value) <= LONGEST else _shortened(value))
    if value is None or value is False:
        return "null"
    if value is True:
        return "true"
    if isinstance(value, int):
        return str(value)
    return _encode_rare(value)


def _encode_rare(value):
    if isinstance(value, datetime | date):
        return quoted(value.isoformat())
    if isinstance(value, bytes | bytearray | memoryview):
        return quoted(f"sha256:{hashlib.sha256(value).hexdigest()}")
    if isinstance(value, list | tuple | set | frozenset):
        return f"[{','.join(sorted(map(encode, value), key=_as_number))}]"
    if isinstance(value, dict):
        return encode(json.dumps(value, sort_keys=True, default=str))
    return quoted(str(value))  # decimals, and floats as they are printed


def _as_number(text):
    return (0, int(text), text) if text.isdigit() else (1, 0, text)


def _shortened(value):
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{value[:LONGEST]}… sha256:{digest}"


def fields_text(names: Iterable[str], operation: str = "") -> str:
    """Return the public part of a change: what was done, to which fields."""
    listed = ",".join(map(quoted, sorted(names)))
    told = f',"op":{quoted(operation)}' if operation else ""
    return f'{{"fields":[{listed}]{told}}}'


def state_text(names: Sequence[str], values: Sequence) -> str | None:
    """Return the secret part of a creation or deletion; empty fields are left out."""
    told = [
        f"{quoted(name)}:{encode(value)}"
        for name, value in zip(names, values, strict=True)
        if value is not None and value is not False
    ]
    return f"{{{','.join(told)}}}" if told else None


def change_text(changes: Iterable[tuple[str, object, object]]) -> str:
    """Return the secret part of a change: ``{field: [before, after]}``."""
    told = (f"{quoted(name)}:[{encode(a)},{encode(b)}]" for name, a, b in changes)
    return f"{{{','.join(told)}}}"


def ranges(ids: Iterable[int]) -> str:
    """Return ids as text: ``1-80,95``."""
    parts: list[list[int]] = []
    for number in sorted(set(ids)):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)
