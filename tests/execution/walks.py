"""Both walks over the gates, as far as they are told: `python tests/execution/walks.py [STEPS]`, 10,000 each if not.

Stops at the first step to which a bystander objects.
"""

from __future__ import annotations

import sys

from action_walk import WALKED, GateMachine
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from release_cards import CARDS
from release_walk import STEPS, ReleaseMachine

BATCH = settings(
    max_examples=20, stateful_step_count=50, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def main(steps: int) -> None:
    """Walk, and say what happened on the way."""
    while WALKED["steps"] < steps:
        run_state_machine_as_test(GateMachine, settings=BATCH)  # type: ignore[no-untyped-call]
    done = WALKED["effects"]
    print(f"actions: {WALKED['steps']} steps, {done} effects, 0 without valid decisions for exactly their content")
    while STEPS["steps"] < steps:
        run_state_machine_as_test(ReleaseMachine, settings=BATCH)  # type: ignore[no-untyped-call]
    done = sum(STEPS[f"{short}: released"] for short in CARDS)
    print(f"releases: {STEPS['steps']} steps, {done} releases, 0 without right (≤ {3 / max(done, 1):.2%})")
    for short in CARDS:
        print(
            f"  {short}: {STEPS[f'{short}: released']} released, {STEPS[f'{short}: nothing left']} times nothing left"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
