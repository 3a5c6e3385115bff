"""What a run is, as the contract writes it: `outcome.json`, the artifact for machines and for people, the lanes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from casefile.artifact import Edit, Revision
from casefile.effects import shown
from casefile.rest import Position, where
from casefile.scenario import Gate
from casefile.signers import outstanding, roles_missing
from graphs.asking import model_usage
from graphs.context import RunContext
from graphs.page import markdown
from graphs.position import load, position_of
from lineage.keys import KeySet
from runtime.clock import from_instant, instant
from runtime.installation import Installation
from runtime.store import person_keys
from runtime.store.chain import entry_of, head_of, rows_of
from runtime.store.database import Database
from runtime.store.standing import RunRow


async def outcome(context: RunContext) -> dict[str, Any]:
    """The result in the contract's shape (§4)."""
    store = context.store
    row = await store.row()
    if row is None:
        raise KeyError(store.run)
    loaded = await load(context, from_instant(row.clock))
    head = await head_of(store.database, store.tenant, store.case)
    outbox = await store.outbox()
    return {
        "contract": 1,
        "scenario": context.scenario.slug,
        "case": store.case,
        "run": store.run,
        "status": row.status,
        "outcome": row.outcome,
        "waiting_on": _waiting(context, row, position_of(context, loaded), loaded.current),
        "artifact": artifact_json(loaded.current) if loaded.current else None,
        "registers": {
            name: [item.model_dump(mode="json") for item in items] for name, items in loaded.registers.items()
        },
        "edits": [_edit(edit) for edit in await store.edits()],
        "approvals": [_approval(d) for d in loaded.decisions],
        "refusals": [
            {"id": f"x{n}", "action": r.action, "asked_by": r.asked_by, "reason": r.reason, "turn": r.turn}
            for n, r in enumerate(await store.refusals(), 1)
        ],
        "releases": [_release(orjson.loads(row.body)) for row in outbox],
        "effects": [shown(effect) for effect in loaded.effects],
        "lineage": {"entries": head.size if head else 0, "head": head.hash if head else ""},
        "model": {"mode": context.mode, "name": context.model_name, **await model_usage(store)},
    }


def _waiting(context: RunContext, row: RunRow, position: Position, current: Revision | None) -> list[dict[str, Any]]:
    now = where(context.scenario, position)
    if row.status != "waiting" or now.gate is None or current is None:
        return []
    return [_request(gate, current, position) for gate in (now.gate, *now.beside) if gate.waits]


def _request(gate: Gate, current: Revision, position: Position) -> dict[str, Any]:
    subject = position.subjects.get(gate.subject_key)
    approvals = [
        one for one in position.decisions if one.gate == gate.name and one.counts() and one.subject_sha256 == subject
    ]
    until = position.open_until(gate)
    about = position.about.get(gate.subject)
    return ({"action": about, "subject_sha256": subject} if about is not None else {}) | {
        "gate": gate.name,
        "approver_roles": roles_missing(outstanding(gate, approvals, position.people, position.facts)),
        "revision": current.revision,
        "artifact_sha256": current.sha256,
        "expires_at": instant(until) if until else None,
    }


def _edit(edit: Edit) -> dict[str, Any]:
    shown = edit.model_dump(mode="json", exclude={"decided_by", "decision_reason", "repeats", "new_evidence"})
    if edit.decided_by:
        shown |= {"decided_by": edit.decided_by, "decision_reason": edit.decision_reason}
    if edit.repeats:
        shown |= {"repeats": edit.repeats, "new_evidence": edit.new_evidence}
    return shown


def _approval(decision: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "gate": decision.gate,
        "by": decision.by,
        "decision": decision.decision,
        "artifact_sha256": decision.artifact_sha256,
        "state": decision.state,
        "reason": decision.reason,
        "at": instant(decision.at),
        "revision": decision.revision,
        "subject_sha256": decision.subject_sha256,
    }
    optional = {"action": decision.action, "target": decision.target, "choice": decision.choice}
    return shown | {name: value for name, value in optional.items() if value is not None}


def _release(entry: dict[str, Any]) -> dict[str, Any]:
    shown = {name: entry[name] for name in ("lane", "artifact_sha256", "manifest_sha256", "revision")}
    return shown | ({"under": entry["under"]} if entry.get("under") else {})


def artifact_json(revision: Revision) -> dict[str, Any]:
    """The current revision as `artifact.json` has it: confidences as fractions, the rest as content has it."""
    content: dict[str, Any] = revision.artifact.content()
    for value in content["fields"].values():
        value["confidence"] = value["confidence"] / 100
    return {
        "name": revision.artifact.name,
        "revision": revision.revision,
        "sha256": revision.sha256,
        "supersedes": list(revision.supersedes),
        **{name: value for name, value in content.items() if name != "name"},
    }


async def write(context: RunContext, out: Path) -> dict[str, Any]:
    """Write the results to `out`. Files are made beside it and moved in, so that nothing half-written stays."""
    result = await outcome(context)
    loaded = await load(context, from_instant((await _row(context)).clock))
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".writing-") as scratch:
        fresh = Path(scratch)
        (fresh / "outcome.json").write_bytes(_pretty(result))
        if loaded.current is not None:
            (fresh / "artifact.json").write_bytes(_pretty(result["artifact"]))
            (fresh / "artifact.md").write_text(markdown(context.scenario, loaded.current, result), encoding="utf-8")
        await _lineage(context, fresh / "lineage.jsonl")
        receipt = await context.store.receipt()
        if receipt is not None:
            (fresh / "receipt.json").write_bytes(receipt)
            (fresh / "keys.json").write_bytes((await published_keys(context)).write())
        for row in await context.store.outbox():
            lane = fresh / "lanes" / f"{row.lane}.jsonl"
            lane.parent.mkdir(exist_ok=True)
            with lane.open("ab") as file:
                file.write(row.body + b"\n")
        _move(fresh, out)
    return result


async def _row(context: RunContext) -> RunRow:
    row = await context.store.row()
    if row is None:
        raise KeyError(context.store.run)
    return row


async def _lineage(context: RunContext, path: Path) -> None:
    with path.open("wb") as file:
        async for row in rows_of(context.store.database, context.store.tenant, context.store.case):
            file.write(entry_of(row).line())


async def published_keys(context: RunContext) -> KeySet:
    """The public keys that verify this tenant's receipts: the service's, and those of the tenant's people."""
    return await key_set(context.store.database, context.installation, [context.store.tenant])


async def key_set(database: Database, home: Installation, tenants: Sequence[str]) -> KeySet:
    """The service's public keys, and those of the people of these tenants."""
    people = [key for tenant in tenants for key in await person_keys.every(database, tenant)]
    return KeySet([*home.keys("receipt"), *home.keys("log"), *people])


def _move(fresh: Path, out: Path) -> None:
    """Put the new files in place, each by one rename; what an earlier run left and this one has not is removed."""
    for name in ("outcome.json", "artifact.json", "artifact.md", "lineage.jsonl", "receipt.json", "keys.json"):
        if (fresh / name).exists():
            os.replace(fresh / name, out / name)
        else:
            (out / name).unlink(missing_ok=True)
    shutil.rmtree(out / "lanes", ignore_errors=True)
    if (fresh / "lanes").exists():
        os.replace(fresh / "lanes", out / "lanes")


def _pretty(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
