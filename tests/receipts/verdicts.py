"""Writes every receipt file that the tests here verify, with the trust and the verdict: `python verdicts.py OUT.json`.

The workspace verifies dropped files by itself, and its tests read this: whatever is refused here has to be refused
there, and what is intact here has to be intact there, in the same words. The tests themselves are run, so a case that
is added to them is asked of both.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from bisect import bisect_left
from pathlib import Path
from typing import Any

import pytest

import lineage.receipt.verify as verifying
from lineage.keys import KeySet, Trust
from lineage.receipt.report import Report

HERE = Path(__file__).parent
# Those that verify what processes of their own made are slow, and have no other kind of file.
TESTS = ["test_receipt_verify.py", "test_receipt_mutations.py", "test_receipt_disclose.py", "test_receipt_erasure.py",
         "test_receipt_lapsed.py", "test_receipt_log.py", "test_receipt_held_keys.py", "test_receipt_duties.py",
         "test_receipt_of_run.py"]  # fmt: skip


class Record:
    """The files as they come. A mutation is kept as what differs from a file before it: there are thousands."""

    def __init__(self) -> None:
        self.bases: list[bytes] = []
        self.trusts: dict[bytes, int] = {}
        self.cases: list[dict[str, Any]] = []
        self._seen = 0
        self._judge = verifying.verify

    def verify(self, data: bytes, trust: Trust) -> Report:
        """The verifier, with a note of what it was asked and what it answered."""
        report = self._judge(data, trust)
        test = os.environ["PYTEST_CURRENT_TEST"].partition("::")[2].removesuffix(" (call)")
        self._seen += 1
        # Of the thousands of one kind, every fourth: a file that differs in one byte more tells nothing new.
        if isinstance(trust, KeySet) and (self._seen % 4 == 0 or "mutation" not in test):
            number = self.trusts.setdefault(trust.write(), len(self.trusts))
            self.cases.append({"test": test, "trust": number, **self._as_change(data), "report": _verdict(report)})
        return report

    def _as_change(self, data: bytes) -> dict[str, Any]:
        for base in range(len(self.bases) - 1, max(-1, len(self.bases) - 6), -1):
            start, end = _differs(self.bases[base], data)
            put = data[start : len(data) - end]
            if len(put) * 2 < len(data):
                return {"base": base, "start": start, "end": end, "put": base64.b64encode(put).decode()}
        self.bases.append(data)
        return {"base": len(self.bases) - 1, "start": len(data), "end": 0, "put": ""}

    def write(self, path: Path) -> None:
        """All of it as one file."""
        trusts = [text.decode() for text in self.trusts]
        bases = [base64.b64encode(base).decode() for base in self.bases]
        path.write_text(json.dumps({"trusts": trusts, "bases": bases, "cases": self.cases}))


def _differs(base: bytes, data: bytes) -> tuple[int, int]:
    """How many bytes at the start and at the end are the same."""
    most = min(len(base), len(data))
    start = bisect_left(range(1, most + 1), True, key=lambda n: base[:n] != data[:n])
    end = bisect_left(range(1, most + 1 - start), True, key=lambda n: base[-n:] != data[-n:])
    return start, end


def _verdict(report: Report) -> dict[str, Any]:
    """The whole report of an intact file; of any other its places and standings."""
    said: dict[str, Any] = report.json()
    if not report.intact:
        said["answers"] = [{"question": one["question"], "standing": one["standing"]} for one in said["answers"]]
        said["problems"] = [[one["question"], one["place"]] for one in said["problems"]]
    return said


def main() -> int:
    """Run the tests with a record. Returns their exit code."""
    record = Record()
    verifying.verify = record.verify
    arguments = [*(str(HERE / name) for name in TESTS), "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    code = pytest.main([*arguments, "-k", "not killed and not command"])
    record.write(Path(sys.argv[1]))
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
