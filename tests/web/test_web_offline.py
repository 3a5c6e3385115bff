"""Parts of the workspace that are fetched when they are first shown, and a connection that is not there then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from visitor import Visitor

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(240)]

FILES = "**/assets/**"


def _to_case(page: Page, case: str) -> None:
    """Go to a case without loading the workspace again."""
    page.get_by_role("link", name="Cases", exact=True).first.click()
    page.get_by_role("searchbox").fill(case)
    page.get_by_role("link", name=case, exact=True).click()
    page.get_by_role("article").first.wait_for()


def test_a_page_opened_without_a_connection_says_so_in_its_place_and_comes_by_itself(
    visit: Callable[..., Visitor],
) -> None:
    lead = visit("Demo support lead")
    page = lead.page
    lead.context.set_offline(True)
    page.get_by_role("link", name="Scenarios").click()
    lost = page.get_by_role("main").get_by_role("alert")
    expect(lost).to_contain_text("There is no connection")
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    lost.get_by_role("button", name="Try again").click()
    expect(lost.get_by_role("button", name="Try again")).to_be_enabled()
    lead.context.set_offline(False)
    expect(page.get_by_role("heading", name="Scenarios")).to_be_visible()
    expect(lost).to_have_count(0)
    bare = "[...document.querySelectorAll('link[rel=stylesheet]')].filter(one => !one.sheet).length"
    assert page.evaluate(bare) == 0, "the page came without its styles"


def test_the_palette_opens_without_a_connection_and_fills_when_it_is_back(visit: Callable[..., Visitor]) -> None:
    lead = visit("Demo support lead")
    page = lead.page
    lead.context.set_offline(True)
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Go to")
    expect(dialog).to_contain_text("There is no connection")
    lead.context.set_offline(False)
    expect(dialog.get_by_placeholder("A case, a gate")).to_be_visible()


def test_an_exhibit_that_cannot_be_fetched_leaves_the_document_and_is_drawn_when_the_server_answers(
    visit: Callable[..., Visitor],
) -> None:
    lead = visit("Demo support lead")
    page = lead.page
    lead.open_case("TE-6")
    page.route(FILES, lambda route: route.abort("connectionrefused"))
    _to_case(page, "CASE-20818-H")
    exhibit = page.locator("#exhibit-account")
    expect(exhibit.get_by_role("alert")).to_contain_text("The server does not answer")
    expect(page.get_by_role("article").first).to_be_visible()
    page.unroute(FILES)
    expect(exhibit.locator(".moment").first).to_be_visible()


def test_after_a_new_version_a_part_whose_name_is_gone_offers_to_reload(visit: Callable[..., Visitor]) -> None:
    lead = visit("Demo support lead")
    page = lead.page
    lead.open_case("TE-6")

    def replaced(route: Route) -> None:
        route.fulfill(status=404, content_type="application/problem+json", body="{}")

    chart = "**/assets/AxisChart-*.js"
    page.route(chart, replaced)
    _to_case(page, "CASE-20818-H")
    exhibit = page.locator("#exhibit-account")
    expect(exhibit.get_by_role("alert")).to_contain_text("Casegate was renewed on the server")
    expect(page.get_by_role("article").first).to_be_visible()
    page.unroute(chart)
    exhibit.get_by_role("button", name="Reload the page").click()
    expect(exhibit.locator(".moment").first).to_be_visible()
