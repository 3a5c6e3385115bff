"""Live signals: what became of those that were sent, and the monitor of a stream."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from server.models.problem import Shape

Kind = Literal["console", "export", "dlp", "redaction", "customer", "chain"]


class Letter(Shape):
    """A signal that could not be read. `index` is its place in what was sent, from 0."""

    index: int
    place: str = Field(examples=["time"])
    reason: str = Field(examples=["time: RFC 3339, for example 2026-05-14T05:52:10Z was expected"])


class SignalsTaken(Shape):
    """What became of what was sent; all of it is durable. `letters` are the first hundred that could not be read."""

    stored: int = Field(examples=[41])
    repeated: int = Field(description="were there already: nothing changed", examples=[8])
    dead: int = Field(description="went to the dead letters, with the reason", examples=[1])
    letters: list[Letter] = []


class Stream(Shape):
    """A stream that I may look at."""

    tenant: str
    tenant_name: str
    scenario: str
    scenario_title: str
    may_reveal: bool
    may_split: bool


class Streams(Shape):
    """The streams of my tenants."""

    streams: list[Stream]


class SourceState(Shape):
    """How a source fares. `expected_at` is when its next word is due; `lagging` says that this is past."""

    name: str
    kind: Kind
    stored: int
    repeated: int
    dead: int
    last_received_at: str | None
    last_at: str | None = Field(description="the latest time at which one of its signals happened")
    complete_through: str | None = Field(description="until when it says that it has sent everything")
    expected_at: str | None
    lagging: bool


class MonitorPage(Shape):
    """A stream as it stands."""

    tenant: str
    stored: int
    placed: int = Field(description="of these, how many are clustered")
    dead: int
    clusters: int
    version: int
    sources: list[SourceState]
    masked: list[str] = Field(description="what is hidden here, and who may see it")


class ClusterRow(Shape):
    """A cluster in the queue view: names are pseudonyms, the same for everyone who sees this view."""

    number: int
    version: int
    gone_into: int | None = Field(description="the cluster that took it in, where it is no more")
    kinds: dict[str, int]
    size: int
    tenants: list[str]
    operators: list[str]
    first_at: str
    last_at: str
    merges: int
    waits: list[str] = Field(description="what it waits for")
    run: str | None = Field(description="its case, where I may know of it")
    state: Literal["watched", "opening", "working", "waiting", "resting", "ended", "failed"]


class Clusters(Shape):
    """A page of clusters: those of most kinds and tenants first."""

    rows: list[ClusterRow]
    next_cursor: str | None


class SignalRow(Shape):
    """A signal. In the queue view its names are pseudonyms and its text is not there."""

    seq: int
    name: str
    source: str
    kind: Kind
    at: str
    received_at: str
    operator: str
    tenant: str
    session: str
    exports: list[str]
    cases: list[str]
    text: str | None
    cluster: int | None


class SignalRows(Shape):
    """Signals, the newest first."""

    rows: list[SignalRow]


class MergeRow(Shape):
    """Why two signals are one cluster."""

    reason: str
    left: int | None = Field(description="`seq` of the signal, where it is among those shown")
    right: int | None
    left_name: str
    right_name: str
    shared: str


class SplitRow(Shape):
    """A person took signals out of a cluster."""

    by: str
    at: str
    reason: str
    signals: int


class ClusterPage(Shape):
    """A cluster with its signals, its merges and its splits. `view`: `restricted` shows names."""

    view: Literal["queue", "restricted"]
    cluster: ClusterRow
    signals: list[SignalRow]
    more: int = Field(description="signals that are not shown")
    links: list[MergeRow]
    splits: list[SplitRow]


class SplitNew(Shape):
    """Signals to be taken out, by `seq`, and why."""

    signals: list[int] = Field(min_length=1, max_length=1000)
    reason: str = Field(min_length=3, max_length=1000)


class SplitMade(Shape):
    """What was split: the clusters that its signals stand in now."""

    clusters: list[int]


class RevealNew(Shape):
    """Why the names are needed."""

    reason: str = Field(min_length=3, max_length=1000, examples=["corroborating before the routing decision"])


class DeadRow(Shape):
    """A dead letter. The content is shown to those who may open the restricted view."""

    seq: int
    source: str
    received_at: str
    place: str
    reason: str
    name: str
    body: str | None


class DeadLetters(Shape):
    """Dead letters, the newest first."""

    rows: list[DeadRow]
    total: int
    next_before: int | None


class MonitorEvent(Shape):
    """News of a stream: figures, the clusters that changed, and the signals that came last."""

    version: int
    stored: int
    dead: int
    clusters: list[ClusterRow]
    latest: list[SignalRow]
