"""The policy set that an organisation keeps for its cases: written as one document, which stands in a case as evidence.

Who keeps one decides it by two people and by version. So in a run that was started with one it alone counts, whatever
a packet or an upload brings for the same system; the ids of its item are not given to anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from casefile.choices import PolicySpec
from lineage.canonical import Json

ITEM = "organisation-policy-set"
FILE = f"{ITEM}.json"
RESERVED = f"an id that does not begin with {ITEM} was expected: that is the organisation's own"


def own(item: str) -> bool:
    """Whether an item of evidence is an organisation's own policy set. Such ids are reserved."""
    return item.casefold().startswith(ITEM)


def kept(spec: PolicySpec, values: Mapping[str, Any]) -> bool:
    """Whether these values make a policy set: the choice that says so is not as shipped."""
    shipped = next(one.default for one in spec.choices if one.name == spec.kept)
    return bool(values[spec.kept] != shipped)


def document(spec: PolicySpec, values: Mapping[str, Any], version: str) -> bytes:
    """The policy set as JSON: the same values and version are the same bytes.

    `values` are those of `parameters.chosen`. A choice without a value leaves its member out.
    """
    words = {name: ", ".join(map(str, one)) if isinstance(one, list) else str(one) for name, one in values.items()}
    controls: list[Json] = []
    for one in spec.controls:
        if any(values[name] == value for name, value in one.unless.items()):
            continue
        told: dict[str, Json] = {"id": one.id, "version": version, "name": one.name}
        told["rule"] = one.rule.format_map(words)
        for name, member in one.members.items():
            found = _member(member, values)
            if found not in ([], {}, ""):
                told[name] = found
        controls.append(told)
    whole: dict[str, Json] = {"policy set": spec.title, "version": version, "controls": controls}
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2)


def _member(member: str | Mapping[str, str], values: Mapping[str, Any]) -> Json:
    if isinstance(member, str):
        value: Json = values[member]
        return value
    return {name: values[choice] for name, choice in member.items()}
