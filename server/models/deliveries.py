"""Lane entries on their way out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from server.models.problem import Shape


class DeliveryView(Shape):
    """One lane entry. `reason` says why it is not delivered yet, or cannot be; `reference` is the receiver's."""

    key: str
    lane: str
    state: Literal["waiting", "delivered", "dead"] = Field(description="dead: not tried again by itself")
    attempts: int
    reason: str = Field(examples=["given up after 12 attempts: https://queue.internal/entries answered 503"])
    reference: str


class Deliveries(Shape):
    """The entries of a run, in order of release."""

    deliveries: list[DeliveryView]


class RetryIn(Shape):
    """Which dead letter to send again."""

    key: str = Field(min_length=1, max_length=300, examples=["release:run_30d0c61c4b81bb70:sha256:38fb…"])
