"""What an attempt came to, by table; and that no effect is possible whose authority fails."""

from __future__ import annotations

from typing import Any

import pytest

from casefile.actions import Limits, PlannedAction, Result, fits, judge, seen, unclear

LIMITS = Limits(retry_limit=2, wait_seconds=120)


def planned(**changes: Any) -> PlannedAction:
    """An action that turns a flag on."""
    return PlannedAction(
        **{
            "id": "a1", "kind": "change", "title": "t", "system": "s", "object": "o", "method": "POST", "path": "/on",
            "read_path": "/f", "before": {"state": "off"}, "expect": {"state": "on"}, "idempotent": True, "content": {},
        } | changes
    )  # fmt: skip


OFF, ON, ODD = {"state": "off"}, {"state": "on"}, {"state": "half"}
# idempotent, status, body, state read, attempts: what it came to
TABLE = [
    (True, 200, {}, ON, 1, "done"),
    (False, 202, {"accepted": True}, ON, 1, "done"),
    (False, 0, None, ON, 1, "done"),
    (True, 500, None, ON, 1, "done"),
    (True, 200, {"status": "unknown"}, OFF, 1, "in_doubt"),
    (True, 200, {"status": "unknown"}, ON, 1, "in_doubt"),
    (True, 200, {"result": "partially applied"}, ON, 1, "in_doubt"),
    (True, 200, {"status": "2 of 3 roles applied"}, OFF, 1, "in_doubt"),
    (True, 200, {}, OFF, 1, "in_doubt"),
    (True, 200, {}, ODD, 1, "in_doubt"),
    (True, 503, {}, ODD, 1, "in_doubt"),
    (True, 200, {}, None, 1, "in_doubt"),
    (True, 0, None, None, 1, "in_doubt"),
    (True, 503, {}, OFF, 1, "again"),
    (True, 429, {}, OFF, 2, "again"),
    (True, 0, None, OFF, 2, "again"),
    (True, 503, {}, OFF, 3, "failed"),
    (True, 0, None, OFF, 3, "in_doubt"),
    (False, 503, {}, OFF, 1, "failed"),
    (False, 0, None, OFF, 1, "in_doubt"),
    (True, 403, {}, OFF, 1, "failed"),
    (False, 422, {}, OFF, 1, "failed"),
    (True, 302, {}, OFF, 1, "in_doubt"),
]


@pytest.mark.parametrize(("idempotent", "status", "body", "state", "attempts", "expected"), TABLE)
def test_what_an_attempt_came_to(
    idempotent: bool, status: int, body: Any, state: Any, attempts: int, expected: str
) -> None:
    action = planned(idempotent=idempotent)
    verdict = judge(action, LIMITS, Result(status, body, state, attempts))
    assert verdict.state == expected, verdict.reason


def test_only_what_the_limits_call_retryable_is_sent_again() -> None:
    narrow = Limits(retry_limit=2, wait_seconds=1, retryable=[429])
    assert judge(planned(), narrow, Result(429, {}, OFF, 1)).state == "again"
    assert judge(planned(), narrow, Result(503, {}, OFF, 1)).state == "failed"


def test_an_action_that_states_no_before_is_never_sent_again() -> None:
    assert judge(planned(before={}), LIMITS, Result(503, {}, OFF, 1)).state == "in_doubt"


@pytest.mark.parametrize(
    ("expected", "state", "result"),
    [
        ({"weight": 0}, {"weight": 0}, True),
        ({"weight": 0}, {"weight": "0"}, True),
        ({"weight": 0}, {"weight": False}, False),
        ({"weight": 0}, {"weight": None}, False),
        ({"weight": 0}, {}, False),
        ({"ready": True}, {"ready": "true"}, True),
        ({"a.b": 1}, {"a": {"b": 1}}, True),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": {"b": 1}}, {"a": None}, False),
        ({"roles_contains": "x"}, {"roles": ["y", "x"]}, True),
        ({"roles_contains": "x"}, {"roles": "x y"}, False),
        ({"marker": "present"}, {"marker": "M-1"}, True),
        ({"marker": "present"}, {"marker": None}, False),
        ({"marker": "absent"}, {}, True),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
        ({}, {"a": 1}, False),
        ({"a": None}, {"a": None}, True),
    ],
)
def test_a_state_is_as_expected(expected: dict[str, Any], state: Any, result: bool) -> None:
    assert fits(expected, state) is result


def test_only_what_the_action_speaks_of_is_kept() -> None:
    assert seen(planned(), {"state": "on", "owner": "somebody@shop.example", "token": "t"}) == {"state": "on"}


def test_unclear_words_are_whole_values() -> None:
    assert unclear({"status": "unknown"})
    assert unclear({"result": {"state": "PARTIAL"}})
    assert unclear({"status": "accepted"}) is None
    assert unclear({"note": "unknown"}) is None
    assert unclear("unknown") is None


def test_looks_end_with_the_time() -> None:
    assert sum(LIMITS.looks()) == 120
    assert Limits(retry_limit=0, wait_seconds=0).looks() == [0.0]


def test_the_core_is_what_is_executed() -> None:
    assert planned().core() == planned(title="other words", before={"state": "x"}).core()
    assert planned().core() != planned(body={"x": 1}).core()
    assert planned().core() != planned(object="p").core()
