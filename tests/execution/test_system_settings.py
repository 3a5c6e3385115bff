"""The systems file: what cannot be used is one line that names file, place and expectation, and no secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from command import casegate
from packets import read_packet
from packets import write_packet as write_yaml
from running import run
from sev1_packet import APPROVED, action, script, write_packet

from casefile.packet import Packet
from runtime.errors import InputError
from tools.live_systems import opened, systems_of
from tools.stub_script import StubScript
from tools.stub_server import StubServer
from tools.systems import Request, call, path_in

SECRET = "Kx7-planted-and-never-shown-91"
BEARER = {"kind": "bearer", "secret": "file:flags.key"}


def written(folder: Path, base: str = "https://flags.example/api", key: str = SECRET, **changes: Any) -> Path:
    """A systems file with one system of one tenant, and its credential beside it."""
    (folder / "flags.key").write_text(key, encoding="utf-8")
    (folder / "short.key").write_text("short", encoding="utf-8")
    file = folder / "systems.yaml"
    told = {"tenants": {"tn-a": {"flags": {"base": base, "auth": BEARER} | changes}}}
    file.write_text(yaml.safe_dump(told), encoding="utf-8")
    return file


def packet(*systems: dict[str, str], tenant: str = "tn-a") -> Packet:
    told = {"scenario": "s", "case": "c", "tenant": {"id": tenant}, "as_of": "2026-03-03T10:00:00Z"}
    return Packet.model_validate({**told, "requested_by": "o", "systems": list(systems)})


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown member": ({"verify": False}, "tn-a.flags.verify", "not permitted"),
    "http over the network": ({"base": "http://flags.example"}, "tn-a.flags", "http is for loopback only"),
    "a password in the address": ({"base": f"https://a:{SECRET}@b.example"}, "tn-a.flags", "without name"),
    "a secret in the clear": ({"auth": BEARER | {"secret": SECRET}}, "auth.bearer.secret", "env:NAME, file:path"),
    "a secret that is short": ({"auth": BEARER | {"secret": "file:short.key"}}, "tn-a.flags.auth.secret", "at least"),
    "a secret that is not there": ({"auth": BEARER | {"secret": "file:none"}}, "tn-a.flags.auth.secret", "a readable"),
    "a secret that no header takes": ({"key": "a secret with an ümlaut in it"}, "tn-a.flags", "stand in a header"),
    "another way to sign in": ({"auth": {"kind": "oauth"}}, "tn-a.flags.auth", "'basic'"),
    "no way to sign in": ({"auth": None}, "tn-a.flags.auth", "dictionary"),
    "a header that the client sets": ({"auth": {**BEARER, "kind": "header", "name": "Host"}}, "header.name", "own"),
    "certificates that are none": ({"ca_file": "flags.key"}, "tn-a.flags", "certificates in PEM form"),
    "no time": ({"seconds": 0}, "tn-a.flags.seconds", "greater than 0"),
    "no end of time": ({"seconds": 3600}, "tn-a.flags.seconds", "less than or equal to 60"),
    "an address that evidence cannot write": ({"known_as": "flags"}, "tn-a.flags.known_as", "match pattern"),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_used_is_one_line_without_a_secret(tmp_path: Path, bad: str) -> None:
    changes, place, expected = BAD[bad]
    file = written(tmp_path, **changes)
    with pytest.raises(InputError) as caught:
        opened(file)
    told = str(caught.value)
    assert told.startswith(str(tmp_path))
    assert place in told
    assert expected in told, told
    assert "\n" not in told
    for shown in (told, repr(caught.value.__cause__), repr(caught.value.__context__)):
        assert SECRET not in shown


def test_a_file_that_is_not_there_and_one_of_another_shape(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="CASEGATE_SYSTEMS: a readable file was expected"):
        opened(tmp_path / "none.yaml")
    (tmp_path / "list.yaml").write_text("- tn-a", encoding="utf-8")
    with pytest.raises(InputError, match="the member tenants was expected"):
        opened(tmp_path / "list.yaml")
    assert opened(None).of("tn-a") == {}


def test_the_doctor_looks_at_each_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEGATE_SYSTEMS", str(written(tmp_path)))
    monkeypatch.setenv("CASEGATE_DATA", str(tmp_path / "data"))
    assert "ok   systems    1 systems to act on, each with its credential" in casegate("doctor").out
    (tmp_path / "flags.key").unlink()
    bad = casegate("doctor")
    assert bad.code == 1
    assert "FIX  systems" in bad.out
    assert SECRET not in bad.out + bad.err


def test_only_what_the_packet_declares_and_the_tenant_has_is_connected(tmp_path: Path) -> None:
    found = opened(written(tmp_path, name="Feature flags", known_as="https://flags.public.example"))
    mine = systems_of(found, packet({"id": "flags", "kind": "http"}, {"id": "mail", "kind": "http"}))
    assert [(one.id, one.connected) for one in mine.values()] == [("flags", True), ("mail", False)]
    assert path_in(mine["flags"], "https://flags.public.example/f/7") == "/f/7"
    assert path_in(mine["flags"], "https://flags.example/api/f/7") is None
    assert path_in(mine["flags"], "/f/.%2e/%2E./admin") is None
    assert systems_of(found, packet()) == {}
    assert not systems_of(found, packet({"id": "flags", "kind": "http"}, tenant="tn-b"))["flags"].connected
    assert SECRET not in repr(mine) + repr(found)


async def test_the_credential_goes_to_the_system_and_comes_back_in_nothing(tmp_path: Path) -> None:
    rules = [
        {"id": "state", "method": "GET", "path": "/f", "status": 200, "body": {"state": "off"}},
        {"id": "echo", "method": "GET", "path": "/echo", "status": 200, "body": {"sent": f"Bearer {SECRET}"}},
    ]
    stub = StubScript.model_validate({"system": "flags", "base_url": "https://flags.example", "rules": rules})
    server = StubServer(stub, token=SECRET)
    server.start()
    try:
        found = opened(written(tmp_path, server.address))
        flags = systems_of(found, packet({"id": "flags", "kind": "http"}))["flags"]
        # A plan may name the header of its key: the credential's own is not its to set.
        answer = await call(flags, Request("GET", "/f", headers={"authorization": "Bearer of-the-plan"}))
        assert (answer.status, answer.body) == (200, {"state": "off"})
        echoed = await call(flags, Request("GET", "/echo"))
        assert echoed.status == 200
        assert echoed.body is None
        assert SECRET not in repr(echoed)
        (tmp_path / "flags.key").write_text("another-secret-that-is-wrong", encoding="utf-8")
        assert (await call(flags, Request("GET", "/f"))).status == 401
        (tmp_path / "flags.key").unlink()
        gone = await call(flags, Request("GET", "/f"))
        assert gone.silent
        assert "credential cannot be read" in gone.text
        assert str(tmp_path) not in gone.text
    finally:
        server.close()
    mail = systems_of(found, packet({"id": "mail", "kind": "http"}))["mail"]
    assert (await call(mail, Request("POST", "/send"))).text == "no system of the id mail is connected"


def test_a_packet_that_is_played_acts_on_no_system_of_the_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_packet(tmp_path / "p", actions=[action()], stub=script(), timeline=APPROVED)
    write_yaml(folder, {**read_packet(folder), "systems": [{"id": "flags", "kind": "http"}]})
    monkeypatch.setenv("CASEGATE_SYSTEMS", str(written(tmp_path, "http://127.0.0.1:9")))
    outcome = run(folder, tmp_path / "out")
    assert outcome["outcome"] == "blocked_by_policy"
    assert "no system of the id flags is connected here" in (tmp_path / "out" / "artifact.md").read_text("utf-8")
