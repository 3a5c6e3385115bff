"""Large cases stay usable: ten thousand rows of a table, and a document of a thousand statements."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from visitor import Visitor, arrive

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))

from house import Client, House, case_packet
from packets import read_packet, write_packet

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(600)]

ROWS = 10_000
USERS = 480
PATIENCE = 240.0


@dataclass(frozen=True)
class Large:
    """The case, and who works on it."""

    house: House
    client: Client
    run: str


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Large]:
    """A case with a seat list of ten thousand rows, and so many lost permissions that each is a statement."""
    folder = tmp_path_factory.mktemp("large")
    packet = case_packet(folder / "packet", "entitlement-rca", "a-migration-and-a-sync-in-the-same-minute")
    with (packet / "impact.csv").open("a", encoding="utf-8") as impact:
        impact.writelines(f"ad-{n},shard-n,api_keys,no access,2026-09-02T04:20:00Z\n" for n in range(200, 200 + USERS))
    with (packet / "seats.csv").open("w", encoding="utf-8", newline="") as seats:
        csv.writer(seats).writerows(
            [["seat", "user id", "team", "licence"]]
            + [[f"s-{n:05}", f"ad-{n % 97}", f"team {n % 13}", "standard"] for n in range(ROWS)]
        )
    given = read_packet(packet)
    seat_list = {"id": "seats", "file": "seats.csv", "system": "entitlement_service"}
    write_packet(packet, {**given, "sources": [*given["sources"], seat_list]})
    house = House(f"sqlite:///{folder / 'store.db'}", folder / "data").start()
    person = given["people"][0]
    client = house.sign_in(person["id"], tuple(person["roles"]), tenant=given["tenant"]["id"])
    yield Large(house, client, house.open(packet, client, PATIENCE))
    house.stop()


@pytest.fixture
def reader(large: Large, browser: Browser) -> Iterator[Visitor]:
    """Somebody at the case."""
    visitor = arrive(browser, large.client)
    yield visitor
    visitor.close()
    assert visitor.faults == []


def len_of_timeline(large: Large) -> int:
    """How many statements the longest section has."""
    artifact = large.client.get(f"/api/runs/{large.run}").json()["artifact"]
    return max(len(section["claims"]) for section in artifact["sections"])


def press(page: Page, key: str, times: int) -> None:
    """Press a key so often, one press after the other, without waiting for the page."""
    for _ in range(times):
        page.keyboard.press(key)


def test_ten_thousand_rows_are_read_by_keys_and_only_those_in_sight_are_in_the_page(
    large: Large, reader: Visitor
) -> None:
    page = reader.page
    reader.open(f"/runs/{large.run}")
    page.locator("article .field-row").first.wait_for()
    reader.tab("Evidence").click()
    page.get_by_role("link", name="seats.csv").click()
    table = page.get_by_role("table", name="Table")
    expect(table.get_by_text("s-00000", exact=True)).to_be_visible()
    assert int(table.get_attribute("aria-rowcount") or 0) == ROWS + 1
    here = table.locator("[aria-current]")
    press(page, "j", 30)
    expect(here).to_contain_text("s-00029")
    expect(here.get_by_role("rowheader")).to_be_in_viewport(ratio=1)
    page.keyboard.press("k")
    expect(here).to_contain_text("s-00028")
    assert table.locator("[role=row]").count() < 150


def test_a_cited_row_far_down_opens_where_it_is_cited(large: Large, reader: Visitor) -> None:
    reader.open(f"/runs/{large.run}?tab=evidence&ev=seats&at=row%3D9000%2Ccol%3Dteam")
    expect(reader.page.locator(".cell.hit")).to_be_in_viewport(ratio=1)
    expect(reader.page.locator(".cited-row")).to_contain_text("s-08998")
    # And from there on, by keys: what was not fetched yet is fetched.
    here = reader.page.locator(".row[aria-current]")
    for key, seat in (("j", "s-08999"), ("k", "s-08998"), ("k", "s-08997")):
        reader.page.keyboard.press(key)
        expect(here).to_contain_text(seat)
    expect(here.get_by_role("rowheader")).to_be_in_viewport(ratio=1)


def test_the_last_row_is_one_key_away_and_stands_whole_on_one_line(large: Large, reader: Visitor) -> None:
    reader.open(f"/runs/{large.run}?tab=evidence&ev=seats")
    page = reader.page
    table = page.get_by_role("table", name="Table")
    here = table.locator("[aria-current]")
    expect(table.get_by_text("s-00000", exact=True)).to_be_visible()
    for key, seat, number in (("End", "s-09999", "10001"), ("Home", "s-00000", "2"), ("End", "s-09999", "10001")):
        page.keyboard.press(key)
        expect(here).to_contain_text(seat)
        expect(here.get_by_role("rowheader")).to_have_text(number)
        expect(here.get_by_role("rowheader")).to_be_in_viewport(ratio=1)
    # A number of five digits takes no second line, so every row is as high as was thought before it was drawn.
    heights = table.locator("[role=rowgroup] > [role=row]").evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert len(set(heights)) == 1


def test_the_last_row_opens_at_its_citation(large: Large, reader: Visitor) -> None:
    reader.open(f"/runs/{large.run}?tab=evidence&ev=seats&at=row%3D{ROWS + 1}%2Ccol%3Dteam")
    expect(reader.page.locator(".cell.hit")).to_be_in_viewport(ratio=1)
    expect(reader.page.locator(".cited-row")).to_contain_text(f"s-{ROWS - 1:05}")


def test_what_is_folded_is_not_drawn_before_it_is_opened(large: Large, reader: Visitor) -> None:
    page = reader.page
    reader.open(f"/runs/{large.run}")
    fold = page.locator("summary", has_text=f"{len_of_timeline(large)} statements in words")
    expect(fold).to_be_visible()
    assert page.locator("[id^='claim-timeline/']").count() == 0
    fold.click()
    expect(page.locator("[id='claim-timeline/t1']")).to_be_visible()


def test_a_document_of_a_thousand_statements_is_read_by_keys(large: Large, reader: Visitor) -> None:
    page = reader.page
    reader.open(f"/runs/{large.run}")
    page.locator(".claim:visible").first.wait_for()
    page.locator("summary", has_text=f"{len_of_timeline(large)} statements in words").click()
    expect(page.locator("[id='claim-timeline/t1']")).to_be_visible()
    assert page.locator(".claim:visible").count() > 500
    press(page, "j", 20)
    here = page.locator(".claim:focus")
    expect(here).to_be_in_viewport()
    twentieth = here.get_attribute("id")
    page.keyboard.press("j")
    expect(here).not_to_have_id(str(twentieth))
    page.keyboard.press("k")
    expect(here).to_have_id(str(twentieth))
    # What belongs to the statement is one Tab away.
    page.keyboard.press("Tab")
    assert page.evaluate("id => document.getElementById(id).contains(document.activeElement)", twentieth)
    # What is folded away again is stepped over.
    page.locator("summary", has_text="statements in words").first.click()
    page.keyboard.press("j")
    expect(here).to_be_in_viewport()
    assert "timeline/" not in str(here.get_attribute("id"))
