"""Mandates: who is named for a gate, beyond a role. A delegation counts where it was on record before the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from casefile.evidence import Frozen


class Mandate(Frozen):
    """A person that evidence names for a gate. `delegated` ones stand in for the named signer between the times."""

    person: str
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    delegated: bool = False

    def in_force(self, at: datetime) -> bool:
        """Whether it counts at that time."""
        return (self.valid_from is None or at >= self.valid_from) and (
            self.valid_until is None or at < self.valid_until
        )


Mandates = Mapping[str, Sequence[Mandate]]


def named_for(mandates: Mandates, gate: str, at: datetime) -> frozenset[str] | None:
    """The people who may answer a gate by name, or None where the evidence names nobody and the role decides."""
    given = mandates.get(gate)
    if given is None:
        return None
    return frozenset(one.person for one in given if one.in_force(at))
