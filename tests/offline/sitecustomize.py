"""Loaded by every Python process of an offline run: writes down what is looked up or connected to elsewhere."""

from __future__ import annotations

import os
import sys

_SEEN = os.environ.get("CASEGATE_OFFLINE_SEEN", "")
_EVENTS = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}
_HOME = ("127.", "::1", "localhost", "0.0.0.0", "/", "\x00", "@")


def _away(told: object) -> bool:
    place = told[0] if isinstance(told, tuple) and told else told
    if isinstance(place, bytes):
        place = place.decode("utf-8", "replace")
    return place not in (None, "") and not str(place).startswith(_HOME)


def _hook(event: str, args: tuple[object, ...]) -> None:
    where = _EVENTS.get(event)
    if where is None or not _away(args[where]):
        return
    with open(_SEEN, "a", encoding="utf-8") as seen:
        test = os.environ.get("PYTEST_CURRENT_TEST", "outside of a test")
        seen.write(f"{event}\t{args[where]!r}\t{test}\n")


if _SEEN:
    sys.addaudithook(_hook)
