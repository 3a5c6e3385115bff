"""Trying a prompt's text: the cases of every scenario that uses it, with a model; and whether it was asked at all."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from casefile.scenario import Scenario
from evals.cases import PacketCase, of_scenario
from evals.expectations import load
from evals.running import judge, play
from graphs import catalogue
from graphs.playing import Connected
from lineage.canonical import digest_bytes
from runtime.clock import instant
from runtime.errors import InputError
from runtime.installation import wall_time
from runtime.model.port import ModelPort, Prompt
from runtime.prompts import filled
from runtime.store import setting_rows
from runtime.store.database import Database
from runtime.store.setting_rows import Mark, Version
from tools import packet_folder
from tools.connectors.http_tools import http_tools, opened
from tools.demo_connected import connected

# What every scenario's pass uses, and what its chat uses; the others are those of the turns and edits of a loop.
OF_EVERY_PASS, OF_EVERY_CHAT = "extraction", ("answering", "retrieval")
LOOP = "analyst-copilot-loop"
# The one that is asked with only where systems are connected: its cases are played beside those of the demo.
OF_SYSTEMS = "systems"


@dataclass(frozen=True, slots=True)
class Tried:
    """What one case said about the text. `asked` is how often the model was asked with exactly it."""

    suite: str
    case: str
    asked: int
    misses: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the case met everything that it expects."""
        return not self.misses


def scenarios_using(name: str) -> list[Scenario]:
    """The scenarios whose agents are given the prompt of that name."""
    everywhere = name in (OF_EVERY_PASS, *OF_EVERY_CHAT)
    return [one for one in catalogue.all_scenarios() if everywhere or one.pattern == LOOP]


def cases_of(name: str) -> list[PacketCase]:
    """The cases by which a text of that prompt is judged: those of every scenario that uses it, and where only the chat
    does, those in which somebody writes."""
    return [
        case
        for one in scenarios_using(name)
        for case in of_scenario(one.short)
        if name not in OF_EVERY_CHAT or one.pattern == LOOP or _written(case)
    ]


def _written(case: PacketCase) -> bool:
    return any(step.says is not None for step in packet_folder.load(case.path).packet.timeline)


def tried(text: Prompt, cases: list[PacketCase], port: Callable[[], ModelPort]) -> Iterator[Tried]:
    """Play each case with the text in the place of the one in force. `port` makes a model for one case."""
    for case in cases:
        yield _try(text, case, port)


def _try(text: Prompt, case: PacketCase, port: Callable[[], ModelPort]) -> Tried:
    with tempfile.TemporaryDirectory(prefix="casegate-trial-") as scratch:
        out, url = Path(scratch) / "out", f"sqlite:///{scratch}/casegate.db"
        try:
            with _reaching(text.name, case, url, Path(scratch)) as reach:
                played = play(case.path, out, url, port(), {text.name: text}, reach)
            found, unsafe = judge(load(case.path / "expect.yaml"), played, with_model=True)
        except (InputError, TimeoutError) as error:
            return Tried(case.suite, case.name, 0, (str(error) or "no result in time",))
        misses = tuple(dict.fromkeys([*(str(one) for one in found), *unsafe]))
        given = filled(text, catalogue.find(packet_folder.load(case.path).packet.scenario).short)
        return Tried(case.suite, case.name, _asked(out / "lineage.jsonl", given.sha256), misses)


@contextmanager
def _reaching(name: str, case: PacketCase, url: str, folder: Path) -> Iterator[Connected]:
    """What the case may reach: nothing, or the systems of the demo with every question in the agent's scope."""
    if name != OF_SYSTEMS:
        yield Connected()
        return
    packet = packet_folder.load(case.path).packet
    scenario, tenant = catalogue.find(packet.scenario), packet.tenant.id
    with connected(folder) as file:
        reach = Connected(connectors=opened(file))
        tools = [*http_tools(reach.connectors, tenant)]
        asyncio.run(_granted(url, tenant, scenario.short, {**scenario.tools, OF_SYSTEMS: tools}))
        yield reach


async def _granted(url: str, tenant: str, short: str, grants: Mapping[str, Sequence[str]]) -> None:
    """Put these scopes in force in the store of the trial."""
    database = await Database.open(url)
    body, at = orjson.dumps(grants).decode(), instant(wall_time())

    async def write(connection: AsyncConnection) -> None:
        version = Version("tools", short, 0, digest_bytes(body.encode()), body, "trial", "", at)
        number = await setting_rows.put_version(connection, tenant, version)
        mark = Mark(short, number, number, "activated", "trial", "", at)
        await setting_rows.put_mark(connection, tenant, "tools", mark)

    await database.together(write)
    await database.close()


def _asked(lineage: Path, sha256: str) -> int:
    headers = [orjson.loads(line)["header"] for line in lineage.read_bytes().splitlines()]
    return sum(1 for one in headers if one["agent"] and one["agent"]["prompt_hash"] == sha256)
