"""The messages of one call: prompt and rules from us, everything from the case behind a fence."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from runtime.model.fence import fence, fence_summary
from runtime.model.port import ProposalRequest
from runtime.model.reading import Repair

Message = dict[str, str]

_CITE = "Cite evidence by the numbers in square brackets and by no other."


def messages(request: ProposalRequest, schema: dict[str, Any] | None, repair: Repair | None = None) -> list[Message]:
    """System and user message; `schema` is written into the prompt where the endpoint cannot enforce it."""
    parts = [request.task]
    if request.case_summary:
        parts.append("The case in short.\n" + fence_summary(request.case_summary))
    if request.spans:
        parts.append(f"The evidence. {_CITE}\n" + fence(request.spans))
    if schema is not None:
        parts.append(
            "Answer with one JSON object that fits this JSON Schema, and with nothing else:\n"
            + json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
        )
    built = [
        {"role": "system", "content": request.prompt.text},
        {"role": "user", "content": "\n\n".join(parts)},
    ]
    if repair is not None:
        built.append({"role": "assistant", "content": repair.answer or "(nothing)"})
        built.append(
            {
                "role": "user",
                "content": f"That answer was not accepted: {repair.fault}. "
                "Answer again with the corrected JSON object only.",
            }
        )
    return built


@lru_cache(maxsize=256)
def strict_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of `schema` as strict output wants it: closed objects, every member required."""
    closed: dict[str, Any] = _closed(schema.model_json_schema())
    return closed


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    # "default" beside "$ref" is refused, and a default means nothing where every member is required.
    copy = {key: _closed(value) for key, value in node.items() if key != "default" or isinstance(value, dict)}
    if node.get("type") == "object" and "properties" in node:
        copy["additionalProperties"] = False
        copy["required"] = list(node["properties"])
    return copy
