"""The receipt of a case in the workspace: its six answers, and a copy that is chosen, downloaded and holds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from visitor import LOOKS, arrive

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))

from house import Client, House, live_packet
from packets import TENANT

from lineage.keys import KeySet
from lineage.receipt.verify import verify

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server of its own."""
    folder = tmp_path_factory.mktemp("receipts")
    started = House(f"sqlite:///{folder / 'store.db'}", folder / "data").start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def duty(house: House) -> Client:
    """One who answers the gates, and so sees the whole."""
    return house.sign_in("u-duty", ("duty_manager",))


@pytest.fixture(scope="module")
def runs(house: House, duty: Client, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A case that came to its end, and one that waits."""
    intake = house.sign_in("u-intake", ("support_intake_specialist",))
    folder = tmp_path_factory.mktemp("packets")
    ended = house.open(live_packet(folder / "ended"), intake)
    assert duty.decide(ended, "exception_release", "approve-it", reason="checked").status_code == 201
    house.rest(TENANT, ended)
    return ended, house.open(live_packet(folder / "waiting", case="CASE-90002"), intake)


@pytest.mark.parametrize("look", LOOKS)
def test_the_receipt_page_keeps_nobody_out(
    house: House, browser: Browser, duty: Client, runs: tuple[str, str], screenshots: Path | None, look: str
) -> None:
    ken = arrive(browser, duty, **LOOKS[look])
    for name, run, shown in (("receipt", runs[0], ".verdict"), ("receipt-none", runs[1], ".empty")):
        ken.open(f"/runs/{run}/receipt")
        ken.page.locator(shown).wait_for()
        if screenshots is not None:
            ken.page.screenshot(path=screenshots / f"{name}-{look}.png")
        assert ken.serious() == [], name
        assert ken.too_wide() == 0, name
    assert ken.faults == []
    ken.close()


def test_a_copy_shows_what_was_chosen_and_holds_wherever_it_goes(
    house: House, browser: Browser, duty: Client, runs: tuple[str, str], tmp_path: Path
) -> None:
    ken = arrive(browser, duty)
    page = ken.page
    ken.open(f"/runs/{runs[0]}/receipt")
    expect(page.locator(".verdict")).to_contain_text("Intact")
    parts = page.get_by_role("group", name="A copy that shows only")
    download = page.get_by_role("button", name="Download the copy")
    for part in ("approvals", "result"):
        parts.get_by_label(part).uncheck()
    expect(download).to_be_disabled()
    expect(page.get_by_text("Choose what the copy shows.")).to_be_visible()
    # By keys: what is chosen is a set of checkboxes, and the button follows them.
    parts.get_by_label("evidence").focus()
    page.keyboard.press("Space")
    with page.expect_download() as started:
        download.press("Enter")
    copy = tmp_path / started.value.suggested_filename
    started.value.save_as(copy)
    assert copy.name == "receipt-copy.json"
    expect(page.get_by_text("receipt-copy.json shows evidence")).to_be_visible()

    with page.expect_download() as started:
        page.get_by_role("link", name="Download the keys").click()
    keys = tmp_path / "keys.json"
    started.value.save_as(keys)
    report = verify(copy.read_bytes(), KeySet.read(keys.read_bytes()))
    assert report.intact, report.problems
    standing = {answer.title: answer.standing for answer in report.answers}
    assert (standing["Which evidence"], standing["Who approved"]) == ("shown", "sealed")

    # Given back to the page, it says the same of itself.
    page.locator(".drop-files").get_by_label("Receipt", exact=True).set_input_files(copy)
    second = page.locator(".verdict").nth(1)
    expect(second).to_contain_text("Intact")
    expect(page.get_by_role("heading", name="Who approved").nth(1).locator(".counted")).to_have_text("sealed")
    assert ken.serious() == []
    assert ken.faults == []
    ken.close()
