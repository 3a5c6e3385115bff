"""Calls that a plan writes as one line: understood wholly, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from agents.written_calls import call, state


@pytest.mark.parametrize(
    ("text", "method", "path", "told"),
    [
        ('PUT /api/flags/pay {"on": false}', "PUT", "/api/flags/pay", {"on": False}),
        ("GET /flags/pay -> on = false", "GET", "/flags/pay", {"on": False}),
        ("GET /rollouts/7 expects state: old, kid: 9", "GET", "/rollouts/7", {"state": "old", "kid": 9}),
        ("`POST /keys/main/rotate`", "POST", "/keys/main/rotate", {}),
    ],
)
def test_a_call_is_method_path_and_members(text: str, method: str, path: str, told: dict[str, Any]) -> None:
    assert call(text) == {"method": method, "path": path, "body": told, "expect": told}


@pytest.mark.parametrize("text", ["PUT /regions/eu weight nought", "switch it off", "PUT", "FETCH /flags", ""])
def test_what_is_understood_in_part_is_no_call(text: str) -> None:
    assert call(text) is None


def test_a_state_is_members_and_a_sentence_is_none() -> None:
    assert state("state is active, kid is 7") == {"state": "active", "kid": 7}
    assert state("it should be quiet by then") == {}
