"""The chain beside a receipt, recomputed from its headers: count, order, root, end, rules, the service log."""

from typing import Any

from lineage import merkle
from lineage.encoding import from_base64url
from lineage.entry import GENESIS
from lineage.header import fault, is_count
from lineage.keys import Trust, instant_of, trusted
from lineage.log import note, sealed
from lineage.receipt.form import Receipt
from lineage.receipt.report import Findings
from lineage.rules import broken, open_items

HERE = "integrity"


def check_chain(receipt: Receipt, findings: Findings) -> None:
    """Everything about the entries that the headers and leaves can show."""
    integrity = receipt.payload["integrity"]
    if not is_count(integrity["entries"]) or integrity["entries"] != len(receipt.entries):
        findings.add(HERE, "entries", f"{len(receipt.entries)} here, {integrity['entries']} were sealed")
    if merkle.root(receipt.leaves).hex() != integrity["root"]:
        findings.add(HERE, "entries", "their tree does not have the root that was sealed")
    sound = True
    for seq, header in enumerate(receipt.entries):
        for problem in [] if header is None else _header_problems(receipt, seq, header):
            findings.add(HERE, f"entries/{seq}", problem)
            sound = False
    if receipt.hashes and receipt.hashes[-1] not in (None, integrity["head"]):
        findings.add(HERE, "entries", "the last one is not the head that was sealed")
    if sound:
        for one in broken(receipt.entries):
            findings.add(HERE, f"entries/{one.seq}", one.problem)
        _check_open(receipt, findings)


def _header_problems(receipt: Receipt, seq: int, header: dict[str, Any]) -> list[str]:
    problem = fault(header)
    if problem:
        return [problem]
    problems = []
    if header["seq"] != seq:
        problems.append(f"seq: {header['seq']} stands in place {seq}")
    if (header["tenant"], header["case"]) != (receipt.payload["tenant"], receipt.payload["case"]):
        problems.append("tenant, case: of another chain")
    before = GENESIS if seq == 0 else receipt.hashes[seq - 1]
    if before is not None and header["prev"] != before:
        problems.append("prev: does not name the entry before it")
    return problems


def _check_open(receipt: Receipt, findings: Findings) -> None:
    """What is open, recomputed, against what is said to be open: possible where all headers are shown."""
    headers = [header for header in receipt.entries if header is not None]
    claims = [claim for claim in receipt.token.claims if claim.path.startswith("open_items/")]
    if len(headers) != len(receipt.entries) or not all(claim.shown for claim in claims):
        return
    values: list[Any] = [claim.value for claim in claims]
    said: set[str] = {value["id"] for value in values if type(value.get("id")) is str}
    standing = open_items(headers, receipt.payload["run"])
    for item in sorted(standing - said):
        findings.add("open", "open_items", f"{item} was opened and not closed, and is not among them")
    for item in sorted(said - standing):
        findings.add("open", "open_items", f"{item} is among them, and the entries say that it is not open")


def check_log(receipt: Receipt, trust: Trust, findings: Findings) -> str | None:
    """The proof that the service log has this seal. A line that says so, or None where the receipt has none."""
    integrity = receipt.payload["integrity"]
    log = integrity["log"]
    if log is None:
        return None
    if type(log) is not dict or log.keys() != {"kid", "index", "checkpoint", "proof"}:
        findings.add(HERE, "integrity/log", "expected kid, index, checkpoint and proof")
        return None
    try:
        checkpoint = note.read(log["checkpoint"])
        proof = [from_base64url(one) for one in log["proof"]]
        key, problem = trusted(trust, log["kid"], "log", instant_of(receipt.payload["iat"]))
        signed = key is not None and note.signed_by(log["checkpoint"], key)
        leaf = sealed.leaf(receipt.payload["tenant"], receipt.payload["case"], integrity["entries"],
                           integrity["root"], integrity["sealed_at"])  # fmt: skip
        included = merkle.verify_inclusion(log["index"], checkpoint.size, leaf, proof, checkpoint.root)
    except (ValueError, TypeError, AttributeError) as error:
        findings.add(HERE, "integrity/log", f"cannot be read: {error}")
        return None
    if problem:
        findings.add(HERE, "integrity/log", problem)
    elif not signed:
        findings.add(HERE, "integrity/log", "the checkpoint is not signed by its key")
    if not included:
        findings.add(HERE, "integrity/log", "the proof does not put this seal into the checkpoint's tree")
    return f"seal {log['index']} of {checkpoint.size} in the service log {checkpoint.origin}"
