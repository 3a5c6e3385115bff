"""The model's part in the shared pass: it looks where values may be told, proposes them, and code checks each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from agents.case_view import CaseView
from agents.material import Findings
from agents.model_checks import Numbered
from agents.model_fields import Wanted, take, task, wanted
from agents.model_proposals import Extraction
from agents.model_spans import in_short, numbered
from agents.retrieval import find
from casefile.scenario import Scenario
from graphs.asking import Asking
from graphs.nodes.intake import add_to_index
from guardrails.minimise import Minimiser

_HITS = 6


async def fill_from_words(asking: Asking, view: CaseView, findings: Findings) -> None:
    """Fill fields that no rule could read. Offline nothing; the rules' fields are never touched."""
    asked = wanted(view.scenario, findings.fields) if asking.possible else {}
    if not asked:
        return
    readings = {item.id: view.readings(item.id) for item in view.usable}
    spans = numbered(
        await _places(asking, view, asked),
        view.usable,
        readings,
        view.packet.tenant_ids(),
        Minimiser(view.scenario.data.get("minimise", [])),
    )
    await ask_for_values(asking, view.scenario, spans, findings)


async def ask_for_values(asking: Asking, scenario: Scenario, spans: Numbered, findings: Findings) -> None:
    """Ask for the fields that no rule has filled, and keep what the spans carry."""
    asked = wanted(scenario, findings.fields)
    if not asked:
        return
    short = in_short(findings.fields, [], [])
    proposed = await asking.ask("extraction", task(asked), spans.shown(), short, Extraction)
    for value in proposed.values if proposed else ():
        taken = take(value, asked, spans)
        if isinstance(taken, str):
            asking.notes.append(f"extraction: dropped: {taken}")
        else:
            findings.fields[taken[0]] = taken[1]


async def _places(asking: Asking, view: CaseView, asked: Mapping[str, Wanted]) -> list[tuple[str, str]]:
    """Where each field may be told, best places of every field first."""
    context = asking.context
    for item in view.usable:
        await add_to_index(context, item)
    if context.index is None:
        return []
    gone = [item.id for item in view.evidence if item not in view.usable]
    hits = [await asyncio.to_thread(find, context.index, one.meaning, gone, _HITS) for one in asked.values()]
    ranked = [hit for n in range(_HITS) for found in hits for hit in found[n : n + 1]]
    return [(hit.evidence, hit.locator) for hit in ranked]
