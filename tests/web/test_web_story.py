"""The whole way of a case in the browser: worked by one lead, approved by another, reloaded at every step."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from visitor import Visitor

CASE = "CASE-20818-R"
SENTENCE = "The panel is refreshed every hour."

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(240)]


def test_a_case_is_worked_approved_and_released(visit: Callable[..., Visitor]) -> None:
    lead = visit("Demo support lead")
    lead.open_case(CASE)
    run = lead.run
    _chat(lead)
    _citation(lead)
    _edits(lead)
    _objection(lead)
    approved = _approve(visit("Demo reviewer"), run)
    released = lead.api(f"/runs/{run}")["releases"]
    assert [one["artifact_sha256"] for one in released] == [approved]
    _seen_by_the_lead(lead, run)


def _chat(lead: Visitor) -> None:
    page = lead.page
    page.get_by_role("textbox", name="Write to the agents").fill(f'Add "{SENTENCE}" to corrections')
    page.keyboard.press("Enter")
    conversation = page.get_by_role("region", name="Conversation")
    expect(conversation).to_contain_text(SENTENCE)
    # The turn tells what the agents do, and folds when it is done.
    expect(conversation.get_by_text(re.compile(r"Worked through \d+ step"))).to_be_visible()
    expect(page.get_by_role("group", name="Proposed edit e3")).to_contain_text(SENTENCE)
    lead.reload()
    expect(page.get_by_role("region", name="Conversation")).to_contain_text(SENTENCE)
    expect(page.get_by_role("group", name="Proposed edit e3")).to_be_visible()


def _citation(lead: Visitor) -> None:
    page = lead.page
    page.get_by_role("link", name=re.compile(r"Citation .*: idp, .user.deactivated_at")).first.click()
    source = page.get_by_role("region", name="Evidence idp")
    expect(source.locator(".hit")).to_contain_text("/user/deactivated_at")
    expect(source.locator(".hit mark")).to_have_text("2026-06-02T09:00:10Z")
    lead.reload()
    expect(page.get_by_role("region", name="Evidence idp").locator(".hit mark")).to_have_text("2026-06-02T09:00:10Z")
    page.go_back()
    expect(page.get_by_role("region", name="Conversation")).to_be_visible()


def _edits(lead: Visitor) -> None:
    page = lead.page
    page.locator("body").press("n")
    expect(page.get_by_role("group", name="Proposed edit e1")).to_have_attribute("aria-current", "true")
    page.keyboard.press("a")
    expect(page.get_by_role("group", name="Proposed edit e1")).to_have_count(0)
    expect(page.get_by_role("group", name="Proposed edit e2")).to_have_attribute("aria-current", "true")
    page.keyboard.press("r")
    page.get_by_role("textbox", name="Reason for the rejection").fill("one correction is enough")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Proposed edit e2")).to_have_count(0)
    expect(page.get_by_role("group", name="Proposed edit e3")).to_have_attribute("aria-current", "true")
    page.keyboard.press("a")
    expect(page.get_by_role("group", name="Proposed edit e3")).to_have_count(0)
    lead.reload()
    states = {edit["id"]: edit["state"] for edit in lead.api(f"/runs/{lead.run}")["edits"]}
    assert states == {"e1": "accepted", "e2": "rejected", "e3": "accepted"}
    expect(page.get_by_role("article").first).to_contain_text(SENTENCE)
    expect(page.get_by_role("group", name=re.compile("Proposed edit"))).to_have_count(0)
    _rejected(lead)


def _rejected(lead: Visitor) -> None:
    """A rejected edit is folded in its section; the conversation leads to it, with its words, the person and why."""
    page = lead.page
    edit = next(one for one in lead.api(f"/runs/{lead.run}")["edits"] if one["id"] == "e2")
    shown = page.get_by_role("group", name="Rejected edit e2")
    expect(shown).to_have_count(0)
    page.get_by_role("region", name="Conversation").get_by_role("link", name="e2", exact=True).last.click()
    expect(shown).to_be_visible()
    expect(shown).to_contain_text(edit["after"] or edit["before"])
    expect(shown).to_contain_text(f"rejected by {edit['decided_by_name']}: one correction is enough")
    expect(shown.get_by_role("button", name="Accept")).to_have_count(0)


def _objection(lead: Visitor) -> None:
    page = lead.page
    page.locator("body").press("o")
    dialog = page.get_by_role("dialog", name="Object")
    dialog.get_by_role("textbox").fill("The refresh log of the panel is still missing.")
    dialog.get_by_role("button", name="Raise the objection").click()
    expect(lead.tab("Objections")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel")).to_contain_text("The refresh log of the panel is still missing.")
    lead.reload()
    expect(page.get_by_role("tabpanel")).to_contain_text("The refresh log of the panel is still missing.")


def _approve(reviewer: Visitor, run: str) -> str:
    """Approve the handoff; the hash of what was approved."""
    page = reviewer.page
    page.get_by_role("link", name=re.compile("Approvals")).click()
    expect(page.get_by_role("row").filter(has_text=CASE).first).to_contain_text("waits for you")
    reviewer.open_case(CASE)
    page.get_by_role("link", name="Internal handoff approval…").click()
    expect(page.get_by_role("heading", name="Internal handoff approval")).to_be_visible()
    reviewer.reload()
    expect(page.get_by_role("main")).to_contain_text("The refresh log of the panel is still missing.")
    bound: str = reviewer.api(f"/runs/{run}/gates/internal_handoff_approval")["revision"]["sha256"]
    page.get_by_role("button", name=re.compile(r"^Approve r\d")).click()
    expect(page.get_by_text("You answered: approve")).to_be_visible()
    page.get_by_role("link", name="Open the case").click()
    expect(page.locator(".case-bar")).to_contain_text("handoff approved")
    return bound


def _seen_by_the_lead(lead: Visitor, run: str) -> None:
    page = lead.page
    expect(page.locator(".case-bar")).to_contain_text("handoff approved")
    lead.open(f"/runs/{run}?tab=decisions")
    expect(page.get_by_role("tabpanel")).to_contain_text("left through engineering escalation queue")
    lead.open(f"/runs/{run}/lineage")
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_role("dialog")).to_contain_text("The chain is intact")
