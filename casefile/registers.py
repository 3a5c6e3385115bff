"""The seven registers: lists that stay visible and travel with the artifact.

An item has a natural key (what it is about), so that the same finding of a later pass is the same item. What a
pass no longer finds is closed and stays listed; nothing is removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from casefile.claims import Citation, Value
from casefile.evidence import Frozen

RegisterName = Literal[
    "contradictions", "holds", "blockers", "objections", "open_questions", "blocked_requests", "exceptions"
]
REGISTERS: tuple[RegisterName, ...] = (
    "contradictions",
    "holds",
    "blockers",
    "objections",
    "open_questions",
    "blocked_requests",
    "exceptions",
)
PREFIX: Mapping[RegisterName, str] = {
    "contradictions": "k",
    "holds": "h",
    "blockers": "b",
    "objections": "o",
    "open_questions": "q",
    "blocked_requests": "r",
    "exceptions": "x",
}
State = Literal["open", "closed", "settled_by_rule", "settled_by_person", "accepted", "blocked", "noted", "answered"]


class Item(Frozen):
    """What every register item has. `id` is empty until the register takes it in."""

    register: ClassVar[RegisterName]

    key: str = Field(exclude=True)
    id: str = ""
    state: State = "open"


class Side(Frozen):
    """One of the values that disagree, with who says it."""

    value: Value
    citations: list[Citation] = []


class Contradiction(Item):
    """Two or more sources that disagree about one thing (R5). `rule` names what settled it, or why it stays open."""

    register = "contradictions"

    about: str
    sides: list[Side]
    rule: str
    settled_by: str | None = None


class Hold(Item):
    """A line of the card's holds that applies. `trigger` and `effect` are the card's words."""

    register = "holds"

    kind: str
    trigger: str
    effect: str
    about: str
    detail: str = ""
    waivable: bool = False
    citations: list[Citation] = []


class Blocker(Item):
    """An unmet precondition of the card; `kind` is the line's id."""

    register = "blockers"

    kind: str
    precondition: str
    about: str
    detail: str


class Objection(Item):
    """A person's or the objection agent's doubt about a statement. `to` is a field, a section/claim or the whole."""

    register = "objections"

    kind: Literal["agent", "person"]
    by: str
    to: str
    text: str
    citations: list[Citation] = []


class OpenQuestion(Item):
    """What nobody has established, and who could."""

    register = "open_questions"

    about: str
    question: str
    owner: str = ""


class BlockedRequest(Item):
    """An instruction found inside evidence: content, listed with its place, and without effect (R8)."""

    register = "blocked_requests"

    state: State = "blocked"
    evidence: str
    locator: str
    quote: str
    asks_for: str
    effect: str = "recorded as text of its author; nothing was done"


class ExceptionItem(Item):
    """Input that was not used, or only in part, and why."""

    register = "exceptions"

    kind: str
    about: str
    reason: str
    count: int | None = None


AnyItem = Contradiction | Hold | Blocker | Objection | OpenQuestion | BlockedRequest | ExceptionItem
ITEM_TYPES: Mapping[RegisterName, type[AnyItem]] = {
    "contradictions": Contradiction,
    "holds": Hold,
    "blockers": Blocker,
    "objections": Objection,
    "open_questions": OpenQuestion,
    "blocked_requests": BlockedRequest,
    "exceptions": ExceptionItem,
}
# What a person did to an item outlives a later pass that finds the same item again.
DECIDED: frozenset[State] = frozenset({"settled_by_person", "accepted", "answered"})


def merge(
    name: RegisterName, standing: Iterable[AnyItem], found: Iterable[AnyItem], *, close: bool = True
) -> list[AnyItem]:
    """The register after a pass: every standing item in its order, then the new ones, with ids.

    `found` items with the key of a standing one update it and keep its id; a state that a person gave stays while
    the content is the same. Standing open items that were not found again are closed when `close` is set: an
    objection of a person, say, is not closed by a pass that did not look for it.
    """
    now: dict[str, AnyItem] = {}
    for item in found:
        now.setdefault(item.key, item)
    result: list[AnyItem] = []
    for old in standing:
        new = now.pop(old.key, None)
        if new is not None:
            result.append(_update(old, new))
        elif close and old.state in ("open", "noted"):
            result.append(old.model_copy(update={"state": "closed"}))
        else:
            result.append(old)
    number = len(result)
    for item in now.values():
        number += 1
        result.append(item.model_copy(update={"id": f"{PREFIX[name]}{number}"}))
    return result


def _update(old: AnyItem, new: AnyItem) -> AnyItem:
    same = old.model_dump(exclude={"id", "state", "settled_by"}) == new.model_dump(
        exclude={"id", "state", "settled_by"}
    )
    if same and old.state in DECIDED:
        return old
    return new.model_copy(update={"id": old.id})


def is_open(item: AnyItem) -> bool:
    """Whether the item still stands in the way of whatever its kind stands in the way of."""
    return item.state == "open"
