"""Errors of the model port. Each says what a human does next; none holds the key or evidence.

ModelError
├── ModelConfigError         the settings cannot work
├── EndpointError            one call to the endpoint failed
│   ├── KeyRefusedError      401, 403
│   ├── RequestRefusedError  400, 404, 422 and other refusals
│   ├── RateLimitedError     429
│   ├── EndpointFailedError  408, 409, 5xx, or an answer that is no chat completion
│   ├── ConnectionLostError  no connection, or cut before the answer ended
│   └── TooSlowError         a time-out
├── CircuitOpenError         the endpoint failed too often and is left alone for a while
├── BudgetSpentError         the run or the turn has no tokens left
├── InvalidOutputError       the answer does not fit the schema
│   └── OutputTooLongError   the answer was longer than its limit
└── ScriptEndedError         a scripted model was asked more often than its test says
"""

from __future__ import annotations


class ModelError(Exception):
    """Base of everything that `runtime.model` raises on purpose."""


class ModelConfigError(ModelError):
    """The settings of the model cannot work."""


class EndpointError(ModelError):
    """One call failed. `retry` says whether the same call may be sent again, `after` when (seconds)."""

    retry = False

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class KeyRefusedError(EndpointError):
    """The endpoint refused the key."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the model endpoint refused the key ({status}): check CASEGATE_MODEL_KEY")


class RequestRefusedError(EndpointError):
    """The endpoint refused the request. `code` is its name for the reason.

    `detail` is what it said. That may quote the request, so evidence, and is never in the message.
    """

    def __init__(self, status: int, code: str = "", detail: str = "") -> None:
        super().__init__(
            f"the model endpoint refused the request ({status}, {code or 'no reason given'}): "
            "check CASEGATE_MODEL_URL, CASEGATE_MODEL and the size of the request"
        )
        self.status = status
        self.code = code
        self.detail = detail


class RateLimitedError(EndpointError):
    """Too many requests."""

    retry = True

    def __init__(self, after: float | None) -> None:
        super().__init__("the model endpoint limits the rate (429): run fewer cases at once or raise its quota", after)


class EndpointFailedError(EndpointError):
    """The endpoint failed on its side."""

    retry = True

    def __init__(self, what: str, after: float | None = None) -> None:
        super().__init__(f"the model endpoint failed ({what}): look at its log or status page", after)


class ConnectionLostError(EndpointError):
    """No connection, or it ended before the answer did."""

    retry = True

    def __init__(self, what: str) -> None:
        super().__init__(f"no answer from the model endpoint ({what}): check that it runs and can be reached")


class TooSlowError(EndpointError):
    """A time-out."""

    retry = True

    def __init__(self, what: str) -> None:
        super().__init__(f"the model endpoint was too slow ({what}): raise the time-out or use a faster model")


class CircuitOpenError(ModelError):
    """The endpoint is left alone; rules only until then."""

    def __init__(self, failures: int, seconds: float, last: str) -> None:
        super().__init__(
            f"{failures} failures in a row, next try in {seconds:.0f} s; rules only until then. Last: {last}"
        )


class BudgetSpentError(ModelError):
    """The run or the turn has no tokens left for this call."""

    def __init__(self, scope: str, needed: int, left: int) -> None:
        super().__init__(
            f"the token budget of this {scope} has {left} tokens left, the call may need {needed}: "
            "raise the budget or give the agent fewer spans"
        )


class InvalidOutputError(ModelError):
    """The answer does not fit the schema; the message is short and goes back to the model once."""


class OutputTooLongError(InvalidOutputError):
    """The answer was cut off at its limit and is not used."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the answer was longer than {limit} characters and was cut off")


class ScriptEndedError(ModelError):
    """A scripted model has no answer left."""

    def __init__(self, asked: int) -> None:
        super().__init__(f"the script has no answer number {asked}: add one, or find out why the model is asked again")
