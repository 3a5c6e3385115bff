"""The admin pages: two admins at work, by mouse and by keys, in every state that the pages have."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from demo_server import DemoServer
from playwright.sync_api import expect
from visitor import LOOKS, Visitor

from runtime.store import setting_rows
from runtime.store.database import Database
from runtime.store.setting_rows import Mark

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(400)]

TENANT = "tn-halvorsen-eu"
ADMIN = f"/admin/{TENANT}"
Visit = Callable[..., Visitor]


def put(admin: Visitor, path: str, body: dict[str, Any], at: str = ADMIN) -> Any:
    """An act over the API, as the page does it."""
    headers = {"X-CSRF-Token": admin.api("/me")["csrf"]}
    answer = admin.page.request.post(f"{admin.origin}/api{at}{path}", data=body, headers=headers)
    assert answer.ok, answer.text()
    return answer.json()


def evaluated(demo: DemoServer, name: str, version: int, sha256: str) -> None:
    """An evaluation that passed: the demo has no model that could make one."""
    body = {"sha256": sha256, "passed": True, "cases": 14, "failed": 0, "asked": 31, "model": "house-model-2"}
    body |= {"suites": ["contractor-access"], "misses": []}

    async def write() -> None:
        database = await Database.open(f"sqlite:///{demo.folder / 'casegate.db'}")
        seq = len(await setting_rows.marks(database, TENANT, "prompt", name)) + 1
        mark = Mark(name, seq, version, "evaluated", "acc_1", "", "2026-05-04T10:00:00Z", orjson.dumps(body).decode())
        await database.together(lambda connection: setting_rows.put_mark(connection, TENANT, "prompt", mark))
        await database.close()

    # The browser's own loop runs in this thread.
    import threading

    thread = threading.Thread(target=lambda: asyncio.run(write()))
    thread.start()
    thread.join()


def waits(admin: Visitor, case: str) -> None:
    """Until a case of the demo has come to its gate."""
    until = time.monotonic() + 120
    while admin.api(f"/cases?q={case}")["rows"][0]["state"] != "waiting":
        assert time.monotonic() < until, f"{case} does not come to its gate"
        time.sleep(0.5)


def draft(admin: Visitor, name: str, line: str) -> tuple[int, str]:
    """A version with one more line; its number and hash."""
    page = admin.api(f"{ADMIN}/prompts/{name}")
    text = page["versions"][-1]["text"] + f"- {line}\n"
    number = put(admin, f"/prompts/{name}/versions", {"text": text, "reason": "shorter sentences"})["version"]
    return number, admin.api(f"{ADMIN}/prompts/{name}")["versions"][0]["sha256"]


def test_a_prompt_from_draft_to_force_and_back(visit: Visit, demo: DemoServer) -> None:
    first, second = visit("Demo admin"), visit("Demo second admin")
    page = first.page
    page.keyboard.press("g")
    page.keyboard.press("d")
    first.open(f"{ADMIN}/prompts")
    page.get_by_role("link", name="answering").click()
    page.get_by_role("heading", name="answering", exact=True).wait_for()
    page.locator("body").press("n")
    text = page.get_by_label("Text")
    text.fill(text.input_value() + "- Name the source first.\n")
    expect(page.get_by_role("button", name="Keep as draft")).to_be_disabled()
    page.get_by_label("Why").fill("leads ask where it stands")
    page.get_by_role("button", name="Keep as draft").click()
    expect(page.locator(".prompt-text ins")).to_contain_text("Name the source first")
    expect(page.get_by_text("Not evaluated")).to_be_visible()
    expect(page.get_by_role("button", name="Evaluate")).to_be_disabled()
    shown = first.api(f"{ADMIN}/prompts/answering")["versions"][0]
    evaluated(demo, "answering", shown["version"], shown["sha256"])
    page.reload()
    expect(page.get_by_text("another admin puts it in force")).to_be_visible()

    second.open(f"{ADMIN}/prompts/answering?version={shown['version']}")
    second.page.get_by_role("button", name="Put in force").click()
    dialog = second.page.get_by_role("dialog")
    dialog.get_by_label("Why").fill("fine by me")
    dialog.get_by_role("button", name="Put in force").click()
    expect(second.page.locator(".versions li").first).to_contain_text("in force")

    page.reload()
    page.get_by_role("button", name="Go back to this").click()
    page.get_by_role("dialog").get_by_label("Why").fill("it reads worse")
    page.get_by_role("dialog").get_by_role("button", name="Go back").click()
    expect(page.locator(".versions li").last).to_contain_text("in force")


def test_scopes_that_only_take_away_need_one_person(visit: Visit) -> None:
    first = visit("Demo admin")
    first.open(f"{ADMIN}/tools?scenario=outage-intake")
    page = first.page
    page.get_by_role("checkbox", name="retrieval may read with search_evidence").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("This only takes away")).to_be_visible()
    page.get_by_label("Why").fill("it quotes too much")
    page.get_by_role("button", name="Propose these scopes").click()
    page.get_by_role("button", name="Put in force").click()
    page.get_by_role("dialog").get_by_label("Why").fill("until it is looked at")
    page.get_by_role("dialog").get_by_role("button", name="Put in force").click()
    expect(page.get_by_role("checkbox", name="retrieval may read with search_evidence")).not_to_be_checked()


def test_parameters_are_tried_on_waiting_runs_before_they_are_proposed(visit: Visit) -> None:
    first, second = visit("Demo admin"), visit("Demo second admin")
    waits(first, "CASE-20417")
    first.open(f"{ADMIN}/parameters/outage-intake")
    page = first.page
    page.get_by_label("confidence threshold core").fill("7")
    page.get_by_role("button", name="Try on waiting runs").click()
    expect(page.locator(".parameter .mark.failed")).to_contain_text("from 0")
    page.get_by_label("confidence threshold core").fill("0.99")
    page.get_by_role("button", name="Try on waiting runs").click()
    notice = page.locator(".parameter-form .notice strong")
    expect(notice).to_have_text("None of 1 waiting run would stand otherwise")
    page.get_by_label("Why").fill("fewer doubtful fields")
    page.get_by_role("button", name="Propose these values").click()
    expect(page.get_by_text("another admin puts it in force")).to_be_visible()
    second.open(f"{ADMIN}/parameters/outage-intake")
    second.page.get_by_role("button", name="Put in force").click()
    second.page.get_by_role("dialog").get_by_label("Why").fill("agreed")
    second.page.get_by_role("dialog").get_by_role("button", name="Put in force").click()
    expect(second.page.get_by_text("own value")).to_be_visible()


def test_a_preview_names_the_run_and_where_it_would_stand(visit: Visit) -> None:
    admin = visit("Demo admin")
    waits(admin, "CASE-31215")
    admin.open("/admin/tn-bancroft-na/parameters/outage-intake")
    page, tried = admin.page, admin.page.locator(".parameter-form .notice")
    page.get_by_label("Crm snapshot max age hours").fill("1")
    page.get_by_role("button", name="Try on waiting runs").click()
    expect(tried.locator("strong")).to_have_text("1 of 1 waiting run would stand otherwise")
    expect(tried.get_by_role("link")).to_have_text(["CASE-31215"])
    expect(tried.locator("ul.small li")).to_have_text([
        "waiting: exception release → resting: routed to exception review",
        re.compile("^another content of the document: "),
        "opens holds: h1", "opens holds: h2",
    ])  # fmt: skip


INCIDENTS = "/admin/tn-brask/policies/sev1-receipt"


def test_a_policy_set_from_bad_input_to_force_and_back(visit: Visit) -> None:
    first, second = visit("Demo admin"), visit("Demo second admin")
    page = first.page
    first.open("/admin/tn-brask/policies")
    expect(page.get_by_role("row", name=re.compile("sev1-receipt"))).to_contain_text("none kept here")
    page.get_by_role("link", name="sev1-receipt").click()

    # Rules without the choice that makes them count: one line, beside that choice, and the reader is taken there.
    approver = page.get_by_role("combobox", name="Second approver")
    approver.select_option("every change")
    page.get_by_label("Why").fill("the auditors asked")
    page.get_by_role("button", name="Propose these values").click()
    kept = page.get_by_role("combobox", name="Policy set")
    expect(kept).to_be_focused()
    expect(kept).to_have_accessible_description(re.compile("^“kept here”, or every rule below as shipped"))
    expect(page.get_by_text("Nothing was changed")).to_have_count(0)

    kept.select_option("kept here")
    evidence = page.get_by_role("group", name=re.compile("^Required evidence sev4"))
    evidence.get_by_label("ticket state").uncheck()
    page.get_by_role("button", name="Try on waiting runs").click()
    expect(evidence).to_be_focused()
    expect(evidence.locator(".mark.failed")).to_have_text("A list of 1 or more was expected, found 0")
    evidence.get_by_label("ticket state").press("Space")

    changes = page.get_by_role("region", name="What you change").get_by_role("listitem")
    expect(changes).to_have_text([
        "Policy set: each case brings its own → kept here", "Second approver: risk high and above → every change",
    ])  # fmt: skip
    waits(first, "P1-204")
    page.get_by_role("button", name="Try on waiting runs").click()
    tried = page.locator(".parameter-form .notice")
    expect(tried.get_by_role("link")).to_have_text(["P1-204"])
    expect(tried).to_contain_text("Policy results per action")
    page.get_by_role("button", name="Propose these values").click()
    versions = page.get_by_role("list", name="Versions").locator("> li")
    expect(versions.first).to_contain_text("another admin puts it in force")

    second.open(INCIDENTS)
    offered = second.page.get_by_role("list", name="Versions").locator("> li").first
    expect(offered.get_by_role("list", name="What it changes").get_by_role("listitem")).to_have_count(2)
    offered.get_by_role("button", name="Put in force").click()
    second.page.get_by_role("dialog").get_by_label("Why").fill("agreed")
    second.page.get_by_role("dialog").get_by_role("button", name="Put in force").click()
    expect(second.page.get_by_role("combobox", name="Policy set")).to_have_value("kept here")

    # Back to none: by a proposal, which again two people make.
    second.page.get_by_role("button", name="Propose again: shipped").click()
    expect(second.page.get_by_role("status").filter(has_text="The form has the values of shipped")).to_be_focused()
    second.page.get_by_label("Why").fill("each team knows better")
    second.page.get_by_role("button", name="Propose these values").click()
    first.open(INCIDENTS)
    page.get_by_role("button", name="Put in force").click()
    page.get_by_role("dialog").get_by_label("Why").fill("agreed")
    page.get_by_role("dialog").get_by_role("button", name="Put in force").click()
    expect(page.get_by_role("combobox", name="Policy set")).to_have_value("each case brings its own")


def test_people_are_taken_out_of_use_and_the_chain_says_so(visit: Visit) -> None:
    first = visit("Demo admin")
    first.open(f"{ADMIN}/people")
    page = first.page
    row = page.get_by_role("row").filter(has=page.get_by_role("button", name=re.compile("^Out of use"))).last
    name = row.locator("th strong").inner_text()
    row.get_by_role("button", name=re.compile("^Out of use")).click()
    page.get_by_role("dialog").get_by_label("Why").fill("left the company")
    page.get_by_role("dialog").get_by_role("button", name="Take out of use").click()
    gone = page.get_by_role("row").filter(has_text="left the company")
    expect(gone).to_contain_text(name)
    expect(gone).to_contain_text("out of use")
    page.get_by_role("link", name="What admins did").click()
    expect(page.get_by_role("list", name="Acts, newest first").locator("li").first).to_contain_text("left the company")
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_text("read and recomputed, none missing")).to_be_visible()


def test_a_long_list_of_people_and_acts_is_searched_and_read_from_its_newest_end(visit: Visit) -> None:
    admin = visit("Demo admin")
    page, tenant = admin.page, "/admin/tn-rivage-fr"
    for n in range(110):
        person = {"person": f"u-{n:03}", "email": f"{n:03}@demo.invalid", "name": f"Person {n:03}"}
        put(admin, "/people", {**person, "roles": ["duty_manager"], "reason": f"number {n:03}"}, tenant)
    admin.open(f"{tenant}/people")
    lines = page.locator(".admin-table tbody tr")
    expect(lines).to_have_count(100)
    page.get_by_role("button", name=re.compile("^Show .* more of")).click()
    expect(lines.filter(has_text="Person 109")).to_be_visible()
    page.locator("body").press("/")
    expect(page.get_by_label("Search in people")).to_be_focused()
    page.keyboard.type("proposed 107@")
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("Person 107")
    expect(page.get_by_role("status").filter(has_text="1 of")).to_be_visible()
    page.get_by_label("Search in people").fill("nobody of that name")
    expect(page.get_by_text("Nobody fits “nobody of that name”.")).to_be_visible()

    admin.open(f"{tenant}/audit")
    acts = page.get_by_role("list", name="Acts, newest first").locator("li")
    expect(acts).to_have_count(100)
    expect(acts.first).to_contain_text("number 109")
    page.get_by_role("button", name="Show older acts").click()
    expect(acts).to_have_count(110)
    expect(acts.last).to_contain_text("number 000")
    assert [int(one) for one in page.locator(".audit .seq").all_inner_texts()] == [*range(109, -1, -1)]
    expect(page.get_by_role("button", name="Show older acts")).to_have_count(0)

    for hours in range(30, 42):
        body = {"values": {"crm_snapshot_max_age_hours": hours}, "reason": f"{hours} hours"}
        put(admin, "/parameters/outage-intake/versions", body, tenant)
    admin.open(f"{tenant}/parameters/outage-intake")
    versions = page.get_by_role("list", name="Versions").locator("> li .version-head")
    expect(versions).to_have_count(9)
    expect(versions.last).to_contain_text("in force")
    page.get_by_role("button", name="Show all 13 versions").click()
    expect(versions).to_have_count(13)


def test_the_inbox_is_searched_and_shows_only_what_waits_for_the_reader(visit: Visit) -> None:
    reviewer = visit("Demo reviewer")
    waits(reviewer, "P1-204")
    page = reviewer.page
    reviewer.open("/approvals")
    page.get_by_role("table").wait_for()
    page.locator("body").press("/")
    page.keyboard.type("P1-204")
    page.wait_for_url(re.compile("q=P1-204"))
    lines = page.locator("tbody tr").filter(has=page.get_by_role("link"))
    expect(page.get_by_text("it is for security approver")).to_be_visible()
    expect(lines.filter(has_text="P1-204")).to_have_count(2)
    page.get_by_label("Only what waits for me").check()
    expect(lines).to_have_count(1)
    page.get_by_label("Search in approvals").fill("no case of that name")
    expect(page.get_by_text("Nothing that waits fits")).to_be_visible()
    assert not reviewer.serious()
    page.get_by_role("link", name="Show all that waits").click()
    expect(lines.nth(2)).to_be_visible()


def test_settings_are_for_admins(visit: Visit) -> None:
    lead = visit("Demo support lead")
    expect(lead.page.get_by_role("link", name="Admin")).to_have_count(0)
    lead.open(f"{ADMIN}/prompts")
    expect(lead.page.get_by_role("alert")).to_contain_text("Settings are for admins")
    auditor = visit("Demo auditor")
    auditor.page.get_by_role("link", name="Admin").click()
    expect(auditor.page.get_by_role("heading", name="What admins did")).to_be_visible()
    expect(auditor.page.get_by_role("link", name="Prompts")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS)
def test_no_admin_page_keeps_anyone_out(visit: Visit, demo: DemoServer, screenshots: Path | None, look: str) -> None:
    admin = visit("Demo admin", **LOOKS[look])
    number, sha256 = draft(admin, "drafting", f"Keep every sentence under 30 words ({look}).")
    evaluated(demo, "drafting", number, sha256)
    person = {"person": f"u-{look}", "email": f"{look}@demo.invalid", "name": "Nia Adeyemi", "roles": ["duty_manager"]}
    put(admin, "/people", {**person, "reason": "joins the duty rota"})
    found = []
    for name, path, shown in (
        ("admin-prompts", f"{ADMIN}/prompts", ".admin-table tbody tr"),
        ("admin-prompt", f"{ADMIN}/prompts/drafting?version={number}", ".prompt-text ins"),
        ("admin-prompt-new", f"{ADMIN}/prompts/drafting?view=new", ".prompt-input"),
        ("admin-tools", f"{ADMIN}/tools?scenario=contractor-access", ".scope-matrix tbody tr"),
        ("admin-connectors-none", f"{ADMIN}/connectors", ".notice"),
        ("admin-parameters", f"{ADMIN}/parameters", ".admin-table tbody tr"),
        ("admin-parameter", f"{ADMIN}/parameters/outage-intake", ".parameter"),
        ("admin-policies", f"{ADMIN}/policies", ".admin-table tbody tr"),
        ("admin-policy", f"{ADMIN}/policies/sev1-receipt", ".parameter"),
        ("admin-people", f"{ADMIN}/people", ".admin-table tbody tr"),
        ("admin-audit", f"{ADMIN}/audit", ".audit li"),
        ("admin-none", f"{ADMIN}/prompts/none", ".empty"),
    ):
        admin.open(path)
        admin.page.locator(shown).first.wait_for()
        admin.settled()
        if name == "admin-parameter":
            admin.page.locator(".parameter .input").first.fill("0.95")
        if screenshots is not None:
            admin.page.screenshot(path=screenshots / f"{name}-{look}.png")
        found += [f"{name}: {line}" for line in admin.serious()]
    assert not found, "\n".join(found)
