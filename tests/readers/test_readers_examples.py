"""All example packets read, and every quote that the readers give stands where they say it does."""

from __future__ import annotations

from pathlib import Path

import pytest
from reopen import CHECKS

from tools.readers import READERS, line_spans, read

EXAMPLES = Path(__file__).parents[3] / "shared" / "examples"
FILES = sorted(file for file in EXAMPLES.glob("*/*") if file.suffix.lower() in READERS)
PER_FILE = 12

pytestmark = pytest.mark.skipif(not FILES, reason=f"no example packets in {EXAMPLES}")


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_examples_read_and_quotes_stand(file: Path) -> None:
    data = file.read_bytes()
    reading = read(data, file.name)
    assert not reading.unusable, reading.problems
    spans = [span for span in reading.spans or line_spans(reading) if not span.hidden and span.text]
    assert spans or "Tesseract" in "".join(reading.problems)
    sure = [span for span in spans if span.confidence > 0.8]
    for span in sure[:: max(1, len(sure) // PER_FILE)]:
        assert CHECKS[file.suffix.lower()](data, span.locator, span.text), span
        assert span.value in span.text
