"""Running a packet: admit the run, put each event into its inbox, and drive the graph until it rests.

What is open is what the run ledger and the inbox say. LangGraph's checkpoint only says where the graph was: whatever
it says after a crash, waking it and letting `receive` look at the inbox is right, because every node is keyed.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from casefile import policy_sets
from casefile.packet import Packet, Passes, SourceItem, Step
from casefile.parameters import ParameterError, in_force, resolve
from casefile.scenario import Scenario
from graphs import catalogue
from graphs.boundary import boundary_of
from graphs.cancelling import cancel
from graphs.context import RunContext
from graphs.deadlines import event_key, next_deadline
from graphs.decisions import decide
from graphs.receipt import issue_receipt
from guardrails import boundary
from guardrails.secrets import mask
from lineage.canonical import Json, digest
from runtime.clock import from_instant, instant
from runtime.errors import InputError
from runtime.faults import around, fault_point
from runtime.model.port import ModelPort
from runtime.store.database import Database, checkpoint_url
from runtime.store.run_store import RunStore
from runtime.store.standing import RunRow
from runtime.store.turn import Event, Refused, Turn
from tools.packet_folder import PacketFile, PacketFolder
from tools.systems import System

# Set before langgraph is imported: without it a checkpoint may name any class to be made when it is read.
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
os.environ.setdefault("LANGSMITH_TRACING", "false")

Progress = Callable[[str], None]
MAX_STALLS = 3
# The name under which LangGraph reports that a node waits.
_INTERRUPT = "__interrupt__"
RESERVED = "~"
"""Names of cases that begin so are chains of the program's own, like that of what admins did."""


@dataclass(slots=True)
class Run:
    """An admitted run, and the compiled graph that works on it."""

    context: RunContext
    graph: Any
    progress: Progress

    @property
    def store(self) -> RunStore:
        """The run's part of the store."""
        return self.context.store

    async def open(self, folder: PacketFolder, also: Sequence[PacketFile] = ()) -> None:
        """Put the packet's first event into the inbox, with the bytes of its files.

        `also` are items that the installation adds to every such case, beside what the packet brings.
        """
        turn = Turn(key="event:open", at=folder.packet.as_of)
        files = [*(folder.files[source.id] for source in folder.packet.sources), *also]
        _put_items(turn, "open", files, prior=folder.prior)
        requested = self.context.person(folder.packet.requested_by)
        content: dict[str, Json] = {"packet": folder.sha256, "scenario": self.context.scenario.slug}
        turn.entries.append(self.context.entry("run_opened", turn, actor=requested, content={"opened": content}))
        await self.store.commit(turn)

    async def submit(self, key: str, step: Step, file: PacketFile | None = None) -> None:
        """Put one thing that happened into the inbox. What comes after the end is refused on the record."""
        step = _masked(step)
        row = await self.store.row()
        if row is not None and row.final and not await self.store.done(f"event:{key}"):
            await self._refuse(key, step, row)
        elif step.decides is not None:
            await self._look_at_the_clock(key, step)
            await decide(self.context, key, step.decides, step.at)
        else:
            await self._put(key, step, file)

    async def _look_at_the_clock(self, key: str, step: Step) -> None:
        """Where time alone can open a hold, the run sees what time it is before a decision is judged (R2, R9)."""
        row = await self.store.row()
        if not self.context.scenario.clocked or row is None or from_instant(row.clock) >= step.at:
            return
        if await self.store.next_event() is None:
            await self._put(f"{key}:clock", Step(at=step.at, passes=Passes()), None)
            await self.drive()

    async def _put(self, key: str, step: Step, file: PacketFile | None) -> None:
        turn = Turn(key=f"event:{key}", at=step.at)
        kind = step.kind
        if file is not None:
            _put_items(turn, key, [file], kind="arrives")
        else:
            body = getattr(step, kind).model_dump_json()
            turn.events.append(Event(key, kind, instant(step.at), body))
        await self.store.commit(turn)

    async def _refuse(self, key: str, step: Step, row: RunRow) -> None:
        if step.decides is not None:
            await decide(self.context, key, step.decides, step.at)
            return
        turn = Turn(key=f"event:{key}", at=step.at)
        by = str(getattr(getattr(step, step.kind), "by", "") or "system")
        for action, reason in self._refused(step):
            turn.refusals.append(Refused(action, by, reason, row.turn, instant(step.at)))
            turn.entries.append(
                self.context.entry("refused", turn, actor=self.context.person(by), content={"reason": reason})
            )
        await self.store.commit(turn)

    def _refused(self, step: Step) -> list[tuple[str, str]]:
        """What is refused after the end, and why: also the boundary, where a request would cross it."""
        ended = "the run has ended; its outcome is final"
        if step.says is not None:
            crossed = boundary.ask(step.says.text, boundary_of(self.context.scenario, self.context.packet)).refused
            if crossed:
                return [(line.text, f"outside the boundary: {line.text}; {ended}") for line in crossed]
        what = getattr(getattr(step, step.kind), "id", "")
        return [(f"{step.kind} {what}".strip(), ended)]

    async def drive(self) -> None:
        """Work until the run rests: nothing unhandled in the inbox, and the graph waits or has ended.

        Raises LeaseTaken where another process works on it.
        """
        await self.store.take_lease()
        try:
            stalls = 0
            row, event = await self.store.look()
            while (given := await self._wake(row, event)) is not _AT_REST:
                waits = await self._advance(given)
                before, (row, event) = event, await self.store.look()
                if event is None and (waits or (row is not None and row.final)):
                    break
                stalls = stalls + 1 if before is not None and event == before else 0
                if stalls >= MAX_STALLS:
                    raise RuntimeError(f"run {self.store.run}: the event {before} is not being handled")
            if row is not None and row.final:
                await issue_receipt(self.context)
        finally:
            await self.store.give_lease()

    async def cancel(self, by: str, at: datetime, key: str | None = None) -> bool:
        """Cancel the chat turn at hand, or that of an event; `drive` then goes on. False where there is none."""
        return await cancel(self.context, by, at, key)

    async def fail(self, error: Exception) -> None:
        """Record a fault of ours: the run is `failed`, and what it had is kept."""
        row = await self.store.row()
        if row is None:
            return
        turn = Turn(key=f"failed:{row.turn}", at=from_instant(row.clock))
        turn.run |= {"status": "failed", "gate": None}
        reason = f"{type(error).__name__}: {error}"[:500]
        turn.entries.append(self.context.entry("failed", turn, content={"reason": reason}))
        await self.store.commit(turn)

    async def _wake(self, row: RunRow | None, event: Event | None) -> Any:
        """What to give the graph so that it goes on, or `_AT_REST`."""
        from langgraph.types import Command

        snapshot = await self.graph.aget_state(self._config())
        if snapshot.created_at is None:
            return {"run": self.store.run}
        if snapshot.interrupts:
            # Always by interrupt id, and the value says nothing: what happened stands in the store.
            return Command(resume={i.id: "wake" for i in snapshot.interrupts}) if event is not None else _AT_REST
        if row is not None and row.final and event is None:
            return _AT_REST
        # A crash can leave `next` empty on an unfinished turn. Keyed nodes make a fresh start harmless.
        return None if snapshot.next else {"run": self.store.run}

    async def _advance(self, given: Any) -> bool:
        """Work until the graph stops; whether it waits at an interrupt."""
        waits = False
        fault_point("wake.before")
        async for update in self.graph.astream(
            given, self._config(), context=self.context, stream_mode="updates", durability="sync"
        ):
            for node in update:
                waits = waits or node == _INTERRUPT
                self.progress(node)
        fault_point("wake.after")
        return waits

    def _config(self) -> Any:
        return {
            "configurable": {"thread_id": f"{self.store.tenant}/{self.store.run}"},
            "recursion_limit": 200,
        }


def _masked(step: Step) -> Step:
    """What a person wrote, without the secrets in it: they are stored nowhere but in frozen evidence (R7)."""
    happened = getattr(step, step.kind)
    written = {n: mask(text) for n in ("text", "reason") if isinstance(text := getattr(happened, n, None), str)}
    return step.model_copy(update={step.kind: happened.model_copy(update=written)}) if written else step


class _AtRest:
    pass


_AT_REST = _AtRest()


def _put_items(
    turn: Turn, key: str, files: Sequence[PacketFile], kind: str = "open", prior: Sequence[PacketFile] = ()
) -> None:
    items = []
    for one in [*files, *prior]:
        if one.data is not None and one.sha256 is not None:
            turn.blobs[one.sha256] = one.data
        items.append(
            {
                "source": one.source.model_dump(mode="json"),
                "sha256": one.sha256,
                "size": len(one.data or b""),
                "problem": one.problem,
                "prior": one in prior,
            }
        )
    turn.events.append(Event(key, kind, instant(turn.at), orjson.dumps({"items": items}).decode()))


@asynccontextmanager
async def checkpointer(url: str) -> AsyncIterator[Any]:
    """LangGraph's own checkpointer for the store's database.

    Its writes are not waited for until they are on the disk: a process that dies loses none of them, and a machine that
    loses power may lose the last ones or all, which changes nothing, because what is open is what the store says.
    """
    where = checkpoint_url(url)
    if where.startswith("postgresql"):
        from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
        from psycopg.rows import dict_row
        from psycopg_pool import AsyncConnectionPool

        options = {
            "autocommit": True,
            "prepare_threshold": 0,
            "row_factory": dict_row,
            "options": "-c synchronous_commit=off",
        }
        async with AsyncConnectionPool(
            where,
            kwargs=options,
            min_size=1,
            max_size=4,
            check=AsyncConnectionPool.check_connection,
            open=False,
        ) as pool:
            saver = AsyncPostgresSaver(pool)  # type: ignore[arg-type]
            await saver.setup()
            yield around(saver)
    else:
        from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

        async with AsyncSqliteSaver.from_conn_string(where) as local:
            await local.conn.execute("PRAGMA busy_timeout=30000")
            await local.conn.execute("PRAGMA synchronous=NORMAL")
            yield around(local)


def check_packet(folder: PacketFolder) -> tuple[Scenario, dict[str, Any]]:
    """The packet's scenario and its parameters in force. Raises InputError for what cannot be used."""
    file = str(folder.path / "packet.yaml")
    scenario = catalogue.find(folder.packet.scenario, file)
    try:
        parameters = resolve(scenario, folder.packet.parameters)
    except ParameterError as error:
        raise InputError(file, "parameters", str(error)) from error
    if folder.packet.case.startswith(RESERVED):
        raise InputError(file, "case", f"a name that does not begin with {RESERVED!r} was expected")
    brought = [*folder.packet.sources, *(step.arrives for step in folder.packet.timeline if step.arrives)]
    for one in brought:
        if policy_sets.own(one.id):
            raise InputError(file, "sources", f"{policy_sets.RESERVED}, found {one.id!r}")
    if folder.packet.person(folder.packet.requested_by) is None:
        raise InputError(file, "requested_by", f"{folder.packet.requested_by!r} is not among people")
    return in_force(scenario, parameters), parameters


def run_name(folder: PacketFolder) -> str:
    """The run that a packet is: the same packet is the same run."""
    return "run_" + digest({"case": folder.packet.case, "packet": folder.sha256})[7:23]


def masked(packet: Packet) -> Packet:
    """A packet without the secrets in what people wrote into it: its instructions and its timeline (R7)."""
    written = {"instructions": mask(packet.instructions), "timeline": [_masked(step) for step in packet.timeline]}
    return packet.model_copy(update=written)


def ledger_row(folder: PacketFolder, scenario: Scenario) -> dict[str, Any]:
    """The run ledger's row of a packet that is admitted."""
    return {
        "scenario": scenario.slug,
        "packet_sha256": folder.sha256,
        "packet": masked(folder.packet).model_dump_json(),
        "status": "working",
        "final": False,
        "clock": instant(folder.packet.as_of),
        "turn": 0,
    }


async def admit(
    database: Database,
    saver: Any,
    folder: PacketFolder,
    model: ModelPort,
    *,
    index_directory: Path | None = None,
    mode: str = "offline",
    model_name: str = "rules",
    progress: Progress = lambda _node: None,
    systems: Mapping[str, System] | None = None,
) -> Run:
    """Admit a packet as a run. The same packet is the same run, and goes on where it stood (R10).

    `systems` are the running stub systems of the packet (`tools.stub_server.serving`).
    """
    scenario, parameters = check_packet(folder)
    packet = masked(folder.packet)
    store = RunStore(database, packet.tenant.id, packet.case, run_name(folder))
    await store.admit(ledger_row(folder, scenario))
    graph = catalogue.pattern(scenario.pattern)().compile(checkpointer=saver)
    context = RunContext(store, scenario, packet, parameters, model, mode, model_name, index_directory)
    context.systems = systems or {}
    return Run(context, graph, progress)


async def play(run: Run, folder: PacketFolder) -> None:
    """Run a packet through its timeline. Each step happens when the run has come to rest after the one before.

    Steps marked `before_effect` are put into the inbox together with the decision before them, before the graph
    wakes: the release must notice them.
    """
    await run.open(folder)
    await run.drive()
    timeline = folder.packet.timeline
    for n, step in enumerate(timeline):
        if step.before_effect and n > 0:
            continue
        await _meanwhile(run, step.at)
        await run.submit(f"t{n}", step, _file_of(folder, step.arrives))
        for later, follower in enumerate(timeline[n + 1 :], n + 1):
            if not follower.before_effect:
                break
            await run.submit(f"t{later}", follower, _file_of(folder, follower.arrives))
        await run.drive()


async def _meanwhile(run: Run, until: datetime) -> None:
    """What time alone does before the next step: the run is woken at its deadlines, as the timers of a server do."""
    while (due := await next_deadline(run.context)) is not None and due < until:
        await run.submit(event_key(due), Step(at=due, passes=Passes()))
        await run.drive()


def _file_of(folder: PacketFolder, source: SourceItem | None) -> PacketFile | None:
    return folder.files[source.id] if source is not None else None
