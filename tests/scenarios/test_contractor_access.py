"""Every case of contractor-access against its expect.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.expectations import load, misses
from graphs.catalogue import SCENARIOS
from runtime.model.offline import Offline
from server.run_command import execute
from tools.packet_folder import load as load_packet

CASES = sorted(path.parent for path in (SCENARIOS / "contractor-access" / "cases").glob("*/expect.yaml"))


def test_there_are_cases_for_every_bad_input() -> None:
    assert len(CASES) >= 8


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
async def test_the_case_is_as_expected(case: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store' / 'casegate.db'}"
    outcome = await execute(load_packet(case), tmp_path / "out", url, Offline(), quiet=True)
    found = misses(load(case / "expect.yaml"), outcome, tmp_path / "out", with_model=False)
    assert not found, "\n".join(map(str, found))


async def test_the_same_packet_twice_has_the_same_artifact(tmp_path: Path) -> None:
    packet = load_packet(SCENARIOS / "contractor-access" / "cases" / "edits-accepted-and-rejected")
    hashes = []
    for name in ("one", "two"):
        url = f"sqlite:///{tmp_path / name / 'casegate.db'}"
        outcome = await execute(packet, tmp_path / name, url, Offline(), quiet=True)
        hashes.append((outcome["artifact"]["sha256"], outcome["releases"]))
    assert hashes[0] == hashes[1]
