"""The common end of every rule that weighs statements under the thresholds and the wording of a schema's fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from agents.material import Findings, Material
from agents.weighing import Weighing
from agents.weighing import weigh as weigh_stated
from casefile.claims import Normalization, Value
from casefile.precedence import Settlement, Stated
from casefile.scenario import FieldSpec

T = TypeVar("T")


def weigh(
    name: str,
    spec: FieldSpec,
    material: Material,
    findings: Findings,
    stated: Sequence[Stated[T]],
    *,
    same: Callable[[T, T], bool],
    value: Callable[[T], Value],
    steps: Callable[[Stated[T]], list[Normalization]],
    origin: str = "extracted",
) -> Settlement[T]:
    """Settle the statements of a field.

    Statements under the threshold of ordinary fields are set aside on the record: nothing may rest on them.
    """
    weighing = Weighing(
        title=spec.title,
        owner=spec.owner,
        least=float(material.parameters["confidence_threshold_other"]),
        sure=material.threshold(spec),
        same_rank=_wording(material, "source_precedence"),
    )
    return weigh_stated(name, weighing, findings, stated, same=same, value=value, steps=steps, origin=origin)


def _wording(material: Material, parameter: str) -> str:
    """An option in the card's own words."""
    option = material.parameters[parameter]
    spec = next(one for one in material.scenario.parameters if one.name == parameter)
    return next((words for words, meant in spec.aliases.items() if meant == option), str(option))
