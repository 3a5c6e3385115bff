"""The pages of evals: the list, one eval, two compared, a case beside its other run, and starting one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from visitor import LOOKS, Visitor, arrive

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))

from house import House

from evals.kept import EvalRun, Kept
from evals.results import CaseResult

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(300)]

MISS = "releases: expected 1 entry on the lane restricted_product_security_review; found none"
LONG = "a-case-whose-name-is-as-long-as-names-of-cases-that-say-what-they-are-about-do-become"
LINES = [f"| field {number} | value {number} | confirmed |" for number in range(40)]


def _case(case: str, passed: int, right: int, **more: Any) -> CaseResult:
    metrics = {"field_accuracy": (right, 10), "citation_precision": (10, 10), "hold_recall": (right, 10)}
    given = {"suite": "outage-intake", "case": case, "passed": passed, "metrics": metrics}
    return CaseResult.model_validate({**given, **more})


def _kept(kept: Kept, age: int, lost: bool, artifact: list[str]) -> EvalRun:
    began = datetime.now(UTC) - timedelta(hours=age)
    with kept.running(["outage-intake", "contractor-access"], 1, "Eva", f"ev_{began:%Y%m%d%H%M%S}_00000{age}") as one:
        folder = one.files / "outage-intake" / LONG
        folder.mkdir(parents=True)
        (folder / "artifact.md").write_text("\n".join(artifact), encoding="utf-8")
        (folder / "lineage.jsonl").write_text(
            '{"seq": 0, "hash": "sha256:00", "header": {"kind": "run_opened", "at": "2026-04-18T09:30:00Z",'
            ' "actor": {"id": "u-intake"}}, "content": {}}\n'
        )
        bad = {"misses": [MISS], "unsafe": [MISS], "outcome": "routed_to_exception_review"} if lost else {}
        many = [_case(f"case-{number}", 1, 10) for number in range(60)]
        others = [_case("alike", 1, 10, suite="contractor-access")]
        one.finish([_case(LONG, 0 if lost else 1, 4 if lost else 10, **bad), *many, *others], 12.0, holds=not lost)
    return one.run


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server without evals yet."""
    folder = tmp_path_factory.mktemp("evals")
    started = House(f"sqlite:///{folder / 'store.db'}", folder / "data").start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def kept(house: House) -> list[EvalRun]:
    """Newest first: one that is worse, one that was good, one that could not be finished, one whose process ended."""
    folder = Kept(house.data.absolute() / "evals")
    other = [line.replace("confirmed", "conflicting") if "field 20 " in line else line for line in LINES]
    with folder.running(["canary"], 1, "Eva", "ev_20260101000000_000003") as failed:
        failed.fail("the folder of packets cannot be read: it was moved while the eval ran")
    with folder.running(["quotes"], 1, "Eva", "ev_20260101000000_000004") as gone:
        pass
    return [_kept(folder, 1, True, other), _kept(folder, 2, False, LINES), failed.run, gone.run]


def evaluator(house: House, browser: Browser, **options: Any) -> Visitor:
    """One who judges the product."""
    return arrive(browser, house.sign_in("x-eval", global_roles=("evaluator",)), **options)


def test_without_an_eval_the_page_says_how_to_get_one(house: House, browser: Browser) -> None:
    eva = evaluator(house, browser)
    eva.open("/evals")
    expect(eva.page.get_by_text("No eval is kept here yet")).to_be_visible()
    assert eva.serious() == []
    assert eva.faults == []
    eva.close()


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_of_evals_keeps_anyone_out(
    house: House, browser: Browser, kept: list[EvalRun], screenshots: Path | None, look: str
) -> None:
    eva = evaluator(house, browser, **LOOKS[look])
    worse, good, failed, gone = (one.id for one in kept)
    found: list[str] = []
    for name, path, shown in (
        ("evals", "/evals", "tbody tr.row"),
        ("evals-none", "/evals?suite=canary&state=finished", ".empty"),
        ("eval", f"/evals/{worse}", "#eval-cases"),
        ("eval-compared", f"/evals/{worse}?against={good}", ".interval"),
        ("eval-failed", f"/evals/{failed}", ".eval-problem"),
        ("eval-interrupted", f"/evals/{gone}", ".state.failed"),
        ("eval-case", f"/evals/{good}?case=outage-intake/{LONG}", "#eval-artifact"),
        ("eval-difference", f"/evals/{worse}?against={good}&case=outage-intake/{LONG}", ".eval-diff ins"),
        ("eval-no-such", "/evals/ev_20000101000000_000000", ".empty"),
    ):
        eva.open(path)
        eva.page.locator(shown).first.wait_for()
        if screenshots is not None:
            eva.page.screenshot(path=screenshots / f"{name}-{look}.png")
        found += [f"{name}: {line}" for line in eva.serious()]
        # What scrolls on its own may be wide; neither the page nor what it scrolls may be cut off.
        for box in ("html", ".eval-scroll", "dialog"):
            wide = eva.page.locator(box).evaluate_all("all => all.map(one => one.scrollWidth - one.clientWidth)")
            found += [f"{name}: {box} is {pixels} pixels too wide" for pixels in wide if pixels > 0]
    assert found == []
    assert eva.faults == []
    eva.close()


def test_a_loss_is_found_from_the_list_down_to_the_words_that_differ(
    house: House, browser: Browser, kept: list[EvalRun]
) -> None:
    eva = evaluator(house, browser)
    page = eva.page
    eva.open("/evals")
    page.get_by_role("link", name="outage-intake, contractor-access").first.click()
    expect(page.get_by_role("status").first).to_contain_text("not as expected")
    page.get_by_label("Compare with").select_option(kept[1].id)
    moved = page.locator(".eval-moved li").filter(has_text="less safe than before")
    expect(moved).to_have_count(1)
    moved.get_by_role("link").click()
    sheet = page.get_by_role("dialog", name=f"outage-intake/{LONG}")
    expect(sheet.locator(".eval-misses")).to_contain_text(f"unsafe · {MISS}")
    expect(sheet.get_by_role("row", name="field accuracy")).to_contain_text("worse")
    expect(sheet.locator(".eval-diff del")).to_have_text("confirmed")
    expect(sheet.locator(".eval-diff ins")).to_have_text("conflicting")
    # What is alike is folded away, and one key opens it.
    fold = sheet.locator(".eval-diff details").first
    expect(fold).to_have_js_property("open", False)
    fold.locator("summary").press("Enter")
    expect(fold).to_have_js_property("open", True)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(moved.get_by_role("link")).to_be_focused()
    assert eva.faults == []
    eva.close()


def test_a_case_is_read_as_a_page_and_as_it_was_written(house: House, browser: Browser, kept: list[EvalRun]) -> None:
    eva = evaluator(house, browser)
    eva.open(f"/evals/{kept[1].id}?case=outage-intake/{LONG}")
    sheet = eva.page.get_by_role("dialog", name=f"outage-intake/{LONG}")
    expect(sheet.get_by_role("heading", level=2)).to_have_text(LONG.replace("-", " ").capitalize())
    expect(sheet.locator(".written").get_by_role("row", name="field 39 value 39 confirmed")).to_be_visible()
    written = sheet.get_by_text("As it was written, in Markdown")
    written.press("Enter")
    expect(sheet.locator("pre").first).to_contain_text("| field 39 |")
    eva.close()


def test_an_eval_is_started_from_a_dialog_that_the_keyboard_opens_and_leaves(
    house: House, browser: Browser, kept: list[EvalRun]
) -> None:
    eva = evaluator(house, browser)
    page = eva.page
    eva.open("/cases")
    page.get_by_role("heading", name="Cases").wait_for()
    page.locator("body").press("g")
    page.keyboard.press("e")
    opens = page.get_by_role("button", name="Run an eval…")
    opens.press("Enter")
    dialog = page.get_by_role("dialog", name="Run an eval")
    dialog.get_by_label("outage-intake").check()
    expect(dialog.get_by_role("button", name="Run outage-intake")).to_be_enabled()
    assert eva.serious() == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opens).to_be_focused()
    assert len(kept) == 4
    assert eva.faults == []
    eva.close()
