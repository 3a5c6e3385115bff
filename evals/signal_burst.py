"""A burst of misuse as live events, and a stream whose ground is what remains of its packet without them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import orjson
import yaml

from agents.incident_facts import moment
from graphs import catalogue
from runtime.clock import instant
from tools.readers import read

TENANT = "tn-baltic-clear"
CASE = "two-tenants-in-one-morning"
SECRET = "a-secret-of-this-test-only"
SOURCES = {
    "console": ("console", "support_console_audit_ledger"),
    "exports": ("export", "secure_diagnostic_export_ledger"),
    "dlp": ("dlp", "dlp"),
    "notes": ("redaction", "case_notes"),
    "desk": ("customer", "trust_desk_inbox"),
}
THROUGH = "2026-03-03T14:00:00Z"
# What stands in the events and in the ground, and what the broad queue may see of it: nothing.
PLANTED = ("eng-0417", "eng-0022", "tn-mercy-trust", "Mercy Hospital", "SUP-880", "EXQ-551", "sess-71", "sess-72",
           "settlement keys", "RD-7", "NM-31", "A-1003", "Piotr", "Wolny")  # fmt: skip


def stream(folder: Path, **changes: Any) -> Path:
    """Write the signals file and the ground of the burst; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    ground = folder / "ground"
    shutil.copytree(catalogue.folders()["tenant-boundary"] / "cases" / CASE, ground)
    packet = yaml.safe_load((ground / "packet.yaml").read_text(encoding="utf-8"))
    kept = [one for one in packet["sources"] if one["id"] not in SOURCES]
    text = yaml.safe_dump({**packet, "sources": kept, "timeline": []}, sort_keys=False)
    (ground / "packet.yaml").write_text(text, encoding="utf-8")
    (folder / "hook.key").write_text(SECRET, encoding="utf-8")
    sources = [
        {"source": f"/ledgers/{name}", "name": name, "kind": kind, "system": system, "secret_file": "hook.key",
         "expected_every_seconds": 300, "folder": f"inbox/{name}"}
        for name, (kind, system) in SOURCES.items()
    ]  # fmt: skip
    given = {"scenario": "tenant-boundary", "ground": "ground", "sources": sources, **changes}
    file = folder / "signals.yaml"
    file.write_text(yaml.safe_dump({"tenants": {TENANT: given}}), encoding="utf-8")
    return file


def events() -> list[dict[str, Any]]:
    """The burst, as its ledgers would send it."""
    return [*_console(), *_rows("exports.xlsx", "exports"), *_rows("dlp.xlsx", "dlp"), *_notes()]


def watermarks() -> list[dict[str, Any]]:
    """Each ledger says that it has sent everything."""
    return [
        event(f"wm-{name}", name, THROUGH, {"complete_through": THROUGH}, kind="watermark")
        for name in ("console", "exports")
    ]


def event(name: str, source: str, at: str, data: Any, kind: str = "row") -> dict[str, Any]:
    """One CloudEvents 1.0 event."""
    head = {"specversion": "1.0", "id": name, "source": f"/ledgers/{source}", "type": f"com.northquay.{source}.{kind}"}
    return {**head, "time": at, "data": data}


def _case(name: str) -> bytes:
    return (catalogue.folders()["tenant-boundary"] / "cases" / CASE / name).read_bytes()


def _console() -> Iterator[dict[str, Any]]:
    for line in _case("console.jsonl").splitlines():
        told = orjson.loads(line)
        if "data" in told:
            yield event(told["id"], "console", told["time"], {"ledger_ref": told["id"], **told["data"]})


def _rows(file: str, source: str) -> Iterator[dict[str, Any]]:
    for table in read(_case(file), file).tables:
        for row in table.rows:
            cells = {label: text for label, text in row.cells.items() if text.strip()}
            cells.pop("Complete through", None)
            told = (moment(text)[0] for label, text in cells.items() if label in ("Requested at", "Alert time"))
            at = next((one for one in told if one is not None), None)
            if at is not None:
                yield event(next(iter(cells.values())), source, instant(at.astimezone(UTC)), cells)


def _notes() -> Iterator[dict[str, Any]]:
    for told in yaml.safe_load(_case("notes.yaml"))["events"]:
        yield event(told["event_id"], "notes", told["at"], told)
