"""Passwords that people tell one another in words: "user dbg, password …", "the password for the console is …".

No sign marks such a value as `password=…` does, so what follows the word must look drawn up: a word of a sentence,
the number of a record, a time or the name of a method is none. What is doubtful is taken for a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

PASSWORDS = (
    r"pass(?:word|wd|phrase|code)?|pwd|pw|kennwort|passwort|contrase[nñ]a|mot[ _-]de[ _-]passe|parola|wachtwoord|"
    r"senha|l[öo]senord|passord|adgangskode|has[łl]o|heslo|salasana"
)
_LOGINS = (
    r"cred(?:ential)?s?|log[ -]?(?:in|on)|sign[ -]?in|zugangsdaten|identifiants|credenciales|secret|pin|passkey|"
    r"schlüssel|pass[ -](?:word|phrase|code)"
)
# A user is told with the password behind a stroke: "account dbg / …".
_USERS = r"user(?:name)?|account"
# `adminPassword` and `PGPASSWORD` are names too.
START = r"(?:(?<![A-Za-z])|(?=passw(?:or[dt]|d)))"
NAMED = re.compile(
    rf"(?i){START}(?:(?P<password>{PASSWORDS})s?|(?<![\w./@-])(?:(?P<login>{_LOGINS})|(?P<user>{_USERS})))(?![A-Za-z])"
)
# Words without one of which nothing is told.
TRIGGERS = (
    "pass", "pw", "kennwort", "contrase", "parola", "wachtwoord", "senha", "senord", "adgangskode", "hasł", "haslo",
    "heslo", "salasana", "cred", "login", "log in", "log-in", "logon", "log on", "sign in", "sign-in", "user",
    "account", "zugangsdaten", "identifiants", "secret", "pin", "schlüssel",
)  # fmt: skip

_REACH, _NEAR = 90, 50
_WORD = r"(?P<s>[^\s,;|]+)"
_IS = r"(?:is|was|are|now|ist|lautet|war|est|es|è|é|är|er|jest|je|on)"
_SIGNS = r"(?:[:=|→–—-]+>?|=>)"
_OPEN, _CLOSE = "\"'`“”„«»‘’([{<*_=", "\"'`“”«»‘’)]}>*_.,;:"
_NEXT = re.compile(rf"[\s{re.escape(_CLOSE)}]*(?:(?:{_SIGNS}|\b{_IS}\b)\s*){{0,3}}(?P<s>[^\s,;|]+)")
_FOR = re.compile(
    r"(?i)\s*(?:\(|(?:for|of|on|at|to|in|für|vom|von|zum|am|pour|de|du|des|para|del|per|della|till|voor|van)\b)"
    rf"[^\n;]{{0,60}}?(?:{_SIGNS}(?=\s)|\s{_IS}\s(?:now\s)?)\s*(?P<s>[^\s,;|]+)"
)
_CHANGED = re.compile(
    r"(?i)[^\n;]{0,40}?\b(?:changed|set|reset|rotated|updated|switched)\s+(?:back\s+)?to\s+(?P<s>[^\s,;|]+)"
)
_BEFORE = re.compile(
    r"(?i)(?P<s>[^\s,;|]+)\s+(?:is|was|as|ist|est|es)\s+(?:(?:the|a|an|their|his|her|my|our|your|das|le|la|el|new|"
    r"temporary|temp|root|admin|current|default)\s+){0,3}$"
)
_USER_BEFORE = re.compile(
    r"(?i)\b(?:user(?:[ _]?name)?|login|account|benutzer|utilisateur|usuario)\b\s*[:=]?\s*\S+?\s*(?:[,;/|&+]|\band\b|"
    r"\bund\b|\bet\b|\bwith\b)\s*$"
)
_LAST_WORD = re.compile(r"\s*[:=]?\s*(?P<s>[^\W\d_][^\s,.;)]{3,})\s*(?=$|[,.;)\n])")
_STATES = re.compile(
    r"(?i)(?:\w+(?:ed|ing|t)|policy|prompt|page|login|change|ok|okay|correct|wrong|error|failure|unknown|missing|same|"
    r"none|only|required|expiry|lockout|valid|invalid|too|fine|twice|again|sent|either|both)$"
)
_AFTER_USER = re.compile(
    r"(?i)\s*(?:[:=]|\bas\b|\bwith\b|\bis\b)?\s*[^\s/:|,]+(?:\s*[/:|]\s*|\s*,\s*|\s+(?:and|with|und|et)\s+)(?P<s>[^\s,;|]+)"
)
_BEFORE_LOGIN = re.compile(r"(?i)[^\s/:|,]+\s*[/:|,]\s*(?P<s>[^\s,;|]+)\s+(?:to|as|for(?: the)?)\s+$")
_ACTED_ON = re.compile(r"(?i)\b(?:reset|chang|forc|rotat|forg[eo]t|expir|updat)\w*\s+(?:(?:the|his|her|their)\s+)?$")

_SPECIAL = r"[!#$%^&*?~@§€£\\]"
_NO_PASSWORD = re.compile(
    r"(?i)(?:[^@\s]+@[^@\s]+\.[a-z]{2,}|\w+://.*|[^=]*\w=.*|[\w-]*#\d+|\d+%.*|[(\[{<$%].*[)\]}>%]"
    r"|\d{4}-\d\d.*|\d\d?:\d\d.*|\d+[a-z]{1,7}|\d+-[a-z]+|v?\d[\d.]*"
    r"|(?:sha|md|base|o?auth|argon|pbkdf|utf|http|x\.?509|aes|rsa|rfc|fido|saml|tls|bcrypt|win|windows)[-/]?\d.*)"
)
_RECORD = re.compile(r"[A-Za-z]{1,8}[-_ ]?\d{1,8}(?:[-_.]\d{1,6})?")
_WORD_AND_YEAR = re.compile(r"(?=.*[a-z])[A-Za-z]{4,}\d{2,}")
_NAMED_AND_NUMBER = re.compile(r"(?:[A-Z][a-z]+[-_.]?)+(?:[a-z]+[-_.]?)*\d{2,}")
_MIXED = re.compile(r"[A-Za-z]+[^A-Za-z]*\d[^A-Za-z]*[A-Za-z]+|\d[^A-Za-z\d]*[A-Za-z]+[^\d]*\d")


def told(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Start and end of the passwords that are told about a match of `NAMED`, in its line."""
    text = match.string
    line_start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    tail = text[match.end() : min(len(text) if end < 0 else end, match.end() + _REACH)]
    head = text[max(line_start, match.start() - _REACH) : match.start()]
    if not match["password"]:
        yield from _of_login(match, head, tail)
        return
    for found in re.finditer(_WORD, head):
        if _strong(_bare(found["s"])):
            yield _place(found, match.start() - len(head))
    before = _BEFORE.search(head)
    if before and _drawn(_bare(before["s"])):
        yield _place(before, match.start() - len(head))
    for found in _after(head, tail):
        yield _place(found, match.end())


def _of_login(match: re.Match[str], head: str, tail: str) -> Iterator[tuple[int, int]]:
    after = [_AFTER_USER.match(tail)] if match["user"] else list(re.finditer(_WORD, tail[:_NEAR]))
    places = [(found, match.end()) for found in after if found]
    if before := _BEFORE_LOGIN.search(head):
        places.append((before, match.start() - len(head)))
    for found, offset in places:
        if _strong(_bare(found["s"])):
            yield _place(found, offset)


def _after(head: str, tail: str) -> Iterator[re.Match[str]]:
    acted_on = _ACTED_ON.search(head) is not None
    found = _NEXT.match(tail)
    if found and (_strong if acted_on else _drawn)(_bare(found["s"])):
        yield found
    for pattern in (_FOR, _CHANGED):
        found = pattern.match(tail)
        if found and _answer(_bare(found["s"])):
            yield found
    if _USER_BEFORE.search(head) and (found := _LAST_WORD.match(tail)) and not _STATES.match(found["s"]):
        yield found
    for found in re.finditer(_WORD, tail):
        if _strong(_bare(found["s"])):
            yield found


def _bare(word: str) -> str:
    return word.strip(_OPEN + _CLOSE)


def _place(found: re.Match[str], offset: int) -> tuple[int, int]:
    """Where the bare word stands in the whole text."""
    word = found["s"]
    start = found.start("s") + len(word) - len(word.lstrip(_OPEN))
    end = found.end("s") - (len(word) - len(word.rstrip(_CLOSE)))
    return offset + start, offset + end


def _strong(value: str) -> bool:
    """Whether letters, digits and a sign stand in one another: no word, number or id is written so."""
    if len(value) < 6 or _NO_PASSWORD.fullmatch(value) or not re.search(r"[^\W\d_]", value):
        return False
    core = value.lstrip("~+#@$€£&*").rstrip("!?")
    if re.search(_SPECIAL, core):
        return bool(re.search(r"\d", core))
    return value.endswith("!") and all(re.search(kind, core) for kind in (r"[a-z]", r"[A-Z]", r"\d"))


def _drawn(value: str) -> bool:
    """Whether what stands right behind the word for a password looks like one."""
    if _strong(value):
        return True
    core = value.rstrip("!?")
    if len(core) < 6 or _NO_PASSWORD.fullmatch(core):
        return False
    if re.search(rf"[^\W\d_]{_SPECIAL}+[^\W\d_]", core) and re.search(r"[a-z]", core) and re.search(r"[A-Z]", core):
        return True
    return bool(_WORD_AND_YEAR.fullmatch(core) or _NAMED_AND_NUMBER.fullmatch(core) or _MIXED.search(core))


def _answer(value: str) -> bool:
    """Whether what a sentence says the password is, or was changed to, is one: letters and digits, and no record."""
    if _drawn(value):
        return True
    both = re.search(r"\d", value) and re.search(r"[^\W\d_]", value)
    return bool(both) and len(value) >= 6 and not (_NO_PASSWORD.fullmatch(value) or _RECORD.fullmatch(value))
