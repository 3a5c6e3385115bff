"""The shown parts of a receipt as lines for a person."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from lineage.canonical import canonical


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
        f"{_of(part, 'by')} decided {_of(part, 'decision')} on {_of(part, 'gate')} at {_of(part, 'at')}, "
        f"revision {_of(part, 'revision')} {_hash(part.get('artifact_sha256'))}: {_of(part, 'state')}{reason}"
    )


def _policy(part: Mapping[str, Any]) -> str:
    if "gate" in part:
        roles = part.get("roles")
        named = plain(roles) if type(roles) is list else ""
        return f"gate {_of(part, 'gate')}: {_of(part, 'quorum')} of {named}"
    return f"{_of(part, 'name')} {_of(part, 'version')}"


def _action(part: Mapping[str, Any]) -> str:
    if part.get("what") == "release":
        by = (
            f"under {_of(part, 'under')}"
            if part.get("under")
            else f"by the decisions in entries {_of(part, 'approvals')}"
        )
        return f"released {_of(part, 'revision')} {_hash(part.get('artifact_sha256'))} into {_of(part, 'lane')}, {by}"
    by = f", by the decisions in entries {_of(part, 'rests_on')}" if part.get("rests_on") else ""
    return f"effect {_of(part, 'id')}: {_of(part, 'kind')} {_of(part, 'state')}{by}"


def _evidence(part: Mapping[str, Any]) -> str:
    gone = ", withdrawn" if part.get("withdrawn") else ""
    return f"{_of(part, 'id')} ({_of(part, 'file')}) {_of(part, 'sha256')}{gone}"


def _open(part: Mapping[str, Any]) -> str:
    said = part.get("trigger") or part.get("precondition") or part.get("question") or part.get("text") or ""
    about = " ".join(plain(part[name]) for name in ("id", "kind", "about", "to", "gate", "by") if part.get(name))
    return f"{_of(part, 'register')}: {about} {_short(said)}".rstrip()


def _refusal(part: Mapping[str, Any]) -> str:
    return f"refused to {_of(part, 'asked_by')}: {_short(part.get('reason'))}"


def _field(part: Mapping[str, Any]) -> str:
    value = f" {_short(part['value'])}" if "value" in part else ""
    return f"field {_of(part, 'name')}: {_of(part, 'status')}{value}"


def plain(value: Any) -> str:
    """A value in words: texts as they are, nothing as `none`, lists with commas, anything else as JSON."""
    if value is None:
        return "none"
    if type(value) is list:
        return ", ".join(map(plain, value))
    return value if type(value) is str else canonical(value).decode()


def _of(part: Mapping[str, Any], name: str) -> str:
    return plain(part.get(name))


def _short(value: Any) -> str:
    text = " ".join(plain(value).split())
    return text if len(text) <= 160 else text[:159] + "…"


def _hash(value: Any) -> str:
    return plain(value)[:19] + "…" if value else "without content"


_LINES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "approvals": _approval,
    "policies": _policy,
    "actions": _action,
    "evidence": _evidence,
    "open_items": _open,
    "refusals": _refusal,
    "fields": _field,
}
