"""Requirements of OWASP's ASVS that no other test shows: what a browser, a proxy or a scanner would try first."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from house import Client, House
from receivers import free_port

from server.api.application import routed
from server.security import oidc
from server.settings import ServerSettings

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}


def test_no_other_origin_is_let_in(house: House, intake: Client) -> None:
    for answer in (intake.get("/api/me", headers=ORIGIN), intake.request("OPTIONS", "/api/me", headers=ORIGIN)):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_what_is_read_changes_nothing() -> None:
    """Reading is GET; the exceptions compute from what is sent and store nothing."""
    routes = [one for one in iter_route_contexts(routed().routes) if isinstance(one.original_route, APIRoute)]
    safe = {one.name for one in routes if set(one.methods or ()) <= {"GET", "HEAD"}}
    changing = re.compile(r"^(?:add|open|make|revoke|review|decide|say|object|cancel|retry|run_eval|sign_out)")
    assert not [name for name in safe if changing.match(str(name))]


def test_a_redirect_goes_to_a_place_of_ours(house: House) -> None:
    for path in ("/api/session/link/none", "/api/session/oidc/start", "/api/session/oidc/callback?state=x&code=y"):
        answer = httpx.get(house.base + path, params={"next": "https://elsewhere.example"}, follow_redirects=False)
        assert "elsewhere" not in answer.headers.get("location", "")


def test_every_answer_says_what_it_is(house: House, intake: Client) -> None:
    kinds = {
        "/api/me": "application/json",
        "/api/none": "application/problem+json",
        "/api/openapi.json": "application/json",
        "/": "text/html; charset=utf-8",
    }
    for path, kind in kinds.items():
        assert intake.get(path).headers["content-type"] == kind


def test_http_is_not_redirected(house: House) -> None:
    for path in ("/api/health", "/api/me", "/"):
        assert httpx.get(house.base + path, follow_redirects=False).status_code not in (301, 302, 307, 308)


def test_a_folder_is_not_listed(house: House, intake: Client) -> None:
    for path in ("/assets", "/assets/", "/.git/config", "/../pyproject.toml", "/%2e%2e/pyproject.toml"):
        text = intake.get(path).text
        assert "Index of" not in text
        assert "[project]" not in text
        assert "[core]" not in text


def test_trace_is_not_answered(house: House, intake: Client) -> None:
    for path in ("/api/me", "/", "/api/cases"):
        assert intake.request("TRACE", path, headers={"X-Secret": "seen"}).status_code in (403, 404, 405)


def test_signing_out_clears_what_the_browser_holds(house: House, intake: Client) -> None:
    answer = intake.delete("/api/session")
    assert answer.status_code == 204
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert intake.get("/api/me").status_code == 401


@pytest.mark.parametrize("member", ["actor", "by", "account", "tenant", "__proto__"])
def test_a_member_that_is_not_meant_is_refused(house: House, run: str, duty: Client, member: str) -> None:
    body = {"decision": "approve", "revision": "r1", member: "u-somebody"}
    headers = {"Idempotency-Key": "not-meant"}
    answer = duty.post(f"/api/runs/{run}/gates/exception_release/decisions", json=body, headers=headers)
    assert answer.status_code == 422
    assert duty.get(f"/api/runs/{run}").json()["approvals"] == []


def test_a_parameter_that_stands_twice_opens_nothing(house: House, run: str) -> None:
    stranger = house.sign_in("u-other", tenant="tn-osprey-us")
    assert stranger.get("/api/cases?tenant=tn-osprey-us&tenant=tn-halvorsen-eu").json()["rows"] == []
    assert stranger.get(f"/api/cases?q=none&q={run}").json()["rows"] == []


@contextmanager
def _logged(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The server as it is started, and what it writes to its standard error."""
    port, log = free_port(), tmp_path / "log"
    environment = {**os.environ, "CASEGATE_DATA": str(tmp_path / "data"), "CASEGATE_LOG_JSON": "true"}
    command = [sys.executable, "-m", "server.cli", "serve", "--port", str(port)]
    with log.open("wb") as out, subprocess.Popen(command, cwd=ROOT, env=environment, stderr=out) as process:
        base, until = f"http://127.0.0.1:{port}", time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{base}/api/health")
                break
            except httpx.ConnectError:
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.1)
        try:
            yield base, log
        finally:
            process.terminate()


def test_what_is_logged_of_sign_ins_and_of_what_a_request_says(tmp_path: Path) -> None:
    add = [sys.executable, "-m", "server.cli", "account", "add", "ana@house.example", "--password"]
    environment = {**os.environ, "CASEGATE_DATA": str(tmp_path / "data")}
    subprocess.run(add, cwd=ROOT, env=environment, input=b"a right long one\n", check=True, capture_output=True)
    with _logged(tmp_path) as (base, log):
        for password in ("a wrong long one", "a right long one"):
            httpx.post(f"{base}/api/session", json={"email": "ana@house.example", "password": password})
        httpx.get(f"{base}/api/runs/x%0a%7b%22event%22:%22forged%22%7d")
        httpx.get(f"{base}/api/me", headers={"X-Request-ID": 'a"} {"event":"forged'})
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    events = [line["event"] for line in lines]
    assert events.count("sign-in refused") == events.count("signed in") == 1
    assert events.count("request") >= 4
    assert all(line["timestamp"].endswith("Z") for line in lines)
    assert not re.search("forged|long one|ana@", log.read_text())


def test_the_cookie_of_a_sign_in_by_openid_is_host_bound() -> None:
    assert oidc.cookie(secure=True) == "__Host-casegate_oidc"
    assert not ServerSettings(host="0.0.0.0").plain_http
