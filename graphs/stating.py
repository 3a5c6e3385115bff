"""Where what agents state becomes register items and an artifact. Nothing gets there past the sieve (R7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from casefile.artifact import Artifact, compose
from casefile.claims import FieldValue, Section
from casefile.registers import AnyItem, RegisterName, merge
from casefile.scenario import Scenario
from guardrails.sieve import secret_free


def entered(
    name: RegisterName, standing: Iterable[AnyItem], found: Iterable[AnyItem], *, close: bool = True
) -> list[AnyItem]:
    """The register after a pass (`casefile.registers.merge`)."""
    return merge(name, standing, [secret_free(item) for item in found], close=close)


def composed(
    scenario: Scenario,
    fields: Mapping[str, FieldValue],
    sections: Iterable[Section],
    registers: Mapping[RegisterName, Sequence[AnyItem]],
) -> Artifact:
    """The scenario's artifact, with those registers that are part of its content."""
    content = {name: registers[name] for name in scenario.artifact.registers}
    stated = {name: secret_free(value) for name, value in fields.items()}
    return compose(scenario.artifact.name, stated, [secret_free(one) for one in sections], content)
