"""Exit codes of the contract: our errors become one line on stderr; 2 for input, 1 for the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click

from runtime.errors import CasegateError, InputError

P = ParamSpec("P")


def answers(command: Callable[P, int | None]) -> Callable[P, None]:
    """A command whose result is its exit code, and whose errors are for people."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
        except CasegateError as error:
            click.echo(f"casegate: {error}", err=True)
            sys.exit(2 if isinstance(error, InputError) else 1)
        sys.exit(code or 0)

    return run
