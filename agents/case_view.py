"""What a pattern's agents look at, and what they give back. Both are plain data: the same view, the same assessment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from agents.axis import declared
from agents.foreign import foreign, foreign_places
from agents.material import Findings, Signal
from agents.records import Cell, Record, records
from casefile.actions import Due
from casefile.artifact import Revision
from casefile.claims import Citation, Section
from casefile.decisions import Decision
from casefile.effects import Effect
from casefile.evidence import Evidence, Reading
from casefile.exhibits import Drawn
from casefile.gates import Offer
from casefile.mandates import Mandate
from casefile.packet import Packet
from casefile.precedence import Stated
from casefile.registers import ExceptionItem, Objection
from casefile.scenario import Rank, Scenario, Source
from lineage.canonical import Json
from tools.systems import System

T = TypeVar("T")

# Where a pattern keeps the names that views hide: a mapping from lists to names, as JSON.
VIEW_NAMES = "view_names"


@dataclass(frozen=True, slots=True)
class Happening:
    """The event that this pass is about: `kind` and `body` (JSON) are those of a timeline step."""

    kind: str
    body: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one of several agents of a pass made of the case file.

    `found` is for the agents after it; `told` stands in the lineage, with the evidence that it rests on, by id.
    """

    found: object
    told: Mapping[str, Json]
    items: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CaseView:
    """The case file as agents see it.

    `evidence` is the whole ledger; `usable` what facts may rest on (not withdrawn, replaced, quarantined, prior).
    `kept` is what this pattern's agents left in earlier passes, by name. `decisions` has every answer with its state;
    `effects` what was done to systems so far. `systems` are the declared ones, by id. `checks` are the secrets and the
    personal data that were found when its items were read. `run` is the run's name, the same in no other installation.
    `worked` is what was worked out of its items (`once`). `parts` is what agents before made of it in this pass, by
    their step (`part`).
    """

    scenario: Scenario
    parameters: Mapping[str, Any]
    policy_version: str
    packet: Packet
    now: datetime
    happening: Happening
    evidence: Sequence[Evidence]
    usable: Sequence[Evidence]
    quarantined: frozenset[str]
    readings: Callable[[str], Reading]
    revisions: Sequence[Revision]
    decisions: Sequence[Decision]
    kept: Mapping[str, str]
    effects: Sequence[Effect] = ()
    systems: Mapping[str, System] = field(default_factory=dict)
    checks: Sequence[Signal] = ()
    run: str = ""
    worked: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False, repr=False)
    parts: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    def once(self, what: str, item: Evidence, work: Callable[[], T]) -> T:
        """What a rule works out of an item, worked out once: nothing of a view changes while it is looked at."""
        key = (what, item.id)
        if key not in self.worked:
            self.worked[key] = work()
        found: T = self.worked[key]
        return found

    def part(self, step: str, kind: type[T]) -> T:
        """What the agent of that step found. Raises LookupError where it has not worked in this pass."""
        found = self.parts.get(step)
        if not isinstance(found, kind):
            raise LookupError(f"no agent did the step {step} before this one")
        return found

    def zone(self, item: Evidence) -> tzinfo | None:
        """The one zone that an item declares for its clocks, or None."""
        return self.once("zone", item, lambda: declared(self.readings(item.id)))

    def of(self, *systems: str) -> list[Evidence]:
        """The usable evidence of some systems, in order of arrival."""
        return [item for item in self.usable if item.system in systems]

    def words(self, role: str) -> list[str]:
        """The words that the scenario's data has for a role: names of columns, of labels, of kinds."""
        found: list[str] = self.scenario.data["words"][role]
        return found

    def listed(self, role: str) -> list[str]:
        """The systems that the scenario's data lists for a role."""
        found: list[str] = self.scenario.data["systems"][role]
        return found

    @property
    def prior(self) -> list[Evidence]:
        """The artifact revisions that were made before the run."""
        return [item for item in self.evidence if item.prior and not item.withdrawn]

    def source(self, item: Evidence) -> Source | None:
        """The row of the card that an item belongs to, or None where it has none: evidence without a rank."""
        kind = item.file.rpartition(".")[2].lower()
        return self.scenario.source_of(item.system, kind, f"{item.id} {item.file}")

    def rank(self, item: Evidence) -> Rank | None:
        """The card's rank of an item."""
        source = self.source(item)
        return source.rank if source is not None else None

    def records(self, item: Evidence) -> list[Record]:
        """The rows and objects of an item that speak of no tenant but those of the case (R12)."""
        return [one for one in self._records(item) if not self.foreign(one)]

    def _records(self, item: Evidence) -> list[Record]:
        return self.once("records", item, lambda: list(records(self.readings(item.id))))

    def headed(self, item: Evidence, headers: frozenset[str]) -> list[Record]:
        """Those of an item that may have several tables on one sheet: each row of `headers` heads the rows below it."""
        return [one for one in records(self.readings(item.id), headers) if not self.foreign(one)]

    def of_others(self, item: Evidence) -> frozenset[str]:
        """The places of an item that speak of tenants that the case does not list."""
        return self.once(
            "of_others", item, lambda: foreign_places(self.readings(item.id), frozenset(self.packet.tenant_ids()))
        )

    def foreign(self, record: Record) -> bool:
        """Whether a record names, by its id, a tenant that the case does not list."""
        return foreign(record, self.packet.tenant_ids())

    def left_out(self) -> Iterable[ExceptionItem]:
        """Rows about tenants that the case does not list: left out, and counted."""
        for item in self.usable:
            count = sum(self.foreign(one) for one in self._records(item))
            if count:
                yield ExceptionItem(
                    key=f"foreign-rows:{item.id}",
                    kind="other_tenants",
                    about=item.id,
                    reason=f"{item.id}: {count} rows about tenants that the case does not list were left out",
                    count=count,
                    state="noted",
                )

    def unranked(self) -> Iterable[ExceptionItem]:
        """Items of systems that the scenario does not list: evidence without a rank, and said to be."""
        for item in self.usable:
            if item.system and item.system not in self.systems and self.source(item) is None:
                yield ExceptionItem(
                    key=f"unranked:{item.id}",
                    kind="no_rank",
                    about=item.id,
                    reason=f"{item.id}: the scenario ranks no system {item.system}; it is evidence without a rank",
                    state="noted",
                )

    def cite(self, item: Evidence, cell: Cell, quote: str = "") -> Citation:
        """The citation of a cell, or of a part of it."""
        return Citation(evidence=item.id, locator=cell.locator, quote=quote or cell.text, sha256=item.sha256)

    def stated(self, item: Evidence, cell: Cell, value: str, confidence: float = 0.97) -> Stated[str]:
        """What a cell says, normalised to `value`, with the rank of its source."""
        source = self.source(item)
        return Stated(
            value=value,
            rank=source.rank if source is not None else None,
            confidence=confidence,
            citation=self.cite(item, cell),
            source=source.name if source is not None else "",
            raw=cell.text,
        )


@dataclass(slots=True)
class Assessment:
    """What the agents made of the case file in one pass.

    * `subjects`: named contents that gates bind beside the revision; the engine hashes them
    * `standing`: the standing approval (`name@version`) under which a release needs no gate
    * `blocked`: why nothing at all may go on under the configuration in force
    * `keep`: what the next pass finds in `CaseView.kept`
    * `refused`: requests that count for nothing, as (action, who asked, reason)
    * `mandatory`: fields that must have provenance whatever the scenario says
    * `attach`: evidence that leaves with the artifact, embedded by name and hash
    * `unread`: items outside the boundary: what their text asks for is listed by its place, never in its words
    * `due`: the next action, which the executing node performs when its gates are signed; gates bind it as `action`
    * `roster`: what the evidence says about the validity of roles, by person: from and until, as times or empty
    * `named`: for each gate that evidence names people for, those people
    * `offered`: of a gate with `choices: offered`, the options, and why some of them may not be taken
    * `exhibits`: the result as the workspace draws it, by the names under which the scenario declares them
    """

    findings: Findings = field(default_factory=Findings)
    sections: list[Section] = field(default_factory=list)
    doubts: list[Objection] = field(default_factory=list)
    subjects: dict[str, Json] = field(default_factory=dict)
    standing: str | None = None
    blocked: str = ""
    keep: dict[str, str] = field(default_factory=dict)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    mandatory: frozenset[str] = frozenset()
    attach: list[str] = field(default_factory=list)
    unread: frozenset[str] = frozenset()
    due: Due | None = None
    roster: dict[str, tuple[str, str]] = field(default_factory=dict)
    named: dict[str, list[Mandate]] = field(default_factory=dict)
    offered: dict[str, list[Offer]] = field(default_factory=dict)
    exhibits: dict[str, Drawn] = field(default_factory=dict)
