"""The shown parts of a receipt as lines for a person."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final


def said_of(parts: Sequence[tuple[str, Any]]) -> tuple[str, ...]:
    """One line a part, in the receipt's order."""
    return tuple(_line(path, value) for path, value in parts)


def _line(path: str, value: Any) -> str:
    kind, _, name = path.partition("/")
    if type(value) is dict and kind in _LINES:
        return _LINES[kind](value)
    return f"{kind} {name}: {_short(value)}"


def _approval(part: Mapping[str, Any]) -> str:
    reason = f" ({_short(part['reason'])})" if part.get("reason") else ""
    return (
        f"{part.get('by')} decided {part.get('decision')} on {part.get('gate')} at {part.get('at')}, "
        f"revision {part.get('revision')} {_hash(part.get('artifact_sha256'))}: {part.get('state')}{reason}"
    )


def _policy(part: Mapping[str, Any]) -> str:
    if "gate" in part:
        roles = part.get("roles")
        named = ", ".join(map(str, roles)) if type(roles) is list else ""
        return f"gate {part['gate']}: {part.get('quorum')} of {named}"
    return f"{part.get('name')} {part.get('version')}"


def _action(part: Mapping[str, Any]) -> str:
    if part.get("what") == "release":
        by = f"under {part['under']}" if part.get("under") else f"by the decisions in entries {part.get('approvals')}"
        return f"released {part.get('revision')} {_hash(part.get('artifact_sha256'))} into {part.get('lane')}, {by}"
    by = f", by the decisions in entries {part['rests_on']}" if part.get("rests_on") else ""
    return f"effect {part.get('id')}: {part.get('kind')} {part.get('state')}{by}"


def _evidence(part: Mapping[str, Any]) -> str:
    gone = ", withdrawn" if part.get("withdrawn") else ""
    return f"{part.get('id')} ({part.get('file')}) {part.get('sha256')}{gone}"


def _open(part: Mapping[str, Any]) -> str:
    said = part.get("trigger") or part.get("precondition") or part.get("question") or part.get("text") or ""
    about = " ".join(str(part[name]) for name in ("id", "kind", "about", "to", "gate", "by") if part.get(name))
    return f"{part.get('register')}: {about} {_short(said)}".rstrip()


def _refusal(part: Mapping[str, Any]) -> str:
    return f"refused to {part.get('asked_by')}: {_short(part.get('reason'))}"


def _field(part: Mapping[str, Any]) -> str:
    value = f" {_short(part['value'])}" if "value" in part else ""
    return f"field {part.get('name')}: {part.get('status')}{value}"


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 160 else text[:159] + "…"


def _hash(value: Any) -> str:
    return str(value)[:19] + "…" if value else "without content"


_LINES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "approvals": _approval,
    "policies": _policy,
    "actions": _action,
    "evidence": _evidence,
    "open_items": _open,
    "refusals": _refusal,
    "fields": _field,
}
