"""Stub systems: real servers that do what their script says, and scripts that are refused before anything runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import casegate
from sev1_packet import APPROVED, action, script, write_packet

from tools.packet_folder import load
from tools.stub_script import StubScript
from tools.stub_server import serving
from tools.systems import Request, call, find, path_in


def made(**changes: Any) -> StubScript:
    """A checked script."""
    return StubScript.model_validate(script(**changes))


async def test_flags_change_what_it_answers_and_outlive_the_server(tmp_path: Path) -> None:
    for state in ("off", "on"):
        async with serving({"flags": made()}, tmp_path) as systems:
            system = systems["flags"]
            assert (await call(system, Request("GET", "/f/7?verbose=1"))).body == {"state": state}
            assert (await call(system, Request("POST", "/f/7/on", {}))).body == {"change": "CH-1"}
            assert (await call(system, Request("GET", "/f/7"))).body == {"state": "on"}
            assert (await call(system, Request("DELETE", "/f/7"))).status == 404
        assert (await call(system, Request("GET", "/f/7"))).silent, "the port is still open"


async def test_it_applies_and_never_answers() -> None:
    silent = script(timeout="after_apply")
    del silent["rules"][2]["status"], silent["rules"][2]["body"]
    async with serving({"flags": StubScript.model_validate(silent)}) as systems:
        answer = await call(replace(systems["flags"], seconds=0.3), Request("POST", "/f/7/on", {}))
        assert (answer.silent, answer.status) == (True, 0)
        assert (await call(systems["flags"], Request("GET", "/f/7"))).body == {"state": "on"}


async def test_forms_are_compared_whole_and_a_get_may_apply() -> None:
    rules = [
        {"id": "look", "method": "GET", "path": "/x", "unless": ["seen"], "status": 200, "html": "<p>1</p>", "applies": "seen"},  # noqa: E501
        {"id": "again", "method": "GET", "path": "/x", "status": 200, "html": "<p>2</p>"},
        {"id": "ok", "method": "POST", "path": "/x", "form": {"tenant": "tn-[a-z]+", "n": "[0-9]{2}"}, "status": 200, "body": 1},  # noqa: E501
        {"id": "bad", "method": "POST", "path": "/x", "status": 422, "body": 0},
    ]  # fmt: skip
    checked = StubScript.model_validate({"system": "s", "base_url": "https://s.example", "rules": rules})
    async with serving({"s": checked}) as systems:
        system = systems["s"]
        assert [(await call(system, Request("GET", "/x"))).text for _ in "ab"] == ["<p>1</p>", "<p>2</p>"]
        for form, status in (({"tenant": "tn-ab", "n": "12"}, 200), ({"tenant": "tn-ab!", "n": "12"}, 422), ({}, 422)):
            assert (await call(system, Request("POST", "/x", form=form))).status == status
        assert (await call(system, Request("POST", "/x", {"tenant": "tn-q", "n": 12}))).status == 200


async def test_only_paths_of_the_declared_system() -> None:
    async with serving({"flags": made()}) as systems:
        system = systems["flags"]
        assert find(systems, "FLAGS") is system
        assert find(systems, "flag") is None
        assert path_in(system, "https://flags.example/f/7") == "/f/7"
        for target in (
            "https://flags.example.evil/f", "https://u@flags.example/f", "http://flags.example/f", "//evil/f", "f/7",
            "/../f", "/a/%2e%2E/b", "/f 7", "/f\\7", "", "file:///etc/passwd", "/f#x", "/f\n7",
        ):  # fmt: skip
            assert path_in(system, target) is None, target


BAD = [
    ({"rules": [{"id": "x", "method": "FETCH", "path": "/", "status": 200}]}, "rules.0.method"),
    ({"rules": [{"id": "x", "method": "GET", "path": "x", "status": 200}]}, "rules.0.path"),
    ({"rules": [{"id": "x", "method": "GET", "path": "/x"}]}, "a status was expected"),
    ({"rules": [{"id": "x", "method": "GET", "path": "/x", "status": 99}]}, "rules.0.status"),
    ({"rules": [{"id": "x", "method": "GET", "path": "/x", "status": 200, "unles": []}]}, "rules.0.unles"),
    ({"rules": [{"id": "x", "method": "GET", "path": "/x", "status": 200, "form": {"a": "("}}]}, "a regex was expected for a"),  # noqa: E501
    ({"rules": [{"id": "x", "method": "GET", "path": "/x", "timeout": "after_apply"}]}, "applies was expected"),
    ({"rules": [{"id": "x", "method": "GET", "path": "/x", "status": 200}] * 2}, "'x' stands twice"),
    ({"base_url": "flags.example"}, "an address like https://"),
    ({"system": ""}, "system"),
    ({"otherwise": {"status": 404, "body": 1, "html": "x"}}, "body or html was expected"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "says"), BAD)
def test_a_bad_script_is_one_line_and_exit_code_two(changes: dict[str, Any], says: str, tmp_path: Path) -> None:
    packet = write_packet(tmp_path / "p", actions=[action()], stub=script() | changes, timeline=APPROVED)
    answer = casegate("run", packet, "--out", tmp_path / "out")
    assert (answer.code, answer.fault) == (2, None)
    assert answer.err.count("\n") == 1
    assert "flags.yaml" in answer.err
    assert says in answer.err


def test_a_script_that_is_missing_or_outside(tmp_path: Path) -> None:
    packet = write_packet(tmp_path / "p", actions=[action()], stub=script(), timeline=[])
    for name, says in (("none.yaml", "is not there"), ("../x.yaml", "a path inside the packet folder")):
        told = yaml.safe_load((packet / "packet.yaml").read_text())
        told["systems"][0]["script"] = name
        (packet / "packet.yaml").write_text(yaml.safe_dump(told))
        answer = casegate("run", packet, "--out", tmp_path / "out")
        assert (answer.code, answer.fault) == (2, None)
        assert "systems[0].script" in answer.err
        assert says in answer.err


def test_every_example_with_systems_has_a_script_that_loads(shared: Path) -> None:
    from tools.packet_folder import load

    found = [load(path.parent).scripts for path in sorted(shared.glob("examples/*/packet.yaml"))]
    assert sum(len(scripts) for scripts in found) >= 5


def test_only_true_and_false_are_booleans_of_a_script(tmp_path: Path) -> None:
    (tmp_path / "packet.yaml").write_text(
        "scenario: s\ncase: c\ntenant: {id: tn-a}\nas_of: 2026-01-01T00:00:00Z\nrequested_by: u\n"
        "systems: [{id: flags, kind: http-stub, script: api.yaml}]\nsources: []\n"
    )
    (tmp_path / "api.yaml").write_text(
        "system: flags\nbase_url: https://flags.example\nrules:\n"
        "  - {id: r, method: GET, path: /f, unless: [off], if: [on], status: 200, applies: no,\n"
        "     body: {state: on, ok: true}}\n"
        "otherwise: {status: 404}\n"
    )
    (script,) = load(tmp_path).scripts.values()
    (rule,) = script.rules
    assert (rule.unless, rule.if_, rule.applies, rule.body) == (["off"], ["on"], "no", {"state": "on", "ok": True})
