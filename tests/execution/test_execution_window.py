"""An action that is signed before its window runs when the window opens, whatever else happens to the case, or not."""

from __future__ import annotations

import shutil
from pathlib import Path

from packets import read_packet, write_packet
from running import CASES, run

CASE = CASES / "sev1-receipt" / "cases" / "approved-before-the-window-opens"


def test_the_opening_of_the_window_wakes_the_run(tmp_path: Path) -> None:
    packet = tmp_path / "packet"
    shutil.copytree(CASE, packet)
    asked = read_packet(packet)
    # Nothing but the signatures before it, and what the validation gave long after it.
    write_packet(packet, {**asked, "timeline": [step for step in asked["timeline"] if "passes" not in step]})
    outcome = run(packet, tmp_path / "out")
    assert outcome["outcome"] == "receipt_issued"
    assert [effect["sent_at"] for effect in outcome["effects"]] == ["2026-05-19T08:30:00Z"]
