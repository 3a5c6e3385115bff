"""The artifact and its revisions: immutable, named by the hash of their content.

Content, and so the hash, is the fields, the sections and those registers that the card lists among the artifact's
contents (contract §4). Chat, refusals, decisions and the trace are not content. The hashed form is canonical JSON
(RFC 8785, restricted domain), in which confidences are whole hundredths: content has no floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from casefile.claims import Citation, FieldValue, Section, Status
from casefile.evidence import Frozen
from casefile.registers import AnyItem, RegisterName
from lineage.canonical import Json, canonical, digest_bytes


class Artifact(Frozen):
    """The governed document: what a gate approves and a lane carries."""

    name: str
    fields: dict[str, FieldValue]
    sections: list[Section]
    registers: dict[str, list[dict[str, object]]]

    def content(self) -> dict[str, Json]:
        """The content as plain JSON values."""
        plain: dict[str, Json] = self.model_dump(mode="json", by_alias=True)
        return plain

    def canonical(self) -> bytes:
        """The bytes that are hashed, approved and released."""
        return canonical(self.content())


class Revision(Frozen):
    """One named revision. `supersedes` names the earlier ones that it replaces."""

    revision: str
    sha256: str
    supersedes: list[str]
    artifact: Artifact

    @property
    def intact(self) -> bool:
        """Whether the content is still what the hash names: what was approved is bytes, not a row that says so."""
        return digest_bytes(self.artifact.canonical()) == self.sha256


class Edit(Frozen):
    """A proposed change to a revision, accepted or rejected by a person, one by one (rules: casefile/edits.py).

    `target` is section/claim; an empty `before` adds, an empty `after` removes. `status` is that of the statement
    which it would write. `repeats` names the rejected edit that it brings back, because of `new_evidence`.
    """

    id: str
    turn: int
    target: str
    before: str
    after: str
    reason: str = ""
    author: str = "agent:drafting"
    citations: list[Citation] = []
    status: Status = "unverified"
    repeats: str | None = None
    new_evidence: list[str] = []
    state: Literal["proposed", "accepted", "rejected"] = "proposed"
    decided_by: str | None = None
    decision_reason: str | None = None


def compose(
    name: str,
    fields: Mapping[str, FieldValue],
    sections: Iterable[Section],
    registers: Mapping[RegisterName, Iterable[AnyItem]],
) -> Artifact:
    """Put an artifact together from its parts; `registers` are only those that the card lists as contents."""
    return Artifact(
        name=name,
        fields=dict(fields),
        sections=list(sections),
        registers={key: [item.model_dump(mode="json") for item in items] for key, items in registers.items()},
    )


def sections_digest(artifact: Artifact, names: Iterable[str]) -> str:
    """The hash of some sections, for a gate that binds only those."""
    wanted = set(names)
    parts: list[Json] = [s.model_dump(mode="json", by_alias=True) for s in artifact.sections if s.id in wanted]
    return digest_bytes(canonical(parts))


def next_revision(artifact: Artifact, earlier: list[Revision], prior: Sequence[str] = ()) -> Revision | None:
    """The revision that `artifact` makes after `earlier`, or None where the last one has the same content.

    `prior` are the names of the revisions made before the run: it supersedes them too.
    """
    sha256 = digest_bytes(artifact.canonical())
    if earlier and earlier[-1].sha256 == sha256:
        return None
    return Revision(
        revision=f"r{len(earlier) + 1}",
        sha256=sha256,
        supersedes=[*prior, *(revision.revision for revision in earlier)],
        artifact=artifact,
    )
