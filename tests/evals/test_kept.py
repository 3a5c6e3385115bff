"""Evals that are kept: one at a time, whole or not at all, and one whose process died is known as such."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from running import APART

from evals.kept import EvalRunningError, Kept
from evals.results import CaseResult


def _one(case: str = "one", passed: int = 1) -> CaseResult:
    return CaseResult(suite="s", case=case, passed=passed, metrics={"provenance": (3, 4)})


def test_a_kept_eval_has_its_results_and_its_end(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    with kept.running(["s"], 2, "Eva") as keeping:
        keeping.progress(1, 3)
        assert kept.all()[0].state == "running"
        assert (kept.all()[0].done, kept.all()[0].total) == (1, 3)
        keeping.finish([_one()], 1.25, holds=True)
    (run,) = kept.all()
    assert (run.state, run.by, run.names, run.repeats, run.holds) == ("finished", "Eva", ["s"], 2, True)
    assert run.version
    assert run.finished_at
    assert kept.results(run.id) == [_one()]


def test_there_is_one_at_a_time(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    with kept.running([], 1, "a"):
        assert kept.busy()
        with pytest.raises(EvalRunningError), Kept(tmp_path).running([], 1, "b"):
            pass
    assert not kept.busy()
    assert len(kept.all()) == 1


def test_one_whose_process_was_killed_is_interrupted(tmp_path: Path) -> None:
    process = APART.Process(target=_die, args=(tmp_path,))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    (run,) = Kept(tmp_path).all()
    assert run.state == "interrupted"
    with Kept(tmp_path).running([], 1, "next"):
        pass


def _die(folder: Path) -> None:
    with Kept(folder).running([], 1, "killed"):
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("name", ["", ".", "..", "../other", "lock", "ev_1", "ev_20260101000000_00000g"])
def test_a_name_that_is_none_finds_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    assert Kept(tmp_path / "evals").find(name) is None
