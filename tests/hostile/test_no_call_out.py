"""No call out: representative commands look nothing up and connect to nothing but this machine's own loopback.

Twice, in ways that do not rest on each other: an audit hook sees every look-up and connection that Python makes, and
a network namespace with nothing but loopback lets none succeed. Nothing is patched.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import CASES, DEMO

ROOT = Path(__file__).resolve().parents[2]
# Commands as a person would type them; {out} is a folder of the test's own.
COMMANDS = {
    "scenarios": [["scenarios", "--json"]],
    "run": [["run", str(DEMO), "--out", "{out}/run", "--model", "offline"]],
    "run a loop": [
        ["run", str(CASES / "contractor-access" / "cases" / "clean-handoff"), "--out", "{out}/run"],
        ["receipt", "verify", "{out}/run/receipt.json", "--trust", "{out}/run/keys.json"],
        ["lineage", "verify", "{out}/run/lineage.jsonl"],
    ],
    "eval": [["eval", "duties", "--out", "{out}/report", "--workers", "1"]],
    "bad input": [["run", "{out}/nothing"]],
}
EXPECTED = {"bad input": 2}

# Runs a command with a hook that writes down each event; the hook sees also what libraries do at import.
_OBSERVED = """
import json, sys
seen = open(sys.argv[1], "a")
def hook(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto"):
        told = args[1] if event in ("socket.connect", "socket.sendto") else args[0]
        seen.write(json.dumps([event, repr(told)]) + "\\n")
        seen.flush()
sys.addaudithook(hook)
sys.argv = ["casegate", *sys.argv[2:]]
from server.cli import main
main()
"""  # noqa: E501
_LOCAL = ("('127.0.0.1'", "('::1'", "'/", "'127.0.0.1'", "'localhost'", "'::1'")


def _run(prefix: list[str], command: list[str], out: Path, seen: Path) -> subprocess.CompletedProcess[str]:
    filled = [part.replace("{out}", str(out)) for part in command]
    return subprocess.run(
        [*prefix, sys.executable, "-c", _OBSERVED, str(seen), *filled],
        cwd=ROOT, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


def _outside(seen: Path) -> list[list[str]]:
    lines = seen.read_text(encoding="utf-8").splitlines() if seen.exists() else []
    return [one for one in map(json.loads, lines) if not one[1].startswith(_LOCAL)]


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_looks_anything_up_or_connects_outside(name: str, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    for command in COMMANDS[name]:
        done = _run([], command, tmp_path, seen)
        assert done.returncode == EXPECTED.get(name, 0), done.stderr[-2_000:]
    assert seen.exists()
    assert _outside(seen) == []


def test_the_hook_sees_a_look_up_and_a_connection(tmp_path: Path) -> None:
    """An observer that sees nothing would find nothing."""
    probe = _OBSERVED.partition("sys.argv = ")[0] + (
        "import socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "try:\n    s.connect(('192.0.2.1', 9))\nexcept OSError:\n    pass\n"
        "try:\n    socket.getaddrinfo('nowhere.invalid', 80)\nexcept OSError:\n    pass\n"
    )
    subprocess.run([sys.executable, "-c", probe, str(tmp_path / "seen")], check=True, timeout=60)
    assert [event for event, _ in _outside(tmp_path / "seen")] == ["socket.connect", "socket.getaddrinfo"]


def _namespace() -> list[str]:
    """How to run something where there is nothing but loopback, or an empty list where this machine forbids it."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    prefix = [unshare, "--net", "--map-root-user"]
    tried = subprocess.run([*prefix, "true"], capture_output=True, check=False, timeout=30)
    return prefix if tried.returncode == 0 else []


@pytest.mark.parametrize("name", ["run a loop"])
def test_the_same_commands_work_with_nothing_but_loopback(name: str, tmp_path: Path) -> None:
    prefix = _namespace()
    if not prefix:
        pytest.skip("this machine permits no network namespace: `unshare --net --map-root-user` (util-linux) is needed")
    devices = subprocess.run([*prefix, "cat", "/proc/net/dev"], capture_output=True, text=True, check=True).stdout
    assert [line.split(":")[0].strip() for line in devices.splitlines()[2:]] == ["lo"]
    for command in COMMANDS[name]:
        done = _run(prefix, command, tmp_path, tmp_path / "seen")
        assert done.returncode == EXPECTED.get(name, 0), done.stderr[-2_000:]
    assert _outside(tmp_path / "seen") == []
