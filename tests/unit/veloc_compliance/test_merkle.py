"""The tree against its definition, the vectors of Certificate Transparency, chance."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules import merkle

# Leaves and roots of the test vectors that RFC 6962's implementations share.
VECTOR = [
    bytes.fromhex(data)
    for data in (
        "", "00", "10", "2021", "3031", "40414243",
        "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LARGEST = 1500  # beyond two levels of remembered nodes
LEAVES = [merkle.leaf_hash(str(n).encode()) for n in range(LARGEST)]
ALL_NODES = {(0, n): leaf for n, leaf in enumerate(LEAVES)}
ALL_NODES |= {
    (level, position): hash_
    for level, position, hash_ in merkle.Builder().extend(LEAVES)
}
sizes = st.integers(1, LARGEST)


def source(level, position):
    return ALL_NODES[level, position]


def by_definition(leaves):
    """MTH of RFC 9162, section 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(
        by_definition(leaves[:split]), by_definition(leaves[split:])
    )


def built(size):
    builder = merkle.Builder()
    builder.extend(LEAVES[:size])
    return builder


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_shared_vectors(size):
    builder = merkle.Builder()
    builder.extend(map(merkle.leaf_hash, VECTOR[:size]))
    assert builder.root().hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert merkle.Builder().root() == hashlib.sha256().digest() == merkle.EMPTY


@given(sizes)
def test_a_grown_tree_has_the_root_of_the_definition(size):
    assert built(size).root() == by_definition(LEAVES[:size])


@given(sizes, sizes)
def test_a_tree_goes_on_from_its_peaks(a, b):
    old, new = sorted((a, b))
    peaks = [
        merkle.range_root(p << level, (p + 1) << level, source)
        for level, p in merkle.peak_places(old)
    ]
    builder = merkle.Builder(old, peaks)
    builder.extend(LEAVES[old:new])
    assert builder.root() == by_definition(LEAVES[:new])


@given(sizes, st.data())
def test_every_leaf_can_be_proved(size, data):
    index = data.draw(st.integers(0, size - 1))
    ranges = merkle.inclusion_places(index, size)
    proof = [merkle.range_root(*place, source) for place in ranges]
    root = built(size).root()
    assert merkle.verify_inclusion(LEAVES[index], index, size, proof, root)
    assert not merkle.verify_inclusion(LEAVES[index], index, size, proof, b"x" * 32)
    other = LEAVES[(index + 1) % LARGEST]
    assert not merkle.verify_inclusion(other, index, size, proof, root)
    if proof:
        assert not merkle.verify_inclusion(LEAVES[index], index, size, proof[:-1], root)
    assert not merkle.verify_inclusion(LEAVES[index], index, size, [*proof, root], root)


@given(sizes, sizes)
def test_growth_can_be_proved_and_nothing_else(a, b):
    old, new = sorted((a, b))
    ranges = merkle.consistency_places(old, new)
    proof = [merkle.range_root(*place, source) for place in ranges]
    roots = built(old).root(), built(new).root()
    assert merkle.verify_consistency(old, new, proof, *roots)
    if old < new:
        assert not merkle.verify_consistency(old, new, proof, roots[1], roots[1])
        assert not merkle.verify_consistency(old, new, proof[:-1], *roots)
        assert not merkle.verify_consistency(old, new, [], *roots)


@settings(max_examples=40)
@given(sizes, st.data())
def test_a_proof_reads_only_what_it_said_it_needs(size, data):
    index = data.draw(st.integers(0, size - 1))
    ranges = merkle.inclusion_places(index, size)
    allowed = {
        (level, position): source(level, position)
        for level, first, last in merkle.needed(ranges)
        for position in range(first, last + 1)
    }
    for place in ranges:
        merkle.range_root(*place, lambda *key: allowed[key])
    assert len(allowed) <= 3 * merkle.WIDTH * 2


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_there_is_no_proof_of_a_leaf_outside(index, size):
    assert not merkle.verify_inclusion(LEAVES[0], index, size, [], LEAVES[0])
    with pytest.raises(ValueError, match="is not in a tree"):
        merkle.inclusion_places(index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 4), (5, 4)])
def test_there_is_no_proof_backwards(old, new):
    assert not merkle.verify_consistency(old, new, [b"x" * 32], b"", b"")
    with pytest.raises(ValueError, match="no proof"):
        merkle.consistency_places(old, new)
