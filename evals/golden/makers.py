"""Every scenario with its maker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from evals.golden import boundary, contractor, dispatch, obligations, outage, rca, sev1
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
}


def packet(scenario: str, seed: int, number: int) -> Packet:
    """The packet of this number: a function of its three names."""
    return MAKERS[scenario](Draw(scenario, seed, number), number)


def write(scenario: str, seed: int, number: int, folder: Path) -> Path:
    """The packet as a folder of its own below `folder`."""
    return packet(scenario, seed, number).write(folder / f"{scenario}-{seed}-{number:03}")
