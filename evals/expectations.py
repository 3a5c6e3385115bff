"""`expect.yaml`: what must be true of a result, exactly as contract §3 has it. Every miss names what was found.

Patterns are searched as they are written; only the keys of fields and the names of gates are matched without regard
to case, because they are ids. A pattern that cannot be compiled and a name of a register that does not exist are
faults of the file, found when it is loaded: a line that can never match would pass as `count: 0` for ever.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from casefile.registers import RegisterName
from runtime.errors import InputError

Status = Literal["waiting", "finished", "failed"]
FieldStatus = Literal["confirmed", "conflicting", "unverified", "missing", "held"]
ApprovalState = Literal["valid", "void", "expired", "refused", "rejected"]
FILES = ("artifact.json", "artifact.md", "receipt.json", "keys.json")
LANES = "lanes"
_DAY = len("2026-04-18")
_SHOWN = 300


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"a regular expression was expected, {pattern!r} is none: {error}") from error
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NoFieldLine(_Line):
    """No field whose key matches has the status (and the value, where one is named)."""

    match: Pattern
    value: Any = None
    status: FieldStatus | None = None


class FieldLine(NoFieldLine):
    """A field of the artifact: some field whose key matches has the value and the status."""

    needs_model: bool = False
    lossy_or_normalized: bool = False
    """Says that the value stands in no source letter for letter. Values are compared after normalisation anyway."""


class RegisterLine(_Line):
    """At least `min` items of a register, or of several together, whose JSON matches."""

    register_: RegisterName | None = Field(default=None, alias="register")
    register_in: list[RegisterName] = []
    min: int = Field(default=1, ge=1)
    about: Pattern = ""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.register_ is None) == (not self.register_in):
            raise ValueError("either `register` or `register_in` was expected")
        return self

    @property
    def registers(self) -> Sequence[RegisterName]:
        return self.register_in if self.register_ is None else (self.register_,)


class ReleaseLine(_Line):
    """How many releases there are into lanes that match."""

    lane: Pattern
    count: int = Field(ge=0)


class RefusalLine(_Line):
    """A refusal whose JSON matches."""

    about: Pattern


class EffectLine(_Line):
    """How many effects match; without a count at least one."""

    about: Pattern
    count: int | None = Field(default=None, ge=0)


class NoApprovalLine(_Line):
    """No valid approval of a gate, by a person where one is named."""

    gate: Pattern
    by: str | None = None


class ApprovalLine(NoApprovalLine):
    """An approval of a gate, by a person and in a state where these are named."""

    state: ApprovalState | None = None


class ContainsLine(_Line):
    """A regex that stands in a result file; `lanes` is every lane file."""

    file: str
    regex: Pattern


class Expectations(_Line):
    """One `expect.yaml`."""

    why: str = ""
    source: str = ""
    status: Status | None = None
    outcome: str | None = None
    outcome_in: list[str] = []
    waiting_on: list[Pattern] = []
    fields: list[FieldLine] = []
    registers: list[RegisterLine] = []
    releases: list[ReleaseLine] | Literal[0] = []
    fields_none: list[NoFieldLine] = []
    refusals: list[RefusalLine] = []
    approvals: list[ApprovalLine] = []
    approvals_none: list[NoApprovalLine] = []
    effects: list[EffectLine] | Literal[0] = []
    never_contains: list[Annotated[str, Field(min_length=1)]] = []
    contains: list[ContainsLine] = []


@dataclass(frozen=True, slots=True)
class Miss:
    """An expectation that the result does not meet."""

    expected: str
    found: str

    def __str__(self) -> str:
        return f"expected {self.expected}; found {self.found}"


def load(path: Path) -> Expectations:
    """Read an `expect.yaml`. Raises InputError with file, place and expectation, on one line."""
    try:
        return Expectations.model_validate(yaml.load(path.read_bytes(), Loader=_ExpectLoader))  # noqa: S506
    except ValidationError as error:
        raise InputError(str(path), *_first(error)) from error
    except (OSError, yaml.YAMLError, ValueError) as error:
        raise InputError(str(path), "", f"a readable expect.yaml was expected: {error}") from error


def _first(error: ValidationError) -> tuple[str, str]:
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        return place, "no such line is known to expect.yaml"
    if not place:
        return "", "a mapping of expectations was expected"
    return place, first["msg"].removeprefix("Value error, ")


class _ExpectLoader(yaml.CSafeLoader):
    """A key that stands twice would lose the expectations of the first: refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def misses(expect: Expectations, outcome: Mapping[str, Any], out_dir: Path, *, with_model: bool) -> list[Miss]:
    """Everything in which a result differs from what is expected of it. `out_dir` is the folder of its files."""
    return [
        *_ends(expect, outcome),
        *_fields(expect, outcome, with_model),
        *_registers(expect, outcome["registers"]),
        *_people(expect, outcome),
        *_effects(expect, outcome),
        *_files(expect, out_dir),
    ]


def _ends(expect: Expectations, outcome: Mapping[str, Any]) -> Iterator[Miss]:
    if expect.status is not None and outcome["status"] != expect.status:
        yield Miss(f"status {expect.status}", f"{outcome['status']} ({outcome['outcome']})")
    if expect.outcome is not None and outcome["outcome"] != expect.outcome:
        yield Miss(f"outcome {expect.outcome}", str(outcome["outcome"]))
    if expect.outcome_in and outcome["outcome"] not in expect.outcome_in:
        yield Miss(f"outcome {' or '.join(expect.outcome_in)}", str(outcome["outcome"]))
    gates = [one["gate"] for one in outcome["waiting_on"]]
    for pattern in expect.waiting_on:
        if not any(_named(pattern, gate) for gate in gates):
            yield Miss(f"waiting on {pattern}", ", ".join(gates) or "no open gate")


def _fields(expect: Expectations, outcome: Mapping[str, Any], with_model: bool) -> Iterator[Miss]:
    fields: Mapping[str, Any] = (outcome["artifact"] or {}).get("fields", {})
    for line in expect.fields:
        if (not line.needs_model or with_model) and not any(_field_is(line, *pair) for pair in fields.items()):
            near = {k: (v["value"], v["status"]) for k, v in fields.items() if _named(line.match, k)}
            yield Miss(f"a field like {line.match}{_told(line)}", str(near)[:_SHOWN] if near else "no such field")
    for none in expect.fields_none:
        found = [name for name, field in fields.items() if _field_is(none, name, field)]
        if found:
            yield Miss(f"no field like {none.match}{_told(none)}", ", ".join(found))


def _told(line: NoFieldLine) -> str:
    value = "" if line.value is None else f" with {line.value!r}"
    return f"{value} {line.status}" if line.status else value


def _field_is(line: NoFieldLine, name: str, field: Mapping[str, Any]) -> bool:
    if not _named(line.match, name) or line.status not in (None, field["status"]):
        return False
    return line.value is None or same_value(line.value, field["value"])


def same_value(expected: Any, found: Any) -> bool:
    """Whether two values are one after normalisation.

    Text is folded; times are compared as instants, or by day where one of them is a day; lists, and strings with
    commas, as sets; a value found as a mapping (a contact, an amount) is met by any value in it.
    """
    if _alike(expected, found):
        return True
    wanted, present = _parts(expected), _parts(found)
    if isinstance(found, list) and len(wanted) == 1 and all(isinstance(one, Mapping) for one in found):
        return any(_alike(wanted[0], one) for one in found)  # one of the contacts is asked for, not all of them
    if len(wanted) == 1 and len(present) == 1 and not isinstance(found, list):
        return False
    return (
        bool(wanted)
        and all(any(_alike(part, one) for one in present) for part in wanted)
        and all(any(_alike(part, one) for part in wanted) for one in present)
    )


def _parts(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else [value]


def _alike(expected: Any, found: Any) -> bool:
    if isinstance(found, Mapping):
        return any(_alike(expected, value) for value in found.values())
    if isinstance(expected, list) or isinstance(found, list) or found is None:
        return bool(expected == found)
    left, right = _instant(expected), _instant(found)
    if left is None or right is None:
        return _folded(expected) == _folded(found)
    if min(len(str(expected).strip()), len(str(found).strip())) <= _DAY:
        return left.date() == right.date()
    return left == right


def _folded(value: Any) -> str:
    return " ".join(str(value).casefold().split())


def _instant(value: Any) -> datetime | None:
    """A time in UTC; a day as its midnight; None for anything else."""
    if isinstance(value, str):
        if not re.match(r"\s*\d{4}-\d{2}-\d{2}", value):
            return None
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None


def _registers(expect: Expectations, registers: Mapping[str, Sequence[Any]]) -> Iterator[Miss]:
    for line in expect.registers:
        items = [item for name in line.registers for item in registers.get(name, ())]
        count = sum(_says(line.about, item) for item in items)
        if count < line.min:
            wanted = f"{line.min} item(s) about {line.about or 'anything'} in {' or '.join(line.registers)}"
            yield Miss(wanted, f"{count} of {len(items)}")


def _people(expect: Expectations, outcome: Mapping[str, Any]) -> Iterator[Miss]:
    for refusal in expect.refusals:
        if not any(_says(refusal.about, one) for one in outcome["refusals"]):
            found = str([one["action"] for one in outcome["refusals"]])
            yield Miss(f"a refusal about {refusal.about}", found[:_SHOWN])
    for line in expect.approvals:
        same = _of_gate(line, outcome)
        if not any(line.state in (None, one["state"]) for one in same):
            yield Miss(f"approval of {_whose(line)} {line.state or ''}".strip(), f"{[one['state'] for one in same]}")
    for none in expect.approvals_none:
        valid = [one for one in _of_gate(none, outcome) if one["state"] == "valid"]
        if valid:
            yield Miss(
                f"no valid approval of {_whose(none)}", ", ".join(f"{one['gate']} by {one['by']}" for one in valid)
            )


def _of_gate(line: NoApprovalLine, outcome: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in outcome["approvals"] if _named(line.gate, one["gate"]) and line.by in (None, one["by"])]


def _whose(line: NoApprovalLine) -> str:
    return f"{line.gate} by {line.by or 'anybody'}"


def _effects(expect: Expectations, outcome: Mapping[str, Any]) -> Iterator[Miss]:
    for name, lines in (("releases", expect.releases), ("effects", expect.effects)):
        if lines == 0 and outcome[name]:
            yield Miss(f"no {name}", str(len(outcome[name])))
    for release in expect.releases or []:
        lanes = [one["lane"] for one in outcome["releases"]]
        count = sum(re.search(release.lane, lane) is not None for lane in lanes)
        if count != release.count:
            yield Miss(f"{release.count} release(s) into {release.lane}", f"{count} of {lanes}")
    for effect in expect.effects or []:
        count = sum(_says(effect.about, one) for one in outcome["effects"])
        if count != effect.count and (effect.count is not None or count == 0):
            wanted = "some" if effect.count is None else effect.count
            yield Miss(f"{wanted} effect(s) about {effect.about}", f"{count} of {len(outcome['effects'])}")


def _files(expect: Expectations, out_dir: Path) -> Iterator[Miss]:
    lanes = sorted(path for path in (out_dir / LANES).rglob("*") if path.is_file())
    texts = {path: _text(path) for path in (*(out_dir / name for name in FILES), *lanes) if path.is_file()}
    for forbidden in expect.never_contains:
        for path, text in texts.items():
            if any(form in text for form in _written(forbidden)):
                yield Miss(f"{forbidden!r} nowhere", path.relative_to(out_dir).as_posix())
    for line in expect.contains:
        paths = lanes if line.file.rstrip("/") == LANES else [out_dir / line.file]
        present = [path for path in paths if path.is_file()]
        if not any(re.search(line.regex, _text(path)) for path in present):
            yield Miss(f"{line.regex} in {line.file}", "not there" if present else "no such file")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _written(text: str) -> set[str]:
    """The forms in which a string stands in a text or JSON file."""
    return {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}


def _says(pattern: str, item: Any) -> bool:
    return re.search(pattern, json.dumps(item, ensure_ascii=False, default=str)) is not None


def _named(pattern: str, name: str) -> bool:
    return re.search(pattern, name, re.IGNORECASE) is not None
