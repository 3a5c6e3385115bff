"""Papers of the tuning loop in layouts of other organisations: the policy in force, its bounds, their time in force."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from agents.case_view import CaseView, Happening
from agents.sampling_findings import findings
from agents.sampling_hours import review_minutes
from agents.sampling_policy import Bounds, Policy, active, bounds, policies, protected
from casefile.evidence import Evidence
from casefile.packet import Packet
from graphs.catalogue import scenario
from guardrails.citations import check_citation
from tools.readers import read

NOW = datetime(2026, 10, 5, 8, tzinfo=UTC)
CARD = scenario("sampling-tuning")
PARAMETERS = {"findings_window": {"weeks": 6, "baseline": 26}}
PEOPLE = [
    {"id": "u-ines", "name": "Ines Rua", "roles": ["support_governance_owners"]},
    {"id": "u-otto", "name": "Otto Falk", "roles": ["premium_support_quality_team"]},
]
POLICY = (
    "version: Q-12\nstatus: active\ncohorts:\n- {cohort: mail-help, rate: 20}\n- {cohort: joint incidents, rate: 25}\n"
)


def view_of(*files: tuple[str, str, str]) -> CaseView:
    """A case with these files: system, name, text."""
    items, readings = [], {}
    for n, (system, name, text) in enumerate(files):
        data = text.encode()
        made = {"sha256": "sha256:" + "0" * 64, "size": len(data), "arrived_at": NOW, "captured_at": NOW}
        items.append(Evidence(id=f"f{n}", file=name, system=system, **made))  # type: ignore[arg-type]
        readings[f"f{n}"] = read(data, name)
    packet = Packet(scenario="x", case="c", tenant={"id": "tn"}, as_of=NOW, requested_by="o", people=PEOPLE)  # type: ignore[arg-type]
    return CaseView(
        CARD, PARAMETERS, "v", packet, NOW, Happening("open", "{}"), items, items, frozenset(), readings.__getitem__,
        [], [], {},
    )  # fmt: skip


def in_force(*texts: tuple[str, str]) -> Policy:
    """The policy in force among papers of the configuration store: name, text."""
    view = view_of(*(("qa_configuration_store", *one) for one in texts))
    found = active(view, policies(view))
    assert found is not None
    return found


def delegated(text: str, file: str = "bounds.md", policy: str = POLICY) -> Bounds:
    """The bounds that a paper delegates for a policy; every citation of them stands."""
    view = view_of(("qa_configuration_store", "policy.yaml", policy), ("governance_workspace", file, text))
    now = active(view, policies(view))
    assert now is not None
    found = bounds(view, now.cohorts)
    told = [found.version, found.approved_by, found.approved_at, found.step, found.ceiling, found.drift_points]
    for one in [*told, *found.low.values(), *found.floors.values()]:
        assert one is None or check_citation(one.citation, view.readings(one.citation.evidence)) == []
    return found


TABLE = "\n\n| Cohort | Group | Rate today |\n|---|---|---|\n| mail-help | discretionary | 20 % |\n| joint incidents | protected | 25 % |\n"  # noqa: E501


def test_a_policy_in_a_page_has_its_version_in_the_title_and_its_facts_in_sentences() -> None:
    now = in_force(
        ("now.md", f"# Review policy SP-9 (active)\n\nStore: QA. Active since 2026-02-03. Version to restore: SP-8.\nCohort map: map M4, confirmed by Ines Rua on 2026-01-20.{TABLE}"),  # noqa: E501
        ("before.md", f"# Review policy SP-8 (trusted, restorable)\n\nCohort map M4.{TABLE}"),
    )  # fmt: skip
    assert (now.version.text, now.trusted and now.trusted.text, now.cohort_map and now.cohort_map.text) == (
        "SP-9",
        "SP-8",
        "M4",
    )
    assert now.activated is not None
    assert now.activated.text == "2026-02-03"
    assert {name: one.protected for name, one in now.cohorts.items()} == {"mail help": False, "joint incidents": True}


def test_cohorts_below_what_protects_them_are_protected() -> None:
    tree = "version: R3\ntrusted_fallback: R2\nroutine_cohorts:\n  mail-help: {rate: 15%}\nprotected:\n  joint incidents: {rate: 20%}\n"  # noqa: E501
    now = in_force(("now.yaml", tree), ("old.yaml", tree.replace("R3", "R2").replace("trusted_fallback: R2\n", "")))
    assert now.version.text == "R3"  # the other one is named as its fallback, and came later
    assert {name: one.protected for name, one in now.cohorts.items()} == {"mail help": False, "joint incidents": True}


def test_a_protected_floor_in_the_bounds_protects_a_cohort_that_the_policy_does_not() -> None:
    found = delegated(
        "# Bounds DB-3\n\n| Cohort | Protected floor, percent |\n|---|---|\n| joint incidents | 20 |\n| mail-help | - |\n"  # noqa: E501
    )
    now = protected(in_force(("policy.yaml", POLICY)), found)
    assert {name: one.protected for name, one in now.cohorts.items()} == {"mail help": False, "joint incidents": True}


@pytest.mark.parametrize("said", ["M4 (not confirmed yet)", "M4, replaced by M5", "M4 until M5 is confirmed"])
def test_a_cohort_map_in_doubt_is_not_cut_down_to_its_id(said: str) -> None:
    now = in_force(("now.yaml", f'cohort_map: "{said}"\n{POLICY}'))
    assert now.cohort_map is not None
    assert now.cohort_map.text == said


PROSE = """\
# Delegated bounds DB-3 for sampling

Approved by Ines Rua, support governance owner, on 2026-01-29T12:00:00Z. In force from 2026-02-01 to 2026-12-31.

| Cohort | Band, percent | Protected floor, percent |
|---|---|---|
| mail-help | 10 to 30 | - |
| joint incidents | 20 % - 45 % | 20 |

- Largest step in one cycle: 4 percentage points.
- Load ceiling: 85 percent of the review hours.
- Cumulative drift: at most 15 percentage points per cohort in 90 days.
- Least reviews in the window: 50 per cohort.

Freeze state on 2026-10-05: no freeze is active.
"""
TREE = """\
{"bounds_version": "DB-3", "approval": {"by": "Ines Rua", "at": "2026-01-29"}, "valid_until": "2027-02-28",
 "bands_percent": {"mail-help": [10, 30], "joint incidents": [20, 45]},
 "protected_floor_percent": {"joint incidents": 20}, "max_step_points": 4, "load_ceiling_percent": 85,
 "drift": {"points": 15, "days": 90}, "min_reviews": 50, "freeze": {"active": false}}
"""


@pytest.mark.parametrize(("text", "file"), [(PROSE, "bounds.md"), (TREE, "bounds.json")])
def test_bounds_are_read_from_a_page_and_from_a_tree(text: str, file: str) -> None:
    found = delegated(text, file)
    assert found.approved
    assert found.version is not None
    assert found.version.text == "DB-3"
    stated = [found.step, found.ceiling, found.drift_points, found.drift_days, found.min_reviews]
    assert [one and one.number for one in stated] == [4, 85, 15, 90, 50]
    assert {name: (found.low[name].number, found.high[name].number) for name in found.low} == {
        "mail help": (10, 30),
        "joint incidents": (20, 45),
    }
    assert {name: one.number for name, one in found.floors.items()} == {"joint incidents": 20}
    assert found.frozen is None


def test_the_days_on_which_bounds_begin_and_lapse_are_told_beforehand() -> None:
    told = delegated(PROSE).edges
    assert [one.isoformat() for one in told] == [
        "2026-02-01T00:00:00+00:00",
        "2027-01-01T00:00:00+00:00",
        "2026-01-29T12:00:00+00:00",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "In force: 2025-10-01 to 2026-09-30",
        "Valid until: 2026-10-04",
        "These bounds expired on 30 September 2026.",
        "Valid from: 2026-11-01",
        "Valid until: the end of the third quarter",
        "State on 2026-10-05: lapsed. The text below is proposed for renewal.",
        "Status: approved until the next review",
    ],
)
def test_bounds_that_are_not_shown_to_be_in_force_now_are_not_approved(line: str) -> None:
    said = f"Bounds version: DB-3\nApproved by: Ines Rua\nApproved at: 2026-01-29\n{line}\nLoad ceiling: 85\n"
    assert not delegated(said, "bounds.txt").approved
    assert delegated(said.replace(line, "Valid until: further notice"), "bounds.txt").approved


@pytest.mark.parametrize(
    "line", ["Approved by Otto Falk on 2026-01-29.", "Approved by Ines Rua on 2026-10-09.", "To be approved by Ines Rua on 2026-01-29."]  # noqa: E501
)  # fmt: skip
def test_an_approval_by_another_or_of_a_later_day_does_not_count(line: str) -> None:
    assert not delegated(f"# Delegated bounds DB-3\n\n{line}\n").approved


@pytest.mark.parametrize(
    ("said", "frozen"),
    [
        ("Freeze state on 2026-10-05: no freeze is active.", False),
        ("Freeze in force: none.", False),
        ("Freeze state: not lifted", True),
        ("Freeze status: active since 2026-10-01", True),
        ("Freeze in force: FR-8, see the note of leadership", True),
    ],
)
def test_a_freeze_that_is_not_shown_as_ended_stands(said: str, frozen: bool) -> None:
    found = delegated(f"Bounds version: DB-3\n{said}\n", "bounds.txt")
    assert (found.frozen is not None) == frozen


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.csv", "measure,value,unit\nminutes per review: mail-help,12,minutes\nminutes per review: joint incidents,45,minutes\n"),  # noqa: E501
        ("b.txt", "Available review hours: 150\nMinutes per review: mail 12, joint 45\n"),
    ],
)  # fmt: skip
def test_minutes_of_a_review_stand_behind_each_cohort_or_in_a_list(file: str, text: str) -> None:
    view = view_of(("capacity_dashboard", file, text))
    told = review_minutes(view, list(view.evidence), ["mail help", "joint incidents"])
    assert {name: one.number for name, one in told.items()} == {"mail help": 12, "joint incidents": 45}
    assert all(check_citation(one.citation, view.readings("f0")) == [] for one in told.values())


def test_a_name_that_may_mean_two_cohorts_means_none() -> None:
    view = view_of(("capacity_dashboard", "b.txt", "Minutes per review: incidents 12, mail 30\n"))
    told = review_minutes(view, list(view.evidence), ["mail help", "joint incidents", "small incidents"])
    assert list(told) == ["mail help"]


def test_a_baseline_may_have_both_its_days_in_one_cell() -> None:
    rows = "cohort,period,reviewed,defects\nmail-help,2026-02-02 to 2026-08-02,800,12\n"
    base = findings(view_of(("findings_store", "half.csv", rows))).baseline["mail help"]
    assert (base.since, base.until, base.counts["reviewed"]) == (date(2026, 2, 2), date(2026, 8, 2), 800)


def test_a_baseline_may_stand_in_one_file_with_the_weeks() -> None:
    rows = "Monday,Cohort,From,To,Cases reviewed,Defects\n2026-09-07,mail-help,,,40,2\n,mail-help,2026-02-02,2026-08-02,800,12\n"  # noqa: E501
    found = findings(view_of(("findings_store", "all.csv", rows)))
    assert [(one.start, one.counts["reviewed"]) for one in found.weeks] == [(date(2026, 9, 7), 40)]
    assert found.baseline["mail help"].counts["reviewed"] == 800


@pytest.mark.parametrize(
    ("head", "counted"),
    [("Defects | Escapes", {"defects": 4, "escapes": 4}), ("Escapes | Severe", {"defects": 4, "severe": 4})],
)
def test_escapes_are_counted_beside_defects_and_never_twice(head: str, counted: dict[str, int]) -> None:
    rows = f"| Monday | Cohort | Reviewed | {head} |\n|---|---|---|---|---|\n| 2026-09-07 | mail-help | 40 | 4 | 4 |\n"
    week = findings(view_of(("findings_store", "weeks.md", rows))).weeks[0]
    assert dict(week.counts) == {"reviewed": 40, **counted}


def test_what_another_version_of_the_bounds_says_does_not_count() -> None:
    new = "Bounds version: DB-4\nLoad ceiling: 90\n"
    old = "Bounds version: DB-3\nApproved by: Ines Rua\nApproved at: 2026-01-29\nMax step: 4\nValid until: {until}\n"
    files = ("qa_configuration_store", "policy.yaml", POLICY), ("governance_workspace", "new.txt", new)
    lapsed = view_of(*files, ("governance_workspace", "old.txt", old.format(until="2026-09-30")))
    found = bounds(lapsed, active(lapsed, policies(lapsed)).cohorts)  # type: ignore[union-attr]
    assert (found.version and found.version.text, found.approved, found.step) == ("DB-4", False, None)


@pytest.mark.parametrize("head", ["Geschützte Kohorten", "Protected cohorts"])
def test_a_heading_protects_the_cohorts_of_its_table(head: str) -> None:
    page = f"# Review policy SP-9\n\n## {head}\n\n| Cohort | Rate |\n|---|---|\n| joint incidents | 25 % |\n"
    rest = "\n## Others\n\n| Cohort | Rate |\n|---|---|\n| mail-help | 20 % |\n"
    cohorts = in_force(("now.md", page + rest)).cohorts
    assert {name: one.protected for name, one in cohorts.items()} == {"joint incidents": True, "mail help": False}


@pytest.mark.parametrize("title", ["Sampling policy, version 12", "Sampling policy version 12", "Sampling policy v12"])
def test_a_version_may_be_a_bare_number(title: str) -> None:
    assert in_force(("now.md", f"# {title}\n{TABLE}")).version.text.endswith("12")


@pytest.mark.parametrize("key", ["name", "what we check", "line"])
def test_a_cohort_is_what_a_row_of_rates_names_whatever_its_column_is_called(key: str) -> None:
    tree = f"plan:\n  version: R-3\n  status: active\n  rates:\n  - {{{key}: mail-help, kind: discretionary, rate: 15}}\n  - {{{key}: joint incidents, kind: protected, rate: 20}}\n  rollback: {{to: R-2}}\n"  # noqa: E501
    now = in_force(("plan.yaml", tree))
    assert {name: one.protected for name, one in now.cohorts.items()} == {"mail help": False, "joint incidents": True}
    assert now.trusted is not None
    assert now.trusted.text == "R-2"


def test_a_flag_protects_a_cohort() -> None:
    now = in_force(("now.csv", "version,cohort,protected,rate %\nR-3,mail-help,no,15\nR-3,joint incidents,yes,20\n"))
    assert {name: one.protected for name, one in now.cohorts.items()} == {"mail help": False, "joint incidents": True}


@pytest.mark.parametrize(("name", "read_as"), [("Version", "DB-3"), ("Mandate version", "DB-3"), ("Annex", "")])
def test_a_paper_that_limits_steps_and_load_is_the_bounds_by_its_own_version(name: str, read_as: str) -> None:
    found = delegated(
        f"# Limits\n\n| | |\n|---|---|\n| {name} | DB-3 |\n| Approved by | Ines Rua |\n| Approved on | 2026-01-29 |\n\n"
        "| Cohort | Lowest | Highest |\n|---|---|---|\n| mail-help | 10 | 30 |\n\n"
        "- Max step per cycle: 5 points\n- Load ceiling: 85 percent of the review hours\n"
    )
    assert (found.version.text if found.version else "") == read_as
    assert {one.text for one in found.high.values()} == ({"30"} if read_as else set())


@pytest.mark.parametrize(
    ("state", "frozen"), [("lifted", False), ("ended", False), ("active", True), ("to be lifted on Monday", True)]
)
def test_a_register_of_freezes_freezes_by_the_row_that_is_not_ended(state: str, frozen: bool) -> None:
    register = f"freeze;from;state;cause\nF-1;2026-01-01;{state};load\nF-2;2026-02-01;lifted;fairness\n"
    view = view_of(("qa_configuration_store", "policy.yaml", POLICY), ("governance_workspace", "freezes.csv", register))
    found = bounds(view, {})
    assert (found.frozen is not None) == frozen
    assert not frozen or (found.freeze_id and found.freeze_id.text) == "F-1"


def test_a_state_beside_the_word_that_nothing_is_frozen_is_no_freeze() -> None:
    view = view_of(
        ("governance_workspace", "bounds.json", '{"bounds_version": "DB-3", "freeze": "none", "status": "approved"}')
    )
    assert bounds(view, {}).frozen is None


def test_a_baseline_has_the_days_that_its_sheet_names() -> None:
    import io

    import openpyxl

    book = openpyxl.Workbook()
    rows = [["Week", "Cohort", "Reviewed", "Defects"], ["2026-09-21", "mail-help", 60, 3]]
    base = [["26 weeks, 2026-02-23 to 2026-08-23"], ["Cohort", "Reviewed", "Defects"], ["mail-help", 900, 20]]
    for sheet, told in ((book.active, rows), (book.create_sheet("Base"), base)):
        for row in told:
            sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    made = {"sha256": "sha256:" + "0" * 64, "size": 9, "arrived_at": NOW, "captured_at": NOW}
    item = Evidence(id="f", file="f.xlsx", system="findings_store", **made)  # type: ignore[arg-type]
    reading = read(data.getvalue(), "f.xlsx")
    packet = Packet(scenario="x", case="c", tenant={"id": "tn"}, as_of=NOW, requested_by="o")  # type: ignore[arg-type]
    view = CaseView(
        CARD, PARAMETERS, "v", packet, NOW, Happening("open", "{}"), [item], [item], frozenset(),
        {"f": reading}.__getitem__, [], [], {},
    )  # fmt: skip
    found = findings(view).baseline["mail help"]
    assert (found.since, found.until, found.counts["reviewed"]) == (date(2026, 2, 23), date(2026, 8, 23), 900)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (
            "# Mandate\n\nMandate: SM-4\n",
            "1. Move a share inside the limits, by 5 percentage points in one cycle.\n"
            "2. After a move the cohort rests for 14 days. Over 90 days the moves may add up to 10 points.\n"
            "3. Fewer than 40 reviews of a cohort are too few to act on.\n"
            "4. The planned load may not exceed 85 percent of the review hours available in the week.\n",
        ),
        (
            "# Delegation\n\nEdition: SM-4\n",
            "1.1 A rate moves by 5 percentage points at most in one cycle.\n"
            "1.2 After a change the rate of that cohort rests for 14 days.\n"
            "1.3 Changes of one cohort add up to 10 points at most in 90 days.\n"
            "1.4 A cohort with fewer than 40 reviewed cases is not tuned.\n"
            "1.5 Planned reviews take 85 percent of the available hours at most.\n",
        ),
    ],
)
def test_bounds_are_read_from_numbered_sentences(head: str, body: str) -> None:
    found = delegated(f"{head}Approved by: Ines Rua\nApproved on: 2026-04-20\n\n{body}")
    said = [found.version, found.step, found.cooldown, found.min_reviews, found.ceiling, found.drift_points]
    assert [one.text if one is not None else "" for one in said] == ["SM-4", "5", "14", "40", "85", "10"]
    assert found.drift_days is not None
    assert found.drift_days.text == "90"
    assert found.approved


@pytest.mark.parametrize("by", ["null", "", "pending", "TBD", "n/a", "not yet", "to be signed by governance", "-"])
def test_a_place_for_an_approver_that_names_nobody_is_no_approval(by: str) -> None:
    told = delegated(f"bounds_version: DB-6\nstatus: approved\napproved_by: {by}\napproved_at: 2026-06-01\n", "b.yaml")
    assert told.approved_by is None
    assert not told.approved


@pytest.mark.parametrize("at", ["null", "pending", "soon"])
def test_a_place_for_the_time_of_an_approval_that_names_none_is_no_approval(at: str) -> None:
    told = delegated(f"bounds_version: DB-6\nstatus: approved\napproved_by: Ines Rua\napproved_at: {at}\n", "b.yaml")
    assert told.approved_at is None
    assert not told.approved


def test_a_last_trusted_version_that_is_null_is_none() -> None:
    assert in_force(("policy.yaml", POLICY + "last_trusted_version: null\n")).trusted is None
