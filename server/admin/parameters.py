"""Parameters of a tenant's scenarios: checked by the scenario's schema, tried on waiting runs, put in force by two.

They are for runs that start later: a run keeps the parameters that it was started with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import orjson

from casefile.parameters import ParameterError, in_force, resolve
from casefile.scenario import Scenario
from graphs.rehearsal import differences, rehearse
from runtime.store import run_list
from runtime.store.database import Database
from runtime.store.scratch import scratch_space
from server.admin import settings
from server.admin.acting import OnTenant
from server.admin.settings import Rules
from server.admin.tools import scenario_of
from server.casebook import OpenRun
from server.models.problem import Fault
from server.problems import Unusable

MOST_RUNS = 25
"""Waiting runs that one preview looks at, those that moved last first."""


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


def checked(scenario: Scenario, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that differ from what is shipped, in the order of the scenario. Raises Unusable, naming each fault."""
    faults = []
    kept: dict[str, Any] = {}
    shipped = resolve(scenario, {})
    for name, value in values.items():
        try:
            resolved = resolve(scenario, {name: value})
        except ParameterError as error:
            text = str(error).removeprefix(f"{name}: ")
            faults.append(Fault(place=f"body.values.{name}"[:200], expected=text[:500]))
            continue
        if resolved[name] != shipped[name]:
            kept[name] = value
    if faults:
        raise Unusable(f"{faults[0].place}: {faults[0].expected}", faults)
    return {one.name: kept[one.name] for one in scenario.parameters if one.name in kept}


async def propose(on: OnTenant, short: str, values: Mapping[str, Any], reason: str) -> int:
    """Propose a scenario's parameters as a whole: what is not named is as shipped."""
    body = orjson.dumps(checked(scenario_of(short), values)).decode()
    setting = await settings.look(on, "parameters", short)
    if body == (setting.active.body if setting.active is not None else "{}"):
        fault = Fault(place="body.values", expected="values that differ from those in force")
        raise Unusable(f"{fault.place}: {fault.expected}", [fault])
    plain = {name: str(value) for name, value in orjson.loads(body).items()}
    return await settings.propose(on, "parameters", short, body, reason, {"values": dict(plain)})


async def activate(on: OnTenant, short: str, number: int, reason: str) -> None:
    """Put parameters in force, by another person than who proposed them."""
    scenario_of(short)
    await settings.activate(on, "parameters", short, number, reason, Rules())


async def preview(on: OnTenant, short: str, values: Mapping[str, Any]) -> Preview:
    """Look at waiting runs again on copies, as they are and with these values, and say what would differ."""
    scenario = scenario_of(short)
    wanted = checked(scenario, values)
    live = run_list.Filter(scenarios=(scenario.slug,), states=("waiting", "resting"), tenant=on.tenant, limit=MOST_RUNS)
    rows, total = await run_list.listed(on.database, run_list.Scope((), (on.tenant,)), live)
    effects = []
    async with scratch_space() as space:
        for row in rows:
            opened = await on.service.casebook.run(row.run)
            if opened is None:
                continue
            found = await _changes(opened, space, scenario, wanted)
            if found:
                effects.append(Effect(row.run, row.case, found))
    return Preview(len(rows), total, effects)


async def _changes(opened: OpenRun, space: Database, scenario: Scenario, wanted: Mapping[str, Any]) -> list[str]:
    context = opened.context
    # A moment later than the clock: the same look twice, so that what time does stands on both sides.
    at = await opened.now() + timedelta(seconds=1)
    parameters = resolve(scenario, {**wanted, **context.packet.parameters})
    before = await rehearse(context, space, at)
    new = replace(context, parameters=parameters, scenario=in_force(scenario, parameters))
    return differences(before, await rehearse(new, space, at))
