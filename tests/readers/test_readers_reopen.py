"""The independent check can say no: a quote that does not stand there is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from reader_samples import samples
from reopen import stands

from tools.readers import line_spans, read

SAMPLES = samples()
# A place in the sample where the quote of the last span does not stand.
ELSEWHERE = {
    "mail.eml": "/headers/subject",
    "ticket.json": "/id",
    "traffic.har": "/log/version",
    "chat.jsonl": "/0/text",
    "map.yaml": "/at",
    "contacts.csv": "row=2,col=name",
    "contacts.xlsx": "row=2,col=Name",
    "service.log": "line=1",
    "brief.md": "line=1",
    "note.docx": "line=1",
    "plan.ics": "/events/0/uid",
}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_quotes_of_the_readers_stand(name: str, tmp_path: Path) -> None:
    if name.endswith((".png", ".jpg")) and shutil.which("tesseract") is None:
        pytest.skip("Tesseract is not installed: apt-get install tesseract-ocr")
    file = tmp_path / name
    file.write_bytes(SAMPLES[name])
    reading = read(SAMPLES[name], name)
    spans = [span for span in reading.spans or line_spans(reading) if not span.hidden]
    assert spans
    for span in spans:
        assert stands(file, span.locator, span.text), span
    assert not stands(file, spans[0].locator, "words that stand nowhere")
    if name in ELSEWHERE:
        assert not stands(file, ELSEWHERE[name], spans[-1].text)
