"""What a yes, a no or a number beside a label says about a fact: `dedicated: true` and `tenants on the cluster: 1`."""

from __future__ import annotations

import re
from decimal import Decimal

from agents.labelled_places import Place
from agents.option_spec import FactSpec
from agents.quantities import bare_in
from guardrails.plain_text import folded

_YES = re.compile(r"^\W*(?:yes|y|true|ja|oui|si|sim|x)\b")
# What stands behind a name in brackets, or set apart from it, is said in words.
_PART = re.compile(r"\s*[,;().]\s*|\s+[-–—]\s+")
_NONE = re.compile(r"(?:none|no|zero|nil|nobody|no others?|keine?)\W*")
_NO = re.compile(r"^\W*(?:no|n|false|nein|non|nao)\b")


def flagged(place: Place, spec: FactSpec, labels: frozenset[str]) -> str:
    """What the value says, where its label is one of the fact's flags; else nothing. `labels` are all of its item.

    A value that is neither yes, no nor a number is a text of its own, and no flag.
    """
    for flag in spec.flags:
        near = not flag.near or any(re.search(flag.near, label) for label in labels - {place.label})
        if not near or not re.search(flag.label, place.label):
            continue
        said = folded(place.value)
        number = Decimal(0) if flag.most is not None and _NONE.fullmatch(said.strip()) else bare_in(place.value)
        if flag.most is not None and number is not None:
            return flag.yes if number <= flag.most else flag.no
        if flag.most is None and _YES.search(said):
            return flag.yes
        if flag.most is None and _NO.search(said):
            return flag.no
    return ""


def kind_of(spec: FactSpec, text: str) -> str:
    """Which of the fact's kinds a text is of: the one whose words it has, if it has those of one alone."""
    found = [name for name, words in spec.kinds.items() if re.search(words, folded(text))]
    return found[0] if len(found) == 1 else ""


def said_plainly(spec: FactSpec, text: str) -> bool:
    """Whether a text beside a label of `names` says a kind: in words alone, or beside a name, or, as part of a name,
    one that warns."""
    kind = kind_of(spec, text)
    if not kind or kind in spec.warns:
        return bool(kind)
    if spec.unless and re.search(spec.unless, folded(text)):
        return False
    said = spec.kinds[kind]
    words = (one for one in _PART.split(folded(text)) if re.search(said, one))
    return any(re.fullmatch(r"[a-z ]*", re.sub(said, "", one)) for one in words)
