"""A person in a browser, and what the browser complains about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Response

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "narrow": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "has_touch": True},
}


class Visitor:
    """One browser profile with one page. `faults` are script errors, broken policies and server faults that it met."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context = context
        self.origin = origin
        self.faults: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._console)
        self.page.on("response", self._response)

    def open(self, path: str) -> None:
        """Go to an address of the workspace, as from a bookmark."""
        self.page.goto(self.origin + path)

    def open_case(self, case: str) -> None:
        """Open a case from the list, found by its number: rows far from the reader are not drawn."""
        self.open(f"/cases?q={case}")
        self.page.get_by_role("link", name=case, exact=True).click()
        self.page.get_by_role("article").first.wait_for()

    def reload(self) -> None:
        """Load the page again, and wait for what it had."""
        self.page.reload()
        self.page.get_by_role("article").first.wait_for()

    def tab(self, name: str) -> Locator:
        """A tab beside the document, by how its name begins."""
        return self.page.get_by_role("tab").filter(has_text=name)

    def api(self, path: str) -> Any:
        """What the API answers to this person."""
        answer = self.page.request.get(f"{self.origin}/api{path}")
        assert answer.ok, f"{path}: {answer.status}"
        return answer.json()

    @property
    def run(self) -> str:
        """The run whose page is open."""
        return self.page.url.split("/runs/")[1].split("/")[0].split("?")[0]

    def settled(self) -> None:
        """Until the page shows what it has: nothing stands in for what is fetched, and nothing still moves."""
        self.page.wait_for_function(
            """() => !document.querySelector('.skeleton') && document.fonts.status === 'loaded'
                 && document.getAnimations().every(one => one.playState !== 'running'
                      || one.effect.getComputedTiming().endTime === Infinity)"""
        )

    def serious(self) -> list[str]:
        """What axe finds on the page that keeps people out: WCAG 2.2 A and AA, serious or worse."""
        # What still fades in would be judged by a colour that nobody sees for long.
        self.page.evaluate(
            """() => Promise.all(document.getAnimations()
                 .filter(one => one.effect.getComputedTiming().endTime < 5000)
                 .map(one => one.finished.catch(() => {})))"""
        )
        # Through the protocol, not as a script of the page: its policy admits none.
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        )
        return [
            f"{one['id']}: {one['help']}: {node['html'][:160]}"
            for one in found["violations"]
            if one["impact"] in SERIOUS
            for node in one["nodes"]
        ]

    def too_wide(self) -> int:
        """By how many pixels the page is wider than the window: then it slides sideways under a thumb."""
        found: int = self.page.evaluate("() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth)")
        return found

    def close(self) -> None:
        """Leave."""
        self.context.close()

    def _console(self, message: ConsoleMessage) -> None:
        # The browser also logs every answer above 399; those that are faults are told by the response itself.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} {response.url}")


def arrive(browser: Browser, client: httpx.Client, **options: Any) -> Visitor:
    """A person in a browser who is signed in as `client` is."""
    context: BrowserContext = browser.new_context(**{**DESK, **options})
    origin = str(client.base_url).rstrip("/")
    context.add_cookies([{"name": "casegate", "value": client.cookies["casegate"], "url": origin}])
    return Visitor(context, origin)
