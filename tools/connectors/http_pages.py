"""Pages of an answer: where the next one is, and all of them as one document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

import httpx
from jsonpointer import JsonPointer

from runtime.connector_settings import CursorPages, LinkedPages, NumberedPages, OnePage, Resource
from tools.connectors.fetched import ConnectorError
from tools.connectors.http_question import Question, same_origin

_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its bytes, its document, its items where it is one of several, and the link to the next."""

    data: bytes
    document: Any
    items: Sequence[Any]
    age: timedelta
    link: str | None

    @staticmethod
    def of(resource: Resource, data: bytes, age: timedelta, link: str | None) -> Page:
        """Raises ConnectorError where it is not JSON, or has no list where the settings say."""
        try:
            document = json.loads(data, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise ConnectorError("JSON was expected") from None
        items = at(document, resource.items) if resource.items is not None else []
        if not isinstance(items, list):
            raise ConnectorError(f"a list was expected at {resource.items or 'the top'}")
        return Page(data, document, items, age, link)


def _no_number(_word: str) -> object:
    raise ValueError


def at(document: Any, pointer: str) -> Any:
    """What stands there; `None` where nothing does."""
    found = JsonPointer(pointer).resolve(document, _NOTHING)
    return None if found is _NOTHING else found


def next_page(asked: Question, pages: Sequence[Page]) -> httpx.URL | None:
    """Where the page after these is; None after the last. Raises ConnectorError for one elsewhere."""
    paging, last = asked.resource.paging, pages[-1] if pages else None
    match paging:
        case OnePage():
            return asked.address if last is None else None
        case NumberedPages():
            # A short page need not be the last: a system may give fewer than it is asked for.
            if last is not None and not last.items:
                return None
            if len(pages) > 1 and last is not None and last.data == pages[-2].data:
                raise ConnectorError("its pages repeat themselves")
            added = {paging.page: paging.first + len(pages), paging.per_page: paging.size}
            return asked.address.copy_merge_params(added)
        case CursorPages():
            if last is None:
                return asked.address
            cursor = at(last.document, paging.next)
            if cursor is None or cursor == "":
                return None
            if not isinstance(cursor, str | int) or isinstance(cursor, bool):
                raise ConnectorError(f"a cursor was expected at {paging.next}")
            return asked.address.copy_merge_params({paging.parameter: str(cursor)})
        case LinkedPages():
            if last is None:
                return asked.address
            return None if last.link is None else _linked(asked, last.link)
        case _:
            assert_never(paging)


def _linked(asked: Question, link: str) -> httpx.URL:
    """A link to the next page: followed where the settings reach, and nowhere else."""
    base = httpx.URL(asked.settings.base)
    try:
        target = asked.address.join(link)
    except httpx.InvalidURL:
        raise ConnectorError("its next page has no address") from None
    if not same_origin(base, target) or not target.path.startswith(f"{base.path.rstrip('/')}/"):
        raise ConnectorError("its next page is elsewhere; nothing was sent there")
    return target


def joined(resource: Resource, pages: Sequence[Page]) -> bytes:
    """One document: as it came, or the first page with the items of all, without the cursor that led on."""
    if resource.items is None:
        return pages[0].data
    items = [item for page in pages for item in page.items]
    document = JsonPointer(resource.items).set(pages[0].document, items, inplace=False) if resource.items else items
    if isinstance(resource.paging, CursorPages) and at(document, resource.paging.next) is not None:
        parent, name = JsonPointer(resource.paging.next).to_last(document)
        del parent[name]
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def as_of(resource: Resource, pages: Sequence[Page]) -> datetime | None:
    """The oldest time that the pages give themselves. Raises ConnectorError where a page has none."""
    if resource.as_of is None:
        return None
    times = []
    for page in pages:
        told = at(page.document, resource.as_of)
        try:
            time = datetime.fromisoformat(told.replace("Z", "+00:00")) if isinstance(told, str) else None
        except ValueError:
            time = None
        if time is None or time.tzinfo is None:
            raise ConnectorError(f"a time with its zone was expected at {resource.as_of}")
        times.append(time.astimezone(UTC))
    return min(times)
