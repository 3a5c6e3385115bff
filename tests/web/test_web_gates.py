"""What an approver says beside yes, and what a lead takes back: the option, the items taken on, a turn under way."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from demo_server import DemoServer
from playwright.sync_api import expect
from visitor import Visitor

from runtime.clock import wall
from runtime.store.lease import LEASE_SECONDS, owner

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(240)]

GATE = "local_recommendation_acceptance"


def test_an_approver_says_which_option_he_approves(visit: Callable[..., Visitor], screenshots: Path | None) -> None:
    owner = visit("Demo support lead")
    owner.open_case("CR-3")
    run, page = owner.run, owner.page
    owner.open(f"/runs/{run}/approve/{GATE}")
    options = page.get_by_role("group", name="Which option is approved")
    expect(options.get_by_role("radio")).to_have_count(3)
    expect(options.get_by_role("radio", name=re.compile("option 1"))).to_be_disabled()
    expect(options).to_contain_text("the option is blocked")
    expect(options.get_by_role("radio", checked=True)).to_have_count(0)
    assert not owner.serious()
    if screenshots is not None:
        page.screenshot(path=str(screenshots / "approval-options.png"))
    page.get_by_role("button", name=re.compile(r"^Approve r\d")).click()
    expect(page.get_by_text("You answered")).to_have_count(0)
    assert owner.api(f"/runs/{run}")["approvals"] == []
    options.get_by_role("radio", name=re.compile("option 2")).check()
    page.get_by_role("button", name=re.compile(r"^Approve r\d")).click()
    expect(page.get_by_text("You answered: approve")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("option 2")
    [approval] = owner.api(f"/runs/{run}")["approvals"]
    assert (approval["state"], approval["choice"]) == ("valid", "option 2")


@contextmanager
def worked_on_elsewhere(demo: DemoServer, run: str) -> Iterator[None]:
    """Another process, this one, has the run's lease: what is sent meanwhile waits."""
    with closing(sqlite3.connect(demo.store, timeout=30, isolation_level=None)) as store:
        mine = (owner(), wall() + LEASE_SECONDS, run)
        store.execute("UPDATE runs SET lease_owner = ?, lease_until = ? WHERE run = ?", mine)
        try:
            yield
        finally:
            store.execute("UPDATE runs SET lease_owner = NULL, lease_until = NULL WHERE run = ?", (run,))


def test_a_turn_that_waits_is_cancelled_by_who_sent_it(demo: DemoServer, visit: Callable[..., Visitor]) -> None:
    lead = visit("Demo support lead")
    lead.open_case("CASE-20818-R")
    page = lead.page
    with worked_on_elsewhere(demo, lead.run):
        page.get_by_role("textbox", name="Write to the agents").fill("Which contradictions are open?")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Cancel the turn").click()
    conversation = page.get_by_role("region", name="Conversation")
    expect(conversation).to_contain_text("cancelled a turn: nothing was done for it", timeout=30_000)
    expect(page.get_by_role("button", name="Cancel the turn")).to_have_count(0)
    kinds = [turn["kind"] for turn in lead.api(f"/runs/{lead.run}/chat")["turns"]]
    assert kinds.count("cancelled") == 1
