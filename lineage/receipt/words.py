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
    if type(value) is dict and path == "result/artifact":
        return f"document: {_of(value, 'name')}, {_of(value, 'revision')} ({_hash(value.get('sha256'))})"
    said = _spoken(_short(value)) if path in _ENUMERATED else _short(value)
    return f"{_spoken(name or kind)}: {said}"


def _approval(part: Mapping[str, Any]) -> str:
    decision = _of(part, "decision")
    reason = f" Reason given: {_short(part['reason'])}" if part.get("reason") else ""
    return (
        f"{_of(part, 'by')} {_VERBS.get(decision, f'answered {decision} to')} {_of(part, 'revision')} "
        f"({_hash(part.get('artifact_sha256'))}) for {_spoken(part.get('gate'))} at {_of(part, 'at')}; "
        f"this answer is {_of(part, 'state')}.{reason}"
    )


def _policy(part: Mapping[str, Any]) -> str:
    if "gate" in part:
        roles = part.get("roles")
        named = " or ".join(map(_spoken, roles)) if type(roles) is list else ""
        return f"{_spoken(part['gate'])}: {_of(part, 'quorum')} to approve, in the role of {named}"
    return f"{_spoken(part.get('name'))}: version {_of(part, 'version')}"


def _action(part: Mapping[str, Any]) -> str:
    if part.get("what") == "release":
        by = (
            f"allowed beforehand by {_spoken(part.get('under'))}"
            if part.get("under")
            else f"allowed by the decisions in entries {_of(part, 'approvals')}"
        )
        what = f"{_of(part, 'revision')} ({_hash(part.get('artifact_sha256'))})"
        return f"released {what} into {_spoken(part.get('lane'))}, {by}"
    by = f", allowed by the decisions in entries {_of(part, 'rests_on')}" if part.get("rests_on") else ""
    return f"{_spoken(part.get('kind'))} ({_of(part, 'id')}): {_spoken(part.get('state'))}{by}"


def _evidence(part: Mapping[str, Any]) -> str:
    gone = ", withdrawn" if part.get("withdrawn") else ""
    return f"{_of(part, 'file')}, cited as {_of(part, 'id')}: {_of(part, 'sha256')}{gone}"


def _open(part: Mapping[str, Any]) -> str:
    said = part.get("trigger") or part.get("precondition") or part.get("question") or part.get("text") or ""
    about = ", ".join(_spoken(part[name]) for name in ("kind", "about", "to", "gate", "by") if part.get(name))
    which = f"{_spoken(part.get('register'))} {_of(part, 'id')}" if part.get("id") else _spoken(part.get("register"))
    return f"{which}{f': {_short(said)}' if said else ''}{f' ({about})' if about else ''}"


def _refusal(part: Mapping[str, Any]) -> str:
    return f"refused to {_of(part, 'asked_by')}: {_short(part.get('reason'))}"


def _field(part: Mapping[str, Any]) -> str:
    value = f": {_short(part['value'])}" if "value" in part else ""
    return f"{_spoken(part.get('name'))}{value} ({_of(part, 'status')})"


def plain(value: Any) -> str:
    """A value in words: texts as they are, nothing as `none`, lists with commas, anything else as JSON."""
    if value is None:
        return "none"
    if type(value) is list:
        return ", ".join(map(plain, value))
    return value if type(value) is str else canonical(value).decode()


def _spoken(value: Any) -> str:
    """A name of the card as words."""
    return plain(value).replace("_", " ")


def _of(part: Mapping[str, Any], name: str) -> str:
    return plain(part.get(name))


def _short(value: Any) -> str:
    text = " ".join(plain(value).split())
    return text if len(text) <= 160 else text[:159] + "…"


def _hash(value: Any) -> str:
    return plain(value)[:19] + "…" if value else "without content"


_VERBS: Final = {"approve": "approved", "reject": "rejected", "return": "returned"}
_ENUMERATED: Final = ("result/status", "result/outcome")
_LINES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "approvals": _approval,
    "policies": _policy,
    "actions": _action,
    "evidence": _evidence,
    "open_items": _open,
    "refusals": _refusal,
    "fields": _field,
}
