"""A turn: what one step changes, collected first and then committed in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from casefile.artifact import Edit, Revision
from casefile.decisions import Decision
from casefile.edits import Verdict
from casefile.effects import Effect
from casefile.evidence import Evidence
from casefile.registers import AnyItem, RegisterName
from lineage.entry import EntryDraft


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a run from outside: `kind` and `body` are those of a timeline step.

    `seq` is its place in the inbox, given by the store.
    """

    key: str
    kind: str
    at: str
    body: str
    seq: int = -1


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An entry on its way to a lane. `body` is the line as the lane gets it."""

    idempotency_key: str
    lane: str
    body: bytes
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that counts for nothing, on the record (contract §4, `refusals`)."""

    action: str
    asked_by: str
    reason: str
    turn: int
    at: str


@dataclass(frozen=True, slots=True)
class SignedDecision:
    """The envelope of a decision: `body` is its canonical JSON, `sha256` the hash by which lineage headers name it."""

    decision: str
    sha256: str
    kid: str
    signed_at: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Origin:
    """The prompt by which a model worded something: name, version, and the hash of its text."""

    name: str
    version: str
    sha256: str


@dataclass(slots=True)
class Turn:
    """What one step changes. `key` makes it happen once: a second commit under the same key does nothing.

    `worded` says by fingerprint which prompt a model worded an edit with; `origins` says so by the edit's id.
    """

    key: str
    at: datetime
    entries: list[EntryDraft] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    handled: list[int] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    work: dict[str, str] = field(default_factory=dict)
    revisions: list[Revision] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    worded: dict[str, Origin] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    registers: dict[RegisterName, list[AnyItem]] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    envelopes: list[SignedDecision] = field(default_factory=list)
    restated: list[Decision] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    run: dict[str, str | int | bool | None] = field(default_factory=dict)
    seal: bool = False
