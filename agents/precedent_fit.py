"""Which earlier accommodations support an option: same standing of the account, recent enough, and for that option.

One that does not fit is shown with its mismatch and supports nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

from agents.labelled_places import column, moment
from agents.option_facts import Ground
from agents.quantities import duration_in
from casefile.claims import Citation
from guardrails.plain_text import folded

_MONTHS = re.compile(r"(\d+)\s*months?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier accommodation. `mismatch` is empty where it fits."""

    id: str
    option: str
    standing: str
    decided: str
    mismatch: str
    citations: Sequence[Citation]


def precedents(ground: Ground) -> list[Precedent]:
    """All of the log that concern an option of the menu, in its order."""
    table = ground.spec.tables.get(ground.spec.fit_table)
    if table is None:
        return []
    found = []
    months = _months(ground)
    for item in ground.view.of(*table.systems):
        for record in ground.view.records(item):
            cells = {name: column(record, labels) for name, labels in table.columns.items()}
            name, path = cells.get("id"), cells.get("option")
            option = _option(ground, path.text) if path is not None else None
            if name is None or option is None:
                continue
            standing, decided = cells.get("standing"), cells.get("decided")
            kept = [c for c in (name, path, standing, decided) if c is not None]
            found.append(
                Precedent(
                    name.text.strip(),
                    option,
                    standing.text.strip() if standing else "",
                    decided.text.strip() if decided else "",
                    _mismatch(ground, standing.text if standing else "", decided.text if decided else "", months),
                    [ground.view.cite(item, c) for c in kept],
                )
            )
    return found


def _option(ground: Ground, text: str) -> str | None:
    said = folded(text)
    numbered = re.fullmatch(r"(?:option|opt\.?|o)?\s*-?\s*(\d{1,2})", said.strip())
    for one in ground.spec.menu:
        if (numbered and one.id == f"option {int(numbered[1])}") or any(re.search(w, said) for w in one.words):
            return one.id
    return None


def _months(ground: Ground) -> int | None:
    """How old a precedent may be, as the matrix says it; None where it does not."""
    row = ground.limit_row(ground.spec.fit_limit)
    found = _MONTHS.search(row.text("value")) if row is not None else None
    if found is not None:
        return int(found[1])
    long = duration_in(row.text("value")) if row is not None else None
    return int(long[0] * long[1] / (30 * 24 * 60)) if long is not None else None


def _mismatch(ground: Ground, standing: str, decided: str, months: int | None) -> str:
    own = ground.facts.get(ground.spec.fit_fact)
    if own is None:
        return f"the account's {ground.spec.facts[ground.spec.fit_fact].title.lower()} is not established"
    if not standing.strip():
        return "it names no tier"
    if folded(standing).strip() != folded(own.text).strip():
        return f"other tier: {standing.strip()} instead of {own.text}"
    when = moment(decided)
    if months is not None and when is None:
        return "it has no date"
    if months is not None and when is not None and when.at + relativedelta(months=months) < ground.view.now:
        return f"older than {months} months"
    return ""
