"""Rejected edits in a real run, and the way back from every word of an approved update to who wrote and approved it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from model_turns import BASE, CHANGE, Talk, talk

from casefile.artifact import sections_digest
from casefile.claims import Claim
from casefile.edits import fingerprint
from casefile.packet import Decides, Edits
from runtime.model.port import ProposalRequest
from runtime.model.scripted import Scripted

TURNS = 200
UPDATE = ("customer_facts", "customer_hypotheses", "customer_owners")


def _rewording(rng: random.Random) -> Scripted:
    """A model that proposes the same few statements over and over, each time in another dress and place."""

    def respond(request: ProposalRequest, _fault: str | None) -> Any:
        if request.prompt.name == "supervisor":
            return {"kind": "change"}
        if request.prompt.name != "drafting":
            return "[]"
        words = f"statement {rng.randrange(6)} about the panel may matter".split()
        rng.shuffle(words)
        text = " ".join(word.upper() if rng.random() < 0.3 else word for word in words) + rng.choice(["", ".", " !"])
        cites = [{"span": number, "quote": text_.split(": ", 1)[1]} for number, text_ in request.spans[-1:]]
        section = rng.choice(["summary", "claims", "edge_cases"])
        kind = {"section": section, "kind": "hypothesis", "replaces": "", "reason": "", "cites": cites}
        return {"statements": [{**kind, "text": text}]}

    return Scripted(respond)


@pytest.mark.parametrize("seed", [1, 2])
async def test_rejected_edits_never_come_back_unmarked_over_200_turns_of_a_run(seed: int, sqlite_url: str) -> None:
    rng = random.Random(seed)
    silent = marked = 0
    there: dict[str, set[str]] = {}
    async with talk(_rewording(rng), sqlite_url) as at:
        await at.run.drive()
        store = at.run.store
        for _ in range(TURNS):
            known = {edit.id: edit for edit in await store.edits()}
            ledger = {item.id for item in await store.evidence()}
            match rng.choices(["change", "reject", "accept", "arrives"], [10, 5, 1, 2])[0]:
                case "change":
                    await at.says(CHANGE)
                case "arrives":
                    await at.arrives()
                case verdict:
                    await _decide(at, rng, verdict)
            kinds = [entry["kind"] for entry in await at.news()]
            silent += kinds.count("edit_not_repeated")
            for edit in await store.edits():
                before = known.get(edit.id)
                if before is not None and before.state == "proposed" and edit.state == "rejected":
                    there[edit.id] = ledger
                last = [old for old in known.values() if fingerprint(old) == fingerprint(edit)]
                if before is None and last and last[-1].state == "rejected":
                    assert edit.repeats == last[-1].id, edit
                    assert edit.new_evidence, edit
                    assert not set(edit.new_evidence) & there[last[-1].id], edit
                    marked += 1
    assert silent
    assert marked


async def _decide(at: Talk, rng: random.Random, verdict: str) -> None:
    open_edits = [edit.id for edit in await at.run.store.open_edits()]
    if open_edits:
        chosen = rng.sample(open_edits, min(len(open_edits), 3))
        await at.put(edits=Edits.model_validate({"by": "u-lead", verdict: chosen, "reason": "unsupported"}))
        await at.run.drive()


@pytest.mark.parametrize("packet", [BASE], ids=["clean-handoff"])
async def test_every_word_of_the_approved_update_has_an_author_and_an_approval(packet: Path, sqlite_url: str) -> None:
    async with talk(_rewording(random.Random(7)), sqlite_url, packet) as at:
        await at.run.drive()
        await at.says('add "The panel “recently opened by” is refreshed every hour." to customer_hypotheses')
        await at.says('add "Your lead is Ruth Okafor." to customer_owners')
        open_edits = [edit.id for edit in await at.run.store.open_edits()]
        await at.put(edits=Edits(by="u-lead", accept=open_edits, reason="read, and right"))
        await at.run.drive()
        gate = "customer_update_approval"
        await at.put(decides=Decides(gate=gate, by="u-lead", decision="approve"))
        await at.run.drive()
        lineage = await at.news()
        store = at.run.store
        revisions = await store.revisions()
        approval = next(d for d in await store.decisions() if d.gate == gate)
        edits = {edit.id: edit for edit in await store.edits()}
    assert approval.state == "valid"
    approved = next(revision for revision in revisions if revision.sha256 == approval.artifact_sha256)
    assert approval.subject_sha256 == sections_digest(approved.artifact, UPDATE)
    decided = [e for e in lineage if e["kind"] == "decided" and e["base_revision"] == approved.sha256]
    assert [e["actor"]["id"] for e in decided] == ["u-lead"]
    authors = set()
    for section in approved.artifact.sections:
        for claim in section.claims if section.id in UPDATE else ():
            authors.add(_origin(claim, f"{section.id}/{claim.id}", revisions, lineage, edits))
    assert {author.partition(":")[0] for author in authors} == {"agent", "person"}


def _origin(claim: Claim, target: str, revisions: Any, lineage: Any, edits: Any) -> str:
    """The author of a statement, as the lineage of the revision that first had it gives it."""
    first = next(r for r in revisions if claim.text in [c.text for s in r.artifact.sections for c in s.claims])
    made = [entry for entry in lineage if entry["new_revision"] == first.sha256]
    assert len(made) == 1, claim
    if made[0]["kind"] == "revision_composed":
        assert claim.author == "agent:drafting"
        assert made[0]["actor"] == {"type": "agent", "id": "drafting", "role": None}
        return claim.author
    assert made[0]["kind"] == "edits_reviewed"
    accepted = [edits[one] for one in made[0]["accepted_edits"] if edits[one].target == target]
    assert [edit.after for edit in accepted] == [claim.text]
    assert accepted[0].author == claim.author
    assert claim.approved_by == [made[0]["actor"]["id"]]
    proposals = [e for e in lineage if e["kind"] == "edit_proposed" and e["content"]["edit"]["id"] == accepted[0].id]
    assert [f"{e['actor']['type']}:{e['actor']['id']}" for e in proposals] == [claim.author]
    return claim.author
