"""Fixtures of the browser tests: the real server with its demo, and Chromium. Nothing is mocked."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from demo_server import ROOT, DemoServer
from visitor import Visitor

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]' brings it"
)

# A turn is work in the background, on a machine that may be busy with other things.
playwright.expect.set_options(timeout=30_000)

# Without the switches for networking, Chromium looks for hosts of its maker at every start.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _chromium() -> str | None:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return None


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """`casegate demo` over an empty store, for one file of tests."""
    if not (ROOT / "server" / "static" / "index.html").is_file():
        pytest.fail("the workspace is not built: run `make web`")
    server = DemoServer(tmp_path_factory.mktemp("demo"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[playwright.Browser]:
    """The system's Chromium, without a window."""
    path = _chromium()
    if path is None:
        pytest.skip("no Chromium here: `apt-get install chromium` brings one")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=path, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture
def visit(demo: DemoServer, browser: playwright.Browser) -> Iterator[Callable[..., Visitor]]:
    """Sign a demo person in, in a browser profile of his own. At the end nobody may have seen an error of ours."""
    visitors: list[Visitor] = []

    def sign_in(who: str, **options: object) -> Visitor:
        visitor = Visitor(browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options}), demo.origin)
        visitors.append(visitor)
        visitor.page.goto(demo.link(who))
        visitor.page.get_by_role("heading", name="Cases").wait_for()
        return visitor

    yield sign_in
    for visitor in visitors:
        visitor.close()
    faults = [fault for visitor in visitors for fault in visitor.faults]
    assert not faults, "the browser reported: " + "; ".join(faults)


@pytest.fixture(scope="session")
def screenshots() -> Path | None:
    """Where screenshots go: the folder that CASEGATE_SCREENSHOTS names, or nowhere."""
    name = os.environ.get("CASEGATE_SCREENSHOTS")
    if not name:
        return None
    folder = Path(name)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
