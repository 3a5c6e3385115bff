"""Views: what one audience may see of an artifact. Pure functions from an artifact and a view to what is shown (R7).

What is not shown is not in the result: it is left out here, on the server, and never hidden by a page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Literal

from casefile.artifact import Artifact
from casefile.claims import Citation, Claim, FieldValue, Section, Value
from casefile.evidence import Frozen

ViewName = Literal["queue", "main", "annex"]
Mask = Callable[[str], str]


class View(Frozen):
    """Which fields, sections and registers a view shows, by id (`*` stands for any characters).

    `mask` are the categories that its texts may not hold; `quotes` whether it shows what evidence says, letter for
    letter. A citation without its quote still names evidence, place and hash: that is the traceable reference.
    """

    fields: list[str] = []
    sections: list[str] = []
    registers: list[str] = []
    mask: list[str] = []
    quotes: bool = True

    def shows_field(self, name: str) -> bool:
        """Whether a field is in the view."""
        return _shown(name, self.fields)

    def shows_section(self, name: str) -> bool:
        """Whether a section is in the view."""
        return _shown(name, self.sections)

    def shows_register(self, name: str) -> bool:
        """Whether a register is in the view."""
        return _shown(name, self.registers)


def view_of(artifact: Artifact, view: View, mask: Mask) -> Artifact:
    """The artifact as the view shows it. `mask` takes out of a text what the view's categories forbid."""
    return Artifact(
        name=artifact.name,
        fields={n: _field(v, view, mask) for n, v in artifact.fields.items() if _shown(n, view.fields)},
        sections=[_section(s, view, mask) for s in artifact.sections if _shown(s.id, view.sections)],
        registers={
            name: [_plain(item, view, mask) for item in items]
            for name, items in artifact.registers.items()
            if _shown(name, view.registers)
        },
    )


def _shown(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _field(value: FieldValue, view: View, mask: Mask) -> FieldValue:
    steps = [
        step.model_copy(update={"source": mask(step.source) if view.quotes else "", "to": mask(step.to)})
        for step in value.normalization
    ]
    return value.model_copy(
        update={
            "value": _value(value.value, mask),
            "raw": mask(value.raw) if value.raw is not None and view.quotes else None,
            "note": mask(value.note) if value.note is not None else None,
            "citations": _citations(value.citations, view, mask),
            "normalization": steps,
        }
    )


def _value(value: Value, mask: Mask) -> Value:
    match value:
        case str():
            return mask(value)
        case list():
            return [  # type: ignore[return-value]
                mask(one) if isinstance(one, str) else {k: _scalar(v, mask) for k, v in one.items()} for one in value
            ]
        case _:
            return value


def _scalar(value: str | int | bool | None, mask: Mask) -> str | int | bool | None:
    return mask(value) if isinstance(value, str) else value


def _section(section: Section, view: View, mask: Mask) -> Section:
    return section.model_copy(update={"claims": [_claim(claim, view, mask) for claim in section.claims]})


def _claim(claim: Claim, view: View, mask: Mask) -> Claim:
    return claim.model_copy(update={"text": mask(claim.text), "citations": _citations(claim.citations, view, mask)})


def _citations(citations: Sequence[Citation], view: View, mask: Mask) -> list[Citation]:
    return [one.model_copy(update={"quote": mask(one.quote) if view.quotes else ""}) for one in citations]


def _plain(item: object, view: View, mask: Mask) -> object:
    """A register's item, which is plain JSON here."""
    match item:
        case str():
            return mask(item)
        case dict():
            return {k: "" if k == "quote" and not view.quotes else _plain(v, view, mask) for k, v in item.items()}
        case list():
            return [_plain(one, view, mask) for one in item]
        case _:
            return item
