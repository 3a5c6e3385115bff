"""Forms of English verbs, so that word lists name each verb once."""

from __future__ import annotations

from typing import Literal

Form = Literal["base", "ing", "past", "third"]

_IRREGULAR_FORMS = """
    send:sent tell:told write:wrote,written set:set put:put get:got,gotten give:gave,given wake:woke,woken
    say:said make:made find:found hide:hid,hidden leave:left let:let take:took,taken bring:brought hold:held
    stand:stood show:shown go:went,gone run:ran begin:began,begun cut:cut lose:lost shoot:shot do:did,done
    forget:forgot,forgotten swear:swore,sworn choose:chose,chosen spin:spun pay:paid read:read see:saw,seen
    fill:filled have:had ring:rang,rung speak:spoke,spoken think:thought call:called spread:spread
    undertake:undertook,undertaken reset:reset understand:understood prove:proved,proven lift:lifted
    rewrite:rewrote,rewritten override:overrode,overridden withdraw:withdrew,withdrawn mean:meant
"""
_IRREGULAR = {verb: past.split(",") for verb, _, past in (entry.partition(":") for entry in _IRREGULAR_FORMS.split())}
_VOWELS = "aeiou"


def forms(verb: str) -> list[tuple[str, Form]]:
    """The forms of an English verb. For words of other languages the extra ones do no harm."""
    found: list[tuple[str, Form]] = [(verb, "base"), (third(verb), "third"), (_ing(verb), "ing")]
    past = _IRREGULAR.get(verb) or [_past(verb)]
    found += [(word, "past") for word in past if word != verb]
    return found


def _doubles(verb: str) -> bool:
    return (
        len(verb) >= 3
        and verb[-1] not in _VOWELS + "wxy"
        and verb[-2] in _VOWELS
        and verb[-3] not in _VOWELS
        and (sum(c in _VOWELS for c in verb) == 1 or verb in {"commit", "submit", "forget", "omit"})
    )


def third(verb: str) -> str:
    """`notify` → `notifies`; nouns take their plural in the same way."""
    if verb.endswith(("s", "sh", "ch", "x", "z")) or verb in {"go", "do"}:
        return verb + "es"
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return verb[:-1] + "ies"
    return verb + "s"


def _ing(verb: str) -> str:
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    return verb + (verb[-1] if _doubles(verb) else "") + "ing"


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return verb[:-1] + "ied"
    return verb + (verb[-1] if _doubles(verb) else "") + "ed"
