"""Taking in live signals: one, a batch or a stream of CloudEvents, by an integrator's token or a signed webhook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request

from agents.signal_live import MOST
from runtime.store.signal_intake import Arrival, DeadLetter, Fate
from server.api.access import Allowed
from server.api.actions import Action
from server.api.answers import fails
from server.api.streams import AllowedOnStream, OnThisStream, signals_of
from server.models.problem import Fault
from server.models.signals import Letter, SignalsTaken
from server.problems import TooLarge, TooMany, Unknown, Unusable, WrongType
from server.signals import hooks
from server.signals.envelope import BATCH, LARGEST, LINES, ONE, Envelope
from server.signals.intake import Intake

router = APIRouter(prefix="/signals", tags=["signals"])
MOST_IN_BATCH, LARGEST_BATCH, STREAMED = 5_000, 16 * 1024 * 1024, 500
SHOWN_LETTERS = MOST // 2

_EVENT = {
    "specversion": "1.0",
    "id": "SCA-884106",
    "source": "/ledgers/console",
    "type": "com.northquay.support.console",
    "time": "2026-05-14T05:52:10Z",
    "datacontenttype": "application/json",
    "data": {
        "ledger_ref": "SCA-884106",
        "event": "impersonation.start",
        "operator_id": "op-5183",
        "tenant_id": "tn-helvar-bank",
        "session_id": "CS-77263",
        "case_ref": "RC-3307",
    },
}
_WATERMARK = {
    "specversion": "1.0",
    "id": "wm-2026-05-14T0758",
    "source": "/ledgers/console",
    "type": "com.northquay.support.console.watermark",
    "time": "2026-05-14T07:58:00Z",
    "data": {"complete_through": "2026-05-14T07:58:00Z"},
}
_LINES = "\n".join(orjson.dumps(one).decode() for one in (_EVENT, _WATERMARK)) + "\n"
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "CloudEvents 1.0: structured, batch or streamed; or the data, attributes as `ce-…` headers",
        "content": {
            ONE: {"schema": {"type": "object"}, "example": _EVENT},
            BATCH: {"schema": {"type": "array", "items": {"type": "object"}}, "example": [_EVENT, _WATERMARK]},
            LINES: {"schema": {"type": "string"}, "example": _LINES},
            "application/json": {"schema": {"type": "object"}, "example": _EVENT["data"]},
        },
    }
}


@router.post(
    "/{tenant}",
    status_code=202,
    dependencies=[Depends(AllowedOnStream(Action.SEND_SIGNALS))],
    responses=fails(404, 413, 415, 429),
    openapi_extra=BODY,
)
async def send_signals(tenant: str, request: Request, on: OnThisStream) -> SignalsTaken:
    """Take signals in. What is answered is committed; the same source and id again changes nothing.

    What cannot be read is a dead letter and does not stop the others. 429: the queue is full, and nothing was taken.
    """
    envelope = on.desk.envelope(tenant)
    if _kind(request) == LINES:
        return await _streamed(request, envelope, on.desk.intake)
    return await _taken(_events(request, envelope, await _body(request)), on.desk.intake)


@router.post(
    "/{tenant}/hooks/{name}",
    status_code=202,
    dependencies=[Depends(Allowed(Action.CALL_HOOK))],
    responses=fails(404, 413, 415, 429),
    openapi_extra=BODY,
)
async def call_hook(tenant: str, name: str, request: Request) -> SignalsTaken:
    """A webhook of one source, signed over its body: `X-Casegate-Timestamp` and `X-Casegate-Signature`."""
    desk = signals_of(request)
    source = next((one for one in desk.stream(tenant).sources if one.name == name), None)
    secret = desk.settings.secret(source) if source is not None else None
    if source is None or secret is None:
        raise Unknown
    body = await _body(request)
    hooks.check(secret, request.headers, body)
    envelope = desk.envelope(tenant, source)
    return await _taken(_events(request, envelope, body), desk.intake)


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _body(request: Request) -> bytes:
    whole = bytearray()
    async for part in request.stream():
        whole += part
        if len(whole) > LARGEST_BATCH:
            raise TooLarge(
                f"at most {LARGEST_BATCH // 1024 // 1024} MiB in one request; send NDJSON as a stream for more"
            )
    return bytes(whole)


def _events(request: Request, envelope: Envelope, body: bytes) -> list[Arrival | DeadLetter]:
    """The events of a request by its content type. Raises WrongType, Unusable, TooLarge."""
    match _kind(request):
        case kind if kind == ONE:
            return [envelope.text(body)]
        case kind if kind == BATCH:
            return _batch(envelope, body)
        case kind if kind == LINES:
            return [envelope.text(line) for line in body.split(b"\n") if line.strip()]
        case _ if request.headers.get("ce-specversion"):
            return [envelope.binary(request.headers, body)]
        case _:
            raise WrongType(f"{ONE}, {BATCH} or {LINES} was expected, or the attributes as ce-… headers")


def _batch(envelope: Envelope, body: bytes) -> list[Arrival | DeadLetter]:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _unusable(f"body, character {error.pos}", "a JSON array of CloudEvents 1.0") from None
    if not isinstance(given, list):
        raise _unusable("body", "a JSON array of CloudEvents 1.0")
    if len(given) > MOST_IN_BATCH:
        raise TooLarge(f"at most {MOST_IN_BATCH} events in one batch")
    return [envelope.event(one, None) for one in given]


def _unusable(place: str, expected: str) -> Unusable:
    return Unusable(f"{place}: {expected} was expected", [Fault(place=place, expected=expected)])


async def _taken(given: Sequence[Arrival | DeadLetter], intake: Intake) -> SignalsTaken:
    told = _Told()
    told.add(given, await intake.put(given))
    return told.answer()


async def _streamed(request: Request, envelope: Envelope, intake: Intake) -> SignalsTaken:
    """Lines as they come: what was read is committed while the rest is under way. Where the queue is full, the stream
    is not read on, and so the sender waits; before anything was taken he is told to come again."""
    told, rest, waiting = _Told(), b"", list[Arrival | DeadLetter]()
    if intake.full:
        raise TooMany(1)
    async for part in request.stream():
        *whole, rest = (rest + part).split(b"\n")
        if len(rest) > LARGEST:
            raise TooLarge(f"at most {LARGEST // 1024} KiB in one line; {told.stored} signals before it were stored")
        waiting += [envelope.text(line) for line in whole if line.strip()]
        while len(waiting) >= STREAMED:
            chunk, waiting = waiting[:STREAMED], waiting[STREAMED:]
            told.add(chunk, await intake.put_patiently(chunk))
    if rest.strip():
        waiting.append(envelope.text(rest))
    told.add(waiting, await intake.put_patiently(waiting))
    return told.answer()


class _Told:
    """Counts over the parts of a request."""

    def __init__(self) -> None:
        self.stored = self.repeated = self.dead = self._seen = 0
        self._letters: list[Letter] = []

    def add(self, given: Sequence[Arrival | DeadLetter], fates: Sequence[Fate]) -> None:
        for one, fate in zip(given, fates, strict=True):
            if fate == "stored":
                self.stored += 1
            elif fate == "repeated":
                self.repeated += 1
            else:
                self.dead += 1
                self._letter(one)
            self._seen += 1

    def _letter(self, one: Arrival | DeadLetter) -> None:
        if len(self._letters) < SHOWN_LETTERS:
            place, reason = ("id", "other content came under this id before: the first one stands")
            if isinstance(one, DeadLetter):
                place, reason = one.place, one.reason
            self._letters.append(Letter(index=self._seen, place=place, reason=reason))

    def answer(self) -> SignalsTaken:
        return SignalsTaken(stored=self.stored, repeated=self.repeated, dead=self.dead, letters=self._letters)
