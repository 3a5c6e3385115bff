"""Results as their readers think of them: drawn for each scenario, led back to evidence, for every size and theme."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from visitor import Visitor

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(600)]

LOOKS: dict[str, dict[str, object]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "narrow": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "has_touch": True},
    "narrow-dark": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}, "has_touch": True},
}
# Case of the demo, exhibit, and what stands in it when it is drawn.
DRAWN = [
    ("C-5512-226", "hypotheses", "tr.leads"),
    ("C-5512-226", "timeline", ".point.gap rect"),
    ("TUNE-5065", "rates", ".frozen-strip"),
    ("INC-6506", "week", ".candidate.chosen rect"),
    ("CR-3", "options", ".limit.failed"),
    ("TE-6", "options", ".blocked-paths"),
    ("CASE-20818-H", "account", ".moment"),
    ("P1-204", "plan", "tr.stopped"),
    ("CASE-7301", "manifest", "td"),
    ("CASE-5503", "corroboration", ".sign.supports"),
]


# The demo works its cases one after the other: a case is there when its first revision is.
PATIENCE = 180_000


def opened(visitor: Visitor, case: str) -> None:
    """Open a case from the list, found by its number: far rows are not drawn. Then wait for its document."""
    visitor.open(f"/cases?q={case}")
    visitor.page.get_by_role("link", name=case, exact=True).click()
    visitor.page.get_by_role("article").first.wait_for(timeout=PATIENCE)


def drawn(page: Page, name: str, shown: str) -> None:
    """Wait until an exhibit is drawn, and bring it to the top."""
    exhibit = page.locator(f"#exhibit-{name}")
    exhibit.locator(shown).first.wait_for(state="attached", timeout=PATIENCE)
    exhibit.scroll_into_view_if_needed()
    expect(exhibit).to_be_in_viewport()


def serious(visitor: Visitor) -> list[str]:
    """What axe finds, with the document at its top: under its head that stays, a row that is scrolled by is cut off."""
    visitor.page.locator(".doc").evaluate("document => { document.scrollTop = 0; }")
    return visitor.serious()


def confirm_scope(lead: Visitor) -> None:
    """The brief of obligations is written when a person has confirmed its scope."""
    opened(lead, "OBL-3540")
    run = lead.run
    lead.open(f"/runs/{run}/approve/scope_confirmation")
    lead.page.get_by_role("button", name=re.compile("^Approve")).last.click()
    lead.page.wait_for_url(re.compile(r"/runs/|/approvals"))
    lead.open(f"/runs/{run}")
    drawn(lead.page, "obligations", "tr.apart")


@pytest.mark.parametrize("look", LOOKS)
def test_every_exhibit_is_drawn_and_keeps_nobody_out(
    visit: Callable[..., Visitor], screenshots: Path | None, look: str
) -> None:
    lead = visit("Demo support lead", **LOOKS[look])
    found = []
    for case, name, shown in DRAWN:
        opened(lead, case)
        drawn(lead.page, name, shown)
        wide = lead.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{case}: the page itself scrolls sideways"
        if screenshots is not None:
            lead.page.screenshot(path=screenshots / f"exhibit-{case}-{name}-{look}.png")
        found += [f"{case} {name}: {line}" for line in serious(lead)]
    assert not found, "\n".join(found)


def test_a_clause_opens_beside_the_table_and_old_promises_stand_apart(
    visit: Callable[..., Visitor], screenshots: Path | None
) -> None:
    lead = visit("Demo support lead")
    confirm_scope(lead)
    page = lead.page
    table = page.locator("#exhibit-obligations table")
    rows = table.locator("tbody tr")
    words = [re.sub(r"\s+", " ", one) for one in rows.all_inner_texts()]
    heading = next(n for n, text in enumerate(words) if text.startswith("Not in force"))
    assert any("in force" in text for text in words[:heading])
    assert all("sunset" in text or "superseded" in text or "expired" in text for text in words[heading + 1 :])
    table.get_by_role("link", name="RN-2026-4 · Renewal Agreement, Section 2.3").click()
    source = page.get_by_role("region", name=re.compile("^Evidence "))
    expect(source.locator(".hit").first).to_contain_text("30 minutes")
    expect(table.locator("tr.aimed")).to_have_count(1)
    if screenshots is not None:
        page.screenshot(path=screenshots / "exhibit-obligations-clause-light.png")
    assert not serious(lead)
    lead.reload()
    assert "of=" in page.url
    expect(table.locator("tr.aimed")).to_have_count(1)
    table.locator("tr.apart a.opens").first.click(modifiers=["Alt"])
    expect(page.locator(".source-pair")).to_be_visible()


def test_a_hypothesis_unfolds_by_keyboard_and_its_arguments_lead_to_their_records(
    visit: Callable[..., Visitor], screenshots: Path | None
) -> None:
    lead = visit("Demo support lead")
    opened(lead, "C-5512-226")
    page = lead.page
    drawn(page, "hypotheses", "tr.leads")
    fold = page.get_by_role("button", name=re.compile("H2 stale"))
    fold.focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    arguments = page.get_by_role("list", name=re.compile("What is said about H2"))
    expect(arguments).to_be_visible()
    if screenshots is not None:
        page.screenshot(path=screenshots / "exhibit-hypothesis-unfolded-light.png")
    lead.reload()
    expect(arguments).to_be_visible()
    arguments.get_by_role("link").first.click()
    expect(page.get_by_role("region", name=re.compile("^Evidence ")).locator(".hit").first).to_be_visible()
    expect(arguments).to_be_visible()
    assert not serious(lead)


def test_the_words_that_are_drawn_are_folded_until_a_citation_leads_to_them(visit: Callable[..., Visitor]) -> None:
    lead = visit("Demo support lead")
    opened(lead, "CR-3")
    page = lead.page
    drawn(page, "options", ".limit.failed")
    fold = page.locator("details.folded").filter(has=page.locator("#section-options"))
    expect(fold).not_to_have_attribute("open", "")
    page.locator("#exhibit-options .limit.failed a.opens").first.click()
    expect(fold).to_have_attribute("open", "")
    expect(fold.locator(".claim.aimed")).to_have_count(1)


def test_edits_are_never_behind_a_fold(visit: Callable[..., Visitor]) -> None:
    lead = visit("Demo support lead")
    opened(lead, "CASE-20818-H")
    drawn(lead.page, "account", ".moment")
    lead.page.locator("body").press("n")
    expect(lead.page.locator(".edit").first).to_be_visible()


def test_who_oversees_sees_what_his_view_shows(visit: Callable[..., Visitor]) -> None:
    lead = visit("Demo support lead")
    opened(lead, "CASE-7301")
    run = lead.run
    auditor = visit("Demo auditor")
    answer = auditor.api(f"/runs/{run}/revisions/r1/exhibits")
    held = {one["name"]: one["withheld"] for one in answer["exhibits"]}
    assert held["references"], "the queue view of this scenario shows no references"
    auditor.open(f"/runs/{run}")
    expect(auditor.page.locator("#exhibit-references")).to_contain_text("does not show all that this is drawn from")
    assert not serious(auditor)


def test_an_approver_sees_the_exhibits_of_the_revision_that_he_answers_for(visit: Callable[..., Visitor]) -> None:
    lead = visit("Demo support lead")
    opened(lead, "C-5512-472")
    page = lead.page
    lead.open(f"/runs/{lead.run}/approve/primary_cause_declaration")
    drawn(page, "hypotheses", "tr.leads")
    fold = page.get_by_role("button", name=re.compile("H2 stale"))
    fold.click()
    expect(page.get_by_role("list", name=re.compile("What is said about H2"))).to_be_visible()
    assert "/approve/" in page.url, "a row unfolds on the page that is read"
    page.reload()
    expect(page.get_by_role("list", name=re.compile("What is said about H2"))).to_be_visible()
    expect(page.locator(".approval .claim").first).to_be_visible()
    assert not lead.serious()
