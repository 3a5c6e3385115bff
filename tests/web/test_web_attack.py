"""Evidence, file names, chat and prompts that carry scripts: shown as text, nothing runs, no request leaves."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect
from visitor import Visitor, arrive

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))

from house import Client, House, live_packet
from packets import NAME, TENANT, read_packet, write_packet

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(400)]

AWAY = "attacker.example"
ATTACK = (
    "<script>probe('script')</script><img src=x onerror=\"probe('image')\"><svg onload=\"probe('svg')\"></svg>"
    "<iframe srcdoc=\"<script>parent.probe('frame')</script>\"></iframe><a href=\"javascript:probe('html')\">here</a> "
    f"[here](javascript:probe('link')) ![picture](https://{AWAY}/seen.png) [safe](https://{AWAY}/a?b=c) "
    f'<img src="https://{AWAY}/pixel.gif"><link rel=stylesheet href="https://{AWAY}/a.css">'
)
NAMED = "<img src=x onerror=probe('name')>.txt"
# Whatever in the page runs, leads away by a script, or fetches from elsewhere, by whichever element.
PLANTED = """() => [...document.querySelectorAll('*')].flatMap(one => {
  const found = [...one.attributes].filter(at => at.name.startsWith('on')).map(at => at.name);
  for (const at of ['href', 'src', 'action', 'formaction', 'xlink:href', 'srcdoc', 'data']) {
    const value = one.getAttribute(at) ?? '';
    if (/^\\s*(javascript|vbscript|data:text)/i.test(value) || value.includes('attacker.example')) found.push(value);
  }
  if (['IFRAME', 'OBJECT', 'EMBED'].includes(one.tagName)) found.push(one.tagName);
  if (one.tagName === 'SCRIPT' && !one.src.startsWith(location.origin + '/')) found.push('script');
  return found.map(what => `${one.tagName.toLowerCase()}: ${what}`);
})"""


@dataclass
class Watched:
    """A person's browser, and everything in it that no page of ours does."""

    visitor: Visitor
    ran: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def watch(self) -> Watched:
        """Be told of every call of the probe, of every dialog, and of every request."""
        context = self.visitor.context
        context.expose_function("probe", lambda what: self.ran.append(str(what)))
        context.on("page", lambda page: self.ran.append(f"opened {page.url}"))
        context.on("request", self._request)
        self.visitor.page.on("dialog", lambda dialog: self.ran.append(f"dialog {dialog.message}"))
        return self

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and not request.url.startswith(self.visitor.origin + "/"):
            self.left.append(request.url)
        # A picture named `x` would be asked of our own server.
        if parts.path.rsplit("/", 1)[-1] == "x":
            self.left.append(request.url)

    def harmless(self, where: str) -> None:
        """The page as it stands has nothing that could run, and nothing ran before."""
        assert self.visitor.page.evaluate(PLANTED) == [], where
        assert (self.ran, self.left, self.visitor.faults) == ([], [], []), where


@dataclass(frozen=True)
class Scene:
    """The case with the attacks, and its people."""

    house: House
    run: str
    intake: Client
    duty: Client
    admin: Client


def _mail(body: str, kind: str) -> str:
    return (
        f"From: Bram <bram.aalders@quillfeather.example>\nTo: intake@lumenary.example\nSubject: {ATTACK}\n"
        f"Date: Mon, 04 May 2026 09:20:00 +0000\nMIME-Version: 1.0\nContent-Type: {kind}; charset=utf-8\n\n{body}\n"
    )


def _packet(folder: Path) -> Path:
    packet = live_packet(folder)
    given = read_packet(packet)
    ticket = json.loads((packet / "ticket.json").read_text(encoding="utf-8"))
    ticket["ticket"] |= {"product": f"Workforce sign-in {ATTACK}", "notes": ATTACK}
    (packet / "ticket.json").write_text(json.dumps(ticket), encoding="utf-8")
    files = {
        NAMED: f"environment: Production\n{ATTACK}\n",
        "notes.md": f"# Notes {ATTACK}\n\n{ATTACK}\n",
        "page.html": f"<html><body><p onclick=\"probe('click')\">Login is down</p>{ATTACK}</body></html>",
        "rich.eml": _mail(f"<p>Login is down</p>{ATTACK}", "text/html"),
        "plain.eml": _mail(f"Login is down\n\n{ATTACK}", "text/plain"),
        "app.log": f"2026-05-04T09:00:00Z login failed {ATTACK}\n" * 3,
        "data.yaml": f"note: {json.dumps(ATTACK)}\n{json.dumps(ATTACK[:60])}: 1\n",
        "picture.png": f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"probe('picture')\">{ATTACK}</svg>",
    }
    for name, text in files.items():
        (packet / name).write_text(text, encoding="utf-8")
    with (packet / "rows.csv").open("w", encoding="utf-8", newline="") as rows:
        csv.writer(rows).writerows([["when", ATTACK], ["2026-05-04T09:00:00Z", ATTACK]])
    names = [*files, "rows.csv"]
    added = [{"id": f"a{number}", "file": name, "system": "shared_inbox"} for number, name in enumerate(names)]
    write_packet(packet, {**given, "sources": [*given["sources"], *added], "instructions": f"Prepare it. {ATTACK}"})
    return packet


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A case whose evidence attacks who reads it, with a chat, an objection and a decision that do."""
    folder = tmp_path_factory.mktemp("attack")
    house = House(f"sqlite:///{folder / 'store.db'}", folder / "data").start()
    intake = house.sign_in("u-intake", ("support_intake_specialist",))
    duty = house.sign_in("u-duty", ("duty_manager",))
    admin = house.sign_in("x-ada", global_roles=("admin",))
    run = house.open(_packet(folder / "packet"), intake, 120)
    said = intake.post(f"/api/runs/{run}/chat", json={"text": f"What do the mails say? {ATTACK}"})
    objected = intake.post(f"/api/runs/{run}/objections", json={"to": "business_impact", "text": ATTACK})
    prompt = {"text": f"Answer.\n{ATTACK}\n{{{{scenario}}}}\n", "reason": ATTACK[:400]}
    made = admin.post(f"/api/admin/{TENANT}/prompts/answering/versions", json=prompt)
    assert [one.status_code for one in (said, objected, made)] == [202, 202, 201], made.text
    house.rest(TENANT, run, 120)
    yield Scene(house, run, intake, duty, admin)
    house.stop()


def _shown(page: Page) -> None:
    """Until the page has what it was opened for, and asks for nothing more."""
    page.locator("main :is(article, section, table, .page, [role=tabpanel], .decide)").first.wait_for()
    expect(page.locator(".skeleton")).to_have_count(0)
    page.wait_for_load_state("load")


def test_nothing_of_a_case_runs_in_the_browser_of_who_reads_it(scene: Scene, browser: Browser) -> None:
    reader = Watched(arrive(browser, scene.intake)).watch()
    page, run = reader.visitor.page, scene.run
    items = scene.intake.get(f"/api/runs/{run}/evidence").json()["items"]
    assert NAMED in [item["file"] for item in items]
    reader.visitor.open(f"/runs/{run}")
    page.get_by_role("article").first.wait_for()
    expect(page.get_by_role("region", name="Conversation")).to_contain_text("<script>probe('script')</script>")
    reader.harmless("document and chat")
    tabs = ("evidence", "contradictions", "holds", "objections", "open_questions", "blocked_requests", "exceptions")
    places = [f"/runs/{run}?tab={tab}" for tab in tabs]
    places += [f"/runs/{run}?tab=evidence&ev={item['id']}" for item in items]
    places += [f"/runs/{run}/lineage", f"/runs/{run}/lineage?entry=1", "/cases", "/approvals"]
    shown = []
    for place in places:
        reader.visitor.open(place)
        _shown(page)
        reader.harmless(place)
        if "<img src=x onerror=" in page.locator("main").inner_text():
            shown.append(place)
    # The attack is there to be read, as text: in the list of files, and in each that a viewer shows.
    assert f"/runs/{run}?tab=evidence" in shown
    assert f"/runs/{run}?tab=objections" in shown
    readable = {item["id"] for item in items if item["file"] in (NAMED, "notes.md", "plain.eml", "app.log", "rows.csv")}
    assert {f"/runs/{run}?tab=evidence&ev={item}" for item in readable} <= set(shown)
    reader.visitor.close()


def test_a_search_for_it_and_a_file_that_is_added_with_its_name_show_it_as_text(
    scene: Scene, browser: Browser, tmp_path: Path
) -> None:
    reader = Watched(arrive(browser, scene.intake)).watch()
    page = reader.visitor.page
    reader.visitor.open(f"/runs/{scene.run}")
    page.get_by_role("article").first.wait_for()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Go to")
    palette.get_by_role("combobox").fill("probe")
    expect(palette.get_by_role("option").filter(has_text="probe('").first).to_be_visible()
    reader.harmless("palette")
    page.keyboard.press("Escape")
    evil = tmp_path / f"late {NAMED}"
    evil.write_text(ATTACK, encoding="utf-8")
    page.get_by_role("button", name="More for this case").click()
    page.get_by_role("menuitem", name="Add evidence…").click()
    page.get_by_label("File").set_input_files(evil)
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    reader.visitor.tab("Evidence").click()
    row = page.locator(".ledger-row").filter(has_text=f"late {NAMED}")
    row.click()
    expect(page.locator(".lines")).to_contain_text("<script>probe('script')</script>")
    reader.harmless("added file")
    reader.visitor.close()


def test_nothing_of_it_runs_for_who_approves_verifies_or_administers(scene: Scene, browser: Browser) -> None:
    approver = Watched(arrive(browser, scene.duty)).watch()
    page, run = approver.visitor.page, scene.run
    waits = scene.duty.get(f"/api/runs/{run}").json()
    gate, shown = waits["waiting_on"][0]["gate"], waits["artifact"]["revision"]
    for place in (f"/runs/{run}/approve/{gate}", "/approvals"):
        approver.visitor.open(place)
        _shown(page)
        approver.harmless(place)
    refused = scene.duty.decide(run, gate, "refuse-it", decision="reject", revision=shown, reason=ATTACK[:400])
    assert refused.status_code == 201, refused.text
    scene.house.rest(TENANT, run, 120)
    approver.visitor.open(f"/runs/{run}/receipt")
    page.locator(".verdict").wait_for()
    expect(page.locator(".receipt")).to_contain_text("<script>probe('script')")
    approver.harmless("receipt")
    approver.visitor.open(f"/runs/{run}?tab=decisions")
    _shown(page)
    approver.harmless("decisions")
    approver.visitor.close()

    admin = Watched(arrive(browser, scene.admin)).watch()
    page = admin.visitor.page
    for place, where in (
        (f"/admin/{TENANT}/prompts/answering?version=1", ".prompt-text"),
        (f"/admin/{TENANT}/audit", ".audit"),
    ):
        admin.visitor.open(place)
        expect(page.locator(where).first).to_contain_text("<script>probe('script')")
        admin.harmless(place)
    admin.visitor.close()


def test_the_probe_sees_what_it_is_there_to_see(scene: Scene, browser: Browser) -> None:
    """Without this, a probe that is blind would find every page harmless."""
    reader = Watched(arrive(browser, scene.intake)).watch()
    page = reader.visitor.page
    reader.visitor.open("/cases")
    page.get_by_role("heading", name="Cases").wait_for()
    page.evaluate("html => { document.querySelector('main').innerHTML = html; }", ATTACK)
    found = page.evaluate(PLANTED)
    assert {one.split(":")[0] for one in found} >= {"img", "svg", "a", "iframe", "link", "script"}
    page.evaluate("() => window.probe('called')")
    assert "called" in reader.ran
    # The policy of the page stops what would have run: the browser says so, and that is a fault of the visitor's.
    page.wait_for_function("() => document.querySelector('main img').complete")
    assert any("Content Security Policy" in fault or "Refused" in fault for fault in reader.visitor.faults)
    assert NAME not in found
    reader.visitor.close()
