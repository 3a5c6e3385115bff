"""The option table: every hard limit of every option, what was computed against it, and the paths that stay blocked."""

from __future__ import annotations

from collections.abc import Sequence

from agents.option_asks import Ask, counts
from agents.option_drafting import rule_of, trade_off
from agents.option_ground import Ground
from agents.option_ranking import Ranked, criteria_in_force
from agents.option_results import Result
from agents.quantities import payable
from casefile.claims import Citation, Section, Status
from casefile.exhibits import BlockedPath, Drawn, Option, Options, Shown, Test


def exhibits(
    ground: Ground,
    ranked: Sequence[Ranked],
    prerequisites: Sequence[Result],
    asks: Sequence[Ask],
    recommended: Ranked | None,
    sections: Sequence[Section],
) -> dict[str, Drawn]:
    """The table, over the statements of the recommendation that it draws."""
    places = _Places(sections)
    surviving = [one for one in ranked if one.class_ != "blocked"]
    rows = []
    for one in sorted(ranked, key=lambda r: r.option.id):
        rank = surviving.index(one) + 1 if one in surviving else None
        rows.append(_option(ground, one, rank, places, preferred=one is recommended))
    number = counts(asks)
    blocked = []
    for spec in ground.spec.asks:
        if spec.kind == "menu":
            continue
        rule, cites = rule_of(ground, spec)
        of = places.find("boundary", f"{spec.kind.capitalize()}: {spec.title}")
        said = Shown(text=spec.title, status="confirmed" if cites else "unverified", citations=cites, of=of)
        asked = number[spec.id]
        blocked.append(BlockedPath(title=spec.title, kind=spec.kind, rule=rule.strip(" []()"), asked=asked, said=said))
    table = Options(
        criteria=", then ".join(one.title for one in criteria_in_force(ground)),
        prerequisites=[_test(one, places.at("prerequisites", n)) for n, one in enumerate(prerequisites, 1)],
        rows=rows,
        blocked=blocked,
    )
    return {"options": table}


class _Places:
    """Where the statements stand, by how they begin: their ids count on, so that a row finds its own by its words."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._texts = {f"{s.id}/{c.id}": c.text for s in sections for c in s.claims}

    def at(self, section: str, number: int) -> str:
        """The statement of that number."""
        name = f"{section}/{section}-{number}"
        return name if name in self._texts else ""

    def find(self, section: str, begins: str) -> str:
        """The statement that begins so."""
        return next((n for n, t in self._texts.items() if n.startswith(f"{section}/") and t.startswith(begins)), "")


def _option(ground: Ground, one: Ranked, rank: int | None, places: _Places, *, preferred: bool) -> Option:
    name = one.row.text("name") if one.row is not None else ""
    head = places.find("options", f"{one.option.id.capitalize()}, {name or one.option.title}:")
    amount = None
    if one.amount is not None:
        amount = Shown(text=payable(one.amount).shown, citations=list(one.amount.citations), of=head)
    cells = one.row.cite(ground.view, "name") or one.row.cite(ground.view, "option") if one.row is not None else []
    tests = [_test(result, places.find("options", _begins(one, result))) for result in one.results]
    return Option.model_validate(
        {
            "id": one.option.id,
            "title": name or one.option.title,
            "class": one.class_,
            "rank": rank,
            "preferred": preferred,
            "amount": amount,
            "grounds": trade_off(one) if rank is not None else "",
            "said": Shown(text=one.class_, citations=list(cells), of=head),
            "tests": tests,
        }
    )


def _begins(one: Ranked, result: Result) -> str:
    words = {"met": "met", "failed": "not met", "uncertain": "not established"}
    rule = f" [{result.rule}]" if result.rule else ""
    return f"{one.option.id.capitalize()}, {words[result.state]}{rule}: {result.detail}."


def _test(result: Result, of: str) -> Test:
    value, limit = result.against
    status: Status = "missing" if result.state == "uncertain" and not result.citations else "confirmed"
    cells: list[Citation] = list({(c.evidence, c.locator, c.quote): c for c in result.citations}.values())
    return Test(
        title=result.test.title,
        state=result.state,
        value=value,
        limit=limit,
        rule=result.rule,
        said=Shown(text=result.detail.removeprefix(f"{result.test.title}: "), status=status, citations=cells, of=of),
    )
