"""The model port: one Protocol, and a real, an offline and a scripted implementation."""

from runtime.model.breaker import Breaker
from runtime.model.budget import Budget
from runtime.model.endpoint import ChatOptions
from runtime.model.errors import (
    BudgetSpentError,
    CircuitOpenError,
    ConnectionLostError,
    EndpointError,
    EndpointFailedError,
    InvalidOutputError,
    KeyRefusedError,
    ModelConfigError,
    ModelError,
    OutputTooLongError,
    RateLimitedError,
    RequestRefusedError,
    ScriptEndedError,
    TooSlowError,
)
from runtime.model.fence import fence, fence_summary, visible
from runtime.model.offline import Offline
from runtime.model.openai_chat import OpenAIChat
from runtime.model.port import (
    ChatEnd,
    ChatEvent,
    ChatText,
    Mode,
    ModelPort,
    Prompt,
    ProposalRequest,
    ProposalResult,
    Usage,
)
from runtime.model.scripted import Scripted

__all__ = [
    "Breaker",
    "Budget",
    "BudgetSpentError",
    "ChatEnd",
    "ChatEvent",
    "ChatOptions",
    "ChatText",
    "CircuitOpenError",
    "ConnectionLostError",
    "EndpointError",
    "EndpointFailedError",
    "InvalidOutputError",
    "KeyRefusedError",
    "Mode",
    "ModelConfigError",
    "ModelError",
    "ModelPort",
    "Offline",
    "OpenAIChat",
    "OutputTooLongError",
    "Prompt",
    "ProposalRequest",
    "ProposalResult",
    "RateLimitedError",
    "RequestRefusedError",
    "ScriptEndedError",
    "Scripted",
    "TooSlowError",
    "Usage",
    "fence",
    "fence_summary",
    "visible",
]
