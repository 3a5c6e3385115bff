"""The monitor in a browser: live, masked, opened with a reason on record, split, with keys, and on a phone."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from visitor import LOOKS, Visitor, arrive

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))

from house import Client, House
from test_signal_story import integrator, send

from evals import signal_burst as burst
from evals.signal_burst import TENANT

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(300)]
MANY = 3_000


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A stream with the burst, and thousands of clusters beside it."""
    folder = tmp_path_factory.mktemp("monitor")
    file = burst.stream(folder / "signals")
    started = House(f"sqlite:///{folder / 'store.db'}", folder / "data", {"signals": file}).start()
    machine = integrator(started)
    noise = [
        burst.event(f"A-9{n:05}", "console", f"2026-03-04T{n % 24:02}:{n % 60:02}:00Z",
                    {"actorId": f"op-{n}", "tenantId": f"tn-x{n % 40}", "sessionId": f"n-{n}"})
        for n in range(MANY)
    ]  # fmt: skip
    send(machine, noise)
    send(machine, [*burst.watermarks(), *burst.events(), burst.event("B-1", "dlp", "never", {})])
    lead = started.sign_in("u-first", ("support_lead",), tenant=TENANT)
    until = time.monotonic() + 120
    while (row := next(iter(_rows(lead)), None)) is None or row["state"] != "waiting":
        assert time.monotonic() < until, row
        time.sleep(0.3)
    yield started
    started.stop()


def _rows(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/monitor/{TENANT}/clusters").json()["rows"]
    return found


def visit(house: House, browser: Browser, person: str, role: str, **options: Any) -> Visitor:
    visitor = arrive(browser, house.sign_in(person, (role,), tenant=TENANT), **options)
    visitor.open("/monitor")
    visitor.page.locator("tr.row").first.wait_for()
    return visitor


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_keeps_nobody_out_and_shows_no_name(house: House, browser: Browser, look: str) -> None:
    lead = visit(house, browser, "u-lead", "support_lead", **LOOKS[look])
    try:
        found: list[str] = []
        for words in ("Signals", "Dead letters", "Sources", "Clusters"):
            lead.page.get_by_role("button", name=words).click()
            lead.page.locator("tr.row").first.wait_for()
            found += [f"{words}: {line}" for line in lead.serious()]
            shown = lead.page.content()
            assert [name for name in burst.PLANTED if name in shown] == []
        # Thousands of rows, and only those near the reader are in the document.
        assert lead.page.locator("tr.row").count() < 120
        lead.page.keyboard.press("j")
        lead.page.keyboard.press("o")
        expect(lead.page.get_by_role("heading", name="Why each was merged")).to_be_visible()
        expect(lead.page.get_by_text("A decision at routing confirmation").first).to_be_visible()
        assert [name for name in burst.PLANTED if name in lead.page.content()] == []
        expect(lead.page.get_by_role("button", name="Open the restricted view…")).to_have_count(0)
        found += [f"cluster: {line}" for line in lead.serious()]
        assert lead.too_wide() == 0
        lead.page.keyboard.press("Escape")
        expect(lead.page.get_by_role("article")).to_have_count(0)
        assert found == []
        assert lead.faults == []
    finally:
        lead.close()


def test_a_reviewer_opens_names_with_a_reason_and_splits(house: House, browser: Browser) -> None:
    reviewer = visit(house, browser, "u-omar", "support_trust_reviewer")
    page = reviewer.page
    try:
        page.keyboard.press("j")
        page.keyboard.press("o")
        page.get_by_role("button", name="Open the restricted view…").click()
        page.get_by_label("Reason").fill("corroborating before the decision")
        page.get_by_role("dialog").get_by_role("button", name="Open the restricted view").click()
        expect(page.get_by_text("Restricted view", exact=True)).to_be_visible()
        expect(page.get_by_text("eng-0417").first).to_be_visible()
        page.get_by_role("checkbox").last.check()
        page.get_by_role("button", name="Split 1 signal…").click()
        page.get_by_label("Reason").fill("the last one was another engineer")
        page.get_by_role("dialog").get_by_role("button", name="Split 1 signal").click()
        expect(page.get_by_role("heading", name="Split by people")).to_be_visible()
        assert reviewer.faults == []
    finally:
        reviewer.close()


def test_what_arrives_shows_by_itself_and_a_lost_server_is_said(house: House, browser: Browser) -> None:
    lead = visit(house, browser, "u-live", "support_lead")
    try:
        expect(lead.page.get_by_text("live", exact=True)).to_be_visible()
        before = int(lead.page.locator("h1 .counted").inner_text().replace(",", ""))
        data = {"actorId": "op-new", "tenantId": "tn-y", "sessionId": "fresh-1"}
        send(integrator(house), [burst.event("A-fresh", "console", "2026-03-09T09:00:00Z", data)])
        expect(lead.page.locator("h1 .counted")).to_have_text(f"{before + 1:,}")
        lead.context.set_offline(True)
        expect(lead.page.get_by_text("No connection.")).to_be_visible()
        expect(lead.page.locator("tr.row").first).to_be_visible()
        lead.context.set_offline(False)
        assert [fault for fault in lead.faults if "ERR_INTERNET_DISCONNECTED" not in fault] == []
    finally:
        lead.close()


def test_who_has_no_role_is_told_so(house: House, browser: Browser) -> None:
    nobody = arrive(browser, house.sign_in("u-none", (), tenant=TENANT))
    try:
        nobody.open("/monitor")
        expect(nobody.page.get_by_text("No live signals here")).to_be_visible()
    finally:
        nobody.close()
