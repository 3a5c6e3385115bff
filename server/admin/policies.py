"""The policy set that a tenant keeps for a scenario: as the item of evidence that a run is started with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from casefile import policy_sets
from casefile.packet import SourceItem
from casefile.parameters import chosen
from casefile.scenario import Scenario
from lineage.canonical import digest_bytes
from runtime.store.run_store import RunStore
from runtime.store.setting_rows import Version
from server.models.problem import Fault
from tools.packet_folder import PacketFile


def without_effect(scenario: Scenario, kept: Mapping[str, Any]) -> list[Fault]:
    """Rules that were set although no policy set is kept: they would look as if they held."""
    spec = scenario.policies
    if spec is None or not kept or policy_sets.kept(spec, chosen(spec.choices, kept)):
        return []
    switch = next(one for one in spec.choices if one.name == spec.kept)
    others = ", ".join(f"“{one}”" for one in switch.options if one != switch.default)
    return [Fault(place=f"body.values.{spec.kept}", expected=f"{others}, or every rule below as shipped")]


def item(scenario: Scenario, version: Version, at: datetime) -> PacketFile | None:
    """The policy set of a version as a file of a case that is opened at that time; None where it keeps none."""
    return _item(scenario, orjson.loads(version.body), str(version.version), policy_sets.ITEM, at)


def _item(
    scenario: Scenario, body: Mapping[str, Any], version: str, one: str, at: datetime, replaces: str | None = None
) -> PacketFile | None:
    spec = scenario.policies
    if spec is None:
        return None
    values = chosen(spec.choices, body)
    if not policy_sets.kept(spec, values):
        return None
    data = policy_sets.document(spec, values, version)
    source = SourceItem(id=one, file=policy_sets.FILE, system=spec.system, captured_at=at, replaces=replaces)
    return PacketFile(source, data, digest_bytes(data))


async def tried(
    store: RunStore, scenario: Scenario, wanted: Mapping[str, Any], at: datetime
) -> tuple[PacketFile | None, list[str]]:
    """What a run would have with these choices: the policy set that arrives, and that which it has and would not."""
    there = [one.id for one in await store.evidence() if policy_sets.own(one.id) and not one.withdrawn]
    name = f"{policy_sets.ITEM}-tried"
    arrives = _item(scenario, wanted, "as tried", name, at, replaces=there[-1] if there else None)
    return arrives, [] if arrives is not None else there
