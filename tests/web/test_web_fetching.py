"""Evidence from a connected system in the browser: asked, refused, stale, frozen, seen, over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from visitor import Visitor

CASE = "CASE-20417"

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(240)]


def case(visit: Callable[..., Visitor], name: str, **options: object) -> Visitor:
    """The lead in a case. The demo reads every case after its start, and its screenshots take their time."""
    lead = visit("Demo support lead", **options)
    lead.page.set_default_timeout(60_000)
    lead.open_case(name)
    return lead


def from_a_system(page: Page) -> Locator:
    page.get_by_role("button", name="More for this case").click()
    page.get_by_role("menuitem", name="Add evidence…").click()
    dialog = page.get_by_role("dialog", name="Add evidence")
    dialog.get_by_role("button", name="From a system").click()
    return dialog


def taken(page: Page, folder: Path | None, name: str) -> None:
    if folder is not None:
        page.screenshot(path=folder / f"{name}.png")


def test_an_answer_is_asked_for_and_becomes_evidence(visit: Callable[..., Visitor], screenshots: Path | None) -> None:
    lead = case(visit, CASE)
    page = lead.page
    dialog = from_a_system(page)
    question = dialog.get_by_label("What to ask")
    expect(question.locator("option")).to_have_text([
        "Deskline · Comments of a ticket", "Deskline · Ticket", "Customer records · Account with its plan",
        "Customer records · Contracts of an account",
    ])  # fmt: skip
    expect(dialog).to_contain_text("The scenario takes it for Support ticket export, rank 1.")
    taken(page, screenshots, "from-a-system-light")
    assert not lead.serious()

    # An id of another form is refused by the server, and nothing is asked.
    dialog.get_by_label("Ticket number").fill("../accounts/ACC-1")
    dialog.get_by_role("button", name="Fetch it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("an id of the form LUM-[0-9]{1,9} was expected")

    dialog.get_by_label("Ticket number").fill("LUM-1")
    dialog.get_by_role("button", name="Fetch it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("deskline: it answered 404: there is no such thing")
    taken(page, screenshots, "from-a-system-refused-light")
    # That a connected system has nothing is its word, and no fault of ours.
    lead.faults = [fault for fault in lead.faults if not fault.startswith("502 ")]

    dialog.get_by_label("Ticket number").fill("LUM-88213")
    dialog.get_by_role("button", name="Fetch it").click()
    expect(dialog.get_by_role("status")).to_contain_text("The answer is frozen")
    expect(dialog).to_contain_text("/tickets/LUM-88213/comments")
    expect(dialog).to_contain_text("18 Apr 09:28Z")
    taken(page, screenshots, "from-a-system-frozen-light")
    assert not lead.serious()
    dialog.get_by_role("button", name="Show the evidence").click()
    expect(dialog).to_have_count(0)
    row = page.locator(".ledger-row").filter(has_text="comments-LUM-88213.json")
    expect(row).to_contain_text("fetched from deskline /tickets/LUM-88213/comments")
    taken(page, screenshots, "from-a-system-ledger-light")
    row.click()
    source = page.get_by_role("region", name=re.compile("^Evidence comments-LUM-88213"))
    expect(source).to_contain_text("Which environment does the outage affect?")


def test_the_same_answer_adds_nothing_and_an_old_one_says_so(
    visit: Callable[..., Visitor], screenshots: Path | None
) -> None:
    lead = case(visit, CASE, viewport={"width": 390, "height": 844})
    page = lead.page
    for told, replaced in (("The answer is frozen", True), ("The case has this answer already", False)):
        dialog = from_a_system(page)
        dialog.get_by_label("What to ask").select_option(label="Customer records · Account with its plan")
        dialog.get_by_label("Account number").fill("ACC-40716")
        if replaced:
            dialog.get_by_label("Takes the place of").select_option("crm")
        taken(page, screenshots, "from-a-system-390")
        dialog.get_by_role("button", name="Fetch it").click()
        expect(dialog.get_by_role("status")).to_contain_text(told)
        expect(dialog).to_contain_text("17 Apr 03:00Z")
        expect(dialog).to_contain_text("stale")
        taken(page, screenshots, "from-a-system-stale-390")
        dialog.get_by_role("button", name="Close").click()


def test_it_can_be_read_in_the_dark(visit: Callable[..., Visitor], screenshots: Path | None) -> None:
    lead = case(visit, "CASE-20818-H", color_scheme="dark")
    dialog = from_a_system(lead.page)
    expect(dialog.get_by_label("Account id")).to_be_visible()
    taken(lead.page, screenshots, "from-a-system-dark")
    assert not lead.serious()
