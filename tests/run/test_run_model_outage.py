"""The model fails at every point of a turn, over real HTTP: no turn is lost or applied twice, and people see it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from model_turns import CHANGE, OF_PASS, OF_QUESTION, Talk, agent_of, honest, talk

from graphs.asking import model_usage
from runtime.clock import from_instant
from runtime.model import Breaker, Budget, ChatOptions, OpenAIChat
from runtime.model.chat_server import ChatServer, Hangup, Raw, Refusal, Reply, Step, ToolCall
from runtime.model.offline import Offline

FAST = ChatOptions(connect=1, read=0.15, total=3, retries=1, backoff=0.01, output_limit=2_000)
BROKEN: Mapping[str, tuple[Step, str]] = {
    "down": (Hangup(), "no answer from the model endpoint"),
    "slow": (Reply(("{}",), first_delay=5), "too slow"),
    "limited": (Refusal(429, headers=(("Retry-After", "0.01"),)), "limits the rate"),
    "failing": (Refusal(500), "the model endpoint failed (500)"),
    "cut": (Reply(('{"statements"', ": [", "]}"), cut_after=2), "no answer from the model endpoint"),
    "nonsense": (Reply(('{"statements": [',)), "invalid output"),
    "tools": (ToolCall("send_mail", '{"to": "x"}'), "called a tool"),
    "no chat": (Raw(b"<html>login</html>", "text/html"), "the stream ended before the answer did"),
    "endless": (Reply(("A" * 500,) * 40), "longer than 2000 characters"),
}


class Endpoint:
    """A server whose agents answer honestly, but for the one that is told to fail, `times` times or always."""

    def __init__(self) -> None:
        self.failing = ""
        self.step: Step = Hangup()
        self.times: int | None = None
        self.asked: list[str] = []

    def __call__(self, body: Mapping[str, Any]) -> Step:
        agent = agent_of(body)
        self.asked.append(agent)
        if agent == self.failing and (self.times is None or self.times > 0):
            self.times = None if self.times is None else self.times - 1
            return self.step
        if agent == "supervisor" and CHANGE in body["messages"][1]["content"]:
            return Reply(('{"kind": "change"}',))
        return honest(agent, len(self.asked))


def _port(server: ChatServer, **given: Any) -> OpenAIChat:
    # So many failures in a row are what these tests are made of: the circuit has a test of its own.
    given.setdefault("breaker", Breaker(failures=10_000))
    given.setdefault("options", FAST)
    return OpenAIChat(server.url, "m-1", **given)


def _asked(news: list[dict[str, Any]]) -> dict[str, str | None]:
    return {e["actor"]["id"]: e["content"]["asked"]["dropped"] for e in news if e["kind"] == "model_asked"}


def _shown(news: list[dict[str, Any]]) -> str:
    """What a person is shown of the model's part: with the answer, or with the checks of a pass."""
    notes = [n for e in news if e["kind"] == "answered" for n in e["content"]["answer"]["model"]]
    return " ".join([*notes, *(n for e in news if e["kind"] == "checked" for n in e["content"]["notes"])])


async def _turn(at: Talk, endpoint: Endpoint, agent: str, text: str = "") -> None:
    """One turn in which one agent fails: it is handled once, and says what failed and nothing else."""
    endpoint.failing = agent
    await (at.says(text) if text else at.says() if agent in OF_QUESTION else at.arrives())
    news = await at.news()
    assert await at.run.store.next_event() is None
    kinds = [entry["kind"] for entry in news]
    wanted = ["said", "answered"] if "said" in kinds else ["evidence_frozen", "evidence_read", "checked"]
    assert all(kinds.count(kind) == 1 for kind in wanted), kinds
    dropped = _asked(news)
    why = next(says for step, says in BROKEN.values() if step is endpoint.step)
    assert why in (dropped.pop(agent) or "")
    assert set(dropped.values()) <= {None}
    assert f"{agent}: the model's proposal was dropped" in _shown(news)
    assert why in _shown(news)


@pytest.mark.parametrize("name", BROKEN)
async def test_a_failure_at_every_point_of_a_turn_loses_nothing(name: str, sqlite_url: str, tmp_path: Path) -> None:
    endpoint = Endpoint()
    endpoint.step, _ = BROKEN[name]
    async with ChatServer(endpoint) as server:
        port = _port(server)
        async with talk(port, sqlite_url) as at:
            await at.run.drive()
            await at.news()
            for agent in (*OF_PASS, *OF_QUESTION):
                await _turn(at, endpoint, agent)
            await _turn(at, endpoint, "drafting", CHANGE)
            fields = (await at.run.store.revisions())[-1].artifact.fields
            edits = await at.run.store.edits()
            asked, steps = len(server.seen), at.steps
            await at.run.drive()
            assert len(server.seen) == asked
        await port.aclose()
    assert len({edit.after for edit in edits}) == len(edits)
    async with talk(Offline(), f"sqlite:///{tmp_path / 'offline.db'}") as rules:
        await rules.run.drive()
        for _ in OF_PASS:
            await rules.arrives()
        assert (await rules.run.store.revisions())[-1].artifact.fields == fields
    assert steps >= len(OF_PASS) + len(OF_QUESTION)


@pytest.mark.parametrize("name", ["down", "slow", "limited", "failing", "cut"])
async def test_a_short_failure_is_tried_again_and_applied_once(name: str, sqlite_url: str) -> None:
    endpoint = Endpoint()
    endpoint.step, _ = BROKEN[name]
    async with ChatServer(endpoint) as server:
        port = _port(server)
        async with talk(port, sqlite_url) as at:
            await at.run.drive()
            await at.news()
            endpoint.asked.clear()
            endpoint.failing, endpoint.times = "drafting", 1
            await at.arrives()
            news = await at.news()
        await port.aclose()
    assert endpoint.asked.count("drafting") == 2
    assert _asked(news)["drafting"] is None
    proposed = [e for e in news if e["kind"] == "edit_proposed" and "refresh" in e["content"]["edit"]["after"]]
    assert len(proposed) == 1


async def test_an_endpoint_that_was_never_there_costs_no_turn(sqlite_url: str) -> None:
    port = OpenAIChat("http://127.0.0.1:9/v1", "m-1", options=FAST)
    async with talk(port, sqlite_url) as at:
        await at.run.drive()
        await at.says()
        news = await at.news()
    await port.aclose()
    assert "no answer from the model endpoint" in _shown(news)
    assert [e["content"]["answer"]["lines"] != [] for e in news if e["kind"] == "answered"] == [True]


@pytest.mark.parametrize("agent", [*OF_PASS, *OF_QUESTION])
async def test_a_worker_that_stops_in_the_middle_loses_nothing(agent: str, sqlite_url: str) -> None:
    """The task is cancelled while it waits for an agent's answer, as at a shutdown; the next one finishes the turn."""
    endpoint = Endpoint()
    async with ChatServer(endpoint) as server:
        port = _port(server, options=ChatOptions())
        async with talk(port, sqlite_url) as at:
            await at.run.drive()
            await at.news()
            endpoint.failing, endpoint.step, endpoint.times = agent, Reply(("{}",), first_delay=30), 1
            working = asyncio.create_task(at.says() if agent in OF_QUESTION else at.arrives())
            await _until(lambda: endpoint.times == 0)
            working.cancel()
            assert isinstance((await asyncio.gather(working, return_exceptions=True))[0], asyncio.CancelledError)
            left = await at.run.store.next_event()
            assert left is not None
            await at.run.drive()
            news = await at.news()
            assert await at.run.store.next_event() is None
        await port.aclose()
    kinds = [entry["kind"] for entry in news]
    wanted = ("said", "answered") if agent in OF_QUESTION else ("evidence_frozen", "evidence_read", "checked")
    assert all(kinds.count(kind) == 1 for kind in wanted), kinds
    assert _asked(news)[agent] is None


async def test_a_person_cancels_a_turn_and_the_run_goes_on(sqlite_url: str) -> None:
    endpoint = Endpoint()
    async with ChatServer(endpoint) as server:
        port = _port(server, options=ChatOptions())
        async with talk(port, sqlite_url) as at:
            await at.run.drive()
            await at.news()
            endpoint.failing, endpoint.step, endpoint.times = "answering", Reply(("{}",), first_delay=30), 1
            working = asyncio.create_task(at.says())
            await _until(lambda: endpoint.times == 0)
            assert await at.run.cancel("u-lead", from_instant("2026-06-03T08:33:00Z"))
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await at.run.drive()
            cancelled = await at.news()
            assert not await at.run.cancel("u-lead", from_instant("2026-06-03T08:33:00Z"))
            await at.says("When was the account deactivated?")
            news = await at.news()
        await port.aclose()
    kinds = [entry["kind"] for entry in cancelled]
    assert (kinds.count("said"), kinds.count("turn_cancelled"), kinds.count("answered")) == (1, 1, 0)
    assert next(e for e in cancelled if e["kind"] == "turn_cancelled")["actor"]["id"] == "u-lead"
    assert [e["kind"] for e in news].count("answered") == 1


async def test_an_answer_that_comes_after_its_cancelling_counts_for_nothing(sqlite_url: str) -> None:
    """The one who cancels and the one who answers may be two processes: the turn has one end."""
    endpoint = Endpoint()
    async with ChatServer(endpoint) as server:
        port = _port(server, options=ChatOptions())
        async with talk(port, sqlite_url) as at:
            await at.run.drive()
            await at.news()
            reply = honest("answering")
            endpoint.failing, endpoint.step, endpoint.times = "answering", Reply(reply.pieces, first_delay=0.3), 1
            working = asyncio.create_task(at.says())
            await _until(lambda: endpoint.times == 0)
            assert await at.run.cancel("u-lead", from_instant("2026-06-03T08:33:00Z"))
            await working
            kinds = [entry["kind"] for entry in await at.news()]
            assert await at.run.store.next_event() is None
        await port.aclose()
    assert (kinds.count("said"), kinds.count("turn_cancelled"), kinds.count("answered")) == (1, 1, 0)
    assert "model_asked" not in kinds


async def test_evidence_cannot_be_cancelled(sqlite_url: str) -> None:
    async with talk(Offline(), sqlite_url) as at:
        assert not await at.run.cancel("u-lead", from_instant("2026-06-03T08:33:00Z"))
        await at.run.drive()
        assert "checked" in [entry["kind"] for entry in await at.news()]


async def test_an_endpoint_that_keeps_failing_is_left_alone_and_the_turn_says_so(sqlite_url: str) -> None:
    now = [0.0]
    endpoint = Endpoint()
    breaker = Breaker(failures=3, seconds=30, clock=lambda: now[0])
    async with ChatServer(lambda body: Refusal(503) if not now[0] else endpoint(body)) as server:
        port = _port(server, breaker=breaker, options=ChatOptions(retries=0))
        async with talk(port, sqlite_url) as at:
            await at.run.drive()
            assert len(server.seen) == 3
            await at.news()
            await at.says()
            news = await at.news()
            assert len(server.seen) == 3
            assert "3 failures in a row" in _shown(news)
            assert "rules only until then" in _shown(news)
            now[0] = 31.0
            await at.says("When was the account deactivated?")
            assert set(_asked(await at.news()).values()) == {None}
        await port.aclose()


async def test_a_budget_of_a_turn_ends_the_asking_and_not_the_turn(sqlite_url: str) -> None:
    async with ChatServer(Endpoint()) as server:
        async with talk(port := _port(server, budget=Budget(per_turn=500)), sqlite_url) as at:
            await at.run.drive()
            await at.says()
            news = await at.news()
        await port.aclose()
    assert server.seen == []
    assert "the token budget of this turn" in _shown(news)
    assert [e["kind"] for e in news].count("answered") == 1


async def test_a_budget_of_a_run_counts_what_an_earlier_process_used(sqlite_url: str) -> None:
    endpoint = Endpoint()

    def costly(body: Mapping[str, Any]) -> Step:
        step = endpoint(body)
        return replace(step, usage=(20_000, 1_000)) if isinstance(step, Reply) else step

    async with ChatServer(costly) as server:
        async with talk(port := _port(server), sqlite_url) as at:
            await at.run.drive()
            spent = (await model_usage(at.run.store))["tokens"]
            read = len(await at.news())
        await port.aclose()
        asked = len(server.seen)
        assert spent == 21_000 * asked
        # Another process has another budget: the limit is reached only with what stands on the run's own account.
        async with talk(port := _port(server, budget=Budget(per_run=spent)), sqlite_url) as at:
            at.read = read
            await at.says()
            news = await at.news()
            assert (await model_usage(at.run.store))["tokens"] == spent
        await port.aclose()
    assert len(server.seen) == asked
    assert "the token budget of this run" in _shown(news)
    assert [e["kind"] for e in news].count("answered") == 1


async def _until(holds: Any) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)
