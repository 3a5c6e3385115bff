"""Which earlier accommodations support an option: same standing of the account, recent enough, and for that option.

One that does not fit is shown with its mismatch and supports nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

from agents.labelled_places import belongs, column, moment
from agents.option_ground import Ground
from agents.option_spec import AskSpec
from agents.quantities import duration_in
from agents.records import Cell, Record, label_of
from casefile.claims import Citation
from casefile.evidence import Evidence
from guardrails.plain_text import folded

_MONTHS = re.compile(r"(\d+)\s*months?", re.IGNORECASE)
_PENDING = re.compile(
    r"^\W*(?:\?|open\W*$)|\b(?:tb[cd]|unknown|unconfirmed|unverified|unclear|pending|provisional|not (?:yet )?(?:known|"
    r"confirmed|verified|established)|to be (?:confirmed|verified|checked|determined|established)|"
    r"(?:under|in) review|n a)\b"
)
_REFUSED = re.compile(
    r"\b(?:refus|reject|declin|den(?:y|ied)|withdrawn|revok|rescind|overturn|annul|lapsed|expired|void\b|unfit|"
    r"no (?:fit|match)\b|(?:not|never) (?:a )?(?:fit|match|accept|comparab|usab|applicab|support)|"
    r"does not (?:fit|apply)|"
    r"(?:other|different|wrong) (?:tier|standing)|too old|older than)\w*"
)


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier accommodation. `mismatch` is empty where it fits; `open` is one that may fit when a fact is in."""

    id: str
    option: str
    standing: str
    decided: str
    mismatch: str
    citations: Sequence[Citation]
    open: bool = False


def pending(standing: str) -> bool:
    """Whether a tier is yet to be established: it is then neither the account's own nor another."""
    return _PENDING.search(folded(standing)) is not None


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
            found.append(_precedent(ground, item, record, cells, months))
    return [one for one in found if one is not None]


def _precedent(
    ground: Ground, item: Evidence, record: Record, cells: Mapping[str, Cell | None], months: int | None
) -> Precedent | None:
    """The precedent of a row that has a name and a path on the menu, or one that was granted outside of it."""
    name, path, standing, decided = (cells.get(role) for role in ("id", "option", "standing", "decided"))
    if name is None or path is None:
        return None
    option = _option(ground, path.text)
    kind = _ask(ground, path.text) if option is None else None
    waits = kind is None and standing is not None and pending(standing.text)
    if option is None and kind is None:
        return None
    when = decided.text.strip() if decided is not None else ""
    if kind is not None:
        mismatch = f"{kind.title} is {kind.kind}, and what was once granted waives nothing"
    else:
        mismatch = _mismatch(ground, _standing(ground, record, standing), when, months)
    finding, found = _found(record, cells)
    if found is not None and (not mismatch or _REFUSED.search(folded(found.text))):
        mismatch, waits = finding, _REFUSED.search(folded(found.text)) is None
    used = (name, path, standing, decided, found if finding else None)
    cites = [ground.view.cite(item, cell) for cell in used if cell is not None]
    said = standing.text.strip() if standing is not None else ""
    return Precedent(name.text.strip(), option or "", said, when, mismatch, cites, waits)


def _found(record: Record, cells: Mapping[str, Cell | None]) -> tuple[str, Cell | None]:
    """Why a row supports nothing by what somebody found of it, with the cell: refused anywhere in the row, or pending
    where the finding stands."""
    known = [cell for cell in cells.values() if cell is not None]
    for cell in record.cells.values():
        if _REFUSED.search(folded(cell.text)) and (cell not in known or cell is cells.get("finding")):
            return f"it does not count (“{cell.text.strip()}”)", cell
    finding = cells.get("finding")
    if finding is not None and pending(finding.text) and label_of(finding.text) not in ("n a", "na"):
        return f"its fit is not confirmed (“{finding.text.strip()}”)", finding
    return "", None


def _option(ground: Ground, text: str) -> str | None:
    said = folded(text)
    numbered = re.fullmatch(r"(?:option|opt\.?|o)?\s*-?\s*(\d{1,2})", said.strip())
    for one in ground.spec.menu:
        if (numbered and one.id == f"option {int(numbered[1])}") or any(re.search(w, said) for w in one.words):
            return one.id
    return None


def _ask(ground: Ground, text: str) -> AskSpec | None:
    """The kind outside the menu that was granted once."""
    said = folded(text)
    asks = (one for one in ground.spec.asks if one.kind != "menu" and not one.signal)
    return next((one for one in asks if any(re.search(w, said) for w in one.words)), None)


def _standing(ground: Ground, record: Record, standing: Cell | None) -> str:
    """What the row says; one about the case's own account has the account's standing."""
    own = ground.facts.get(ground.spec.fit_fact)
    if standing is None and own is not None and record.first(ground.spec.subject_columns) is not None:
        return own.text if belongs(record, ground.spec.subject_columns, ground.mine) else ""
    return standing.text if standing is not None else ""


def _months(ground: Ground) -> int | None:
    """How old a precedent may be, as the matrix says it; None where it does not."""
    row = ground.limit_row(ground.spec.fit_limit)
    found = _MONTHS.search(row.text("value")) if row is not None else None
    if found is not None:
        return int(found[1])
    long = duration_in(row.text("value")) if row is not None else None
    if long is not None:
        return int(long[0] * long[1] / (30 * 24 * 60))
    limit = ground.spec.limits.get(ground.spec.fit_limit)
    cells = [cell for row in ground.matrix.options.values() for cell in row.record.cells.values()]
    about = [cell.text for cell in cells if limit is not None and re.search(limit.words, folded(cell.text))]
    return min((int(said[1]) for text in about if (said := _MONTHS.search(text)) is not None), default=None)


def _mismatch(ground: Ground, standing: str, decided: str, months: int | None) -> str:
    own = ground.facts.get(ground.spec.fit_fact)
    if own is None:
        return f"the account's {ground.spec.facts[ground.spec.fit_fact].title.lower()} is not established"
    if not standing.strip():
        return "it names no tier"
    if pending(standing):
        return f"its tier is not confirmed (“{standing.strip()}”)"
    if folded(standing).strip() != folded(own.text).strip():
        return f"other tier: {standing.strip()} instead of {own.text}"
    when = moment(decided)
    if months is not None and when is None:
        return "it has no date"
    if months is not None and when is not None and when.at + relativedelta(months=months) < ground.view.now:
        return f"older than {months} months"
    return ""
