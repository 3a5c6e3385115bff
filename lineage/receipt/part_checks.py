"""The parts of a receipt against each other, against the headers, and against the keys of people."""

from collections.abc import Iterator
from typing import Any

from lineage import decision, dsse
from lineage.canonical import digest
from lineage.keys import Trust, trusted
from lineage.receipt.form import WITH_HEADER, Receipt
from lineage.receipt.report import Findings
from lineage.rules import DECIDED, EFFECTS, LAPSES, REFUSED

# What an approval says that its signed statement says too.
_SAME = ("gate", "by", "role", "decision", "revision", "action", "target", "choice", "reason", "accepts",
         "expires_at")  # fmt: skip


class Parts:
    """The shown parts of a receipt with their paths, and the headers that they name."""

    def __init__(self, receipt: Receipt, findings: Findings) -> None:
        self.receipt, self.findings = receipt, findings

    def of(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Path and value of each shown part of that list."""
        for claim in self.receipt.token.claims:
            value: Any = claim.value
            if claim.shown and claim.path.startswith(f"{name}/"):
                yield claim.path, value

    def header(
        self, question: str, path: str, part: dict[str, Any], kinds: tuple[str, ...] | None
    ) -> dict[str, Any] | None:
        """The header that a part names, if it is shown and of one of the kinds (None: any); otherwise a finding."""
        seq = part.get("entry")
        entries = self.receipt.entries
        if type(seq) is not int or not 0 <= seq < len(entries):
            self.findings.add(question, path, f"names no entry of the case: {seq!r:.40}")
            return None
        header = entries[seq]
        if header is None:
            self.findings.add(question, path, f"its entry {seq} is sealed, and the part is shown")
        elif kinds is not None and header.get("kind") not in kinds:
            self.findings.add(question, path, f"its entry {seq} is of kind {header.get('kind')!r:.40}, not {kinds[0]}")
        elif header.get("run") != self.receipt.payload["run"]:
            self.findings.add(question, path, f"its entry {seq} is of another run")
        else:
            return header
        return None


def check_parts(receipt: Receipt, trust: Trust, findings: Findings) -> None:
    """All of them. The headers are known to be sound where no earlier check found anything."""
    parts = Parts(receipt, findings)
    _once(parts)
    _complete(parts)
    _check_approvals(parts, trust)
    _answered_anew(parts)
    _check_actions(parts)
    for path, part in parts.of("evidence"):
        header = parts.header("evidence", path, part, None)
        if header is not None and part.get("sha256") not in header["citations"]:
            findings.add("evidence", path, "its hash is not the one that was frozen")
    for path, part in parts.of("policies"):
        if part.get("version") != receipt.payload["policy_version"]:
            findings.add("policy", path, "of another version than the run's")


def _once(parts: Parts) -> None:
    """No two parts of one list rest on one entry: an approval counts once."""
    for name in WITH_HEADER:
        seen: dict[object, str] = {}
        for path, part in parts.of(name):
            entry = part.get("entry")
            if name == "actions" and part.get("what") != "release":
                continue
            if type(entry) is int and entry in seen:
                parts.findings.add(
                    "approved" if name == "approvals" else name, path, f"rests on the entry of {seen[entry]}"
                )
            seen[entry if type(entry) is int else path] = path


def _complete(parts: Parts) -> None:
    """Every decision and release of the run that the headers show is among the parts, unless some are sealed."""
    for name, question, kinds in (
        ("approvals", "approved", {DECIDED, REFUSED}),
        ("actions", "actions", EFFECTS),
    ):
        claims = [claim for claim in parts.receipt.token.claims if claim.path.startswith(f"{name}/")]
        if not all(claim.shown for claim in claims):
            continue
        told = {part.get("entry") for _, part in parts.of(name)}
        run = parts.receipt.payload["run"]
        for header in parts.receipt.entries:
            if header is not None and header["run"] == run and header["kind"] in kinds and header["seq"] not in told:
                parts.findings.add(
                    question, name, f"entry {header['seq']} is a {header['kind']} that is not among them"
                )


def _check_approvals(parts: Parts, trust: Trust) -> None:
    holders: dict[str, str] = {}
    for path, part in parts.of("approvals"):
        header = parts.header("approved", path, part, (DECIDED, REFUSED))
        try:
            envelope = dsse.read(part.get("envelope"))
            said = decision.predicate_of(envelope)
            subjects = dsse.subjects_of(envelope.statement)
        except dsse.EnvelopeError as error:
            parts.findings.add("approved", path, str(error))
            continue
        problems = _signature_problems(parts.receipt, part, envelope, said, trust)
        problems += _statement_problems(parts.receipt, part, said, subjects)
        if header is not None:
            problems += _entry_problems(parts.receipt, part, header, envelope.digest)
        if holders.setdefault(envelope.kid, said["by"]) != said["by"]:
            problems.append(f"{said['by']} and {holders[envelope.kid]} sign with one key")
        for problem in problems:
            parts.findings.add("approved", path, problem)


def _answered_anew(parts: Parts) -> None:
    """Who answers a gate again for the same content had an answer that lapsed before, also where sealed headers between
    the two keep the rules of the headers from telling."""
    before: dict[tuple[str, ...], list[tuple[str, dict[str, Any]]]] = {}
    numbered = [one for one in parts.of("approvals") if type(one[1].get("entry")) is int]
    for path, part in sorted(numbered, key=lambda one: int(one[1]["entry"])):
        header = parts.header("approved", path, part, (DECIDED, REFUSED))
        if header is None or header["kind"] != DECIDED:
            continue
        for gate in header["closes"]:
            earlier = before.setdefault((header["base_revision"] or "", gate, header["actor"]["id"]), [])
            for place, one in earlier:
                if not _had_lapsed(parts.receipt, one, header):
                    parts.findings.add("approved", path, f"answers {gate} again, and {place} had not lapsed")
            earlier.append((path, part))


def _signature_problems(
    receipt: Receipt, part: dict[str, Any], envelope: dsse.Envelope, said: dict[str, Any], trust: Trust
) -> list[str]:
    key, problem = trusted(trust, envelope.kid, "decision", said["signed_at"])
    if key is None or problem:
        return [problem or "untrusted"]
    if (key.tenant, key.owner) != (receipt.payload["tenant"], part.get("by")):
        return [f"key {envelope.kid}: belongs to {key.owner}, not to {part.get('by')}"]
    return [] if envelope.signed_by(key) else ["the signature is not that of the person's key"]


def _statement_problems(
    receipt: Receipt, part: dict[str, Any], said: dict[str, Any], subjects: dict[str, str]
) -> list[str]:
    payload = receipt.payload
    differs = [name for name in _SAME if part.get(name) != said[name]]
    differs += [name for name in ("tenant", "case", "run", "policy_version") if payload[name] != said[name]]
    if part.get("at") != said["decided_at"]:
        differs.append("at")
    if part.get("artifact_sha256") != subjects.get(decision.ARTIFACT):
        differs.append("artifact_sha256")
    return [f"not what the person signed: {name}" for name in differs]


def _entry_problems(receipt: Receipt, part: dict[str, Any], header: dict[str, Any], envelope: str) -> list[str]:
    problems = []
    if header["envelope"] != envelope:
        problems.append("its envelope is not the one of its entry")
    if header["actor"]["id"] != part.get("by") or header["base_revision"] != part.get("artifact_sha256"):
        problems.append("person or content are not those of its entry")
    states = _states(receipt, part, header, envelope)
    if part.get("state") not in states:
        problems.append(f"state {part.get('state')!r:.40}, and the entries say {' or '.join(sorted(states))}")
    return problems


def _states(receipt: Receipt, part: dict[str, Any], header: dict[str, Any], envelope: str) -> set[str]:
    """The states that the headers allow. A copy shows the header that says of a shown approval that it lapsed."""
    if header["kind"] == REFUSED:
        return {"refused"}
    if part.get("decision") == "reject":
        return {"rejected"}
    later = receipt.entries[header["seq"] + 1 :]
    lapsed = {LAPSES[one["kind"]] for one in later if one and one["kind"] in LAPSES and one["envelope"] == envelope}
    return lapsed or {"valid"}


def _check_actions(parts: Parts) -> None:
    approvals = {part.get("entry"): part for _, part in parts.of("approvals")}
    gates = {part.get("gate"): part for _, part in parts.of("policies") if "gate" in part}
    asked_by = next((c.value for c in parts.receipt.token.claims if c.path == "intent/requested_by" and c.shown), None)
    for path, part in parts.of("actions"):
        if part.get("what") != "release":
            for problem in _effect_problems(parts.receipt, part, approvals):
                parts.findings.add("actions", path, problem)
            continue
        header = parts.header("actions", path, part, tuple(EFFECTS))
        if header is None:
            continue
        named = part.get("approvals")
        named = named if type(named) is list else []
        if header["base_revision"] != part.get("artifact_sha256"):
            parts.findings.add("actions", path, "its content is not that of its entry")
        if not named and not part.get("under"):
            parts.findings.add("actions", path, "rests on no approval and names no standing approval")
        mine = [approvals[seq] for seq in named if type(seq) is int and seq in approvals]
        problems = [p for seq in named for p in _earlier_problems(parts.receipt, seq, header)]
        problems += _release_problems(part, header, mine, complete=len(mine) == len(named))
        problems += [
            f"rests on an approval of {one.get('by')} that had lapsed"
            for one in mine
            if _had_lapsed(parts.receipt, one, header)
        ]
        problems += _duty_problems(mine, gates, asked_by, complete=len(mine) == len(named))
        for problem in problems:
            parts.findings.add("actions", path, problem)


def _effect_problems(receipt: Receipt, part: dict[str, Any], approvals: dict[Any, dict[str, Any]]) -> list[str]:
    """What an effect says that it rests on are approvals that counted."""
    named = part.get("rests_on")
    problems = [] if type(named) is list else ["does not say which decisions it rests on"]
    for seq in named if type(named) is list else []:
        if type(seq) is not int or not 0 <= seq < len(receipt.entries):
            problems.append(f"rests on entry {seq!r:.40}, which there is not")
            continue
        header, approval = receipt.entries[seq], approvals.get(seq)
        if header is not None and header["kind"] != DECIDED:
            problems.append(f"rests on entry {seq}, which is no decision")
        if approval is not None and approval.get("decision") != "approve":
            problems.append(f"rests on entry {seq}, in which {approval.get('by')} did not approve")
    return problems


def _earlier_problems(receipt: Receipt, seq: Any, header: dict[str, Any]) -> list[str]:
    if type(seq) is not int or not 0 <= seq < header["seq"]:
        return [f"rests on entry {seq!r:.40}, which is not before it"]
    approval = receipt.entries[seq]
    if approval is not None and approval["kind"] != DECIDED:
        return [f"rests on entry {seq}, which is no decision"]
    return []


def _release_problems(
    part: dict[str, Any], header: dict[str, Any], approvals: list[dict[str, Any]], *, complete: bool
) -> list[str]:
    problems = []
    for one in approvals:
        if one.get("decision") != "approve" or one.get("state") not in ("valid", *LAPSES.values()):
            problems.append(f"rests on a decision of {one.get('by')} that is {one.get('state')}")
        until = one.get("expires_at")
        if type(until) is str and header["at"] >= until:
            problems.append(f"happened at {header['at']}, after the approval of {one.get('by')} had expired ({until})")
    same = [one for one in approvals if one.get("artifact_sha256") == part.get("artifact_sha256")]
    if complete and approvals and not same:
        problems.append("none of its approvals is of the content that was released")
    return problems


def _had_lapsed(receipt: Receipt, approval: dict[str, Any], header: dict[str, Any]) -> bool:
    """Whether an entry before that header says that the approval is over."""
    envelope = digest(approval.get("envelope"))
    earlier = receipt.entries[: header["seq"]]
    return any(one["envelope"] == envelope for one in earlier if one and one["kind"] in LAPSES)


def _duty_problems(
    approvals: list[dict[str, Any]], gates: dict[Any, dict[str, Any]], asked_by: object, *, complete: bool
) -> list[str]:
    """Separation of duties, where policy and approvals are shown; a quorum where all approvals are (R11)."""
    problems = []
    for name in sorted({str(one.get("gate")) for one in approvals} & {str(gate) for gate in gates}):
        mine = [one for one in approvals if one.get("gate") == name]
        people = {str(one.get("by")) for one in mine}
        problems += [
            f"{one.get('by')} approved {name} without its role" for one in mine if not _has_role(one, gates[name])
        ]
        quorum = gates[name].get("quorum")
        if complete and type(quorum) is int and len(people) < quorum:
            problems.append(f"{name} needs {quorum} people, and {len(people)} approved")
        if "requester" in (gates[name].get("not_by") or []) and asked_by in people:
            problems.append(f"{name} was approved by {asked_by}, who asked for it")
    return problems


def _has_role(approval: dict[str, Any], gate: dict[str, Any]) -> bool:
    roles = gate.get("roles")
    return type(roles) is not list or any(role in roles for role in str(approval.get("role")).split(", "))
