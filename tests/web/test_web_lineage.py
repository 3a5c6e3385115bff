"""The lineage page: each kind of entry says in words what it carries, and its raw form is one step away."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from visitor import LOOKS, Visitor

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(400)]

Visit = Callable[..., Visitor]
MASK = "▓▓▓▓"
# A reader needs none of these: members of data in braces, whole hashes, names with underscores.
RAW = re.compile(r"[{}]|sha256:[0-9a-f]{40}|\b[a-z]+(?:_[a-z]+)+\b(?=$|\n|\t)", re.MULTILINE)


def each_kind(auditor: Visitor) -> dict[str, tuple[str, dict[str, Any]]]:
    """One entry of each kind that the demo has, with its run."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for row in auditor.api("/cases?limit=100")["rows"]:
        for entry in auditor.api(f"/runs/{row['run']}/lineage?limit=500")["entries"]:
            if not any(part["value"] == MASK for part in entry["content"]):
                found.setdefault(entry["kind"], (row["run"], entry))
    return found


def test_each_kind_of_entry_is_told_in_words(visit: Visit, screenshots: Path | None) -> None:
    auditor = visit("Demo auditor")
    page, kinds = auditor.page, each_kind(auditor)
    assert {"run_opened", "evidence_frozen", "reconciled", "revision_composed", "edit_proposed", "released"} <= {*kinds}
    found = []
    for kind, (run, entry) in kinds.items():
        auditor.open(f"/runs/{run}/lineage?entry={entry['seq']}")
        facts = page.locator(".entry-facts")
        facts.wait_for()
        auditor.settled()
        told = facts.evaluate(
            "one => { const copy = one.cloneNode(true); copy.querySelector('details').remove(); return copy.innerText }"
        )
        found += [f"{kind}: {line}" for line in RAW.findall(told)]
        if screenshots is not None:
            page.locator(".entry", has=facts).screenshot(path=screenshots / f"lineage-{kind}.png")
        delivered = facts.locator("details")
        delivered.locator("summary").press("Enter")
        assert json.loads(delivered.locator("pre").inner_text()) == entry
    assert not found, "\n".join(found)


def test_what_an_entry_rests_on_is_named_and_opens(visit: Visit) -> None:
    auditor = visit("Demo auditor")
    page = auditor.page
    run, entry = each_kind(auditor)["evidence_read"]
    items = auditor.api(f"/runs/{run}/evidence")["items"]
    item = next(one for one in items if one["sha256"] == entry["citations"][0])
    auditor.open(f"/runs/{run}/lineage?entry={entry['seq']}")
    facts = page.locator(".entry-facts")
    expect(facts.get_by_role("row", name=re.compile("^Places that can be cited"))).to_be_visible()
    facts.get_by_role("link", name=item["file"], exact=True).click()
    page.wait_for_url(re.compile(rf"/runs/{run}\?.*ev={item['id']}"))


@pytest.mark.parametrize("look", LOOKS)
def test_no_entry_keeps_anyone_out(visit: Visit, look: str) -> None:
    auditor = visit("Demo auditor", **LOOKS[look])
    found = []
    kinds = each_kind(auditor)
    for kind in ("reconciled", "edit_proposed", "checked"):
        run, entry = kinds[kind]
        auditor.open(f"/runs/{run}/lineage?entry={entry['seq']}")
        auditor.page.locator(".entry-facts").wait_for()
        auditor.settled()
        found += [f"{kind}: {line}" for line in auditor.serious()]
        assert auditor.too_wide() == 0, kind
    assert not found, "\n".join(found)
