"""The supervisor: what a person wants who writes in the chat. By rules; a model may only say more precisely what is asked.

ask · change · find · redirect · object · note. Refusing is not here: the boundary was asked before.
"""  # noqa: E501

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from casefile.artifact import Edit
from casefile.claims import Claim, Section

Kind = Literal["ask", "change", "find", "redirect", "object", "note"]

_QUOTED = r"[\"“”„«»]([^\"“”„«»]{1,2000})[\"“”„«»]"
_NOTE = re.compile(
    r"^\W*(?:ok(?:ay)?|thanks?|thank you|thx|great|good|fine|understood|noted|yes|no|hello|hi|good morning|well done|perfect)[\s\w]{0,20}\W*$",  # noqa: E501
    re.I,
)
_REDIRECT = re.compile(
    r"^\W*(?:forget|drop (?:that|this|the)|never mind|scrap|stop (?:working|looking|with)|change of (?:plan|direction)|new (?:direction|goal|focus|priority)|instead\b|leave (?:that|this)|switch to|focus (?:only )?on|concentrate on|from now on|the (?:question|goal|focus|priority) is now|we now (?:need|want|focus)|actually,? (?:focus|let)|let us (?:focus|switch)|let's (?:focus|switch))|\binstead of (?:that|this)\b|\bchange of (?:plan|direction)\b|\b(?:new|changed?) (?:goal|focus|direction|priority)\b|\bonly (?:about|on) .{3,60} from now on",  # noqa: E501
    re.I,
)
_OBJECT = re.compile(
    r"\b(?:i|we) object\b|\bthat(?:'s| is) (?:wrong|not (?:true|right|proven|correct|supported)|unsupported|unproven|overstated|too strong)|\bnot proven\b|\bis (?:unsupported|overclaimed|overstated)\b|\bi (?:disagree|doubt)\b|\bobjection\b",  # noqa: E501
    re.I,
)
_CHANGE = re.compile(
    r"^\W*(?:please\s+|now\s+|then\s+|and\s+|can you\s+|could you\s+|would you\s+)*(?:change|set|replace|reword|rewrite|rephrase|shorten|expand|add|remove|delete|strike|cut|drop|correct|fix|update|edit|revise|make (?:it|the|this)|put|insert|include|mention|mark|label|tone|soften|sharpen|word|draft|write|translate|merge|split|move|improve|polish)\b",  # noqa: E501
    re.I,
)
_FIND = re.compile(
    r"^\W*(?:please\s+|can you\s+|could you\s+)*(?:find|search|look (?:for|up|into|again)|fetch|retrieve|dig|check (?:the|whether|if|again)|get (?:more|me)|is there (?:any|more)|more evidence|gather|collect)\b",  # noqa: E501
    re.I,
)


def kind_of(text: str) -> Kind:
    """What the text asks for. What fits nothing is a question: the evidence either answers it or it does not."""
    if _NOTE.match(text):
        return "note"
    if _REDIRECT.search(text):
        return "redirect"
    if _OBJECT.search(text):
        return "object"
    if _CHANGE.match(text) and not text.rstrip().endswith("?"):
        return "change"
    if _FIND.match(text):
        return "find"
    return "ask"


_TRACK = re.compile(
    r"^\W*(?:please\s+|now\s+|then\s+|and\s+|also\s+|can you\s+|could you\s+)*"
    r"(?:add|put|note|record|log|track|enter|keep)\b[^:]{0,40}\bopen[ -]questions?\b[^:]{0,30}:\s*(?P<question>.+?)\s*"
    r"(?:\(?owner\s*[:=]\s*(?P<owner>[^.;)]+?)\)?)?\s*\.?$",
    re.I | re.S,
)


def tracked(text: str) -> tuple[str, str] | None:
    """The open question that the text asks to keep, with the owner that it names, if it names one."""
    found = _TRACK.match(" ".join(text.split()))
    return (found["question"], (found["owner"] or "").strip()) if found is not None else None


@dataclass(frozen=True, slots=True)
class Change:
    """An edit that a person's words spell out, or why they do not."""

    edits: tuple[Edit, ...] = ()
    problem: str = ""


_REPLACE = re.compile(rf"(?:replace|change)\s+{_QUOTED}\s+(?:with|by|to|into)\s+{_QUOTED}", re.I | re.S)
_REWRITE = re.compile(
    rf"(?:change|replace|reword|rewrite|rephrase)\s+(?P<id>[\w-]+(?:/[\w-]+)?)\s*(?:to|with|as|:)\s*:?\s*{_QUOTED}",
    re.I | re.S,
)
_STRIKE = re.compile(
    rf"(?:remove|delete|strike|drop|cut)\s+(?:out\s+)?(?:the\s+(?:words?|sentence|statement|claim)\s+)?(?:{_QUOTED}|(?P<id>[\w-]+/[\w-]+|[a-z]+-[\w-]+))",
    re.I | re.S,
)
_ADD = re.compile(
    rf"(?:add|insert|put|include|write)\s+{_QUOTED}\s+(?:to|in|into|under|as)\s+(?:the\s+)?(?P<section>[\w /-]+)",
    re.I | re.S,
)
NEEDS_MODEL = (
    "free rewording needs a model; offline these forms work: replace “…” with “…”, strike “…”, "
    "change section/claim to “…”, add “…” to a section"
)


def spelled_out(text: str, by: str, sections: Sequence[Section]) -> Change:
    """The edits that a person spells out word by word. They are the person's own words, and marked so."""
    author = f"person:{by}"
    if match := _REPLACE.search(text):
        return _replaced(match[1], match[2], author, sections)
    if match := _REWRITE.search(text):
        found = _by_id(match["id"], sections)
        if found is None:
            return Change(problem=f"there is no statement {match['id']!r}")
        return Change((_edit(*found, match[2], author),))
    if match := _ADD.search(text):
        home = _section(match["section"], sections)
        if home is None:
            return Change(
                problem=f"there is no section {match['section'].strip()!r}: {', '.join(s.id for s in sections)}"
            )
        number = len(home.claims) + 1
        target = f"{home.id}/{by}-{number}"
        edit = Edit(id="", turn=0, target=target, before="", after=match[1].strip(), reason="asked for", author=author)
        return Change((edit,))
    if match := _STRIKE.search(text):
        found = _by_id(match["id"], sections) if match["id"] else None
        places = [found] if found else _saying(match[1] or "", sections)
        if not places:
            return Change(problem="no statement has these words")
        return Change(tuple(_struck(section, claim, match[1] or "", author) for section, claim in places))
    return Change(problem=NEEDS_MODEL)


def _replaced(old: str, new: str, author: str, sections: Sequence[Section]) -> Change:
    places = _saying(old, sections)
    if not places:
        return Change(problem="no statement has these words")
    return Change(tuple(_edit(s, c, c.text.replace(old.strip(), new.strip()), author) for s, c in places))


def _struck(section: Section, claim: Claim, words: str, author: str) -> Edit:
    """Striking a few words of a longer statement leaves its rest; striking most of it takes it away."""
    words = words.strip()
    rest = " ".join(claim.text.replace(words, "", 1).split()) if words else ""
    return _edit(section, claim, rest if words and len(rest) > 0.4 * len(claim.text) else "", author)


def _edit(section: Section, claim: Claim, after: str, author: str) -> Edit:
    return Edit(
        id="",
        turn=0,
        target=f"{section.id}/{claim.id}",
        before=claim.text,
        after=after.strip(),
        reason="asked for",
        author=author,
        citations=claim.citations,
        # Words of a person over the records of the old ones: whether they carry it is not checked by rules.
        status="unverified" if claim.status == "confirmed" else claim.status,
    )


def _by_id(name: str, sections: Sequence[Section]) -> tuple[Section, Claim] | None:
    section_id, slash, claim_id = name.rpartition("/")
    for section in sections:
        for claim in section.claims:
            if claim.id == claim_id and (not slash or section.id == section_id):
                return section, claim
    return None


def _saying(words: str, sections: Sequence[Section]) -> list[tuple[Section, Claim]]:
    wanted = words.strip()
    return [(s, c) for s in sections for c in s.claims if wanted and wanted in c.text]


def _section(name: str, sections: Sequence[Section]) -> Section | None:
    wanted = name.strip().casefold().replace(" ", "_").replace("-", "_")
    exact = next((s for s in sections if s.id == wanted), None)
    words = name.strip().casefold()
    return exact or next((s for s in sections if words in s.title.casefold() or wanted in s.id), None)
