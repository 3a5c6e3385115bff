"""Evals in the workspace: who may see them, what they show, and that one is started once."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from house import Client, House

from evals.kept import EvalRun, Kept
from evals.results import CaseResult

ADDRESSES = (
    "/api/evals",
    "/api/evals/{new}",
    "/api/evals/{new}/compare/{old}",
    "/api/evals/{new}/case?suite=outage-intake&case=lost",
    "/api/evals/{new}/events",
)


def _case(case: str, passed: int, right: int, **more: object) -> CaseResult:
    given = {"suite": "outage-intake", "case": case, "passed": passed, "metrics": {"field_accuracy": (right, 10)}}
    return CaseResult.model_validate({**given, **more})


@pytest.fixture
def two(house: House) -> tuple[EvalRun, EvalRun]:
    """Two kept evals: in the second, one case is lost and less safe, one is won, and one has kept its files."""
    kept = Kept(house.data.absolute() / "evals")
    with kept.running(["outage-intake"], 1, "Eva") as first:
        first.finish([_case("lost", 1, 10), _case("won", 0, 5, misses=["m"]), _case("same", 1, 10)], 1.0, holds=False)
    time.sleep(1.1)
    with kept.running(["outage-intake"], 1, "Eva") as second:
        lost = _case("lost", 0, 0, misses=["expected x; found y"], unsafe=["expected x; found y"])
        folder = second.files / "outage-intake" / "lost"
        folder.mkdir(parents=True)
        (folder / "artifact.md").write_text("# The record\n")
        header = '{"kind": "run_opened", "at": "2026-04-18T09:30:00Z", "actor": {"id": "u-intake"}}'
        (folder / "lineage.jsonl").write_text(
            f'{{"seq": 0, "hash": "sha256:00", "header": {header}, "content": {{}}}}\n'
        )
        second.finish([lost, _case("won", 1, 10), _case("same", 1, 10)], 1.0, holds=False)
    return first.run, second.run


@pytest.fixture
def evaluator(house: House) -> Client:
    """One who judges the product."""
    return house.sign_in("x-eval", global_roles=("evaluator",))


def test_evals_are_for_evaluators_and_admins(house: House, two: tuple[EvalRun, EvalRun]) -> None:
    addresses = [one.format(new=two[1].id, old=two[0].id) for one in ADDRESSES]
    may = [house.sign_in("x-eval", global_roles=("evaluator",)), house.sign_in("x-adm", global_roles=("admin",))]
    not_ = [
        house.sign_in("u-intake", ("support_intake_specialist",)),
        house.sign_in("x-audit", global_roles=("auditor",)),
        house.sign_in(),
    ]
    for address in addresses:
        assert [client.get(address).status_code for client in may] == [200, 200], address
        assert [client.get(address).status_code for client in not_] == [403, 403, 403], address
        assert httpx.get(house.base + address).status_code == 401
    assert [client.post("/api/evals", json={"names": ["quotes"]}).status_code for client in not_] == [403, 403, 403]
    # The navigation is made from what the session says.
    assert "evals:read" in may[0].get("/api/me").json()["capabilities"]
    assert "evals:read" not in not_[0].get("/api/me").json()["capabilities"]


def test_an_eval_shows_the_worst_first_and_the_figures_over_versions(
    evaluator: Client, two: tuple[EvalRun, EvalRun]
) -> None:
    rows = evaluator.get("/api/evals").json()
    assert [one["id"] for one in rows["rows"]] == [two[1].id, two[0].id]
    assert rows["running"] is None
    assert {"outage-intake", "quotes", "faults"} <= set(rows["suites"])
    assert evaluator.get("/api/evals?suite=quotes").json()["rows"] == []
    assert evaluator.get("/api/evals?state=failed").json()["rows"] == []
    page = evaluator.get(f"/api/evals/{two[1].id}").json()
    assert [one["case"] for one in page["cases"]] == ["lost", "same", "won"]
    assert page["suites"][0]["missed"] == 1
    metric = page["suites"][0]["metrics"][0]
    assert (metric["name"], metric["right"], metric["of"], metric["bound"]) == ("field_accuracy", 20, 30, None)
    points = [one for one in page["history"] if one["metric"] == "field_accuracy"]
    assert [one["eval"] for one in points] == [two[0].id, two[1].id]
    assert [one["rate"] for one in points] == [pytest.approx(25 / 30), pytest.approx(20 / 30)]


def test_two_evals_are_compared_case_by_case(evaluator: Client, two: tuple[EvalRun, EvalRun]) -> None:
    shown = evaluator.get(f"/api/evals/{two[1].id}/compare/{two[0].id}").json()
    moved = {(one["case"], one["how"]) for one in shown["moved"]}
    assert moved == {("lost", "less_safe"), ("lost", "lost"), ("won", "won")}
    assert shown["regressed"] is True
    accuracy = next(one for one in shown["intervals"] if one["figure"] == "field_accuracy")
    assert accuracy["mean"] == pytest.approx((-1.0 + 0.5 + 0.0) / 3)
    assert accuracy["low"] < accuracy["mean"] < accuracy["high"]


def test_a_case_opens_at_its_artifact_and_lineage(evaluator: Client, two: tuple[EvalRun, EvalRun]) -> None:
    address = f"/api/evals/{two[1].id}/case"
    asked = {"suite": "outage-intake", "case": "lost", "against": two[0].id}
    shown = evaluator.get(address, params=asked).json()
    assert shown["now"]["artifact"] == "# The record\n"
    assert [one["kind"] for one in shown["now"]["lineage"]] == ["run_opened"]
    assert shown["now"]["lineage"][0]["actor"] == "u-intake"
    assert shown["now"]["unsafe"] == ["expected x; found y"]
    assert shown["before"]["passed"] == 1
    assert shown["before"]["artifact"] is None
    for suite, case in (("..", "lost"), ("outage-intake", "../lost"), ("outage-intake", "none")):
        assert evaluator.get(address, params={"suite": suite, "case": case}).status_code == 404


@pytest.mark.parametrize("name", ["ev_20260101000000_000000", "..%2f..", "lock"])
def test_an_eval_that_is_not_there(evaluator: Client, name: str) -> None:
    assert evaluator.get(f"/api/evals/{name}").status_code == 404


def test_an_eval_runs_in_the_background_one_at_a_time(house: House, evaluator: Client) -> None:
    assert evaluator.post("/api/evals", json={"names": ["/etc"]}).status_code == 422
    begun = evaluator.post("/api/evals", json={"names": ["quotes"]})
    assert begun.status_code == 202, begun.text
    name = begun.json()["id"]
    assert begun.json()["by"] == "x-eval"
    assert evaluator.post("/api/evals", json={"names": ["duties"]}).status_code == 409
    assert evaluator.get("/api/evals").json()["running"] == name
    seen = []
    with evaluator.stream("GET", f"/api/evals/{name}/events", timeout=240) as stream:
        seen += [line for line in stream.iter_lines() if line.startswith("data:")]
    assert '"finished"' in seen[-1]
    page = evaluator.get(f"/api/evals/{name}").json()
    assert page["row"]["holds"] is True
    assert page["suites"][0]["suite"] == "quotes"
    assert sum(one["of"] for one in page["suites"][0]["metrics"]) >= 1000
    assert Path(house.data / "evals" / name / "baseline" / "quotes.jsonl").is_file()
