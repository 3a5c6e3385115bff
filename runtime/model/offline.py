"""No language model: proposes nothing, so that the result of the rules stands."""

from __future__ import annotations

from collections.abc import AsyncIterator

from runtime.model.port import ChatEnd, ChatEvent, Mode, ProposalRequest, ProposalResult, T, Usage

_REASON = "offline: rules only"
_NAME = "none"


class Offline:
    """The port with no endpoint configured."""

    mode: Mode = "offline"
    name = _NAME

    async def propose(self, request: ProposalRequest, schema: type[T]) -> ProposalResult[T]:
        """Nothing, and says so."""
        return ProposalResult(None, _REASON, Usage(), _NAME, "offline")

    async def stream(self, request: ProposalRequest) -> AsyncIterator[ChatEvent]:
        """No text, only the end."""
        yield ChatEnd(_REASON, _NAME, "offline")
