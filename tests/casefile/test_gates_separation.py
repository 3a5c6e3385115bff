"""Separation of duties, as a table: role × not_by × who asked, proposed, wrote × who approved before."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from casefile.conditions import Facts
from casefile.decisions import Decision
from casefile.gates import Standing, check
from casefile.packet import Decides, Person
from casefile.rest import Position, eligible
from casefile.scenario import Gate

AT = datetime(2026, 5, 13, 12, tzinfo=UTC)
SUBJECT, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64
ME, ELSE = "u-me", "u-else"
ROLES = ("first", "second")
NOT_BY = ("requester", "author", "proposer", "first_approver")
Who = Literal["u-me", "u-else", ""]
WHO: tuple[Who, ...] = (ME, ELSE, "")
# What the earlier approver answered: this gate or its pair, about this content or another, in time or over.
EARLIER = [None, *itertools.product((ME, ELSE), ("this", "pair"), (SUBJECT, OTHER), (True, False))]


def _gate(not_by: tuple[str, ...], name: str = "this") -> Gate:
    second_to = ["pair"] if "first_approver" in not_by else []
    plain: dict[str, Any] = {"name": name, "approver": "x", "roles": ["first"], "binds": [], "on_reject": "ended"}
    return Gate.model_validate(
        plain | {"not_by": list(not_by), "second_to": second_to, "opens_when": {"signal": "x"}, "subject": "action"}
    )


def _decision(by: str, gate: str, subject: str, in_time: bool) -> Decision:
    plain: dict[str, Any] = {"id": "d", "slot": "d", "gate": gate, "by": by, "decision": "approve", "state": "valid"}
    plain |= {"artifact_sha256": SUBJECT, "revision": "r1", "evidence_digest": "x", "policy_version": "x"}
    plain |= {"lane": "x", "audience": [], "subject_sha256": subject, "at": AT - timedelta(hours=1)}
    return Decision.model_validate(plain | {"expires_at": AT + timedelta(minutes=1 if in_time else -1)})


def _position(asked: Who, proposed: Who, wrote: Who, earlier: Any, not_by: tuple[str, ...], role: str) -> Position:
    paired = {"this": frozenset({"pair"}), "pair": frozenset({"this"})} if "first_approver" in not_by else {}
    return Position(
        facts=Facts({}, {}, frozenset(), {}, frozenset({"x"})),
        decisions=[_decision(*earlier)] if earlier else [],
        subjects={"action": SUBJECT},
        people=[Person(id=ME, roles=[role]), Person(id=ELSE, roles=["first"])],
        now=AT,
        requested_by=asked,
        proposers={"action": frozenset({proposed} - {""})},
        authors=frozenset({wrote} - {""}),
        paired=paired,
    )


def _counts(gate: Gate, position: Position, by: str = ME) -> str | None:
    earlier = [
        one
        for one in position.decisions
        if one.gate == gate.name and one.subject_sha256 == SUBJECT and one.expires_at and one.expires_at > AT
    ]
    standing = Standing(
        gate=gate, open_gate=gate.name, refusal=None, person=position.person(by), person_id=by, at=AT, revision="r1",
        revisions={"r1": SUBJECT}, sha256=SUBJECT, facts=position.facts, people=position.people, earlier=earlier,
        barred=position.barred(gate),
    )  # fmt: skip
    return check(Decides(gate=gate.name, by=by, decision="approve"), standing)


def _table() -> Iterator[tuple[Any, ...]]:
    subsets = [some for n in range(len(NOT_BY) + 1) for some in itertools.combinations(NOT_BY, n)]
    yield from itertools.product(ROLES, subsets, WHO, WHO, WHO, EARLIER)


def _may(role: str, not_by: tuple[str, ...], asked: Who, proposed: Who, wrote: Who, earlier: Any) -> bool:
    """The contract's words, written down once more: who may approve."""
    if role != "first" or proposed == ME:
        return False
    if ("requester" in not_by and asked == ME) or ("author" in not_by and wrote == ME):
        return False
    if earlier is None:
        return True
    by, gate, subject, in_time = earlier
    mine = by == ME and subject == SUBJECT and in_time
    return not (mine and (gate == "this" or "first_approver" in not_by))


def test_every_combination_is_answered_as_the_contract_says() -> None:
    rows = allowed = 0
    for role, not_by, asked, proposed, wrote, earlier in _table():
        gate, position = _gate(not_by), _position(asked, proposed, wrote, earlier, not_by, role)
        reason = _counts(gate, position)
        expected = _may(role, not_by, asked, proposed, wrote, earlier)
        assert (reason is None) == expected, (role, not_by, asked, proposed, wrote, earlier, reason)
        if reason is None:
            assert proposed != ME, "somebody approves what he proposed"
        rows, allowed = rows + 1, allowed + expected
    assert rows == 2 * 16 * 27 * 17
    assert 0 < allowed < rows


def test_nobody_is_waited_for_who_could_not_answer() -> None:
    """A gate is a wait only where one of the people on the roster could answer it now."""
    for role, not_by, asked, proposed, wrote, earlier in _table():
        gate, position = _gate(not_by), _position(asked, proposed, wrote, earlier, not_by, role)
        signed = frozenset(one.by for one in position.decisions if one.gate == "this" and _counted(one))
        able = [by for by in (ME, ELSE) if _counts(gate, position, by) is None]
        assert eligible(gate, gate.needed[0], position, signed) == bool(able)


def _counted(one: Decision) -> bool:
    return one.subject_sha256 == SUBJECT and one.expires_at is not None and one.expires_at > AT


@pytest.mark.parametrize("first", ["this", "pair"])
def test_two_required_approvals_are_two_people_in_either_order(first: str) -> None:
    """Also where the first approval lapsed and the second approver would take the free place."""
    second = "pair" if first == "this" else "this"
    position = _position("", "", "", (ME, first, SUBJECT, True), NOT_BY, "first")
    gate = _gate(NOT_BY, second) if second == "this" else _gate((), second)
    assert "another person is needed" in str(_counts(gate, position))
    assert _counts(gate, position, ELSE) is None


@pytest.mark.parametrize("broken", [{"not_by": ["first_approver"]}, {"second_to": ["pair"]}])
def test_a_second_approver_needs_a_first_one(broken: dict[str, Any]) -> None:
    plain = {"name": "g", "approver": "x", "roles": ["r"], "binds": [], "on_reject": "ended"}
    with pytest.raises(ValidationError, match="go together"):
        Gate.model_validate(plain | broken)
