"""Pattern: a rate policy is tuned inside delegated bounds, or frozen for people, or rolled back to an exact version.

What is in bounds is published under the standing approval of the bounds; every freeze stays until leadership lifts it.
"""

from __future__ import annotations

from typing import Any

import orjson

from agents.case_view import Assessment, CaseView
from agents.sampling_clock import ends
from agents.sampling_cycle import Tuning, tune
from agents.sampling_exhibits import exhibits
from agents.sampling_record import record
from casefile.gates import Offer
from graphs import skeleton
from graphs.governed_pass import Pattern
from lineage.canonical import Json, digest

UNFREEZE, BOUNDS = "unfreeze_or_restore", "delegated_bounds"
FREEZE = "freeze"


def build() -> Any:
    """The graph, uncompiled."""
    return skeleton.build(Pattern(assess=assess, weighs_decisions=True))


def assess(view: CaseView) -> Assessment:
    """One tuning cycle under the present evidence, bounds, clock and freeze."""
    tuning = tune(view)
    done = Assessment()
    freeze = _freeze(view, tuning)
    lifted = _lifted(view, freeze)
    frozen = bool(tuning.open_causes) or (freeze is not None and not lifted)
    if not frozen:
        tuning.causes = []
    if freeze is not None:
        done.keep[FREEZE] = orjson.dumps(freeze).decode()
        done.subjects[FREEZE] = freeze
    if lifted == "restore" and tuning.trusted is not None and not frozen:
        tuning.rollback = [("all cohorts", "leadership restores the last trusted version", [])]
    done.offered[UNFREEZE] = _offers(tuning)
    record(view, tuning, done, frozen=frozen)
    done.exhibits = exhibits(view, tuning, done.sections, frozen=frozen)
    bounds = tuning.bounds
    version = bounds.version.text if bounds.version else "none"
    done.subjects["configuration"] = {
        "bounds": version,
        "cohort_map": bounds.cohort_map.text if bounds.cohort_map else "",
        "policy": tuning.policy.version.text if tuning.policy else "",
        "parameters": view.policy_version,
    }
    done.standing = f"{BOUNDS}@{version}" if bounds.version else None
    approved = bounds.approved or _approved_here(view, digest(done.subjects["configuration"]))
    _signals(tuning, done, frozen=frozen, open_cause=bool(tuning.open_causes), approved=approved)
    for moment in ends(view, tuning):
        done.findings.until(moment)
    return done


def _approved_here(view: CaseView, subject: str) -> bool:
    """Whether governance approved exactly these bounds in this run, where no document shows it."""
    return any(one.gate == BOUNDS and one.counts() and one.subject_sha256 == subject for one in view.decisions)


def _freeze(view: CaseView, tuning: Tuning) -> dict[str, Json] | None:
    """The freeze that stands: the one of an earlier pass, or the one that this pass finds cause for."""
    kept = view.kept.get(FREEZE)
    if kept is not None:
        earlier: dict[str, Json] = orjson.loads(kept)
        if not tuning.open_causes or not _lifted(view, earlier):
            return earlier
    if not tuning.causes:
        return None
    version = tuning.policy.version.text if tuning.policy else ""
    return {"since": view.now.isoformat(), "policy": version, "causes": [detail for _, _, detail, _ in tuning.causes]}


def _lifted(view: CaseView, freeze: dict[str, Json] | None) -> str:
    """How leadership answered this freeze: `unfreeze`, `restore`, or nothing yet."""
    if freeze is None:
        return ""
    bound = digest(freeze)
    answers = (o for o in view.decisions if o.gate == UNFREEZE and o.counts() and o.subject_sha256 == bound)
    return next((one.choice or "unfreeze" for one in answers), "")


def _offers(tuning: Tuning) -> list[Offer]:
    """Which policy version leadership may activate: the one in force, to be tuned on, or the last trusted one."""
    now, trusted = (policy.version.text if policy else "" for policy in (tuning.policy, tuning.trusted))
    keep = tuple(one for one in (now, f"unfreeze {now}", f"activate {now}", "resume", "lift", "continue") if one)
    back = (trusted, *(f"{word} {trusted}" for word in ("restore", "activate", "restore policy", "roll back to")))
    return [
        Offer(id="unfreeze", name=f"tune on from {now or 'the policy in force'}", also=keep, recommended=True),
        Offer(
            id="restore",
            name=f"restore {trusted}" if trusted else "restore the last trusted version",
            also=("rollback", "roll back", "restore trusted", "restore the last trusted version", *filter(None, back)),
            barred="" if trusted else "no trusted version is among the evidence",
        ),
    ]


def _signals(tuning: Tuning, done: Assessment, *, frozen: bool, open_cause: bool, approved: bool) -> None:
    findings = done.findings
    for name, about, detail, cells in [*tuning.causes, *tuning.notes]:
        findings.signal(name, about, detail, cells)
    for detail in tuning.coming:
        findings.ask("cohort_map", detail, "Support governance owner")
    if tuning.bounds.version is not None and not approved:
        why = f": {tuning.bounds.doubt}" if tuning.bounds.doubt else ", by whom and when"
        findings.signal("bounds_unapproved", "bounds", f"the delegated bounds are not shown as approved{why}")
    if tuning.bounds.version is None:
        findings.signal("bounds_missing", "bounds", "no delegated bounds were found")
    if frozen:
        findings.signal("frozen", "policy", "the cycle is frozen; the policy in force stays active")
    if open_cause:
        findings.signal("freeze_cause_open", "policy", "the cause of the freeze still stands")
    if not frozen and tuning.rollback:
        for about, detail, cells in tuning.rollback:
            findings.signal("rollback", about, detail, cells)
    elif not frozen and not tuning.moves.moves:
        findings.signal("no_move", "policy", "the evidence justifies no move")
