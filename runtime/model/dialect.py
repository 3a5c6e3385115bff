"""What an endpoint understands of the chat-completions request, found out by asking and then remembered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from runtime.model.errors import RequestRefusedError

Format = Literal["json_schema", "json_object", "plain"]

_SIMPLER: dict[Format, Format] = {"json_schema": "json_object", "json_object": "plain"}
# Members that some endpoints refuse, by the words that their refusal uses.
_OPTIONAL = ("stream_options", "temperature")
# Reasons that no simpler request would change.
_FINAL = ("context_length", "context length", "model_not_found", "does not exist", "too many tokens")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How structured output is asked for, which members are left out, and how the answer's bound is named."""

    format: Format = "json_schema"
    without: frozenset[str] = frozenset()
    bound: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"

    def body(self, max_tokens: int, schema_name: str, schema: dict[str, Any] | None) -> dict[str, Any]:
        """The members beside model and messages; `schema` None is free text."""
        body: dict[str, Any] = {
            self.bound: max_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if schema is not None and self.format == "json_schema":
            declared = {"name": schema_name, "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": declared}
        elif schema is not None and self.format == "json_object":
            body["response_format"] = {"type": "json_object"}
        return {name: value for name, value in body.items() if name not in self.without}

    def simpler(self, refusal: RequestRefusedError, structured: bool) -> Dialect | None:
        """What to try after `refusal`, or None if it is final."""
        said = f"{refusal.code} {refusal.detail}".casefold()
        if refusal.status not in (400, 404, 422) or any(reason in said for reason in _FINAL):
            return None
        if "max_completion_tokens" in said and self.bound == "max_tokens":
            return replace(self, bound="max_completion_tokens")
        for name in _OPTIONAL:
            if name in said and name not in self.without:
                return replace(self, without=self.without | {name})
        if structured and self.format in _SIMPLER:
            return replace(self, format=_SIMPLER[self.format])
        return None
