"""Facts in other layouts of their papers: what a paper states is not asked for again, and what it does not is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from running import CASES, run

CASE = CASES / "telemetry-options" / "cases" / "scope-by-yes-and-no-and-a-move-in-a-label"
ALIGNED = """SCOPE REPORT

tenant            tn-sundvik-se
cluster           authn-se-d4 ({kind})
region            SE
verified at       2026-06-11T07:35:00Z
privacy check     PV-118, verified 2026-06-10T10:00:00Z
log retention     14 days today
"""
NESTED = """tenant: tn-sundvik-se
cluster: {{name: authn-se-d4, isolation: dedicated}}
verified_at: 2026-06-11T07:35:00Z
exported_at: 2026-06-11T07:50:00Z
privacy_review: {{id: PV-118, reviewed_at: 2026-06-10T10:00:00Z}}
log_retention: {{current: 7 days, {other}}}
"""


def _fields(tmp_path: Path, place: str, file: str, text: str) -> dict[str, Any]:
    """The fields of a copy of a case, without its timeline, in which one source is another file."""
    packet = tmp_path / "packet"
    shutil.copytree(CASE, packet)
    (packet / "expect.yaml").unlink()
    (packet / file).write_text(text, encoding="utf-8")
    told = yaml.safe_load((packet / "packet.yaml").read_text())
    del told["timeline"]
    for source in told["sources"]:
        source["file"] = file if source["id"] == place else source["file"]
    (packet / "packet.yaml").write_text(yaml.safe_dump(told))
    fields: dict[str, Any] = run(packet, tmp_path / "out")["artifact"]["fields"]
    return fields


@pytest.mark.parametrize(
    ("kind", "class_"),
    [
        ("dedicated, one tenant", "in band"),
        ("shared with two others", "conditional"),
        ("formerly dedicated", "conditional"),
        ("not dedicated", "conditional"),
        ("two tenants", "conditional"),
    ],
)
def test_a_cluster_is_what_stands_in_words_behind_its_name(tmp_path: Path, kind: str, class_: str) -> None:
    fields = _fields(tmp_path, "scope", "scope.txt", ALIGNED.format(kind=kind))
    assert fields["option_1_class"]["value"] == class_
    assert fields["region"]["value"] == "SE"


@pytest.mark.parametrize(
    ("other", "class_", "now"),
    [
        ("with_extension: 10 days", "in band", "10080 minutes"),
        ("with_extension: 90 days", "blocked", "10080 minutes"),
        ("requested: 90 days", "in band", "10080 minutes"),
        ("maximum: 90 days", "in band", "10080 minutes"),
    ],
)
def test_logs_are_kept_as_long_as_now_and_with_the_extension_within_the_same_cap(
    tmp_path: Path, other: str, class_: str, now: str
) -> None:
    fields = _fields(tmp_path, "scope", "scope.yaml", NESTED.format(other=other))
    assert fields["option_1_class"]["value"] == class_
    assert fields["retention"]["value"] == now
    assert fields["tenancy_scope_at"]["value"] == "2026-06-11T07:35:00Z"


@pytest.mark.parametrize(
    ("head", "version"),
    [
        ("# Collection policy\nPolicy: OCP-21 | Version: 5.2 | Effective from: 2026-05-01", "5.2"),
        ("# Collection Policy Library OCP-21 version 4.2", "4.2"),
        ("# Evidence rules OCP-21 v4.2", "v4.2"),
        ("# Evidence rules\nOCP-21   Issue 7   in force since 2 May 2026", "7"),
    ],
)
def test_the_version_of_a_policy_stands_in_its_title_or_in_a_line_with_others(
    tmp_path: Path, head: str, version: str
) -> None:
    fields = _fields(tmp_path, "policy", "policy.md", f"{head}\n\n- CP-R1 Option 1 is allowed in SE.\n")
    assert fields["policy_version"]["value"] == version
    assert fields["policy_version"]["status"] == "confirmed"


def test_the_result_under_the_title_of_a_review_is_its_result(tmp_path: Path) -> None:
    review = "# Privacy review PV-118\nTenant: tn-sundvik-se\nVerified at: 2026-06-10T10:00:00Z\nResult: cleared\n"
    fields = _fields(tmp_path, "scope", "review.md", review)
    assert fields["privacy_evidence"]["value"] == "cleared"
    assert fields["privacy_evidence_at"]["value"] == "2026-06-10T10:00:00Z"


@pytest.mark.parametrize(
    ("said", "class_"),
    [
        ("With the extension they would be kept for 10 days.", "in band"),
        ("With the extension they would be kept for 90 days.", "blocked"),
    ],
)
def test_a_sentence_says_how_long_logs_would_be_kept_with_the_extension(tmp_path: Path, said: str, class_: str) -> None:
    fields = _fields(tmp_path, "scope", "scope.txt", f"{ALIGNED.format(kind='dedicated')}\n{said}\n")
    assert fields["option_1_class"]["value"] == class_
    assert fields["retention"]["value"] == "20160 minutes"


ONE_TABLE = CASES / "telemetry-options" / "cases" / "the-scope-in-aligned-text-and-a-third-override"


def _gates(tmp_path: Path, *head: str) -> list[str]:
    """The gates at which a copy of that case waits, with these rows in the place of the one about the version."""
    packet = tmp_path / "packet"
    shutil.copytree(ONE_TABLE, packet)
    (packet / "expect.yaml").unlink()
    matrix = packet / "matrix_export.csv"
    lines = matrix.read_text().splitlines()
    matrix.write_text("\n".join([lines[0], *head, *lines[2:]]) + "\n")
    return [one["gate"] for one in run(packet, tmp_path / "out")["waiting_on"]]


@pytest.mark.parametrize(
    ("said", "gate"),
    [
        ("approved 30 October 2026 by Noor van Dam (u-matrix)", "local_acceptance"),
        ("Approved by Noor van Dam (u-matrix), governance owner, on 30 October 2026, 13:40 UTC", "local_acceptance"),
        ("signed off on 2026-10-30 by Noor van Dam", "local_acceptance"),
        ("approved by the board in autumn", "bands_menu_and_guardrails"),
        ("to be approved 2026-10-30 by Noor van Dam", "bands_menu_and_guardrails"),
    ],
)
def test_an_approval_says_who_and_when_in_either_order(tmp_path: Path, said: str, gate: str) -> None:
    assert _gates(tmp_path, f"version;DA-2026-11;Delegated support authority matrix;{said};;;;") == [gate]


@pytest.mark.parametrize(
    ("row", "gate"),
    [
        ("header;approved by;Noor van Dam, governance owner;2026-10-30;;;;", "local_acceptance"),
        ("header;approved by;2026-10-30;Noor van Dam;;;;", "local_acceptance"),
        ("header;approved by;Noor van Dam;;;;;", "bands_menu_and_guardrails"),
        ("header;to be approved by;Noor van Dam;2026-10-30;;;;", "bands_menu_and_guardrails"),
    ],
)
def test_an_approval_is_a_row_of_the_one_table(tmp_path: Path, row: str, gate: str) -> None:
    assert _gates(tmp_path, "version;DA-2026-11;Delegated support authority matrix;;;;;", row) == [gate]


TRIGGER = CASES / "credit-options" / "cases" / "two-of-three-are-severe-and-the-trigger-names-the-severity"


@pytest.mark.parametrize(
    ("said", "classes"),
    [
        ("2 severe incidents (Severity 1) in 42 days with reconciled impact", ["in band", "in band", "blocked"]),
        ("3 severe incidents (Severity 1) in 42 days with reconciled impact", ["blocked", "blocked", "in band"]),
        ("several severe incidents in a short time", ["conditional"] * 3),
    ],
)
def test_a_trigger_that_cannot_be_read_decides_nothing(tmp_path: Path, said: str, classes: list[str]) -> None:
    packet = tmp_path / "packet"
    shutil.copytree(TRIGGER, packet)
    (packet / "expect.yaml").unlink()
    book = openpyxl.load_workbook(packet / "concession-matrix.xlsx")
    (cell,) = (row[1] for row in book["Limits"].iter_rows() if row[0].value == "delegated trigger")
    cell.value = said
    book.save(packet / "concession-matrix.xlsx")
    fields = run(packet, tmp_path / "out")["artifact"]["fields"]
    assert [fields[f"option_{n}_class"]["value"] for n in (1, 2, 3)] == classes
