"""The one place that every route passes: who asks, for which case, and whether he may (Cedar)."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from server.api.actions import Action


@dataclass(frozen=True, slots=True)
class Allowed:
    """A route's declaration of its action."""

    action: Action

    async def __call__(self, request: Request) -> None:
        raise NotImplementedError
