"""The account on one axis: what identity, session and attachment records say, before and after the deactivation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.axis import Record
from agents.compared import Comparison, Loop
from agents.loop_drafting import axis_claim, axis_records
from casefile.claims import Claim, Section
from casefile.exhibits import Axis, Drawn, Lane, Mark, Moment, Shown
from runtime.clock import instant

_LANES = {"identity": "identity provider", "sessions": "product sessions", "attachments": "attachment audit"}


def exhibits(loop: Loop, found: Comparison, sections: Sequence[Section]) -> dict[str, Drawn]:
    """The axis of the account that the case is about, over the statements that stand in the revision."""
    account = found.account
    if account is None:
        return {}
    said = {c.id: c for s in sections if s.id == "comparison" for c in s.claims}
    records = [one for one in axis_records(account)[0] if one.at is not None]
    if not records:
        return {}
    gone = account.deactivated
    moments = []
    if gone is not None and gone.at is not None:
        cited = Shown(text="deactivated", citations=[loop.cited(gone)], of="deactivated_at")
        moments.append(Moment(at=instant(gone.at), said=cited))
    marks = [*_marks(loop, records, said), *_gaps(loop, found)]
    times = [one.at for one in marks] + [one.until for one in marks if one.until] + [one.at for one in moments]
    axis = Axis(
        since=min(times),
        until=max(times),
        lanes=[_lane(loop, role, title, records) for role, title in _LANES.items()],
        marks=sorted(marks, key=lambda one: (one.at, one.lane)),
        moments=moments,
    )
    return {"account": axis}


def _role(loop: Loop, evidence: str) -> str:
    return next((role for role in _LANES if any(item.id == evidence for item in loop.of(role))), "identity")


def _lane(loop: Loop, role: str, title: str, records: Sequence[Record]) -> Lane:
    mine = [one for one in records if _role(loop, one.evidence) == role]
    zones = dict.fromkeys("UTC" if one.zone in ("Z", "+00:00", "GMT") else one.zone for one in mine if one.zone)
    return Lane(
        id=role,
        title=title,
        zone=", ".join(list(zones)[:3]),
        skew_seconds=max((one.skew for one in mine), default=0),
        missing=not list(loop.of(role)),
    )


def _marks(loop: Loop, records: Sequence[Record], said: dict[str, Claim]) -> Iterator[Mark]:
    for record in records:
        name = axis_claim(record)
        claim = said.get(name)
        text = claim.text.split(" · ", 2)[-1] if claim is not None else record.what
        of = f"comparison/{name}" if claim is not None else ""
        cited = Shown(text=text, citations=list(loop.cites(record)), of=of)
        doubt = f"its clock may be wrong by {record.skew} s" if record.skew else ""
        yield Mark(lane=_role(loop, record.evidence), at=record.shown, said=cited, raw=record.raw, doubt=doubt)


def _gaps(loop: Loop, found: Comparison) -> Iterator[Mark]:
    for window in found.lacking:
        cited = loop.cite(window.evidence, window.locator, window.quote)
        told = Shown(
            text="the log does not cover this time: no record is no proof", status="missing", citations=[cited]
        )
        role = _role(loop, window.evidence) if window.evidence else "attachments"
        yield Mark(lane=role, kind="gap", at=instant(window.start), until=instant(window.end), said=told)
