"""The list of cases, and opening one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from server.models.problem import Fault, Shape

CaseState = Literal["working", "waiting", "resting", "ended", "failed"]
View = Literal["queue", "main", "annex"]
CaseSort = Literal["-changed", "changed", "case", "-case"]


class Waiting(Shape):
    """A gate that a case waits at, and who could answer."""

    gate: str
    title: str
    roles: list[str]
    people: list[str] = Field(description="names of those on the roster who could answer now")


class CaseRow(Shape):
    """A case in the queue view. `state`: resting is at an outcome that may still change, ended is final."""

    run: str
    case: str
    scenario: str
    scenario_title: str
    tenant: str = Field(description="id, masked where `tenant_masked`")
    tenant_name: str
    tenant_masked: bool
    view: View
    state: CaseState
    outcome: str | None
    turn: int
    opened_at: str
    changed_at: str = Field(description="by the clock of the case")
    changed_seconds: int = Field(description="since the last change, by the clock of the case")
    age_seconds: int = Field(description="from opening to the clock of the case")
    waiting_on: list[Waiting]
    can_act: bool = Field(description="whether the signed-in person could answer a gate that it waits at")
    my_roles: list[str]


class Cases(Shape):
    """A page of cases. `total` counts all that match."""

    rows: list[CaseRow]
    total: int
    next_cursor: str | None


class Recognised(Shape):
    """What one file was taken for. `problems` say what was not recognised, one line each."""

    file: str
    size: int
    sha256: str
    kind: str | None
    usable: bool
    id: str | None
    system: str | None
    source: str | None = Field(description="the row of the scenario's sources that it belongs to")
    rank: int | Literal["excluded"] | None
    parts: int | None = Field(description="spans and lines that were read; null where that takes until it is opened")
    script_of: str | None = Field(None, description="the stub system of the packet that the file is the script of")
    problems: list[str]


class Recognition(Shape):
    """What was recognised in files, before a case is made."""

    scenario: str | None
    packet: bool = Field(description="whether a packet.yaml is among the files and was understood")
    case: str | None
    files: list[Recognised]
    unused: list[str] = Field(description="files that the packet does not name")
    missing: list[str] = Field(
        description="sources of the scenario, or files of the packet, that nothing was given for"
    )
    faults: list[Fault] = Field(description="what keeps this from being opened as a case")
    notes: list[str] = Field(description="what a live case does otherwise than the packet says")


class CaseMade(Shape):
    """A case that was opened. The same packet again gives the same run, with `existed`."""

    run: str
    case: str
    scenario: str
    existed: bool
    event: str
    notes: list[str]
