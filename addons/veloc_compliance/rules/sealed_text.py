"""How a ledger secret under a person's key is written: ``k<key id>:<sealed>``."""


def as_text(key_id: int, sealed: str) -> str:
    """Return the text that is stored."""
    return f"k{key_id}:{sealed}"


def read(stored: str) -> tuple[int, str] | None:
    """Return (key id, sealed), None if the house sealed it."""
    head, _colon, sealed = stored.partition(":")
    if not head.startswith("k") or not head[1:].isdigit():
        return None
    return int(head[1:]), sealed
