"""Scanned PDF pages: a page that is an image without text is drawn and read by OCR."""

from __future__ import annotations

import shutil
from typing import Any, Final

from casefile.evidence import Span
from tools.readers.image import recognised
from tools.readers.limits import Limits

RESOLUTION: Final = 150  # dots an inch; the OCR looks at twice as many
POINTS: Final = 72
UNREAD: Final = "is an image without text, unread: Tesseract is not installed"


def scanned(page: Any, limits: Limits) -> tuple[list[Span], list[str]]:
    """The OCR lines of a page, from top to bottom, and what is wrong with them.

    Boxes are in pixels of the drawn page; the caller cites by the place in the page's text instead.
    """
    if shutil.which("tesseract") is None:
        return [], [UNREAD]
    wanted = float(page.width) * float(page.height) * (RESOLUTION / POINTS) ** 2
    if wanted * 4 > limits.max_pixels:
        return [], ["is an image without text, unread: the page is too large"]
    spans, problems = recognised(page.to_image(resolution=RESOLUTION).original, limits)
    return spans, [problem.split(": ", 1)[-1] for problem in problems]
