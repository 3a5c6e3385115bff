"""Opening a case from uploaded files: what was recognised, and the packet that becomes a run."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import yaml

from casefile.packet import Packet, SourceItem
from casefile.scenario import Scenario
from graphs import catalogue
from graphs.runner import Run, check_packet, ledger_row, run_name
from lineage.canonical import digest_bytes
from runtime.clock import instant
from runtime.errors import InputError
from runtime.model.offline import Offline
from runtime.store import account_rows, people_rows, run_list, setting_rows
from runtime.store.account_rows import Member
from runtime.store.run_store import RunStore
from runtime.system_settings import ActedOn
from server.admin import policies
from server.api.standing import Caller
from server.casebook import context_of
from server.models.cases import CaseMade, Recognised, Recognition
from server.models.problem import Fault
from server.problems import Forbidden, Unusable
from server.service import Service
from server.uploads import PACKET, Upload
from server.views.evidence import Belongs, belongs
from tools.calendars.opening import calendars_of
from tools.live_systems import systems_of
from tools.packet_folder import PacketFile, PacketFolder, load
from tools.readers import read
from tools.readers.kinds import kind_of
from tools.readers.limits import UnreadableError
from tools.readers.mail_attachments import not_read

_TIMELINE = "timeline: a live case does not play it; people act themselves"


@dataclass(frozen=True, slots=True)
class Given:
    """An upload, sorted: its packet folder, or why there is none."""

    folder: PacketFolder | None
    scenario: Scenario | None
    packet: bool
    faults: list[Fault]


async def sorted_out(here: Service, caller: Caller, upload: Upload) -> Given:
    """Make a packet folder of an upload. Without a packet.yaml one is written from the fields and the directory."""
    packet = PACKET in upload.files
    faults: list[Fault] = []
    scenario: Scenario | None = None
    folder: PacketFolder | None = None
    try:
        if not packet:
            written = await _written(here, caller, upload)
            (upload.folder / PACKET).write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")
        folder = await asyncio.to_thread(load, upload.folder)
        scenario, _ = check_packet(folder)
        _known_tenant(caller, folder.packet)
        _own_request(caller, folder.packet)
    except InputError as error:
        faults.append(Fault(place=_place(error, upload.folder), expected=error.expected[:500]))
    except Unusable as error:
        faults += error.members["faults"]
    if scenario is None and upload.fields.get("scenario"):
        scenario = next((s for s in catalogue.all_scenarios() if upload.fields["scenario"] in (s.slug, s.short)), None)
    return Given(folder, scenario, packet, faults)


def _place(error: InputError, folder: Path) -> str:
    """The place as the uploader knows it: never the path on our disk."""
    file = error.file.removeprefix(str(folder)).lstrip("/") or PACKET
    return f"{file}: {error.place}" if error.place else file


def _known_tenant(caller: Caller, packet: Packet) -> None:
    for tenant in packet.tenant_ids():
        if caller.member(tenant) is None:
            raise Forbidden("you may open cases only for tenants that you are a member of")


def _own_request(caller: Caller, packet: Packet) -> None:
    """Who opens a case asks for it himself; an admin (or an integrator's token of one) may open it for others."""
    member = caller.member(packet.tenant.id)
    if member is not None and packet.requested_by == member.person:
        return
    if "admin" not in caller.account.global_roles:
        raise Forbidden("requested_by: you may open a case only in your own name")


async def _written(here: Service, caller: Caller, upload: Upload) -> dict[str, Any]:
    """A packet made of fields: the roster is the directory's, the clock is now, ids are made of file names."""
    tenant = upload.fields.get("tenant") or (caller.members[0].tenant if len(caller.members) == 1 else "")
    member = caller.member(tenant)
    if not upload.fields.get("scenario"):
        raise Unusable("scenario", [Fault(place="scenario", expected="a slug or short name, or a packet.yaml")])
    if not tenant:
        raise Unusable("tenant", [Fault(place="tenant", expected="one of the tenants that you are a member of")])
    if member is None:
        raise Forbidden("you may open cases only for tenants that you are a member of")
    systems = _systems(upload.fields.get("systems", "{}"))
    now = instant(datetime.now(UTC))
    members = await account_rows.members_in(here.database, tenant)
    out = {one.person for one in await people_rows.suspended(here.database, tenant) if not one.role}
    return {
        "scenario": upload.fields["scenario"],
        "case": upload.fields.get("case") or f"CASE-{uuid.uuid4().hex[:8].upper()}",
        "tenant": {"id": tenant, "name": member.tenant_name},
        "as_of": now,
        "requested_by": member.person,
        "people": [_person(one) for one in members if one.person not in out],
        "sources": [
            {"id": one, "file": name, "system": systems.get(name, ""), "captured_at": now}
            for one, name in zip(_ids(list(upload.files)), upload.files, strict=True)
        ],
        "instructions": upload.fields.get("instructions", ""),
    }


def _person(member: Member) -> dict[str, Any]:
    return {"id": member.person, "name": member.name, "roles": list(member.roles)}


def _systems(text: str) -> dict[str, str]:
    try:
        found = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Unusable("systems", [Fault(place="systems", expected="a JSON object from file name to system")])
    return found


def _ids(names: list[str]) -> list[str]:
    """Ids of sources, out of their file names, each once."""
    found: list[str] = []
    for name in names:
        stem = Path(name).stem[:100] or "file"
        number, one = 2, stem
        while one in found:
            one, number = f"{stem}-{number}", number + 1
        found.append(one)
    return found


# --- what was recognised -----------------------------------------------------------------------------------------


async def recognition(here: Service, given: Given, upload: Upload) -> Recognition:
    """What each file was taken for, and what is missing."""
    packet = given.folder.packet if given.folder else None
    sources = {source.file: source for source in packet.sources} if packet else {}
    files = [name for name in upload.files if name != PACKET]
    scripts = {one.script: one.id for one in packet.systems if one.script} if packet else {}
    # Said of a file before there is a packet: the tenant may not be chosen yet.
    told = {} if packet else _systems(upload.fields.get("systems", "{}"))
    items = {n: sources.get(n) or SourceItem(id=Path(n).stem or n, file=n, system=told.get(n, "")) for n in files}
    rows = [
        await asyncio.to_thread(_recognised, upload.files[n], items[n], given.scenario, scripts.get(n)) for n in files
    ]
    rows = [_without(row, upload.attached.get(row.file, [])) for row in rows]
    later = {step.arrives.file for step in packet.timeline if step.arrives} if packet else set()
    named = {*sources, *later, *scripts, *(p.file for p in packet.prior_revisions)} if packet else set()
    unused = [name for name in files if packet is not None and name not in named]
    own = await _policy_set_before(here, packet, given.scenario)
    kept = own.source.system if own is not None else None
    return Recognition(
        scenario=given.scenario.short if given.scenario else None,
        packet=given.packet and given.folder is not None,
        case=packet.case if packet else None,
        files=rows,
        unused=unused,
        missing=[*(f for f in sources if f not in upload.files), *_uncovered(given.scenario, rows, kept)],
        faults=given.faults,
        notes=[*notes_of(packet, here.systems), *_policy_note(packet, given.scenario, own)],
    )


def notes_of(packet: Packet | None, acted_on: ActedOn) -> list[str]:
    """What a live case does otherwise than the packet says, and on which of its systems it can act."""
    if packet is None:
        return []
    systems = [
        f"systems: the case's actions on {name} are done on the installation's system of that id"
        if one.connected
        else f"systems: the case's action on {name} cannot be done here: no system of that id is connected"
        for name, one in systems_of(acted_on, packet).items()
    ]
    return [*([_TIMELINE] if packet.timeline else []), *systems]


def _uncovered(scenario: Scenario | None, rows: list[Recognised], kept: str | None) -> list[str]:
    """The scenario's sources for which no file was given; `kept` is the system that the organisation itself fills."""
    if scenario is None:
        return []
    covered = " or ".join(row.source or "" for row in rows)
    lacking = [one for one in scenario.sources if one.name not in covered and kept not in one.systems]
    return list(dict.fromkeys(one.name for one in lacking if one.rank != "excluded"))


def _recognised(path: Path, source: SourceItem, scenario: Scenario | None, script_of: str | None) -> Recognised:
    """What one file is taken for; `script_of` is the stub system that the packet has it for, and nothing else."""
    data, name, system = path.read_bytes(), source.file, source.system
    problems: list[str] = []
    kind: str | None = None
    try:
        kind = kind_of(data, name)
    except UnreadableError as error:
        problems.append(str(error))
    # OCR takes seconds: an image is looked at when the case is opened.
    looked = kind not in (None, "png", "jpg", "pdf")
    reading = read(data, name) if looked else None
    problems += [p for p in (reading.problems if reading else []) if p not in problems]
    row = belongs(scenario, system, name, source.id) if scenario else Belongs(None, None, reference=False)
    if scenario is not None and row.source is None and script_of is None:
        problems.append("it belongs to no source of the scenario" + ("" if system else "; name its system"))
    return Recognised(
        file=name,
        size=len(data),
        sha256=digest_bytes(data),
        kind=kind,
        usable=kind is not None and not (reading and reading.unusable),
        id=source.id,
        system=system or None,
        source=row.source,
        rank=row.rank,
        parts=len(reading.spans) + len(reading.lines) if reading else 0 if kind is None else None,
        script_of=script_of,
        problems=problems,
    )


def _without(row: Recognised, attached: list[str]) -> Recognised:
    """A mail's row does not say that its files are not read where they stand beside it."""
    told = tuple(f": {not_read(name)}" for name in attached)
    return row.model_copy(update={"problems": [one for one in row.problems if not one.endswith(told)]}) if told else row


# --- opening -----------------------------------------------------------------------------------------------------


async def opened(here: Service, given: Given, clock: run_list.Clock | None = None) -> CaseMade:
    """Open the case: ledger row, roster, and the first event with the bytes. The worker does the rest."""
    folder, scenario = given.folder, given.scenario
    if folder is None or scenario is None or given.faults:
        first = given.faults[0] if given.faults else Fault(place=PACKET, expected="a packet")
        raise Unusable(f"{first.place}: {first.expected}", given.faults or [first])
    packet, name = folder.packet, run_name(folder)
    try:
        calendars_of(here.calendars, scenario, packet)
    except InputError as error:
        raise Unusable(str(error), [Fault(place=error.place, expected=error.expected)]) from error
    store = RunStore(here.database, packet.tenant.id, packet.case, name)
    existed = not await store.admit(ledger_row(folder, scenario))
    found = run_list.Found(packet.tenant.id, packet.case, name, scenario.slug, packet.model_dump_json(), folder.sha256)
    pins = await _pinned(here, found, scenario, existed=existed)
    found = replace(found, defaults=pins["parameters"].body if "parameters" in pins else "{}")
    also = policies.item(scenario, pins["policies"], packet.as_of) if "policies" in pins else None
    await run_list.put_people(here.database, found)
    if clock is not None:
        await run_list.put_clock(here.database, packet.tenant.id, name, clock)
    context = context_of(here.database, found, Offline(), here.model, here.keys, here.calendars, here.systems)
    run = Run(context, None, lambda _node: None)
    await run.open(folder, [also] if also is not None else [])
    here.committed(packet.tenant.id, name)
    return CaseMade(
        run=name,
        case=packet.case,
        scenario=scenario.short,
        existed=existed,
        event="open",
        notes=[*notes_of(packet, here.systems), *_policy_note(packet, scenario, also)],
    )


def _policy_note(packet: Packet | None, scenario: Scenario | None, own: PacketFile | None) -> list[str]:
    """That the organisation's policy set counts in this case, and which files of the packet do not for that."""
    if own is None or packet is None or scenario is None or scenario.policies is None:
        return []
    brought = [one.file for one in packet.sources if one.system == scenario.policies.system]
    counts = "policies: the organisation's own policy set counts in this case"
    return [f"{counts}; {', '.join(brought)} does not" if brought else counts]


async def _policy_set_before(here: Service, packet: Packet | None, scenario: Scenario | None) -> PacketFile | None:
    """The organisation's policy set that a case which is not opened yet would be started with now."""
    if packet is None or scenario is None:
        return None
    now = await setting_rows.in_force(here.database, packet.tenant.id, "policies", scenario.short)
    return policies.item(scenario, now, packet.as_of) if now is not None else None


_PINNED: tuple[setting_rows.Kind, ...] = ("parameters", "policies")


async def _pinned(
    here: Service, found: run_list.Found, scenario: Scenario, *, existed: bool
) -> dict[str, setting_rows.Version]:
    """The tenant's parameters and policy set for a run that starts now: it keeps them, whatever comes later."""
    if not existed:
        pins: list[tuple[setting_rows.Kind, str, int]] = []
        for kind in _PINNED:
            now = await setting_rows.in_force(here.database, found.tenant, kind, scenario.short)
            if now is not None:
                pins.append((kind, scenario.short, now.version))
        await setting_rows.pin(here.database, found.tenant, found.run, pins)
    kept = {kind: await setting_rows.pinned(here.database, found.tenant, found.run, kind) for kind in _PINNED}
    return {kind: one for kind, one in kept.items() if one is not None}
