"""Connectors over the API: who may add what, classes by four eyes, and a tool that changes is off until looked at."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from house import Client, House
from packets import TENANT
from strange import SCRIPT, TOKEN, serve

from runtime.errors import InputError
from runtime.mcp_settings import McpSettings, load_mcp, origin_of

ADMIN = f"/api/admin/{TENANT}"
WHY = {"reason": "the desk is where tickets are"}
FOREIGN = "tn-somebody-else"
DESK = {"name": "desk", "reach": {"transport": "stdio", "command": "ticket_desk"}, "system": "ticketing", **WHY}
READ = {"look_up": "read", "close_ticket": "effect"}


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[House, Path]]:
    """A server whose operator offers one command, and its mood."""
    mood = tmp_path / "mood"
    mood.write_text("fine")
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    command = {
        "command": [sys.executable, str(SCRIPT), str(mood)],
        "folder": str(tmp_path),
        "secrets": {"DESK_TOKEN": "env:DESK_TOKEN"},
        "tenants": [TENANT],
    }
    hosts = [{"origin": "https://tools.internal", "authorization": "env:DESK_TOKEN", "tenants": [TENANT]}]
    file = tmp_path / "mcp.yaml"
    file.write_text(yaml.safe_dump({"commands": {"ticket_desk": command}, "hosts": hosts}))
    house = House(sqlite_url, tmp_path / "data", {"mcp": file}).start()
    yield house, mood
    house.stop()


def admins(house: House) -> tuple[Client, Client]:
    return house.sign_in("x-ada", global_roles=("admin",)), house.sign_in("x-bea", global_roles=("admin",))


def classes(page: dict[str, Any], **wanted: str) -> dict[str, Any]:
    shas = {one["name"]: one["sha256"] for one in page["tools"]}
    return {"tools": {name: {"kind": kind, "sha256": shas[name]} for name, kind in wanted.items()}, **WHY}


def in_force(first: Client, second: Client, **wanted: str) -> dict[str, Any]:
    """A desk whose tools are classed so, put in force by two."""
    assert first.post(f"{ADMIN}/connectors", json=DESK).status_code == 201
    page = first.post(f"{ADMIN}/connectors/desk/look").json()
    made = first.post(f"{ADMIN}/connectors/desk/versions", json=classes(page, **wanted))
    assert made.status_code == 201, made.text
    number = made.json()["version"]
    put = second.post(f"{ADMIN}/connectors/desk/versions/{number}/activation", json=WHY)
    assert put.status_code == 200, put.text
    return dict(first.get(f"{ADMIN}/connectors/desk").json())


def tool(page: dict[str, Any], name: str) -> dict[str, Any]:
    return next(dict(one) for one in page["tools"] if one["name"] == name)


def test_tools_are_nobodys_until_two_have_looked(desk: tuple[House, Path]) -> None:
    house, _ = desk
    first, second = admins(house)
    empty = first.get(f"{ADMIN}/connectors").json()
    assert empty == {
        "connectors": [],
        "commands": ["ticket_desk"],
        "hosts": [{"origin": "https://tools.internal", "token": True}],
    }
    assert first.post(f"{ADMIN}/connectors", json=DESK).json() == {"version": 1}
    page = first.post(f"{ADMIN}/connectors/desk/look").json()
    assert {(one["name"], one["kind"], one["state"]) for one in page["tools"]} == {
        (name, "off", "new") for name in ("look_up", "close_ticket", "fetch_page", "history")
    }
    assert "takes no address; page_url" in tool(page, "fetch_page")["why_not"]
    assert [one["name"] for one in first.get(f"{ADMIN}/tools").json()["tools"]] == ["search_evidence"]
    refused = first.post(f"{ADMIN}/connectors/desk/versions", json=classes(page, fetch_page="read"))
    assert (refused.status_code, "takes no address" in refused.json()["detail"]) == (422, True)
    made = first.post(f"{ADMIN}/connectors/desk/versions", json=classes(page, **READ)).json()["version"]
    alone = first.post(f"{ADMIN}/connectors/desk/versions/{made}/activation", json=WHY)
    assert (alone.status_code, alone.json()["detail"]) == (
        403,
        "you wrote this version; another admin puts it in force",
    )
    assert second.post(f"{ADMIN}/connectors/desk/versions/{made}/activation", json=WHY).json() == {"active": made}
    names = [one["name"] for one in first.get(f"{ADMIN}/tools").json()["tools"]]
    assert names == ["search_evidence", "desk/look_up"]
    grants = {"grants": {"retrieval": ["search_evidence", "desk/look_up"]}, **WHY}
    assert first.post(f"{ADMIN}/tools/outage-intake/versions", json=grants).status_code == 201
    effect = {"grants": {"retrieval": ["desk/close_ticket"]}, **WHY}
    assert first.post(f"{ADMIN}/tools/outage-intake/versions", json=effect).status_code == 422


def test_less_needs_one_and_more_needs_two(desk: tuple[House, Path]) -> None:
    house, _ = desk
    first, second = admins(house)
    page = in_force(first, second, look_up="read", history="read")
    off = first.post(f"{ADMIN}/connectors/desk/versions", json=classes(page, look_up="read", history="off")).json()
    assert first.post(f"{ADMIN}/connectors/desk/versions/{off['version']}/activation", json=WHY).status_code == 200
    again = first.post(f"{ADMIN}/connectors/desk/versions", json=classes(page, look_up="read", history="read")).json()
    put = f"{ADMIN}/connectors/desk/versions/{again['version']}/activation"
    assert first.post(put, json=WHY).status_code == 403
    assert second.post(put, json=WHY).status_code == 200
    assert first.post(f"{ADMIN}/connectors/desk/versions/0/activation", json=WHY).json() == {"active": 0}
    assert [one["name"] for one in first.get(f"{ADMIN}/tools").json()["tools"]] == ["search_evidence"]
    assert second.post(put, json=WHY).status_code == 409


@pytest.mark.parametrize("mood", ["changed", "wider", "gone", "control"])
def test_a_tool_that_changes_is_off_also_when_it_changes_back(desk: tuple[House, Path], mood: str) -> None:
    house, file = desk
    first, second = admins(house)
    page = in_force(first, second, look_up="read", history="read")
    assert tool(page, "look_up")["state"] == "looked_at"
    file.write_text(mood)
    seen = tool(first.post(f"{ADMIN}/connectors/desk/look").json(), "look_up")
    assert (seen["kind"], seen["state"]) == ("off", "gone" if mood == "gone" else "changed")
    change = seen["change"]
    assert change["description"]["before"] == "Look up the status of a ticket."
    match mood:
        case "changed":
            assert "First send the case" in change["description"]["now"]
        case "wider":
            assert '"required": []' in change["arguments"]["now"]
        case "control":
            assert "⟨U+0000⟩" in change["description"]["now"]
            assert "⟨U+202E⟩" in change["description"]["now"]
        case _:
            assert change["description"]["now"] == ""
    file.write_text("fine")
    back = first.post(f"{ADMIN}/connectors/desk/look").json()
    assert tool(back, "look_up")["kind"] == "off"
    assert tool(back, "history")["kind"] == "read"
    assert [one["name"] for one in first.get(f"{ADMIN}/tools").json()["tools"]] == ["search_evidence", "desk/history"]
    acts = [one["kind"] for one in first.get(f"{ADMIN}/audit").json()["entries"]]
    assert acts.count("connector_tool_changed") == 1
    made = first.post(f"{ADMIN}/connectors/desk/versions", json=classes(back, look_up="read", history="read")).json()
    put = f"{ADMIN}/connectors/desk/versions/{made['version']}/activation"
    assert first.post(put, json=WHY).status_code == 403
    assert second.post(put, json=WHY).status_code == 200
    assert tool(first.get(f"{ADMIN}/connectors/desk").json(), "look_up")["state"] == "looked_at"


def test_what_was_seen_must_be_what_is_classed(desk: tuple[House, Path]) -> None:
    house, file = desk
    first, _ = admins(house)
    assert first.post(f"{ADMIN}/connectors", json=DESK).status_code == 201
    page = first.post(f"{ADMIN}/connectors/desk/look").json()
    file.write_text("changed")
    first.post(f"{ADMIN}/connectors/desk/look")
    stale = first.post(f"{ADMIN}/connectors/desk/versions", json=classes(page, look_up="read"))
    assert (stale.status_code, "look again" in stale.json()["detail"]) == (409, True)


REFUSED: dict[str, dict[str, Any]] = {
    "a command that is not offered": {"reach": {"transport": "stdio", "command": "/bin/sh"}},
    "a command and its arguments": {"reach": {"transport": "stdio", "command": "ticket_desk", "args": ["-x"]}},
    "an address on no host": {"reach": {"transport": "http", "url": "https://evil.example/mcp"}},
    "the address of a machine's own data": {"reach": {"transport": "http", "url": "http://169.254.169.254/latest"}},
    "loopback that is not offered": {"reach": {"transport": "http", "url": "http://127.0.0.1:22/"}},
    "a host as the name of another": {"reach": {"transport": "http", "url": "https://tools.internal@evil.example/"}},
    "another port": {"reach": {"transport": "http", "url": "https://tools.internal:8443/mcp"}},
    "another scheme": {"reach": {"transport": "http", "url": "http://tools.internal/mcp"}},
    "a backslash": {"reach": {"transport": "http", "url": "https://tools.internal\\@evil.example/"}},
    "a file": {"reach": {"transport": "http", "url": "file:///etc/passwd"}},
    "a name with a slash": {"name": "desk/x"},
    "a name with a way up": {"name": ".."},
    "an unknown member": {"token": "env:CASEGATE_MODEL_KEY"},
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_admin_chooses_only_what_the_operator_offers(desk: tuple[House, Path], what: str) -> None:
    house, _ = desk
    first, _ = admins(house)
    assert first.post(f"{ADMIN}/connectors", json={**DESK, **REFUSED[what]}).status_code == 422
    assert first.get(f"{ADMIN}/connectors").json()["connectors"] == []


def test_another_tenant_sees_and_chooses_nothing_of_it(desk: tuple[House, Path]) -> None:
    house, _ = desk
    first, second = admins(house)
    in_force(first, second, look_up="read")
    other = house.sign_in("x-cy", tenant=FOREIGN, global_roles=("admin",))
    assert other.get(f"/api/admin/{FOREIGN}/connectors").json() == {"connectors": [], "commands": [], "hosts": []}
    assert other.post(f"/api/admin/{FOREIGN}/connectors", json=DESK).status_code == 422
    assert other.get(f"{ADMIN}/connectors/desk").status_code == 404


def test_a_number_of_any_length_is_the_same_number_when_it_is_read_back(desk: tuple[House, Path]) -> None:
    house, file = desk
    file.write_text("long_number")
    first, second = admins(house)
    page = in_force(first, second, look_up="read")
    assert str(2**70) in tool(page, "look_up")["arguments"]
    again = first.post(f"{ADMIN}/connectors/desk/look").json()
    assert tool(again, "look_up")["state"] == "looked_at"


BROKEN = {"slow_list": "no answer within", "many": "lists more than 200 tools", "endless": "more than 20 pages"}


@pytest.mark.parametrize("mood", BROKEN)
def test_a_server_that_cannot_be_listed_is_said_so(desk: tuple[House, Path], mood: str) -> None:
    house, file = desk
    first, _ = admins(house)
    first.post(f"{ADMIN}/connectors", json=DESK)
    first.post(f"{ADMIN}/connectors/desk/look")
    file.write_text(mood)
    page = first.post(f"{ADMIN}/connectors/desk/look", timeout=60).json()
    assert BROKEN[mood] in page["problem"]
    assert len(page["tools"]) == 4
    assert first.get(f"{ADMIN}/connectors").json()["connectors"][0]["problem"] == page["problem"]


def test_no_secret_is_kept_or_told(desk: tuple[House, Path], capfd: pytest.CaptureFixture[str]) -> None:
    house, file = desk
    first, second = admins(house)
    in_force(first, second, look_up="read")
    texts = [first.get(f"{ADMIN}/{path}").text for path in ("connectors", "connectors/desk", "audit", "tools")]
    file.write_text("garbage")
    texts.append(first.post(f"{ADMIN}/connectors/desk/look").text)
    house.stop()
    kept = [one.read_bytes() for one in house.data.parent.rglob("*") if one.is_file() and one.name != "mcp.yaml"]
    assert not any(TOKEN.encode() in one for one in kept)
    assert not any(TOKEN in one for one in texts)
    assert TOKEN not in "".join(capfd.readouterr())


def test_an_address_is_reached_with_its_token(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mood = tmp_path / "mood"
    mood.write_text("fine")
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    process, url = serve(mood, TOKEN)
    file = tmp_path / "mcp.yaml"
    host = {"origin": url.removesuffix("/mcp"), "authorization": "env:DESK_TOKEN", "tenants": ["*"]}
    file.write_text(yaml.safe_dump({"hosts": [host]}))
    house = House(sqlite_url, tmp_path / "data", {"mcp": file}).start()
    first, _ = admins(house)
    made = {**DESK, "reach": {"transport": "http", "url": url}}
    assert first.post(f"{ADMIN}/connectors", json=made).status_code == 201
    assert len(first.post(f"{ADMIN}/connectors/desk/look").json()["tools"]) == 4
    monkeypatch.delenv("DESK_TOKEN")
    problem = first.post(f"{ADMIN}/connectors/desk/look").json()["problem"]
    assert problem.endswith("env:DESK_TOKEN names nothing")
    process.kill()
    process.wait()
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    assert "cannot be reached" in first.post(f"{ADMIN}/connectors/desk/look").json()["problem"]
    house.stop()


OWN: dict[str, Any] = {"folder": ".", "tenants": ["*"]}
OURS = "https://tools.internal"
FILES: dict[str, tuple[Any, str]] = {
    "a secret in the clear": ({"hosts": [{"origin": OURS, "authorization": TOKEN, "tenants": ["*"]}]}, "env:NAME"),
    "a command as one string": ({"commands": {"x": {"command": "sh -c x", **OWN}}}, "command"),
    "nobody's command": ({"commands": {"x": {"command": ["x"], "folder": ".", "tenants": []}}}, "tenants"),
    "http to elsewhere": ({"hosts": [{"origin": "http://tools.internal", "tenants": ["*"]}]}, OURS),
    "a path": ({"hosts": [{"origin": f"{OURS}/mcp", "tenants": ["*"]}]}, "scheme, host and port"),
    "an unknown member": ({"servers": {}}, "commands and hosts"),
    "a list": ([], "commands and hosts"),
}


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_cannot_be_used_is_said_in_one_line(tmp_path: Path, what: str) -> None:
    given, reason = FILES[what]
    file = tmp_path / "mcp.yaml"
    file.write_text(yaml.safe_dump(given))
    with pytest.raises(InputError) as caught:
        load_mcp(file)
    assert reason in str(caught.value)
    assert str(file) in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_an_origin_is_what_a_client_would_connect_to() -> None:
    assert origin_of("https://tools.internal/mcp") == "https://tools.internal"
    assert origin_of("http://[::1]:9000/mcp") == "http://[::1]:9000"
    for bad in (
        "https://a@b/",
        "https://b/?x",
        "https://b/#x",
        "ftp://b",
        "http://b",
        "https://",
        "https://b:x/",
        "//b",
    ):
        assert origin_of(bad) is None, bad
    assert McpSettings().commands_of(TENANT) == []
