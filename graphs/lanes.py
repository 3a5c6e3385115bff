"""Which lane an approval releases into: the scenario's own, or one of its sub-lanes by the target queue."""

from __future__ import annotations

from casefile.artifact import Revision
from casefile.packet import Decides
from casefile.scenario import Gate, Scenario


def lane_of(scenario: Scenario, revision: Revision | None, target: str | None) -> str:
    """The lane's id. `target` is the queue that the person named, else the one that the artifact names.

    Sub-lanes stand in the scenario's data with words that tell their queues: a queue that fits none goes to the
    first, because that is the narrowest audience that the scenario lists first.
    """
    lanes: dict[str, list[str]] = scenario.data.get("sub_lanes", {})
    if not lanes:
        return scenario.lane.id
    field = revision.artifact.fields.get("target_queue") if revision is not None else None
    named = str(field.value if field is not None else "")
    queue = (target or named).casefold()
    # What the packet's own document says of its queue counts before the queue's name.
    kind = str(field.note or "").casefold() if field is not None and queue == named.casefold() else ""
    told = next((lane for lane, words in lanes.items() if any(word in kind for word in words)), None)
    return told or next(
        (lane for lane, words in lanes.items() if any(word in queue for word in words)), next(iter(lanes))
    )


def no_lane(scenario: Scenario, revision: Revision | None, gate: Gate | None, answer: Decides) -> str | None:
    """Why an approval that names a queue goes nowhere: the lane has queues of its own, and that is none of them.

    A queue is known by the name that the artifact has for it, or by the words that tell its kind.
    """
    lanes: dict[str, list[str]] = scenario.data.get("sub_lanes", {})
    if not lanes or not answer.target or answer.decision != "approve" or gate is None or not gate.releases:
        return None
    field = revision.artifact.fields.get("target_queue") if revision is not None else None
    queue = answer.target.casefold()
    kinds = [*lanes.values(), *scenario.data.get("queue_kinds", {}).values()]
    if (field is not None and queue == str(field.value).casefold()) or any(
        w in queue for words in kinds for w in words
    ):
        return None
    return f"{answer.target} is no queue of the lane {scenario.lane.id}"
