"""The tool that finds spans in the evidence of the case at hand. There is no argument by which it could leave it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from langchain_core.runnables import RunnableConfig
from langchain_core.tools import StructuredTool
from pydantic import BaseModel, ConfigDict, Field

from runtime.search import CaseIndex, Hit
from tools.agent_tool import AgentTool

NAME = "search_evidence"
LONGEST = 10_000
CASE = "case"
"""The key under which the configuration of a call carries its `CaseEvidence`."""


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """What may be searched: the index of one case, without the items in `gone`. `index` None: nothing is indexed."""

    index: CaseIndex | None
    gone: Sequence[str] = ()


class SearchArguments(BaseModel):
    """What to look for: words and ids as the evidence is likely to have them, and how many spans at most."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    query: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    most: Annotated[int, Field(ge=1, le=50)] = 8


async def _search(query: str, config: RunnableConfig, most: int = 8) -> list[Hit]:
    """Find the spans of this case's evidence that speak of the query, best first. Each has its item and its place."""
    case = config["configurable"][CASE]
    if case.index is None:
        return []
    found = await asyncio.to_thread(case.index.query, query, most + len(case.gone) * 4)
    return [hit for hit in found if hit.evidence not in case.gone][:most]


def search_evidence() -> AgentTool:
    """The tool."""
    made = StructuredTool.from_function(
        coroutine=_search, name=NAME, description=_search.__doc__, args_schema=SearchArguments
    )
    return AgentTool.of(made, "read")
