"""The caps on a fact: the matrix states them for an option or for all, a policy in a sentence. Each with its rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from agents.labelled_places import Place, sentences
from agents.matrix_row import RULE_ID
from agents.option_facts import amount_in, measured
from agents.option_ground import Ground
from agents.option_spec import MenuOption, TestSpec
from agents.quantities import Figure
from casefile.registers import Side
from guardrails.plain_text import folded

_NEGATION = re.compile(r"\b(?:no|not|never|without)\b", re.IGNORECASE)
_NEAR = 48  # characters in which a negation belongs to the amount


def caps(ground: Ground, test: TestSpec, option: MenuOption | None) -> Iterator[tuple[Figure, str]]:
    """Every cap that counts for an option, with the rule that sets it."""
    limit = ground.spec.limits[test.figure]
    row = ground.matrix.options.get(option.id) if option is not None else None
    if row is not None and option is not None:
        for column, cell in row.record.cells.items():
            figure = measured(ground, row.item, cell, column) if re.search(limit.words, column) else None
            if figure is not None:
                yield figure, row.rule or f"{option.id} of the matrix"
            for said in (m for pattern in test.patterns for m in re.finditer(pattern, cell.text, re.IGNORECASE)):
                figure = _told(ground, Place(row.item, column, said["value"], cell), said[0])
                if figure is not None:
                    yield figure, row.rule or f"{option.id} of the matrix"
        for one in row.said:
            for told in (m for pattern in test.patterns for m in re.finditer(pattern, one.text, re.IGNORECASE)):
                figure = _told(ground, Place(row.item, "", told["value"], one.cell_of(told["value"])), told[0])
                if figure is not None:
                    yield figure, row.rule or f"{option.id} of the matrix"
    if (general := ground.limits.get(test.figure)) is not None:
        stated = ground.matrix.limit(limit)
        yield general, stated.rule if stated is not None else limit.title
    for item in ground.view.of(*test.systems):
        for place, sentence in sentences(ground.view, item, test.patterns):
            figure = _told(ground, place, sentence)
            if figure is not None:
                named = RULE_ID.search(sentence)
                yield figure, named[0] if named is not None else item.file


def _told(ground: Ground, place: Place, sentence: str) -> Figure | None:
    """The amount of a sentence, quoted with the negation before it: "30 days" alone would say less than it does."""
    figure = amount_in(ground, place, folded(place.label))
    at = sentence.rfind(place.value)
    if figure is None or at < 0:
        return figure
    negation = _NEGATION.search(sentence, max(0, at - _NEAR), at)
    quote = sentence[negation.start() if negation is not None else at : at + len(place.value)]
    return replace(figure, citations=(ground.view.cite(place.item, place.cell, quote),))


def outranked(ground: Ground) -> None:
    """What a paper of lower rank grants beyond or short of a limit of the matrix: that counts, both are shown."""
    for name, spec in ground.spec.limits.items():
        options = (ask.option for ask in ground.spec.asks if ask.limit == name)
        own = ground.limits.get(name) or next((ground.amounts[one] for one in options if one in ground.amounts), None)
        for item in ground.view.of(*spec.claimed_by) if own is not None else ():
            for place, sentence in sentences(ground.view, item, spec.claims):
                claimed = _told(ground, place, sentence)
                if own is None or claimed is None or (claimed.value, claimed.unit) == (own.value, own.unit):
                    continue
                sides = [Side(value=one.shown, citations=list(one.citations)) for one in (own, claimed)]
                rule = f"rank: the matrix over {item.file}, which grants {claimed.told}; the matrix has {own.told}"
                ground.findings.contradict(name, sides, rule, settled=True, key=f"claimed:{item.id}")
                if claimed.unit == own.unit and claimed.value < own.value:
                    ground.narrower.append((name, claimed, item.file))
                    question = f"{spec.title}: {item.file} has {claimed.told}, less than the matrix ({own.told})"
                    ground.findings.ask(name, f"{question}; is more agreed for this customer?", ground.spec.owner_role)
