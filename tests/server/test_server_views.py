"""Views: nothing masked leaves the server, and what evidence holds is text and never markup that runs (R7, R8)."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from house import Client, House, case_packet, live_packet
from packets import TENANT, read_packet, write_packet
from PIL import Image

from casefile.artifact import Artifact
from casefile.claims import Claim, Section
from casefile.views import View
from graphs import catalogue
from graphs.views import NOTHING
from guardrails.secrets import MASK
from server.views.chat import answer_view, chat_line
from server.views.mask import Mask

SECRET = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYXNlIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
IBAN = "DE89 3704 0044 0532 0130 00"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>[x](javascript:alert(3))"
ADDRESSES = (
    "", "/revisions", "/revisions/r1", "/revisions/r1/diff/r1", "/revisions/r1/exhibits", "/chat", "/evidence",
    "/evidence/notes",
    "/evidence/notes?locator=line=3", "/evidence/mail", "/evidence/tree", "/lineage?limit=1000",
    "/gates/exception_release", "/search?q=token", "/search?q=account", "/search?q=alert",
)  # fmt: skip


def packet_with(folder: Path, **files: bytes) -> Path:
    """The packet with more files; `notes_txt` becomes `notes.txt` with the id `notes`."""
    live_packet(folder)
    packet = read_packet(folder)
    for name, data in files.items():
        stem, _, extension = name.rpartition("_")
        (folder / f"{stem}.{extension}").write_bytes(data)
        packet["sources"].append({"id": stem, "file": f"{stem}.{extension}", "system": "attachment_store"})
    write_packet(folder, packet)
    return folder


@pytest.fixture
def secretive(house: House, intake: Client, tmp_path: Path) -> str:
    """A case whose evidence holds a secret, an account number and markup."""
    mail = (
        "From: Bram Aalders <bram.aalders@quillfeather.example>\nTo: intake@lumenary.example\n"
        f"Subject: {SCRIPT}\nDate: Mon, 04 May 2026 09:06:00 +0000\nContent-Type: text/plain\n\n"
        f"The token is {SECRET}\nRefund to account {IBAN}\n{SCRIPT}\n"
    )
    tree = {"authorization": SECRET, "account": IBAN, SCRIPT: SCRIPT, "note": "the token is above"}
    notes = f"one\nthe token: {SECRET}\nthe account: {IBAN}\n{SCRIPT}\n"
    files = {"mail_eml": mail.encode(), "tree_json": json.dumps(tree).encode(), "notes_txt": notes.encode()}
    return house.open(packet_with(tmp_path / "packet", **files), intake)


def everything(client: Client, run: str) -> dict[str, str]:
    """Every answer about a run, as it goes over the wire."""
    found = {}
    for address in ADDRESSES:
        answer = client.get(f"/api/runs/{run}{address}")
        assert answer.status_code == 200, (address, answer.text)
        assert answer.headers["content-type"] == "application/json"
        found[address] = answer.text
    return found


def test_secrets_reach_nobody_and_personal_data_only_the_annex(
    house: House, secretive: str, intake: Client, duty: Client
) -> None:
    for client in (intake, duty):
        client.post(f"/api/runs/{secretive}/chat", json={"text": f"is {SECRET} still valid, and {IBAN}?"})
        house.rest(TENANT, secretive)
    auditor = house.sign_in("x-audit", global_roles=("auditor",))
    for name, client in (("intake", intake), ("duty", duty), ("auditor", auditor)):
        for address, text in everything(client, secretive).items():
            assert "eyJzdWIiOiJjYXNlIn0" not in text, (name, address)
            if name != "duty":
                assert IBAN not in text, (name, address)
                assert IBAN.replace(" ", "") not in text, (name, address)
    shown = duty.get(f"/api/runs/{secretive}/search?q=account").text
    assert IBAN in shown
    hidden = intake.get(f"/api/runs/{secretive}/search", params={"q": "0532 0130"}).json()
    assert hidden["hits"] == []


def test_bytes_that_hold_what_is_masked_stay_in_the_store(secretive: str, intake: Client, duty: Client) -> None:
    for client in (intake, duty):
        for item in ("mail", "tree", "notes"):
            answer = client.get(f"/api/runs/{secretive}/evidence/{item}/raw")
            assert answer.status_code == 403
            assert "secret" in answer.json()["detail"]
        assert client.get(f"/api/runs/{secretive}/evidence/registry/raw").status_code == 403
    plain = intake.get(f"/api/runs/{secretive}/evidence/update/raw")
    assert plain.status_code == 200
    assert b"Environment: Test" in plain.content


def test_rows_of_other_tenants_are_not_shown(run: str, intake: Client, duty: Client) -> None:
    for client in (intake, duty):
        page = client.get(f"/api/runs/{run}/evidence/registry").json()
        assert page["rendering"]["kind"] == "table"
        assert page["rendering"]["total"] == 3
        assert "osprey" not in json.dumps(page).lower()
        assert client.get(f"/api/runs/{run}/search?q=osprey").json()["hits"] == []
        place = {"locator": "row=4,col=legal_name"}
        assert client.get(f"/api/runs/{run}/evidence/registry", params=place).json()["target"] is None


def test_markup_in_evidence_is_text(secretive: str, intake: Client) -> None:
    for address, text in everything(intake, secretive).items():
        json.loads(text)  # it is JSON and nothing else, whatever it quotes
        assert "<!doctype" not in text.lower(), address
    rendering = intake.get(f"/api/runs/{secretive}/evidence/notes").json()["rendering"]
    assert rendering["lines"][3]["text"] == SCRIPT
    assert intake.get(f"/api/runs/{secretive}/evidence/{SCRIPT}").status_code == 404


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page_html", b"<!doctype html><html><body><script>alert(1)</script>hello</body></html>"),
        ("svg_txt", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("js_txt", b"alert(document.cookie)"),
    ],
)
def test_raw_bytes_are_an_attachment_that_never_runs(
    house: House, duty: Client, intake: Client, tmp_path: Path, name: str, data: bytes
) -> None:
    run = house.open(packet_with(tmp_path / "packet", **{name: data}), intake)
    answer = duty.get(f"/api/runs/{run}/evidence/{name.partition('_')[0]}/raw")
    assert answer.status_code == 200
    assert answer.content == data
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_picture_is_painted_anew(house: House, intake: Client, tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20), "white")
    out = io.BytesIO()
    image.save(out, "PNG")
    hidden = out.getvalue() + b"<script>alert(1)</script>"
    run = house.open(packet_with(tmp_path / "packet", shot_png=hidden), intake)
    answer = intake.get(f"/api/runs/{run}/evidence/shot/picture")
    if answer.status_code == 403:
        assert "unread" in answer.json()["detail"]  # no Tesseract on this machine: unread is unchecked
        return
    assert answer.headers["content-type"] == "image/png"
    assert b"script" not in answer.content
    assert Image.open(io.BytesIO(answer.content)).size == (40, 20)


def test_file_names_with_markup_are_text(house: House, run: str, intake: Client) -> None:
    name = "<img src=x onerror=alert(1)>.txt"
    added = intake.post(f"/api/runs/{run}/evidence", files={"file": (name, b"hello there\n")})
    assert added.status_code == 202, added.text
    house.rest(TENANT, run)
    items = {item["file"]: item for item in intake.get(f"/api/runs/{run}/evidence").json()["items"]}
    assert name in items
    raw = intake.get(f"/api/runs/{run}/evidence/{items[name]['id']}/raw")
    assert "<" not in raw.headers["content-disposition"]


@pytest.mark.parametrize(
    ("item", "locator", "kind"),
    [
        ("ticket", "/ticket/environment", "tree"),
        ("update", "/headers/subject", "mail"),
        ("plans", "row=2,col=support_tier", "table"),
        ("schema", "/version", "tree"),
    ],
)
def test_a_citation_opens_at_its_place(run: str, intake: Client, item: str, locator: str, kind: str) -> None:
    page: dict[str, Any] = intake.get(f"/api/runs/{run}/evidence/{item}", params={"locator": locator}).json()
    assert page["rendering"]["kind"] == kind
    assert page["target"]["locator"] == locator
    assert page["target"]["text"]
    if kind != "mail":
        assert page["rendering"]["at"] is not None


def test_long_evidence_is_paged(house: House, intake: Client, tmp_path: Path) -> None:
    log = "".join(f"2026-05-04T09:00:00Z line number {n}\n" for n in range(1, 5001)).encode()
    run = house.open(packet_with(tmp_path / "packet", long_log=log), intake)
    page = intake.get(f"/api/runs/{run}/evidence/long?locator=line=4000&limit=50").json()["rendering"]
    assert page["total"] == 5000
    assert page["at"] == 4000
    assert len(page["lines"]) == 50
    assert "line number 4000" in json.dumps(page)
    first = intake.get(f"/api/runs/{run}/evidence/long?offset=0&limit=10").json()["rendering"]
    assert [line["locator"] for line in first["lines"]][:2] == ["line=1", "line=2"]


BRIGHTMOOR = "tn-brightmoor"


@pytest.fixture
def dispatched(house: House, tmp_path: Path) -> dict[str, Client]:
    """A case of a scenario that declares views, and who looks at it."""
    clients = {
        "team": house.sign_in("u-mila", ("support_trust_team",), tenant=BRIGHTMOOR),
        "approver": house.sign_in("u-odd", ("support_trust_approver",), tenant=BRIGHTMOOR),
        "auditor": house.sign_in("x-audit", tenant=BRIGHTMOOR, global_roles=("auditor",)),
    }
    run = house.open(case_packet(tmp_path / "case", "packet-dispatch", "approver-declines"), clients["team"])
    for client in clients.values():
        client.base_url = f"{house.base}/api/runs"
        client.headers["X-Test-Run"] = run
    return clients


def page_of(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get(client.headers["X-Test-Run"]).json()
    return found


def test_who_is_not_on_the_roster_has_the_queue_view_that_the_scenario_declares(dispatched: dict[str, Client]) -> None:
    view = next(s for s in catalogue.all_scenarios() if s.short == "packet-dispatch").views["queue"]
    page, queue = (page_of(dispatched[name]) for name in ("team", "auditor"))
    whole, part = page["artifact"]["fields"], queue["artifact"]["fields"]
    assert set(part) == {name for name in whole if name in view.fields} != set(whole)
    assert {s["id"] for s in queue["artifact"]["sections"]} <= set(view.sections)
    shown = {name for name, items in queue["registers"].items() if items}
    assert shown <= set(view.registers)
    assert {name for name, items in page["registers"].items() if items} - shown
    cited = [c["quote"] for f in part.values() for c in f["citations"]]
    assert cited
    assert set(cited) == {""}
    assert "Brightmoor" not in json.dumps(queue)
    assert "Brightmoor" in json.dumps(page)


def test_a_queue_view_without_quotes_shows_no_evidence_and_no_conversation(dispatched: dict[str, Client]) -> None:
    auditor, team = dispatched["auditor"], dispatched["team"]
    run = team.headers["X-Test-Run"]
    for item in ("evidence/broker", "evidence/duty"):
        texts = {
            line
            for line in json.dumps(team.get(f"{run}/{item}").json()["rendering"]).split('"')
            if len(line) > 25 and line[0] != "/"
        }
        hidden = auditor.get(f"{run}/{item}").text
        assert texts, item
        assert [text for text in texts if text in hidden] == [], item
    assert auditor.get(f"{run}/search?q=session").json()["hits"] == []
    assert team.get(f"{run}/search?q=session").json()["hits"] != []
    parts = [p["value"] for e in auditor.get(f"{run}/lineage?limit=1000").json()["entries"] for p in e["content"]]
    assert set(parts) == {MASK}


def test_who_answers_its_gates_sees_main_and_annex(dispatched: dict[str, Client]) -> None:
    scenario = next(s for s in catalogue.all_scenarios() if s.short == "packet-dispatch")
    page = page_of(dispatched["approver"])
    assert page["me"]["view"] == "annex"
    annex = scenario.views["annex"]
    have = {s["id"] for s in page["artifact"]["sections"]}
    assert have & set(annex.sections)
    assert set(page["artifact"]["fields"]) == set(page_of(dispatched["team"])["artifact"]["fields"])


def test_a_view_that_a_scenario_does_not_declare_shows_nothing() -> None:
    mask = Mask("queue", NOTHING)
    claim = Claim(id="c1", text="hush", status="unverified", author="agent:drafting")
    whole = Artifact(name="x", fields={}, registers={}, sections=[Section(id="s", title="S", claims=[claim])])
    assert mask.artifact(whole).sections == []
    assert not mask.view.shows_register("holds")


def test_the_run_has_the_contract_shape(house: House, run: str, duty: Client) -> None:
    page = duty.get(f"/api/runs/{run}").json()
    contract = {
        "contract", "scenario", "case", "run", "status", "outcome", "waiting_on", "artifact", "registers", "edits",
        "approvals", "refusals", "releases", "effects", "lineage", "model",
    }  # fmt: skip
    assert contract <= page.keys()
    assert page["artifact"].keys() >= {"name", "revision", "sha256", "supersedes", "fields", "sections"}
    assert set(page["registers"]) == {
        "contradictions", "holds", "blockers", "objections", "open_questions", "blocked_requests", "exceptions",
    }  # fmt: skip
    assert page["waiting_on"][0]["gate"] == "exception_release"
    assert page["waiting_on"][0]["people"] == ["Dag Holm", "Duty a", "Duty b", "Duty c"]
    assert page["may"]["decide"] == ["exception_release"]
    assert [s["name"] for s in page["steps"] if s["state"] == "waiting"] == ["gate"]


def test_a_diff_names_what_changed(house: House, run: str, intake: Client, duty: Client) -> None:
    added = intake.post(
        f"/api/runs/{run}/evidence",
        files={"file": ("mail2.eml", _mail("Affected regions: Bruges"))},
        data={"system": "shared_inbox"},
    )
    assert added.status_code == 202
    house.rest(TENANT, run)
    listed = duty.get(f"/api/runs/{run}/revisions").json()
    assert [r["revision"] for r in listed["revisions"]] == ["r1", "r2"]
    diff = duty.get(f"/api/runs/{run}/revisions/r1/diff/r2").json()
    assert not diff["same"]
    assert diff["items"]
    for item in diff["items"]:
        came = "".join(run["text"] for run in item["words"] if run["op"] == "added")
        assert came, f"{item['register']} {item['id']} {item['change']}, and nobody is told what"
    assert duty.get(f"/api/runs/{run}/revisions/r1/diff/r1").json()["same"]
    assert duty.get(f"/api/runs/{run}/revisions/r9").status_code == 404


def _mail(body: str) -> bytes:
    return (
        "From: Bram Aalders <bram.aalders@quillfeather.example>\nTo: intake@lumenary.example\nSubject: QF-1001\n"
        f"Date: Mon, 04 May 2026 09:58:00 +0000\nContent-Type: text/plain\n\n{body}\n"
    ).encode()


def test_a_line_of_the_chat_goes_with_the_part_of_the_record_that_it_tells() -> None:
    told = {
        "lines": [
            {"text": "Packet: TP-1", "of": "fields/packet_id", "citations": []},
            {"text": "Operator: op-7", "of": "fields/operator", "citations": []},
            {"text": "h1 stale", "of": "registers/holds", "citations": []},
            {"text": "a statement", "of": "sections/narrative", "citations": []},
            {"text": "a quote", "of": "", "citations": []},
        ]
    }
    view = View(fields=["packet_id"], sections=["manifest"], registers=["holds"])
    lines = [line.text for line in answer_view(told, {}, Mask("annex", view))["lines"]]
    assert lines == ["Packet: TP-1", "h1 stale", "a quote"]


def test_what_leans_on_its_quotes_is_marked_and_not_worded_as_a_mark() -> None:
    leaning = chat_line("The panel is refreshed by design [unverified]", [], Mask("annex"))
    assert (leaning.text, leaning.unverified) == ("The panel is refreshed by design", True)
    carried = chat_line("Whether it is [unverified] is open", [], Mask("annex"))
    assert (carried.text, carried.unverified) == ("Whether it is [unverified] is open", False)


def test_a_lineage_says_in_words_which_gate_was_opened(intake: Client, run: str) -> None:
    entries = intake.get(f"/api/runs/{run}/lineage?limit=1000").json()["entries"]
    (opened,) = [entry for entry in entries if entry["kind"] == "gate_opened"]
    assert opened["summary"] == "Casegate opened the gate “exception release”; on r1"
