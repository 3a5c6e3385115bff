"""Looking for words in bytes, in every form in which they could go out: another case, escaped, or in base64."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote, unquote_plus

SHORT = 6  # a shorter word counts only where it stands alone: hashes and ids hold every few letters by chance
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{5,}")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def found(words: Iterable[str], data: bytes) -> set[str]:
    """The words that somebody who looks hard finds in these bytes."""
    forms = [text.casefold() for text in _readings(data)]
    return {word for word in words if any(_pattern(word).search(text) for text in forms)}


@lru_cache
def _pattern(word: str) -> re.Pattern[str]:
    plain = re.escape(word.casefold())
    return re.compile(plain if len(word) > SHORT else rf"(?<![0-9a-z]){plain}(?![0-9a-z])")


def _readings(data: bytes) -> Iterator[str]:
    for text in (data.decode("utf-8", "replace"), "\n".join(_decoded(data))):
        yield text
        yield unquote(text)
        yield unquote_plus(text)
        yield html.unescape(text)
        yield _ESCAPED.sub(lambda one: chr(int(one[1], 16)), text).replace("\\/", "/")


def _decoded(data: bytes) -> Iterator[str]:
    """What could be base64, at each place where a group of four may begin."""
    for match in _BASE64.finditer(data):
        run = match[0].translate(_URL_SAFE)
        for skip in range(4):
            part = run[skip:]
            part = part[: len(part) - (len(part) % 4 == 1)]
            yield base64.b64decode(part + b"=" * (-len(part) % 4)).decode("utf-8", "replace")
