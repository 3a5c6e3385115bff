"""The caps on a fact: the matrix states them for an option or for all, a policy in a sentence. Each with its rule."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.labelled_places import Place, sentences
from agents.option_facts import Ground, amount_in, measured
from agents.option_spec import MenuOption, TestSpec
from agents.quantities import Figure
from guardrails.plain_text import folded

RULE_ID = re.compile(r"\b[A-Z]{1,6}-[A-Z]{0,4}\d[\w.]*\b")


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
                figure = amount_in(ground, Place(row.item, column, said["value"], cell), column)
                if figure is not None:
                    yield figure, row.rule or f"{option.id} of the matrix"
    if (general := ground.limits.get(test.figure)) is not None:
        stated = ground.matrix.limit(limit)
        yield general, stated.rule if stated is not None else limit.title
    for item in ground.view.of(*test.systems):
        for place, sentence in sentences(ground.view, item, test.patterns):
            figure = amount_in(ground, place, folded(place.label))
            if figure is not None:
                named = RULE_ID.search(sentence)
                yield figure, named[0] if named is not None else item.file
