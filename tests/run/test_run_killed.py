"""`kill -9` anywhere, then run again: the same result, no entry twice, no release twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from packets import minimal_packet
from postgres import own_database
from running import KILLED, in_child, run

from lineage.chain import verify_lines
from runtime import faults

pytestmark = pytest.mark.xdist_group("killed")


def _kinds(out: Path) -> list[str]:
    lines = (out / "lineage.jsonl").read_bytes().splitlines()
    return [orjson.loads(line)["header"]["kind"] for line in lines]


def _same(out: Path, outcome: dict[str, Any], whole: dict[str, Any], kinds: list[str]) -> None:
    assert outcome["artifact"]["sha256"] == whole["artifact"]["sha256"]
    assert outcome["outcome"] == whole["outcome"]
    assert outcome["releases"] == whole["releases"]
    assert outcome["approvals"] == whole["approvals"]
    assert _kinds(out) == kinds
    assert verify_lines(out / "lineage.jsonl").intact


def _killed_at(point: str, packet: Path, out: Path, url: str | None = None) -> bool:
    def work() -> None:
        name, _, count = point.partition(":")
        faults._target, faults._left = name, int(count)
        run(packet, out, url)

    code = in_child(work)
    assert code in (0, KILLED)
    return code == KILLED


@pytest.fixture(scope="module")
def packet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A packet with an exception, two approvals and a late arrival, without images: OCR is slow."""
    return minimal_packet(tmp_path_factory.mktemp("killed"), exception=True)


@pytest.fixture(scope="module")
def whole(packet: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    out = tmp_path_factory.mktemp("whole")
    outcome = run(packet, out)
    return outcome, _kinds(out)


@pytest.mark.parametrize("point", ["turn.before", "turn.written", "turn.after"])
def test_killed_at_every_turn_of_the_run(
    point: str, packet: Path, whole: tuple[dict[str, Any], list[str]], tmp_path: Path
) -> None:
    count = 0
    while True:
        count += 1
        out = tmp_path / str(count)
        if not _killed_at(f"{point}:{count}", packet, out):
            break
        _same(out, run(packet, out), *whole)
    assert count > 10, "the run has fewer turns than it has nodes"


@pytest.mark.parametrize("method", ["aput", "aput_writes"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_between_the_writes_of_the_graph_itself(
    method: str, after: bool, packet: Path, whole: tuple[dict[str, Any], list[str]], tmp_path: Path
) -> None:
    for count in range(1, 60, 4):
        out = tmp_path / str(count)

        def work(count: int = count, out: Path = out) -> None:
            _die_around(method, count, after)
            run(packet, out)

        if in_child(work) != KILLED:
            break
        _same(out, run(packet, out), *whole)
    assert count > 20


def _die_around(method: str, count: int, after: bool) -> None:
    import os
    import signal

    original = getattr(AsyncSqliteSaver, method)
    left = [count]

    async def dying(self: Any, *args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = await original(self, *args, **kwargs)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(AsyncSqliteSaver, method, dying)


def test_killed_on_postgresql(packet: Path, whole: tuple[dict[str, Any], list[str]], tmp_path: Path) -> None:
    for count in range(2, 30, 5):
        with own_database() as url:
            out = tmp_path / str(count)
            if not _killed_at(f"*:{count}", packet, out, url):
                break
            _same(out, run(packet, out, url), *whole)


def test_three_processes_answer_one_gate_at_once(packet: Path, tmp_path: Path) -> None:
    with own_database() as url:
        for where in (None, url):
            _race(packet, tmp_path / ("sqlite" if where is None else "postgresql"), where)


def _race(packet: Path, out: Path, url: str | None) -> None:
    """Stop a run at its gate, let three people answer at the same moment, and look at what the store says."""
    import multiprocessing

    from packets import without_timeline

    waiting = without_timeline(packet, out / "packet")
    where = url or f"sqlite:///{out / '.casegate' / 'casegate.db'}"
    assert run(waiting, out, where)["status"] == "waiting"
    barrier = multiprocessing.get_context("fork").Barrier(3)
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_answer, args=(waiting, where, person, barrier)) for person in "abc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    outcome = run(waiting, out, where)
    states = sorted(one["state"] for one in outcome["approvals"] if one["gate"] == "exception_release")
    assert states == ["refused", "refused", "valid"]
    winner = next(one["by"] for one in outcome["approvals"] if one["state"] == "valid")
    told = [one["reason"] for one in outcome["approvals"] if one["state"] == "refused"]
    assert all(winner in reason for reason in told), told
    assert len(outcome["releases"]) == 1


def _answer(packet: Path, url: str, person: str, barrier: Any) -> None:
    asyncio.run(_answer_and_drive(packet, url, person, barrier))


async def _answer_and_drive(packet: Path, url: str, person: str, barrier: Any) -> None:
    from datetime import timedelta

    from casefile.packet import Decides, Step
    from graphs.runner import admit, checkpointer
    from runtime.errors import LeaseTaken
    from runtime.model.offline import Offline
    from runtime.store.database import Database
    from tools.packet_folder import load

    folder = load(packet)
    database = await Database.open(url)
    async with checkpointer(url) as saver:
        one = await admit(database, saver, folder, Offline())
        barrier.wait()
        answer = Decides(gate="exception_release", by=f"u-duty-{person}", decision="approve")
        await one.submit(f"race-{person}", Step(at=folder.packet.as_of + timedelta(minutes=5), decides=answer))
        for _ in range(200):
            try:
                await one.drive()
                break
            except LeaseTaken:
                await asyncio.sleep(0.05)
    await database.close()


def test_a_lease_of_a_killed_process_holds_nobody_up(packet: Path, tmp_path: Path) -> None:
    assert _killed_at("turn.after:6", packet, tmp_path)
    assert run(packet, tmp_path)["status"] == "finished"
