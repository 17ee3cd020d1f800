"""A refused row as it is kept: what may stand in clear, and who it speaks of.

The row itself is sealed. Beside it stands only what staff need to see a pattern; a
reference or an id that is somebody's e-mail address, phone or CPF is no such thing.
"""

import json
from dataclasses import dataclass

from stdnum.br import cpf

# What was missing may arrive: these are tried again without anybody asking.
AUTOMATIC = ("unknown_trader", "unknown_target", "no_rate")
# To keep such a row would bring back what was erased.
NEVER_KEPT = frozenset({"erased_person"})
MAX_ROW = 65_536  # characters; what is longer is noted, not kept
MAX_TEXT = 128
MAX_CELLS = 64
PERSONAL = ("email", "phone", "cpf")


@dataclass(frozen=True, slots=True)
class DeadRow:
    """``text`` is the row as JSON, None if too long; ``told`` are (kind, value)."""

    text: str | None
    external_id: str | None
    ref: str | None
    type: str | None
    currency: str | None
    target: str | None
    told: frozenset[tuple[str, str]]


def read(raw: object) -> DeadRow:
    """Return what is kept of a refused row, however odd it is."""
    row = raw if isinstance(raw, dict) else {}
    data = row.get("data") if isinstance(row.get("data"), dict) else {}
    told = [("external_ref", row.get("trader"))]
    told += [(kind, data.get(kind)) for kind in PERSONAL]
    # A reference or an id that is an address names its owner by that address, too.
    told += [(_kind(value), value) for value in (row.get("trader"), row.get("id"))]
    told += _told_by_cells(row.get("cells"))
    return DeadRow(
        text=_text(raw),
        external_id=clear(row.get("id")),
        ref=clear(row.get("trader")),
        type=clear(row.get("type")),
        currency=clear(row.get("currency")),
        target=clear(data.get("reverses") or data.get("corrects")),
        told=frozenset((kind, v) for kind, v in told if kind and _is_name(v)),
    )


def clear(value: object) -> str | None:
    """Return a text that may stand in clear, None for anything else."""
    return value if _is_name(value) and _kind(value) is None else None


def _kind(value):
    """Return what of a person this text is: an e-mail address, phone, CPF or None."""
    if not _is_name(value):
        return None
    if "@" in value:
        return "email"
    if value.startswith("+"):
        return "phone"
    return "cpf" if cpf.is_valid(value) else None


def _is_name(value):
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and value.isprintable()


def _told_by_cells(cells):
    """Return whom a line without columns may name: any of its cells may be it."""
    texts = cells[:MAX_CELLS] if isinstance(cells, list) else []
    return {
        (kind, text.strip())
        for text in texts
        if isinstance(text, str)
        for kind in ("external_ref", *PERSONAL)
    }


def _text(raw):
    try:
        text = json.dumps(raw, ensure_ascii=True)
    except (TypeError, ValueError, RecursionError):
        return None
    return text if len(text) <= MAX_ROW else None
