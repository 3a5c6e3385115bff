"""A page that waits: for what is on its way, for a network that is gone, for a server that is silent or fails."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect
from visitor import Visitor

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(240)]

# Where there is nothing but loopback, a browser knows by itself that there is no network, and nothing gives it back.
ONLINE = pytest.mark.skipif("CASEGATE_OFFLINE" in os.environ, reason="the browser has no network to lose")
API = re.compile(r"/api/(?!me$|session)")


def held_back(visitor: Visitor) -> list[Route]:
    """From now on the answers of the API are on their way; letting them go is the caller's."""
    held: list[Route] = []
    visitor.page.route(API, lambda route: held.append(route))
    return held


def let_go(visitor: Visitor, held: list[Route]) -> None:
    for route in held:
        route.continue_()
    visitor.page.unroute(API)


@pytest.mark.parametrize(
    ("path", "loading", "shown"),
    [
        ("/cases", "Loading cases", "tbody th a"),
        ("/approvals", "Loading approvals", "tbody th a"),
        ("/runs/RUN", "Loading the case", ".field-row .cite"),
        ("/runs/RUN/lineage", "Loading the lineage", ".entry"),
        ("/runs/RUN/approve/exception_release", "Loading what waits for approval", ".approval h1"),
    ],
)
def test_what_is_on_its_way_has_the_place_that_it_will_take(
    visit: Callable[..., Visitor], path: str, loading: str, shown: str
) -> None:
    lead = visit("Demo support lead")
    page, run = lead.page, lead.api("/cases?q=CASE-20417")["rows"][0]["run"]
    held = held_back(lead)
    lead.open(path.replace("RUN", run))
    expect(page.get_by_role("status").filter(has_text=loading)).to_have_count(1)
    expect(page.locator(".skeleton").first).to_be_visible()
    # The skeleton reaches the foot of the window, as the page will.
    reaches = (
        "() => Math.max(...[...document.querySelectorAll('.loading *')].map(one => one.getBoundingClientRect().bottom))"
    )
    assert page.evaluate(reaches) >= page.evaluate("() => window.innerHeight") - 1
    assert lead.serious() == []
    let_go(lead, held)
    expect(page.locator(shown).first).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)


@ONLINE
def test_without_a_network_the_case_is_read_on_and_what_was_written_goes_when_it_is_back(
    visit: Callable[..., Visitor],
) -> None:
    lead = visit("Demo support lead")
    lead.open_case("CASE-31215")
    page, run = lead.page, lead.run
    lead.context.set_offline(True)
    expect(page.get_by_text("No connection.")).to_be_visible()
    lead.tab("Evidence").click()
    page.locator(".ledger-row").first.click()
    expect(page.get_by_text("Not fetched yet: the source")).to_be_visible()
    expect(page.get_by_role("article").first).to_be_visible()
    lead.tab("Chat").click()
    page.get_by_role("textbox", name="Write to the agents").fill("Which tenant is it?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Waits for the connection")).to_be_visible()
    assert lead.serious() == []
    lead.context.set_offline(False)
    expect(page.get_by_text("No connection.")).to_have_count(0)
    expect(page.get_by_role("log")).to_contain_text("Which tenant is it?")
    said = [turn["text"] for turn in lead.api(f"/runs/{run}/chat")["turns"] if turn["kind"] == "said"]
    assert said == ["Which tenant is it?"]
    lead.tab("Evidence").click()
    expect(page.get_by_role("region", name="Values of the source")).to_be_visible()


@ONLINE
def test_a_silent_server_is_said_on_every_page_and_the_page_goes_on_by_itself(visit: Callable[..., Visitor]) -> None:
    lead = visit("Demo support lead")
    page = lead.page
    page.route(API, lambda route: route.abort("connectionrefused"))
    page.get_by_role("link", name="Approvals").click()
    strip = page.get_by_role("status").filter(has_text="The server does not answer.")
    expect(strip).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    assert lead.serious() == []
    page.unroute(API)
    expect(page.locator("tbody th a").first).to_be_visible()
    expect(strip).to_have_count(0)


def test_a_fault_of_the_server_says_what_to_report_and_can_be_tried_again(visit: Callable[..., Visitor]) -> None:
    lead = visit("Demo support lead")
    page, run = lead.page, lead.api("/cases?q=CASE-20417")["rows"][0]["run"]
    body = {"type": "about:blank", "title": "That went wrong on our side", "status": 500, "detail": "",
            "instance": "", "request_id": "req-1", "faults": []}  # fmt: skip

    def fails(route: Route) -> None:
        route.fulfill(status=500, content_type="application/problem+json", body=json.dumps(body))

    document = re.compile(rf"/api/runs/{run}$")
    page.route(document, fails)
    lead.open(f"/runs/{run}")
    fault = page.get_by_role("alert")
    expect(fault).to_contain_text("That went wrong on our side")
    expect(fault).to_contain_text("report req-1")
    page.unroute(document)
    fault.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("article").first).to_be_visible()
    lead.faults = [one for one in lead.faults if not one.startswith("500 ")]


def test_an_address_that_leads_nowhere_stays_inside_the_frame(visit: Callable[..., Visitor]) -> None:
    lead = visit("Demo support lead")
    lead.open("/nowhere/at/all")
    expect(lead.page.get_by_text("There is no page at this address")).to_be_visible()
    expect(lead.page.get_by_role("navigation", name="Pages")).to_be_visible()
    assert lead.serious() == []
    lead.page.get_by_role("main").get_by_role("link", name="Cases").click()
    expect(lead.page.get_by_role("heading", name="Cases")).to_be_visible()
