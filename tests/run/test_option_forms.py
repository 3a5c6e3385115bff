"""The same facts in other forms: an option is in band, waits or falls as the evidence says, however it is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import orjson
import pytest
import yaml
from running import CASES, run

CASE = CASES / "telemetry-options" / "cases" / "scope-by-yes-and-no-and-a-move-in-a-label"
FRESH = orjson.loads((CASE / "tenancy-scope-2.json").read_bytes())
PROSE = """# Scope check

Tenant tn-sundvik-se runs on a dedicated cluster (authn-se-d4).
Verified at: 2026-06-11T07:35:00Z
Privacy review: PV-118
Privacy reviewed on: 2026-06-10T10:00:00Z
Log retention: 14 days
"""
TABLE = """tenant;cluster;shared;verified at;privacy review;privacy reviewed at;log retention
tn-sundvik-se;authn-se-d4;no;2026-06-11T07:35:00Z;PV-118;2026-06-10T10:00:00Z;14 days
tn-other-se;authn-eu-sh1;yes;2026-06-11T07:35:00Z;PV-100;2026-06-10T10:00:00Z;14 days
"""


LOGGED = CASES / "telemetry-options" / "cases" / "override-requests-among-rankings-in-one-log"
ROWS = """request;requested on;type;boundary;rule ref;status
OR-1;2026-06-02;override;retention cap;DTA-L3;rejected
OR-2;2026-06-10;override;log retention cap;;rejected
OR-3;2026-06-23;override;DTA-L3;;pending
OR-4;2026-06-20;ranking;log retention cap;DTA-L3;done
"""
DRAWN = """# Overrides

| id | date | what | boundary | decision |
| --- | --- | --- | --- | --- |
| OR-1 | 2 June 2026 | override | log retention cap (DTA-L3) | declined |
| OR-2 | 5 June 2026 | override | log retention cap (DTA-L3) | declined |
| OR-3 | 23 June 2026 | override | log retention cap (DTA-L3) | open |
"""
LINES = """2026-06-03T08:00:00Z override OR-1 requested at log retention cap DTA-L3: declined
2026-06-15T08:00:00Z override OR-2 requested at the retention cap: declined
2026-06-16T08:00:00Z ranking of CASE-82610: option 3
2026-06-24T07:00:00Z override OR-3 requested at log retention cap DTA-L3: open
"""


def _packet(tmp_path: Path, case: Path, source_id: str, file: str, text: str) -> Path:
    """A copy of a case, without its timeline, in which one source is another file."""
    packet = tmp_path / "packet"
    shutil.copytree(case, packet)
    (packet / "expect.yaml").unlink()
    (packet / file).write_text(text, encoding="utf-8")
    told = yaml.safe_load((packet / "packet.yaml").read_text())
    del told["timeline"]
    for source in told["sources"]:
        source["file"] = file if source["id"] == source_id else source["file"]
    (packet / "packet.yaml").write_text(yaml.safe_dump(told))
    return packet


def _json(**changed: object) -> str:
    stated = {**FRESH, "scope_verified_at": "2026-06-11T07:35:00Z", **changed}
    return orjson.dumps({name: value for name, value in stated.items() if value is not None}).decode()


@pytest.mark.parametrize(
    ("file", "text", "class_"),
    [
        ("scope.md", PROSE, "in band"),
        ("scope.csv", TABLE, "in band"),
        ("scope.json", _json(dedicated=None, tenants_on_cluster=1), "in band"),
        ("scope.json", _json(dedicated=None, tenants_on_cluster=9), "conditional"),
        ("scope.json", _json(tenants_on_cluster=9), "conditional"),
        ("scope.json", _json(dedicated="not checked"), "conditional"),
        ("scope.json", _json(dedicated=None, cluster="dedicated-7"), "conditional"),
        ("scope.json", _json(scope_verified_at="2026-06-09T20:00:00Z"), "conditional"),
        ("scope.json", _json(privacy_review={"id": "PV-118", "status": "pending"}), "conditional"),
        ("scope.json", _json(privacy_review="PV-118 of 1 June 2026"), "conditional"),
        ("scope.json", _json(privacy_review=None), "conditional"),
    ],
)
def test_an_option_stands_as_the_evidence_says_it_in_any_form(
    tmp_path: Path, file: str, text: str, class_: str
) -> None:
    packet = _packet(tmp_path, CASE, "scope", file, text)
    fields = run(packet, tmp_path / "out")["artifact"]["fields"]
    assert fields["option_1_class"]["value"] == class_


@pytest.mark.parametrize(("file", "text"), [("audit.csv", ROWS), ("audit.md", DRAWN), ("audit.log", LINES)])
def test_overrides_at_one_boundary_are_one_cluster_in_any_form(tmp_path: Path, file: str, text: str) -> None:
    registers = run(_packet(tmp_path, LOGGED, "audit", file, text), tmp_path / "out")["registers"]
    asked = [one["question"] for one in registers["open_questions"] if one["about"] == "override_cluster"]
    assert len(asked) == 1
    assert "(DTA-L3) in 30 days: OR-1, OR-2, OR-3:" in asked[0]
    holds = [one["detail"] for one in registers["holds"] if one["kind"] == "override_requested"]
    assert len(holds) == 1
    assert "OR-3" in holds[0]


@pytest.mark.parametrize(
    ("rule", "class_"),
    [
        ("Shared infrastructure makes a logging option conditional until the scope is proven (CP-T3).", "conditional"),
        ("On pooled clusters every option is conditional (CP-T3).", "conditional"),
        ("Shared infrastructure makes an upload conditional (CP-T3).", "blocked"),
        ("Nothing is said about clusters.", "blocked"),
    ],
)
def test_shared_infrastructure_blocks_unless_a_rule_about_the_option_lets_it_wait(
    tmp_path: Path, rule: str, class_: str
) -> None:
    packet = _packet(tmp_path, CASE, "scope", "scope.json", _json(dedicated=False, tenant_filter_proven=False))
    policy = packet / "collection-policy.md"
    lines = policy.read_text().splitlines()
    policy.write_text("\n".join(f"1.3 {rule}" if line.startswith("1.3") else line for line in lines))
    fields = run(packet, tmp_path / "out")["artifact"]["fields"]
    assert fields["option_1_class"]["value"] == class_


CLOSED = CASES / "telemetry-options" / "cases" / "the-matrix-closes-the-portal-of-a-region"
HEAD = ("region", "option", "allowed", "rule")


@pytest.mark.parametrize(
    ("table", "place", "classes"),
    [
        ([HEAD, ("FI", "option 1", "no", "R-1"), ("FI", "option 3", "yes", "R-3")], 2, "out, waits, in"),
        ([HEAD, ("FI", "option 1", "yes", "R-1"), ("SE", "option 3", "yes", "R-3")], 1, "in, waits, waits"),
        ([HEAD, ("EU", "option 1", "no, stays in the EEA", "R-1")], 2, "out, waits, in"),
        ([HEAD, ("EU", "option 1", "no", "R-1"), ("FI", "option 1", "yes", "R-2")], 2, "in, waits, in"),
        ([HEAD, ("FI", "option 1", "yes, if the desk agrees", "R-1")], 2, "waits, waits, in"),
        ([HEAD, ("FI", "option 1", "on request", "R-1")], 2, "waits, waits, in"),
        ([("country", "option", "state", "rule"), ("FI", "option 3", "prohibited", "R")], 2, "in, waits, out"),
        ([("option", "FI", "SE"), ("option 1", "no", "yes"), ("option 3", "yes", "no")], 2, "out, waits, in"),
    ],
)  # fmt: skip
def test_the_matrix_s_own_table_of_regions_permits_and_forbids(
    tmp_path: Path, table: list[tuple[str, ...]], place: int, classes: str
) -> None:
    packet = _packet(tmp_path, CLOSED, "policy", "policy.md", "# Policy\nPolicy id: OCP-3 | Version: 11\n")
    book = openpyxl.load_workbook(packet / "matriisi.xlsx")
    del book["Regional limits"]
    sheet = book.create_sheet("Regional limits", place)
    for row in table:
        sheet.append(row)
    book.save(packet / "matriisi.xlsx")
    fields = run(packet, tmp_path / "out")["artifact"]["fields"]
    short = {"in band": "in", "conditional": "waits", "blocked": "out"}
    assert ", ".join(short[fields[f"option_{n}_class"]["value"]] for n in (1, 2, 3)) == classes


@pytest.mark.parametrize(
    ("needs", "class_"),
    [
        ("tenancy scope evidence newer than the last migration; dedicated infrastructure", "in band"),
        ("scope checked within the last 3 days; retention input", "in band"),
        ("scope evidence at most 24 hours old; retention input", "conditional"),
        ("tenancy scope not older than 1 day and newer than the last move", "conditional"),
        ("scope evidence countersigned by the privacy desk", "conditional"),
    ],
)
def test_the_age_that_a_condition_of_the_option_allows_counts_where_it_is_stricter(
    tmp_path: Path, needs: str, class_: str
) -> None:
    packet = _packet(tmp_path, CLOSED, "none", "none", "")
    book = openpyxl.load_workbook(packet / "matriisi.xlsx")
    cell = next(c for row in book["Local menu"].iter_rows() for c in row if str(c.value).startswith("tenancy scope"))
    cell.value = needs
    book.save(packet / "matriisi.xlsx")
    fields = run(packet, tmp_path / "out")["artifact"]["fields"]
    assert fields["option_1_class"]["value"] == class_


@pytest.mark.parametrize(
    "policy",
    [
        "| region | verbose logging | secure upload |\n| --- | --- | --- |\n| SE | no (CP-R4) | yes (CP-R5) |\n",
        "| accommodation | SE | ap-south |\n| --- | --- | --- |\n| verbose logging | no (CP-R4) | yes |\n",
        "## SE\n- verbose logging: not allowed (CP-R4)\n",
        "## Verbose logging\n- SE: no, its store is in eu-west (CP-R4)\n",
        "In SE none of the three options that the menu has may be granted,\nverbose logging by rule CP-R4.\n",
    ],
)
def test_a_policy_forbids_an_option_in_a_region_in_any_form(tmp_path: Path, policy: str) -> None:
    text = f"# Policy\nversion: CP-9\n\n{policy}"
    packet = _packet(tmp_path, CASE, "policy", "policy.md", text)
    result = run(packet, tmp_path / "out")
    assert result["artifact"]["fields"]["option_1_class"]["value"] == "blocked"
    assert any("CP-R4" in one["detail"] for one in result["registers"]["holds"])
