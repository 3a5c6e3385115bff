"""The Merkle tree of RFC 6962 §2.1, over SHA-256. Hashes are 32 raw bytes."""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()

_HASH_BYTES = 32


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf. Its prefix differs from a node's, so that no node can pass for a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree, kept as the roots of its perfect subtrees (largest first): O(log n) in size.

    `Frontier(size, peaks)` restores one from `size` and `peaks`; raises ValueError where they disagree.
    """

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, peaks: Sequence[str] = ()) -> None:
        self._peaks = [bytes.fromhex(peak) for peak in peaks]
        self._size = size
        if size < 0 or len(peaks) != size.bit_count() or any(len(p) != _HASH_BYTES for p in self._peaks):
            raise ValueError(f"expected {size.bit_count()} peaks of 32 bytes for a tree of {size} leaves")

    @property
    def size(self) -> int:
        return self._size

    @property
    def peaks(self) -> list[str]:
        return [peak.hex() for peak in self._peaks]

    def append(self, leaf: bytes) -> None:
        """Adds one leaf hash."""
        node, rest = leaf, self._size
        while rest & 1:
            node = node_hash(self._peaks.pop(), node)
            rest >>= 1
        self._peaks.append(node)
        self._size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        node = self._peaks[-1]
        for peak in self._peaks[-2::-1]:
            node = node_hash(peak, node)
        return node


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    frontier = Frontier()
    for leaf in leaf_hashes:
        frontier.append(leaf)
    return frontier.root()


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf `index`, from the leaf upwards (RFC 6962 §2.1.1). Raises IndexError."""
    if not 0 <= index < len(leaf_hashes):
        raise IndexError(f"leaf {index} is not in a tree of {len(leaf_hashes)} leaves")
    proof: list[bytes] = []
    low, high = 0, len(leaf_hashes)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(root(leaf_hashes[middle:high]))
            high = middle
        else:
            proof.append(root(leaf_hashes[low:middle]))
            low = middle
    return proof[::-1]


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """Shows that the first `old_size` leaves are a prefix of the tree (RFC 6962 §2.1.2).

    Raises ValueError unless 0 < old_size <= number of leaves: the empty tree proves nothing.
    """
    if not 0 < old_size <= len(leaf_hashes):
        raise ValueError(f"expected an old size from 1 to {len(leaf_hashes)}, found {old_size}")
    proof: list[bytes] = []
    low, high = 0, len(leaf_hashes)
    while high != old_size:
        middle = low + _split(high - low)
        if old_size <= middle:
            proof.append(root(leaf_hashes[middle:high]))
            high = middle
        else:
            proof.append(root(leaf_hashes[low:middle]))
            low = middle
    # The old tree itself is known to the verifier; a right part of it is not.
    if low:
        proof.append(root(leaf_hashes[low:high]))
    return proof[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether `proof` puts the leaf hash at `index` into the tree of `size` leaves (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(leaf, expected_root, *proof):
        return False
    place, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and node == expected_root


def verify_consistency(old_size: int, size: int, old_root: bytes, expected_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows the old tree to be a prefix of the new one (RFC 9162 §2.1.4.2).

    False for an old size of 0: every tree begins with the empty one, so it shows nothing.
    """
    if old_size == size:
        return size > 0 and not proof and old_root == expected_root
    if not 0 < old_size < size or not _are_hashes(old_root, expected_root, *proof):
        return False
    # A perfect old tree is a node of the new one, and the proof leaves it out.
    path = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    if not path:
        return False
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_node = node = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_node, node = node_hash(sibling, old_node), node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old_node == old_root and node == expected_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == _HASH_BYTES for value in values)
