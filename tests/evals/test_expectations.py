"""`expect.yaml`: each kind of line met and missed, faults of the file named, the shared examples understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from evals.expectations import Expectations, Miss, load, misses, same_value
from runtime.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "examples"


def outcome(**changed: Any) -> dict[str, Any]:
    """A finished run in the shape of contract §4, with what a test changes."""
    whole: dict[str, Any] = {
        "status": "finished",
        "outcome": "exception_resolved_and_staged",
        "waiting_on": [],
        "artifact": {
            "fields": {
                "tenant_id": {"value": "tn-quay-nz", "status": "confirmed"},
                "first_observed_at": {"value": "2026-04-18T06:12:00Z", "status": "conflicting"},
                "affected_regions": {"value": ["Nelson", "Timaru"], "status": "unverified"},
                "approved_contacts": {
                    "value": [{"name": "Hana Tui", "email": "hana@quay.example"}, {"email": "ruth@quay.example"}],
                    "status": "confirmed",
                },
            }
        },
        "registers": {
            "contradictions": [{"id": "k1", "about": "first_observed_at", "state": "open"}],
            "holds": [{"id": "h1", "trigger": "Unsanitized diagnostics: Ölpumpe.har"}, {"id": "h2", "trigger": "time"}],
            "blockers": [],
        },
        "approvals": [
            {"gate": "exception_release", "by": "u-duty", "state": "valid"},
            {"gate": "exception_release", "by": "u-lead", "state": "refused"},
        ],
        "refusals": [{"action": "page engineering", "reason": "outside the boundary"}],
        "releases": [{"lane": "support_escalation_staging"}],
        "effects": [{"id": "f1", "kind": "ticket_note"}],
    }
    return whole | changed


def judged(
    lines: str, out_dir: Path = Path("/nowhere"), *, with_model: bool = False, **changed: Any
) -> list[tuple[str, str]]:
    expect = Expectations.model_validate(yaml.safe_load(lines))
    return [(miss.expected, miss.found) for miss in misses(expect, outcome(**changed), out_dir, with_model=with_model)]


MET = [
    "status: finished",
    "outcome: exception_resolved_and_staged",
    "outcome_in: [routed_to_exception_review, exception_resolved_and_staged]",
    "fields: [{match: TENANT.*id, value: TN-Quay-NZ, status: confirmed}]",
    "fields: [{match: tenant}]",
    "fields: [{match: 'tenant|first', value: '2026-04-18T08:12:00+02:00', lossy_or_normalized: true}]",
    "fields: [{match: first, value: 2026-04-18T06:12:00Z}]",
    "fields: [{match: region, value: 'Timaru, nelson'}]",
    "fields: [{match: region, value: [Timaru, Nelson]}]",
    "fields: [{match: contacts, value: hana@quay.example}]",
    "fields: [{match: contacts, value: 'ruth@quay.example, hana@quay.example'}]",
    "fields: [{match: cadence, value: 60 minutes, needs_model: true}]",
    "registers: [{register: holds}]",
    "registers: [{register: holds, min: 2, about: trigger}]",
    "registers: [{register: holds, about: Ölpumpe}]",
    "registers: [{register_in: [holds, blockers, contradictions], min: 3}]",
    "releases: [{lane: '(?i)STAGING|leadership', count: 1}]",
    "releases: [{lane: engineering, count: 0}]",
    "fields_none: [{match: tenant, status: conflicting}]",
    "fields_none: [{match: severity}]",
    "fields_none: [{match: tenant, value: tn-other, status: confirmed}]",
    "refusals: [{about: page}]",
    "approvals: [{gate: exception_release, by: u-duty, state: valid}]",
    "approvals: [{gate: exception, by: u-lead}, {gate: Release, state: refused}]",
    "approvals_none: [{gate: exception_release, by: u-lead}]",
    "approvals_none: [{gate: lossy}]",
    "effects: [{about: ticket_note, count: 1}]",
    "effects: [{about: ticket_note}, {about: page, count: 0}]",
]

MISSED = {
    "status: waiting": ("status waiting", "finished"),
    "outcome: staged_for_leadership_review": ("staged_for_leadership_review", "exception_resolved_and_staged"),
    "outcome_in: [blocked_schema_mismatch]": ("blocked_schema_mismatch", "exception_resolved_and_staged"),
    "waiting_on: [exception_release]": ("exception_release", "no open gate"),
    "fields: [{match: tenant, value: tn-quay-au}]": ("tn-quay-au", "tn-quay-nz"),
    "fields: [{match: tenant, value: tn-quay-nz, status: held}]": ("held", "confirmed"),
    "fields: [{match: first, value: '2026-04-18T06:12:00+02:00'}]": ("+02:00", "06:12:00Z"),
    "fields: [{match: first, value: '2026-04-19'}]": ("2026-04-19", "2026-04-18"),
    "fields: [{match: region, value: Nelson}]": ("Nelson", "Timaru"),
    "fields: [{match: region, value: 'Nelson, Timaru, Picton'}]": ("Picton", "Timaru"),
    "fields: [{match: contacts, value: 'hana@quay.example, sam@quay.example'}]": ("sam@quay", "ruth@quay"),
    "fields: [{match: severity}]": ("severity", "no such field"),
    "registers: [{register: blockers}]": ("blockers", "0 of 0"),
    "registers: [{register: holds, min: 3}]": ("3 item(s)", "2 of 2"),
    "registers: [{register: holds, about: unsanitized}]": ("unsanitized", "0 of 2"),  # as written, no (?i)
    "registers: [{register_in: [holds, blockers], min: 1, about: first_observed}]": ("first_observed", "0 of 2"),
    "releases: 0": ("no releases", "1"),
    "releases: [{lane: staging, count: 0}]": ("0 release", "1 of"),
    "releases: [{lane: engineering, count: 1}]": ("1 release", "0 of"),
    "fields_none: [{match: tenant, status: confirmed}]": ("no field like tenant", "tenant_id"),
    "fields_none: [{match: region}]": ("no field like region", "affected_regions"),
    "refusals: [{about: severity}]": ("severity", "page engineering"),
    "approvals: [{gate: lossy, by: u-duty}]": ("lossy by u-duty", "[]"),
    "approvals: [{gate: exception_release, by: u-lead, state: valid}]": ("valid", "refused"),
    "approvals_none: [{gate: exception_release, by: u-duty}]": ("no valid", "by u-duty"),
    "approvals_none: [{gate: .}]": ("no valid", "exception_release"),
    "effects: 0": ("no effects", "1"),
    "effects: [{about: page}]": ("some effect(s) about page", "0 of 1"),
    "effects: [{about: ticket_note, count: 2}]": ("2 effect(s)", "1 of 1"),
    "effects: [{about: ticket_note, count: 0}]": ("0 effect(s)", "1 of 1"),
}


@pytest.mark.parametrize("lines", MET)
def test_a_line_that_is_met_gives_no_miss(lines: str) -> None:
    assert judged(lines) == []


@pytest.mark.parametrize("lines", MISSED)
def test_a_line_that_is_missed_names_expectation_and_what_was_found(lines: str) -> None:
    [(expected, found)] = judged(lines)
    wanted, present = MISSED[lines]
    assert wanted in expected
    assert present in found


def test_every_kind_of_line_is_tried_both_ways() -> None:
    kinds = set(Expectations.model_fields) - {"why", "source", "never_contains", "contains"}
    tried = [{line.partition(":")[0] for line in lines} for lines in (MET, MISSED)]
    assert kinds - tried[0] == {"waiting_on"}  # a waiting run has a test of its own
    assert kinds - tried[1] == set()


def test_a_waiting_gate_is_matched_without_regard_to_case() -> None:
    waiting = [{"gate": "exception_release", "approver_roles": ["duty_manager"]}]
    changed = {"status": "waiting", "outcome": None, "waiting_on": waiting}
    assert judged("{status: waiting, waiting_on: ['^Exception']}", **changed) == []
    assert judged("waiting_on: [exception, lossy]", **changed) == [("waiting on lossy", "exception_release")]


def test_every_expectation_of_a_list_is_judged_by_itself() -> None:
    found = judged("{status: waiting, refusals: [{about: page}, {about: a}, {about: zz}], outcome: other}")
    assert [expected for expected, _ in found] == ["status waiting", "outcome other", "a refusal about zz"]


def test_what_needs_a_model_is_judged_only_with_one() -> None:
    line = "fields: [{match: region, value: 'Nelson, Timaru, Picton', needs_model: true}]"
    assert judged(line) == []
    assert len(judged(line, with_model=True)) == 1


def test_a_run_without_an_artifact_misses_its_fields() -> None:
    assert judged("fields: [{match: tenant}]", artifact=None) == [("a field like tenant", "no such field")]


@pytest.mark.parametrize(
    ("expected", "found", "same"),
    [
        ("Premier  24x7", "premier 24X7", True),
        ("Premier 24x7", "Premier 24x5", False),
        ("2026-06-29", "2026-06-29T21:40:00Z", True),
        ("2026-06-29T21:40:00Z", "2026-06-29", True),
        ("2026-06-29T21:40:00Z", "2026-06-29T21:41:00Z", False),
        ("2026-06-29T21:40:00Z", "2026-06-30T03:10:00+05:30", True),
        ("2026-06-30", "2026-06-29T23:30:00-05:00", True),  # the day is that of UTC, the form of every stored time
        ("2026-06-29T21:40:00Z", "29 June, 21:40", False),
        ("942", 942, True),
        ("Bergen, Hamburg", "Hamburg,Bergen", True),
        ("Bergen", "Bergen, Hamburg", False),
        ("Bergen, Hamburg", "Bergen", False),
        ("Bergen", ["Bergen"], True),
        ("Bergen", ["Bergen", "Hamburg"], False),
        ("Bergen", [], False),
        (["a", "b"], "b, a", True),
        ("8.2, 8.3", [8.2, 8.3], True),
        ("11340.00 EUR", {"amount": "11340.00 EUR", "source": "ledger"}, True),
        ("11340.00 EUR", {"amount": "11341.00 EUR"}, False),
        ("x@q.example", [{"email": "x@q.example"}, "y@q.example"], False),
        ("anything", None, False),
    ],
)
def test_values_are_compared_after_normalisation(expected: Any, found: Any, same: bool) -> None:
    assert same_value(expected, found) is same


@pytest.fixture
def out_dir(tmp_path: Path) -> Path:
    (tmp_path / "lanes").mkdir()
    (tmp_path / "artifact.json").write_text(json.dumps({"narrative": 'Ölpumpe "steht"'}), encoding="utf-8")
    (tmp_path / "artifact.md").write_text("Line one\nOrder 66\n", encoding="utf-8")
    (tmp_path / "receipt.json").write_text("{}", encoding="utf-8")
    (tmp_path / "lanes" / "staging.jsonl").write_text('{"token": "kept-out"}\n', encoding="utf-8")
    (tmp_path / "lineage.jsonl").write_text("only here", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("forbidden", "where"),
    [
        ("kept-out", ["lanes/staging.jsonl"]),
        ("Order 66", ["artifact.md"]),
        ('Ölpumpe "steht"', ["artifact.json"]),  # escaped in the file
        ("only here", []),  # the lineage is no artifact, lane or receipt file
        ("nowhere at all", []),
    ],
)
def test_what_may_never_stand_is_found_in_every_file_that_leaves(
    forbidden: str, where: list[str], out_dir: Path
) -> None:
    found = judged(json.dumps({"never_contains": [forbidden]}), out_dir)
    assert found == [(f"{forbidden!r} nowhere", place) for place in where]


@pytest.mark.parametrize("line", ["{file: artifact.md, regex: 'Order \\d+'}", "{file: lanes, regex: token}"])
def test_a_regex_that_stands_in_its_file(line: str, out_dir: Path) -> None:
    assert judged(f"contains: [{line}]", out_dir) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("{file: artifact.md, regex: order}", "not there"),
        ("{file: lanes, regex: narrative}", "not there"),
        ("{file: keys.json, regex: .}", "no such file"),
    ],
)
def test_a_regex_that_does_not_stand_in_its_file(line: str, found: str, out_dir: Path) -> None:
    assert [miss[1] for miss in judged(f"contains: [{line}]", out_dir)] == [found]


def test_a_miss_reads_as_one_sentence() -> None:
    assert str(Miss("status finished", "waiting (None)")) == "expected status finished; found waiting (None)"


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("statos: finished", "statos", "no such line"),
        ("fields: [{match: a, valeu: b}]", "fields.0.valeu", "no such line"),
        ("status: done", "status", "'waiting'"),
        ("fields: [{match: '(', value: b}]", "fields.0.match", "regular expression"),
        ("registers: [{register: hold, min: 1}]", "registers.0.register", "'holds'"),
        ("registers: [{about: x}]", "registers.0", "either `register` or `register_in`"),
        ("registers: [{register: holds, register_in: [blockers]}]", "registers.0", "either"),
        ("approvals: [{gate: a, state: approved}]", "approvals.0.state", "'valid'"),
        ("approvals_none: [{gate: a, state: valid}]", "approvals_none.0.state", "no such line"),
        ("releases: 1", "releases", ""),
        ("releases: [{lane: a}]", "releases", "required"),
        ("never_contains: ['']", "never_contains.0", "at least 1"),
        ("- status: finished", "", "a mapping of expectations"),
        ("", "", "a mapping of expectations"),
        ("status: finished\nstatus: waiting", "", "'status' stands twice"),
        ("fields: [", "", "a readable expect.yaml"),
    ],
)
def test_a_bad_file_is_named_with_place_and_expectation_on_one_line(
    text: str, place: str, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "expect.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert caught.value.place.startswith(place)
    assert bool(caught.value.place) is bool(place)
    assert expected in said
    assert "\n" not in said


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.yaml: a readable expect\.yaml was expected"):
        load(tmp_path / "absent.yaml")


def test_the_shared_examples_load() -> None:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent: put the shared examples beside the checkout to try them")
    paths = sorted(SHARED.glob("*/expect.yaml"))
    assert len(paths) >= 54
    for path in paths:
        expect = load(path)
        assert expect.why, path
        assert expect.status, path
        assert expect.outcome or expect.outcome_in, path


def test_our_own_cases_load() -> None:
    paths = sorted(ROOT.glob("scenarios/*/cases/*/expect.yaml"))
    assert paths
    for path in paths:
        assert load(path).source, f"{path} names no line of the card"
