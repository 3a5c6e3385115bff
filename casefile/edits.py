"""Edits: every agent contribution after the first revision, decided by a person one by one (DESIGN.md §1).

Append-only: a proposal is never changed, a verdict is given once. What was rejected is known by its fingerprint, so
that it cannot come back in silence, whoever proposes it and at whatever place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from casefile.artifact import Edit
from casefile.claims import Claim, Section
from casefile.evidence import Evidence, Frozen
from lineage.canonical import digest_bytes

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_FILLER = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "with",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "that",
        "this",
        "it",
    ]
)


class Verdict(Frozen):
    """What a person decided about one edit. `ledger` is how many items of evidence there were at that time."""

    edit: str
    state: Literal["accepted", "rejected"]
    by: str
    reason: str
    turn: int
    ledger: int


class Decided(Frozen):
    """An edit with its verdict."""

    edit: Edit
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Screened:
    """Proposals after the look at what was rejected before. `silent` came back without new evidence: not proposed."""

    kept: list[Edit] = field(default_factory=list)
    silent: list[tuple[Edit, Decided]] = field(default_factory=list)


def fingerprint(edit: Edit) -> str:
    """What the edit would write, wherever: the words, without their order, case, form and filler.

    An edit that only removes is known by what it removes.
    """
    words = _words(edit.after)
    text = "+ " + " ".join(words) if words else f"- {edit.target} " + " ".join(_words(edit.before))
    return digest_bytes(text.encode())


def placed(edit: Edit) -> str:
    """What the edit would write, and the section in which."""
    return f"{edit.target.partition('/')[0]} {fingerprint(edit)}"


def _words(text: str) -> list[str]:
    found = {word.casefold() for word in _WORD.findall(unicodedata.normalize("NFKC", text))}
    return sorted(found - _FILLER) or sorted(found)


def screen(
    proposed: Iterable[Edit], rejected: Mapping[str, Decided], ledger: Sequence[Evidence], standing: Iterable[str]
) -> Screened:
    """Which proposals may be shown. `rejected` is by fingerprint, `standing` (what is open) by fingerprint and section.

    A rejected one is proposed again only where it cites evidence that came after the rejection; then it says so.
    The same words are one proposal in each section: a fact that stands in several is corrected in all of them.
    """
    result = Screened()
    seen = set(standing)
    for edit in proposed:
        here = placed(edit)
        if here in seen:
            continue
        seen.add(here)
        before = rejected.get(fingerprint(edit))
        if before is None:
            result.kept.append(edit)
            continue
        new = _new_evidence(edit, before.verdict, ledger)
        if new:
            result.kept.append(edit.model_copy(update={"repeats": before.edit.id, "new_evidence": new}))
        else:
            result.silent.append((edit, before))
    return result


def _new_evidence(edit: Edit, verdict: Verdict, ledger: Sequence[Evidence]) -> list[str]:
    later = {item.id for item in ledger[verdict.ledger :] if not item.withdrawn}
    return sorted({citation.evidence for citation in edit.citations} & later)


@dataclass(frozen=True, slots=True)
class Applied:
    """The sections after the accepted edits; `stale` edits no longer fit the text that they speak of."""

    sections: list[Section]
    done: list[Edit] = field(default_factory=list)
    stale: list[Edit] = field(default_factory=list)


def apply(sections: Sequence[Section], accepted: Iterable[Edit], by: str) -> Applied:
    """Put accepted edits into the sections. Their statements are human-approved from then on."""
    result = Applied(list(sections))
    for edit in accepted:
        changed = _applied(result.sections, edit, by)
        if changed is None:
            result.stale.append(edit)
        else:
            result.sections[:] = changed
            result.done.append(edit)
    return result


def _applied(sections: Sequence[Section], edit: Edit, by: str) -> list[Section] | None:
    name, _, claim_id = edit.target.partition("/")
    home = next((n for n, section in enumerate(sections) if section.id == name), None)
    if home is None:
        return None
    claims = list(sections[home].claims)
    at = next((n for n, claim in enumerate(claims) if claim.id == claim_id), None)
    if (claims[at].text if at is not None else "") != edit.before:
        return None
    new = _claim(edit, claim_id, by)
    if at is None:
        claims += [new] if new else []
    else:
        claims[at : at + 1] = [new] if new else []
    changed = list(sections)
    changed[home] = sections[home].model_copy(update={"claims": claims})
    return changed


def _claim(edit: Edit, claim_id: str, by: str) -> Claim | None:
    if not edit.after:
        return None
    return Claim(
        id=claim_id,
        text=edit.after,
        status=edit.status,
        author=edit.author,
        citations=edit.citations,
        approved_by=[by],
    )


def difference(current: Sequence[Section], drafted: Sequence[Section], owned: frozenset[str]) -> list[Edit]:
    """What would have to change for `current` to say what `drafted` says: one edit for each claim.

    Only claims that an agent wrote are taken away or rewritten: what a person wrote is the person's. `owned` are
    the sections that the drafting agent answers for as a whole.
    """
    edits: list[Edit] = []
    now = {section.id: {claim.id: claim for claim in section.claims} for section in current}
    for section in drafted:
        standing = now.get(section.id, {})
        for claim in section.claims:
            old = standing.get(claim.id)
            if old is None or _differs(old, claim):
                edits.append(_edit(f"{section.id}/{claim.id}", old, claim))
        if section.id in owned:
            kept = {claim.id for claim in section.claims}
            edits += [
                _edit(f"{section.id}/{old.id}", old, None)
                for old in standing.values()
                if old.id not in kept and old.author.startswith("agent:drafting")
            ]
    return edits


def _differs(old: Claim, new: Claim) -> bool:
    return old.author.startswith("agent:") and old.text != new.text


def _edit(target: str, old: Claim | None, new: Claim | None) -> Edit:
    reason = "nothing said so before" if old is None else "the evidence now says otherwise"
    return Edit(
        id="",
        turn=0,
        target=target,
        before=old.text if old else "",
        after=new.text if new else "",
        reason=reason if new else "the evidence no longer says so",
        author=new.author if new else "agent:drafting",
        citations=new.citations if new else [],
        status=new.status if new else "unverified",
    )
