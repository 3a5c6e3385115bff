"""Lines that name a value: `Environment: Production`, `| region | eu |`, `**Owner:** Ana`, `Region ..... eu`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

MAX_CHARACTERS: Final = 60
MAX_WORDS: Final = 8

_BULLET: Final = re.compile(r"\s*(?:[-*+•]\s+(?:\[[ xX]\]\s+)?)?")
_ROW: Final = re.compile(r"\s*\|([^|]*)\|([^|]*)\|\s*$")
_BOLD: Final = re.compile(r"(\*\*|__)(?P<label>[^*_:=][^*:=]*?)\s*(?::\1|\1\s*:)\s*(?P<value>.*\S)\s*$")
_PLAIN: Final = re.compile(r"(?P<label>[^:=|]+?)\s*(?P<mark>:|=)(?P<space>\s*)(?P<value>.*\S)\s*$")
# Leaders of a printed form lead from the name to the value; fewer than four dots may be an ellipsis.
_LED: Final = re.compile(
    r"(?P<label>[^:=|.…·_]{2,}?)\s*(?:\.{4,}|…{2,}|·{3,}|_{4,}|(?:\.\ ){4,}\.?)\s*:?\s*(?P<value>[^\s.…·_:].*?)\s*$"
)
_LEADERS: Final = re.compile(r"\.{4}|…{2}|·{3}|_{4}|(?:\.\ ){4}")
# What sets the names and values of one line apart: more than a blank, or a mark that nobody puts into a value.
_APART: Final = re.compile(r"\s*\t\s*|\s{2,}|\s+[|·•¦‖]\s+")
_CLOCK: Final = re.compile(r"\d{1,2}$")
_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}/[A-Z][a-z]{2}/\d{4}|\d{1,2}:\d\d")
_MARKS: Final = re.compile("[:=]")
_LONGEST: Final = 400  # of a line of several names and values
_HEAD: Final = 90  # the mark stands in it, or the label is too long; keeps long lines cheap
_SENTENCE: Final = re.compile(r"\.\s+[A-Z]|\w{5,}\.\s|[!?;](?:\s|$)|\w{6,}\.$|[<>{}\[\]\"“”]")
_NUMBER: Final = re.compile(r"(?:\d+(?:\.\d+)*[.)]?|[a-zA-Z][.)])\s+")
_SCHEMES: Final = {
    "http",
    "https",
    "ftp",
    "ftps",
    "sftp",
    "mailto",
    "tel",
    "file",
    "urn",
    "data",
    "ws",
    "wss",
    "ssh",
    "s3",
    "vault",
    "javascript",
}


def labelled(text: str) -> tuple[str, str] | None:
    """The label and the value of a line that names a value, else None.

    Forms: `Label: value`, `Label = value`, `- Label: value`, `**Label:** value`, `Label ..... value` and a table row
    of two cells. The value is a substring of `text`; a number before the label (`5.1 Access: …`) is left out of
    it. A label has at most 60 characters and 8 words; clock times, time stamps, URLs and sentences are no
    labels.
    """
    row = _ROW.match(text)
    if row:
        return named(row.group(1).strip(" *"), row.group(2).strip())
    rest = text[_BULLET.match(text).end() :]  # type: ignore[union-attr]  # matches the empty string
    if _LEADERS.search(rest[:_HEAD]) and (led := _LED.match(rest)) is not None:
        return named(led["label"].strip(), led["value"])
    if not _MARKS.search(rest[:_HEAD]):
        return None
    bold = _BOLD.match(rest)
    if bold:
        return named(bold["label"].strip(), bold["value"])
    plain = _PLAIN.match(rest)
    if plain is None or _is_no_label(plain):
        return None
    return named(plain["label"].strip(), plain["value"])


def several(text: str, gaps: Sequence[tuple[int, int]] = ()) -> list[str]:
    """The parts of a line that names several values beside each other, else nothing: `Version: 3    Owner: Ana`.

    They are cut where more than a blank stands between them, or at the `gaps` (start and end in `text`) that its layout
    has. Every part names a value before a colon, or the line is one.
    """
    head = _BULLET.match(text).end()  # type: ignore[union-attr]  # matches the empty string
    places = gaps or [found.span() for found in _APART.finditer(text, head) if text[found.end() :].strip()]
    if not places or len(text) > _LONGEST or text.lstrip().startswith("|"):
        return []
    starts, ends = [0, *(end for _, end in places)], [*(start for start, _ in places), len(text)]
    parts = [text[start:end].rstrip() for start, end in zip(starts, ends, strict=True)]
    return parts if all(_is_named(part) for part in parts) else []


def _is_named(part: str) -> bool:
    pair = labelled(part)
    return pair is not None and re.search(r":\W*$", part[: part.rfind(pair[1])]) is not None


def _is_no_label(found: re.Match[str]) -> bool:
    label, value = found["label"], found["value"]
    if found["mark"] == ":" and not found["space"] and (value.startswith(("/", ":")) or value[0].isalnum()):
        return True  # https://…, a::b, 08:12, host:443
    if found["mark"] == "=" and (value.startswith("=") or (not found["space"] and " " in label)):
        return True  # a == b; a log line with key=value pairs
    return bool(_CLOCK.search(label) and found["mark"] == ":" and not found["space"])


def named(label: str, value: str) -> tuple[str, str] | None:
    """A name and a value that stand beside each other, where the first can be a name; its number is left out."""
    label = _NUMBER.sub("", label, count=1) if _NUMBER.match(label) else label
    if not label or not value or set(value) <= set("-: |"):
        return None
    if len(label) > MAX_CHARACTERS or len(label.split()) > MAX_WORDS:
        return None
    if label.lower() in _SCHEMES or not any(character.isalpha() for character in label):
        return None
    if _STAMP.search(label) or _SENTENCE.search(label):
        return None
    return label, value
