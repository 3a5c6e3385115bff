"""The port to an OpenAI-compatible chat-completions endpoint."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from functools import cache
from typing import TYPE_CHECKING

from runtime.model.breaker import Breaker
from runtime.model.budget import Budget
from runtime.model.dialect import Dialect
from runtime.model.endpoint import Call, ChatOptions, Delta, Endpoint, prompt_tokens
from runtime.model.errors import BudgetSpentError, CircuitOpenError, EndpointError, RequestRefusedError
from runtime.model.messages import Message, messages, strict_schema
from runtime.model.port import ChatEnd, ChatEvent, ChatText, Mode, ProposalRequest, ProposalResult, T
from runtime.model.reading import Answer, Failed, Repair, settle
from runtime.model.tokens import count

if TYPE_CHECKING:
    import httpx


class OpenAIChat:
    """One per process: budgets, the circuit breaker and what the endpoint understands are kept here.

    `url` is the base address with its version, as ``https://host/v1``. Raises ModelConfigError.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str = "",
        *,
        options: ChatOptions | None = None,
        budget: Budget | None = None,
        breaker: Breaker | None = None,
        http_client: httpx.AsyncClient | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._options = options or ChatOptions()
        self._endpoint = Endpoint(url, model, key, self._options, http_client, rng)
        self._budget = budget or Budget()
        self._breaker = breaker or Breaker()
        self.mode: Mode = "openai"
        self.name = self._model = model
        # Loads the encoding now, if this machine has it, and not within the first turn.
        count("", model)

    def __repr__(self) -> str:
        return f"OpenAIChat({self._endpoint!r})"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._endpoint.close()

    async def propose(self, request: ProposalRequest, schema: type[T]) -> ProposalResult[T]:
        """See ModelPort. `dropped` names every failure; cancelling closes the connection."""
        json_schema = strict_schema(schema)

        async def ask(repair: Repair | None) -> Answer | Failed:
            @cache
            def written(in_prompt: bool) -> list[Message]:
                return messages(request, json_schema if in_prompt else None, repair)

            def write(dialect: Dialect) -> list[Message]:
                return written(dialect.format != "json_schema")

            call = Call(write, request.max_tokens, self._deadline(), schema.__name__, json_schema)
            try:
                with self._admitted(request, call):
                    whole = await self._endpoint.whole(call)
            except CircuitOpenError as error:
                return Failed(error, call.used, "offline")
            except (BudgetSpentError, EndpointError) as error:
                return Failed(error, call.used)
            return Answer(whole.text, call.used, _fault(whole))

        return await settle(ask, schema, limit=self._options.output_limit, model=self._model, mode="openai")

    async def stream(self, request: ProposalRequest) -> AsyncIterator[ChatEvent]:
        """See ModelPort. The first piece is passed on when it arrives; nothing is sent again after it."""
        written = messages(request, None)
        call = Call(lambda _dialect: written, request.max_tokens, self._deadline())
        dropped: str | None = None
        left = self._options.output_limit
        try:
            with self._admitted(request, call):
                async with aclosing(self._endpoint.deltas(call)) as deltas:
                    async for delta in deltas:
                        if delta.text:
                            yield ChatText(delta.text[:left])
                        left -= len(delta.text)
                        dropped = _fault(delta) or dropped
                        if left < 0:
                            dropped = f"cut off after {self._options.output_limit} characters"
                            break
        except CircuitOpenError as error:
            yield ChatEnd(str(error), self._model, "offline", call.used)
            return
        except (BudgetSpentError, EndpointError) as error:
            dropped = str(error)
        yield ChatEnd(dropped, self._model, "openai", call.used)

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._options.total

    @contextmanager
    def _admitted(self, request: ProposalRequest, call: Call) -> Iterator[None]:
        """Budget and breaker around one call; raises BudgetSpentError, CircuitOpenError."""
        needed = prompt_tokens(call.write(Dialect()), self._model) + call.max_tokens
        # A request without a run is a run of its own, or all of them would share one budget for ever.
        reserved = self._budget.reserve(request.run or request.turn, request.turn, needed, request.spent)
        try:
            self._breaker.enter()
            with self._observed():
                yield
        finally:
            self._budget.settle(reserved, call.used.tokens_in + call.used.tokens_out)

    @contextmanager
    def _observed(self) -> Iterator[None]:
        try:
            yield
        except RequestRefusedError:
            # It runs and answers; it is this request that it does not take.
            self._breaker.succeeded()
            raise
        except EndpointError as error:
            self._breaker.failed(str(error))
            raise
        except BaseException:
            self._breaker.abandoned()
            raise
        self._breaker.succeeded()


def _fault(delta: Delta) -> str | None:
    if delta.fault is not None:
        return delta.fault
    match delta.finish:
        case "length":
            return "the answer was cut at max_tokens"
        case "content_filter":
            return "the endpoint's content filter stopped the answer"
        case _:
            return None
