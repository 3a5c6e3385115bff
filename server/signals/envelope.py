"""CloudEvents 1.0 as the envelope of live signals: structured, batch and binary, read into what the intake stores.

Attributes: `specversion` 1.0, `id`, `source` (one of the stream's sources), `type`, and `time`: when it happened.
`data` is the row as the ledger has it. A type that ends in `.watermark` says how far a source has come.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.v1.event import CloudEvent

from agents.signal_live import LiveReader, Unreadable, micros, stored
from lineage.canonical import Json
from runtime.signal_settings import SourceSettings, StreamSettings
from runtime.store.signal_intake import Arrival, DeadLetter

ONE, BATCH, LINES = "application/cloudevents+json", "application/cloudevents-batch+json", "application/x-ndjson"
LARGEST = 256 * 1024
AHEAD = 24 * 3600 * 1_000_000
_REQUIRED = ("specversion", "id", "source", "type", "time")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Reads the events of one tenant's stream. With `only`, those of one source alone are taken."""

    tenant: str
    settings: StreamSettings
    reader: LiveReader
    only: SourceSettings | None = None

    def text(self, raw: bytes) -> Arrival | DeadLetter:
        """One structured event."""
        if len(raw) > LARGEST:
            return self._dead({}, "event", f"at most {LARGEST // 1024} KiB", raw[:1024])
        try:
            given = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            return self._dead({}, f"character {error.pos}", "a CloudEvents 1.0 event in JSON", raw)
        return self.event(given, raw)

    def binary(self, headers: Mapping[str, str], body: bytes) -> Arrival | DeadLetter:
        """One event in binary mode: its attributes are headers, its data is the body."""
        from urllib.parse import unquote

        given: dict[str, Any] = {
            name[3:].lower(): unquote(value) for name, value in headers.items() if name.lower().startswith("ce-")
        }
        if len(body) > LARGEST:
            return self._dead(given, "event", f"at most {LARGEST // 1024} KiB", body[:1024])
        try:
            given["data"] = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            return self._dead(given, f"data, character {error.pos}", "JSON", body)
        return self.event(given, None)

    def event(self, given: Json, raw: bytes | None) -> Arrival | DeadLetter:
        """One event as JSON. What cannot be read is a dead letter that says where."""
        told: dict[str, Any] = dict(given) if isinstance(given, dict) else {}
        try:
            if not isinstance(given, dict):
                raise Unreadable("event", "a JSON object")
            return self._read(told)
        except Unreadable as error:
            return self._dead(told, error.place, error.expected, raw if raw is not None else _text(told))
        except (ValueError, OverflowError, orjson.JSONEncodeError):
            return self._dead(told, "data", "values of JSON as it is exchanged", raw if raw is not None else b"")

    def _read(self, told: Mapping[str, Any]) -> Arrival:
        for name in _REQUIRED:
            if not isinstance(told.get(name), str) or not told[name]:
                raise Unreadable(name, "a text: the attribute is required here")
        attributes = {name: value for name, value in told.items() if name not in ("data", "data_base64")}
        attributes["time"] = at = _moment(told["time"])
        try:
            CloudEvent(attributes, told.get("data"))
        except CloudEventValidationError as error:
            name = next(iter(error.errors), "event")
            raise Unreadable(str(name)[:60], "what CloudEvents 1.0 allows there") from error
        source = self._source(told["source"])
        for name in ("id", "source"):
            if len(told[name]) > 300 or not told[name].isprintable():
                raise Unreadable(name, "at most 300 printable characters")
        if micros(at) > time.time_ns() // 1000 + AHEAD:
            raise Unreadable("time", "not later than a day from now")
        if told["type"].endswith(".watermark"):
            return Arrival(self.tenant, source.source, told["id"], "", 0, "", "", _through(told.get("data")))
        read = self.reader.read(source.source, source.kind, told["id"], at, told.get("data"))
        said = {"time": told["time"], "type": told["type"], "data": told.get("data")}
        sha256 = hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
        return Arrival(self.tenant, source.source, told["id"], sha256, micros(at), stored(read), _text(told).decode())

    def _source(self, name: str) -> SourceSettings:
        found = self.settings.of(name)
        if found is None:
            raise Unreadable("source", "a source that the installation's signals file lists")
        if self.only is not None and found != self.only:
            raise Unreadable("source", "the source whose webhook or folder this is")
        return found

    def _dead(self, told: Mapping[str, Any], place: str, expected: str, raw: bytes) -> DeadLetter:
        source, name = (_plain(told.get(member)) for member in ("source", "id"))
        # Only a source that is known is named: the name of any other is a word of the sender's.
        known = source if self.settings.of(source) is not None else (self.only.source if self.only else "")
        text = raw.decode("utf-8", "replace")
        return DeadLetter(self.tenant, known, name[:300], place, f"{place}: {expected} was expected", text)


def lines(raw: bytes) -> Iterator[bytes]:
    """The lines of NDJSON that say something."""
    return (line for line in raw.split(b"\n") if line.strip())


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("time", "RFC 3339, for example 2026-05-14T05:52:10Z") from None
    if at.tzinfo is None:
        raise Unreadable("time", "a time with its zone, for example 2026-05-14T05:52:10Z")
    return at.astimezone(UTC)


def _through(data: Json) -> int:
    told = data.get("complete_through") if isinstance(data, dict) else None
    if not isinstance(told, str):
        raise Unreadable("data.complete_through", "the time until which the source has sent everything")
    try:
        return micros(_moment(told))
    except Unreadable as error:
        raise Unreadable("data.complete_through", error.expected) from None


def _plain(value: object) -> str:
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else ""


def _text(told: Mapping[str, Any]) -> bytes:
    return orjson.dumps(dict(told), option=orjson.OPT_SORT_KEYS)
