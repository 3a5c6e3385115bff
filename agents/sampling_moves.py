"""Moves of sampling rates: what the evidence asks for, the least costly cuts that make room, a check of every bound.

1. A raise is wanted where escapes rose beyond chance; it is one full step, never a part of it.
2. Cuts only make room for raises and for lost reviewer hours; only discretionary cohorts are cut, and only against a
   baseline that is long enough. Which cuts lose the fewest expected findings is a whole-number programme (HiGHS).
3. Whatever the programme says is checked again here, bound by bound. A move that crosses one is not trimmed: it is
   blocked, and the cycle freezes. A cohort in cooldown is not moved at all, and that is recorded. A raise above its
   band stays in the proposal, marked: only leadership can let it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from scipy.optimize import Bounds as Limits
from scipy.optimize import LinearConstraint, milp


@dataclass(frozen=True, slots=True)
class Room:
    """What may be done to one cohort, in whole percentage points.

    `hours` are the review hours per week of one point, `value` the expected findings per week of one point.
    `moved` is the sum of moves in the drift span so far.
    """

    name: str
    rate: int
    protected: bool
    floor: int
    low: int
    high: int
    hours: Fraction
    value: float = 0.0
    moved: int = 0
    cooling: str = ""
    held: bool = False
    baseline_long_enough: bool = True
    wanted: bool = False
    rose: bool = False

    @property
    def bottom(self) -> int:
        """The lowest rate that it may have."""
        return max(self.floor, self.low)


@dataclass(frozen=True, slots=True)
class Cycle:
    """One tuning cycle: the cohorts, the step, the hours that reviews may take, and the limit of drift in points."""

    cohorts: Sequence[Room]
    step: int
    ceiling: Fraction
    drift: int | None = None

    def load(self, moves: Mapping[str, int]) -> Fraction:
        """Review hours per week after the moves."""
        return sum((one.hours * (one.rate + moves.get(one.name, 0)) for one in self.cohorts), start=Fraction(0))


@dataclass(frozen=True, slots=True)
class Blocked:
    """A wanted move that may not be made, and the bound that blocks it: cooldown, band, floor, ceiling, drift, hold."""

    cohort: str
    move: int
    bound: str
    detail: str


@dataclass(slots=True)
class Moves:
    """What comes of a cycle. With `frozen` nothing moves."""

    moves: dict[str, int] = field(default_factory=dict)
    blocked: list[Blocked] = field(default_factory=list)
    frozen: bool = False


def plan(cycle: Cycle) -> Moves:
    """The moves of a cycle, or what froze it."""
    result = Moves()
    raises: dict[str, int] = {}
    for one in cycle.cohorts:
        if not one.wanted:
            continue
        blocked = _raise_blocked(one, cycle)
        if blocked is not None:
            result.blocked.append(blocked)
            result.frozen = result.frozen or blocked.bound not in ("cooldown", "band")
        if blocked is None or blocked.bound == "band":
            raises[one.name] = cycle.step
    if result.frozen or (not raises and cycle.load({}) <= cycle.ceiling):
        return result
    cuts = least_costly(cycle, raises)
    if cuts is None:
        result.blocked += _no_room(cycle, raises)
        result.frozen = True
        return result
    result.moves = {**raises, **{name: -points for name, points in cuts.items() if points}}
    crossed = [one for one in violations(cycle, result.moves) if one.bound != "band" or one.cohort not in raises]
    result.blocked += crossed
    result.frozen = bool(crossed)
    if result.frozen:
        result.moves = {}
    return result


def _raise_blocked(one: Room, cycle: Cycle) -> Blocked | None:
    move = cycle.step
    if one.cooling:
        return Blocked(one.name, move, "cooldown", f"in cooldown until {one.cooling}: a second move is rejected")
    if one.held:
        return Blocked(one.name, move, "hold", "a temporary hold stands on the cohort")
    if one.rate + move > one.high:
        return Blocked(one.name, move, "band", f"{one.rate} + {move} percent is above the band's {one.high} percent")
    if cycle.drift is not None and abs(one.moved + move) > cycle.drift:
        detail = f"{one.moved:+d} points moved already; {move:+d} more crosses the limit of {cycle.drift}"
        return Blocked(one.name, move, "drift", detail)
    return None


def cuttable(one: Room, cycle: Cycle) -> int:
    """By how many points a cohort may be cut in this cycle."""
    if one.protected or one.cooling or one.held or one.wanted or one.rose or not one.baseline_long_enough:
        return 0
    most = min(cycle.step, one.rate - one.bottom)
    if cycle.drift is not None:
        most = min(most, cycle.drift + one.moved)
    return max(0, most)


def least_costly(cycle: Cycle, raises: Mapping[str, int]) -> dict[str, int] | None:
    """The cuts that make room and lose the fewest expected findings, or None where no cuts make room.

    Equal costs are settled by the order of the cohorts, so that the same case gives the same policy.
    """
    over = cycle.load(raises) - cycle.ceiling
    if over <= 0:
        return {}
    free = [one for one in cycle.cohorts if cuttable(one, cycle) > 0]
    if sum((one.hours * cuttable(one, cycle) for one in free), start=Fraction(0)) < over:
        return None
    scale = max(one.value for one in free) or 1.0
    cost = np.array([one.value / scale + 1e-7 * (n + 1) for n, one in enumerate(free)])
    hours = np.array([[float(one.hours) for one in free]])
    solved = milp(
        cost,
        integrality=np.ones(len(free), dtype=np.int64),
        bounds=Limits(np.zeros(len(free)), np.array([cuttable(one, cycle) for one in free])),
        constraints=LinearConstraint(hours, lb=float(over) - 1e-9),
        options={"mip_rel_gap": 0.0},
    )
    if solved.x is None:
        return None
    return {one.name: round(float(points)) for one, points in zip(free, solved.x, strict=True)}


def _no_room(cycle: Cycle, raises: Mapping[str, int]) -> Iterator[Blocked]:
    """Why nothing fits: each wanted raise against the ceiling, or the cuts that lost hours ask for."""
    after, most = cycle.load(raises), shown(cycle.ceiling)
    for name, move in raises.items():
        detail = (
            f"{move:+d} points need {shown(after)} review hours a week against a load ceiling of {most}; the"
            " discretionary cohorts cannot be cut further, and a protected floor would be crossed"
        )
        yield Blocked(name, move, "ceiling", detail)
    if not raises:
        detail = (
            f"present rates need {shown(after)} review hours a week against a load ceiling of {most}; discretionary"
            " cuts do not reach it, and a protected floor would be crossed"
        )
        yield Blocked("all cohorts", 0, "ceiling", detail)


def violations(cycle: Cycle, moves: Mapping[str, int]) -> list[Blocked]:
    """Every bound that a set of moves crosses, computed apart from the programme that found them."""
    found = []
    for one in cycle.cohorts:
        move = moves.get(one.name, 0)
        if not move:
            continue
        after = one.rate + move
        for bound, crossed, detail in (
            ("step", abs(move) > cycle.step, f"{move:+d} points; at most {cycle.step} a cycle"),
            ("cooldown", bool(one.cooling), f"in cooldown until {one.cooling}"),
            ("hold", one.held, "a temporary hold stands on the cohort"),
            ("floor", move < 0 and (one.protected or after < one.floor), f"{after} percent; floor {one.floor}"),
            ("band", not one.low <= after <= one.high, f"{after} percent; band {one.low} to {one.high}"),
            ("drift", cycle.drift is not None and abs(one.moved + move) > cycle.drift, f"limit {cycle.drift}"),
        ):
            if crossed:
                found.append(Blocked(one.name, move, bound, detail))
    if cycle.load(moves) > cycle.ceiling:
        load, most = shown(cycle.load(moves)), shown(cycle.ceiling)
        found.append(Blocked("all cohorts", 0, "ceiling", f"{load} review hours a week; at most {most}"))
    return found


def shown(hours: Fraction) -> str:
    """Hours with two places, rounded half to even."""
    return f"{float(round(hours, 2)):.2f}"
