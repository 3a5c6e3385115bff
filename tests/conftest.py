"""Fixtures of all tests. Shared builders stand beside this file and are imported by name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
sys.path.insert(0, str(TESTS))
sys.path.insert(0, str(TESTS / "readers"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder that is shared with others; skipped, saying so, where it is absent."""
    folder = TESTS.parent.parent / "shared"
    if not folder.is_dir():
        pytest.skip("../shared is not here: it holds the examples and vectors that others test with")
    return folder
