"""A narrative mapped to a value of a taxonomy, which always loses meaning unless the value stands there literally."""

from __future__ import annotations

import re

from agents.field_rules.settling import weigh as settle_field
from agents.material import Findings, Material, stated, step
from casefile.claims import Normalization
from casefile.precedence import Stated
from casefile.scenario import FieldSpec

MAPPED = 0.93
# A ticket system's own rating ("1 - High") is no narrative of the customer: it says nothing about the impact.
_RATING = re.compile(
    r"(?:p|sev)?\d?\s*[-–:]?\s*(?:critical|high|medium|moderate|low|minor|extensive|widespread|significant|limited|"
    r"localized|normal|urgent)?(?:\s*/\s*\w+)*",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:not|no longer|never|isn't|aren't|wasn't|without|kein\w*|nicht|pas|non)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)


def weigh(name: str, spec: FieldSpec, material: Material, findings: Findings) -> None:
    """The taxonomy value that the declared narratives speak of, and the narratives themselves."""
    found: list[Stated[tuple[str, bool]]] = []
    vague: list[str] = []
    for statement in material.statements.get(name, ()):
        values = values_of(statement.raw, material)
        if len(values) == 1:
            value, literal = values[0]
            found.append(stated(material, statement, (value, literal), factor=1.0 if literal else MAPPED))
        elif statement.method.startswith("label") and not _RATING.fullmatch(statement.raw.strip()):
            vague.append(statement.evidence)
            said = " or ".join(value for value, _ in values) or "nothing of the taxonomy"
            detail = f"{statement.raw!r} ({statement.evidence}) means {said}"
            findings.signal("impact_ambiguous", name, detail, [material.cite(statement)])
            findings.ask(name, f"{spec.title}: {detail}. Which value is meant?", spec.owner, detail)
    settlement = settle_field(
        name,
        spec,
        material,
        findings,
        sorted(found, key=lambda one: not one.value[1]),
        same=lambda a, b: a[0] == b[0],
        value=lambda pair: pair[0],
        steps=_steps,
    )
    if settlement.open_sides:
        detail = " / ".join(side[0].value[0] for side in settlement.open_sides)
        findings.signal("impact_ambiguous", name, detail, [s[0].citation for s in settlement.open_sides])
    chosen = settlement.chosen
    if chosen is not None and chosen.confidence < material.threshold(spec):
        findings.signal("impact_ambiguous", name, "below the confidence threshold", [chosen.citation])


def values_of(text: str, material: Material) -> list[tuple[str, bool]]:
    """The taxonomy values that a text speaks of, and whether each stands there literally. Strongest first.

    Of several that the words of the text carry, the strongest is meant where it is carried by a phrase of its own:
    "degraded" beside "nobody can log in" is still a blocked login. Negated phrases carry nothing.
    """
    taxonomy: list[str] = material.parameters["impact_taxonomy"]
    folded = " ".join(text.casefold().split())
    if folded.strip(" .") in (value.casefold() for value in taxonomy):
        return [(next(value for value in taxonomy if value.casefold() == folded.strip(" .")), True)]
    phrases: dict[str, list[str]] = material.scenario.data["impact_phrases"]
    found = []
    for value in taxonomy:
        forms = phrases.get(value) or [rf"\b{re.escape(value.casefold())}\b"]
        if any(_carries(folded, phrase) for phrase in forms):
            found.append((value, False))
    return found[-1:]


def _carries(text: str, phrase: str) -> bool:
    return any(not _NEGATION.search(text[: match.start()]) for match in re.finditer(phrase, text))


def _steps(one: Stated[tuple[str, bool]]) -> list[Normalization]:
    value, literal = one.value
    if literal:
        return [] if one.raw == value else [step("impact-taxonomy", one.raw, value)]
    return [step("impact-taxonomy", one.raw, value, lossy=True)]
