"""What people ask of the clustering in chat: promote an excluded source, propose a merge, split a cluster.

Nothing of it is a decision: a promotion and a split count from a reviewer only, a proposed merge is a question to the
reviewer, and who may not ask is refused on the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import orjson
from pydantic import TypeAdapter

from agents.case_view import CaseView
from agents.signal_cluster import Split
from casefile.evidence import Frozen
from casefile.packet import Says

Act = Literal["promote", "merge", "split"]
_ACTS: Sequence[tuple[Act, re.Pattern[str]]] = (
    ("promote", re.compile(r"\bpromot\w+", re.IGNORECASE)),
    (
        "split",
        re.compile(r"\bsplit\w*|\bseparate\b|\btake .{1,40} (?:out|apart)\b|\bkeep .{1,60} apart\b", re.IGNORECASE),
    ),
    (
        "merge",
        re.compile(r"\bmerg\w+|\bcombin\w+|\bjoin\b|\bfold\w*|\btreat .{1,60} as one\b|\bsame burst\b", re.IGNORECASE),
    ),
)
_NOT = re.compile(
    r"\b(?:do not|don't|never|not to)\b"
    r"|^\W*(?:why|did|was|were|who|has|have|is|are|how|which|when|where|what|show|list|explain|tell)\b",
    re.IGNORECASE,
)
# An id that no earlier packet of the case names is still one that the reviewer is asked about.
_ID = re.compile(r"(?<![\w-])[A-Z]{2,}-?\d[\w-]*")
_KEPT = "asked"


class Asked(Frozen):
    """One act that a person asked for, and the ids that he named."""

    act: Act
    by: str
    names: list[str]
    text: str


_LIST = TypeAdapter(list[Asked])


def asked(view: CaseView, known: Iterable[str]) -> tuple[list[Asked], list[tuple[str, str, str]]]:
    """What counts of everything asked so far, and what is refused of the present turn, as (act, by, reason)."""
    standing = _LIST.validate_json(view.kept.get(_KEPT, "[]"))
    if view.happening.kind != "says":
        return standing, []
    said = Says.model_validate_json(view.happening.body)
    person = view.packet.person(said.by)
    act = next((name for name, pattern in _ACTS if pattern.search(said.text)), None)
    told = [*known, *(_ID.findall(said.text) if act == "merge" else ())]
    names = [n for n in dict.fromkeys(told) if n and re.search(rf"(?<![\w-]){re.escape(n)}(?![\w-])", said.text)]
    if person is None or act is None or not names or _NOT.search(said.text):
        return standing, []
    roles: list[str] = view.scenario.data["reviewers"]
    if act != "merge" and not person.holds_at(roles, view.now):
        return standing, [(f"{act} {', '.join(names)}", said.by, f"only {', '.join(roles)} may {act}")]
    one = Asked(act=act, by=said.by, names=names, text=said.text)
    return [*standing, *([one] if one not in standing else [])], []


def kept(found: Sequence[Asked]) -> dict[str, str]:
    """What the next pass finds."""
    return {_KEPT: orjson.dumps([one.model_dump(mode="json") for one in found]).decode()} if found else {}


def splits(found: Sequence[Asked], refs: Iterable[str]) -> list[Split]:
    """The splits among them, by the names of the signals."""
    every = list(refs)
    return [
        Split(frozenset(r for r in every if r.partition(":")[2] in one.names), one.by, one.text)
        for one in found
        if one.act == "split"
    ]
