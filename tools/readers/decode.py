"""Bytes to text: which encoding, and what of it could not be read."""

from __future__ import annotations

import codecs
import re
from typing import Final

from tools.readers.limits import UnreadableError

SAMPLE: Final = 64 * 1024
MARKS: Final[list[tuple[bytes, str]]] = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
# What a person does not see and a parser trips over. Tab and line ends stay; form feed acts as a space.
_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ODD_BYTES: Final = bytes(1 if (byte < 32 and byte not in (9, 10)) or byte == 127 else 32 for byte in range(256))
_CHUNK: Final = 64 * 1024  # stays in the processor's cache: twice as fast as the whole text at once
# Tried in this order: charset-normalizer may guess among these and no others (short texts mislead it).
_GUESSES: Final = re.findall(r"\w+", "cp1252 cp1250 cp1251 shift_jis gb18030 big5 euc_kr euc_jp latin_1")


def decode(data: bytes) -> tuple[str, list[str]]:
    """The text of `data` without a byte order mark, and one line about each thing that was lost.

    UTF-8 first, then the marks, then UTF-16 without a mark, then a guess from a sample.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], encoding)
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        return _guessed(data, error.start)


def plain_lines(data: bytes, max_lines: int) -> tuple[list[str], list[str]]:
    """The lines of a text as an editor numbers them (ends: LF, CRLF, CR), and what was lost.

    Terminal escapes and control characters are taken out; what follows the last line end counts only
    when it is not empty. Raises UnreadableError for more than `max_lines` lines.
    """
    text, problems = decode(data)
    if any(b"\x01" in data[at : at + _CHUNK].translate(_ODD_BYTES) for at in range(0, len(data), _CHUNK)):
        text, lost = without_control(text)
        problems += lost
    lines = text.split("\n", max_lines)
    if len(lines) > max_lines:
        raise UnreadableError(f"the text has more than {max_lines} lines")
    if lines and not lines[-1]:
        lines.pop()
    return lines, problems


def without_control(text: str) -> tuple[str, list[str]]:
    """`text` with line ends as LF and without escapes and control characters; zero bytes are reported."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    problems = []
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        problems.append(f"line {line}: {text.count(chr(0))} zero bytes in the text were taken out")
    return _CONTROL.sub(lambda found: " " if found.group() in "\x0b\x0c" else "", text), problems


def _marked(data: bytes, encoding: str) -> tuple[str, list[str]]:
    try:
        return data.decode(encoding), []
    except UnicodeDecodeError as error:
        text = data.decode(encoding, "replace")
        return text, [f"byte {error.start}: not {encoding}, which the bytes at the start promise"]


def _guessed(data: bytes, first_bad: int) -> tuple[str, list[str]]:
    if len(data) % 2 == 0 and data.count(0) > len(data) * 0.3:
        encoding = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
        return _marked(data, encoding)
    text = data.decode("utf-8", "replace")
    bad = text.count("\N{REPLACEMENT CHARACTER}")
    good = sum(1 for character in text[: 4 * SAMPLE] if character > "\x7f") - bad
    line = data.count(b"\n", 0, first_bad) + 1
    if good >= 2 * bad:
        return text, [f"line {line}: {bad} bytes are not UTF-8; shown as \N{REPLACEMENT CHARACTER}"]
    return data.decode(_encoding_of(data, first_bad), "replace"), []


def _encoding_of(data: bytes, first_bad: int) -> str:
    from charset_normalizer import from_bytes

    start = max(0, first_bad - SAMPLE // 2)
    sample = data[start : start + SAMPLE]
    if _reads_as_western(sample):
        return "cp1252"
    best = from_bytes(sample, cp_isolation=_GUESSES).best()
    return best.encoding if best is not None else "latin-1"


def _reads_as_western(sample: bytes) -> bool:
    """Whether nearly every high byte is a Western letter beside ASCII letters, or typographic punctuation."""
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    high = len(re.findall(r"[^\x00-\x7f]", text))
    likely = len(re.findall(r"(?<![À-ÿŒœŠšŽžŸ])[À-ÖØ-öø-ÿŒœŠšŽžŸ](?![À-ÿŒœŠšŽžŸ])", text))
    likely += len(re.findall(r"[–—‘’“”„€£§°·…•«»©®™\xa0½¼±]", text))
    return high == 0 or likely >= high * 0.8
