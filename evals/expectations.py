"""`expect.yaml`: what must be true of a result, exactly as contract §3 has it. Every miss names what was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import orjson
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from runtime.errors import InputError


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldLine(_Line):
    """A field of the artifact: some field whose key matches has the value and the status."""

    match: str
    value: Any = None
    status: str | None = None
    needs_model: bool = False
    lossy_or_normalized: bool = False


class RegisterLine(_Line):
    """At least `min` items of a register, or of several together, whose JSON matches."""

    register_: str | None = Field(default=None, alias="register")
    register_in: list[str] = []
    min: int = 1
    about: str = ""


class ReleaseLine(_Line):
    """How many releases there are into lanes that match."""

    lane: str
    count: int


class AboutLine(_Line):
    """A refusal whose JSON matches."""

    about: str


class EffectLine(_Line):
    """How many effects match; without a count at least one."""

    about: str
    count: int | None = None


class ApprovalLine(_Line):
    """An approval of a gate by a person, in a state where one is named."""

    gate: str
    by: str | None = None
    state: str | None = None


class ContainsLine(_Line):
    """A regex that stands in a result file; `lanes` is every lane file."""

    file: str
    regex: str


class Expectations(_Line):
    """One `expect.yaml`."""

    why: str = ""
    source: str = ""
    status: str | None = None
    outcome: str | None = None
    outcome_in: list[str] = []
    waiting_on: list[str] = []
    fields: list[FieldLine] = []
    registers: list[RegisterLine] = []
    releases: list[ReleaseLine] | Literal[0] = []
    fields_none: list[FieldLine] = []
    refusals: list[AboutLine] = []
    approvals: list[ApprovalLine] = []
    approvals_none: list[ApprovalLine] = []
    effects: list[EffectLine] | Literal[0] = []
    never_contains: list[str] = []
    contains: list[ContainsLine] = []


@dataclass(frozen=True, slots=True)
class Miss:
    """An expectation that the result does not meet."""

    expected: str
    found: str

    def __str__(self) -> str:
        return f"expected {self.expected}; found {self.found}"


def load(path: Path) -> Expectations:
    """Read an `expect.yaml`. Raises InputError with file, place and expectation."""
    try:
        return Expectations.model_validate(yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader))  # noqa: S506
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(str(path), ".".join(map(str, first["loc"])), first["msg"]) from error
    except (OSError, yaml.YAMLError) as error:
        raise InputError(str(path), "", f"a readable expect.yaml was expected: {error}") from error


def misses(expect: Expectations, outcome: Mapping[str, Any], out: Path, *, with_model: bool) -> list[Miss]:
    """Everything in which a result differs from what is expected of it. `out` is the folder of its files."""
    return [
        *_ends(expect, outcome),
        *_fields(expect, outcome, with_model),
        *_registers(expect, outcome["registers"]),
        *_people(expect, outcome),
        *_effects(expect, outcome),
        *_files(expect, out),
    ]


def _ends(expect: Expectations, outcome: Mapping[str, Any]) -> Iterator[Miss]:
    if expect.status is not None and outcome["status"] != expect.status:
        yield Miss(f"status {expect.status}", f"{outcome['status']} ({outcome['outcome']})")
    allowed = [expect.outcome] if expect.outcome else expect.outcome_in
    if allowed and outcome["outcome"] not in allowed:
        yield Miss(f"outcome {' or '.join(allowed)}", str(outcome["outcome"]))
    gates = [one["gate"] for one in outcome["waiting_on"]]
    for pattern in expect.waiting_on:
        if not any(re.search(pattern, gate, re.IGNORECASE) for gate in gates):
            yield Miss(f"waiting on {pattern}", ", ".join(gates) or "no open gate")


def _fields(expect: Expectations, outcome: Mapping[str, Any], with_model: bool) -> Iterator[Miss]:
    fields: Mapping[str, Any] = (outcome["artifact"] or {}).get("fields", {})
    for line in expect.fields:
        if (not line.needs_model or with_model) and not any(_field_is(line, *pair) for pair in fields.items()):
            near = {k: (v["value"], v["status"]) for k, v in fields.items() if _search(line.match, k)}
            yield Miss(f"a field like {line.match} with {line.value!r} {line.status or ''}".strip(), str(near)[:300])
    for line in expect.fields_none:
        found = [name for name, field in fields.items() if _field_is(line, name, field)]
        if found:
            yield Miss(f"no field like {line.match} with {line.status}", ", ".join(found))


def _field_is(line: FieldLine, name: str, field: Mapping[str, Any]) -> bool:
    if not _search(line.match, name):
        return False
    if line.status is not None and field["status"] != line.status:
        return False
    return line.value is None or same_value(line.value, field["value"])


def same_value(expected: Any, found: Any) -> bool:
    """Whether two values are one after normalisation: instants, days, sets of names, folded text."""
    if isinstance(found, list) or (isinstance(expected, str) and "," in expected and isinstance(found, str)):
        wanted, present = _parts(expected), _parts(found)
        return wanted == present or (isinstance(found, list) and any(_contained(expected, one) for one in found))
    if isinstance(found, Mapping):
        return _contained(expected, found)
    left, right = _instant(expected), _instant(found)
    if left is not None and right is not None:
        bare = min(len(str(expected)), len(str(found))) <= len("2026-04-18")
        return left.date() == right.date() if bare else left == right
    return _folded(expected) == _folded(found)


def _contained(expected: Any, found: Any) -> bool:
    values = found.values() if isinstance(found, Mapping) else [found]
    return any(_folded(expected) == _folded(value) for value in values)


def _parts(value: Any) -> frozenset[str]:
    parts = value if isinstance(value, list) else str(value).split(",")
    return frozenset(_folded(part) for part in parts)


def _folded(value: Any) -> str:
    return " ".join(str(value).casefold().split())


def _instant(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, str) or not re.match(r"\d{4}-\d{2}-\d{2}", value):
        return None
    try:
        parsed = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _registers(expect: Expectations, registers: Mapping[str, Sequence[Any]]) -> Iterator[Miss]:
    for line in expect.registers:
        names = line.register_in or [line.register_ or ""]
        items = [item for name in names for item in registers.get(name, ())]
        count = sum(_search(line.about, _json(item)) for item in items)
        if count < line.min:
            yield Miss(
                f"{line.min} item(s) about {line.about or 'anything'} in {' or '.join(names)}",
                f"{count} of {len(items)}",
            )


def _people(expect: Expectations, outcome: Mapping[str, Any]) -> Iterator[Miss]:
    for refusal in expect.refusals:
        if not any(_search(refusal.about, _json(one)) for one in outcome["refusals"]):
            yield Miss(f"a refusal about {refusal.about}", f"{[one['action'] for one in outcome['refusals']]}")
    for line in expect.approvals:
        same = [one for one in outcome["approvals"] if _search(line.gate, one["gate"]) and line.by in (None, one["by"])]
        if not any(line.state is None or one["state"] == line.state for one in same):
            yield Miss(f"{line.gate} by {line.by} {line.state or ''}".strip(), f"{[one['state'] for one in same]}")
    for line in expect.approvals_none:
        for one in outcome["approvals"]:
            if _search(line.gate, one["gate"]) and line.by in (None, one["by"]) and one["state"] == "valid":
                yield Miss(f"no valid {line.gate} by {line.by}", "one that is valid")


def _effects(expect: Expectations, outcome: Mapping[str, Any]) -> Iterator[Miss]:
    for name, lines in (("releases", expect.releases), ("effects", expect.effects)):
        if lines == 0 and outcome[name]:
            yield Miss(f"no {name}", str(len(outcome[name])))
    for release in expect.releases or []:
        count = sum(_search(release.lane, one["lane"]) for one in outcome["releases"])
        if count != release.count:
            yield Miss(f"{release.count} release(s) into {release.lane}", str(count))
    for effect in expect.effects or []:
        count = sum(_search(effect.about, _json(one)) for one in outcome["effects"])
        if (effect.count is None and count == 0) or (effect.count is not None and count != effect.count):
            yield Miss(f"{effect.count or 'some'} effect(s) about {effect.about}", str(count))


def _files(expect: Expectations, out: Path) -> Iterator[Miss]:
    kept = [out / name for name in ("artifact.json", "artifact.md", "receipt.json", "keys.json")]
    lanes = sorted((out / "lanes").glob("*")) if (out / "lanes").is_dir() else []
    texts = {path: path.read_text(encoding="utf-8") for path in [*kept, *lanes] if path.is_file()}
    for forbidden in expect.never_contains:
        for path, text in texts.items():
            if forbidden in text or _escaped(forbidden) in text:
                yield Miss(f"{forbidden!r} nowhere", path.name)
    for line in expect.contains:
        paths = lanes if line.file in ("lanes", "lanes/") else [out / line.file]
        if not any(path.is_file() and re.search(line.regex, path.read_text(encoding="utf-8")) for path in paths):
            yield Miss(f"{line.regex} in {line.file}", "not there")


def _escaped(text: str) -> str:
    return orjson.dumps(text).decode()[1:-1]


def _json(item: Any) -> str:
    return orjson.dumps(item).decode()


def _search(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None
