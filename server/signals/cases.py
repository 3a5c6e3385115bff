"""A live cluster as a case: opened from the ground packet of its stream, refreshed through the inbox like any evidence.

The ground is a packet folder with what signals do not tell: roster, snapshots, earlier packets. A cluster's signals are
a file for each source; when the cluster grows, the file is replaced, and the run makes its next revision.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import structlog
import yaml
from sqlalchemy import Row
from sqlalchemy.exc import InterfaceError, OperationalError

from agents.signal_live import LiveReader, from_micros, micros, roster_of
from casefile.packet import SourceItem, Step
from casefile.scenario import Scenario
from graphs import catalogue
from graphs.runner import check_packet
from lineage.canonical import digest_bytes
from runtime.clock import instant
from runtime.errors import InputError
from runtime.signal_settings import SignalSettings, StreamSettings
from runtime.store import run_list, signal_rows
from runtime.store.database import Database
from server import opening
from server.opening import Given
from server.service import Service
from server.signals import earlier, faults
from server.signals.earlier import Earlier
from server.turns import Desk
from tools.packet_folder import PacketFile, PacketFolder, load
from tools.readers import read

log = structlog.get_logger("casegate")
MOST_SIGNALS = 20_000
AGAIN = 500_000  # microseconds until a run that is at work is looked at again
LATER = 5_000_000
LEDGERS = ("console", "export")  # whose word on how far they have come a case waits for
STEP = timedelta(minutes=5)  # a source's word on how far it has come is rounded down to this


def scenario_of(stream: StreamSettings) -> Scenario:
    """The scenario of a stream. Raises InputError where there is none of that name."""
    return catalogue.find(stream.scenario, "CASEGATE_SIGNALS")


def reader_of(settings: SignalSettings, tenant: str) -> LiveReader:
    """How a stream's rows are read: the scenario's words, and the ground's roster. Raises InputError."""
    stream = settings.tenants[tenant]
    scenario = scenario_of(stream)
    words = scenario.data.get("words")
    if not isinstance(words, dict):
        raise InputError("CASEGATE_SIGNALS", f"tenants.{tenant}.scenario", "a scenario whose data has `words`")
    if stream.ground is None:
        return LiveReader(words)
    folder = ground_of(settings, tenant)
    systems = scenario.data["systems"]["roles"]
    files = [one for one in folder.files.values() if one.source.system in systems and one.data is not None]
    return LiveReader(words, roster_of((read(one.data or b"", one.source.file) for one in files), words))


def ground_of(settings: SignalSettings, tenant: str) -> PacketFolder:
    """The ground packet of a stream. Raises InputError where it cannot be used."""
    ground = settings.tenants[tenant].ground
    folder = load(settings.path(ground or Path()))
    check_packet(folder)
    if folder.packet.tenant.id != tenant:
        raise InputError(str(folder.path / "packet.yaml"), "tenant.id", f"{tenant}, whose stream this is")
    return folder


async def files_of(database: Database, tenant: str, stream: StreamSettings, row: Row[Any]) -> dict[str, bytes]:
    """A cluster's file of JSON lines for each source: how far it has come, then its rows in order of time."""
    told: dict[str, list[bytes]] = defaultdict(list)
    for one in await signal_rows.members_of(database, tenant, row.number, MOST_SIGNALS):
        event = orjson.loads(one.body)
        data = event.get("data")
        if isinstance(data, dict):
            whole = {"at": event["time"], **data}
            whole.setdefault("id", one.id)
            told[one.source].append(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS))
    known = {one.source: one for one in await signal_rows.sources_of(database, tenant)}
    found = {}
    for source in stream.sources:
        lines = told.get(source.source, [])
        state = known.get(source.source)
        through = state.complete_through if state is not None else 0
        owes = through or source.kind in LEDGERS
        head = _how_far(through, row.last_at, source.expected_every_seconds) if owes else {}
        if lines or head:
            found[source.name] = b"\n".join([*([orjson.dumps(head)] if head else []), *lines]) + b"\n"
    return found


def write_packet(
    ground: PacketFolder, stream: StreamSettings, case: str, files: Mapping[str, bytes], folder: Path, now: datetime
) -> None:
    """Write the ground with a cluster's files and the name of its case into a folder."""
    shutil.copytree(ground.path, folder, dirs_exist_ok=True)
    packet = yaml.load((folder / "packet.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    packet |= {"case": case, "as_of": instant(now), "timeline": []}
    systems = {one.name: one.system for one in stream.sources}
    inherits = earlier.system_of(scenario_of(stream))
    systems |= {earlier.NAME: inherits} if inherits is not None else {}
    for name, data in sorted(files.items()):
        (folder / file_name(name)).write_bytes(data)
        source = {"id": f"live-{name}", "file": file_name(name), "system": systems[name]}
        packet["sources"].append({**source, "captured_at": instant(now)})
    (folder / "packet.yaml").write_text(yaml.dump(packet, Dumper=yaml.CSafeDumper, sort_keys=False), encoding="utf-8")


@dataclass(slots=True)
class Openings:
    """Opens and refreshes the cases of a tenant's clusters."""

    here: Service
    settings: SignalSettings
    tenant: str
    earlier: Earlier = field(init=False)

    def __post_init__(self) -> None:
        scenario = scenario_of(self.settings.tenants[self.tenant])
        self.earlier = Earlier(self.here.database, self.tenant, scenario)

    async def look(self) -> int:
        """Everything that is due now. How many cases were opened or refreshed."""
        now = micros(datetime.now(UTC))
        done = 0
        for row in await signal_rows.claim(self.here.database, self.tenant, now, 20):
            try:
                done += await self._one(row, now)
            except (OperationalError, InterfaceError):
                raise  # the store does not answer: no cluster's trouble
            except Exception as error:  # noqa: BLE001  whatever keeps one cluster from its case keeps no other
                again = await faults.not_opened(self.here, self.tenant, row.number, error)
                await self._settle(row, row.run, again=again)
        await faults.wake_stopped(self.here, self.tenant)
        if earlier.system_of(self.earlier.scenario) is not None:
            await self.earlier.hand_down()
        return done

    async def _settle(self, row: Row[Any], run: str | None, again: int = 0) -> None:
        await signal_rows.settle(self.here.database, self.tenant, row.number, row.version, run, again_at=again)

    async def _one(self, row: Row[Any], now: int) -> int:
        stream = self.settings.tenants[self.tenant]
        if stream.ground is None:
            await self._settle(row, None)
            return 0
        case = case_of(row.number) if row.run is None else None
        there = await self._run(row, case)
        files = await files_of(self.here.database, self.tenant, stream, row)
        if earlier.system_of(self.earlier.scenario) is not None and (inherited := await self.earlier.file_for(row)):
            files[earlier.NAME] = inherited
        if there is None:
            run = await self._open(row, files)
            await self._settle(row, run)
            return 1
        if there.status == "failed":  # it is woken in its own time, and takes in what is new when it goes on
            await self._settle(row, there.run, again=now + LATER)
            return 0
        if not there.final and await run_list.at_work(self.here.database, self.tenant, there.run):
            await self._settle(row, there.run, again=now + AGAIN)
            return 0
        changed = await self._refresh(there.run, files)
        # One arrival is one turn: the next one follows when the run rests again.
        await self._settle(row, there.run, again=now + AGAIN if changed else 0)
        return 1 if changed else 0

    async def _run(self, row: Row[Any], case: str | None) -> Row[Any] | None:
        if case is not None:
            return await signal_rows.run_of_case(self.here.database, self.tenant, case)
        return (await signal_rows.states_of(self.here.database, self.tenant, [row.run])).get(row.run)

    async def _open(self, row: Row[Any], files: Mapping[str, bytes]) -> str:
        folder = await asyncio.to_thread(self._folder, row.number, files)
        try:
            packet = await asyncio.to_thread(load, folder)
            scenario = scenario_of(self.settings.tenants[self.tenant])
            made = await opening.opened(self.here, Given(packet, scenario, packet=True, faults=[]))
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, True)
        log.info("a cluster became a case", cluster=row.number, run=made.run)
        return made.run

    def _folder(self, number: int, files: Mapping[str, bytes]) -> Path:
        ground, stream = ground_of(self.settings, self.tenant), self.settings.tenants[self.tenant]
        folder = Path(tempfile.mkdtemp(dir=self.here.uploads, prefix="cluster-"))
        write_packet(ground, stream, case_of(number), files, folder, datetime.now(UTC))
        return folder

    async def _refresh(self, run: str, files: Mapping[str, bytes]) -> bool:
        """Put the first file that is another than the run's into its inbox. False where none is."""
        opened = await self.here.casebook.run(run)
        if opened is None:
            return False
        evidence = await opened.context.store.evidence()
        systems = {one.name: one.system for one in self.settings.tenants[self.tenant].sources}
        systems[earlier.NAME] = earlier.system_of(self.earlier.scenario) or ""
        for name, data in sorted(files.items()):
            mine = [item for item in evidence if item.id == f"live-{name}" or item.id.startswith(f"live-{name}.")]
            sha256 = digest_bytes(data)
            key = f"signals:{name}:{sha256[7:39]}"
            if any(item.sha256 == sha256 for item in mine) or await opened.context.store.done(f"event:{key}"):
                continue
            now = await opened.now()
            source = SourceItem(
                id=f"live-{name}.{len(mine) + 1}" if mine else f"live-{name}", file=file_name(name),
                system=systems[name], captured_at=now, replaces=mine[-1].id if mine else None,
            )  # fmt: skip
            await Desk(self.here, opened).submit(key, Step(at=now, arrives=source), PacketFile(source, data, sha256))
            self.here.committed(self.tenant, run)
            return True
        return False


def _how_far(complete_through: int, last_at: int, every: int | None) -> dict[str, str]:
    """What a source says of itself: until when it has sent everything, and when its next word is expected.

    One that never said how far it has come owed its word on the cluster's last signal: silence is no completeness.
    """
    # Past what could matter to the cluster it is not news: each minute's word would make a revision.
    last = from_micros(last_at)
    through = min(from_micros(complete_through), last + timedelta(hours=24)) if complete_through else last
    rounded = from_micros(micros(through) // micros_of(STEP) * micros_of(STEP))
    found = {"ingest_complete_through": instant(rounded)} if complete_through else {}
    if every is not None:
        found["next_expected_at"] = instant(rounded + timedelta(seconds=every))
    return found


def micros_of(span: timedelta) -> int:
    """A span in microseconds."""
    return span // timedelta(microseconds=1)


def file_name(name: str) -> str:
    """The file of a source in its cluster's case."""
    return earlier.FILE if name == earlier.NAME else f"live-{name}.jsonl"


def case_of(number: int) -> str:
    """The name of a cluster's case."""
    return f"SIGNALS-{number}"
