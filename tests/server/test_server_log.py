"""A fault is in the log by its type and place, never by its words: those may be evidence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAULTY = """
import logging, sys
import structlog
from server.telemetry import configure_logs

def deep():
    return {}["eng-0417 in a key"]

def middle():
    try:
        deep()
    except KeyError as error:
        raise ValueError("eng-0417 in a cause") from error

configure_logs(as_json=sys.argv[1] == "json")
try:
    middle()
except ValueError as error:
    structlog.get_logger("casegate").error("a turn failed", run="run_1", exc_info=error)
    structlog.get_logger("casegate").error("the same", exc_info=True)
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=error)
    group = ExceptionGroup("eng-0417 in a group", [error, TypeError("eng-0417 in a member")])
    structlog.get_logger("casegate").error("many at once", exc_info=group)
"""


@pytest.mark.parametrize("look", ["json", "console"])
def test_a_fault_is_told_without_its_words(look: str) -> None:
    command = [sys.executable, "-c", FAULTY, look]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    log = told.stdout + told.stderr
    assert "eng-0417" not in log
    for there in ("a turn failed", "the same", "Exception in ASGI application", "many at once", "TypeError"):
        assert there in log
    assert log.count("in deep") == 4
    assert log.count("which led to") == 4
