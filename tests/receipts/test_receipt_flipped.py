"""`casegate receipt verify` on a receipt with one byte changed: at every place exit code 1, with a reason."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Answer, casegate
from packets import minimal_packet
from receipt_samples import TRUST, Case
from running import run

from lineage.receipt.disclose import disclose

FULL = bool(os.environ.get("CASEGATE_FULL"))
"""`make hostile`: also every byte of the receipt that a run wrote, which takes a while."""
REASON = re.compile(r"^  \S.*: \S", re.MULTILINE)
PROGRAM = Path(sys.executable).with_name("casegate")


def short_receipt() -> bytes:
    """A receipt that shows who approved, small enough to try each of its bytes."""
    case = Case("CASE-1")
    case.add("run_opened")
    case.approve("u-duty")
    case.release()
    case.objects = {"result": {"outcome": "exception_resolved_and_staged"}}
    return disclose(case.issue(), ["approvals"])


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("short")
    (folder / "receipt.json").write_bytes(short_receipt())
    (folder / "keys.json").write_bytes(TRUST.write())
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run wrote."""
    out = tmp_path_factory.mktemp("out")
    run(minimal_packet(tmp_path_factory.mktemp("packet"), exception=True), out)
    return out


def flipped(data: bytes, places: range, seed: int) -> Iterator[tuple[int, bytes]]:
    """The receipt with one byte changed, at each place: in its case bit where that is enough, else in any bits."""
    chance = random.Random(seed)
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 0x20 if place % 3 == 0 else chance.randrange(1, 256)
        yield place, bytes(changed)


def verified(folder: Path, data: bytes) -> Answer:
    """The command, on these bytes."""
    file = folder / "tried.json"
    file.write_bytes(data)
    return casegate("receipt", "verify", file, "--trust", folder / "keys.json")


def tried(folder: Path, step: int = 1, seed: int = 1) -> Counter[str]:
    """What the command says of each flip. Fails at the first that is accepted, or refused without a reason."""
    data = (folder / "receipt.json").read_bytes()
    assert verified(folder, data).code == 0, "the receipt itself is intact"
    said: Counter[str] = Counter()
    for place, changed in flipped(data, range(0, len(data), step), seed):
        answer = verified(folder, changed)
        assert (answer.code, answer.fault) == (1, None), f"byte {place} of {len(data)}: {answer.out or answer.fault}"
        assert "NOT intact" in answer.out.splitlines()[0]
        reason = REASON.search(answer.out)
        assert reason is not None, f"byte {place}: no reason in {answer.out}"
        said[reason[0].strip().partition(":")[0]] += 1
    return said


def test_every_byte_of_a_receipt_counts(short: Path) -> None:
    size = (short / "receipt.json").stat().st_size
    said = tried(short)
    assert said.total() == size
    assert size >= 5_000
    assert len(said) > 5, "the reasons name more than one place"


def test_bytes_all_over_the_receipt_of_a_run_count(whole: Path) -> None:
    size = (whole / "receipt.json").stat().st_size
    step = 1 if FULL else size // 250
    said = tried(whole, step)
    assert said.total() == len(range(0, size, step)) >= (size if FULL else 250)


def test_a_real_process_says_the_same(whole: Path) -> None:
    data = (whole / "receipt.json").read_bytes()
    places = range(0, len(data), len(data) // 6)
    for place, changed in flipped(data, places, 2):
        told = verified(whole, changed)
        command = [PROGRAM, "receipt", "verify", whole / "tried.json", "--trust", whole / "keys.json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, told.out), place
        assert "Traceback" not in done.stderr
