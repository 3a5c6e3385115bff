"""Text as a person reads it, whatever it was written with: folded letters, and attempts to decode.

Used by checks that look for words. What is shown or quoted always comes from the source, never from here.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote_plus

# Letters of other scripts that look like Latin ones (Unicode TR39 confusables, the common part).
_PAIRS = """
    аa вb гr еe ёe зz иu іi їi јj кk ӏl мm нh оo пn рp ԛq сc тt уy ѕs хx һh ԁd ԝw ьb АA ВB ЕE ЅS ІI ЈJ КK
    МM НH ОO РP СC ТT УY ХX ԚQ ԜW αa βb γy εe ηn ιi κk νv οo ρp τt υu χx ωw ϲc ϳj ΑA ΒB ΕE ΖZ ΗH ΙI ΚK
    ΜM ΝN ΟO ΡP ΤT ΥY ΧX ɑa ɡg ıi ʏy ʀr ɴn
"""
_LOOKALIKES = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
_SPECIAL = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "’": "'", "`": "'", "´": "'"})
_LEET = str.maketrans("013456789@$!|+", "oieasgtbgasiit")
_MIXED = re.compile(r"[a-z][013456789@$!|+]|[013456789@$!|+][a-z]")
_ELIDED = re.compile(r"\b(l|d|qu|n|s|c|j|m|t|dell|all|un|nell|sull|dall|quell)'(?=[^\W\d])")
# "the customer's mail" is a mail; "what's" and "let's" are words.
_POSSESSIVE = re.compile(r"(?<!\bit)(?<!\bwhat)(?<!\bthat)(?<!\blet)(?<!\bwho)(?<!\bhere)(?<!\bhow)(?<!\bhe)\x00s\b")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][ .\-_*·/]){3,}[^\W_](?![^\W_])")
_INSIDE = re.compile(r"(?<=[^\W\d_])[.\-_*·|~^']+(?=[^\W\d_])")
_BLOB = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[ :]?){12,}\b")
_HYPHEN = re.compile(r"(?<=\w)[-‐‑](?=\w)")
_WORD = re.compile(r"\d+(?:[.:,]\d+)+|[^\W_]+|'s\b|[,:;.!?()\[\]\"“”„»«–—-]")

LONGEST = 20_000  # characters; of longer texts every window of this size is read
_SHORT = 400  # characters; what is longer is not remembered
_BLOBS = 6  # encoded pieces that are decoded per text


def folded(text: str) -> str:
    """Lower case Latin letters without accents, look-alikes or invisible characters; line breaks stay."""
    return _folded_before(text) if len(text) <= _SHORT else _folded(text)


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c for c in text if unicodedata.category(c) not in {"Cf", "Co", "Cn"} or c == "\n")
    text = text.translate(_LOOKALIKES).lower().translate(_SPECIAL)
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    text = _ELIDED.sub(r"\1 ", text).replace("'", "\x00")
    return _POSSESSIVE.sub(" 's", text).replace("\x00", "")


# Rules look at the same labels, cells and sentences again and again.
_folded_before = lru_cache(maxsize=8192)(_folded)


def versions(text: str) -> Iterator[str]:
    """The text as it may be meant: as it stands, with disguises taken off, and what is encoded in it."""
    plain = folded(text)
    seen = {plain}
    yield plain
    for version in _undisguised(text, plain):
        if version not in seen:
            seen.add(version)
            yield version


def tokens(sentence: str) -> list[str]:
    """Words and marks of a folded text; hyphens join nothing: "on-call" is two words."""
    return _WORD.findall(_HYPHEN.sub(" ", sentence))


def decoded(text: str, depth: int = 2) -> Iterator[str]:
    """What base64 and hexadecimal pieces of the text say, where they say something in letters."""
    for match in list(_BLOB.finditer(text))[:_BLOBS]:
        yield from _further(_from_base64(match[0]), depth)
    for match in list(_HEX.finditer(text))[:_BLOBS]:
        yield from _further(_readable(binascii.unhexlify(_even(re.sub(r"[ :]", "", match[0])))), depth)


def _undisguised(text: str, plain: str) -> Iterator[str]:
    if "\n" in plain:
        yield re.sub(r"\s*\n\s*", ". ", plain)
    if _SPACED.search(plain):
        yield _joined_letters(plain)
    if _INSIDE.search(plain):
        yield _INSIDE.sub("", plain)
    if _MIXED.search(plain):
        yield re.sub(r"[a-z0-9@$!|+]*[a-z@$!|+][a-z0-9@$!|+]*", lambda m: m[0].translate(_LEET), plain)
        yield plain.translate(_LEET)
    if "%20" in text:
        yield folded(unquote_plus(text))
    for hidden in decoded(text):
        yield folded(hidden)
    yield codecs.encode(plain, "rot13")


def _joined_letters(plain: str) -> str:
    """`s e t  s e v e r i t y`: letters joined; words stay apart where wider gaps part them."""
    words = re.split(r"\s{2,}|/", plain)
    return " ".join(_SPACED.sub(lambda run: re.sub(r"[ .\-_*·/]", "", run[0]), word) for word in words)


def _further(found: str | None, depth: int) -> Iterator[str]:
    if found:
        yield found
        if depth > 1:
            yield from decoded(found, depth - 1)


def _from_base64(blob: str) -> str | None:
    body = blob.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _readable(base64.b64decode(body + "=" * (-len(body) % 4), validate=True))
    except (binascii.Error, ValueError):
        return None


def _readable(raw: bytes) -> str | None:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    letters = sum(char.isalpha() or char.isspace() for char in text)
    return text if len(text) >= 6 and letters >= 0.8 * len(text) and " " in text else None


def _even(digits: str) -> str:
    return digits[: len(digits) // 2 * 2]
