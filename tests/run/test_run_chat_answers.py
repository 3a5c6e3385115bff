"""Chat in scenarios that are no copilot loop: lists of the case file, values with their places, and nothing changed."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from model_turns import Talk, honest, talk
from running import DEMO

from agents.answer_lists import LISTS, STATEMENTS
from agents.answer_lists import Line as AnswerLine
from agents.answers import Answer
from casefile.claims import Citation
from casefile.packet import Says
from graphs import catalogue
from graphs.asking import Asking
from graphs.boundary import of_people
from graphs.nodes.answering import content_of
from graphs.result import outcome
from guardrails import boundary
from runtime.model.offline import Offline
from runtime.model.port import ProposalRequest
from runtime.model.scripted import Line, Scripted

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG0tMzEifQ.c2lnbmF0dXJlLW9mLXRoaXM"
PAGE = Path(__file__).resolve().parents[2] / "web/src/pages/case/questions.ts"
OFFERED = re.findall(r'"([A-Z][^"]+\?)"', PAGE.read_text(encoding="utf-8"))


async def asked(case: Talk, text: str) -> dict[str, Any]:
    await case.news()
    await case.put(says=Says(by="u-duty", text=text))
    await case.run.drive()
    (entry,) = [one for one in await case.news() if one["kind"] == "answered"]
    answer: dict[str, Any] = entry["content"]["answer"]
    return answer


async def test_it_lists_what_the_registers_hold(sqlite_url: str) -> None:
    async with talk(Offline(), sqlite_url, DEMO) as case:
        await case.run.drive()
        registers = (await outcome(case.run.context))["registers"]
        answer = await asked(case, "Which sources contradict each other?")
        assert [line["text"].split()[0] for line in answer["lines"]] == [
            one["id"] for one in registers["contradictions"]
        ]
        assert answer["lines"]
        assert all(line["of"] == "registers/contradictions" and line["citations"] for line in answer["lines"])


async def test_a_question_about_a_field_is_answered_by_the_field_with_its_places(sqlite_url: str) -> None:
    async with talk(Offline(), sqlite_url, DEMO) as case:
        await case.run.drive()
        answer = await asked(case, "When was it first observed?")
        first = answer["lines"][0]
        assert first["of"] == "fields/first_observed_at"
        assert first["text"].startswith("First observed: 20")
        assert first["citations"]


@pytest.mark.parametrize("text", ["Change the environment to Test.", "Forget the mails, focus on the ticket."])
async def test_what_wants_to_change_the_record_is_told_that_it_does_not(text: str, sqlite_url: str) -> None:
    async with talk(Offline(), sqlite_url, DEMO) as case:
        await case.run.drive()
        before = await case.run.store.revisions()
        answer = await asked(case, text)
        assert "nothing was changed" in answer["note"]
        assert await case.run.store.revisions() == before


async def test_offline_it_says_what_needs_a_model(sqlite_url: str) -> None:
    async with talk(Offline(), sqlite_url, DEMO) as case:
        await case.run.drive()
        answer = await asked(case, "Draft three sentences in French.")
        assert "needs a model" in answer["note"]


async def test_with_a_model_its_sentence_stands_where_its_quote_carries_it(sqlite_url: str) -> None:
    shown: list[tuple[int, str]] = []

    def respond(request: ProposalRequest, _fault: str | None) -> Line:
        if request.prompt.name != "answering":
            answer: Line = json.loads("".join(honest(request.prompt.name).pieces))
            return answer
        shown.extend(request.spans)
        number, text = next((n, t) for n, t in request.spans if "crew change paperwork" in t)
        quote = text[text.index("crew change paperwork") :].split(".")[0]
        return {
            "sentences": [
                {"text": quote, "cites": [{"span": number, "quote": quote}]},
                {
                    "text": "The mail says that the duty manager approved it.",
                    "cites": [{"span": number, "quote": quote}],
                },
            ],
            "unanswered": False,
        }

    async with talk(Scripted(respond, name="worded"), sqlite_url, DEMO) as case:
        await case.run.drive()
        before = await outcome(case.run.context)
        answer = await asked(case, "What happened to the paperwork of the crews?")
        assert shown
        assert answer["lines"][0]["text"].startswith("crew change paperwork")
        assert not any("approved" in line["text"] for line in answer["lines"])
        assert any("dropped" in note for note in answer["model"])
        after = await outcome(case.run.context)
        assert (after["approvals"], after["waiting_on"]) == (before["approvals"], before["waiting_on"])


def test_no_secret_gets_into_an_answer_whoever_gives_it() -> None:
    told = f"the log says Authorization: Bearer {TOKEN}"
    cited = Citation(evidence="log", locator="line=1", quote=told, sha256=f"sha256:{'0' * 64}")
    asking = cast(Asking, SimpleNamespace(context=SimpleNamespace(mode="offline"), notes=[]))
    kept = json.dumps(content_of(asking, "ask", Answer((AnswerLine(told, (cited,)),)), (), lambda text: text))
    assert TOKEN not in kept
    assert "line=1" in kept


def test_the_page_offers_questions() -> None:
    assert len(OFFERED) >= 6


@pytest.mark.parametrize("question", OFFERED)
def test_every_question_that_the_page_offers_is_answered_from_the_case_file_and_crosses_no_boundary(
    question: str,
) -> None:
    patterns = [pattern for pattern, _ in LISTS] + [pattern for pattern, _, _ in STATEMENTS]
    assert any(pattern.search(question) for pattern in patterns)
    for scenario in catalogue.all_scenarios():
        assert boundary.ask(question, of_people(scenario.short, (), ())).allowed, scenario.short
