"""The receipt of a run that reached a final outcome, good or bad: its parts from the case file, issued once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from graphs.context import RunContext
from graphs.receipt_text import identifiers, plain, plain_members
from graphs.result import outcome
from lineage.canonical import Json, digest_bytes
from lineage.chain import Row, Seal
from lineage.dsse import read as read_envelope
from lineage.receipt import issue as form
from lineage.rules import DECIDED, EFFECTS, REFUSED
from runtime.clock import instant
from runtime.errors import StoreError
from runtime.faults import fault_point
from runtime.installation import wall_time
from runtime.store import receipt_rows, seal_rows
from runtime.store.chain import rows_of, seals_of
from runtime.store.standing import RunRow
from runtime.store.turn import OutboxRow, SignedDecision

# What a decision's part repeats of its signed statement.
_SIGNED = ("gate", "by", "role", "decision", "revision", "lane", "audience", "action", "target", "choice", "accepts",
           "reason", "expires_at")  # fmt: skip
# Where evidence is quoted, the receipt names its place and hash, never the words.
_QUOTED = ("citations", "sides", "quote", "asks_for")


@dataclass(frozen=True, slots=True)
class Sealed:
    """The chain up to the seal, as parts look things up in it."""

    seal: Seal
    head: str
    headers: list[bytes]
    read: list[Mapping[str, Any]]

    def entry(self, run: str, kinds: tuple[str, ...], taken: set[int], **members: Any) -> int | None:
        """The first entry of that run and kind with those members that no other part has taken."""
        for header in self.read:
            same = header["run"] == run and header["kind"] in kinds and header["seq"] not in taken
            if same and all(header[name] == value for name, value in members.items()):
                taken.add(header["seq"])
                return int(header["seq"])
        return None


async def issue_receipt(context: RunContext) -> bytes | None:
    """Issue the receipt where the run has ended and has none; None while it may go on. The same bytes ever after."""
    store = context.store
    row = await store.row()
    if row is None or not row.final:
        return None
    there = await store.receipt()
    if there is not None:
        return there
    sealed = await _sealed(context)
    result = await outcome(context)
    objects, lists = await _parts(context, row, result, sealed)
    now = wall_time()
    home = context.installation
    signer = home.signer("receipt", now)
    fault_point("receipt.before")

    async def write(connection: AsyncConnection) -> bytes:
        log = await seal_rows.enter(
            connection, home.log_origin, store.tenant, store.case, sealed.seal, home.signer("log", now)
        )
        there = await receipt_rows.stored(connection, store.tenant, store.run)
        if there is not None:
            return there
        facts = form.Facts(
            issuer=home.id,
            issued_at=int(now.timestamp()),
            tenant=store.tenant,
            case=store.case,
            run=store.run,
            scenario=context.scenario.slug,
            policy_version=context.policy_version,
            seal=form.Seal(
                entries=sealed.seal.size, root=sealed.seal.root, head=sealed.head, sealed_at=sealed.seal.at, log=log
            ),
            headers=sealed.headers,
            objects=objects,
            lists=lists,
        )
        body = form.issue(facts, signer)
        row_ = receipt_rows.ReceiptRow(store.run, signer.kid, instant(now), body)
        await receipt_rows.put(connection, store.tenant, store.case, row_)
        fault_point("receipt.written")
        return body

    return await store.database.together(write)


async def _sealed(context: RunContext) -> Sealed:
    """The chain up to the seal that this run left. Raises StoreError where there is none."""
    store = context.store
    rows: list[Row] = [row async for row in rows_of(store.database, store.tenant, store.case)]
    read = [orjson.loads(row.header) for row in rows]
    seals = await seals_of(store.database, store.tenant, store.case)
    mine = [seal for seal in seals if read[seal.size - 1]["run"] == store.run]
    if not mine:
        raise StoreError(f"run {store.run} has ended and is not sealed")
    size = mine[-1].size
    return Sealed(mine[-1], rows[size - 1].hash, [row.header for row in rows[:size]], read[:size])


async def _parts(
    context: RunContext, row: RunRow, result: Mapping[str, Any], sealed: Sealed
) -> tuple[dict[str, dict[str, Json]], dict[str, list[Json]]]:
    store = context.store
    envelopes = await store.envelopes()
    places = {header["envelope"]: header["seq"] for header in sealed.read if header["kind"] in (DECIDED, REFUSED)}
    entries = {name: places[one.sha256] for name, one in envelopes.items() if one.sha256 in places}
    approvals = await _approvals(context, envelopes, entries)
    actions = _releases(context, result, await store.outbox(), entries, sealed)
    actions += [_effect(effect, approvals) for effect in result["effects"]]
    objects = {"intent": _intent(context, row.packet_sha256), "result": _result(result)}
    refusals: list[Json] = [
        {"asked_by": one["asked_by"], "reason": plain(one["reason"]), "turn": one["turn"], "by": one["asked_by"]}
        for one in result["refusals"]
    ]
    return objects, {
        "policies": await _policies(context),
        "approvals": approvals,
        "actions": actions,
        "evidence": await _evidence(context, sealed),
        "fields": _fields(result),
        "open_items": _open_items(context, result, approvals, sealed),
        "refusals": refusals,
    }


def _intent(context: RunContext, packet_sha256: str) -> dict[str, Json]:
    packet = context.packet
    # What people wrote is content: the receipt proves it by its hash.
    said = digest_bytes(packet.instructions.encode()) if packet.instructions else None
    return {
        "requested_by": packet.requested_by,
        "requested_at": instant(packet.as_of),
        "purpose": plain(context.scenario.purpose),
        "instructions_sha256": said,
        "packet_sha256": packet_sha256,
    }


def _result(result: Mapping[str, Any]) -> dict[str, Json]:
    artifact = result["artifact"]
    named = {name: artifact[name] for name in ("name", "revision", "sha256", "supersedes")} if artifact else None
    return {"outcome": result["outcome"], "status": result["status"], "artifact": named}


async def _policies(context: RunContext) -> list[Json]:
    """The scenario with its parameters, each gate, and the configuration in force; all under one version."""
    scenario, version = context.scenario, context.policy_version
    parameters: dict[str, Json] = {name: plain(value) for name, value in context.parameters.items()}
    rules: dict[str, Json] = {"name": scenario.slug, "version": version, "parameters": parameters}
    gates: list[Json] = [
        {
            "gate": gate.name,
            "version": version,
            "approver": gate.approver,
            "roles": list[Json](gate.roles),
            "quorum": gate.quorum,
            "not_by": list[Json](gate.not_by),
            "binds": list[Json](gate.binds),
            "validity_minutes": gate.validity_minutes,
        }
        for gate in scenario.gates
    ]
    work = await context.store.work("configuration")
    configuration = orjson.loads(work.get("configuration", "null"))
    in_force: list[Json] = [{"name": "configuration", "version": version, "in_force": plain(configuration)}]
    return [rules, *gates, *(in_force if configuration else [])]


async def _approvals(
    context: RunContext, envelopes: Mapping[str, SignedDecision], entries: Mapping[str, int]
) -> list[Json]:
    """Every decision that reached the record before the seal, in whatever state, with its envelope."""
    found: list[Json] = []
    for decision in await context.store.decisions():
        if decision.id not in entries:
            continue
        envelope = orjson.loads(envelopes[decision.id].body)
        said = read_envelope(envelope).statement["predicate"]
        why = plain(decision.reason) if decision.reason and decision.reason != said["reason"] else None
        found.append(
            {
                **{name: said[name] for name in _SIGNED},
                "at": said["decided_at"],
                "artifact_sha256": decision.artifact_sha256,
                "state": decision.state,
                "why": why,
                "entry": entries[decision.id],
                "envelope": envelope,
            }
        )
    return found


def _releases(
    context: RunContext, result: Mapping[str, Any], outbox: list[OutboxRow], entries: Mapping[str, int], sealed: Sealed
) -> list[Json]:
    """What left, with the entries of the decisions that it rests on, as its manifest names them."""
    taken: set[int] = set()
    found: list[Json] = []
    for release, row in zip(result["releases"], outbox, strict=True):
        manifest = orjson.loads(row.body)
        seq = sealed.entry(context.store.run, tuple(EFFECTS), taken, base_revision=release["artifact_sha256"])
        if seq is None:
            continue
        named: list[Json] = [entries[one["id"]] for one in manifest["decisions"] if one["id"] in entries]
        found.append({"what": "release", "entry": seq, **plain_members(release), "approvals": named})
    return found


def _effect(effect: Mapping[str, Any], approvals: list[Json]) -> Json:
    """An effect on a system, with the entries of the decisions that it names as its approvals."""
    named = [tuple(one[name] for name in ("gate", "by", "at")) for one in effect.get("approvals", [])]
    rests_on: list[Json] = [
        one["entry"]
        for one in approvals
        if isinstance(one, dict)
        and one["decision"] == "approve"
        and one["state"] != "refused"
        and (one["gate"], one["by"], one["at"]) in named
    ]
    return {"what": "effect", "entry": None, **plain_members(effect), "rests_on": rests_on}


async def _evidence(context: RunContext, sealed: Sealed) -> list[Json]:
    taken: set[int] = set()
    found: list[Json] = []
    for item in await context.store.evidence():
        seq = sealed.entry(context.store.run, _kinds(item.withdrawn), taken, citations=[item.sha256])
        if seq is not None:
            found.append(
                {
                    "id": item.id,
                    "file": plain(item.file),
                    "system": item.system,
                    "sha256": item.sha256,
                    "size": item.size,
                    "captured_at": instant(item.captured_at) if item.captured_at else None,
                    "replaces": item.replaces,
                    "withdrawn": item.withdrawn,
                    "entry": seq,
                }
            )
    return found


def _kinds(withdrawn: bool) -> tuple[str, ...]:
    """The entries by which evidence comes in: from outside, or read back from a system after an effect."""
    return (
        ("evidence_withdrawn",) if withdrawn else ("evidence_frozen", "effect_done", "effect_failed", "effect_in_doubt")
    )


def _fields(result: Mapping[str, Any]) -> list[Json]:
    """The artifact's fields: each by name and status; what a confirmed one names (ids, hashes, times) by value."""
    found: list[Json] = []
    for name, value in (result["artifact"] or {"fields": {}})["fields"].items():
        named = identifiers(value["value"]) if value["status"] == "confirmed" else None
        found.append({"name": name, "status": value["status"], **({"value": named} if named is not None else {})})
    return found


def _open_items(context: RunContext, result: Mapping[str, Any], approvals: list[Json], sealed: Sealed) -> list[Json]:
    """All that is still open at the end: register items, rejections, effects that are not done."""
    run = context.store.run
    opened = {item: h["seq"] for h in sealed.read if h["run"] == run for item in h["opens"]}
    found: list[Json] = []
    for register, items in result["registers"].items():
        for item in items:
            if item["state"] != "open" or item["id"] not in opened:
                continue
            said = {name: plain(value) for name, value in item.items() if name not in _QUOTED}
            found.append({"register": register, **said, "evidence": _places(item), "entry": opened[item["id"]]})
    for one in approvals:
        if isinstance(one, dict) and one["state"] == "rejected":
            found.append({"register": "approvals", **{k: one[k] for k in ("gate", "by", "state", "entry")}})
    for effect in result["effects"]:
        if effect.get("state") != "done":
            found.append(
                {"register": "effects", "effect": plain(effect.get("id")), "state": plain(effect.get("state"))}
            )
    return found


def _places(item: Mapping[str, Any]) -> list[Json]:
    """Where the evidence of an item stands: evidence, locator and hash, without the quote."""
    citations = [*item.get("citations", []), *(c for side in item.get("sides", []) for c in side["citations"])]
    return [{name: one[name] for name in ("evidence", "locator", "sha256")} for one in citations]
