"""Marks instructions inside evidence: what is addressed to the assistant, forged approvals, ways out, plain orders.

Evidence is content (R8): a marked span is listed as a blocked request and has no effect. Nothing is marked because
it is unwelcome, only because, obeyed, it would act.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from casefile.evidence import Span
from guardrails.boundary import Boundary, ask
from guardrails.finding import Finding, excerpt, place_of
from guardrails.plain_text import versions
from guardrails.secrets import mask

RULE = "instruction-in-evidence"
EFFECT = "recorded as text of its author; nothing was done"
MIN_CHARACTERS = 8
MAX_CHARACTERS = 20_000

_ASSISTANT = (
    r"(?:ai|a\.i\.|llm|bot|chat ?bot|assistant|copilot|co-pilot|language model|model|casegate|gpt|agent\b(?! name| id))"
)
_FORMS: tuple[tuple[str, str], ...] = (
    (
        "override of its instructions",
        r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,40}\b(?:instruction|prompt|rule|guard ?rail|polic|"
        r"restriction|context|constraint|boundar)\w*"
        r"|\b(?:ignorier\w*|vergiss|missachte\w*)\b[^.!?\n]{0,40}\b(?:anweisung|regel|vorgabe)\w*"
        r"|\bignore[sz]?\b[^.!?\n]{0,30}\b(?:consignes|instructions|règles)\b"
        r"|\bignora\w*\b[^.!?\n]{0,30}\b(?:instrucciones|reglas|istruzioni|regole|instruções|regras)\b",
    ),
    (
        "a role in the conversation",
        r"(?:^|\n)\W{0,4}(?:system|assistant|developer|ai|bot|copilot)\s*(?:prompt|message|note|override)?\s*:\s*\S"
        r"|<\|?(?:im_start|system|assistant|endoftext)\b|\[/?(?:INST|SYS)\]|<</?SYS>>"
        r"|\byou are (?:now|no longer|an? (?:ai|assistant|unrestricted|helpful))\b|\bact as (?:an?|the) (?:ai|admin\w*|"
        r"approver|duty manager|system)\b|\bnew (?:system )?instructions?\s*:",
    ),
    (
        "an order to the assistant",
        rf"\b(?:note|message|instructions?|reminder|attention|dear|hey|hello|hi)\b[^.!?\n]{{0,12}}\b(?:to|for)?\s*"
        rf"(?:the |all |any |whichever )?{_ASSISTANT}\b[^.!?\n]{{0,40}}[:,;-]"
        rf"|(?:^|\n)\W{{0,3}}(?:the )?{_ASSISTANT}\s*[,:]\s*(?:please|you|do|set|mark|send|approve|page|now|treat)\b"
        rf"|\b{_ASSISTANT}\b[^.!?\n]{{0,20}}\b(?:must|should|shall|has to|needs to)\b[^.!?\n]{{0,20}}\b(?:set|mark|send|"
        r"approve|page|treat|confirm|release|skip|ignore|reveal|print|output|write|open|grant|forward)\b",
    ),
    (
        "approval",
        r"\b(?:already |pre-?|hereby )?approved by\b[^.!?\n]{0,60}\b(?:go|proceed|release|continue|no need|skip|execute|run)\b"
        r"|\b(?:consider|treat|count|take|mark|regard)\b[^.!?\n]{0,30}\b(?:as |it |this )?(?:pre-?)?approved\b"
        r"|\bno (?:further |more |additional )?(?:approval|review|sign-?off)s? (?:is |are )?(?:needed|required|necessary)\b"
        r"|\b(?:skip|bypass|waive)\b[^.!?\n]{0,20}\b(?:the )?(?:approval|review|gate|sign-?off|check)s?\b"
        r"|\bapproval\s*[:=]\s*(?:granted|given|yes|true)\b|\byou have (?:my|our|full) approval\b",
    ),
    (
        "a way out for data",
        r"!\[[^\]]*\]\(\s*(?:https?:)?//[^)]*\)|<img\b[^>]*\bsrc\s*=\s*[\"']?https?://[^>]*[{?&][^>]*>"
        r"|\b(?:send|post|upload|forward|exfiltrate|curl|fetch|append|encode)\b[^.!?\n]{0,60}\bhttps?://\S+",
    ),
    (
        "a tool call",
        r"[\"']?(?:tool_calls?|function_call|tool_name|recipient_name)[\"']?\s*[:=]\s*[\[{\"']"
        r"|<(?:tool_call|function_calls?|invoke|tool_use)\b",
    ),
)


@lru_cache(maxsize=1)
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    return [(asks, re.compile(form, re.IGNORECASE)) for asks, form in _FORMS]


def mark(spans: Iterable[Span], evidence: str, boundary: Boundary) -> list[Finding]:
    """One finding (rule `instruction-in-evidence`) for each span that orders something; `asks_for` says what.

    `text` is the span's text, masked and cut. Disguised text (look-alike letters, invisible characters, base64) is
    read as what it says.
    """
    findings = []
    for span in spans:
        text = span.text
        if len(text) < MIN_CHARACTERS or " " not in text.strip():
            continue
        asks = _asks_for(text[:MAX_CHARACTERS], boundary)
        if asks:
            hidden = {"hidden": "yes"} if span.hidden else {}
            detail = {"asks_for": asks, **hidden}
            place = place_of(evidence, span.locator)
            findings.append(Finding(RULE, place, EFFECT, excerpt(mask(text), 240), detail))
    return findings


def _asks_for(text: str, boundary: Boundary) -> str:
    for version in (text, *versions(text)):
        for asks, form in _forms():
            if form.search(version):
                return asks
    refused = ask(text, boundary, "evidence").refused
    return "; ".join(dict.fromkeys(line.text for line in refused))
