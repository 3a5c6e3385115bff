import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage import merkle

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "rfc6962"
needs_vectors = pytest.mark.skipif(not VECTORS.is_dir(), reason=f"no published vectors in {VECTORS}")

LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(70)]
sizes = st.integers(1, len(LEAVES))


def vectors(kind: str) -> list[str]:
    return sorted(str(path.relative_to(VECTORS)) for path in (VECTORS / kind).rglob("*.json"))


def raw(text: str) -> bytes:
    return base64.b64decode(text)


@needs_vectors
@pytest.mark.parametrize("name", vectors("inclusion"))
def test_published_inclusion_vector(name):
    case = json.loads((VECTORS / name).read_bytes())
    proof = [raw(node) for node in case["proof"] or []]
    accepted = merkle.verify_inclusion(
        case["leafIdx"], case["treeSize"], raw(case["leafHash"]), proof, raw(case["root"])
    )
    assert accepted is not case["wantErr"]


@needs_vectors
@pytest.mark.parametrize("name", vectors("consistency"))
def test_published_consistency_vector(name):
    case = json.loads((VECTORS / name).read_bytes())
    proof = [raw(node) for node in case["proof"] or []]
    accepted = merkle.verify_consistency(case["size1"], case["size2"], raw(case["root1"]), raw(case["root2"]), proof)
    assert accepted is not case["wantErr"]


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 §2.1 writes it, over leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else merkle.EMPTY_ROOT
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(tree_hash(leaves[:split]), tree_hash(leaves[split:]))


@pytest.mark.parametrize("size", range(len(LEAVES) + 1))
def test_frontier_has_the_root_of_the_definition_at_each_size(size):
    assert merkle.root(LEAVES[:size]) == tree_hash(LEAVES[:size])


def test_leaf_and_node_are_kept_apart():
    left, right = LEAVES[:2]
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


@given(sizes, st.data())
def test_frontier_goes_on_after_it_was_stored(size, data):
    cut = data.draw(st.integers(0, size))
    before = merkle.Frontier()
    for leaf in LEAVES[:cut]:
        before.append(leaf)
    after = merkle.Frontier(before.size, json.loads(json.dumps(before.peaks)))
    for leaf in LEAVES[cut:size]:
        after.append(leaf)
    assert (after.size, after.root()) == (size, tree_hash(LEAVES[:size]))


@pytest.mark.parametrize(
    ("size", "peaks"),
    [(1, []), (0, ["00" * 32]), (2, ["00" * 32] * 2), (1, ["00"]), (1, ["zz" * 32]), (-1, [])],
)
def test_frontier_refuses_peaks_that_do_not_fit(size, peaks):
    with pytest.raises(ValueError):
        merkle.Frontier(size, peaks)


@given(sizes, st.data())
def test_inclusion_holds_for_its_leaf_and_place_only(size, data):
    leaves, index = LEAVES[:size], data.draw(st.integers(0, size - 1))
    proof, root = merkle.inclusion_proof(leaves, index), merkle.root(leaves)
    assert merkle.verify_inclusion(index, size, leaves[index], proof, root)
    other = data.draw(st.integers(-1, size + 1).filter(lambda place: place != index))
    assert not merkle.verify_inclusion(other, size, leaves[index], proof, root)
    assert not merkle.verify_inclusion(index, size, merkle.leaf_hash(b"other"), proof, root)
    assert not merkle.verify_inclusion(index, size, leaves[index], [*proof, root], root)
    assert not merkle.verify_inclusion(index, size, leaves[index], proof[:-1], root) or not proof


@given(sizes, st.data())
def test_consistency_holds_for_a_prefix_only(size, data):
    old_size = data.draw(st.integers(1, size))
    old, new = merkle.root(LEAVES[:old_size]), merkle.root(LEAVES[:size])
    proof = merkle.consistency_proof(LEAVES[:size], old_size)
    assert merkle.verify_consistency(old_size, size, old, new, proof)
    rewritten = merkle.root([merkle.leaf_hash(b"other"), *LEAVES[1:old_size]])
    assert not merkle.verify_consistency(old_size, size, rewritten, new, proof)
    assert not merkle.verify_consistency(old_size, size, old, rewritten, proof)
    assert not merkle.verify_consistency(old_size, size, old, new, [*proof, new])


def test_proofs_of_what_is_not_there_are_refused():
    with pytest.raises(IndexError):
        merkle.inclusion_proof(LEAVES[:3], 3)
    for old_size in (0, 4):
        with pytest.raises(ValueError):
            merkle.consistency_proof(LEAVES[:3], old_size)
