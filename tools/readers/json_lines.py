"""JSON lines: one document a line. Pointers begin with the line, from 0: `/12/field`."""

from __future__ import annotations

from casefile.evidence import Reading
from tools.readers.decode import plain_lines
from tools.readers.json_tree import parse
from tools.readers.leaves import Leaves
from tools.readers.limits import Limits, UnreadableError


def read_json_lines(data: bytes, kind: str, limits: Limits) -> Reading:
    """Leaf spans of every line; `data` is the list of documents, None for an empty or broken line."""
    lines, problems = plain_lines(data, limits.max_lines)
    leaves = Leaves(limits)
    documents: list[object] = []
    for index, line in enumerate(lines):
        documents.append(None)
        if not line.strip():
            continue
        try:
            documents[index] = leaves.walk(parse(line, limits), f"/{index}", depth=1, in_list=True)
        except UnreadableError as fault:
            if len(leaves.spans) >= limits.max_leaves:
                raise
            problems.append(f"line {index + 1} is left out: {fault}")
        except RecursionError:
            problems.append(f"line {index + 1} is left out: nested deeper than {limits.max_depth} levels")
    if not leaves.spans and problems:
        raise UnreadableError(f"no line is JSON; {problems[0]}")
    return Reading(kind, leaves.spans, data=documents, problems=problems + leaves.problems)
