"""Token budgets per run and per turn: reserved before a call, settled after it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from runtime.model.errors import BudgetSpentError

# Ended runs are not reported here, so the oldest are forgotten; far more than one process has open at a time.
_RUNS_KEPT = 10_000
# What other processes used in a run stands beside its turns, under a name that no turn has.
_BEFORE = ""


@dataclass(slots=True)
class Reservation:
    """Tokens set aside for one call."""

    run: str
    turn: str
    tokens: int


class Budget:
    """`per_run` and `per_turn` tokens, in and out together; None is no limit. One per process."""

    def __init__(self, per_run: int | None = None, per_turn: int | None = None) -> None:
        self._per_run = per_run
        self._per_turn = per_turn
        self._runs: OrderedDict[str, dict[str, int]] = OrderedDict()

    def reserve(self, run: str, turn: str, tokens: int, spent: int = 0) -> Reservation:
        """Set `tokens` aside; raises BudgetSpentError if they are not there.

        `spent` is what the run's own account says: it counts where this process has not seen the run yet.
        """
        turns = self._runs.setdefault(run, {_BEFORE: spent})
        self._runs.move_to_end(run)
        while len(self._runs) > _RUNS_KEPT:
            self._runs.popitem(last=False)
        for scope, limit, used in (
            ("turn", self._per_turn, turns.get(turn, 0)),
            ("run", self._per_run, sum(turns.values())),
        ):
            if limit is not None and used + tokens > limit:
                raise BudgetSpentError(scope, tokens, max(limit - used, 0))
        turns[turn] = turns.get(turn, 0) + tokens
        return Reservation(run, turn, tokens)

    def settle(self, reservation: Reservation, used: int) -> None:
        """Put the tokens that the call really used in the place of those that were set aside."""
        turns = self._runs.get(reservation.run)
        if turns is not None and reservation.turn in turns:
            turns[reservation.turn] += used - reservation.tokens
            reservation.tokens = used

    def used(self, run: str) -> int:
        """Tokens used or set aside in `run`."""
        return sum(self._runs.get(run, {}).values())
