"""Sampling moves over random instances, against an oracle of other code: bounds hold, the cuts are best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from agents.sampling_moves import Cycle, Moves, Room, least_costly, plan, violations

NAMES = "abcdef"


@st.composite
def _room(draw: st.DrawFn, name: str) -> Room:
    low = draw(st.integers(0, 20))
    high = draw(st.integers(low, 60))
    rate = draw(st.integers(low, high))
    protected = draw(st.booleans())
    return Room(
        name=name,
        rate=rate,
        protected=protected,
        floor=draw(st.integers(0, rate)),
        low=low,
        high=high,
        hours=Fraction(draw(st.integers(1, 200)), 100),
        value=draw(st.integers(0, 50)) / 10,
        moved=draw(st.integers(-12, 12)),
        cooling=draw(st.sampled_from(["", "", "", "2026-10-01"])),
        held=draw(st.sampled_from([False, False, False, True])),
        baseline_long_enough=draw(st.sampled_from([True, True, True, False])),
        wanted=(wanted := draw(st.sampled_from([False, False, True]))),
        rose=wanted,
    )


@st.composite
def _cycle(draw: st.DrawFn) -> Cycle:
    rooms = [draw(_room(name)) for name in NAMES[: draw(st.integers(1, 6))]]
    now = sum((one.hours * one.rate for one in rooms), start=Fraction(0))
    ceiling = now * draw(st.integers(85, 115)) / 100
    return Cycle(rooms, draw(st.integers(1, 6)), ceiling, draw(st.sampled_from([None, 10, 15])))


def _breaks(cycle: Cycle, moves: dict[str, int]) -> list[str]:
    """The bounds that a published policy breaks, said again from the card and not from the code under test."""
    found = []
    load = Fraction(0)
    for one in cycle.cohorts:
        move = moves.get(one.name, 0)
        load += one.hours * (one.rate + move)
        if move == 0:
            continue
        found += ["step"] if abs(move) > cycle.step else []
        found += ["cooldown"] if one.cooling else []
        found += ["hold"] if one.held else []
        found += ["protected"] if move < 0 and one.protected else []
        found += ["floor"] if move < 0 and one.rate + move < max(one.floor, one.low) else []
        found += ["baseline"] if move < 0 and not one.baseline_long_enough else []
        found += ["drift"] if cycle.drift is not None and abs(one.moved + move) > cycle.drift else []
        found += ["cut of a rising cohort"] if move < 0 and one.rose else []
    return found + (["ceiling"] if moves and load > cycle.ceiling else [])


@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(_cycle())
def test_no_published_policy_breaks_a_bound(cycle: Cycle) -> None:
    done = plan(cycle)
    assert _breaks(cycle, done.moves) == []
    above = {one.cohort for one in done.blocked if one.bound == "band"}
    for one in cycle.cohorts:
        assert one.rate + done.moves.get(one.name, 0) <= one.high or one.name in above
    if done.frozen:
        assert done.moves == {}
        assert done.blocked


@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(_cycle())
def test_a_raise_is_whole_or_the_cycle_says_what_blocked_it(cycle: Cycle) -> None:
    done = plan(cycle)
    for one in cycle.cohorts:
        if one.wanted and not done.frozen:
            blocked = any(b.cohort == one.name and b.bound == "cooldown" for b in done.blocked)
            assert done.moves.get(one.name, 0) == (0 if blocked else cycle.step)


def _may_be_cut(one: Room, cycle: Cycle) -> int:
    if one.protected or one.cooling or one.held or one.rose or not one.baseline_long_enough:
        return 0
    by_drift = cycle.step if cycle.drift is None else cycle.drift + one.moved
    return max(0, min(cycle.step, one.rate - max(one.floor, one.low), by_drift))


@st.composite
def _pressed(draw: st.DrawFn) -> Cycle:
    """A cycle with raises for which there is room only by cuts, or hardly, or not quite."""
    rooms = [draw(_room(name)) for name in NAMES[: draw(st.integers(2, 6))]]
    rooms = [replace(one, held=False, cooling="", wanted=n == 0, rose=n == 0) for n, one in enumerate(rooms)]
    open_ended = Cycle(rooms, draw(st.integers(1, 6)), Fraction(0))
    freed = sum((one.hours * _may_be_cut(one, open_ended) for one in rooms), start=Fraction(0))
    load = open_ended.load({rooms[0].name: open_ended.step})
    return replace(open_ended, ceiling=load - freed * draw(st.integers(1, 104)) / 100)


def _best(cycle: Cycle, over: Fraction) -> float | None:
    """What the least costly of all cuts costs that free so many hours, by looking at every one; None: none does."""
    ranges = [range(_may_be_cut(one, cycle) + 1) for one in cycle.cohorts]
    grid = np.array(list(product(*ranges)), dtype=np.int64)
    hours = np.array([int(one.hours * 100) for one in cycle.cohorts], dtype=np.int64)
    enough = (grid @ hours) >= float(over * 100) - 1e-9
    return float((grid[enough] @ np.array([one.value for one in cycle.cohorts])).min()) if enough.any() else None


def _cost(cycle: Cycle, cuts: Mapping[str, int]) -> float:
    return sum(one.value * cuts.get(one.name, 0) for one in cycle.cohorts)


@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(_cycle())
def test_the_cuts_cost_no_more_than_the_best_of_all_cuts(cycle: Cycle) -> None:
    cuts, best = least_costly(cycle, {}), _best(cycle, cycle.load({}) - cycle.ceiling)
    assert (cuts is None) == (best is None)
    assert cuts is None or best is None or _cost(cycle, cuts) <= best * 1.01 + 1e-6


@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(_cycle(), _pressed(), _pressed()))
def test_a_whole_plan_with_raises_is_the_best_there_is(cycle: Cycle) -> None:
    """Every wanted raise that no bound of its own forbids is made in full; the cuts that make room for them cost least,
    and where no cuts do, nothing moves."""
    done = plan(cycle)
    free = [one for one in cycle.cohorts if one.wanted and not one.cooling]
    drifts = any(cycle.drift is not None and abs(one.moved + cycle.step) > cycle.drift for one in free)
    if drifts or any(one.held for one in free):
        assert (done.frozen, done.moves) == (True, {})
        return
    load = sum((one.hours * (one.rate + cycle.step * (one in free)) for one in cycle.cohorts), start=Fraction(0))
    best = _best(cycle, load - cycle.ceiling)
    event("frozen" if best is None else "cuts" if best else "no cuts")
    if best is None:
        assert (done.frozen, done.moves) == (True, {})
        return
    raises = {name: move for name, move in done.moves.items() if move > 0}
    assert raises == {one.name: cycle.step for one in free}
    assert _cost(cycle, {name: -move for name, move in done.moves.items() if move < 0}) <= best * 1.01 + 1e-6


def test_the_check_finds_what_a_wrong_programme_would_do() -> None:
    room = Room("a", 20, True, 20, 20, 40, Fraction(1))
    cycle = Cycle([room], 5, Fraction(20))
    assert {one.bound for one in violations(cycle, {"a": -1})} == {"floor", "band"}
    assert {one.bound for one in violations(cycle, {"a": 6})} == {"step", "ceiling"}


def test_stable_evidence_under_the_ceiling_moves_nothing() -> None:
    assert plan(Cycle([Room("a", 20, False, 0, 10, 40, Fraction(1))], 5, Fraction(20))) == Moves()
