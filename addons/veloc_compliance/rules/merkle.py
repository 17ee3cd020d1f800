"""The Merkle tree of RFC 9162 (and 6962), section 2.1: roots and proofs.

Whole subtrees of 256 leaves and of 256 such subtrees are remembered ("nodes"), so a
proof reads a few rows and no root needs the whole log. ``Source`` gives the hashes.
"""

import hashlib
from collections.abc import Callable, Iterable

FAN = 8  # levels between remembered nodes: 2**8 = 256 below each
WIDTH = 1 << FAN
EMPTY = hashlib.sha256(b"").digest()

# (level, position) of a whole subtree → its hash; level 0 are the leaves
Source = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Builder:
    """Grows a tree leaf by leaf and keeps its right edge only."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()):
        self.size = size
        self.peaks = list(peaks)  # whole subtrees, the largest first

    def extend(self, leaves: Iterable[bytes]) -> list[tuple[int, int, bytes]]:
        """Add leaves; return the (level, position, hash) to remember."""
        sha256, peaks, size = hashlib.sha256, self.peaks, self.size
        nodes = []
        for leaf in leaves:
            size += 1
            level, rest = 0, size
            while not rest & 1:
                leaf = sha256(b"\x01" + peaks.pop() + leaf).digest()
                level += 1
                rest >>= 1
                if not level % FAN:
                    nodes.append((level, rest - 1, leaf))
            peaks.append(leaf)
        self.size = size
        return nodes

    def root(self) -> bytes:
        """Return the root of the tree as it is."""
        if not self.peaks:
            return EMPTY
        *others, root = self.peaks
        for peak in reversed(others):
            root = node_hash(peak, root)
        return root


def peak_places(size: int) -> list[tuple[int, int]]:
    """Return (level, position) of the whole subtrees of a tree, largest first."""
    places, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            places.append((level, start >> level))
            start += 1 << level
    return places


def inclusion_places(index: int, size: int) -> list[tuple[int, int]]:
    """Return (start, end) of the ranges whose roots prove a leaf, nearest first."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    ranges, start, end = [], 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((start, split))
            start = split
    return ranges[::-1]


def consistency_places(old: int, new: int) -> list[tuple[int, int]]:
    """Return the ranges whose roots prove that ``new`` only grew from ``old``."""
    if not 0 < old <= new:
        raise ValueError(f"no proof from {old} to {new}")
    ranges, start, end, whole = [], 0, new, True
    while end != old:
        split = start + _split(end - start)
        if old <= split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((start, split))
            start, whole = split, False
    if not whole:
        ranges.append((start, end))
    return ranges[::-1]


def _split(count: int) -> int:
    """Return the largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1


def range_root(start: int, end: int, source: Source) -> bytes:
    """Return the root of the leaves from ``start`` to before ``end``."""
    count = end - start
    if count & (count - 1) == 0:
        return _whole_root(count.bit_length() - 1, start, source)
    split = start + _split(count)
    return node_hash(range_root(start, split, source), range_root(split, end, source))


def _whole_root(level: int, start: int, source: Source) -> bytes:
    """Return the root of 2**level leaves from the remembered nodes below it."""
    base = level - level % FAN
    first = start >> base
    row = [source(base, first + n) for n in range(1 << level - base)]
    while len(row) > 1:
        row = [node_hash(*row[n : n + 2]) for n in range(0, len(row), 2)]
    return row[0]


def needed(ranges: Iterable[tuple[int, int]]) -> set[tuple[int, int, int]]:
    """Return (level, first, last) of the remembered nodes that ranges are made of."""
    wanted = set()
    for start, end in ranges:
        for level, position in _cover(start, end):
            base = level - level % FAN
            first = position << level - base
            wanted.add((base, first, first + (1 << level - base) - 1))
    return wanted


def _cover(start: int, end: int) -> list[tuple[int, int]]:
    """Return (level, position) of the whole subtrees that a range splits into."""
    places = []
    while start < end:
        count = end - start
        level = count.bit_length() - 1
        places.append((level, start >> level))
        start += 1 << level
    return places


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes
) -> bool:
    """Return whether the proof leads from the leaf to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if not last:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return not last and found == root


def verify_consistency(
    old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Return whether the new tree starts with the old one (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if not last:
            return False
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    return not last and before == old_root and after == new_root
