"""The same facts in other forms: an option is in band, waits or falls as the evidence says, however it is written."""

from __future__ import annotations

import shutil
from pathlib import Path

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
    packet = tmp_path / "packet"
    shutil.copytree(CASE, packet)
    (packet / "expect.yaml").unlink()
    (packet / file).write_text(text, encoding="utf-8")
    told = yaml.safe_load((packet / "packet.yaml").read_text())
    del told["timeline"]
    for source in told["sources"]:
        source["file"] = file if source["id"] == "scope" else source["file"]
    (packet / "packet.yaml").write_text(yaml.safe_dump(told))
    fields = run(packet, tmp_path / "out")["artifact"]["fields"]
    assert fields["option_1_class"]["value"] == class_
