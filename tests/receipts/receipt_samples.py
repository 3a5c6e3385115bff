"""A receipt made from nothing but `lineage/`: a case of 40 entries with two approvals and one release.

`build` takes what a test wants to be wrong about it; without, the receipt is sound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from lineage import merkle
from lineage.canonical import Json, digest
from lineage.decision import Signed, envelop
from lineage.encoding import to_base64url
from lineage.entry import GENESIS, Actor, Entry, EntryDraft, leaf, seal
from lineage.keys import KeySet, PrivateKey, PublicKey, Purpose, Signer, public_bytes
from lineage.log import note, sealed
from lineage.receipt.issue import Facts, Seal, issue
from lineage.rules import gate_item

TENANT, RUN, ISSUER = "tn-quill", "run_0001", "casegate-0123456789abcdef"
AT = "2026-05-04T10:00:00Z"
ISSUED = 1_790_000_000  # 2026-09-21T13:33:20Z
SIGNED_AT = "2026-09-21T13:30:00Z"
CONTENT = "sha256:" + hashlib.sha256(b"the content").hexdigest()
GATE = "exception_release"
ENTRIES = 40


def key(name: str) -> PrivateKey:
    """A key that is always the same."""
    return PrivateKey.of(hashlib.sha256(name.encode()).digest())


def public(name: str, purpose: Purpose, owner: str, **changes: Any) -> PublicKey:
    """Its public half, valid through 2026."""
    tenant = TENANT if purpose == "decision" else None
    raw = public_bytes(key(name).seed)
    made = PublicKey(raw, purpose, tenant, owner, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    return replace(made, **changes)


TRUST = KeySet(
    [
        public("receipt", "receipt", ISSUER),
        public("log", "log", ISSUER),
        public("u-duty", "decision", "u-duty"),
        public("u-second", "decision", "u-second"),
    ]
)


@dataclass(slots=True)
class Case:
    """What goes into a receipt, to be changed before it is issued."""

    name: str
    entries: list[Entry] = field(default_factory=list)
    objects: dict[str, dict[str, Json]] = field(default_factory=dict)
    lists: dict[str, list[Any]] = field(default_factory=dict)
    approvals: list[int] = field(default_factory=list)

    def add(self, kind: str, **given: Any) -> int:
        """The next entry; its number."""
        given = {"actor": Actor("system", "casegate"), "content": {"note": f"{kind} {len(self.entries)}"}, **given}
        draft = EntryDraft(tenant=TENANT, case=self.name, run=RUN, kind=kind, at=AT, policy_version="p/1", **given)
        prev = self.entries[-1].hash if self.entries else GENESIS
        self.entries.append(seal(draft, len(self.entries), prev))
        return len(self.entries) - 1

    def approve(self, by: str, *, signer: Signer | None = None, decision: str = "approve", **said: Any) -> None:
        """A signed decision, its entry and its part."""
        members: dict[str, Any] = {
            "tenant": TENANT, "case": self.name, "run": RUN, "gate": GATE, "by": by, "role": "duty_manager",
            "decision": decision, "revision": "r2", "lane": "staging", "audience": ("leads",), "policy_version": "p/1",
            "decided_at": AT, "expires_at": None, "signed_at": SIGNED_AT, "shown": {"open": []},
            "subjects": {"artifact": CONTENT}, "reason": f"seen by {by}",
        }  # fmt: skip
        signed = Signed(**{**members, **said})
        envelope = envelop(signed, signer or key(by))
        seq = self.add("decided", actor=Actor("person", by, "duty_manager"), base_revision=CONTENT,
                       envelope=digest(envelope), closes=(gate_item(GATE),))  # fmt: skip
        names = ("gate", "by", "role", "decision", "revision", "action", "target", "choice", "reason", "expires_at")
        part: dict[str, Json] = {name: getattr(signed, name) for name in names}
        state = "rejected" if decision == "reject" else "valid"
        part |= {
            "accepts": [],
            "at": AT,
            "artifact_sha256": CONTENT,
            "state": state,
            "entry": seq,
            "envelope": envelope,
        }
        self.lists.setdefault("approvals", []).append(part)
        self.approvals.append(seq)

    def lapse(self, place: int, state: str = "expired") -> None:
        """The decision in that place of the approvals is over."""
        part = self.lists["approvals"][place]
        part["state"] = state
        self.approvals.remove(part["entry"])
        self.add(f"decision_{state}", envelope=digest(part["envelope"]))

    def release(self) -> None:
        """A release that rests on all approvals so far."""
        seq = self.add("released", base_revision=CONTENT)
        part = {"what": "release", "entry": seq, "lane": "staging", "artifact_sha256": CONTENT, "revision": "r2",
                "manifest_sha256": digest("manifest"), "approvals": list(self.approvals)}  # fmt: skip
        self.lists.setdefault("actions", []).append(part)

    def issue(self, signer: PrivateKey | None = None, **changes: Any) -> bytes:
        """The receipt."""
        root = merkle.root(leaf(entry.hash) for entry in self.entries).hex()
        facts: dict[str, Any] = {
            "issuer": ISSUER, "issued_at": ISSUED, "tenant": TENANT, "case": self.name, "run": RUN,
            "scenario": "a-scenario", "policy_version": "p/1", "headers": [entry.header for entry in self.entries],
            "objects": self.objects, "lists": self.lists,
            "seal": Seal(entries=len(self.entries), root=root, head=self.entries[-1].hash, sealed_at=AT,
                         log=self.log(root)),
        }  # fmt: skip
        return issue(Facts(**{**facts, **changes}), signer or key("receipt"))

    def log(self, root: str, signer: PrivateKey | None = None) -> dict[str, Json]:
        """The proof that a log of three seals has this one."""
        mine = sealed.leaf(TENANT, self.name, len(self.entries), root, AT)
        leaves = [merkle.leaf_hash(b"one"), mine, merkle.leaf_hash(b"three")]
        checkpoint = note.Checkpoint(f"{ISSUER}/sealed-cases", 3, merkle.root(leaves))
        used = signer or key("log")
        proof: list[Json] = [to_base64url(one) for one in merkle.inclusion_proof(leaves, 1)]
        signed = note.sign(checkpoint, used)
        return {"index": 1, "kid": used.kid, "checkpoint": signed, "proof": proof}


def build(name: str = "CASE-1", change: Callable[[Case], None] = lambda _case: None, *, end: str = "release") -> Case:
    """A case up to its end; `change` comes after the approvals and before the release."""
    case = Case(name)
    case.add("run_opened", actor=Actor("person", "u-intake", "support_intake_specialist"))
    for n in range(5):
        sha256 = digest(f"{name} evidence {n}")
        seq = case.add("evidence_frozen", citations=(sha256,))
        part = {"id": f"source-{name}-{n}", "file": f"file-{name}-{n}.eml", "sha256": sha256, "entry": seq}
        case.lists.setdefault("evidence", []).append(part)
    opened = case.add("checked", opens=("q1", "h1"))
    case.add("revision_composed", new_revision=CONTENT)
    case.add("checked", closes=("h1",))
    while len(case.entries) < ENTRIES - 4:
        case.add("extracted")
    case.add("gate_opened", base_revision=CONTENT, opens=(gate_item(GATE),))
    case.approve("u-duty")
    case.approve("u-second")
    change(case)
    if end == "release":
        case.release()
    case.objects = {
        "intent": {"requested_by": "u-intake", "purpose": f"the purpose of {name}"},
        "result": {"outcome": "exception_resolved_and_staged", "artifact": {"sha256": CONTENT}},
    }
    case.lists |= {
        "policies": [
            {"name": "a-scenario", "version": "p/1", "parameters": {"min_confidence": "0.8"}},
            {"gate": GATE, "version": "p/1", "roles": ["duty_manager"], "quorum": 2, "not_by": ["requester"]},
        ],
        "fields": [{"name": "tenant_id", "status": "confirmed", "value": TENANT}],
        "open_items": [{"id": "q1", "register": "open_questions", "about": f"regions of {name}", "entry": opened}],
        "refusals": [{"by": "u-intake", "asked_by": "u-intake", "reason": "outside the boundary", "turn": 3}],
    }
    return case
