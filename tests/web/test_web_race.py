"""Two people, one gate; and a connection that breaks and comes back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from demo_server import DemoServer
from playwright.sync_api import Page, expect
from visitor import Visitor

CASE = "CASE-20818-R"
DECIDED = re.compile("You answered: approve")
TOLD = re.compile(r"was first: approve|answered: approve\.|answered: approve ")

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(240)]


def test_of_two_reviewers_who_click_at_once_one_wins_and_the_other_is_told(
    visit: Callable[..., Visitor],
) -> None:
    first, second = visit("Demo reviewer"), visit("Demo reviewer 2")
    for reviewer in (first, second):
        reviewer.open_case(CASE)
        reviewer.page.get_by_role("link", name="Internal handoff approval…").click()
        reviewer.page.get_by_role("button", name=re.compile(r"^Approve r\d")).wait_for()
    run = first.run
    for reviewer in (first, second):
        _click_soon(reviewer.page)
    for reviewer in (first, second):
        expect(reviewer.page.locator(".decide")).to_contain_text(re.compile(f"{DECIDED.pattern}|{TOLD.pattern}"))
    feet = [reviewer.page.locator(".decide").inner_text() for reviewer in (first, second)]
    winners = [foot for foot in feet if DECIDED.search(foot)]
    losers = [foot for foot in feet if not DECIDED.search(foot)]
    assert len(winners) == 1
    assert len(losers) == 1
    assert re.search("Mara Lindt|Henrik Aas", losers[0])
    for reviewer in (first, second):
        expect(reviewer.page.get_by_role("button", name=re.compile(r"^Approve r\d"))).to_have_count(0)
    first.open(f"/runs/{run}")
    expect(first.page.locator(".case-bar")).to_contain_text("handoff approved")
    approvals = first.api(f"/runs/{run}")["approvals"]
    assert [one["state"] for one in approvals if one["gate"] == "internal_handoff_approval"].count("valid") == 1
    assert len(first.api(f"/runs/{run}")["releases"]) == 1


def test_what_happens_while_the_connection_is_lost_is_on_the_page_afterwards(
    visit: Callable[..., Visitor], demo: DemoServer
) -> None:
    lead = visit("Demo support lead")
    lead.open_case("CASE-20818-F")
    page = lead.page
    demo.stop()
    expect(page.get_by_text("The live connection is lost")).to_be_visible()
    expect(page.get_by_role("article").first).to_be_visible()
    demo.start()
    expect(page.get_by_text("The live connection is lost")).to_have_count(0, timeout=30_000)
    page.get_by_role("textbox", name="Write to the agents").fill("Which sessions does the log list?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Conversation")).to_contain_text("Which sessions does the log list?")


def test_a_page_that_is_being_read_says_what_moved_and_takes_its_button_away(visit: Callable[..., Visitor]) -> None:
    reader, lead = visit("Demo support lead"), visit("Demo support lead")
    reader.open_case("CASE-20818-H")
    run = reader.run
    reader.open(f"/runs/{run}/approve/internal_handoff_approval")
    button = reader.page.get_by_role("button", name=re.compile(r"^Approve r1"))
    expect(button).to_be_visible()
    lead.open(f"/runs/{run}")
    lead.page.get_by_role("group", name="Proposed edit e1").get_by_role("button", name="Accept").click()
    expect(reader.page.get_by_text("This moved while you were reading")).to_be_visible()
    expect(reader.page.get_by_text("The document is now r2; you are reading r1.")).to_be_visible()
    expect(button).to_have_count(0)
    reader.page.get_by_role("button", name="Read r2").click()
    expect(reader.page.get_by_role("button", name=re.compile(r"^Approve r2"))).to_be_visible()


def _click_soon(page: Page) -> None:
    """Click the approval in half a second, so that two pages do it at the same moment."""
    page.evaluate(
        """() => {
            const button = document.querySelector(".decide button.first");
            setTimeout(() => button.click(), 500 - (Date.now() % 500) + 500);
        }"""
    )
