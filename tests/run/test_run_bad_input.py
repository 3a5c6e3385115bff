"""Bad input at the command line: one clear line and exit 2, or an exception on the record and exit 0.

Never a traceback, never a half-written output: a refused packet leaves no result files.
"""

from __future__ import annotations

import io
import json
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import Answer, casegate
from packets import minimal_packet, read_packet, write_packet

Damage = Callable[[Path, dict[str, Any]], object]


def _run(packet: Path) -> Answer:
    return casegate("run", packet, "--out", packet.parent / "out", "--model", "offline")


def _refused(packet: Path, *, named: str, place: str, expected: str) -> None:
    """Exit 2 and one line that names file, place and expectation; nothing is written."""
    answer = _run(packet)
    assert answer.fault is None, repr(answer.fault)
    assert answer.code == 2, answer
    assert answer.out == ""
    assert answer.err.count("\n") == 1, answer.err
    for part in (named, place, expected):
        assert re.search(part, answer.err), (part, answer.err)
    assert not list((packet.parent / "out").glob("*.json*")) if (packet.parent / "out").exists() else True


def _recorded(packet: Path, about: str) -> dict[str, Any]:
    """Exit 0, whole results, and an exception on the record whose text has `about`."""
    answer = _run(packet)
    assert answer.fault is None, repr(answer.fault)
    assert answer.code == 0, answer
    assert "Traceback" not in answer.err
    out = packet.parent / "out"
    outcome: dict[str, Any] = json.loads((out / "outcome.json").read_bytes())
    assert outcome["status"] in ("waiting", "finished")
    texts = [json.dumps(item, ensure_ascii=False) for item in outcome["registers"]["exceptions"]]
    assert any(re.search(about, text, re.IGNORECASE) for text in texts), texts
    assert casegate("lineage", "verify", out / "lineage.jsonl").code == 0
    return outcome


# --- a source that cannot be used is an exception on the record ---------------------------------------------------


def _zip(inner: str, size: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", "<Types/>")
        if inner.startswith("xl/"):
            bomb.writestr("xl/workbook.xml", "<workbook/>")
        bomb.writestr(inner, b"\0" * size)
    return stream.getvalue()


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")


def _nested_mail(parts: int) -> bytes:
    head = b"From: a@quillfeather.example\nTo: b@lumenary.example\nSubject: s\nMIME-Version: 1.0\n"
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(parts))
    return head + opened + b"Content-Type: text/plain\n\nEnvironment: Test\n"


def _encrypted_pdf() -> bytes:
    from fpdf import FPDF

    made = FPDF()
    made.add_page()
    made.set_font("helvetica", size=12)
    made.cell(text="Environment: Production")
    made.set_encryption(owner_password="o", user_password="u")
    return bytes(made.output())


EXPLODING = b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (n, n, b", ".join([b"*%c" % (n - 1)] * 10)) for n in range(ord("b"), ord("k"))
)

FILES: dict[str, tuple[str, bytes, str]] = {
    "empty": ("note.txt", b"", "the file is empty"),
    "wrong extension": ("note.pdf", b"plain words, no PDF at all\n" * 4, "promises a PDF"),
    "unknown kind": ("note.exe", b"MZ\x90\x00" * 40, "unknown file type"),
    "zip bomb xlsx": ("rows.xlsx", _zip("xl/worksheets/sheet1.xml", 200 * 1024 * 1024), "unpacks to"),
    "zip bomb docx": ("text.docx", _zip("word/document.xml", 200 * 1024 * 1024), "unpacks to"),
    "broken csv": ("rows.csv", b'a,b\n"1,\x00\x002\n3,"4"5",6\n' * 20, "binary data"),
    "broken quoting": ("rows.csv", b'a,b\n"1,2\n3,"4"5",6\n' * 20, "quot|cells|columns|rows"),
    "nested mail": ("deep.eml", _nested_mail(10_000), "nested deeper"),
    "exploding yaml": ("tree.yaml", EXPLODING, "more than 500000 values"),
    "deep json": ("tree.json", b"[" * 100_000 + b"]" * 100_000, "nested deeper"),
    "encrypted pdf": ("locked.pdf", _encrypted_pdf(), "encrypted"),
    "cut off pdf": (
        "cut.pdf",
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n2 0 ob",
        "is damaged",
    ),
    "lying png": ("shot.png", _png(60_000, 60_000), "pixels"),
    "png of another size": ("shot.png", _png(400, 300), "truncated"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_used_is_an_exception_on_the_record(name: str, tmp_path: Path) -> None:
    file, data, about = FILES[name]
    packet = minimal_packet(tmp_path / "packet")
    (packet / file).write_bytes(data)
    loaded = read_packet(packet)
    loaded["sources"].append({"id": "damaged", "file": file, "system": "shared_inbox"})
    write_packet(packet, loaded)
    _recorded(packet, f"damaged.*{about}|{about}.*damaged")


def test_a_missing_file_is_an_exception_on_the_record(tmp_path: Path) -> None:
    packet = minimal_packet(tmp_path / "packet")
    (packet / "bridge_request.csv").unlink()
    _recorded(packet, "bridge_request.csv.*No such file")


def test_a_file_beyond_the_limit_is_an_exception_on_the_record(tmp_path: Path) -> None:
    """100 MB of log: said to be too large, and never read into memory."""
    packet = minimal_packet(tmp_path / "packet")
    line = b"2026-05-04T08:31:00Z gateway login failed for tenant\n"
    with (packet / "gateway.log").open("wb") as log:
        for _ in range(100):
            log.write(line * (1024 * 1024 // len(line) + 1))
    loaded = read_packet(packet)
    loaded["sources"].append({"id": "log", "file": "gateway.log", "system": "diagnostics"})
    write_packet(packet, loaded)
    _recorded(packet, r"gateway\.log.*bytes; at most")


def test_a_folder_in_place_of_a_file_is_an_exception_on_the_record(tmp_path: Path) -> None:
    packet = minimal_packet(tmp_path / "packet")
    (packet / "bridge_request.csv").unlink()
    (packet / "bridge_request.csv").mkdir()
    _recorded(packet, "bridge_request.csv.*(plain file|directory)")


def test_a_pipe_in_place_of_a_file_is_an_exception_on_the_record(tmp_path: Path) -> None:
    packet = minimal_packet(tmp_path / "packet")
    (packet / "bridge_request.csv").unlink()
    os.mkfifo(packet / "bridge_request.csv")
    _recorded(packet, "bridge_request.csv.*plain file")


# --- a packet that cannot be used is refused with one line ---------------------------------------------------------


def _set(*path: str | int, to: object) -> Damage:
    def damage(_folder: Path, packet: dict[str, Any]) -> None:
        target: Any = packet
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = to

    return damage


def _steps(*steps: dict[str, Any]) -> Damage:
    return _set("timeline", to=list(steps))


def _link(folder: Path, packet: dict[str, Any]) -> None:
    (folder / "linked.csv").symlink_to(folder / "crm.csv")
    packet["sources"][5]["file"] = "linked.csv"


def _linked_folder(folder: Path, packet: dict[str, Any]) -> None:
    (folder.parent / "elsewhere").mkdir()
    (folder.parent / "elsewhere" / "crm.csv").write_bytes((folder / "crm.csv").read_bytes())
    (folder / "inner").symlink_to(folder.parent / "elsewhere")
    packet["sources"][5]["file"] = "inner/crm.csv"


SAYS = {"by": "u-intake", "text": "Is it staged?"}
DECIDES = {"gate": "exception_release", "by": "u-duty", "decision": "approve"}
AT = "2026-05-04T10:05:00Z"

PACKETS: dict[str, tuple[Damage, str, str]] = {
    "path outside": (_set("sources", 5, "file", to="../crm.csv"), r"sources\[5\]\.file", "inside the packet folder"),
    "absolute path": (_set("sources", 5, "file", to="/etc/hostname"), r"sources\[5\]\.file", "inside the packet"),
    "symbolic link": (_link, r"sources\[5\]\.file", "symbolic link"),
    "link in between": (_linked_folder, r"sources\[5\]\.file", "symbolic link"),
    "duplicate source id": (_set("sources", 1, "id", to="ticket"), "ticket", "twice"),
    "duplicate person": (_set("people", 1, "id", to="u-intake"), "u-intake", "twice"),
    "file named twice": (_set("sources", 1, "file", to="ticket.json"), r"sources\[1\]\.file", "twice"),
    "unknown scenario": (_set("scenario", to="no-such-scenario"), "scenario", "no-such-scenario"),
    "as_of without zone": (_set("as_of", to="2026-05-04T10:00:00"), "as_of", "zone"),
    "as_of no time": (_set("as_of", to="soon"), "as_of", "soon"),
    "unknown member": (_set("sourcess", to=[]), "sourcess", "."),
    "member missing": (lambda _f, p: p.pop("tenant"), "tenant", "required"),
    "parameter out of range": (_set("parameters", to={"confidence_threshold_core": 7}), "threshold_core", "7|1"),
    "parameter of another type": (_set("parameters", to={"crm_snapshot_max_age_hours": "x"}), "max_age", "x"),
    "unknown parameter": (_set("parameters", to={"no_such": 1}), "no_such", "."),
    "step with two things": (_steps({"at": AT, "says": SAYS, "decides": DECIDES}), r"timeline\.0", "exactly one"),
    "step with nothing": (_steps({"at": AT}), r"timeline\.0", "exactly one"),
    "step without zone": (_steps({"at": "2026-05-04T10:05:00", "says": SAYS}), r"timeline\.0\.at", "zone"),
    "steps back in time": (
        _steps({"at": AT, "says": SAYS}, {"at": "2026-05-04T10:01:00Z", "says": SAYS}), r"timeline\[1\]\.at", "."
    ),
    "step before as_of": (_steps({"at": "2026-05-04T09:01:00Z", "says": SAYS}), r"timeline\[0\]\.at", "."),
    "unknown decision": (_steps({"at": AT, "decides": {**DECIDES, "decision": "maybe"}}), "decision", "maybe"),
    "source replaces nothing": (_set("sources", 5, "replaces", to="nobody"), r"sources\[5\]\.replaces", "nobody"),
    "source replaces itself": (_set("sources", 5, "replaces", to="crm"), r"sources\[5\]\.replaces", "crm"),
    "arrival replaces nothing": (
        _steps({"at": AT, "arrives": {"id": "new", "file": "crm.csv", "replaces": "nobody"}}),
        r"timeline\[0\]\.arrives\.replaces",
        "nobody",
    ),
    "unknown source withdrawn": (
        _steps({"at": AT, "withdraws": {"id": "nobody"}}),
        r"timeline\[0\]\.withdraws\.id",
        "nobody",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PACKETS)
def test_a_packet_that_cannot_be_used_is_refused_with_one_line(name: str, tmp_path: Path) -> None:
    damage, place, expected = PACKETS[name]
    packet = minimal_packet(tmp_path / "packet")
    loaded = read_packet(packet)
    damage(packet, loaded)
    write_packet(packet, loaded)
    _refused(packet, named=r"packet\.yaml", place=place, expected=expected)


DOCUMENTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "mapping"),
    "a list": (b"- scenario: outage-intake\n", "mapping"),
    "a text": (b"outage-intake\n", "mapping"),
    "binary": (bytes(range(256)) * 8, "line|document"),
    "not utf-8": (b"scenario: \xff\xfe\xfa\n", "line|document"),
    "broken yaml": (b"scenario: [outage-intake\n", "line"),
    "a key twice": (b"scenario: outage-intake\nscenario: outage-intake\n", "twice"),
    "exploding anchors": (EXPLODING, "aliases"),
    "an anchor in itself": (b"a: &a [*a]\n", "aliases"),
    "nested deep": (b"a: " + b"[" * 50_000 + b"]" * 50_000, "nesting"),
    "a tag that makes objects": (b"a: !!python/object/apply:os.system ['true']\n", "line"),
    "too large": (b"# " + b"x" * (5 * 1024 * 1024), "bytes"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_packet_yaml_that_is_none_is_refused_with_one_line(name: str, tmp_path: Path) -> None:
    content, expected = DOCUMENTS[name]
    packet = minimal_packet(tmp_path / "packet")
    (packet / "packet.yaml").write_bytes(content)
    _refused(packet, named=r"packet\.yaml", place=".", expected=expected)


def test_a_folder_in_place_of_packet_yaml_is_refused_with_one_line(tmp_path: Path) -> None:
    packet = minimal_packet(tmp_path / "packet")
    (packet / "packet.yaml").unlink()
    (packet / "packet.yaml").mkdir()
    _refused(packet, named=r"packet\.yaml", place=".", expected="packet.yaml")


@pytest.mark.parametrize("there", ["nothing", "a file", "an empty folder"])
def test_a_packet_that_is_no_folder_is_refused_with_one_line(there: str, tmp_path: Path) -> None:
    packet = tmp_path / "packet"
    if there == "a file":
        packet.write_text(yaml.safe_dump({"scenario": "outage-intake"}), encoding="utf-8")
    elif there == "an empty folder":
        packet.mkdir()
    _refused(packet, named="packet", place=".", expected="packet")


def test_an_out_that_is_a_file_is_refused_with_one_line(tmp_path: Path) -> None:
    packet = minimal_packet(tmp_path / "packet")
    (tmp_path / "out").write_text("kept", encoding="utf-8")
    answer = _run(packet)
    assert (answer.fault, answer.code) == (None, 2)
    assert "out" in answer.err.splitlines()[-1]
    assert (tmp_path / "out").read_text(encoding="utf-8") == "kept"


# --- a decision that counts for nothing stands on the record -----------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"by": "u-nobody"}, "roster|unknown|not|role"),
        ({"gate": "no_such_gate"}, "no_such_gate|gate"),
        ({"gate": "schema_or_mapping_change", "by": "u-schema"}, "not open|open"),
        ({"revision": "r9"}, "r9|revision|stale"),
        ({"revision": "sha256:" + "0" * 64}, "revision|stale|content"),
    ],
    ids=["unknown person", "unknown gate", "gate not open", "unknown revision", "unknown hash"],
)
def test_a_decision_that_cannot_count_is_refused_on_the_record(
    changes: dict[str, str], reason: str, tmp_path: Path
) -> None:
    packet = minimal_packet(tmp_path / "packet", exception=True)
    loaded = read_packet(packet)
    loaded["timeline"] = [{"at": AT, "decides": {**DECIDES, **changes}}]
    write_packet(packet, loaded)
    answer = _run(packet)
    assert (answer.fault, answer.code) == (None, 0), answer
    outcome = json.loads((tmp_path / "out" / "outcome.json").read_bytes())
    assert outcome["status"] == "waiting"
    assert [one["state"] for one in outcome["approvals"]] == ["refused"]
    assert any(re.search(reason, one["reason"], re.IGNORECASE) for one in outcome["refusals"]), outcome["refusals"]
    assert outcome["releases"] == []


def test_a_decision_before_any_gate_is_open_is_refused_on_the_record(tmp_path: Path) -> None:
    packet = minimal_packet(tmp_path / "packet", timeline=[{"at": AT, "decides": DECIDES}])
    answer = _run(packet)
    assert (answer.fault, answer.code) == (None, 0), answer
    outcome = json.loads((tmp_path / "out" / "outcome.json").read_bytes())
    assert outcome["outcome"] == "staged_for_leadership_review"
    assert [one["state"] for one in outcome["approvals"]] == ["refused"]
    assert len(outcome["refusals"]) == 1
