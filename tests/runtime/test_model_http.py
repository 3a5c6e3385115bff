"""The real port against a real server on loopback, and a few failures that only a client sees."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
import respx
from pydantic import BaseModel

from runtime.model import (
    Breaker,
    Budget,
    ChatEnd,
    ChatOptions,
    ChatText,
    ModelConfigError,
    OpenAIChat,
    Prompt,
    ProposalRequest,
)
from runtime.model.chat_server import ChatServer, Hangup, Raw, Refusal, Reply, Step, ToolCall

KEY = "sk-very-secret-0123456789"
GOOD = '{"verdict": "hold", "spans": [1]}'
FAST = ChatOptions(connect=1, read=2, total=5, retries=2, backoff=0.01, output_limit=2_000)


class Verdict(BaseModel):
    verdict: str
    spans: list[int] = []


REQUEST = ProposalRequest(
    task="Decide.",
    prompt=Prompt(name="p", version="1", sha256="0" * 64, text="You propose."),
    spans=((1, "The lamp was broken."),),
    max_tokens=100,
    run="r1",
    turn="t1",
)

Serve = Callable[..., Awaitable[tuple[ChatServer, OpenAIChat]]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    closing: list[Callable[[], Awaitable[None]]] = []

    async def start(
        *script: Step, server: dict[str, Any] | None = None, options: ChatOptions = FAST, **port: Any
    ) -> tuple[ChatServer, OpenAIChat]:
        running = await ChatServer(list(script), **(server or {})).__aenter__()
        chat = OpenAIChat(running.url, "m-1", KEY, options=options, **port)
        closing.extend([chat.aclose, lambda: running.__aexit__(None)])
        return running, chat

    yield start
    for close in closing:
        await close()


def reply(*pieces: str, **changes: Any) -> Reply:
    return Reply(pieces or (GOOD[:12], GOOD[12:]), **changes)


async def read_all(port: OpenAIChat, request: ProposalRequest = REQUEST) -> tuple[str, ChatEnd]:
    *pieces, end = [event async for event in port.stream(request)]
    assert isinstance(end, ChatEnd)
    return "".join(piece.text for piece in pieces if isinstance(piece, ChatText)), end


async def test_a_proposal_comes_back_typed_with_its_usage(serve: Serve) -> None:
    server, port = await serve(reply())
    result = await port.propose(REQUEST, Verdict)
    assert result.value == Verdict(verdict="hold", spans=[1])
    assert (result.dropped, result.model, result.mode) == (None, "m-1", "openai")
    assert (result.usage.calls, result.usage.tokens_in, result.usage.tokens_out) == (1, 11, 7)
    sent = server.seen[0]
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.body["max_tokens"] == 100
    assert sent.body["response_format"]["json_schema"]["strict"] is True
    assert sent.body["response_format"]["json_schema"]["schema"]["additionalProperties"] is False
    assert "[1] The lamp was broken." in sent.body["messages"][1]["content"]


async def test_the_first_token_is_passed_on_before_the_last_is_written(serve: Serve) -> None:
    _, port = await serve(reply("Hel", "lo", delay=0.5))
    start = time.perf_counter()
    arrivals = [(event, time.perf_counter() - start) async for event in port.stream(REQUEST)]
    assert arrivals[0][0] == ChatText("Hel")
    assert arrivals[0][1] < 0.4
    assert arrivals[1][1] >= 0.45
    assert isinstance(arrivals[2][0], ChatEnd)


@pytest.mark.parametrize(
    ("formats", "asked"),
    [
        ({"json_object"}, ["json_schema", "json_object", "json_object"]),
        (set(), ["json_schema", "json_object", None, None]),
    ],
)
async def test_the_format_falls_back_and_is_remembered(
    serve: Serve, formats: set[str], asked: list[str | None]
) -> None:
    server, port = await serve(reply(), reply(), server={"formats": frozenset(formats)})
    for _ in range(2):
        assert (await port.propose(REQUEST, Verdict)).value is not None
    assert [seen.body.get("response_format", {}).get("type") for seen in server.seen] == asked
    assert '"verdict"' in server.seen[-1].body["messages"][1]["content"]
    assert '"verdict"' not in server.seen[0].body["messages"][1]["content"]


@pytest.mark.parametrize("status", [404, 422])
async def test_other_refusals_of_the_format_fall_back_too(serve: Serve, status: int) -> None:
    _, port = await serve(Refusal(status, "no such thing as response_format"), reply())
    assert (await port.propose(REQUEST, Verdict)).value is not None


@pytest.mark.parametrize("member", ["stream_options", "temperature"])
async def test_a_refused_member_is_left_out_and_the_format_kept(serve: Serve, member: str) -> None:
    server, port = await serve(reply(usage=None), server={"refuses": frozenset({member})})
    result = await port.propose(REQUEST, Verdict)
    assert result.value is not None
    assert member not in server.seen[1].body
    assert server.seen[1].body["response_format"]["type"] == "json_schema"
    # Nothing reported: estimated, and not as nothing.
    assert result.usage.tokens_in > 20


async def test_a_model_that_names_the_bound_otherwise_gets_its_name(serve: Serve) -> None:
    refusal = Refusal(400, "'max_tokens' is not supported. Use 'max_completion_tokens' instead.")
    server, port = await serve(refusal, reply())
    assert (await port.propose(REQUEST, Verdict)).value is not None
    assert server.seen[1].body["max_completion_tokens"] == 100
    assert "max_tokens" not in server.seen[1].body


async def test_a_refusal_for_another_reason_is_final_and_forgotten(serve: Serve) -> None:
    server, port = await serve(Refusal(400, "too long", "context_length_exceeded"), reply())
    result = await port.propose(REQUEST, Verdict)
    assert "400, context_length_exceeded" in (result.dropped or "")
    assert len(server.seen) == 1
    assert (await port.propose(REQUEST, Verdict)).value is not None
    assert server.seen[1].body["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    "trouble",
    [
        *[Refusal(status) for status in (408, 409, 429, 500, 503)],
        Hangup(),
        Raw(b""),
        Raw(b"\xff\xfe"),
        Raw(b"data: {bro\n\n"),
        Raw(b"data: [1, 2]\n\n"),
        Raw(b'data: {"error": {"message": "overloaded"}}\n\n'),
        Reply((GOOD[:9], GOOD[9:]), cut_after=1),
        Reply((GOOD,), finish=None),
    ],
    ids=lambda step: f"{type(step).__name__}-{getattr(step, 'status', '')}",
)
async def test_a_passing_failure_is_tried_again(serve: Serve, trouble: Step) -> None:
    server, port = await serve(trouble, reply())
    result = await port.propose(REQUEST, Verdict)
    assert result.value is not None, result.dropped
    assert len(server.seen) == 2
    assert result.usage.calls == 2


async def test_tries_are_bounded_and_the_reason_says_what_to_do(serve: Serve) -> None:
    server, port = await serve(*[Refusal(503)] * 9)
    result = await port.propose(REQUEST, Verdict)
    assert (result.value, result.mode, result.usage.calls) == (None, "openai", 3)
    assert result.dropped == "the model endpoint failed (503): look at its log or status page"
    assert len(server.seen) == 3


@pytest.mark.parametrize("form", ["seconds", "date", "ms"])
async def test_retry_after_is_honoured(serve: Serve, form: str) -> None:
    value = {
        "seconds": ("retry-after", "0.4"),
        "ms": ("retry-after-ms", "400"),
        "date": ("retry-after", format_datetime(datetime.now(UTC) + timedelta(seconds=1.9), usegmt=True)),
    }[form]
    _, port = await serve(Refusal(429, headers=(value,)), reply())
    start = time.perf_counter()
    assert (await port.propose(REQUEST, Verdict)).value is not None
    assert 0.35 <= time.perf_counter() - start < 3


@pytest.mark.parametrize("after", ["3600", "inf", "1e999"])
async def test_a_wait_past_the_total_is_not_begun(serve: Serve, after: str) -> None:
    server, port = await serve(Refusal(429, headers=(("retry-after", after),)), reply())
    start = time.perf_counter()
    result = await port.propose(REQUEST, Verdict)
    assert "limits the rate (429)" in (result.dropped or "")
    assert time.perf_counter() - start < 1
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_not_tried_again_and_not_shown(serve: Serve, status: int) -> None:
    server, port = await serve(Refusal(status, f"Incorrect API key provided: {KEY}"))
    result = await port.propose(REQUEST, Verdict)
    assert "check CASEGATE_MODEL_KEY" in (result.dropped or "")
    assert len(server.seen) == 1
    assert KEY not in repr(result)


@pytest.mark.parametrize("trouble", [Refusal(400, f"bad {KEY}"), Refusal(500, KEY), Refusal(429, KEY), Hangup()])
async def test_the_key_and_the_evidence_are_in_no_log_and_no_error(
    serve: Serve, caplog: pytest.LogCaptureFixture, trouble: Step
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx"):
        caplog.set_level(logging.INFO, logger=name)
    _, port = await serve(*[trouble] * 9)
    result = await port.propose(REQUEST, Verdict)
    assert result.dropped
    for said in (caplog.text, repr(result), repr(port), str(vars(port))):
        assert KEY not in said
    assert "lamp" not in (result.dropped or "")


async def test_a_slow_endpoint_ends_at_the_read_time_out(serve: Serve) -> None:
    options = ChatOptions(read=0.2, total=5, retries=0)
    _, port = await serve(reply(first_delay=3), options=options)
    result = await port.propose(REQUEST, Verdict)
    assert "too slow (no data for 0.2 s" in (result.dropped or "")


async def test_slow_tokens_end_at_the_total_time_out(serve: Serve) -> None:
    options = ChatOptions(read=1, total=0.5, retries=3)
    _, port = await serve(reply(*"abcdefgh" * 9, delay=0.1), options=options)
    start = time.perf_counter()
    text, end = await read_all(port)
    assert 0.4 < time.perf_counter() - start < 1.5
    assert "abc".startswith(text[:3])
    assert "no complete answer in 0.5 s" in (end.dropped or "")


async def test_cancelling_closes_the_connection_and_frees_budget_and_breaker(serve: Serve) -> None:
    budget = Budget(per_run=10_000)
    server, port = await serve(reply(*"slowly" * 50, delay=0.05), reply(), budget=budget)
    task = asyncio.create_task(port.propose(REQUEST, Verdict))
    await asyncio.sleep(0.3)
    reserved = budget.used("r1")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert budget.used("r1") < reserved
    await asyncio.sleep(0.2)
    assert server.disconnects == 1
    assert (await port.propose(REQUEST, Verdict)).value is not None


async def test_a_reader_that_stops_closes_the_connection(serve: Serve) -> None:
    server, port = await serve(reply(*"abcdefgh" * 20, delay=0.05))
    stream = port.stream(REQUEST)
    assert await anext(stream) == ChatText("a")
    await stream.aclose()  # type: ignore[attr-defined]
    await asyncio.sleep(0.2)
    assert server.disconnects == 1


async def test_a_stream_cut_after_text_is_not_sent_again(serve: Serve) -> None:
    server, port = await serve(reply("Half of", " it", cut_after=1), reply("Other"))
    text, end = await read_all(port)
    assert text == "Half of"
    assert "no answer from the model endpoint" in (end.dropped or "")
    assert len(server.seen) == 1


async def test_a_stream_that_fails_before_text_is_tried_again(serve: Serve) -> None:
    _, port = await serve(Refusal(503), reply("Hello"))
    text, end = await read_all(port)
    assert (text, end.dropped, end.usage.calls) == ("Hello", None, 2)


@pytest.mark.parametrize(
    ("first", "fault"),
    [
        (Reply(("no JSON",)), "Invalid JSON"),
        (Reply(('{"verdict": "hold", "spans": [1], "send": true}',)), "send: Extra inputs"),
        (Reply((GOOD,), finish="length"), "cut at max_tokens"),
        (ToolCall("send_mail"), "called a tool"),
    ],
)
async def test_an_invalid_answer_is_sent_back_once(serve: Serve, first: Step, fault: str) -> None:
    server, port = await serve(first, reply())
    result = await port.propose(REQUEST, Verdict)
    assert result.value is not None
    assert result.usage.calls == 2
    said = server.seen[1].body["messages"]
    assert [message["role"] for message in said] == ["system", "user", "assistant", "user"]
    assert fault in said[3]["content"]


async def test_invalid_twice_is_dropped(serve: Serve) -> None:
    server, port = await serve(reply("{"), reply("}"), reply())
    result = await port.propose(REQUEST, Verdict)
    assert result.value is None
    assert (result.dropped or "").startswith("invalid output: ")
    assert len(server.seen) == 2


async def test_an_overlong_answer_is_cut_off_while_it_is_written(serve: Serve) -> None:
    server, port = await serve(reply(*["x" * 500] * 2_000), reply(*["y" * 500] * 2_000))
    result = await port.propose(REQUEST, Verdict)
    assert "longer than 2000 characters" in (result.dropped or "")
    assert result.usage.calls == 1
    text, end = await read_all(port)
    assert len(text) == 2_000
    assert end.dropped == "cut off after 2000 characters"
    assert len(server.seen) == 2


async def test_a_spent_budget_asks_nobody(serve: Serve) -> None:
    server, port = await serve(reply(), budget=Budget(per_turn=120))
    result = await port.propose(REQUEST, Verdict)
    assert "token budget of this turn" in (result.dropped or "")
    _, end = await read_all(port)
    assert "token budget of this turn" in (end.dropped or "")
    assert server.seen == []


async def test_the_budget_counts_what_was_used_and_not_what_was_reserved(serve: Serve) -> None:
    budget = Budget(per_run=10_000)
    _, port = await serve(reply(), reply(), budget=budget)
    await port.propose(REQUEST, Verdict)
    await read_all(port)
    assert budget.used("r1") == 36


async def test_after_failures_in_a_row_the_mode_is_offline_until_a_probe_succeeds(serve: Serve) -> None:
    now = [0.0]
    breaker = Breaker(failures=2, seconds=30, clock=lambda: now[0])
    options = ChatOptions(retries=0)
    server, port = await serve(Refusal(503), Refusal(503), reply(), options=options, breaker=breaker)
    assert [(await port.propose(REQUEST, Verdict)).mode for _ in range(2)] == ["openai", "openai"]
    result = await port.propose(REQUEST, Verdict)
    assert (result.mode, result.value) == ("offline", None)
    assert "2 failures in a row" in (result.dropped or "")
    _, end = await read_all(port)
    assert end.mode == "offline"
    assert len(server.seen) == 2
    now[0] = 31.0
    assert (await port.propose(REQUEST, Verdict)).value is not None


async def test_a_cancelled_probe_leaves_the_next_call_free_to_try(serve: Serve) -> None:
    now = [0.0]
    breaker = Breaker(failures=1, seconds=30, clock=lambda: now[0])
    options = ChatOptions(retries=0)
    _, port = await serve(Refusal(503), reply(first_delay=5), reply(), options=options, breaker=breaker)
    await port.propose(REQUEST, Verdict)
    now[0] = 31.0
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(port.propose(REQUEST, Verdict), 0.2)
    assert (await port.propose(REQUEST, Verdict)).value is not None


async def test_a_refused_request_does_not_open_the_circuit(serve: Serve) -> None:
    refusal = Refusal(400, code="context_length_exceeded")
    _, port = await serve(*[refusal] * 3, reply(), breaker=Breaker(failures=2))
    for _ in range(3):
        await port.propose(REQUEST, Verdict)
    assert (await port.propose(REQUEST, Verdict)).value is not None


async def test_many_turns_at_once_do_not_mix(serve: Serve) -> None:
    def echo(body: dict[str, Any]) -> Step:
        number = body["messages"][1]["content"].split("Number ")[1].split(".")[0]
        return Reply((f'{{"verdict": "{number}", ', '"spans": []}'), delay=0.01)

    async with ChatServer(echo) as server:
        port = OpenAIChat(server.url, "m-1", options=FAST)
        asked = [REQUEST.model_copy(update={"task": f"Number {n}."}) for n in range(40)]
        results = await asyncio.gather(*[port.propose(request, Verdict) for request in asked])
        assert [result.value.verdict for result in results if result.value] == [str(n) for n in range(40)]
        await port.aclose()


@pytest.mark.parametrize(
    "url", ["", "api.example.org/v1", "ftp://x/v1", "http://", "http://[::1", "https://me:pw@x/v1"]
)
def test_an_address_that_cannot_work_is_refused_at_once(url: str) -> None:
    with pytest.raises(ModelConfigError, match="CASEGATE_MODEL_URL"):
        OpenAIChat(url, "m-1", KEY)


def test_a_model_must_be_named() -> None:
    with pytest.raises(ModelConfigError, match="CASEGATE_MODEL must"):
        OpenAIChat("http://127.0.0.1:1/v1", "", KEY)


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (httpx.ConnectError("refused"), "no answer from the model endpoint (ConnectError)"),
        (httpx.ConnectTimeout("slow"), "too slow"),
        (httpx.ReadError("reset"), "no answer from the model endpoint (ReadError)"),
        (httpx.RemoteProtocolError("odd"), "no answer from the model endpoint (RemoteProtocolError)"),
    ],
)
@respx.mock
async def test_failures_below_http_have_their_reason(failure: Exception, says: str) -> None:
    route = respx.post("http://model.invalid/v1/chat/completions").mock(side_effect=failure)
    port = OpenAIChat("http://model.invalid/v1", "m-1", KEY, options=FAST, http_client=httpx.AsyncClient())
    result = await port.propose(REQUEST, Verdict)
    assert says in (result.dropped or "")
    assert route.call_count == 3
    await port.aclose()


@respx.mock
async def test_a_redirect_is_not_followed() -> None:
    elsewhere = respx.post("http://elsewhere.invalid/v1/chat/completions").respond(200)
    respx.post("http://model.invalid/v1/chat/completions").respond(
        307, headers={"location": "http://elsewhere.invalid/v1/chat/completions"}
    )
    port = OpenAIChat("http://model.invalid/v1", "m-1", KEY, options=FAST)
    result = await port.propose(REQUEST, Verdict)
    assert "refused the request (307" in (result.dropped or "")
    assert not elsewhere.called
    await port.aclose()
