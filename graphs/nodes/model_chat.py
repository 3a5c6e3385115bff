"""The model's part in a chat turn: say more precisely what is asked, look again, answer in cited sentences, word edits.

Redirecting, objecting and refusing stay with rules and people: a model that lies could otherwise change the goal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from agents.answer_lists import Line
from agents.answers import UNVERIFIED, Answer
from agents.model_checks import Checker, Numbered, carried, leans
from agents.model_proposals import Draft, Queries, Reply, Wanted
from agents.model_spans import in_short, numbered, places_of
from agents.supervision import Kind
from casefile.artifact import Artifact, Edit
from casefile.evidence import Evidence, Reading
from graphs.asking import Asking
from graphs.tool_calls import search
from runtime.search import Hit

ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Usable:
    """What the model may be shown in a chat turn."""

    artifact: Artifact
    evidence: Sequence[Evidence]
    readings: Mapping[str, Reading]
    check: Checker
    clean: Callable[[str], str]
    rejected: Sequence[str] = ()

    def numbered(self, asking: Asking, hits: Sequence[Hit]) -> Numbered:
        """The hits first, then what the artifact cites."""
        places = places_of(self.artifact.sections, hits)
        tenants = asking.context.packet.tenant_ids()
        return numbered(places, self.evidence, self.readings, tenants, self.clean)

    def short(self) -> str:
        """The case in short."""
        return in_short(self.artifact.fields, self.artifact.sections, self.rejected)


async def model_kind(asking: Asking, text: str, by_rules: Kind) -> Kind:
    """What is asked for, among the kinds that change nothing by themselves."""
    if by_rules in ("redirect", "object", "note") or not asking.possible:
        return by_rules
    wanted = await asking.ask("supervisor", f"What does the person ask for?\n{text[:2000]}", (), "", Wanted)
    return wanted.kind if wanted is not None else by_rules


async def more_hits(asking: Asking, text: str, hits: Sequence[Hit], usable: Usable, gone: Sequence[str]) -> list[Hit]:
    """Read, and ask again, at most `ROUNDS` times: the model words the queries, the index of this case answers."""
    found = list(hits)
    for _ in range(ROUNDS if asking.possible and asking.context.index is not None else 0):
        shown = usable.numbered(asking, found).shown()
        plan = await asking.ask("retrieval", f"What must be found to answer?\n{text[:2000]}", shown, "", Queries)
        if plan is None or plan.enough or not plan.queries:
            break
        queries = [query[:200] for query in plan.queries[:3]]
        results, refused = await search(
            asking.context, asking.turn, "retrieval", queries, gone, words=asking.take("retrieval")
        )
        if refused:
            asking.notes.append(f"retrieval: {refused}")
            break
        for new in results:
            found += [hit for hit in new if (hit.evidence, hit.locator) not in {(h.evidence, h.locator) for h in found}]
    return found


async def model_answer(asking: Asking, text: str, hits: Sequence[Hit], by_rules: Answer, usable: Usable) -> Answer:
    """The model's sentences: those that a quote of theirs carries, and marked as unverified those that lean on theirs.

    Where no sentence is carried, the answer of the rules stands, and what leans on quotes only follows it.
    """
    if not asking.possible:
        return by_rules
    spans = usable.numbered(asking, hits)
    reply = await asking.ask(
        "answering", f"Answer from the spans.\n{text[:2000]}", spans.shown(), usable.short(), Reply
    )
    check = usable.check
    backed: list[Line] = []
    leaning: list[Line] = []
    for sentence in reply.sentences if reply is not None and not reply.unanswered else ():
        cited, missing = check.cited(sentence.cites, spans)
        quotes = [citation.quote for citation in cited]
        said = " ".join(sentence.text.split())
        if problem := check.wording(sentence.text) or missing:
            asking.notes.append(f"answering: dropped: {problem}")
        elif carried(said, quotes):
            backed.append(Line(said, tuple(cited)))
        elif leans(said, quotes):
            leaning.append(Line(f"{said}{UNVERIFIED}", tuple(cited)))
        else:
            asking.notes.append("answering: dropped: its words do not stand in what it cites")
    if backed or leaning:
        asking.take("answering")
    return _together(backed, leaning, by_rules)


def _together(backed: Sequence[Line], leaning: Sequence[Line], by_rules: Answer) -> Answer:
    lines = (*(backed or by_rules.lines), *leaning)
    beside = "; what is marked unverified is the model's reading of its quotes" if leaning else ""
    if not backed:
        return replace(by_rules, lines=lines, note=by_rules.note + beside)
    note = f"worded by the model, each sentence in the words of a quote that stands{beside}"
    return Answer(lines, note, 75 * len(backed) // len(lines))


async def model_changes(asking: Asking, text: str, usable: Usable, hits: Sequence[Hit]) -> list[Edit]:
    """Edits that the model words for what a person asked to change."""
    if not asking.possible:
        return []
    spans = usable.numbered(asking, hits)
    task = f"Word the change that the person asks for, and nothing else.\n{text[:2000]}"
    draft = await asking.ask("drafting", task, spans.shown(), usable.short(), Draft)
    if draft is None:
        return []
    checked = usable.check.statements(draft.statements, usable.artifact.sections, spans)
    asking.notes += checked.notes
    asking.worded("drafting", checked.edits)
    return checked.edits
