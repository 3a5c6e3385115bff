"""What one pass over an option-ranking case knows: the settled facts, what stays open, limits, amounts, times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agents.authority_matrix import Matrix
from agents.case_view import CaseView
from agents.labelled_places import Moment, belongs
from agents.material import Findings
from agents.matrix_row import MatrixRow
from agents.option_spec import RankingSpec
from agents.quantities import Figure
from casefile.claims import Citation
from casefile.evidence import Evidence
from casefile.registers import ExceptionItem
from casefile.scenario import Scenario
from guardrails.plain_text import folded

_BRACKETED = re.compile(r"\(([^()]*\d[^()]*)\)")


@dataclass(frozen=True, slots=True)
class Fact:
    """A settled value: its text, the item it is from, and its figure or time where it is one. `items` all say so."""

    text: str
    citation: Citation
    item: Evidence
    figure: Figure | None = None
    at: Moment | None = None
    items: tuple[Evidence, ...] = ()


@dataclass(slots=True)
class Ground:
    """What one pass knows when it tests options. `facts` has what is settled, `open` what sources disagree about, and
    `dated` the time that each item states under a name. `narrower` are limits that a paper of the customer's has below
    the matrix, with its file."""

    view: CaseView
    spec: RankingSpec
    findings: Findings
    matrix: Matrix
    facts: dict[str, Fact] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    amounts: dict[str, Figure] = field(default_factory=dict)
    limits: dict[str, Figure] = field(default_factory=dict)
    stating: dict[str, list[Evidence]] = field(default_factory=dict)
    dated: dict[tuple[str, str], tuple[Moment, Citation]] = field(default_factory=dict)
    narrower: list[tuple[str, Figure, str]] = field(default_factory=list)

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.view.scenario

    def mine(self, text: str) -> bool:
        """Whether a text names the case's own account: its id, its name, or its tenant."""
        own = {folded(self.view.packet.tenant.id), folded(self.view.packet.tenant.name)}
        for name in self.spec.subject:
            own |= _names(self.facts[name].text) if name in self.facts else set()
        return bool(_ids(text) & (own - {""}))

    @property
    def left_out(self) -> Iterator[ExceptionItem]:
        """Rows that name another account, counted by item."""
        for item in self.view.of(*self.spec.own_rows):
            rows = self.view.records(item)
            count = sum(not belongs(one, self.spec.subject_columns, self.mine) for one in rows)
            if count:
                reason = f"{item.id}: {count} rows that name another account were left out"
                yield ExceptionItem(
                    key=f"other-account:{item.id}", kind="other_account", about=item.id, reason=reason, count=count,
                    state="noted",
                )  # fmt: skip

    def limit_row(self, name: str) -> MatrixRow | None:
        """The matrix row of a limit."""
        spec = self.spec.limits.get(name)
        return self.matrix.limit(spec) if spec is not None else None


def _ids(text: str) -> set[str]:
    """What a text names a subject by: all of it, or the id that it has in brackets."""
    plain = folded(text).strip()
    return {plain, *(one.strip() for one in _BRACKETED.findall(plain))}


def _names(text: str) -> set[str]:
    """Those, and the name before the id."""
    return {*_ids(text), _BRACKETED.sub("", folded(text)).strip()}


def one_subject(left: str, right: str) -> bool:
    """Whether two texts name the same account: by all of it, by its id in brackets, or by the name before that."""
    return bool(_ids(left) & _names(right)) or bool(_names(left) & _ids(right))


def names_of(value: str) -> list[str]:
    """The names that a place has in a value: all of it, its code, and the name beside the code: `Sweden (SE)`."""
    bracketed = re.match(r"(?P<name>[^()]+?)\s*\((?P<code>[A-Z][A-Z0-9-]*)\)$", value.strip())
    led = re.match(r"(?P<code>(?=\S*[-\d])[A-Z][A-Z0-9-]*)[,:]?\s+(?P<name>[A-Z]\w.*)$", value.strip())
    found = bracketed or led
    return [value.strip(), *((found["code"], found["name"]) if found is not None else ())]
