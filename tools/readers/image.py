"""Screenshots and photos: text lines by OCR, each with its box in pixels of the image as it came."""

from __future__ import annotations

import io
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from casefile.evidence import Reading, Span
from tools.readers import clock
from tools.readers.labels import labelled
from tools.readers.limits import Limits, UnreadableError

if TYPE_CHECKING:
    from PIL import Image as Pillow

# Screens have scattered short texts: page segmentation 11 finds them all, in no particular layout.
TESSERACT: Final = "--oem 1 --psm 11"
ENLARGED: Final = 2
ENLARGED_SMALL: Final = 3
SMALL_LINE: Final = 14  # pixels; Tesseract wants letters of 20 to 30
OVERLAP: Final = 0.4
CUT_WITHIN: Final = 6
_PIECES = 3  # pieces of a cut edge that are named
CUT_CONFIDENCE: Final = 0.5
UNREAD: Final = "image kept as evidence, unread: Tesseract is not installed"
_FORMATS: Final = {"png": "PNG", "jpg": "JPEG"}


@dataclass(slots=True)
class _Line:
    """Words of one line: texts, confidences (0–100) and their common box (left, top, right, bottom)."""

    words: list[str] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    box: tuple[int, int, int, int] = (1 << 30, 1 << 30, 0, 0)

    def add(self, word: str, confidence: float, box: tuple[int, int, int, int]) -> None:
        self.words.append(word)
        self.confidences.append(confidence)
        left, top, right, bottom = self.box
        self.box = (min(left, box[0]), min(top, box[1]), max(right, box[2]), max(bottom, box[3]))

    def confidence(self) -> float:
        weight = sum(len(word) for word in self.words)
        total = sum(value * len(word) for value, word in zip(self.confidences, self.words, strict=True))
        return round(total / weight / 100, 3)


def read_image(data: bytes, kind: str, limits: Limits) -> Reading:
    """OCR lines with their boxes; texts in the metadata as hidden spans."""
    image = opened(data, kind, limits)
    hidden = _metadata(image)
    if shutil.which("tesseract") is None:
        return Reading(kind, hidden, problems=[UNREAD])
    spans, problems = recognised(image, limits)
    named = [(0, span.label, span.value) for span in spans if span.confidence > CUT_CONFIDENCE]
    if not spans:
        problems.append("no text was found in the image")
    return Reading(kind, spans + hidden, problems=problems, made_at=clock.made_at(named))


def opened(data: bytes, kind: str, limits: Limits) -> Pillow.Image:
    """The decoded image. Raises UnreadableError when it is damaged or has too many pixels."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as checked:
            width, height = checked.size
            if width * height > limits.max_pixels:
                raise UnreadableError(
                    f"the image has {width} x {height} pixels; at most {limits.max_pixels} in all are read"
                )
            checked.verify()
        image = Image.open(io.BytesIO(data), formats=[_FORMATS[kind]])
        image.load()
    except UnreadableError:
        raise
    except Exception as fault:  # noqa: BLE001  image plug-ins raise SyntaxError, struct.error and more
        raise UnreadableError(f"the {_FORMATS[kind]} image is damaged: {fault}") from None
    return image


def recognised(image: Pillow.Image, limits: Limits) -> tuple[list[Span], list[str]]:
    """OCR spans from top to bottom, and the problems: lines that the border cuts off.

    The image is read in its own size and enlarged; where the two differ, the surer line counts.
    """
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # several threads make the result depend on the machine
    grey = _grey(image)
    lines = _pass(grey, 1, limits)
    heights = sorted(line.box[3] - line.box[1] for line in lines)
    small = not heights or heights[len(heights) // 2] < SMALL_LINE
    if grey.width * grey.height * ENLARGED**2 <= limits.max_pixels:
        lines += _pass(grey, ENLARGED_SMALL if small else ENLARGED, limits)
    chosen = _surest(lines)
    chosen.sort(key=lambda line: (line.box[1], line.box[0]))
    return _spans(chosen, image.size)


def _pass(grey: Pillow.Image, factor: int, limits: Limits) -> list[_Line]:
    import pytesseract
    from PIL import Image

    size = (grey.width * factor, grey.height * factor)
    scaled = grey.resize(size, Image.Resampling.LANCZOS) if factor > 1 else grey
    try:
        words = pytesseract.image_to_data(
            scaled, config=TESSERACT, output_type=pytesseract.Output.DICT, timeout=limits.seconds
        )
    except RuntimeError as fault:
        raise UnreadableError(f"text recognition stopped: {fault}") from None
    lines: dict[tuple[int, int, int], _Line] = {}
    for index, word in enumerate(words["text"]):
        if not word.strip() or float(words["conf"][index]) < 0:
            continue
        key = (words["block_num"][index], words["par_num"][index], words["line_num"][index])
        left, top = words["left"][index], words["top"][index]
        box = (left, top, left + words["width"][index], top + words["height"][index])
        lines.setdefault(key, _Line()).add(word.strip(), float(words["conf"][index]), box)
    return [_original(line, factor, grey.size) for line in lines.values()]


def _surest(lines: list[_Line]) -> list[_Line]:
    """Of lines that lie on one another, the one that was read most surely; the longer one of equals."""
    accepted: list[_Line] = []
    for line in sorted(lines, key=lambda line: (-round(line.confidence() * 20), -len(" ".join(line.words)), line.box)):
        if not any(_overlap(line.box, other.box) > OVERLAP for other in accepted):
            accepted.append(line)
    return accepted


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> float:
    """The common area as a share of the smaller box."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / max(1, smaller)


def _grey(image: Pillow.Image) -> Pillow.Image:
    """Shades of grey, on white where it was transparent."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image.convert("RGBA"))
        image = ground
    return image.convert("L")


def _original(line: _Line, factor: int, size: tuple[int, int]) -> _Line:
    left, top, right, bottom = (round(edge / factor) for edge in line.box)
    return _Line(line.words, line.confidences, (left, top, min(right, size[0]), min(bottom, size[1])))


def _spans(lines: list[_Line], size: tuple[int, int]) -> tuple[list[Span], list[str]]:
    spans: list[Span] = []
    cut: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        text = " ".join(line.words)
        left, top, right, bottom = line.box
        place = f"box={left},{top},{right - left},{bottom - top}"
        confidence = line.confidence()
        edge = _edge(line.box, size)
        if edge and len(text) > 1:
            confidence = min(confidence, CUT_CONFIDENCE)
            cut.setdefault(edge, []).append((place, f"{text[:60]!r}"))
        label, value = labelled(text) or ("", "")
        spans.append(Span(place, text, "ocr", label, value, confidence=confidence))
    return spans, [_cut_off(edge, found) for edge, found in cut.items()]


def _cut_off(edge: str, found: list[tuple[str, str]]) -> str:
    """An edge is one problem, however many pieces of text it goes through."""
    pieces = "; ".join(text for _, text in found[:_PIECES])
    return f"{found[0][0]}: text at the {edge} edge is cut off: {pieces}"


def _edge(box: tuple[int, int, int, int], size: tuple[int, int]) -> str:
    near = {"left": box[0], "top": box[1], "right": size[0] - box[2], "bottom": size[1] - box[3]}
    edge = min(near, key=lambda name: near[name])
    return edge if near[edge] <= CUT_WITHIN else ""


def _metadata(image: Pillow.Image) -> list[Span]:
    """Texts that travel with the picture unseen: PNG text chunks, JPEG comments, EXIF descriptions."""
    from PIL import ExifTags

    found: dict[str, str] = {}
    for name, value in {**image.info, **getattr(image, "text", {})}.items():
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) and name == "comment" else value
        if isinstance(text, str) and text.strip():
            found[str(name)] = text
    for number, value in image.getexif().items():
        if isinstance(value, str) and value.strip("\0 "):
            found[ExifTags.TAGS.get(number, str(number))] = value.strip("\0")
    return [Span(f"/metadata/{name}", text, "text", name, hidden=True) for name, text in found.items()]
