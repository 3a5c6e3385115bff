"""Verifying a dropped receipt in the browser: the verdict is right, and nothing leaves the page."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect
from visitor import Visitor

sys.path.insert(0, str(Path(__file__).parents[1] / "receipts"))

from receipt_samples import TRUST, build

from lineage.keys import KeySet
from lineage.receipt.disclose import disclose
from server.pages import STATIC

WHOLE = build().issue()
COPY = disclose(WHOLE, ["approvals", "result/outcome"])
FORGED = WHOLE.replace(b"seen by u-duty", b"seen by u-daty")
SIX = ["Who approved", "Which policy", "Which actions", "Which evidence", "Intact and attributable", "What is open"]

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(240)]


class Quiet(SimpleHTTPRequestHandler):
    """Serves the built files and nothing else: there is no API, no database and no account."""

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal of the tests."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The static files on a plain file server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(STATIC)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def auditor(browser: Browser, origin: str) -> Iterator[Visitor]:
    """Somebody without an account, at the page for auditors."""
    visitor = Visitor(browser.new_context(viewport={"width": 1100, "height": 900}), origin)
    visitor.open("/verify.html")
    visitor.page.get_by_role("heading", name="Verify a receipt").wait_for()
    yield visitor
    visitor.close()
    assert not visitor.faults


def drop(page: Page, files: dict[str, bytes]) -> None:
    """Drop files from outside onto the page, as a mouse would."""
    given = [[name, list(data)] for name, data in files.items()]
    transfer = page.evaluate_handle(
        """given => {
          const transfer = new DataTransfer();
          for (const [name, bytes] of given) transfer.items.add(new File([new Uint8Array(bytes)], name));
          return transfer;
        }""",
        given,
    )
    page.locator(".drop-files").dispatch_event("drop", {"dataTransfer": transfer})


def verdict(page: Page) -> Locator:
    """The line that says whether the file can be relied on."""
    return page.locator(".verdict")


def test_a_dropped_receipt_is_verified_and_no_request_leaves_the_page(auditor: Visitor) -> None:
    page = auditor.page
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))
    drop(page, {"receipt.json": WHOLE})
    expect(page.get_by_text("Now the keys")).to_be_visible()
    expect(verdict(page)).to_have_count(0)
    drop(page, {"keys.json": TRUST.write()})
    expect(verdict(page)).to_contain_text("Intact")
    expect(verdict(page)).to_contain_text("40 entries, 40 shown, 0 sealed, none missing")
    expect(verdict(page)).to_contain_text("keys.json, chosen by you")
    for title in SIX:
        expect(page.locator(".answer", has_text=title).locator(".counted")).to_have_text("shown")
    expect(page.get_by_text(re.compile(r"u-duty approved r2 .* for exception release"))).to_be_visible()
    assert auditor.serious() == []
    assert [one.url for one in sent] == []


def test_a_copy_says_what_is_sealed(auditor: Visitor) -> None:
    drop(auditor.page, {"copy.json": COPY, "keys.json": TRUST.write()})
    expect(verdict(auditor.page)).to_contain_text("40 entries, 2 shown, 38 sealed, none missing")
    evidence = auditor.page.locator(".answer", has_text="Which evidence")
    expect(evidence.locator(".counted")).to_have_text("sealed")
    expect(evidence).to_contain_text("5 sealed in this copy")


def test_a_forged_receipt_proves_nothing_and_says_where(auditor: Visitor) -> None:
    page = auditor.page
    assert FORGED != WHOLE
    drop(page, {"receipt.json": FORGED, "keys.json": TRUST.write()})
    expect(verdict(page)).to_contain_text("Not intact")
    expect(page.locator(".problems")).to_contain_text("differs from what the signed disclosures say")
    expect(page.locator(".answer .counted")).to_have_text(["invalid"] * 6)
    expect(page.get_by_text("u-duty approved r2")).to_have_count(0)


def test_keys_of_somebody_else_do_not_make_it_trusted(auditor: Visitor) -> None:
    page = auditor.page
    others = KeySet([one for one in TRUST if one.purpose != "decision"])
    drop(page, {"receipt.json": WHOLE, "others.json": others.write()})
    expect(page.locator(".problems")).to_contain_text("not among the trusted keys")
    expect(verdict(page)).to_contain_text("Not intact")
    drop(page, {"keys.json": TRUST.write()})
    expect(verdict(page)).to_contain_text("keys.json, chosen by you")
    expect(page.locator(".problems")).to_have_count(0)


def test_what_is_neither_is_said(auditor: Visitor) -> None:
    page = auditor.page
    drop(page, {"photo.png": b"\x89PNG", "keys.json": TRUST.write()})
    expect(verdict(page)).to_contain_text("Not intact")
    drop(page, {"keys.json": TRUST.write().replace(b'"Ed25519"', b'"P-256"', 1)})
    expect(page.get_by_role("alert")).to_contain_text("keys.json: /keys/0/crv: expected Ed25519")


def test_files_are_chosen_with_the_keyboard_too(auditor: Visitor, tmp_path: Path) -> None:
    for name, data in (("receipt.json", WHOLE), ("keys.json", TRUST.write())):
        (tmp_path / name).write_bytes(data)
    auditor.page.get_by_label("Receipt", exact=True).set_input_files(tmp_path / "receipt.json")
    auditor.page.get_by_label("Keys that you trust").set_input_files(tmp_path / "keys.json")
    expect(verdict(auditor.page)).to_contain_text("Intact")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_reads_on_a_telephone(auditor: Visitor, scheme: Any, screenshots: Path | None) -> None:
    page = auditor.page
    page.emulate_media(color_scheme=scheme)
    for width in (1100, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.reload()
        drop(page, {"copy.json": COPY, "keys.json": TRUST.write()})
        expect(verdict(page)).to_contain_text("Intact")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert auditor.serious() == []
        if screenshots:
            page.screenshot(path=screenshots / f"verify-{scheme}-{width}.png", full_page=True)
