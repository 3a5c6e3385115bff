"""Uploads: what is recognised, what is refused, and that a cut one leaves nothing."""

from __future__ import annotations

import socket
import sys
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from house import Client, House, live_packet
from packets import TENANT, read_packet, write_packet

SCENARIO = {"scenario": "outage-intake", "tenant": TENANT, "case": "CASE-77"}


def parts(folder: Path) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", (p.name, p.read_bytes())) for p in sorted(folder.iterdir())]


def left(house: House) -> list[str]:
    return [str(p) for p in (house.data / "uploads").rglob("*")]


def test_a_packet_is_recognised_and_nothing_is_kept(house: House, intake: Client, tmp_path: Path) -> None:
    packet = live_packet(tmp_path / "packet")
    (packet / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    (packet / "ticket.json").unlink()
    found = intake.post("/api/cases/recognise", files=parts(packet)).json()
    assert found["packet"]
    assert found["scenario"] == "outage-intake"
    assert found["case"] == "CASE-90001"
    by_file = {row["file"]: row for row in found["files"]}
    assert by_file["update.eml"]["kind"] == "eml"
    assert "by who wrote it" in by_file["update.eml"]["source"]
    assert by_file["contact_roster.csv"]["rank"] == 1
    assert by_file["update.eml"]["parts"] > 0
    assert not by_file["picture.txt"]["usable"]
    assert "PNG" in by_file["picture.txt"]["problems"][0]
    assert "picture.txt" in found["unused"]
    assert "ticket.json" in found["missing"]
    assert left(house) == []
    assert intake.get("/api/cases").json()["total"] == 0


def test_a_case_of_files_alone(house: House, intake: Client, tmp_path: Path) -> None:
    packet = live_packet(tmp_path / "packet")
    files = [part for part in parts(packet) if part[1][0] != "packet.yaml"]
    systems = '{"ticket.json": "ticketing", "update.eml": "shared_inbox", "tenant_registry.csv": "tenant_registry"}'
    made = intake.post("/api/cases", files=files, data={**SCENARIO, "systems": systems})
    assert made.status_code == 202, made.text
    house.rest(TENANT, made.json()["run"])
    page = intake.get(f"/api/runs/{made.json()['run']}").json()
    assert page["case"] == "CASE-77"
    assert page["me"]["person"] == "u-intake"
    assert page["clock_kind"] == "wall"
    assert page["artifact"]["fields"]["tenant_id"]["value"] == TENANT
    assert left(house) == []


def with_attachments(**files: bytes) -> bytes:
    """A mail with these files; `a_csv` becomes `a.csv`."""
    mail = EmailMessage()
    mail["From"], mail["Date"] = "Bram Aalders <bram@quillfeather.example>", "Mon, 04 May 2026 09:06:00 +0000"
    mail["Subject"] = "the roster"
    mail.set_content("It is attached.\n")
    for name, content in files.items():
        stem, _, extension = name.rpartition("_")
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=f"{stem}.{extension}")
    return mail.as_bytes()


def test_what_is_attached_to_a_mail_is_a_file_of_the_case(house: House, intake: Client, tmp_path: Path) -> None:
    packet = live_packet(tmp_path / "packet")
    roster = (packet / "contact_roster.csv").read_bytes()
    (packet / "contact_roster.csv").unlink()
    mail = with_attachments(contact_roster_csv=roster, tool_exe=b"MZ\x90", **{"../up_txt": b"one line\n"})
    given = [part for part in parts(packet) if part[1][0] != "packet.yaml"]
    files = [*given, ("files", ("roster.eml", mail)), ("files", ("again/roster.eml", mail))]
    found = intake.post("/api/cases/recognise", files=files, data=SCENARIO).json()
    names = [row["file"] for row in found["files"]]
    assert names[-4:] == [
        "roster/contact_roster.csv", "roster/up.txt", "again/roster/contact_roster.csv", "again/roster/up.txt",
    ]  # fmt: skip
    (mail_row,) = (row for row in found["files"] if row["file"] == "roster.eml")
    assert [one for one in mail_row["problems"] if "attachment" in one] == [
        "/parts/2: attachment tool.exe is listed, not read: it counts as a source of its own"
    ]
    made = intake.post("/api/cases", files=files, data=SCENARIO)
    assert made.status_code == 202, made.text
    house.rest(TENANT, made.json()["run"])
    items = {one["id"]: one for one in intake.get(f"/api/runs/{made.json()['run']}/evidence").json()["items"]}
    assert {"roster", "contact_roster", "up", "roster-2", "contact_roster-2", "up-2"} <= set(items)
    whole = f"/api/runs/{made.json()['run']}/evidence/contact_roster/raw"
    assert intake.get(whole).content == roster
    assert left(house) == []


def test_a_packet_says_itself_what_its_files_are(intake: Client, tmp_path: Path) -> None:
    packet = live_packet(tmp_path / "packet")
    files = [*parts(packet), ("files", ("roster.eml", with_attachments(contact_roster_csv=b"name\n")))]
    found = intake.post("/api/cases/recognise", files=files).json()
    assert found["unused"] == ["late.eml", "roster.eml"]


def test_attached_files_count_for_the_limits(sqlite_url: str, tmp_path: Path) -> None:
    server = House(sqlite_url, tmp_path / "data", {"max_upload_files": 3}).start()
    try:
        intake = server.sign_in("u-intake", ("support_intake_specialist",))
        mail = with_attachments(a_txt=b"a\n", b_txt=b"b\n", c_txt=b"c\n")
        answer = intake.post("/api/cases", files=[("files", ("roster.eml", mail))], data=SCENARIO)
        assert answer.status_code == 413, answer.text
        assert left(server) == []
    finally:
        server.stop()


def test_the_same_packet_again_is_the_same_run(house: House, intake: Client, tmp_path: Path) -> None:
    files = parts(live_packet(tmp_path / "packet"))
    first, again = (intake.post("/api/cases", files=files).json() for _ in range(2))
    assert (first["run"], first["existed"]) == (again["run"], False)
    assert again["existed"]
    assert intake.get("/api/cases").json()["total"] == 1


def test_a_timeline_of_a_packet_is_not_played(house: House, intake: Client, tmp_path: Path) -> None:
    packet = live_packet(tmp_path / "packet")
    decision = {"gate": "exception_release", "by": "u-duty", "decision": "approve", "revision": "current"}
    write_packet(packet, {**read_packet(packet), "timeline": [{"at": "2026-05-04T10:10:00Z", "decides": decision}]})
    made = intake.post("/api/cases", files=parts(packet)).json()
    assert "timeline" in made["notes"][0]
    house.rest(TENANT, made["run"])
    assert intake.get(f"/api/runs/{made['run']}").json()["approvals"] == []


@pytest.mark.parametrize(
    ("files", "data", "status", "said"),
    [
        ([("files", ("../../evil.txt", b"x"))], SCENARIO, 422, "file name"),
        ([("files", ("/etc/evil.txt", b"x"))], SCENARIO, 422, "file name"),
        ([("files", ("a\\b.txt", b"x"))], SCENARIO, 422, "file name"),
        ([("files", ("a.txt", b"x")), ("files", ("a.txt", b"y"))], SCENARIO, 422, "twice"),
        ([("files", ("a.txt", b"x"))], {"tenant": TENANT}, 422, "scenario"),
        ([("files", ("a.txt", b"x"))], {**SCENARIO, "scenario": "no-such"}, 422, "unknown"),
        ([("files", ("a.txt", b"x"))], {**SCENARIO, "systems": "[1]"}, 422, "systems"),
        ([("files", ("a.txt", b"x"))], {**SCENARIO, "tenant": "tn-else"}, 403, "member"),
        ([("files", ("packet.yaml", b"scenario: [\n"))], {}, 422, "packet.yaml"),
        ([("files", ("packet.yaml", b"a: 1"))], {}, 422, "packet.yaml"),
    ],
)
def test_what_cannot_be_opened(
    house: House, intake: Client, files: list[Any], data: dict[str, str], status: int, said: str
) -> None:
    answer = intake.post("/api/cases", files=files, data=data)
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert str(house.data) not in answer.text
    assert left(house) == []
    assert intake.get("/api/cases").json()["total"] == 0


def test_limits(sqlite_url: str, tmp_path: Path) -> None:
    small = {"max_file_mib": 1, "max_upload_mib": 2, "max_upload_files": 3}
    house = House(sqlite_url, tmp_path / "data", small).start()
    try:
        intake = house.sign_in("u-intake", ("support_intake_specialist",))
        big = b"x" * (1024 * 1024 + 1)
        one = intake.post("/api/cases", files=[("files", ("a.txt", big))], data=SCENARIO)
        assert (one.status_code, "1 MiB" in one.text) == (413, True)
        mega = b"x" * 1024 * 1000
        several = [("files", (f"{n}.txt", mega)) for n in range(3)]
        assert intake.post("/api/cases", files=several, data=SCENARIO).status_code == 413
        many = [("files", (f"{n}.txt", b"x")) for n in range(4)]
        assert intake.post("/api/cases", files=many, data=SCENARIO).status_code == 413
        assert intake.post("/api/cases", json={"scenario": "x"}).status_code == 415
        assert intake.post("/api/cases", data={"scenario": "x" * 70_000}, files=many[:1]).status_code == 413
        assert left(house) == []
    finally:
        house.stop()


def test_a_cut_upload_leaves_nothing(house: House, intake: Client, run: str) -> None:
    for path in ("/api/cases", f"/api/runs/{run}/evidence"):
        boundary = "cut"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: casegate={intake.cookies['casegate']}\r\n"
            f"X-CSRF-Token: {intake.headers['X-CSRF-Token']}\r\n"
            f"Content-Type: multipart/form-data; boundary={boundary}\r\nContent-Length: 1000000\r\n\r\n"
            f"--{boundary}\r\nContent-Disposition: form-data; name=file; filename=a.txt\r\n\r\nhalf of it"
        )
        host, port = house.base.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode())
            until = time.monotonic() + 10
            while not left(house):
                assert time.monotonic() < until, "the upload did not begin"
                time.sleep(0.02)
        until = time.monotonic() + 10
        while left(house):
            assert time.monotonic() < until, left(house)
            time.sleep(0.02)
    assert len(intake.get(f"/api/runs/{run}/evidence").json()["items"]) == 8
    assert intake.get("/api/cases").json()["total"] == 1


def test_a_body_without_its_end_is_refused(house: House, intake: Client) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nhalf'
    answer = intake.post("/api/cases", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 422
    assert left(house) == []


def test_adding_and_replacing_evidence(house: House, run: str, intake: Client) -> None:
    address = f"/api/runs/{run}/evidence"
    lying = intake.post(address, files={"file": ("note.pdf", b"no pdf at all")})
    assert lying.status_code == 415
    assert intake.post(address, files={"file": ("a.txt", b"x")}, data={"id": "ticket"}).status_code == 409
    assert intake.post(address, files={"file": ("a.txt", b"x")}, data={"replaces": "none"}).status_code == 422
    assert intake.post(address, files={"file": ("a.txt", b"x")}, data={"captured_at": "noon"}).status_code == 422
    two = [("file", ("a.txt", b"x")), ("file", ("b.txt", b"x"))]
    assert intake.post(address, files=two).status_code == 422
    new = {"file": ("contacts_v2.csv", b"tenant_id,name,email\ntn-quillfeather-eu,Bram,b@quillfeather.example\n")}
    key = {"Idempotency-Key": "add-once-1"}
    first = intake.post(address, files=new, data={"replaces": "roster", "system": "contact_roster"}, headers=key)
    assert first.status_code == 202, first.text
    house.rest(TENANT, run)
    again = intake.post(address, files=new, data={"replaces": "roster", "system": "contact_roster"}, headers=key)
    assert again.status_code == 202
    house.rest(TENANT, run)
    items = {item["id"]: item for item in intake.get(address).json()["items"]}
    assert items["roster"]["replaced_by"] == "contacts_v2"
    assert not items["roster"]["current"]
    assert len(items) == 9
    assert left(house) == []


@pytest.mark.parametrize(("script", "status"), [("exit 0", 202), ("exit 1", 415), ("exit 2", 415), ("sleep 30", 415)])
def test_the_virus_scan(sqlite_url: str, tmp_path: Path, script: str, status: int) -> None:
    program = tmp_path / "scan.py"
    seconds = 30 if "sleep" in script else 0
    program.write_text(f"import sys, time\ntime.sleep({seconds})\nsys.exit({script[-1] if not seconds else 0})\n")
    given = {"scan_command": f"{sys.executable} {program}", "scan_seconds": 2}
    house = House(sqlite_url, tmp_path / "data", given).start()
    try:
        intake = house.sign_in("u-intake", ("support_intake_specialist",))
        files = [("files", ("ticket.json", b"{}"))]
        assert intake.post("/api/cases", files=files, data=SCENARIO).status_code == status
        assert left(house) == []
    finally:
        house.stop()
