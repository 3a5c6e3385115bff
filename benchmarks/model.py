"""What a model turn costs beyond the model's own time: `python -m benchmarks.model`.

The endpoint is a real HTTP server on loopback that measures its own time, in another process, so that the two
do not wait for each other's event loop. A call is one proposal through the port; a turn is a chat turn of the
copilot loop with SQLite: several calls, search, checks, one transaction with its lineage, checkpoints.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from benchmarks.report import Figure, show
from casefile.packet import Says, Step
from graphs.runner import admit, checkpointer
from runtime.model import ChatText, OpenAIChat, Prompt, ProposalRequest
from runtime.model.chat_server import ChatServer, Reply
from runtime.prompts import names, prompt
from runtime.store.database import Database
from tools.packet_folder import load

CASE = Path(__file__).resolve().parent.parent / "scenarios/contractor-access/cases/clean-handoff"
CALLS = 200
TURNS = 60
SPANS = 40
FIRST_TOKEN = 0.05
QUESTION = "Which panel may show people who have left?"
ANSWERS: dict[str, Any] = {
    "extraction": {"values": []},
    "reconciliation": {"pairs": []},
    "drafting": {"statements": []},
    "objections": {"objections": []},
    "supervisor": {"kind": "find"},
    "retrieval": {"queries": ["panel refreshed"], "enough": False},
    "answering": {"sentences": [], "unanswered": True},
}


class Answer(BaseModel):
    verdict: str
    spans: list[int]


def main() -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    url = ours.recv()
    try:
        show(asyncio.run(_measure(url, ours)))
    finally:
        process.terminate()


async def _measure(url: str, server: Connection) -> list[Figure]:
    port = OpenAIChat(url, "bench")
    calls, turns = await _calls(port, server), await _turns(port, server)
    first = [await _first_token(port) * 1e3 for _ in range(CALLS // 10)]
    await port.aclose()
    return [
        Figure(f"call of {SPANS} spans beyond the model, median ms", statistics.median(calls) * 1e3),
        Figure("turn with 4 calls beyond the model, median ms", statistics.median(turns) * 1e3, limit=60),
        Figure("first token at the caller after it was sent, median ms", statistics.median(first), limit=30),
        Figure("first token at the caller after it was sent, worst ms", max(first), limit=30),
    ]


async def _calls(port: OpenAIChat, server: Connection) -> list[float]:
    took = []
    for number in range(CALLS):
        start = time.perf_counter()
        result = await port.propose(_request(str(number)), Answer)
        seconds = time.perf_counter() - start
        if result.value is None:
            raise SystemExit(f"call {number} was dropped: {result.dropped}")
        took.append(seconds - sum(_served(server)))
    return took


async def _turns(port: OpenAIChat, server: Connection) -> list[float]:
    took = []
    folder = load(CASE)
    # The same question again is no progress, and a loop that stalls would end.
    folder = replace(folder, packet=folder.packet.model_copy(update={"parameters": {"stall_turn_limit": 10 * TURNS}}))
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{Path(scratch) / 'bench.db'}"
        database = await Database.open(url)
        async with checkpointer(url) as saver:
            run = await admit(database, saver, folder, port, mode=port.mode, model_name=port.name)
            await run.open(folder)
            await run.drive()
            _served(server)
            for number in range(TURNS):
                at = folder.packet.as_of + timedelta(minutes=number + 1)
                start = time.perf_counter()
                await run.submit(f"t{number}", Step(at=at, says=Says(by=folder.packet.requested_by, text=QUESTION)))
                await run.drive()
                seconds = time.perf_counter() - start
                served = _served(server)
                if len(served) != 4:
                    raise SystemExit(f"turn {number} asked {len(served)} times, 4 were expected")
                took.append(seconds - sum(served))
        await database.close()
    return took


def _served(server: Connection) -> list[float]:
    """The server's own seconds of each request since the last look."""
    server.send("served")
    return list(server.recv())


async def _first_token(port: OpenAIChat) -> float:
    """Seconds until the first piece, the request's own way included, without those that the server waited."""
    start = time.perf_counter()
    delay = 0.0
    async for event in port.stream(_request("chat")):
        if isinstance(event, ChatText) and not delay:
            delay = time.perf_counter() - start - FIRST_TOKEN
    return delay


def _request(turn: str) -> ProposalRequest:
    text = "The customer of order LUM-88213 wrote on Monday that the lamp arrived broken and asks for a refund."
    return ProposalRequest(
        task="Propose a verdict.",
        prompt=Prompt(name="bench", version="1", sha256="0" * 64, text="You propose."),
        spans=tuple((number, f"{text} ({number})") for number in range(1, SPANS + 1)),
        turn=turn,
    )


def _serve(pipe: Connection) -> None:
    agents = {prompt(name, "contractor-access").text: name for name in names()}

    def answer(body: dict[str, Any]) -> Reply:
        name = agents.get(body["messages"][0]["content"])
        text = json.dumps(ANSWERS[name] if name else {"verdict": "hold", "spans": [1, 2, 3]})
        # Free text is chat, whose first token takes its time; a proposal comes at once, in pieces.
        delay = 0.0 if "response_format" in body else FIRST_TOKEN
        return Reply(tuple(text[i : i + 2] for i in range(0, len(text), 2)), first_delay=delay)

    async def run() -> None:
        async with ChatServer(answer) as server:
            pipe.send(server.url)
            while await asyncio.to_thread(pipe.recv):
                pipe.send(server.served[:])
                server.served.clear()

    asyncio.run(run())


if __name__ == "__main__":
    main()
