"""When the last proposed edit is decided, the blocker that named it is closed; what a receipt calls open is open."""

from __future__ import annotations

from pathlib import Path

import orjson
import yaml
from running import CASES, run

from lineage.keys import KeySet
from lineage.receipt.verify import verify

CASE = CASES / "contractor-access" / "cases" / "another-lead-hands-off"


def test_no_blocker_speaks_of_edits_that_are_decided(tmp_path: Path) -> None:
    outcome = run(CASE, tmp_path)
    assert yaml.safe_load((CASE / "packet.yaml").read_text())["timeline"]
    undecided = [edit for edit in outcome["edits"] if edit["state"] == "proposed"]
    speaking = [one for one in outcome["registers"]["blockers"] if "proposed edit" in str(one)]
    assert speaking, "the case is about edits that were blocking"
    assert undecided == []
    assert {one["state"] for one in speaking} == {"closed"}
    receipt = (tmp_path / "receipt.json").read_bytes()
    assert "proposed edit" not in str(orjson.loads(receipt)["disclosed"]["open_items"])
    assert verify(receipt, KeySet.read((tmp_path / "keys.json").read_bytes())).problems == ()
