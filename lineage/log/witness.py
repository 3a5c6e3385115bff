"""An outside witness: follows the service log from checkpoint to checkpoint and checks the headers of what was sealed.

The export is JSON lines: first the checkpoint with its consistency proof, then each new seal with the headers of its
case. The witness keeps the peaks of the tree that it has seen, so it computes the new root itself, and for each case
its last size and root, so a case that was forked, cut or rewritten after a seal shows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lineage import merkle
from lineage.canonical import CanonicalError, Json, canonical, digest_bytes, parse_canonical
from lineage.encoding import from_base64url, to_base64url
from lineage.entry import GENESIS
from lineage.entry import leaf as entry_leaf
from lineage.header import fault, is_count
from lineage.keys import Trust, instant_of, trusted
from lineage.log import note, sealed
from lineage.rules import broken


class WitnessError(ValueError):
    """An export or state of another form. The message says what was expected."""


@dataclass(slots=True)
class Seen:
    """What a witness knows: the log's origin and tree, and each case's last seal (size and root, by tenant/case)."""

    origin: str = ""
    tree: merkle.Frontier = field(default_factory=merkle.Frontier)
    cases: dict[str, tuple[int, str]] = field(default_factory=dict)

    def write(self) -> bytes:
        """The state as a file."""
        cases: dict[str, Json] = {name: [size, root] for name, (size, root) in self.cases.items()}
        peaks: list[Json] = list(self.tree.peaks)
        return canonical({"cases": cases, "origin": self.origin, "peaks": peaks, "size": self.tree.size}) + b"\n"

    @staticmethod
    def read(data: bytes) -> "Seen":
        """Raises WitnessError for what `write` did not write."""
        try:
            value: Any = parse_canonical(data.removesuffix(b"\n"))
            cases = {name: (size, root) for name, (size, root) in value["cases"].items()}
            return Seen(value["origin"], merkle.Frontier(value["size"], value["peaks"]), cases)
        except (CanonicalError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise WitnessError(f"expected the state that a witness wrote: {error}") from None


def export_lines(
    since: int, kid: str, checkpoint: str, proof: Iterable[bytes], seals: Iterable[tuple[dict[str, Json], list[bytes]]]
) -> Iterator[bytes]:
    """The lines of an export: `seals` are tenant, case, size, root and at of each, with the headers of its case."""
    consistency: list[Json] = [to_base64url(one) for one in proof]
    yield canonical({"checkpoint": checkpoint, "consistency": consistency, "kid": kid, "since": since}) + b"\n"
    for seal, headers in seals:
        yield canonical({**seal, "headers": [parse_canonical(header) for header in headers]}) + b"\n"


def follow(lines: Iterable[bytes], seen: Seen, trust: Trust, now: int) -> tuple[list[str], Seen]:
    """Check an export against what was seen; the findings, and what is seen now. `now` is in seconds since 1970.

    Raises WitnessError where it is no export, or begins at another place than where the witness stands.
    """
    rows = iter(lines)
    first = _line(next(rows, b""), {"checkpoint", "consistency", "kid", "since"})
    if first["since"] != seen.tree.size:
        raise WitnessError(f"expected an export since {seen.tree.size}, where this witness stands")
    try:
        checkpoint = note.read(str(first["checkpoint"]))
        proof = [from_base64url(one) for one in first["consistency"]]
    except (ValueError, TypeError) as error:
        raise WitnessError(str(error)) from None
    findings = _signature_findings(first, checkpoint, trust, now)
    if seen.origin not in ("", checkpoint.origin):
        findings.append(f"the checkpoint is of another log: {checkpoint.origin}, not {seen.origin}")
    old_size, old_root = seen.tree.size, seen.tree.root()
    if old_size and not merkle.verify_consistency(old_size, checkpoint.size, old_root, checkpoint.root, proof):
        findings.append(f"the checkpoint does not continue the log of {old_size} seals that was seen")
    after = Seen(checkpoint.origin, merkle.Frontier(old_size, seen.tree.peaks), dict(seen.cases))
    for row in rows:
        findings += _seal_findings(_line(row, {"tenant", "case", "size", "root", "at", "headers"}), after)
    if (after.tree.size, after.tree.root()) != (checkpoint.size, checkpoint.root):
        findings.append(f"the seals here give another tree than the checkpoint of {checkpoint.size}")
    return findings, after


def _signature_findings(first: dict[str, Any], checkpoint: note.Checkpoint, trust: Trust, now: int) -> list[str]:
    key, problem = trusted(trust, str(first["kid"]), "log", instant_of(now))
    if key is None or problem:
        return [f"checkpoint: {problem}"]
    if checkpoint.origin.partition("/")[0] != key.owner:
        return [f"checkpoint: its key belongs to {key.owner}, and the log is {checkpoint.origin}"]
    return [] if note.signed_by(first["checkpoint"], key) else ["checkpoint: not signed by its key"]


def _seal_findings(seal: dict[str, Any], after: Seen) -> list[str]:
    """Take one seal in: its leaf into the tree, its case against the last seal of the case and the rules."""
    name, place = f"{seal['tenant']}/{seal['case']}", after.tree.size
    headers = seal["headers"]
    if not is_count(seal["size"]) or type(headers) is not list or not all(type(seal[k]) is str for k in ("root", "at")):
        raise WitnessError(f"seal {place}: expected size, root, at and headers")
    after.tree.append(sealed.leaf(str(seal["tenant"]), str(seal["case"]), seal["size"], seal["root"], seal["at"]))
    found = _chain_problems(seal, headers)
    if not found:
        found = [f"entry {one.seq}: {one.problem}" for one in broken(headers)]
        leaves = [entry_leaf(digest_bytes(canonical(header))) for header in headers]
        size, root = after.cases.get(name, (0, merkle.EMPTY_ROOT.hex()))
        if len(headers) < size or merkle.root(leaves[:size]).hex() != root:
            found.append(f"does not continue the {size} entries that were sealed before: rewritten or forked")
        if merkle.root(leaves).hex() != seal["root"]:
            found.append("its entries do not have the root that was sealed")
    after.cases[name] = (seal["size"], seal["root"])
    return [f"seal {place}, case {name}: {one}" for one in found]


def _chain_problems(seal: dict[str, Any], headers: list[Any]) -> list[str]:
    if len(headers) != seal["size"]:
        return [f"{len(headers)} entries are here, {seal['size']} were sealed"]
    before = GENESIS
    for seq, header in enumerate(headers):
        problem = fault(header)
        if problem:
            return [f"entry {seq}: {problem}"]
        if header["seq"] != seq or header["prev"] != before:
            return [f"entry {seq}: does not follow the entry before it"]
        if (header["tenant"], header["case"]) != (seal["tenant"], seal["case"]):
            return [f"entry {seq}: of another case"]
        before = digest_bytes(canonical(header))
    return []


def _line(data: bytes, members: set[str]) -> dict[str, Any]:
    try:
        value: Any = parse_canonical(data.removesuffix(b"\n"))
    except CanonicalError as error:
        raise WitnessError(f"expected an export of the log: {error}") from None
    if type(value) is not dict or value.keys() != members:
        raise WitnessError(f"expected an export of the log, a line with {', '.join(sorted(members))}")
    return value
