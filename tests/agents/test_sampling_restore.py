"""What may be restored without a person: only a version of the same cohorts, inside floors, bands and the ceiling."""

from __future__ import annotations

from fractions import Fraction

import pytest

from agents.figures import Figure
from agents.sampling_cycle import Load, Tuning, unfit
from agents.sampling_policy import active, bounds, policies, protected
from casefile.claims import Citation
from tests.agents.test_sampling_papers import view_of

COHORTS = (
    "cohorts:\n- {{cohort: mail-help, rate: {mail}}}\n- {{cohort: guarded work, class: protected, rate: {guarded}}}\n"
)
NOW = "version: Q-12\nstatus: active\ncohort_map: M-2\n" + COHORTS.format(mail=15, guarded=25)
LIMITS = (
    "bounds_version: B-1\nstep: 5\nload_ceiling_percent: 90\n"
    "bands:\n  mail-help: {min: 10, max: 30}\n  guarded work: {min: 20, max: 40}\n"
    "protected_floors:\n  guarded work: 20\n"
)


def _unfit(mail: int, guarded: int, cohort_map: str = "M-2", hours: int = 100) -> list[str]:
    """The signals for a restore of these rates, where each point of a cohort costs an hour a week."""
    back = f"version: Q-11\nstatus: trusted\ncohort_map: {cohort_map}\n" + COHORTS.format(mail=mail, guarded=guarded)
    files = [("qa_configuration_store", "q11.yaml", back), ("qa_configuration_store", "q12.yaml", NOW)]
    view = view_of(*files, ("governance_workspace", "b.yaml", LIMITS))
    view = view.__class__(
        **{**{n: getattr(view, n) for n in view.__dataclass_fields__}, "parameters": {"protected_floor": 20}}
    )
    known = policies(view)
    now = active(view, known)
    assert now is not None
    limits = bounds(view, now.cohorts)
    cell = Citation(evidence="c", locator="l", quote="q", sha256="sha256:" + "0" * 64)
    this = Tuning(policy=protected(now, limits), bounds=limits, hours=Figure(str(hours), cell))
    this.loads = {name: Load(Fraction(1), [cell]) for name in now.cohorts}
    trusted = next(one for one in known if one.version.text == "Q-11")
    return [signal for signal, *_ in unfit(view, this, trusted)]


@pytest.mark.parametrize(
    ("told", "signals"),
    [
        ({"mail": 20, "guarded": 25}, []),
        ({"mail": 20, "guarded": 15}, ["bound_crossed"]),  # below the floor
        ({"mail": 35, "guarded": 25}, ["bound_crossed"]),  # above its band
        ({"mail": 20, "guarded": 25, "cohort_map": "M-1"}, ["map_changed"]),
        ({"mail": 20, "guarded": 25, "hours": 40}, ["bound_crossed"]),  # 45 hours of 36
    ],
)
def test_a_version_out_of_bounds_is_not_restored_alone(told: dict[str, int], signals: list[str]) -> None:
    assert _unfit(**told) == signals  # type: ignore[arg-type]
