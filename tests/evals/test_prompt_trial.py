"""Every shipped prompt can be tried: some case of the scenarios that use it asks a model with it."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from model_turns import honest

from evals.cases import PacketCase
from evals.prompt_trial import cases_of, tried
from graphs import catalogue
from lineage.canonical import digest_bytes
from runtime import prompts
from runtime.model.port import Prompt, ProposalRequest
from runtime.model.scripted import Line, Scripted

ASKS = "the-lead-asks-what-the-directory-says-now"
ASKED_ELSEWHERE = ("credit-options", "both-credits-fit-and-the-matrix-is-yaml")


def changed(name: str) -> Prompt:
    """The shipped text with a sentence more."""
    text = prompts.shared(name).text + "\nBe brief.\n"
    return Prompt(name=name, version="own-1", sha256=digest_bytes(text.encode()), text=text)


def case_of(name: str, wanted: str) -> PacketCase:
    return next(one for one in cases_of(name) if one.name == wanted)


@pytest.mark.parametrize("name", prompts.names())
def test_there_is_a_case_that_asks_with_it(name: str) -> None:
    asked: Counter[str] = Counter()

    def respond(request: ProposalRequest, _fault: str | None) -> Line:
        asked[request.prompt.name] += 1
        if request.prompt.name == "supervisor":
            return {"kind": "find"}
        found: Line = json.loads("".join(honest(request.prompt.name).pieces))
        return found

    (one,) = tried(changed(name), [case_of(name, ASKS)], lambda: Scripted(respond, name="honest"))
    assert one.asked >= 1, f"no answer of a model names the text: it could never pass; asked were {dict(asked)}"
    assert one.passed, one.misses


@pytest.mark.parametrize(("ids", "passes"), [([], 1), ([{"name": "user", "value": "usr-c-3318"}], 2)])
def test_the_prompt_about_systems_is_tried_with_systems_that_answer(ids: list[dict[str, str]], passes: int) -> None:
    """What the system answers arrives as evidence, and the agents of a pass look at it."""

    def respond(request: ProposalRequest, _fault: str | None) -> Line:
        if request.prompt.name == "systems":
            return {"asks": [{"tool": "directory.user", "ids": ids}] if ids else []}
        found: Line = json.loads("".join(honest(request.prompt.name).pieces))
        return found

    model = Scripted(respond, name="asking")
    (one,) = tried(changed("systems"), [case_of("systems", ASKS)], lambda: model)
    assert one.passed, one.misses
    told = Counter(request.prompt.name for request in model.requests)
    assert (told["systems"], told["drafting"]) == (1, passes)
    task = next(request.task for request in model.requests if request.prompt.name == "systems")
    assert "directory.user(user)" in task


def test_the_cases_of_a_prompt_are_those_of_every_scenario_that_uses_it() -> None:
    every = {one.short for one in catalogue.all_scenarios()}
    assert {one.suite for one in cases_of("extraction")} == every
    for name in ("answering", "retrieval"):
        assert {one.suite for one in cases_of(name)} == every, name
    for name in set(prompts.names()) - {"extraction", "answering", "retrieval"}:
        assert {one.suite for one in cases_of(name)} == {"contractor-access"}, name


@pytest.mark.parametrize("name", ["answering", "retrieval"])
def test_a_prompt_of_the_chat_is_asked_with_outside_the_loop_too(name: str) -> None:
    def respond(request: ProposalRequest, _fault: str | None) -> Line:
        found: Line = json.loads("".join(honest(request.prompt.name).pieces))
        return found

    case = next(one for one in cases_of(name) if (one.suite, one.name) == ASKED_ELSEWHERE)
    (one,) = tried(changed(name), [case], lambda: Scripted(respond, name="honest"))
    assert one.asked >= 1
    assert one.passed, one.misses
