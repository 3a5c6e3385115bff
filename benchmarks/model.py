"""What a model turn costs beyond the endpoint's own time: `python -m benchmarks.model`.

The endpoint is a real HTTP server on loopback that measures its own time, in another process, so that the two
do not wait for each other's event loop.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import time
from multiprocessing.connection import Connection

from pydantic import BaseModel

from runtime.model import ChatText, OpenAIChat, Prompt, ProposalRequest
from runtime.model.chat_server import ChatServer, Reply

TURNS = 200
SPANS = 40
FIRST_TOKEN = 0.05


class Answer(BaseModel):
    verdict: str
    spans: list[int]


GOOD = '{"verdict": "hold", "spans": [1, 2, 3]}'


def main() -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    url = ours.recv()
    asyncio.run(_measure(url, ours))
    process.terminate()


async def _measure(url: str, server: Connection) -> None:
    port = OpenAIChat(url, "bench")
    await port.propose(_request("warm"), Answer)
    turns = []
    for number in range(TURNS):
        start = time.perf_counter()
        result = await port.propose(_request(str(number)), Answer)
        turns.append(time.perf_counter() - start)
        if result.value is None:
            raise SystemExit(f"turn {number} was dropped: {result.dropped}")
    first = [await _first_token(port) for _ in range(TURNS // 10)]
    await port.aclose()
    server.send("done")
    served = server.recv()[1 : TURNS + 1]
    overhead = [turn - own for turn, own in zip(turns, served, strict=True)]
    print(f"turn of {SPANS} spans, median            {statistics.median(turns) * 1e3:8.2f} ms")
    print(f"  the server's own time, median      {statistics.median(served) * 1e3:8.2f} ms")
    print(f"  beyond it, median                  {statistics.median(overhead) * 1e3:8.2f} ms")
    print(f"first token beyond the server's {FIRST_TOKEN * 1e3:.0f} ms {statistics.median(first) * 1e3:8.2f} ms")


async def _first_token(port: OpenAIChat) -> float:
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
    async def run() -> None:
        # Free text is chat, whose first token takes its time; a proposal comes at once, in twenty pieces.
        pieces = tuple(GOOD[i : i + 2] for i in range(0, len(GOOD), 2))
        async with ChatServer(
            lambda body: Reply(pieces) if "response_format" in body else Reply(pieces, first_delay=FIRST_TOKEN)
        ) as server:
            pipe.send(server.url)
            await asyncio.to_thread(pipe.recv)
            pipe.send(server.served)

    asyncio.run(run())


if __name__ == "__main__":
    main()
