"""What a person's answer is worth at the moment in which it is given: against the gate, the person and what is current.

Pure: the position comes loaded from the store, and nothing is written here.
"""

from __future__ import annotations

from dataclasses import dataclass

from agents.records import label_of
from casefile.decisions import Decision, DecisionState
from casefile.gates import Offer, Standing, check, expiry
from casefile.packet import Decides
from casefile.rest import Position, Rest, refusal, returned_before, where
from casefile.scenario import Gate
from graphs.context import RunContext
from graphs.lanes import lane_of, no_lane
from graphs.position import Loaded, bound_of, position_of


@dataclass(frozen=True, slots=True)
class _Asked:
    """An answer beside what it answers: the gate of that name, where the run stands, what was answered before.

    `same` are the answers of this gate about what it binds now, `earlier` those that still stand.
    """

    answer: Decides
    gate: Gate | None
    loaded: Loaded
    position: Position
    rest: Rest
    subject: str
    same: list[Decision]
    earlier: list[Decision]

    @property
    def on_table(self) -> str:
        """The name of what the gate binds now, where it has one."""
        return self.position.about.get(self.gate.subject, "") if self.gate else ""

    @property
    def barred(self) -> str | None:
        """Why nobody may answer this gate now, or None."""
        return refusal(self.gate, self.position.facts) if self.gate else None


def judge(
    context: RunContext, key: str, answer: Decides, loaded: Loaded, ended: str | None
) -> tuple[Decision, Gate | None]:
    """The decision that this answer is, also where it counts for nothing; and its gate. `ended` is the outcome of a
    run that has ended."""
    asked = _asked(context, answer, loaded)
    gate = asked.gate
    option, not_taken = option_of(gate, answer, loaded)
    current = loaded.current
    reason = check(answer, _standing(asked)) or not_taken or no_lane(context.scenario, current, gate, answer)
    if reason is not None or ended is not None:
        reason = _in_full(reason, asked, ended)
    state: DecisionState = "refused" if reason else "rejected" if answer.decision == "reject" else "valid"
    slot = f"refused:{key}" if reason else _slot(asked)
    decision = Decision(
        id=key,
        slot=slot[:400],
        gate=answer.gate,
        by=answer.by,
        decision=answer.decision,
        subject_sha256=asked.subject,
        artifact_sha256=current.sha256 if current else None,
        revision=current.revision if current else None,
        evidence_digest=loaded.evidence_digest(),
        policy_version=context.policy_version,
        lane=gate.lane.id if gate and gate.lane else lane_of(context.scenario, current, answer.target),
        audience=gate.lane.audience if gate and gate.lane else context.scenario.lane.audience,
        at=loaded.now,
        expires_at=expiry(gate, loaded.now) if gate else None,
        action=answer.action or (None if reason else asked.on_table or None),
        target=answer.target,
        choice=answer.choice if option is None or reason else option,
        accepts=answer.accepts,
        bound=bound_of(gate, loaded) if gate is not None and gate.bound_fields else {},
        state=state,
        reason=reason or answer.reason,
    )
    return decision, gate


def lapsed(loaded: Loaded) -> list[Decision]:
    """The decisions whose time is over at this moment, and of which no turn has said so yet. What was done under one
    keeps it valid."""
    used = {effect.subject_sha256 for effect in loaded.effects if effect.used}
    return [
        one
        for one in loaded.decisions
        if one.state == "valid"
        and one.expires_at is not None
        and one.expires_at <= loaded.now
        and one.subject_sha256 not in used
    ]


def _asked(context: RunContext, answer: Decides, loaded: Loaded) -> _Asked:
    gate = context.scenario.gate(answer.gate)
    position = position_of(context, loaded)
    subject = position.subjects.get(gate.subject_key, "") if gate else ""
    same = [one for one in loaded.decisions if one.gate == answer.gate and one.subject_sha256 == subject]
    over = {one.id for one in lapsed(loaded)}
    return _Asked(
        answer=answer,
        gate=gate,
        loaded=loaded,
        position=position,
        rest=where(context.scenario, position),
        subject=subject,
        same=same,
        earlier=[
            one
            for one in same
            if one.state in ("valid", "rejected")
            and one.id not in over
            and not (gate is not None and returned_before(gate, one, position))
        ],
    )


def _standing(asked: _Asked) -> Standing:
    gate, position, loaded, by = asked.gate, asked.position, asked.loaded, asked.answer.by
    current = loaded.current
    return Standing(
        gate=gate,
        open_gate=_open_gate(asked.rest, asked.answer.gate),
        refusal=asked.barred,
        person=position.person(by),
        person_id=by,
        at=loaded.now,
        revision=current.revision if current else None,
        revisions=_by_name(loaded),
        sha256=current.sha256 if current else None,
        facts=position.facts,
        people=position.people,
        expired=gate is not None and position.expired(gate),
        named=position.named,
        earlier=asked.earlier,
        resting=asked.rest.reason,
        invited=gate is not None and position.invited(gate, by),
        barred=position.barred(gate) if gate else {},
        on_table=asked.on_table,
    )


def _open_gate(now: Rest, asked: str) -> str | None:
    """The gate that is answered where it may be, else the one that is open."""
    if asked in now.answerable:
        return asked
    return now.gate.name if now.step == "gate" and now.gate else None


def _by_name(loaded: Loaded) -> dict[str, str]:
    """Every revision's hash by its name; prior ones keep theirs."""
    prior = {item.id: item.sha256 for item in loaded.evidence if item.prior}
    return prior | {revision.revision: revision.sha256 for revision in loaded.revisions}


def option_of(gate: Gate | None, answer: Decides, loaded: Loaded) -> tuple[str | None, str | None]:
    """The option that an approval takes, by its id, and why the approval counts for nothing. Both None where the gate
    does not choose among offered options.

    The answer names it. One that names none takes what its revision recommends: that is part of the content it binds.
    """
    if gate is None or gate.choices not in ("offered", "recommended") or answer.decision != "approve":
        return None, None
    offers = loaded.offered.get(gate.name, [])
    taken: list[Offer] = []
    # Where the revision itself is the proposal, `action` is not about the options.
    for named in (answer.choice, answer.action if gate.choices == "offered" else None):
        if named is None:
            continue
        offer = next((one for one in offers if label_of(named) in map(label_of, (one.id, one.name, *one.also))), None)
        if offer is None or offer.barred:
            return None, f"{named}: {offer.barred if offer else 'it is not among the options offered'}"
        taken.append(offer)
    taken = taken or [one for one in offers if one.recommended]
    if len({one.id for one in taken}) > 1:
        return None, "it names two different options"
    if taken or not (offers or gate.choices == "offered"):
        return (taken[0].id if taken else None), None
    free = ", ".join(one.id for one in offers if not one.barred)
    return None, f"it names no option, and none is recommended; {free or 'none'} may be chosen"


def _in_full(reason: str | None, asked: _Asked, ended: str | None) -> str:
    """The reason of a refusal with what the person has to know beside it: how the run ended, why it rests, who won."""
    if ended is not None or reason is None:
        also = f"; the gate may not be answered: {asked.barred}" if asked.barred else ""
        return f"the run has ended: {ended}; its outcome is final{also}"
    if asked.rest.step == "rest" and reason.endswith("is not open"):
        return f"{reason}: {asked.rest.reason}"
    if asked.earlier and asked.gate is not None and asked.rest.gate is not asked.gate:
        return f"{reason}; it was decided by {asked.earlier[-1].by}"
    return reason


def _slot(asked: _Asked) -> str:
    """The place that a counting answer takes. A decision whose time ran out keeps its own: the answer to the request
    made anew takes the next one."""
    answer, taken = asked.answer, sum(one.state != "refused" for one in asked.same)
    about = asked.on_table or answer.action or ""
    return f"{answer.gate}:{asked.subject}:{about}:{answer.target or ''}:{taken}"
