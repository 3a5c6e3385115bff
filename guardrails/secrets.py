"""Secrets in evidence: found so that the item is quarantined, and masked before anyone sees it (R7).

Three sources of rules: the plugins of detect-secrets without the entropy ones, own patterns for the forms
that they miss (both in `secret_patterns`), and labels: a header, a JSON key, a table column or a query
parameter named like a secret, with something real as its value. A placeholder such as `[REDACTED]` is not
a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from casefile.evidence import Span
from guardrails.finding import Finding, excerpt, place_of
from guardrails.secret_patterns import HEADERS, NAMES, PARAMETERS, TOLD, Rule, among, matches, present
from guardrails.told_passwords import PASSWORDS, told
from lineage.canonical import Json

MASK = "▓▓▓▓"
EFFECT = "item quarantined, privacy flag"

_SCHEME = re.compile(r"(?i)^(?:bearer|basic|negotiate|ntlm|digest|token)\s+")
_SECRET_LABEL = re.compile(rf"(?i)(?:^|[\s_./-])(?:{NAMES}|{HEADERS}|SAMLResponse|SAMLRequest|token)$")
_PARAMETER_LABEL = re.compile(rf"(?i)(?:{PARAMETERS})$")

_PLACEHOLDER = re.compile(
    r"(?i)^[\s\"'`]*(?:"
    r"|[<\[({$%#*x•●▓█.…_?-]*\W*(?:redacted|removed|masked|hidden|stripped|sanitized|sanitised|filtered|"
    r"omitted|scrubbed|deleted|secret|token|password|value|placeholder|example|your[\w -]*|changeme|"
    r"none|null|nil|n/?a|unknown|true|false|yes|no|required|missing|present|absent|empty|expired|invalid|"
    r"valid|rejected|reset|not|the|a|bearer|basic|unchanged|enabled|disabled|rotated|revoked|ok|remove|mask|redact|drop|hash|keep|allow|deny|forbid|block)\W*"
    r"|[<\[{(]{1,2}[^<>\[\]{}()]*[>\]})]{1,2}|\$\{?\w+\}?|%\w+%|[*x•●▓█.…_?-]+"
    r"|(?:sha-?(?:1|256|512)|md5)[:=-][0-9a-f]+…?"
    r")[\s\"'`.,;)\]}]*$"
)
# `DA-5401` under "authorization" or "account key" is the number of a record. A password may look like one.
_RECORD_NUMBER = re.compile(r"[A-Za-z]{1,8}[-_ ]?\d{1,8}(?:[-_.]\d{1,6})?")
_WORD_LABEL = re.compile(rf"{PASSWORDS}|secret|cred")
_PEM_BODY = re.compile(r"(?m)^[ \t]*[A-Za-z0-9+/]{60,76}={0,2}[ \t]*$")

_CHUNK = 400


def find_secrets(spans: Iterable[Span], evidence: str = "") -> list[Finding]:
    """A finding per span that holds a secret (rule `secret`, `detail["kind"]` says which), text masked.

    Siblings `name` and `value` of one JSON object (HAR headers, cookies, query strings) are read as one.
    """
    spans = list(spans)
    names = {s.locator[:-5]: s.text for s in spans if s.locator.endswith("/name")}
    findings: list[Finding] = []
    for start in range(0, len(spans), _CHUNK):
        chunk = spans[start : start + _CHUNK]
        likely = present("\n".join(span.text for span in chunk))
        for span in chunk:
            name = names.get(span.locator[:-6]) if span.locator.endswith("/value") else None
            kinds, shown = _of_span(span, name, likely)
            if kinds:
                findings.append(_finding(place_of(evidence, span.locator), kinds, shown))
    return findings


def _of_span(span: Span, name: str | None, likely: Sequence[Rule]) -> tuple[list[str], str]:
    """Kinds of secret in a span, and its text without them; `name` is that of the HAR member it is the value of."""
    kinds = [kind for kind, _, _ in _hits(span.text, likely)] if likely else []
    label, value = (span.label, span.value or span.text) if name is None else (name, span.text)
    if in_har_cookie(span.locator) or (label and _label_kind(label, value)):
        named = [] if _placeholder(value) else [f"value of {excerpt(label, 40) or 'cookie'}"]
        return kinds or named, f"{label}: {MASK}"
    return kinds, mask(span.text) if kinds else ""


def find_secrets_in_lines(lines: Sequence[str], evidence: str = "") -> list[Finding]:
    """The same for a line-oriented reading; places are `line=N` from 1. A key block is found by its head."""
    findings: list[Finding] = []
    for start in range(0, len(lines), _CHUNK):
        chunk = lines[start : start + _CHUNK]
        likely = present("\n".join(chunk))
        if not likely:
            continue
        for number, line in enumerate(chunk, start + 1):
            kinds = [kind for kind, _, _ in _hits(line, likely)]
            if kinds:
                findings.append(_finding(place_of(evidence, f"line={number}"), kinds, mask(line)))
    return findings


def mask(text: str) -> str:
    """`text` with every secret replaced by `▓▓▓▓`; of the secret nothing is kept."""
    # A JSON Pointer escapes the strokes of what it holds: no pattern would know an address in it.
    plain = text.replace("~1", "/").replace("~0", "~")
    if plain != text and (shown := _masked(plain)) != plain:
        return shown
    return _masked(text)


def _masked(text: str) -> str:
    spans = [(start, end) for _, start, end in _hits(text)]
    # The body of a key that was cut off from its head: masking too much is the safe side.
    spans += [match.span() for match in _PEM_BODY.finditer(text)]
    pieces, at = [], 0
    for start, end in sorted(spans):
        if end <= at:
            continue
        if start >= at:
            pieces.append(text[at:start] + MASK)
        at = end
    return "".join(pieces) + text[at:]


def mask_all(value: Mapping[str, Json]) -> dict[str, Json]:
    """The same object with every text in it masked, however deep. Names of members stay."""
    return {name: _mask_inside(inner) for name, inner in value.items()}


def _mask_inside(value: Json) -> Json:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {name: _mask_inside(inner) for name, inner in value.items()}
    return [_mask_inside(inner) for inner in value] if isinstance(value, list) else value


def in_har_cookie(locator: str) -> bool:
    """Whether the place is the value of a cookie in a HAR file: secret under whatever name."""
    return "/cookies/" in locator and bool(re.search(r"/(?:request|response)/cookies/\d+/value$", locator))


def _finding(place: str, kinds: list[str], shown: str) -> Finding:
    return Finding("secret", place, EFFECT, excerpt(shown), {"kind": ", ".join(dict.fromkeys(kinds))})


def _hits(text: str, rules: Sequence[Rule] | None = None) -> list[tuple[str, int, int]]:
    """Kind, start and end of every secret in `text`."""
    found = []
    for rule in present(text) if rules is None else among(rules, text):
        for match in matches(rule, text):
            if rule.kind == TOLD:
                found += [(TOLD, start, end) for start, end in told(match) if not _placeholder(text[start:end])]
                continue
            start, end = _secret_part(match) if rule.own else match.span()
            if _real(rule, match, text[start:end]):
                found.append((rule.kind.replace("_", " "), start, end))
    return found


def _secret_part(match: re.Match[str]) -> tuple[int, int]:
    for name in ("s", "t", "u", "v"):
        if match.re.groupindex.get(name) and match[name] is not None:
            return match.span(name)
    return match.span()


def _value_of(match: re.Match[str]) -> str:
    groups = [group for group in match.groups() if group]
    return max(groups, key=len) if groups else match[0]


def _real(rule: Rule, match: re.Match[str], value: str) -> bool:
    if not rule.own:
        # A token has digits; without this, region names match Artifactory's `AP…`.
        value = _value_of(match)
        return any(char.isdigit() for char in value) and not _placeholder(value)
    match rule.kind:
        case "assignment":
            # "Password: must be reset" is a sentence, `password = hunter2!` is not.
            least = 4 if match["u"] else 3
            if re.search(r"(?i)sess(?:ion)?[ _-]?id", match[0]) and not _random(value):
                return False
            return not _placeholder(value) and len(value) >= least and not _prose(match)
        case "query parameter":
            return _label_kind(match["name"], value)
        case "header":
            return _label_kind("cookie" if "cookie" in match[0].lower() else "authorization", value)
        case "key in words":
            return _random(value) and not _placeholder(value)
        case "authorization":
            return not _placeholder(value) and any(char.isdigit() or char.isupper() for char in value)
    return not _placeholder(value)


def _prose(match: re.Match[str]) -> bool:
    """Whether an unquoted value is a word of a sentence: plain letters, and more words follow it."""
    value = match["u"]
    if value is None:
        quoted = match["s"] or match["t"] or ""
        named = re.search(r"\d", quoted) and not re.search(r"(?:^|\s)[a-z]", quoted)
        return bool(re.search(r"\s\w+\s", quoted)) and not named
    rest = match.string[match.end() :]
    strong = re.search(r"=\s*\S*$", match[0]) is not None
    return value.rstrip(".!?").isalpha() and not strong and (value.islower() or bool(re.match(r"\s+\w", rest)))


def _label_kind(label: str, value: str) -> bool:
    """Whether `value` is a secret because of what it is called."""
    bare = _SCHEME.sub("", value.strip())
    schemed, value = bare != value.strip(), bare
    parameter = bool(_PARAMETER_LABEL.match(label))
    if not (parameter or _SECRET_LABEL.search(label)) or _placeholder(value):
        return False
    low = label.lower()
    if "cookie" in low:
        parts = [part.partition("=")[2] if "=" in part else part for part in value.split(";")[:1]]
        return any(not _placeholder(part) and len(part.strip()) >= 6 and " " not in part.strip() for part in parts) or (
            value.count("=") > 1 and any(len(v) >= 16 for v in re.findall(r"=([^;\s\[\]<>*]+)", value))
        )
    if "saml" in low or low == "assertion":
        return bool(re.search(r"[A-Za-z0-9+/%_-]{32,}", value))
    if low in {"code", "sig", "signature", "ticket", "sid", "token", "assertion", "pass"}:
        # Digits alone are a number of something: a ticket, an article, a postcode.
        return len(value) >= 12 and " " not in value and any(c.isdigit() for c in value) and not value.isdigit()
    if re.search(r"sess(?:ion)?[ _-]?id$", low):
        return _random(value)
    if low.endswith("authorization"):
        return schemed or _random(value)
    if _RECORD_NUMBER.fullmatch(value) and not _WORD_LABEL.search(low):
        return False
    return len(value) >= 4 and " " not in value


def _random(value: str) -> bool:
    """Whether it looks drawn by lot: `CS-77245` is the number of a session, not the key to it."""
    return any(any(c.isdigit() for c in run) for run in re.findall(r"[A-Za-z0-9]{16,}", value))


def _placeholder(value: str) -> bool:
    return bool(_PLACEHOLDER.match(value)) or "redacted" in value.lower()
