"""The model's part in the shared pass: it looks where values may be told, proposes them, and code checks each."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from agents.case_view import CaseView
from agents.material import Findings
from agents.model_checks import Numbered
from agents.model_fields import Wanted, take, task, wanted
from agents.model_proposals import Extraction
from agents.model_spans import cleaner, in_short, numbered
from casefile.claims import FieldValue
from casefile.scenario import Scenario
from graphs.asking import Asking
from graphs.nodes.intake import add_to_index
from graphs.tool_calls import search
from guardrails.minimise import Minimiser
from lineage.canonical import Json, digest

_HITS = 6
WORDS = "words:"


async def fill_from_words(asking: Asking, view: CaseView, findings: Findings) -> None:
    """Fill fields that no rule could read. Offline nothing; the rules' fields are never touched."""
    asked = wanted(view.scenario, findings.fields) if asking.possible else {}
    if not asked:
        return
    evidence = list[Json](sorted(item.sha256 for item in view.usable))
    key = WORDS + digest([list[Json](sorted(asked)), evidence])[7:39]
    if (body := view.kept.get(key)) is not None:
        findings.fields |= {name: FieldValue.model_validate(one) for name, one in orjson.loads(body).items()}
        return
    before = set(findings.fields)
    readings = {item.id: view.readings(item.id) for item in view.usable}
    spans = numbered(
        await _places(asking, view, asked),
        view.usable,
        readings,
        view.packet.tenant_ids(),
        cleaner(Minimiser(view.scenario.data.get("minimise", []))),
    )
    await ask_for_values(asking, view.scenario, spans, findings)
    # The same evidence is not asked about twice: another wording of the same answer would be another content, and void
    # what people approved.
    found = {
        name: findings.fields[name].model_dump(mode="json", by_alias=True)
        for name in asked
        if name in findings.fields and name not in before
    }
    asking.turn.work[f"kept:{key}"] = orjson.dumps(found).decode()


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
            asking.take("extraction")


async def _places(asking: Asking, view: CaseView, asked: Mapping[str, Wanted]) -> list[tuple[str, str]]:
    """Where each field may be told, best places of every field first."""
    context = asking.context
    for item in view.usable:
        await add_to_index(context, item)
    if context.index is None:
        return []
    gone = [item.id for item in view.evidence if item not in view.usable]
    queries = [one.meaning for one in asked.values()]
    hits, refused = await search(context, asking.turn, "extraction", queries, gone, _HITS)
    if refused:
        asking.notes.append(f"extraction: {refused}")
    ranked = [hit for n in range(_HITS) for found in hits for hit in found[n : n + 1]]
    return [(hit.evidence, hit.locator) for hit in ranked]
