"""Calls and states that a plan writes as one line: `PUT /flags/pay {"on": false}`, `GET /flags/pay -> on = false`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

_CALL = re.compile(
    r"(?P<method>GET|HEAD|POST|PUT|PATCH|DELETE)\s+(?P<path>(?:https?:)?/\S+)\s*(?P<rest>.*)", re.DOTALL | re.IGNORECASE
)
_LEADS = re.compile(
    r"(?:->|=>|→|[:,;]|(?:and|with|body|json|shows?|returns?|expects?|expected|gives?|has|until)\b)\s*", re.IGNORECASE
)
_STATE = re.compile(
    r"[\"'`]?(?P<key>[A-Za-z_][\w.-]*)[\"'`]?\s*(?:==?|:|\bis\b)\s*(?P<value>\"[^\"]*\"|'[^']*'|[^,;&]+)"
)
_PLAIN: Mapping[str, Any] = {"true": True, "false": False, "null": None}


def call(text: str) -> dict[str, Any] | None:
    """Method, path and the members that follow them, once as `body` and once as `expect`; None where it is no call."""
    match = _CALL.fullmatch(text.strip().strip("`"))
    if match is None:
        return None
    told = state(match["rest"])
    if match["rest"].strip(" `.;") and not told:
        return None  # a call of which only a part is understood is none
    return {"method": match["method"].upper(), "path": match["path"].rstrip(",;"), "body": told, "expect": told}


def state(text: str) -> dict[str, Any]:
    """The members that a line states, as JSON or as `name = value`; empty where it states none, or more than that."""
    rest = text.strip().strip("`")
    while (lead := _LEADS.match(rest)) is not None:
        rest = rest[lead.end() :].strip("` ")
    if rest.startswith("{"):
        try:
            found = orjson.loads(rest)
        except orjson.JSONDecodeError:
            found = None
        if isinstance(found, dict):
            return found
    rest = rest.strip("{} ")
    pairs = list(_STATE.finditer(rest))
    left = _STATE.sub("", rest).replace("and", "").strip(" ,;&")
    return {} if left else {match["key"]: _value(match["value"].strip()) for match in pairs}


def _value(text: str) -> Any:
    if text[:1] in "\"'":
        return text[1:-1]
    if text.casefold() in _PLAIN:
        return _PLAIN[text.casefold()]
    return int(text) if re.fullmatch(r"-?\d{1,15}", text) else text
