"""What the copilot answers by rules: only lines that answer, what it cannot word, and no end without a warning."""

import json
from typing import Any

import pytest
from model_turns import Talk, honest, talk

from agents.answers import WORDS_NEED_MODEL
from agents.supervision import NEEDS_MODEL
from graphs.nodes.copilot import NOTHING_WORDED
from runtime.model.offline import Offline
from runtime.model.port import ProposalRequest
from runtime.model.scripted import Line, Scripted

IDLE = "Make it warmer."
WARNING = "3 turns without progress: after one more this case goes back to people alone, for good"


async def asked(case: Talk, text: str) -> dict[str, Any]:
    """The answer to one turn."""
    await case.news()
    await case.says(text)
    (entry,) = [one for one in await case.news() if one["kind"] == "answered"]
    answer: dict[str, Any] = entry["content"]["answer"]
    return answer


async def stalled(case: Talk) -> int:
    return int((await case.run.store.work("stalled")).get("stalled", "0"))


async def test_a_topic_is_answered_by_its_lines_and_by_no_others(sqlite_url: str) -> None:
    async with talk(Offline(), sqlite_url) as case:
        await case.run.drive()
        sessions = await asked(case, "Which sessions does the log list?")
        assert sessions["note"] == "from the case file"
        assert len(sessions["lines"]) == 4
        assert all("session s-" in line["text"] for line in sessions["lines"])
        unknown = await asked(case, "Which IP address did the reader come from after the deactivation?")
        assert unknown["paused"]
        assert unknown["confidence"] < 70
        named = await asked(case, "Which session was used from Paris by the auditor?")
        assert not any("session s-" in line["text"] for line in named["lines"])


@pytest.mark.parametrize(
    "text",
    [
        "Explain why the account was shut off so late.",
        "Why did the panel show him?",
        "Summarise the case in German.",
        "Are there contradictions, in French please?",
        "Could you draft three sentences on the sessions?",
    ],
)
async def test_offline_it_says_that_explaining_translating_and_drafting_need_a_model(
    text: str, sqlite_url: str
) -> None:
    async with talk(Offline(), sqlite_url) as case:
        await case.run.drive()
        reply = await asked(case, text)
        assert reply["note"] == WORDS_NEED_MODEL
        assert not reply["paused"]
        assert not any("no attachment event" in line["text"] for line in reply["lines"])


async def test_that_rewording_needs_a_model_is_said_offline_only(sqlite_url: str) -> None:
    async with talk(Offline(), sqlite_url) as case:
        await case.run.drive()
        assert (await asked(case, IDLE))["note"] == NEEDS_MODEL


async def test_a_model_that_words_nothing_is_not_said_to_be_missing(sqlite_url: str) -> None:
    def respond(request: ProposalRequest, _fault: str | None) -> Line:
        if request.prompt.name == "supervisor":
            return {"kind": "change" if IDLE in request.task else "ask"}
        empty: Line = {"statements": []}
        honestly: Line = json.loads("".join(honest(request.prompt.name).pieces))
        return empty if request.prompt.name == "drafting" else honestly

    async with talk(Scripted(respond, name="silent"), sqlite_url) as case:
        await case.run.drive()
        assert (await asked(case, IDLE))["note"] == NOTHING_WORDED
        assert "needs a model" not in (await asked(case, "Explain why the panel showed him."))["note"]


async def test_lists_are_neither_a_stall_nor_progress(sqlite_url: str) -> None:
    async with talk(Offline(), sqlite_url) as case:
        await case.run.drive()
        await asked(case, IDLE)
        for text in (
            "Are there contradictions?",
            "Which gaps are there?",
            "What changed since r1?",
            "Which holds?",
        ) * 2:
            reply = await asked(case, text)
            assert reply["note"] in ("nothing of that kind is on record", "from the case file")
            assert await stalled(case) == 1
        assert (await asked(case, IDLE))["kind"] == "change", "the loop is open still"


async def test_the_turn_before_the_limit_warns_and_the_next_one_ends_it(sqlite_url: str) -> None:
    async with talk(Offline(), sqlite_url) as case:
        await case.run.drive()
        notes = [(await asked(case, IDLE))["note"] for _ in range(4)]
        assert [WARNING in note for note in notes] == [False, False, True, False]
        assert await stalled(case) == 4
        await case.says("Are there contradictions?")
        assert "answered" not in {one["kind"] for one in await case.news()}, "an end is final"
