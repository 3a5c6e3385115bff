"""A contractor case whose agents ask a real chat server, turn by turn; and what the lineage says of each turn."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from running import CASES

from casefile.packet import Says, SourceItem, Step
from graphs.runner import Run, admit, checkpointer
from lineage.canonical import digest_bytes
from runtime.model.chat_server import Reply
from runtime.model.port import ModelPort
from runtime.prompts import names, prompt
from runtime.store.chain import entry_of, rows_of
from runtime.store.database import Database
from tools.packet_folder import PacketFile, PacketFolder, load

BASE = CASES / "contractor-access" / "cases" / "clean-handoff"
OF_PASS = ("extraction", "reconciliation", "drafting", "objections")
OF_QUESTION = ("supervisor", "retrieval", "answering")
QUESTION = "Which panel may show people who have left?"
CHANGE = "Please reword the summary."
_AGENTS = {prompt(name, "contractor-access").text: name for name in names()}


def agent_of(body: Mapping[str, Any]) -> str:
    """Which agent asks: each has its own prompt."""
    return _AGENTS[body["messages"][0]["content"]]


def honest(agent: str, number: int = 0) -> Reply:
    """What a well-meaning model answers; `number` makes its proposals differ."""
    text = f"The panel may have shown an older row in refresh {number}."
    hypothesis = {"section": "summary", "text": text, "kind": "hypothesis", "replaces": "", "reason": "", "cites": []}
    answers: dict[str, Any] = {
        "extraction": {"values": []},
        "reconciliation": {"pairs": []},
        "drafting": {"statements": [hypothesis]},
        "objections": {"objections": []},
        "supervisor": {"kind": "ask"},
        "systems": {"asks": []},
        "retrieval": {"queries": [], "enough": True},
        "answering": {"sentences": [], "unanswered": True},
    }
    whole = json.dumps(answers[agent])
    return Reply((whole[:9], whole[9:]))


@dataclass(slots=True)
class Talk:
    """A run at work. Every step comes a minute after the one before."""

    run: Run
    folder: PacketFolder
    steps: int = 0
    read: int = 0

    async def put(self, **what: Any) -> None:
        """Put a step into the inbox."""
        self.steps += 1
        step = Step(at=self.folder.packet.as_of + timedelta(minutes=self.steps), **what)
        file = None
        if step.arrives is not None:
            file = replace(self.folder.files["notes"], source=step.arrives)
            file = _with(file, f"A note, number {self.steps}: the panel is refreshed every hour.\n")
        await self.run.submit(f"s{self.steps}", step, file)

    async def arrives(self) -> None:
        """A note comes in: the agents of a pass go to work."""
        source = {"id": f"more{self.steps}", "file": f"more{self.steps}.md", "system": "case_workspace"}
        await self.put(arrives=SourceItem.model_validate(source))
        await self.run.drive()

    async def says(self, text: str = QUESTION) -> None:
        """The lead writes."""
        await self.put(says=Says(by="u-lead", text=text))
        await self.run.drive()

    async def news(self) -> list[dict[str, Any]]:
        """The lineage since the last look: header, and content in the clear."""
        store = self.run.store
        lines = [orjson.loads(entry_of(row).line()) async for row in rows_of(store.database, store.tenant, store.case)]
        new, self.read = lines[self.read :], len(lines)
        return [
            {**line["header"], "content": {name: one["value"] for name, one in line["content"].items()}} for line in new
        ]


def _with(file: PacketFile, text: str) -> PacketFile:
    return replace(file, data=text.encode(), sha256=digest_bytes(text.encode()))


@asynccontextmanager
async def talk(model: ModelPort, url: str, packet: Path = BASE) -> AsyncIterator[Talk]:
    """The case, opened and not driven yet."""
    folder = load(packet)
    database = await Database.open(url)
    try:
        async with checkpointer(url) as saver:
            run = await admit(database, saver, folder, model, mode=model.mode, model_name=model.name)
            await run.open(folder)
            yield Talk(run, folder)
    finally:
        await database.close()
