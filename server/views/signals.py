"""The monitor as its viewers may see it: pseudonyms for the broad queue, names where the restricted view is opened.

A pseudonym is a keyed hash of kind and value under a key of the viewers' scope: stable, so that work can be shared out
by it, and saying nothing to who has no key.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson
from sqlalchemy import Row

from agents.signal_cluster import RawSignal
from agents.signal_live import from_micros, restored
from guardrails.secrets import mask
from runtime.clock import instant
from runtime.signal_settings import StreamSettings
from server.models.signals import ClusterRow, DeadRow, Kind, MergeRow, SignalRow, SourceState

SHOWN = 8  # letters of a pseudonym: 40 bits


@dataclass(slots=True)
class Names:
    """How names are shown to one scope. Without a key they are shown as they are."""

    key: bytes | None
    _known: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether this is the restricted view."""
        return self.key is None

    def __call__(self, kind: str, value: str) -> str:
        """A name in this scope."""
        if self.key is None or not value:
            return mask(value)
        known = self._known.get((kind, value))
        if known is None:
            digest = hmac.digest(self.key, f"{kind}\n{value}".encode(), "sha256")
            known = self._known[kind, value] = f"{kind}-{base64.b32encode(digest).decode().lower()[:SHOWN]}"
        return known

    def shared(self, reason: str, value: str) -> str:
        """What a merge rests on."""
        match reason:
            case "session" | "export":
                return self(reason, value)
            case "operator in the window":
                return self("operator", value)
            case "operator and case":
                operator, _, case = value.partition(" ")
                return f"{self('operator', operator)} {self('case', case)}"
            case "tenant and time":
                return self("tenant", value)
            case _:
                return value  # how alike two texts are: a figure


@dataclass(frozen=True, slots=True)
class Case:
    """A cluster's case: its state, and what keeps it from being opened or from going on."""

    run: Row[Any] | None
    fault: Row[Any] | None


def cluster_view(row: Row[Any], names: Names, stream: StreamSettings, case: Case, knows: bool) -> ClusterRow:
    """A cluster as one scope sees it; the run of its case where the viewer may know of it."""
    body, run = orjson.loads(row.body), case.run
    operators = [names("operator", one) for one in [*body["operators"], *body["aliases"]]]
    return ClusterRow(
        number=row.number,
        version=row.version,
        gone_into=row.gone,
        kinds=body["kinds"],
        size=row.size,
        tenants=[names("tenant", one) for one in body["tenants"]],
        operators=operators,
        first_at=time_of(row.first_at),
        last_at=time_of(row.last_at),
        merges=len(body["merges"]),
        waits=[*_faults(row, case, names), *_waits(body, stream, row, run)],
        run=run.run if run is not None and knows else None,
        state=_state(row, case),
    )


def _state(row: Row[Any], case: Case) -> Any:
    run = case.run
    if run is None:
        due = row.due and row.gone is None
        return "watched" if not due else "failed" if case.fault is not None else "opening"
    if run.status == "working":
        return "working"
    if run.status == "failed":
        return "failed"
    return "ended" if run.final else "waiting" if run.gate else "resting"


def _faults(row: Row[Any], case: Case, names: Names) -> list[str]:
    """What keeps it from its case. Its words are shown where names are: they may repeat what was sent."""
    fault = case.fault
    if fault is None or row.gone is not None or (fault.kind == "run" and _state(row, case) != "failed"):
        return []
    what = "its case stopped" if fault.kind == "run" else "its case cannot be opened or refreshed"
    place = f" at {fault.place}" if fault.place else ""
    said = f" ({mask(fault.reason)})" if names.open else ""
    times = "once" if fault.tries == 1 else f"{fault.tries} times"
    again = time_of(fault.again_at)
    return [f"whoever runs the server: {what}: {fault.type}{place}{said}; tried {times}, again at {again}"]


def _waits(body: Mapping[str, Any], stream: StreamSettings, row: Row[Any], run: Row[Any] | None) -> list[str]:
    bar, found = stream.opens_when, []
    if row.gone is not None:
        return [f"nothing: cluster {row.gone} took it in"]
    if run is not None:
        if run.gate:
            found.append(f"a decision at {run.gate.partition('@')[0].replace('_', ' ')}")
        elif not run.final and run.outcome:
            found.append(f"evidence or a person: the case is at {run.outcome.replace('_', ' ')}")
        return found
    missing = bar.kinds - len(body["kinds"]), bar.tenants - len(body["tenants"])
    if missing[0] > 0:
        found.append(f"{missing[0]} more {'kind' if missing[0] == 1 else 'kinds'} of signals to become a case")
    if missing[1] > 0:
        found.append(f"signals about {missing[1]} more {'tenant' if missing[1] == 1 else 'tenants'} to become a case")
    if body["beside"]:
        found.append(f"a person: it lies beside {body['beside']} sessions of more than one cluster")
    if body["aliases"]:
        found.append("the roster: an alias stands behind it, whose owner is unproven")
    if not found and stream.ground is None:
        found.append("a ground packet in the signals file: without one no case is opened")
    return found


def signal_view(row: Row[Any], names: Names, stream: StreamSettings, cluster: int | None) -> SignalRow:
    """A signal as one scope sees it."""
    one: RawSignal = restored(row.parsed)
    return SignalRow(
        seq=row.seq,
        name=names("signal", row.id),
        source=source_name(stream, row.source),
        kind=cast("Kind", one.kind),
        at=time_of(row.at),
        received_at=time_of(row.received),
        operator=names("operator", one.operator),
        tenant=names("tenant", one.tenant),
        session=names("session", one.session),
        exports=sorted(names("export", name) for name in one.exports),
        cases=sorted(names("case", name) for name in one.cases),
        text=mask(one.text) if names.open else None,
        cluster=cluster,
    )


def merge_views(
    body: Mapping[str, Any], seqs: Mapping[str, int], names: Names, stream: StreamSettings
) -> list[MergeRow]:
    """Why the signals of a cluster are one, the strongest reason first."""
    shown: Callable[[str], str] = lambda ref: names("signal", _id_of(ref, stream))  # noqa: E731
    return [
        MergeRow(
            reason=reason,
            left=seqs.get(left),
            right=seqs.get(right),
            left_name=shown(left),
            right_name=shown(right),
            shared=names.shared(reason, shared),
        )
        for reason, left, right, shared in body["merges"]
    ]


def _id_of(ref: str, stream: StreamSettings) -> str:
    """The id in a signal's name: what follows its source, which may hold colons itself."""
    for source in stream.sources:
        if ref.startswith(f"{source.source}:"):
            return ref[len(source.source) + 1 :]
    return ref


def source_views(rows: Sequence[Row[Any]], stream: StreamSettings, now: datetime) -> list[SourceState]:
    """How each source of the settings fares, also one that was never heard of."""
    known = {row.source: row for row in rows}
    found = []
    for source in stream.sources:
        row = known.get(source.source)
        received = from_micros(row.last_received) if row is not None else None
        every = source.expected_every_seconds
        expected = received + timedelta(seconds=every) if received is not None and every is not None else None
        found.append(
            SourceState(
                name=source.name,
                kind=source.kind,
                stored=row.stored if row is not None else 0,
                repeated=row.repeated if row is not None else 0,
                dead=row.dead if row is not None else 0,
                last_received_at=_seconds(received),
                last_at=time_of(row.last_at) if row is not None and row.last_at else None,
                complete_through=time_of(row.complete_through) if row is not None and row.complete_through else None,
                expected_at=_seconds(expected),
                lagging=every is not None and (expected is None or expected < now),
            )
        )
    return found


def dead_view(row: Row[Any], names: Names, stream: StreamSettings) -> DeadRow:
    """A dead letter. Place and reason are ours; what was sent is shown in the restricted view only."""
    return DeadRow(
        seq=row.seq,
        source=source_name(stream, row.source),
        received_at=time_of(row.received),
        place=row.place,
        reason=row.reason,
        name=names("signal", row.id),
        body=mask(row.body) if names.open else None,
    )


def source_name(stream: StreamSettings, source: str) -> str:
    """The name of a source on the page."""
    found = stream.of(source)
    return found.name if found is not None else "unknown source"


def masked_lines(may_reveal: bool) -> list[str]:
    """What the queue view hides, and who may see it."""
    who = (
        "you may open it for one cluster, which is recorded" if may_reveal else "those who answer the case's gates may"
    )
    return [
        "operators, tenants, sessions, exports and cases: pseudonyms, the same for everyone who sees this view",
        f"names and texts: in the restricted view; {who}",
    ]


def time_of(micros: int) -> str:
    """A stored time as answers say it."""
    return instant(from_micros(micros).replace(microsecond=0))


def _seconds(at: datetime | None) -> str | None:
    return instant(at.astimezone(UTC).replace(microsecond=0)) if at is not None else None
