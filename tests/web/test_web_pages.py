"""Every page: without a serious finding of axe, in both themes and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from demo_server import ROOT
from playwright.sync_api import expect
from visitor import LOOKS, Visitor

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(300)]


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_keeps_anyone_out(visit: Callable[..., Visitor], screenshots: Path | None, look: str) -> None:
    lead = visit("Demo support lead", **LOOKS[look])
    lead.open_case("CASE-20417")
    outage = lead.run
    lead.open_case("CASE-20818-H")
    access = lead.run
    found = []
    for name, path, shown in _pages(outage, access):
        lead.open(path)
        lead.page.locator(shown).first.wait_for()
        lead.settled()
        if screenshots is not None:
            lead.page.screenshot(path=screenshots / f"{name}-{look}.png")
        found += [f"{name}: {line}" for line in lead.serious()]
    assert not found, "\n".join(found)


# Where a page is looked at by axe, in the three looks; beside the pages of this file.
ELSEWHERE = {
    "test_web_connection.py": ["$"],
    "test_web_admin.py": [
        "/prompts",
        "/prompts/$name",
        "/tools",
        "/parameters",
        "/parameters/$scenario",
        "/policies",
        "/policies/$scenario",
        "/people",
        "/audit",
    ],
    "test_web_connectors.py": ["/connectors", "/connectors/$name"],
    "test_web_evals.py": ["/evals", "/evals/$eval"],
    "test_web_monitor.py": ["/monitor"],
    "test_web_receipt_page.py": ["/runs/$run/receipt"],
}
LEADS_ON = {"/", "/admin", "/admin/$tenant"}
"""No pages of their own: they lead to one, or stand around it."""


def test_every_page_of_the_workspace_is_looked_at() -> None:
    routes = re.findall(r'path: "([^"]+)"', (ROOT / "web" / "src" / "router.tsx").read_text(encoding="utf-8"))
    here = [path.split("?")[0].replace("RUN", "$run") for _, path, _ in _pages("RUN", "RUN")]
    seen = {*here, "/signin", "/runs/$run/approve/$gate", "/scenarios/$slug"}
    for file, pages in ELSEWHERE.items():
        assert ".serious()" in (Path(__file__).parent / file).read_text(encoding="utf-8"), file
        seen.update(pages)
    assert set(routes) - seen - LEADS_ON == set()


def _pages(outage: str, access: str) -> list[tuple[str, str, str]]:
    """Name, address, and what stands on the page when it is there."""
    document = f"/runs/{outage}"
    pair = "&ev2=shot2&at2=box%3D186%2C423%2C250%2C21&of=affected_environment"
    return [
        ("cases", "/cases", "tbody tr.row"),
        ("cases-none", "/cases?q=nobody-has-this", ".empty"),
        ("new-case", "/cases/new", ".drop"),
        ("case", document, ".field-row"),
        ("case-edits", f"/runs/{access}?edit=e1&tab=document", ".edit"),
        ("evidence", f"{document}?tab=evidence", ".ledger-row"),
        ("evidence-tree", f"{document}?tab=evidence&ev=ticket&at=%2Fticket%2Fcustom_fields%2FEnvironment", ".hit"),
        ("evidence-mail", f"{document}?tab=evidence&ev=mails", ".mail-message"),
        ("evidence-table", f"{document}?tab=evidence&ev=bridge_request", ".grid-view .row"),
        ("evidence-log", f"/runs/{access}?tab=evidence&ev=audit&at=line%3D1", ".lines .row"),
        ("evidence-picture", f"{document}?tab=evidence&ev=shot2&at=box%3D186%2C423%2C250%2C21", "rect.hit"),
        (
            "evidence-pair",
            f"{document}?tab=evidence&ev=ticket&at=%2Fticket%2Fcustom_fields%2FEnvironment{pair}",
            ".source-pair rect.hit",
        ),
        *[
            (f"register-{tab}", f"{document}?tab={tab}", "[role=tabpanel] li")
            for tab in ("contradictions", "holds", "objections", "open_questions", "exceptions")
        ],
        ("approvals", "/approvals", "tbody tr.row"),
        ("approvals-history", "/approvals?state=history", ".page"),
        ("approval", f"/runs/{access}/approve/internal_handoff_approval", ".decide"),
        ("approval-not-mine", f"{document}/approve/exception_release", ".decide"),
        ("lineage", f"{document}/lineage", ".entry"),
        ("lineage-entry", f"{document}/lineage?entry=1", ".entry-facts"),
        ("scenarios", "/scenarios", ".catalogue li"),
        ("scenario", "/scenarios/outage-intake", ".graph"),
        ("no-such-case", "/runs/run_0000000000000000", ".empty"),
    ]


def test_the_sign_in_page_lets_everyone_in(visit: Callable[..., Visitor], screenshots: Path | None) -> None:
    visitor = visit("Demo support lead")
    visitor.context.clear_cookies()
    visitor.open("/approvals?state=history")
    visitor.page.get_by_role("button", name="Sign in").wait_for()
    if screenshots is not None:
        visitor.page.screenshot(path=screenshots / "sign-in-light.png")
    assert not visitor.serious()
    visitor.page.get_by_label("E-mail").fill("nobody@demo.invalid")
    visitor.page.get_by_label("Password").fill("wrong")
    visitor.page.get_by_role("button", name="Sign in").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("do not fit together")


def test_keys_and_the_palette_reach_what_the_mouse_reaches(
    visit: Callable[..., Visitor], screenshots: Path | None
) -> None:
    lead = visit("Demo support lead")
    lead.open_case("CASE-20417")
    page = lead.page
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("Object to a statement")
    if screenshots is not None:
        page.screenshot(path=screenshots / "keys-light.png")
    assert not lead.serious()
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Go to")
    palette.get_by_role("combobox").fill("assertion")
    expect(palette.get_by_role("option").first).to_contain_text(re.compile("assertion", re.IGNORECASE))
    if screenshots is not None:
        page.screenshot(path=screenshots / "palette-light.png")
    assert not lead.serious()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name=re.compile("^Evidence "))).to_be_visible()
    page.locator("body").press("g")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Approvals")).to_be_visible()


def test_a_case_is_opened_from_files_and_says_what_they_were_taken_for(
    visit: Callable[..., Visitor], tmp_path: Path, screenshots: Path | None
) -> None:
    lead = visit("Demo support lead")
    lead.open("/cases/new?scenario=outage-intake")
    page = lead.page
    mail = tmp_path / "update.eml"
    mail.write_text(
        "From: Ingrid <ingrid@halvorsen.example>\nTo: cases@lumenary.example\nSubject: login down\n"
        "Date: Sat, 18 Apr 2026 08:12:00 +0200\n\nEnvironment: Production\n",
        encoding="utf-8",
    )
    liar = tmp_path / "screenshot.png"
    liar.write_text("this is no picture", encoding="utf-8")
    # What a button that cannot be pressed waits for stands beside it, and nobody has to know a tenant by its id.
    expect(page.get_by_role("status").filter(has_text="Give files first")).to_be_visible()
    tenants = page.locator("label", has_text=re.compile("^Tenant")).get_by_role("combobox")
    tenants.select_option(label="Halvorsen Maritime AS")
    page.locator("input[type=file]").set_input_files([mail, liar])
    files = page.get_by_role("list", name="Files")
    expect(files).to_contain_text("eml file")
    expect(files).to_contain_text("promises a PNG image")
    if screenshots is not None:
        page.screenshot(path=screenshots / "new-case-recognised-light.png")
    assert not lead.serious()


def test_a_file_that_is_not_recognised_is_placed_by_hand(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    lead = visit("Demo support lead")
    lead.open("/cases/new?scenario=outage-intake")
    page = lead.page
    texts = {"export_17.json": '{"ticket": {"product": "Workforce SSO"}}', "empty.log": "", "tool.exe": "MZ"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.4")
    page.locator("input[type=file]").set_input_files([tmp_path / name for name in [*texts, "report.pdf"]])
    files = page.get_by_role("list", name="Files")
    line = files.get_by_role("listitem").filter(has_text="export_17.json")
    expect(line).to_contain_text("It belongs to no source of the scenario")
    expect(files.get_by_role("listitem").filter(has_text="empty.log")).to_contain_text("cannot be read · 0 B")
    expect(files.get_by_role("listitem").filter(has_text="tool.exe")).to_contain_text("Unknown file type")
    expect(files.get_by_role("listitem").filter(has_text="report.pdf")).to_contain_text("read when the case is opened")
    line.get_by_label("Where it comes from").select_option("ticketing")
    expect(line.locator(".more").first).to_contain_text("Support ticket export")
    expect(line.locator(".bad")).to_have_count(0)
    assert not lead.serious()


def test_a_packet_says_before_it_is_opened_what_a_live_case_does_otherwise(visit: Callable[..., Visitor]) -> None:
    admin = visit("Demo admin")
    admin.open("/cases/new")
    page = admin.page
    folder = ROOT / "scenarios" / "sev1-receipt" / "cases" / "security-approver-says-no"
    told = [one for one in folder.iterdir() if one.name not in ("expect.yaml", "demo")]
    page.locator("input[type=file]").set_input_files(told)
    notes = page.get_by_role("region", name="What this case does otherwise than its files say")
    expect(notes.get_by_role("listitem")).to_have_text([
        "Timeline a live case does not play it; people act themselves",
        "Systems the case's actions on gateway-api are done on the installation's system of that id",
    ])  # fmt: skip
    files = page.get_by_role("list", name="Files").get_by_role("listitem")
    expect(files.filter(has_text="packet.yaml")).to_contain_text("it says what the other files are")
    script = files.filter(has_text="gateway.yaml")
    expect(script).to_contain_text("script of the packet's stub system gateway-api")
    expect(page.get_by_text("left out")).to_have_count(0)
    expect(page.locator(".skeleton")).to_have_count(0)
    expect(page.get_by_role("button", name="Open the case")).to_be_enabled()
    assert not admin.serious()
