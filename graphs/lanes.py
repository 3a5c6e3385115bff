"""Which lane an approval releases into: the scenario's own, or one of its sub-lanes by the target queue."""

from __future__ import annotations

from casefile.artifact import Revision
from casefile.scenario import Scenario


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
