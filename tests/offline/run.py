"""The tests where there is no network but this machine's own loopback: `python tests/offline/run.py [of pytest]`.

Two observers that do not rest on each other. In a network namespace with nothing but loopback nothing else can be
reached; and an audit hook in every Python process writes down each look-up and connection that is tried all the same.
A test that tries one on purpose is named here, and nothing else is let through. A PostgreSQL server of the run's own
takes the place of the machine's, which cannot be reached from inside.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Whether there is an observer is tried by what it must see.
ON_PURPOSE = ("test_the_hook_sees_a_look_up_and_a_connection", "test_the_observer_of_an_offline_run_sees")
INSIDE = "CASEGATE_OFFLINE"


def main(arguments: list[str]) -> int:
    """Exit code of pytest, or 1 where something was tried, or 2 where this machine permits no namespace."""
    if os.environ.get(INSIDE):
        return _inside(arguments)
    prefix = namespace()
    if not prefix:
        print("no network namespace is permitted here: `unshare --net` (util-linux) is needed", file=sys.stderr)
        return 2
    command = [*prefix, sys.executable, str(Path(__file__).resolve()), *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, INSIDE: "1"}, check=False).returncode


def namespace() -> list[str]:
    """How to run something where there is nothing but loopback; empty where this machine forbids it."""
    unshare = shutil.which("unshare")
    for prefix in ([unshare, "--net"], [unshare, "--net", "--map-root-user"]) if unshare else ():
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return [str(part) for part in prefix]
    return []


def _inside(arguments: list[str]) -> int:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    devices = [line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]]
    if devices != ["lo"]:
        print(f"nothing but loopback was expected; found {devices}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="casegate-offline-") as scratch, _postgresql(Path(scratch)) as server:
        seen = Path(scratch) / "seen"
        paths = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH", "")])])
        environment = {**os.environ, **server, "PYTHONPATH": paths, "CASEGATE_OFFLINE_SEEN": str(seen)}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
        code, told = _told(command, environment)
        return _judged(code, told, seen.read_text(encoding="utf-8").splitlines() if seen.exists() else [])


def _told(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """The exit code of a command and what it said. It is printed as it comes: a whole run takes its time."""
    told = []
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, bufsize=1) as running:
        for line in running.stdout or ():
            told.append(line)
            print(line, end="", flush=True)
    return running.returncode, "".join(told)


def _judged(code: int, told: str, seen: list[str]) -> int:
    tried = [line for line in seen if not any(name in line for name in ON_PURPOSE)]
    for line in tried:
        print(f"tried: {line}")
    passed = re.search(r"(\d+) passed", told)
    count = int(passed[1]) if passed else 0
    bound = f" (≤ {min(3 / count, 1):.2%} of the tests)" if count and not tried else ""
    print(f"offline: {len(tried)} look-ups and connections beyond loopback in {count} tests{bound}")
    return code or bool(tried)


@contextmanager
def _postgresql(scratch: Path) -> Iterator[dict[str, str]]:
    """A server for the tests that want one, where its programs are here and may run."""
    sys.path.insert(0, str(ROOT))
    from evals.faults.stores import Cluster, has_postgresql
    from runtime.errors import InputError

    if not has_postgresql():
        yield {}
        return
    folder = scratch / "postgresql"
    folder.mkdir()
    scratch.chmod(0o755)
    try:
        cluster = Cluster(folder)
    except InputError as error:
        print(f"without PostgreSQL: {error}", file=sys.stderr)
        yield {}
        return
    try:
        yield {"CASEGATE_TEST_POSTGRES": cluster.url("postgres")}
    finally:
        cluster.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
