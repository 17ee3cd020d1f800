"""Checks a ledger from its rows, in order, in one pass and constant memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from . import ledger_entry, ledger_head, merkle
from .ledger_entry import Entry
from .ledger_head import Head

MOST = 200  # findings that are told one by one


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong; ``first`` to ``last`` are entries it is about."""

    code: str
    first: int = 0
    last: int = 0
    detail: str = ""


@dataclass
class Audit:
    """Feed it the leaves from the first on, then ``finish``."""

    heads: list[Head]
    row_key: bytes | None = None
    findings: list[Finding] = field(default_factory=list)
    size: int = 0
    _tree: merkle.Builder = field(default_factory=merkle.Builder)
    _next: int = 0
    _batch_first: int = 0

    def feed(
        self,
        position: int,
        entry_id: int,
        leaf: bytes,
        entry: Entry | None,
        mac: bytes | None = None,
    ) -> None:
        """Check one leaf against its entry and let the tree grow."""
        if position != self.size:
            self._find("leaf_missing", entry_id, detail=f"{self.size}-{position - 1}")
            self.size = position
        self._check_entry(entry_id, leaf, entry, mac)
        self._batch_first = self._batch_first or entry_id
        self._tree.extend((leaf,))
        self.size += 1
        if self._next < len(self.heads) and self.heads[self._next].size == self.size:
            self._check_root(self.heads[self._next], entry_id)

    def _check_entry(self, entry_id, leaf, entry, mac):
        if entry is None:
            self._find("entry_deleted", entry_id)
            return
        found = ledger_entry.leaf_hash(entry)
        if found != leaf:
            self._find("entry_changed", entry_id)
        elif self.row_key and not is_ours(self.row_key, entry, found, mac):
            self._find("entry_forged", entry_id)

    def _check_root(self, head, entry_id):
        if self._tree.root().hex() != head.root:
            self._find("root_differs", self._batch_first, entry_id, head.sealed_at)
        self._next += 1
        self._batch_first = 0

    def finish(self) -> list[Finding]:
        """Return everything that is wrong, heads and their chain included."""
        for head in self.heads[self._next :]:
            self._find("tail_cut", 0, head.last_entry_id, f"{self.size} < {head.size}")
        if self.size > (self.heads[-1].size if self.heads else 0):
            self._find("leaves_without_head", self._batch_first)
        for head in self.heads:
            if not ledger_head.is_signed(head):
                self._find("head_not_signed", detail=str(head.size))
        return self.findings

    def _find(self, code, first=0, last=0, detail=""):
        if len(self.findings) < MOST:
            self.findings.append(Finding(code, first, last or first, detail))


def is_ours(
    key: bytes, entry: Entry, leaf: bytes, mac: bytes | memoryview | None
) -> bool:
    """Return whether Veloc wrote the entry as it stands."""
    if entry.kind in ledger_entry.WITHOUT_MAC:
        return True
    return mac is not None and bytes(mac) == ledger_entry.row_mac(key, leaf)


def against_anchors(
    anchors: Iterable[Head], size: int, root_at, public_keys: Iterable[str]
) -> list[Finding]:
    """Compare a log with heads kept elsewhere.

    ``root_at(size)`` is the log's root at a size; ``public_keys`` those of its heads.
    """
    findings, known = [], set(public_keys)
    for head in anchors:
        if not ledger_head.is_signed(head):
            findings.append(Finding("anchor_not_signed", detail=str(head.size)))
        elif head.size > size:
            findings.append(
                Finding("rolled_back", 0, head.last_entry_id, f"{size} < {head.size}")
            )
        elif root_at(head.size) != bytes.fromhex(head.root):
            findings.append(
                Finding("history_rewritten", 0, head.last_entry_id, str(head.size))
            )
        elif head.public_key not in known:
            findings.append(Finding("another_key", detail=head.public_key))
    return findings
