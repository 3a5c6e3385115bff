"""Every scenario with its maker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from evals.golden import (
    boundary,
    bridge,
    contractor,
    credit,
    dispatch,
    obligations,
    outage,
    rca,
    sampling,
    sev1,
    telemetry,
)
from evals.golden.draw import Draw
from evals.golden.packet import Packet

MAKERS: Mapping[str, Callable[[Draw, int], Packet]] = {
    "outage-intake": outage.make,
    "contractor-access": contractor.make,
    "sev1-receipt": sev1.make,
    "packet-dispatch": dispatch.make,
    "tenant-boundary": boundary.make,
    "obligations": obligations.make,
    "entitlement-rca": rca.make,
    "credit-options": credit.make,
    "sampling-tuning": sampling.make,
    "bridge-scheduling": bridge.make,
    "telemetry-options": telemetry.make,
}


SUITE = "golden"
SEED, COUNT = 1, 24
_QUESTIONS = [
    "What is still open?",
    "Which sources disagree, and about what?",
    "What does the newest document say?",
    "Show me what the holds rest on.",
]


def names(only: str = SUITE) -> list[str]:
    """The names of the suite's packets, of one scenario where one is named: `outage-intake/1-007`."""
    return [
        f"{scenario}/{SEED}-{number:03}" for scenario in MAKERS if only in (SUITE, scenario) for number in range(COUNT)
    ]


def packet(scenario: str, seed: int, number: int) -> Packet:
    """The packet of this number: a function of its three names."""
    made = MAKERS[scenario](Draw(scenario, seed, number), number)
    draw = Draw(scenario, seed, number, "question")
    if draw.maybe(0.3):
        # A question is inside every boundary; it settles nothing and counts for nothing.
        made.timeline.insert(
            0,
            {
                "at": made.head["as_of"] + timedelta(seconds=40),
                "says": {"by": made.head["requested_by"], "text": draw.one(_QUESTIONS)},
            },
        )
    return made


def write(name: str, folder: Path) -> Path:
    """The packet of a name as a folder of its own below `folder`."""
    scenario, _, rest = name.partition("/")
    seed, _, number = rest.partition("-")
    return packet(scenario, int(seed), int(number)).write(folder / f"{scenario}-{seed}-{int(number):03}")
