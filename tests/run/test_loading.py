"""What a first turn would wait for is loaded beforehand, all of it."""

from __future__ import annotations

import subprocess
import sys

# Modules that come with `load`, and those that a run in the same process still brings afterwards.
SCRIPT = """
import sys
from graphs import catalogue, loading
late = ["chromadb", "langgraph.graph", "detect_secrets", *catalogue.PATTERNS.values()]
assert not [name for name in late if name in sys.modules], "loaded by the import alone"
loading.load()
print([name for name in late if name not in sys.modules])
"""


def test_everything_slow_is_there_after_loading() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
