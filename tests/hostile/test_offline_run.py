"""The offline run itself: it sees what is tried, and says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "tests" / "offline" / "run.py"


def _offline(test: Path) -> subprocess.CompletedProcess[str]:
    if os.environ.get("CASEGATE_OFFLINE"):
        pytest.skip("this is an offline run already")
    done = subprocess.run(
        [sys.executable, str(RUN), "-n", "0", "--rootdir", str(test.parent), "-c", "/dev/null", str(test)],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    if done.returncode == 2 and "no network namespace" in done.stderr:
        pytest.skip("this machine permits no network namespace: `unshare --net` (util-linux) is needed")
    return done


def test_a_test_that_calls_out_is_named(tmp_path: Path) -> None:
    test = tmp_path / "test_away.py"
    test.write_text(
        "import socket, subprocess, sys\n"
        "def test_away():\n"
        "    probe = 'import socket\\ntry: socket.getaddrinfo(\"away.invalid\", 80)\\nexcept OSError: pass'\n"
        "    subprocess.run([sys.executable, '-c', probe], check=True)\n"
        "    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "    try:\n        s.connect(('192.0.2.1', 9))\n    except OSError:\n        pass\n"
    )
    done = _offline(test)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "tried: socket.getaddrinfo" in done.stdout
    assert "tried: socket.connect" in done.stdout
    assert "offline: 2 look-ups and connections beyond loopback in 1 tests" in done.stdout


def test_a_test_that_stays_is_none(tmp_path: Path) -> None:
    test = tmp_path / "test_home.py"
    test.write_text(
        "import socket\n"
        "def test_home():\n"
        "    server = socket.create_server(('127.0.0.1', 0))\n"
        "    socket.create_connection(server.getsockname()).close()\n"
    )
    done = _offline(test)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "offline: 0 look-ups and connections beyond loopback in 1 tests (≤ 100.00% of the tests)" in done.stdout
