"""A model that says what a test or an eval wrote down, read by the same path as a real one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable

from pydantic import BaseModel
from pydantic_core import to_json

from runtime.model.errors import EndpointError, ScriptEndedError
from runtime.model.port import ChatEnd, ChatEvent, ChatText, Mode, ProposalRequest, ProposalResult, T, Usage
from runtime.model.reading import Answer, Failed, Repair, settle
from runtime.model.tokens import byte_bound

# Raw text, an object that is written as JSON, or a failure of the endpoint.
Line = str | BaseModel | dict[str, object] | list[object] | EndpointError
Responder = Callable[[ProposalRequest, str | None], Line]


class Scripted:
    """Answers in order, or by a function of the request and the fault that a repair names (None at first).

    `requests` are those it saw; `repairs` are the faults it was asked to repair. Raises ScriptEndedError when
    the answers are used up, because then the test is wrong and not the model.
    """

    def __init__(self, script: Iterable[Line] | Responder, *, name: str = "scripted", limit: int = 200_000) -> None:
        self.requests: list[ProposalRequest] = []
        self.repairs: list[str] = []
        self._respond = script if callable(script) else _in_order(script)
        self.mode: Mode = "scripted"
        self.name = self._name = name
        self._limit = limit

    async def propose(self, request: ProposalRequest, schema: type[T]) -> ProposalResult[T]:
        """The next line of the script, read as `schema`; an invalid one is followed by one repair."""
        self.requests.append(request)

        async def ask(repair: Repair | None) -> Answer | Failed:
            if repair is not None:
                self.repairs.append(repair.fault)
            line = self._respond(request, repair.fault if repair else None)
            if isinstance(line, EndpointError):
                return Failed(line, Usage(calls=1))
            text = _text(line)
            return Answer(text, _usage(request, text))

        return await settle(ask, schema, limit=self._limit, model=self._name, mode="scripted")

    async def stream(self, request: ProposalRequest) -> AsyncIterator[ChatEvent]:
        """The next line of the script, word by word."""
        self.requests.append(request)
        line = self._respond(request, None)
        if isinstance(line, EndpointError):
            yield ChatEnd(str(line), self._name, "scripted", Usage(calls=1))
            return
        text = _text(line)
        for piece in re.findall(r"\s*\S+|\s+", text):
            yield ChatText(piece)
        yield ChatEnd(None, self._name, "scripted", _usage(request, text))


def _in_order(script: Iterable[Line]) -> Responder:
    lines = list(script)
    asked = 0

    def respond(_request: ProposalRequest, _fault: str | None) -> Line:
        nonlocal asked
        asked += 1
        if asked > len(lines):
            raise ScriptEndedError(asked)
        return lines[asked - 1]

    return respond


def _text(line: str | BaseModel | dict[str, object] | list[object]) -> str:
    return line if isinstance(line, str) else to_json(line).decode()


def _usage(request: ProposalRequest, text: str) -> Usage:
    seen = request.prompt.text + request.task + request.case_summary + "".join(span for _, span in request.spans)
    return Usage(1, byte_bound(seen), byte_bound(text))
