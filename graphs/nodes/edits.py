"""Edits in a run: proposing them (never in silence again what was rejected), and a person's word on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from langgraph.runtime import Runtime

from casefile.artifact import Edit, Revision, next_revision
from casefile.claims import Section
from casefile.edits import Applied, Verdict, apply, fingerprint, placed, screen
from casefile.evidence import Evidence
from casefile.packet import Edits
from graphs.context import RunContext, State
from graphs.nodes.loop_state import after_edits
from graphs.stating import composed
from lineage.canonical import Json
from lineage.entry import EntryDraft
from runtime.store.turn import Event, Origin, Refused, Turn


@dataclass(slots=True)
class Proposed:
    """What a turn proposed: the new edits, and all that are open now."""

    new: list[Edit] = field(default_factory=list)
    open_edits: list[Edit] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


async def propose(
    context: RunContext,
    turn: Turn,
    edits: Sequence[Edit],
    sections: Sequence[Section],
    ledger: Sequence[Evidence],
    open_edits: Sequence[Edit],
) -> Proposed:
    """Number the edits and put them into the turn. What was rejected comes again only with new evidence, and says so."""  # noqa: E501
    prints = [fingerprint(edit) for edit in edits]
    rejected, standing = await context.store.known_edits(prints) if prints else ({}, set())
    # An open edit whose text has moved on cannot be accepted any more: it does not stand in the way of a fresh one.
    fits = [edit for edit in open_edits if fingerprint(edit) in standing and apply(sections, [edit], "").done]
    screened = screen(edits, rejected, ledger, map(placed, fits))
    first = await context.store.edit_count() + 1
    number = int(turn.key.partition(":")[0])
    new = [edit.model_copy(update={"id": f"e{first + n}", "turn": number}) for n, edit in enumerate(screened.kept)]
    turn.edits += new
    for edit in new:
        if (origin := turn.worded.get(fingerprint(edit))) is not None:
            turn.origins[edit.id] = origin
        turn.entries.append(_proposed(context, turn, edit))
    silent = [decided.edit.id for _, decided in screened.silent]
    for author in sorted({edit.author for edit, _ in screened.silent}):
        mine = {decided.edit.id for edit, decided in screened.silent if edit.author == author}
        content: dict[str, Json] = {"rejected_before": list[Json](sorted(mine))}
        turn.entries.append(_by(context, "edit_not_repeated", author, turn, content=content))
    return Proposed(new, [*open_edits, *new], silent)


def _proposed(context: RunContext, turn: Turn, edit: Edit) -> EntryDraft:
    plain = edit.model_dump(mode="json", include={"id", "target", "before", "after", "reason", "author", "repeats"})
    content: dict[str, Json] = {"edit": {**plain, "new_evidence": list(edit.new_evidence)}}
    cited = tuple(dict.fromkeys(citation.sha256 for citation in edit.citations))
    return _by(context, "edit_proposed", edit.author, turn, turn.origins.get(edit.id), citations=cited, content=content)


def _by(
    context: RunContext, kind: str, author: str, turn: Turn, words: Origin | None = None, **given: Any
) -> EntryDraft:
    """An entry of whoever wrote an edit: a person, or an agent in the words of a prompt."""
    if author.startswith("person:"):
        return context.entry(kind, turn, actor=context.person(author.removeprefix("person:")), **given)
    return context.by_agent(kind, author.removeprefix("agent:"), turn, words, **given)


async def review(state: State, runtime: Runtime[RunContext]) -> State:
    """A person's word on proposed edits. The accepted ones make the next revision; the rejected ones stay visible."""
    context = runtime.context
    event = await context.store.next_event()
    if event is None or event.seq != state["event"]:
        return {"next": "settle"}
    said = Edits.model_validate_json(event.body)
    turn = context.turn(state, "review_edits")
    revisions = await context.store.revisions()
    open_edits = {edit.id: edit for edit in await context.store.open_edits()}
    reason = may_not(context, said.by, turn)
    if reason or not revisions:
        _refuse(context, turn, event, said.by, "review edits", reason or "there is no revision yet")
        await context.store.commit(turn)
        return {"next": "settle"}
    accept, reject = (_named(ids, open_edits) for ids in (said.accept, said.reject))
    both = set(accept) & set(reject)
    for one in [i for i in [*accept, *reject] if i not in open_edits or i in both] or _none(said, accept, reject):
        why = "it is both accepted and rejected" if one in both else "there is no open edit of that name"
        _refuse(context, turn, event, said.by, f"decide on edit {one}", why)
    done = apply(
        revisions[-1].artifact.sections, [open_edits[i] for i in accept if i in open_edits and i not in both], said.by
    )
    for edit in done.stale:
        _refuse(context, turn, event, said.by, f"accept edit {edit.id}", "the text that it speaks of has changed since")
    refused = [open_edits[i] for i in reject if i in open_edits and i not in both]
    await _record(context, turn, event, said, done, refused, revisions)
    await context.store.commit(turn)
    return {"next": "settle"}


def may_not(context: RunContext, by: str, turn: Turn) -> str:
    """Why somebody may not decide on edits or set the direction: only who may approve what they go into."""
    person = context.packet.person(by)
    roles = sorted({role for gate in context.scenario.gates if gate.opens_when is not None for role in gate.roles})
    if person is None:
        return f"{by} is not on the roster of the case"
    return "" if person.holds_at(roles, turn.at) else f"the role of {by} is not one of {', '.join(roles)}"


def _named(ids: list[str] | str, open_edits: dict[str, Edit]) -> list[str]:
    return list(open_edits) if isinstance(ids, str) else list(dict.fromkeys(ids))


def _none(said: Edits, accept: list[str], reject: list[str]) -> list[str]:
    """A word on all edits where none is open is said too, and answered on the record."""
    return ["all"] if not accept and not reject and "all" in (said.accept, said.reject) else []


def _refuse(context: RunContext, turn: Turn, event: Event, by: str, action: str, reason: str) -> None:
    turn.refusals.append(Refused(action, by, reason, event.seq, event.at))
    turn.entries.append(context.entry("refused", turn, actor=context.person(by), content={"reason": reason}))


async def _record(
    context: RunContext,
    turn: Turn,
    event: Event,
    said: Edits,
    done: Applied,
    refused: Sequence[Edit],
    revisions: Sequence[Revision],
) -> None:
    """Verdicts, the next revision, and one lineage entry with both lists."""
    ledger = len(await context.store.evidence())

    def verdict(edit: Edit, state: str) -> Verdict:
        given = {"edit": edit.id, "state": state, "by": said.by, "reason": said.reason}
        return Verdict.model_validate({**given, "turn": event.seq, "ledger": ledger})

    turn.verdicts += [verdict(edit, "accepted") for edit in done.done]
    turn.verdicts += [verdict(edit, "rejected") for edit in refused]
    if not turn.verdicts:
        return
    base = revisions[-1]
    registers = await context.store.registers()
    artifact = composed(context.scenario, base.artifact.fields, done.sections, registers)
    revision = next_revision(artifact, list(revisions))
    turn.revisions += [revision] if revision else []
    left = [e for e in await context.store.open_edits() if e.id not in {v.edit for v in turn.verdicts}]
    await after_edits(context, turn, artifact, left)
    turn.entries.append(
        context.entry(
            "edits_reviewed",
            turn,
            actor=context.person(said.by),
            base_revision=base.sha256,
            new_revision=revision.sha256 if revision else None,
            accepted_edits=tuple(edit.id for edit in done.done),
            rejected_edits=tuple(edit.id for edit in refused),
            content={"reason": said.reason},
        )
    )
