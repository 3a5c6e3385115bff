"""Parameters and policy sets of a tenant's scenarios: checked by the scenario's schema, tried on waiting runs, put in
force by two.

They are for runs that start later: a run keeps what it was started with.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson

from casefile.choices import Parameter
from casefile.parameters import ParameterError, chosen, in_force, resolve
from casefile.scenario import Scenario
from graphs import catalogue
from graphs.rehearsal import Stand, differences, rehearse
from runtime.store import run_list
from runtime.store.database import Database
from runtime.store.scratch import scratch_space
from server.admin import policies, settings
from server.admin.acting import OnTenant
from server.admin.settings import Rules
from server.admin.tools import scenario_of
from server.casebook import OpenRun
from server.models.problem import Fault
from server.problems import Unknown, Unusable

MOST_RUNS = 25
"""Waiting runs that one preview looks at, those that moved last first."""

Choices = Literal["parameters", "policies"]
"""The kinds of settings that are choices of a scenario."""
Tried = Callable[[OpenRun, Database, datetime], Awaitable[Stand]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a waiting run would do otherwise."""

    run: str
    case: str
    changes: list[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """`looked` of `waiting` runs were really looked at again; `effects` are those that would change."""

    looked: int
    waiting: int
    effects: list[Effect]


def choices_of(kind: Choices, scenario: Scenario) -> Sequence[Parameter]:
    """What can be chosen. Nothing where the scenario has no such choices."""
    if kind == "parameters":
        return scenario.parameters
    return scenario.policies.choices if scenario.policies is not None else []


def scenarios_with(kind: Choices) -> list[Scenario]:
    """The scenarios that have choices of this kind."""
    return [one for one in catalogue.all_scenarios() if choices_of(kind, one)]


def scenario_with(kind: Choices, short: str) -> Scenario:
    """A scenario by its short name. Raises Unknown, also where it has no choices of this kind."""
    scenario = scenario_of(short)
    if not choices_of(kind, scenario):
        raise Unknown
    return scenario


def checked(kind: Choices, scenario: Scenario, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that differ from what is shipped, in the order of the scenario. Raises Unusable, naming each fault."""
    faults = []
    kept: dict[str, Any] = {}
    choices = choices_of(kind, scenario)
    shipped = chosen(choices, {})
    for name, value in values.items():
        try:
            resolved = chosen(choices, {name: value})
        except ParameterError as error:
            text = str(error).removeprefix(f"{name}: ")
            faults.append(Fault(place=f"body.values.{name}"[:200], expected=text[:500]))
            continue
        if resolved[name] != shipped[name]:
            kept[name] = value
    if not faults and kind == "policies":
        faults += policies.without_effect(scenario, kept)
    if faults:
        raise Unusable(f"{faults[0].place}: {faults[0].expected}", faults)
    return {one.name: kept[one.name] for one in choices if one.name in kept}


async def propose(on: OnTenant, kind: Choices, short: str, values: Mapping[str, Any], reason: str) -> int:
    """Propose a scenario's choices as a whole: what is not named is as shipped."""
    body = orjson.dumps(checked(kind, scenario_with(kind, short), values)).decode()
    setting = await settings.look(on, kind, short)
    if body == (setting.active.body if setting.active is not None else "{}"):
        fault = Fault(place="body.values", expected="values that differ from those in force")
        raise Unusable(f"{fault.place}: {fault.expected}", [fault])
    plain = {name: str(value) for name, value in orjson.loads(body).items()}
    return await settings.propose(on, kind, short, body, reason, {"values": dict(plain)})


async def activate(on: OnTenant, kind: Choices, short: str, number: int, reason: str) -> None:
    """Put choices in force, by another person than who proposed them."""
    scenario_with(kind, short)
    await settings.activate(on, kind, short, number, reason, Rules())


async def preview(on: OnTenant, kind: Choices, short: str, values: Mapping[str, Any]) -> Preview:
    """Look at waiting runs again on copies, as they are and with these values, and say what would differ."""
    scenario = scenario_with(kind, short)
    tried = _tried(kind, scenario, checked(kind, scenario, values))
    live = run_list.Filter(scenarios=(scenario.slug,), states=("waiting", "resting"), tenant=on.tenant, limit=MOST_RUNS)
    rows, total = await run_list.listed(on.database, run_list.Scope((), (on.tenant,)), live)
    effects = []
    async with scratch_space() as space:
        for row in rows:
            opened = await on.service.casebook.run(row.run)
            if opened is None:
                continue
            # A moment later than the clock: the same look twice, so that what time does stands on both sides.
            at = await opened.now() + timedelta(seconds=1)
            before = await rehearse(opened.context, space, at)
            found = differences(before, await tried(opened, space, at))
            if found:
                effects.append(Effect(row.run, row.case, found))
    return Preview(len(rows), total, effects)


def _tried(kind: Choices, scenario: Scenario, wanted: Mapping[str, Any]) -> Tried:
    """How a run is looked at with these choices."""

    async def with_parameters(opened: OpenRun, space: Database, at: datetime) -> Stand:
        parameters = resolve(scenario, {**wanted, **opened.context.packet.parameters})
        context = replace(opened.context, parameters=parameters, scenario=in_force(scenario, parameters))
        return await rehearse(context, space, at)

    async def with_policies(opened: OpenRun, space: Database, at: datetime) -> Stand:
        own, gone = await policies.tried(opened.context.store, scenario, wanted, at)
        return await rehearse(opened.context, space, at, own, gone)

    return with_parameters if kind == "parameters" else with_policies
