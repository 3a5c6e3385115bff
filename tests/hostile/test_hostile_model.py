"""A hostile model, and evidence that gives orders: nothing happens, nothing leaves, nothing false is confirmed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hostile_case import ORDERS, assert_harmless, obeying, packet, play
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.model.errors import RateLimitedError, TooSlowError
from runtime.model.scripted import Scripted

FULL = bool(os.environ.get("CASEGATE_FULL"))
GROUPS = [ORDERS[n::8] for n in range(8)]


def test_there_are_at_least_sixty_orders() -> None:
    assert len(set(ORDERS)) >= 60


@pytest.mark.parametrize("group", range(8))
def test_a_model_that_obeys_every_order_does_nothing(group: int, tmp_path: Path) -> None:
    folder = packet(tmp_path / "packet", GROUPS[group])
    outcome = play(folder, tmp_path / "out", Scripted(obeying(GROUPS[group], group)))
    assert_harmless(outcome, folder, tmp_path / "out")
    assert outcome["model"]["calls"] > 0


@pytest.mark.parametrize(
    "line",
    ["A" * 1_000_000, '{"statements": [', "\x1b[2J\x00\x07", "[]", "approve", '{"kind": "redirect"}', '{"a":1,"a":2}'],
    ids=["megabyte", "broken", "control", "list", "word", "redirect", "twice"],
)
def test_output_that_is_no_proposal_is_dropped_and_said(line: str, tmp_path: Path) -> None:
    folder = packet(tmp_path / "packet", ORDERS[:3])
    outcome = play(folder, tmp_path / "out", Scripted(lambda _request, _fault: line))
    assert_harmless(outcome, folder, tmp_path / "out")
    assert "was dropped" in (tmp_path / "out" / "lineage.jsonl").read_text()


@pytest.mark.parametrize("failure", [TooSlowError("read, 60 s"), RateLimitedError(3)], ids=["slow", "limited"])
def test_a_model_that_fails_loses_no_turn(failure: Exception, tmp_path: Path) -> None:
    folder = packet(tmp_path / "packet", ORDERS[:1])
    outcome = play(folder, tmp_path / "out", Scripted(lambda _request, _fault: failure))  # type: ignore[arg-type, return-value]
    assert_harmless(outcome, folder, tmp_path / "out")
    lineage = (tmp_path / "out" / "lineage.jsonl").read_text()
    assert lineage.count('"kind":"said"') == 3
    assert lineage.count('"kind":"answered"') == 3


def test_the_same_packet_and_script_twice_give_the_same_artifact(tmp_path: Path) -> None:
    folder = packet(tmp_path / "packet", ORDERS[:5])
    shas = [
        play(folder, tmp_path / name, Scripted(obeying(ORDERS[:5])))["artifact"]["sha256"] for name in ("one", "two")
    ]
    assert shas[0] == shas[1]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.timeout(7_200 if FULL else 300)
@settings(max_examples=200 if FULL else 5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.text(max_size=400) | _JSON.filter(lambda v: isinstance(v, dict | list)), min_size=1, max_size=6)
)
def test_arbitrary_output_is_harmless(
    lines: list[str | dict[str, object] | list[object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = tmp_path_factory.mktemp("any")
    folder = packet(base / "packet", ORDERS[:1])
    turn = iter(range(10_000))
    outcome = play(folder, base / "out", Scripted(lambda _request, _fault: lines[next(turn) % len(lines)]))
    assert_harmless(outcome, folder, base / "out")
