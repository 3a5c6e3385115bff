"""Choices that a scenario leaves to whoever runs it: typed values with their ranges, and the policy set made of some.

A parameter is a choice of the card. The choices of a policy set are written into one document (`casefile.policy_sets`)
that stands in a case like a file of the same system.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from casefile.evidence import Frozen


class Parameter(Frozen):
    """A choice that the card leaves open. `aliases` maps the card's wording to the option it stands for.

    A parameter of type `parts` is a sentence with numbers in it ("3 severe incidents in 42 days"): `pattern` is a
    regex with a named group for each; its value is a mapping from the groups' names to numbers or texts. A list has at
    least one member, or as many as `minimum` and `maximum` say, each of them one of the `options` where there are any.
    """

    name: str
    default: Any
    why: str
    type: Literal["number", "integer", "text", "list", "option", "parts"]
    pattern: str = ""
    unit: str = ""
    separator: str = ","
    minimum: float | None = None
    maximum: float | None = None
    options: list[str] = []
    aliases: dict[str, str] = {}


class Control(Frozen):
    """One control of a policy set. `members` names, for each member of its document, the choice that stands there.

    `rule` is what it says, with choices in braces. It is left out where one of the choices in `unless` has that value.
    """

    id: str
    name: str
    rule: str
    members: dict[str, str | dict[str, str]] = {}
    unless: dict[str, str] = {}


class PolicySpec(Frozen):
    """The policy set that an organisation may keep for a scenario's cases: its choices, and the controls they make.

    `system` is that of the source it stands for. `kept` names the choice that says whether there is one: there is
    none where that choice is as shipped.
    """

    title: str
    system: str
    kept: str
    choices: list[Parameter]
    controls: list[Control]

    @model_validator(mode="after")
    def _names_its_choices(self) -> PolicySpec:
        known = {one.name for one in self.choices}
        named = {self.kept}
        for one in self.controls:
            named |= set(one.unless)
            for member in one.members.values():
                named |= {member} if isinstance(member, str) else set(member.values())
        if named - known:
            raise ValueError(f"policies: there is no choice {', '.join(sorted(named - known))}")
        return self
