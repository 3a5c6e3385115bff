"""What a model worded names its prompt and model in every entry it caused; what rules made names neither."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from model_turns import BASE, CHANGE, QUESTION, honest, talk

from agents.model_spans import DECIDED, SHORT, in_short
from casefile.claims import Claim, FieldValue, Section
from casefile.packet import Edits
from runtime.model.port import ProposalRequest
from runtime.model.scripted import Scripted
from runtime.prompts import prompt


def _model(asked: list[ProposalRequest]) -> Scripted:
    """Honest, with new words each time, and an answer in the words of a span."""

    def respond(request: ProposalRequest, _fault: str | None) -> Any:
        asked.append(request)
        name = request.prompt.name
        if name == "answering":
            number, shown = request.spans[0]
            quote = shown.partition(": ")[2]
            return {"sentences": [{"text": quote, "cites": [{"span": number, "quote": quote}]}], "unanswered": False}
        if name == "supervisor":
            return {"kind": "change" if "reword" in request.task else "ask"}
        if name == "objections":
            return {"objections": [{"to": "summary", "text": "The panel may show an older row.", "cites": []}]}
        return json.loads("".join(honest(name, len(asked)).pieces))

    return Scripted(respond)


async def _entries(out: Path, model: Scripted) -> list[dict[str, Any]]:
    async with talk(model, f"sqlite:///{out / 'casegate.db'}", BASE) as case:
        await case.run.drive()
        await case.says(QUESTION)
        await case.says(CHANGE)
        await case.says("What contradictions are there?")
        await case.says('change summary/deactivation to "The account was shut off."')
        edits = await case.run.store.open_edits()
        await case.put(edits=Edits(by="u-lead", accept=[], reject=[e.id for e in edits], reason="no"))
        await case.run.drive()
        await case.arrives()
        return await case.news()


def test_each_entry_names_whose_words_it_has(tmp_path: Path) -> None:
    asked: list[ProposalRequest] = []
    model = _model(asked)
    entries = asyncio.run(_entries(tmp_path, model))

    def agents(kind: str) -> list[tuple[str | None, ...]]:
        told = [e["agent"] for e in entries if e["kind"] == kind and e["agent"] is not None]
        return [(one["prompt"], one["prompt_version"], one["prompt_hash"], one["model"]) for one in told]

    def words(name: str) -> tuple[str, ...]:
        text = prompt(name, "contractor-access")
        return (text.name, text.version, text.sha256, model.name)

    rules = (None, None, None, None)
    assert agents("answered")[:3] == [words("answering"), words("drafting"), rules]
    assert {e["agent"]["model"] for e in entries if e["kind"] in ("evidence_read", "evidence_indexed")} == {None}
    assert set(agents("reconciled")) == {rules}
    assert set(agents("challenged")) == {words("objections")}
    assert set(agents("revision_composed")) == {rules}, "no value of the model stands in it"
    told = {
        e["content"]["edit"]["after"]: (e["agent"]["prompt"], e["agent"]["model"])
        for e in entries
        if e["kind"] == "edit_proposed" and e["agent"] is not None
    }
    by_model = {one for text, one in told.items() if "an older row in refresh" in text}
    assert by_model == {("drafting", model.name)}
    assert {one for text, one in told.items() if "an older row in refresh" not in text} <= {(None, None)}

    rejected = [e["content"]["edit"]["after"] for e in entries if e["kind"] == "edit_proposed"][:1]
    passes = [r.case_summary for r in asked if r.prompt.name in ("drafting", "objections")][-2:]
    assert len(passes) == 2
    assert all(text.startswith("rejected by people") for text in passes), "a pass is told too"
    assert all(f"- {rejected[0][:150]}" in text for text in passes)


def _case() -> tuple[dict[str, FieldValue], list[Section]]:
    claims = [Claim(id=f"c{n}", text="x" * 200, status="confirmed", author="agent:drafting") for n in range(12)]
    fields = {f"field_{n}": FieldValue(title="F", value=f"value {n}", status="confirmed") for n in range(20)}
    return fields, [Section(id=f"s{n}", title="S", claims=claims) for n in range(9)]


def test_three_hundred_rejections_come_first_and_the_case_still_stands() -> None:
    fields, sections = _case()
    told = [f"Rejected wording number {n}: " + "the panel was wrong about people. " * 4 for n in range(300)]
    short = in_short(fields, sections, told)
    lines = short.splitlines()
    assert len(short) <= SHORT
    assert lines[0].startswith("rejected by people")
    assert lines[1].startswith("- Rejected wording number 299:")
    kept = [line for line in lines if line.startswith("- Rejected")]
    assert DECIDED * 0.9 <= sum(len(line) + 1 for line in kept) <= DECIDED
    assert [int(line.split()[4].rstrip(":")) for line in kept] == [299 - n for n in range(len(kept))]
    assert f"- and {300 - len(kept)} older ones" in lines
    assert all(f"field_{n}: value {n} [confirmed]" in lines for n in range(20))
    assert "section s0:" in lines


def test_short_rejections_stand_all_and_each_once() -> None:
    fields, sections = _case()
    lines = in_short(fields, sections, [f"no {n % 100}" for n in range(300)]).splitlines()
    assert lines[1:101] == [f"- no {99 - n}" for n in range(100)]
    assert not [line for line in lines if "older ones" in line]
    assert not in_short(fields, sections, []).startswith("rejected")
