"""What a comparison of accounts looks at and gives: each account's sessions and records, and what the logs lack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agents.axis import Record, Window
from casefile.claims import Citation
from casefile.evidence import Evidence, Reading
from casefile.packet import Person
from casefile.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Loop:
    """What the comparison and the drafting of a copilot loop may look at."""

    scenario: Scenario
    parameters: Mapping[str, Any]
    now: datetime
    tenants: frozenset[str]
    people: Sequence[Person]
    usable: Sequence[Evidence]
    readings: Callable[[str], Reading]
    asked: str = ""
    goal: str = ""
    """The lead's words since the direction changed, where it did: they say whom the case is about now."""

    def of(self, role: str) -> list[Evidence]:
        """The usable evidence that a role of the scenario's data is read from."""
        systems = self.scenario.data["accounts"][role]["systems"]
        return [item for item in self.usable if item.system in systems]

    def labels(self, role: str) -> dict[str, list[str]]:
        """The column names of a role."""
        found: dict[str, list[str]] = self.scenario.data["accounts"][role]["columns"]
        return found

    def cite(self, evidence: str, locator: str, quote: str) -> Citation:
        """A citation of a place."""
        sha256 = next(item.sha256 for item in self.usable if item.id == evidence)
        return Citation(evidence=evidence, locator=locator, quote=quote, sha256=sha256)

    def cited(self, record: Record) -> Citation:
        """The citation of a record on the axis."""
        return self.cite(record.evidence, record.locator, record.quote)

    def cites(self, record: Record) -> list[Citation]:
        """Every place that carries what is said of a record: its time, and what stands beside it in its row."""
        return [self.cited(record), *(self.cite(record.evidence, place, quote) for place, quote in record.beside)]


@dataclass(slots=True)
class Account:
    """One account and everything that its records say, in the order of the axis."""

    id: str
    name: str = ""
    status: Record | None = None
    deactivations: list[Record] = field(default_factory=list)
    identity: list[Record] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    attachments: list[Record] = field(default_factory=list)
    left: bool = False
    """Whether the lead's new direction left it behind: watched, and no subject of the draft."""

    @property
    def deactivated(self) -> Record | None:
        """The deactivation that the identity records state first in rank: the account's own, else the event's."""
        return next((record for record in self.deactivations if record.at is not None), None)


@dataclass(frozen=True, slots=True)
class Session:
    """A session row: when it began, when it was last seen, and the long-lived token behind it, if any."""

    id: str
    start: Record | None
    seen: Record | None
    token: str = ""
    method: str = ""
    state: str = ""
    expires: Record | None = None
    revoked_at: datetime | None = None

    @property
    def last(self) -> Record | None:
        """The latest place of it on the axis."""
        return self.seen if self.seen is not None and self.seen.at is not None else self.start


@dataclass(slots=True)
class Comparison:
    """The accounts in question, and what the logs cover, lack and leave unplaced."""

    accounts: list[Account]
    covered: dict[str, list[Window]] = field(default_factory=dict)
    lacking: list[Window] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    unread: dict[str, list[str]] = field(default_factory=dict)
    """Lines of a log that name the account and could not be read as records, by evidence."""
    ends: dict[str, tuple[Record, Record]] = field(default_factory=dict)
    """First and last record of anybody, by evidence."""

    @property
    def account(self) -> Account | None:
        """The one that the case is about."""
        return self.accounts[0] if self.accounts else None
