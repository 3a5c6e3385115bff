"""Settings of a tenant over the API: versions, four eyes, evaluation, preview, people; and their chain."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from house import Client, House, case_packet, live_packet
from packets import TENANT, read_packet, write_packet
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from evals.cases import PacketCase
from runtime import prompts as loader
from runtime.model.chat_server import ChatServer, Reply
from runtime.store.database import Database
from server.cli import main

ADMIN = f"/api/admin/{TENANT}"
WHY = {"reason": "it reads better"}
DOUBTFUL = "two-customer-documents-name-different-products"
STRICTER = ["waiting: exception_release → resting: routed_to_exception_review", "opens holds: h1", "opens holds: h2"]
WITH = {"name": "extraction", "version": "own-1"}


@pytest.fixture
def first(house: House) -> Client:
    """An admin."""
    return house.sign_in("x-ada", global_roles=("admin",))


@pytest.fixture
def second(house: House) -> Client:
    """Another admin."""
    return house.sign_in("x-bea", global_roles=("admin",))


def test_a_prompt_without_a_passing_evaluation_is_not_put_in_force(first: Client, second: Client) -> None:
    text = loader.shared("drafting").text + "\nKeep every sentence under 30 words.\n"
    made = first.post(f"{ADMIN}/prompts/drafting/versions", json={"text": text, **WHY})
    assert (made.status_code, made.json()) == (201, {"version": 1})
    refused = second.post(f"{ADMIN}/prompts/drafting/versions/1/activation", json=WHY)
    assert refused.status_code == 409
    assert "has not passed an evaluation of exactly its text" in refused.json()["detail"]
    offline = first.post(f"{ADMIN}/prompts/drafting/versions/1/evaluation")
    assert offline.status_code == 409
    assert "no model is configured" in offline.json()["detail"]
    page = second.get(f"{ADMIN}/prompts/drafting").json()
    assert [(one["version"], one["state"]) for one in page["versions"]] == [(1, "draft"), (0, "active")]
    assert page["versions"][0]["author"] == "x-ada"
    assert page["versions"][0]["may_activate"] is False


def test_a_prompt_with_a_secret_or_the_same_text_is_not_taken(first: Client) -> None:
    shipped = loader.shared("drafting").text
    secret = first.post(f"{ADMIN}/prompts/drafting/versions", json={"text": shipped + "password=Tr0ub4dor&3x9", **WHY})
    assert (secret.status_code, "without secrets" in secret.json()["detail"]) == (422, True)
    same = first.post(f"{ADMIN}/prompts/drafting/versions", json={"text": shipped, **WHY})
    assert (same.status_code, "differs" in same.json()["detail"]) == (422, True)
    assert first.get(f"{ADMIN}/prompts/none").status_code == 404


@pytest.fixture
def model() -> Iterator[str]:
    """A model server that fills nothing in: an honest answer to every prompt."""
    answers = {
        "extraction": {"values": []},
        "reconciliation": {"pairs": []},
        "drafting": {"statements": []},
        "objections": {"objections": []},
        "supervisor": {"kind": "ask"},
        "retrieval": {"queries": [], "enough": True},
        "answering": {"sentences": [], "unanswered": True},
    }

    def answer(body: dict[str, Any]) -> Reply:
        told = body["messages"][0]["content"]
        agent = next(name for name in answers if told.startswith(loader.shared(name).text[:60]))
        return Reply((json.dumps(answers[agent]),))

    ready, over, where = threading.Event(), threading.Event(), []

    async def serve() -> None:
        async with ChatServer(answer) as server:
            where.append(server.url)
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield where[0]
    over.set()
    thread.join(10)


@pytest.fixture
def modelled(sqlite_url: str, tmp_path: Path, model: str) -> Iterator[House]:
    """A server with a model."""
    house = House(sqlite_url, tmp_path / "data", {"model_url": model, "model": "honest"}).start()
    yield house
    house.stop()


def judged_by(house: House, *cases: Path) -> None:
    """Judge prompts by these cases: the whole suites take minutes."""
    assert house._server is not None
    state = house._server.config.app.state  # type: ignore[union-attr]
    state.evaluations.cases = lambda _name: [PacketCase("of-the-test", one.name, one) for one in cases]


def evaluated(admin: Client, name: str, version: int) -> dict[str, Any]:
    """Evaluate a version, and what was found."""
    started = admin.post(f"{ADMIN}/prompts/{name}/versions/{version}/evaluation")
    assert started.status_code == 202, started.text
    until = time.monotonic() + 60
    while admin.get(f"{ADMIN}/prompts/{name}").json()["running"] is not None:
        assert time.monotonic() < until, "the evaluation does not end"
        time.sleep(0.1)
    page = admin.get(f"{ADMIN}/prompts/{name}").json()
    found: dict[str, Any] = next(one for one in page["versions"] if one["version"] == version)["evaluation"]
    return found


def test_from_draft_to_active_and_back(modelled: House, tmp_path: Path) -> None:
    first, second = (modelled.sign_in(name, global_roles=("admin",)) for name in ("x-ada", "x-bea"))
    packet = live_packet(tmp_path / "case")
    (packet / "expect.yaml").write_text("why: it waits\nsource: the card\nstatus: waiting\n", encoding="utf-8")
    judged_by(modelled, packet)
    text = loader.shared("extraction").text + "\nPrefer the earliest statement.\n"
    assert first.post(f"{ADMIN}/prompts/extraction/versions", json={"text": text, **WHY}).json() == {"version": 1}

    found = evaluated(first, "extraction", 1)
    assert found["passed"], found
    assert found["asked"] >= 1
    assert (found["model"], found["suites"]) == ("honest", ["of-the-test"])

    alone = first.post(f"{ADMIN}/prompts/extraction/versions/1/activation", json=WHY)
    assert (alone.status_code, "another admin" in alone.json()["detail"]) == (403, True)
    together = second.post(f"{ADMIN}/prompts/extraction/versions/1/activation", json=WHY)
    assert (together.status_code, together.json()) == (200, {"active": 1})

    intake = modelled.sign_in("u-intake", ("support_intake_specialist",))
    run = modelled.open(live_packet(tmp_path / "live"), intake)
    asked = [
        e for e in intake.get(f"/api/runs/{run}/lineage?limit=500").json()["entries"] if e["kind"] == "model_asked"
    ]
    hashed = next(one for one in first.get(f"{ADMIN}/prompts/extraction").json()["versions"] if one["version"] == 1)
    given = loader.filled(loader.Prompt(**WITH, sha256=hashed["sha256"], text=hashed["text"]), "outage-intake")
    assert {(e["agent"]["prompt"], e["agent"]["prompt_version"], e["agent"]["prompt_hash"]) for e in asked} == {
        ("extraction", given.version, given.sha256)
    }
    assert given.version.startswith("own-1")
    page = first.get(f"{ADMIN}/prompts/extraction").json()
    assert page["versions"][0]["counts"]["uses"] == len(asked) == len(page["uses"])
    assert (page["uses"][0]["run"], page["uses"][0]["seq"]) == (run, asked[-1]["seq"])

    out = tmp_path / "exported"
    told = CliRunner().invoke(main, ["prompts", "export", "--tenant", TENANT, "--out", str(out), "--db", modelled.url])
    assert told.exit_code == 0, told.output
    head, body = loader._split((out / "extraction.md").read_text(encoding="utf-8"))
    assert loader.digest_bytes(body.encode()) == hashed["sha256"]
    assert "version: own-1" in head
    assert sorted(one.name for one in out.iterdir()) == sorted(f"{name}.md" for name in loader.names())

    back = first.post(f"{ADMIN}/prompts/extraction/versions/0/activation", json={"reason": "it reads worse"})
    assert (back.status_code, back.json()) == (200, {"active": 0})
    kinds = [one["kind"] for one in first.get(f"{ADMIN}/audit").json()["entries"]]
    assert kinds == ["prompt_proposed", "prompt_evaluated", "prompt_activated", "prompt_rolled_back"]


def test_an_evaluation_that_misses_or_never_asks_does_not_count(modelled: House, tmp_path: Path) -> None:
    first = modelled.sign_in("x-ada", global_roles=("admin",))
    packet = live_packet(tmp_path / "case")
    (packet / "expect.yaml").write_text("why: it ends\nsource: the card\nstatus: finished\n", encoding="utf-8")
    judged_by(modelled, packet)
    for name in ("extraction", "answering"):
        text = loader.shared(name).text + "\nBe brief.\n"
        first.post(f"{ADMIN}/prompts/{name}/versions", json={"text": text, **WHY})
    missed = evaluated(first, "extraction", 1)
    assert (missed["passed"], missed["failed"]) == (False, 1)
    assert "status" in missed["misses"][0]
    (packet / "expect.yaml").write_text("why: it waits\nsource: the card\nstatus: waiting\n", encoding="utf-8")
    never = evaluated(first, "answering", 1)
    assert (never["passed"], never["failed"], never["asked"]) == (False, 0, 0)
    assert "no case asked the model with this text" in never["misses"][0]


def test_scopes_need_two_to_widen_and_one_to_narrow(house: House, first: Client, second: Client, run: str) -> None:
    house_intake = house.sign_in("u-intake", ("support_intake_specialist",))
    narrow = {"grants": {"extraction": ["search_evidence"]}, "reason": "retrieval quotes too much"}
    assert first.post(f"{ADMIN}/tools/outage-intake/versions", json=narrow).json() == {"version": 1}
    assert first.post(f"{ADMIN}/tools/outage-intake/versions/1/activation", json=WHY).json() == {"active": 1}
    house_intake.post(f"/api/runs/{run}/chat", json={"text": "What do the mails say?"})
    house.rest(TENANT, run)
    matrix = first.get(f"{ADMIN}/tools").json()
    (use,) = matrix["uses"]
    assert (use["run"], use["agent"], use["refused"], use["version"]) == (run, "retrieval", True, "outage-intake/1")
    wide = {"grants": {"extraction": ["search_evidence"], "retrieval": ["search_evidence"]}, "reason": "back"}
    assert first.post(f"{ADMIN}/tools/outage-intake/versions", json=wide).json() == {"version": 2}
    assert first.post(f"{ADMIN}/tools/outage-intake/versions/2/activation", json=WHY).status_code == 403
    assert second.post(f"{ADMIN}/tools/outage-intake/versions/0/activation", json=WHY).status_code == 409
    assert second.post(f"{ADMIN}/tools/outage-intake/versions/2/activation", json=WHY).json() == {"active": 2}
    house_intake.post(f"/api/runs/{run}/chat", json={"text": "What do the mails say about it?"})
    house.rest(TENANT, run)
    scopes = next(s for s in first.get(f"{ADMIN}/tools").json()["scenarios"] if s["scenario"] == "outage-intake")
    assert scopes["counts"] == [{"agent": "retrieval", "tool": "search_evidence", "used": 1, "refused": 1}]
    for bad in ({"stranger": ["search_evidence"]}, {"retrieval": ["send_mail"]}):
        refused = first.post(f"{ADMIN}/tools/outage-intake/versions", json={"grants": bad, "reason": "x"})
        assert refused.status_code == 422, bad


def test_parameters_are_checked_tried_and_pinned(
    house: House, first: Client, second: Client, run: str, intake: Client, tmp_path: Path
) -> None:
    page = first.get(f"{ADMIN}/parameters/outage-intake").json()
    ranged = next(one for one in page["fields"] if one["maximum"] is not None)
    out_of_range = {"values": {ranged["name"]: ranged["maximum"] + 1000, "none": 1}, "reason": "more"}
    refused = first.post(f"{ADMIN}/parameters/outage-intake/versions", json=out_of_range)
    assert refused.status_code == 422
    assert {one["place"] for one in refused.json()["faults"]} == {f"body.values.{ranged['name']}", "body.values.none"}

    before = intake.get(f"/api/runs/{run}").json()
    values = {"confidence_threshold_core": 1, "confidence_threshold_other": 1}
    preview = first.post(f"{ADMIN}/parameters/outage-intake/preview", json={"values": values})
    assert preview.status_code == 200, preview.text
    assert (preview.json()["looked"], preview.json()["waiting"]) == (1, 1)
    nothing = first.post(f"{ADMIN}/parameters/outage-intake/preview", json={"values": {}})
    assert nothing.json() == {"looked": 1, "waiting": 1, "effects": []}
    assert intake.get(f"/api/runs/{run}").json()["lineage"] == before["lineage"], "a preview writes nothing"

    proposed = first.post(f"{ADMIN}/parameters/outage-intake/versions", json={"values": values, "reason": "stricter"})
    assert proposed.json() == {"version": 1}
    assert first.post(f"{ADMIN}/parameters/outage-intake/versions/1/activation", json=WHY).status_code == 403
    assert second.post(f"{ADMIN}/parameters/outage-intake/versions/1/activation", json=WHY).json() == {"active": 1}
    later = house.open(live_packet(tmp_path / "later", case="CASE-90002"), intake)
    versions = {
        name: intake.get(f"/api/runs/{name}/lineage?limit=500&newest=true").json()["entries"][-1]["policy_version"]
        for name in (run, later)
    }
    assert versions[run] == intake.get(f"/api/runs/{run}/lineage").json()["entries"][0]["policy_version"]
    assert versions[later] != versions[run]


def test_a_preview_says_which_waiting_run_would_stand_otherwise(house: House, tmp_path: Path) -> None:
    packets = {name: case_packet(tmp_path / name, "outage-intake", DOUBTFUL) for name in ("ours", "own")}
    # What a packet sets itself comes before the tenant's value: the second run would stand as it does.
    own = {**read_packet(packets["own"]), "case": "CASE-OWN", "parameters": {"crm_snapshot_max_age_hours": 24}}
    write_packet(packets["own"], own)
    tenant, person = own["tenant"]["id"], next(one for one in own["people"] if one["id"] == own["requested_by"])
    opener = house.sign_in(person["id"], tuple(person["roles"]), tenant=tenant)
    admin = house.sign_in("x-adm", tenant=tenant, global_roles=("admin",))
    runs = {name: house.open(packet, opener) for name, packet in packets.items()}

    def stand() -> list[object]:
        pages = [opener.get(f"/api/runs/{run}").json() for run in runs.values()]
        return [(one["status"], one["artifact"], one["registers"]) for one in pages]

    before = stand()

    def preview(**values: object) -> dict[str, Any]:
        answer = admin.post(f"/api/admin/{tenant}/parameters/outage-intake/preview", json={"values": values})
        told: dict[str, Any] = answer.json()
        return told

    changed = {"run": runs["ours"], "case": read_packet(packets["ours"])["case"], "changes": STRICTER}
    found = preview(crm_snapshot_max_age_hours=1)
    (content,) = [one for one in found["effects"][0]["changes"] if one.startswith("another content of the document")]
    assert "Entitled response tier" in content, "what would be written otherwise is named"
    found["effects"][0]["changes"].remove(content)
    assert found == {"looked": 2, "waiting": 2, "effects": [changed]}
    assert preview(crm_snapshot_max_age_hours=24) == {"looked": 2, "waiting": 2, "effects": []}
    assert stand() == before, "a preview writes nothing"


def test_people_are_granted_by_two_and_taken_away_by_one(house: House, first: Client, second: Client) -> None:
    new = {"person": "u-nia", "email": "nia@house.example", "name": "Nia Adeyemi", "roles": ["duty_manager"], **WHY}
    assert first.post(f"{ADMIN}/people", json=new).json() == {"version": 1}
    assert first.post(f"{ADMIN}/people/u-nia/versions/1/activation", json=WHY).status_code == 403
    assert second.post(f"{ADMIN}/people/u-nia/versions/1/activation", json=WHY).json() == {"active": 1}
    rows = {one["person"]: one for one in first.get(f"{ADMIN}/people").json()["people"]}
    assert (rows["u-nia"]["roles"], rows["u-nia"]["member"]) == (["duty_manager"], True)
    overseer = first.post(f"{ADMIN}/people", json={**new, "roles": ["admin"]})
    assert (overseer.status_code, "given by whoever runs the server" in overseer.json()["detail"]) == (422, True)
    stolen = first.post(f"{ADMIN}/people", json={**new, "email": "mine@house.example"})
    assert (stolen.status_code, "an e-mail is not changed here" in stolen.json()["detail"]) == (409, True)
    less = first.post(f"{ADMIN}/people", json={**new, "roles": []}).json()["version"]
    assert first.post(f"{ADMIN}/people/u-nia/versions/{less}/activation", json=WHY).json() == {"active": less}
    more = second.post(f"{ADMIN}/people", json={**new, "roles": ["duty_manager", "support_leadership"]}).json()
    again = second.post(f"{ADMIN}/people/u-nia/versions/{more['version']}/activation", json=WHY)
    assert again.status_code == 403


def test_nobody_puts_in_force_what_concerns_himself(first: Client, second: Client) -> None:
    me = first.get("/api/me").json()
    mine = {"person": "x-ada", "email": me["email"], "name": "x-ada", "roles": ["duty_manager"], **WHY}
    assert second.post(f"{ADMIN}/people", json=mine).json() == {"version": 1}
    refused = first.post(f"{ADMIN}/people/x-ada/versions/1/activation", json=WHY)
    assert (refused.status_code, "himself" in refused.json()["detail"]) == (403, True)
    assert first.post(f"{ADMIN}/people/x-ada/deactivation", json=WHY).status_code == 403


def test_who_is_out_of_use_sees_nothing_and_cannot_decide(house: House, first: Client, duty: Client, run: str) -> None:
    assert duty.get(f"/api/runs/{run}").status_code == 200
    done = first.post(f"{ADMIN}/people/u-duty/deactivation", json={"reason": "left the company"})
    assert (done.status_code, done.json()) == (200, {"runs": 1})
    house.rest(TENANT, run)
    assert duty.get(f"/api/runs/{run}").status_code == 404
    assert duty.decide(run, "exception_release", "after-the-end").status_code == 404
    assert duty.get("/api/me").json()["memberships"] == []
    again = first.post(f"{ADMIN}/people/u-duty/deactivation", json=WHY)
    assert again.status_code == 409
    out = {one["person"]: one["out"] for one in first.get(f"{ADMIN}/people").json()["people"]}
    assert "left the company" in (out["u-duty"] or "")


def test_a_role_is_lent_for_a_time_and_only_ones_own(house: House, first: Client, duty: Client) -> None:
    taker = house.sign_in("u-kim")
    lent = {"taker": "u-kim", "role": "duty_manager", "valid_from": "2026-01-01T00:00:00Z", **WHY}
    until = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 20 * 86_400))
    start = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 86_400))
    lent |= {"valid_from": start, "valid_until": until}
    assert taker.post(f"{ADMIN}/delegations", json={**lent, "taker": "u-duty"}).status_code == 403
    made = duty.post(f"{ADMIN}/delegations", json=lent)
    assert made.status_code == 201, made.text
    assert taker.get("/api/me").json()["memberships"][0]["roles"] == ["duty_manager"]
    onward = taker.post(f"{ADMIN}/delegations", json={**lent, "taker": "x-ada"})
    assert onward.status_code == 403, "what is lent is not lent on"
    assert taker.delete(f"{ADMIN}/delegations/{made.json()['id']}").status_code == 404
    assert duty.delete(f"{ADMIN}/delegations/{made.json()['id']}").status_code == 204
    assert taker.get("/api/me").json()["memberships"][0]["roles"] == []
    assert duty.post(f"{ADMIN}/delegations", json=lent).status_code == 201
    assert taker.get("/api/me").json()["memberships"][0]["roles"] == ["duty_manager"]
    assert first.post(f"{ADMIN}/people/u-duty/deactivation", json=WHY).status_code == 200
    assert taker.get("/api/me").json()["memberships"][0]["roles"] == [], "it goes with who lent it"
    (shown, _) = first.get(f"{ADMIN}/people").json()["delegations"]
    assert shown["in_force"] is False


def test_a_token_is_revoked_by_an_admin_and_changes_no_settings(house: House, first: Client, duty: Client) -> None:
    made = first.post("/api/tokens", json={"name": "script", "scopes": ["read", "work"], "days": 1}).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    import httpx

    asked = httpx.get(f"{house.base}{ADMIN}/prompts", headers=bearer)
    assert asked.status_code == 200
    changed = httpx.post(f"{house.base}{ADMIN}/people/u-duty/deactivation", json=WHY, headers=bearer)
    assert changed.status_code == 403
    assert first.delete(f"{ADMIN}/tokens/{made['id']}").status_code == 204
    assert httpx.get(f"{house.base}{ADMIN}/prompts", headers=bearer).status_code == 401
    assert first.delete(f"{ADMIN}/tokens/none").status_code == 404


def test_what_admins_did_is_a_chain_that_verifies_and_shows_a_change(house: House, first: Client) -> None:
    for n in range(3):
        grants = {"retrieval": ["search_evidence"]} if n % 2 else {}
        first.post(f"{ADMIN}/tools/outage-intake/versions", json={"grants": grants, "reason": f"try {n}"})
    told = first.post(f"{ADMIN}/audit/verify").json()
    assert (told["intact"], told["entries"]) == (True, 3)
    runner = CliRunner()
    assert runner.invoke(main, ["lineage", "verify", "~admin", "--db", house.url]).exit_code == 0

    async def tamper(database: Database) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(
                sql("UPDATE lineage_content SET value = '\"x\"' WHERE case_id = '~admin' AND seq = 1")
            )

        await database.together(work)

    house.store(tamper)
    assert first.post(f"{ADMIN}/audit/verify").json()["intact"] is False
    broken = runner.invoke(main, ["lineage", "verify", "~admin", "--db", house.url])
    assert (broken.exit_code, "NOT intact" in broken.output) == (1, True)


def test_no_case_can_take_the_name_of_that_chain(house: House, intake: Client, tmp_path: Path) -> None:
    packet = live_packet(tmp_path / "packet", case="~admin")
    files = [("files", (p.name, p.read_bytes())) for p in packet.iterdir()]
    refused = intake.post("/api/cases", files=files)
    assert refused.status_code == 422
    assert "does not begin with" in refused.json()["detail"]
