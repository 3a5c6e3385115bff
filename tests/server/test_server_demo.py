"""The demo: cases of every scenario and people for them, put in once."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from graphs import catalogue
from server.demo import demo_cases

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"^ *(Demo [a-z0-9 ]+?)\s+(http\S+/api/session/link/\S+) *$", re.M)


def test_every_scenario_has_a_demo_case() -> None:
    with_one = {case.parents[1].name for case in demo_cases()}
    assert with_one == {
        short for short, folder in catalogue.folders().items() if list(folder.glob("cases/*/packet.yaml"))
    }


@contextmanager
def demo(folder: Path, port: int) -> Iterator[tuple[dict[str, str], float]]:
    """The command as a person runs it: (name → link, seconds until it serves)."""
    began = time.monotonic()
    with (folder / "out.txt").open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "demo", "--port", str(port)],
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "CASEGATE_DATA": str(folder / "data"), "PYTHONUNBUFFERED": "1"},
        )
    try:
        while not LINK.search((folder / "out.txt").read_text()):
            assert process.poll() is None, (folder / "out.txt").read_text()[-2000:]
            assert time.monotonic() - began < 120
            time.sleep(0.05)
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/api/health")
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        yield dict(LINK.findall((folder / "out.txt").read_text())), time.monotonic() - began
    finally:
        process.terminate()
        process.wait(30)


def test_twice_is_once(tmp_path: Path) -> None:
    seen, took = [], []
    for port in (18431, 18432):
        with demo(tmp_path, port) as (links, seconds):
            took.append(seconds)
            assert {"Demo support lead", "Demo reviewer", "Demo auditor", "Demo admin"} <= links.keys()
            for name, link in links.items():
                person = httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=False, timeout=30)
                assert person.get(link).status_code == 303, name
                assert person.get("/api/me").json()["name"] == name
            lead = httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=False, timeout=30)
            assert lead.get(links["Demo support lead"]).status_code == 303
            until = time.monotonic() + 120
            while (rows := lead.get("/api/cases?limit=200").json()["rows"]) and any(
                row["state"] == "working" for row in rows
            ):
                assert time.monotonic() < until
                time.sleep(0.2)
            seen.append({row["run"]: (row["state"], row["turn"]) for row in rows})
    assert seen[0] == seen[1]
    assert len(seen[0]) == len(demo_cases())
    assert "failed" not in {state for state, _ in seen[0].values()}
    assert took[0] < 180


def test_everybody_has_a_link_in_a_file_of_ones_own(tmp_path: Path) -> None:
    with demo(tmp_path, 18433) as (links, _):
        file = tmp_path / "data" / "demo-links.txt"
        assert file.stat().st_mode & 0o777 == 0o600
        rows = [line.split("\t") for line in file.read_text().splitlines()]
        assert len(rows) > len(links)
        for name, link, _roles in rows[len(links) :: 4]:
            person = httpx.Client(base_url="http://127.0.0.1:18433", follow_redirects=False, timeout=30)
            assert person.get(link).status_code == 303, name
            assert person.get("/api/cases").json()["total"] >= 1, name


def test_an_incident_is_worked_to_its_receipt(tmp_path: Path) -> None:
    """What is approved in the demo is done at its system, once, also after the demo was stopped and started."""
    log = tmp_path / "data" / "demo-acted-on" / "INC-7730-booking-gateway.jsonl"
    for port in (18434, 18435):
        with demo(tmp_path, port) as (links, _):
            by = {name: _signed_in(port, links[f"Demo {name}"]) for name in ("support lead", "reviewer", "reviewer 2")}
            (row,) = by["support lead"].get("/api/cases?q=INC-7730").json()["rows"]
            page = f"/api/runs/{row['run']}"
            _rested(by["support lead"], page)
            if port == 18434:
                for name, gate, action in (
                    ("reviewer", "action_approval", "reroute"),
                    ("reviewer 2", "second_approval", "reroute"),
                    ("reviewer 2", "closure_approval", None),
                ):
                    told = by[name].get(page).json()
                    assert [one["gate"] for one in told["waiting_on"]] == [gate]
                    body = {"decision": "approve", "revision": told["artifact"]["revision"], "action": action}
                    key = {"Idempotency-Key": f"{gate}-in-the-demo"}
                    answer = by[name].post(f"{page}/gates/{gate}/decisions", json=body, headers=key)
                    assert answer.status_code == 201, answer.text
                    _rested(by["support lead"], page)
            told = by["support lead"].get(page).json()
            assert told["outcome"] == "receipt_issued_with_open_items"
            assert [(one["state"], one["attempts"]) for one in told["effects"]] == [("done", 1)]
            assert "CHG-2291" in by["support lead"].get(f"{page}/receipt").text
    assert log.read_text().count('"PUT"') == 1
    for file in log.parent.glob("*.key"):
        assert file.stat().st_mode & 0o777 == 0o600


def _signed_in(port: int, link: str) -> httpx.Client:
    person = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
    assert person.get(link).status_code == 303
    person.headers["X-CSRF-Token"] = person.get("/api/me").json()["csrf"]
    return person


def _rested(person: httpx.Client, page: str) -> None:
    until = time.monotonic() + 120
    while person.get(page).json()["working"]:
        assert time.monotonic() < until
        time.sleep(0.2)
