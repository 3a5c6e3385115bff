"""Rates before and after with the bounds drawn: floor, band, step, cooldown, load; and which of them decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.case_view import CaseView
from agents.figures import Figure
from agents.sampling_cycle import Tuning
from agents.sampling_cycle import step as largest_step
from agents.sampling_findings import cited
from agents.sampling_moves import Blocked, Room, cuttable, shown
from agents.sampling_policy import Cohort
from casefile.claims import Section
from casefile.exhibits import Drawn, Hours, Rate, Rates, Shown


def exhibits(view: CaseView, tuning: Tuning, sections: Sequence[Section], *, frozen: bool) -> dict[str, Drawn]:
    """The rates of one cycle, over the statements of the record that they draw."""
    if tuning.policy is None:
        return {}
    stated = {f"{s.id}/{c.id}": c.citations for s in sections for c in s.claims}
    moves = {} if frozen else tuning.moves.moves
    causes = [
        Shown(
            text=detail, status="held", citations=cells[:4], of=of if (of := f"blocked/blocked-{n}") in stated else ""
        )
        for n, (_, _, detail, cells) in enumerate(tuning.causes, 1)
    ]
    step = largest_step(view, tuning)
    rooms = {one.name: one for one in tuning.cycle.cohorts} if tuning.cycle else {}
    rates = Rates(
        frozen=frozen,
        causes=causes,
        step=Shown(text=str(step), citations=cited([tuning.bounds.step]), of="window/window"),
        drift=_shown(tuning.bounds.drift_points, of="cumulative_drift_limit_points"),
        hours=_hours(tuning, moves),
        rows=[_rate(tuning, name, one, rooms.get(one.name), moves) for name, one in tuning.cohorts.items()],
    )
    return {"rates": rates}


def _shown(figure: Figure | None, of: str = "") -> Shown | None:
    return Shown(text=figure.text, citations=[figure.citation], of=of) if figure is not None else None


def _hours(tuning: Tuning, moves: dict[str, int]) -> Hours | None:
    cycle = tuning.cycle
    if cycle is None or tuning.hours is None:
        return None
    cells = [c for load in tuning.loads.values() for c in load.cells]
    over = [tuning.hours.citation, *cited([tuning.bounds.ceiling])]
    return Hours(
        before=Shown(text=shown(cycle.load({})), citations=cells, of="load_at_present_rates_hours"),
        after=Shown(text=shown(cycle.load(moves)), citations=cells, of="load_after_moves_hours"),
        ceiling=Shown(text=shown(cycle.ceiling), citations=over, of="load_ceiling_hours"),
        available=_shown(tuning.hours, of="available_review_hours"),
    )


def _rate(tuning: Tuning, name: str, cohort: Cohort, room: Room | None, moves: dict[str, int]) -> Rate:
    move, bounds = moves.get(cohort.name, 0), tuning.bounds
    restored = tuning.trusted.cohorts.get(name) if tuning.rollback and tuning.trusted else None
    after = restored.percent if restored else cohort.percent + move
    blocked = [one for one in tuning.moves.blocked if one.cohort == cohort.name]
    slug = name.replace(" ", "-")
    binding, why = _binding(tuning, room, move, blocked)
    said = Shown(text=f"{cohort.percent} → {after} percent", citations=[cohort.rate.citation], of=f"rates/rate-{slug}")
    return Rate(
        id=slug,
        title=cohort.name,
        said=said,
        protected=cohort.protected,
        before=cohort.percent,
        after=after,
        wanted=cohort.percent + blocked[0].move if blocked and blocked[0].move else None,
        low=_shown(bounds.low.get(name)),
        high=_shown(bounds.high.get(name)),
        floor=Shown(text=str(room.floor), citations=cited([bounds.floors.get(name)])) if room and room.floor else None,
        cooling_until=room.cooling if room else "",
        held=cohort.held is not None,
        drift=room.moved if room else 0,
        binding=binding,
        why=why,
    )


def _binding(tuning: Tuning, room: Room | None, move: int, blocked: Sequence[Blocked]) -> tuple[str, str]:
    """The bound that decided this cohort's rate, and why; nothing where no bound was reached."""
    if blocked:
        return blocked[0].bound, blocked[0].detail
    if room is None or tuning.cycle is None:
        return "", ""
    return next(_limits(tuning, room, move), ("", ""))


def _limits(tuning: Tuning, room: Room, move: int) -> Iterator[tuple[str, str]]:
    cycle = tuning.cycle
    if cycle is None:
        return
    after = room.rate + move
    if room.cooling:
        yield "cooldown", f"not moved: in cooldown until {room.cooling}"
    if room.held:
        yield "hold", "not moved: a temporary hold stands on the cohort"
    if move and abs(move) == cycle.step:
        yield "step", f"one full step of {cycle.step} points"
    if move < 0 and after <= room.bottom:
        yield "floor", f"cut down to its lower bound of {room.bottom} percent"
    if move < 0:
        yield "ceiling", "cut to make room under the load ceiling"
    if room.protected:
        yield "floor", f"protected: never below {room.floor} percent, and never cut"
    if tuning.moves.moves and not cuttable(room, cycle) and not room.baseline_long_enough:
        yield "baseline", "its baseline is too short for a cut"
