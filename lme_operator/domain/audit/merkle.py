"""RFC 6962 Merkle tree: hashes, the right edge, and the two proofs.

The *edge* of a tree of n leaves is the list of roots of its perfect subtrees, largest first, one for each bit set
in n. It is all that a writer needs to add a leaf, and all that a reader needs to compute the root.

Subtrees are named by half-open ranges of indices. Proofs are given as lists of ranges, so that whoever holds the
leaves (or the stored edges) can fetch what they name in one query.
"""

import hashlib
from collections.abc import Callable, Sequence

Edge = tuple[bytes, ...]
"""Roots of the perfect subtrees, largest first."""

Range = tuple[int, int]
"""Indices [start, end)."""

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 ‖ leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def extend(edge: Edge, size: int, leaf: bytes) -> Edge:
    """Return the edge of `size` + 1 leaves, given that of `size` and the new leaf's hash."""
    carried = leaf
    kept = len(edge)
    while size & 1:
        kept -= 1
        carried = node_hash(edge[kept], carried)
        size >>= 1
    return (*edge[:kept], carried)


def root_of(edge: Edge) -> bytes:
    """Return the root of the tree with this edge."""
    if not edge:
        return EMPTY_ROOT
    root = edge[-1]
    for hash_ in reversed(edge[:-1]):
        root = node_hash(hash_, root)
    return root


def last_leaf_proof(edge_before: Edge) -> tuple[bytes, ...]:
    """Return the inclusion proof of the last leaf of a tree, given the edge before it was added."""
    return tuple(reversed(edge_before))


def perfect_subtrees(start: int, end: int) -> list[Range]:
    """Split the subtree [start, end) of a tree into perfect subtrees, largest first."""
    parts: list[Range] = []
    while start < end:
        width = 1 << (end - start).bit_length() - 1
        parts.append((start, start + width))
        start += width
    return parts


def subtree_from_last(leaf: bytes, edge_before: Edge, width: int) -> bytes:
    """Return the root of the perfect subtree of `width` leaves that ends with this leaf (its hash, the edge before)."""
    root = leaf
    for depth in range(1, width.bit_length()):
        root = node_hash(edge_before[-depth], root)
    return root


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Name the subtrees whose roots prove leaf `index` in a tree of `size`, deepest first (RFC 6962 §2.1.1)."""
    if not 0 <= index < size:
        raise ValueError("index outside the tree")
    path: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Name the subtrees whose roots prove that `new` leaves begin with `old` leaves (RFC 6962 §2.1.2)."""
    if not 0 <= old <= new:
        raise ValueError("sizes out of order")
    if old in (0, new):
        return []
    path: list[Range] = []
    start, end, whole = 0, new, True
    while start + (remaining := old - start) < end:
        middle = start + _split(end - start)
        if remaining <= middle - start:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start, whole = middle, False
    if not whole:
        path.append((start, end))
    return path[::-1]


def prove(ranges: Sequence[Range], subtree_root: Callable[[int, int], bytes]) -> tuple[bytes, ...]:
    """Turn named ranges into hashes; `subtree_root(start, end)` answers for perfect subtrees."""
    return tuple(root_of(tuple(subtree_root(*part) for part in perfect_subtrees(*range_))) for range_ in ranges)


def root_from_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that `proof` leads to from the leaf's hash, or None if it has not the right length."""
    if not 0 <= index < size:
        return None
    ranges = inclusion_ranges(index, size)
    if len(ranges) != len(proof):
        return None
    root = leaf
    for (start, _), sibling in zip(ranges, proof, strict=True):
        root = node_hash(root, sibling) if start > index else node_hash(sibling, root)
    return root


def is_consistent(*, old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `new` leaves begins with that of `old` (RFC 9162 §2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    if not 0 < old < new:
        return False
    hashes = [old_root, *proof] if old & old - 1 == 0 else list(proof)
    return bool(hashes) and _rebuild(old - 1, new - 1, hashes) == (old_root, new_root)


def _rebuild(node: int, last: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Climb from the last leaf of the old tree to both roots; None if the proof has not the right length."""
    while node & 1:
        node, last = node >> 1, last >> 1
    old_root = new_root = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old_root, new_root = node_hash(sibling, old_root), node_hash(sibling, new_root)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new_root = node_hash(new_root, sibling)
        node, last = node >> 1, last >> 1
    return (old_root, new_root) if last == 0 else None


def _split(width: int) -> int:
    """Return the largest power of two smaller than `width`."""
    return 1 << (width - 1).bit_length() - 1
