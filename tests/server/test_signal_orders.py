"""Through the live intake: the same clusters and the same packet in every order; known misuse, and no coincidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import signal_orders, signal_truth
from benchmarks.signal_orders import events_of, outcome
from evals import signal_burst as burst
from runtime.signal_settings import load_signals

pytestmark = pytest.mark.timeout(600)


async def test_whatever_the_order_the_packet_is_the_same(tmp_path: Path) -> None:
    settings = load_signals(burst.stream(tmp_path / "signals"))
    events = events_of(500)
    seen = [await outcome(settings, events, seed, tmp_path) for seed in range(3)]
    assert len(set(seen)) == 1
    assert seen[0].gate == "routing_confirmation"
    other = await outcome(settings, [one for one in events if one["id"] != "NM-31"], 3, tmp_path)
    assert other.clusters != seen[0].clusters
    assert other.packet != seen[0].packet


def test_the_orders_are_others_and_hold_what_comes_twice_and_late() -> None:
    events = events_of(1_000)
    orders = [signal_orders.delivered(events, seed) for seed in range(3)]
    assert len({tuple(one["id"] for one in [*first, *late]) for first, late in orders}) == 3
    for first, late in orders:
        assert {one["id"] for one in [*first, *late]} == {one["id"] for one in events}
        assert 1_130 < len(first) + len(late) < 1_270
        assert 0.04 < len(late) / (len(first) + len(late)) < 0.06


def test_known_misuse_is_found_live_and_no_coincidence_is_routed(capsys: pytest.CaptureFixture[str]) -> None:
    assert signal_truth.main(["--signals", "1500"]) == 0, capsys.readouterr().out
