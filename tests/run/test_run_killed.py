"""`kill -9` anywhere, then run again: the same result, no entry twice, no release twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from packets import minimal_packet, without_timeline
from postgres import own_database
from running import APART, killed_at, run_apart

from casefile.packet import Decides, Step
from graphs.runner import admit, checkpointer
from lineage.chain import verify_lines
from runtime.errors import LeaseTaken
from runtime.model.offline import Offline
from runtime.store.database import Database
from tools.packet_folder import load

pytestmark = pytest.mark.xdist_group("killed")

Whole = tuple[dict[str, Any], list[str]]


@pytest.fixture(scope="module")
def packet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A packet with an exception, an approval that counts and one that does not, and a late arrival. No images."""
    return minimal_packet(tmp_path_factory.mktemp("killed"), exception=True)


@pytest.fixture(scope="module")
def whole(packet: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The run that nobody disturbed."""
    out = tmp_path_factory.mktemp("whole")
    outcome = run_apart(packet, out)
    assert outcome["outcome"] == "exception_resolved_and_staged"
    return outcome, _kinds(out)


def _kinds(out: Path) -> list[str]:
    return [orjson.loads(line)["header"]["kind"] for line in (out / "lineage.jsonl").read_bytes().splitlines()]


def _goes_on(packet: Path, out: Path, whole: Whole, url: str | None = None) -> None:
    outcome = run_apart(packet, out, url)
    undisturbed, kinds = whole
    for part in ("outcome", "releases", "approvals", "refusals", "registers"):
        assert outcome[part] == undisturbed[part]
    assert outcome["artifact"]["sha256"] == undisturbed["artifact"]["sha256"]
    assert _kinds(out) == kinds
    assert verify_lines(out / "lineage.jsonl").intact


# Every transaction, in two tests a point: the odd ones and the even ones.
@pytest.mark.parametrize("first", [1, 2])
@pytest.mark.parametrize("point", ["transaction.before", "transaction.written", "transaction.after"])
def test_killed_at_transactions(point: str, first: int, packet: Path, whole: Whole, tmp_path: Path) -> None:
    count = first
    while killed_at(f"{point}:{count}", packet, tmp_path / str(count)):
        _goes_on(packet, tmp_path / str(count), whole)
        count += 2
    assert count > 20, "the run has fewer transactions than events and passes"


@pytest.mark.parametrize("point", ["checkpoint.before", "checkpoint.after", "writes.before", "writes.after"])
def test_killed_between_the_graphs_own_writes(point: str, packet: Path, whole: Whole, tmp_path: Path) -> None:
    count = 1
    while killed_at(f"{point}:{count}", packet, tmp_path / str(count)):
        _goes_on(packet, tmp_path / str(count), whole)
        count += 4
    assert count > 20


def test_killed_on_postgresql(packet: Path, whole: Whole, tmp_path: Path) -> None:
    for count in range(2, 60, 9):
        with own_database() as url:
            killed_at(f"*:{count}", packet, tmp_path / str(count), url)
            _goes_on(packet, tmp_path / str(count), whole, url)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_three_processes_answer_one_gate_at_once(backend: str, packet: Path, tmp_path: Path) -> None:
    waiting = without_timeline(packet, tmp_path / "packet")
    out = tmp_path / "out"
    if backend == "sqlite":
        _race(waiting, out, f"sqlite:///{tmp_path / 'race.db'}")
    else:
        with own_database() as url:
            _race(waiting, out, url)


def _race(packet: Path, out: Path, url: str) -> None:
    assert run_apart(packet, out, url)["status"] == "waiting"
    barrier = APART.Barrier(3)
    people = [APART.Process(target=_answer, args=(packet, url, letter, barrier)) for letter in "abc"]
    for person in people:
        person.start()
    for person in people:
        person.join(60)
        assert person.exitcode == 0
    outcome = run_apart(packet, out, url)
    answers = outcome["approvals"]
    assert sorted(one["state"] for one in answers) == ["refused", "refused", "valid"]
    winner = next(one["by"] for one in answers if one["state"] == "valid")
    assert all(winner in one["reason"] for one in answers if one["state"] == "refused"), answers
    assert len(outcome["releases"]) == 1


def _answer(packet: Path, url: str, letter: str, barrier: Any) -> None:
    asyncio.run(_answer_and_drive(packet, url, letter, barrier))


async def _answer_and_drive(packet: Path, url: str, letter: str, barrier: Any) -> None:
    folder = load(packet)
    database = await Database.open(url)
    async with checkpointer(url) as saver:
        run = await admit(database, saver, folder, Offline())
        barrier.wait(30)
        answer = Decides(gate="exception_release", by=f"u-duty-{letter}", decision="approve")
        await run.submit(f"race-{letter}", Step(at=folder.packet.as_of + timedelta(minutes=5), decides=answer))
        for _ in range(100):
            try:
                await run.drive()
                break
            except LeaseTaken:
                await asyncio.sleep(0.1)
    await database.close()


def test_the_lease_of_a_killed_process_holds_nobody_up(packet: Path, tmp_path: Path) -> None:
    assert killed_at("transaction.after:6", packet, tmp_path)
    assert run_apart(packet, tmp_path)["status"] == "finished"
