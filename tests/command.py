"""The command line in this process: exit code, stdout and stderr of `casegate …`."""

from __future__ import annotations

from dataclasses import dataclass

from click.testing import CliRunner

from server.cli import main


@dataclass(frozen=True)
class Answer:
    """What a command answered. `fault` is what it raised beside an exit: a traceback on a real terminal."""

    code: int
    out: str
    err: str
    fault: BaseException | None


def casegate(*arguments: object) -> Answer:
    """Run one command."""
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    fault = None if isinstance(result.exception, SystemExit) else result.exception
    return Answer(result.exit_code, result.stdout, result.stderr, fault)
