"""Proofs hold for every position and size, and for nothing else (RFC 6962, RFC 9162)."""

import hashlib
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lme_operator.domain.audit import merkle

LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(70)]


def tree(start: int, end: int) -> bytes:
    """MTH by its recursive definition."""
    if end - start == 0:
        return hashlib.sha256(b"").digest()
    if end - start == 1:
        return LEAVES[start]
    k = 1
    while k * 2 < end - start:
        k *= 2
    return hashlib.sha256(b"\x01" + tree(start, start + k) + tree(start + k, end)).digest()


EDGES: list[merkle.Edge] = [()]
for _position, _leaf in enumerate(LEAVES):
    EDGES.append(merkle.extend(EDGES[-1], _position, _leaf))


def test_edge_gives_the_root_of_every_size() -> None:
    for size in range(71):
        assert merkle.root_of(EDGES[size]) == tree(0, size)


def test_reversed_edge_is_the_proof_of_the_leaf_just_added() -> None:
    for size in range(1, 71):
        proof = merkle.last_leaf_proof(EDGES[size - 1])
        assert proof == merkle.prove(merkle.inclusion_ranges(size - 1, size), tree)


def test_perfect_subtree_from_the_row_that_ends_it() -> None:
    for depth in range(7):
        width = 1 << depth
        for end in range(width, 71, width):
            assert merkle.subtree_from_last(LEAVES[end - 1], EDGES[end - 1], width) == tree(end - width, end)


def test_inclusion_of_every_leaf_in_every_size() -> None:
    for size in range(1, 40):
        for index in range(size):
            proof = merkle.prove(merkle.inclusion_ranges(index, size), tree)
            led_to = partial(merkle.root_from_inclusion, leaf=LEAVES[index], size=size)
            assert led_to(index=index, proof=proof) == tree(0, size)
            assert led_to(index=index, proof=(*proof, LEAVES[0])) is None
            if index + 1 < size:
                assert led_to(index=index + 1, proof=proof) != tree(0, size)


def test_consistency_of_every_pair_of_sizes() -> None:
    for new in range(40):
        for old in range(new + 1):
            proof = merkle.prove(merkle.consistency_ranges(old, new), tree)
            holds = partial(merkle.is_consistent, old=old, new=new)
            assert holds(old_root=tree(0, old), new_root=tree(0, new), proof=proof)
            assert not holds(old_root=bytes(32), new_root=tree(0, new), proof=proof)
            assert not holds(old_root=tree(0, old), new_root=tree(0, new), proof=(*proof, bytes(32)))
            if old:
                assert not holds(old_root=tree(0, old), new_root=bytes(32), proof=proof)


@given(st.integers(0, 69), st.integers(1, 70), st.integers(0, 6), st.integers(0, 255))
def test_a_proof_with_one_changed_bit_leads_elsewhere(index: int, size: int, step: int, bit: int) -> None:
    if index >= size:
        with pytest.raises(ValueError, match="outside"):
            merkle.inclusion_ranges(index, size)
        return
    proof = list(merkle.prove(merkle.inclusion_ranges(index, size), tree))
    if step >= len(proof):
        return
    proof[step] = (int.from_bytes(proof[step], "big") ^ 1 << bit).to_bytes(32, "big")
    root = merkle.root_from_inclusion(leaf=LEAVES[index], index=index, size=size, proof=proof)
    assert root != tree(0, size)


def test_impossible_positions_and_sizes() -> None:
    assert merkle.root_from_inclusion(leaf=LEAVES[0], index=1, size=1, proof=()) is None
    assert merkle.root_from_inclusion(leaf=LEAVES[0], index=-1, size=1, proof=()) is None
    assert not merkle.is_consistent(old=3, old_root=tree(0, 3), new=2, new_root=tree(0, 2), proof=())
    assert not merkle.is_consistent(old=3, old_root=tree(0, 3), new=5, new_root=tree(0, 5), proof=())
    with pytest.raises(ValueError, match="order"):
        merkle.consistency_ranges(3, 2)
