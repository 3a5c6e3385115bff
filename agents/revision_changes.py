"""What a revision says that an earlier one did not, and the other way round: values, statements, and what is listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from casefile.artifact import Artifact, Revision
from casefile.claims import Citation, Claim, FieldValue

# In words, what the new side rests on, and the part of the artifact: `fields/name`, `sections/id`, `registers/name`.
Change: TypeAlias = tuple[str, Sequence[Citation], str]


def changes(earlier: Revision, now: Revision) -> Iterator[Change]:
    """Every difference in content."""
    old, new = earlier.artifact, now.artifact
    found = (*_values(old, new), *_statements(old, new), *_listed(old.registers, new.registers))
    yield from ((f"since {earlier.revision}, {told}", cited, of) for told, cited, of in found)


def _values(old: Artifact, new: Artifact) -> Iterator[Change]:
    for name in dict.fromkeys([*new.fields, *old.fields]):
        before, after = old.fields.get(name), new.fields.get(name)
        if _value(before) != _value(after):
            title = (after or before or FieldValue(status="missing", origin="none")).title or name
            cited = after.citations if after is not None else ()
            yield f"{title}: {_value(before)} → {_value(after)}", cited, f"fields/{name}"


def _value(value: FieldValue | None) -> str:
    if value is None:
        return "nothing"
    shown = ", ".join(map(str, value.value)) if isinstance(value.value, list) else value.value
    return f"{'nothing' if shown is None else shown} [{value.status}]"


def _statements(old: Artifact, new: Artifact) -> Iterator[Change]:
    before, after = _claims(old), _claims(new)
    for place, claim in after.items():
        section = place[0]
        if place not in before:
            yield f"new in {section}: {claim.text}", claim.citations, f"sections/{section}"
        elif before[place].text != claim.text:
            yield f"{section}: “{before[place].text}” → “{claim.text}”", claim.citations, f"sections/{section}"
        elif before[place].status != claim.status:
            told = f"{section}: {claim.text} [{before[place].status} → {claim.status}]"
            yield told, claim.citations, f"sections/{section}"
    for place, claim in before.items():
        if place not in after:
            yield f"gone from {place[0]}: {claim.text}", (), f"sections/{place[0]}"


def _claims(artifact: Artifact) -> dict[tuple[str, str], Claim]:
    return {(section.id, claim.id): claim for section in artifact.sections for claim in section.claims}


Listed: TypeAlias = Mapping[str, Sequence[Mapping[str, object]]]


def _listed(old: Listed, new: Listed) -> Iterator[Change]:
    """What is listed and was not, and what is in another state."""
    for register, items in new.items():
        before = {item["id"]: _state(item) for item in old.get(register, ())}
        for item in items:
            about = item.get("question") or item.get("about") or ""
            was, state = before.get(item["id"]), _state(item)
            if was != state:
                step = f"{was} → {state}" if was else f"new, {state}"
                yield f"{register.replace('_', ' ')}: {item['id']} {about} [{step}]", (), f"registers/{register}"


def _state(item: Mapping[str, object]) -> str:
    return str(item["state"]).replace("_", " ")
