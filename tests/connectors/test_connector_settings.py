"""The connectors file: what cannot be used is one line that names file, place and expectation, and no secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from connected import settings

from runtime.connector_settings import load_connectors
from runtime.errors import InputError
from tools.connectors.http_tools import opened

SECRET = "Kx7-planted-and-never-shown-91"
Change = Callable[[dict[str, Any]], Any]


def written(folder: Path, change: Change) -> Path:
    told: dict[str, Any] = settings("https://systems.example")
    change(told)
    for name in ("desk", "crm", "identity"):
        (folder / f"{name}.key").write_text(SECRET, encoding="utf-8")
    (folder / "short.key").write_text("short", encoding="utf-8")
    file = folder / "connectors.yaml"
    file.write_text(yaml.safe_dump({"tenants": {"tn-a": told}}), encoding="utf-8")
    return file


def of(connector: str, **members: Any) -> Change:
    return lambda told: told[connector].update(members)


def in_resource(name: str, **members: Any) -> Change:
    return lambda told: told["desk"]["resources"][name].update(members)


def parameter(**members: Any) -> Change:
    return lambda told: told["desk"]["resources"]["ticket"]["parameters"]["ticket"].update(members)


BAD: dict[str, tuple[Change, str, str]] = {
    "another kind": (of("desk", kind="mail"), "tn-a.desk.kind", "'ticketing', 'crm' or 'identity'"),
    "an unknown member": (of("desk", verify=False), "tn-a.desk.verify", "not permitted"),
    "no address": (of("desk", base="systems.example"), "tn-a.desk", "an https address was expected"),
    "http over the network": (of("desk", base="http://systems.example"), "tn-a.desk", "http is for loopback only"),
    "a loopback in the name": (of("desk", base="http://127.0.0.1.evil.example"), "tn-a.desk", "http is for loopback"),
    "a password in the address": (of("desk", base=f"https://a:{SECRET}@b.example"), "tn-a.desk", "without name"),
    "a query in the address": (of("desk", base="https://b.example?key=1"), "tn-a.desk", "query and fragment"),
    "a space in the address": (of("desk", base="https://b .example"), "tn-a.desk", "an address without name"),
    "no host": (of("desk", base="https:///api"), "tn-a.desk", "an address without name"),
    "a port that is none": (of("desk", base="https://b.example:99999"), "tn-a.desk", "Port out of range"),
    "another way to sign in": (of("desk", auth={"kind": "oauth"}), "tn-a.desk.auth", "'basic'"),
    "a secret in the clear": (
        of("desk", auth={"kind": "bearer", "secret": SECRET}), "tn-a.desk.auth.bearer.secret", "env:NAME, file:path"
    ),
    "a secret that is not there": (
        of("desk", auth={"kind": "bearer", "secret": "file:none.key"}), "tn-a.desk.auth.secret", "a readable file"
    ),
    "a secret that is short": (
        of("desk", auth={"kind": "bearer", "secret": "file:short.key"}), "tn-a.desk.auth.secret", "at least 16"
    ),
    "a header that the client sets": (
        of("desk", auth={"kind": "header", "name": "Host", "secret": "file:desk.key"}), "tn-a.desk.auth.header.name", ""
    ),
    "no resources": (of("desk", resources={}), "tn-a.desk.resources", "at least 1"),
    "a resource with a bad name": (of("desk", resources={"A b": {}}), "tn-a.desk.resources.A b", "match pattern"),
    "no time": (of("desk", seconds=0), "tn-a.desk.seconds", "greater than 0"),
    "no end of time": (of("desk", seconds=3600), "tn-a.desk.seconds", "less than or equal to 60"),
    "no end of bytes": (of("desk", bytes=10**12), "tn-a.desk.bytes", "less than or equal to"),
    "no end of retries": (of("desk", retries=1000), "tn-a.desk.retries", "less than or equal to 5"),
    "an address for a path": (in_resource("ticket", path="https://b.example/{ticket}"), "resources.ticket", "path: "),
    "a path that climbs": (in_resource("ticket", path="/a/../{ticket}"), "resources.ticket", "none of them . or .."),
    "a query in a path": (in_resource("ticket", path="/a/{ticket}?x=1"), "resources.ticket", "path: "),
    "a path with a format": (in_resource("ticket", path="/a/{ticket!r}"), "resources.ticket", "path: "),
    "a query with a format": (in_resource("ticket", query={"a": "{ticket.x}"}), "resources.ticket", "parameters: "),
    "a query that is no template": (in_resource("ticket", query={"a": "{"}), "resources.ticket", "expected"),
    "a secret in the query": (in_resource("ticket", query={"api_key": SECRET}), "resources.ticket", "it goes to auth"),
    "an undeclared parameter": (in_resource("ticket", path="/a/{other}"), "resources.ticket", "other was expected"),
    "an unused parameter": (in_resource("ticket", path="/a/b"), "resources.ticket", "ticket was expected in path"),
    "a file with a folder": (in_resource("ticket", file="a/{ticket}.json"), "resources.ticket", "file: a name"),
    "a file of another kind": (in_resource("ticket", file="{ticket}.exe"), "resources.ticket", "ends with .json"),
    "pages without items": (in_resource("ticket", paging={"kind": "pages"}), "resources.ticket", "items: the place"),
    "items without pages": (in_resource("ticket", items="/x"), "resources.ticket", "with paging only"),
    "a pointer that is none": (in_resource("ticket", as_of="meta"), "ticket.as_of", "match pattern"),
    "another paging": (in_resource("comments", paging={"kind": "offset"}), "comments.paging", "'cursor'"),
    "a pattern that is none": (parameter(pattern="["), "parameters.ticket.pattern", "a regular expression"),
    "an example that does not fit": (parameter(example="x"), "parameters.ticket", "fits the pattern"),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_used_is_one_line_without_a_secret(tmp_path: Path, bad: str) -> None:
    change, place, expected = BAD[bad]
    file = written(tmp_path, change)
    with pytest.raises(InputError) as caught:
        load_connectors(file)
    told = str(caught.value)
    assert told.startswith(str(tmp_path))
    assert place in told
    assert expected in told, told
    assert "\n" not in told
    assert SECRET not in told
    assert SECRET not in repr(caught.value.__cause__)
    assert SECRET not in repr(caught.value.__context__)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tenants: [", "YAML was expected"),
        ("- tn-a", "the member tenants was expected"),
        ("connectors: {}", "the member tenants was expected"),
        ("tenants: {tn-a: {DESK: {}}}", "tenants.tn-a.DESK"),
        ("tenants: {tn-a: 3}", "tenants.tn-a"),
    ],
)
def test_a_file_of_another_shape(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "connectors.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=expected):
        load_connectors(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="CASEGATE_CONNECTORS: a readable file was expected"):
        load_connectors(tmp_path / "none.yaml")
    assert load_connectors(None).of("tn-a") == {}


def test_a_parameter_that_would_be_an_address(tmp_path: Path) -> None:
    host = {"path": "/tickets/{host}", "file": "t.json", "parameters": {"host": {}}}
    file = written(tmp_path, lambda told: told["desk"]["resources"].update(ticket=host))
    with pytest.raises(InputError, match=r"tenants\.tn-a: desk\.ticket: a tool takes no address; host would be one"):
        opened(file)


def test_a_tenant_has_its_own_systems_and_a_secret_is_read_anew(tmp_path: Path) -> None:
    found = load_connectors(written(tmp_path, lambda told: told["crm"].update(auth={"kind": "none"})))
    assert set(found.of("tn-a")) == {"desk", "crm", "directory"}
    assert found.of("tn-b") == {}
    assert found.secret("tn-a", "crm") is None
    (tmp_path / "desk.key").write_text("another-secret-now", encoding="utf-8")
    secret = found.secret("tn-a", "desk")
    assert secret is not None
    assert secret.get_secret_value() == "another-secret-now"
    assert SECRET not in repr(found)
