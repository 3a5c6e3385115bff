"""What words are: the lists of `work.yaml`, and what a dictionary (`lemminflect`) says of a word's kinds and forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


def word_set(text: str) -> frozenset[str]:
    """A set of words, written as a text."""
    return frozenset(text.split())


BREAKS = frozenset(",:;()[]–—.!?")
"""Marks that part the clauses of a sentence."""
OBJECTS = word_set(
    """
    the a an it them him her us me this that these those my our your his its their all every everyone everybody each
    both one two fewer less more another some any no up out off on down back away over through in into to
    """
)
_PASTS = frozenset(["saw", "left", "felt", "wound", "lay", "fell", "bore"])


def pattern(alternatives: str) -> re.Pattern[str]:
    """Alternatives of a word list as one pattern of whole words."""
    gap = r"(?:\\S+ ){0,4}"
    return re.compile(rf"(?<!\S)(?:{re.sub(r'[.][.] ', gap, alternatives)})(?!\S)")


@dataclass(frozen=True)
class Work:
    """The word lists of `work.yaml`; those of several words have their words joined by `_`."""

    look: frozenset[str]
    note: frozenset[str]
    compose: frozenset[str]
    desk: frozenset[str]
    wording: frozenset[str]
    placing: frozenset[str]
    states: frozenset[str]
    channels: frozenset[str]
    manner: frozenset[str]
    outside: frozenset[str]
    outcome: frozenset[str]
    sorry: frozenset[str]
    verbs: frozenset[str]
    verdicts: re.Pattern[str]
    wishes: re.Pattern[str]
    shall: re.Pattern[str]
    would_you: re.Pattern[str]
    would_be: re.Pattern[str]
    would_it: re.Pattern[str]
    scale: frozenset[str]
    labels: frozenset[str]
    rework: frozenset[str]
    short: Mapping[str, str]
    opinions: re.Pattern[str]
    judging: frozenset[str]
    letters: frozenset[str]
    sensitive: frozenset[str]
    things: Mapping[str, str]
    sources: frozenset[str]
    from_a_source: re.Pattern[str]
    told: frozenset[str]
    subjects: frozenset[str]
    finite: frozenset[str]
    deserve: frozenset[str]
    grants: frozenset[str]
    foreign_starts: frozenset[str]
    foreign_marks: frozenset[str]
    foreign_finite: frozenset[str]
    foreign_look: frozenset[str]
    concepts: Mapping[str, frozenset[str]]


@cache
def work() -> Work:
    """The word lists that ship with the product, read once."""
    import yaml

    text = files("guardrails").joinpath("work.yaml").read_text("utf-8")
    raw = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  both are safe loaders
    concepts = {name: frozenset(words.split()) for name, words in raw.pop("concepts").items()}
    things, source = raw.pop("things"), re.compile(raw.pop("from_a_source"))
    short = dict(pair.split("=") for pair in raw.pop("short").split())
    lists = {name: pattern("|".join(v)) if isinstance(v, list) else frozenset(v.split()) for name, v in raw.items()}
    return Work(**lists, short=short, concepts=concepts, things=things, from_a_source=source)  # type: ignore[arg-type]  # the keys of the file are the members


@cache
def verb_of(word: str) -> str | None:
    """The verb that an English word can be in its base form."""
    from lemminflect import getAllLemmas

    if word in work().verbs:
        return word
    lemmas = getAllLemmas(word, upos="VERB").get("VERB", ())
    return word if word in lemmas and word not in _PASTS else None


@cache
def inflected(word: str) -> bool:
    """Whether the word can only be an inflected verb: "asked", "says"."""
    from lemminflect import getAllLemmas

    kinds = getAllLemmas(word)
    return set(kinds) == {"VERB"} and word not in kinds["VERB"] and not word.endswith("ing")


@cache
def noun(word: str) -> bool:
    """Whether the word can be a noun, a name or an adjective."""
    from lemminflect import getAllLemmas

    return bool({"NOUN", "PROPN", "ADJ"} & set(getAllLemmas(word)))


@cache
def thing(word: str) -> bool:
    """Whether the word names a thing: a noun, or a word of letters that no dictionary has ("blocker")."""
    from lemminflect import getAllLemmas

    if word in OBJECTS or word in work().subjects or word in work().finite or len(word) < 3:
        return False
    kinds = getAllLemmas(word)
    return "NOUN" in kinds if kinds else word.isalpha()


@cache
def in_dictionary(word: str) -> bool:
    """Whether a dictionary has the word; names of people are not in it."""
    from lemminflect import getAllLemmas

    return not word.isalpha() or len(word) < 3 or bool(getAllLemmas(word)) or word in OBJECTS or word in work().subjects


@cache
def adverb(word: str) -> bool:
    """Whether the word is an adverb of manner ("safely"), which says nothing about the order."""
    from lemminflect import getAllLemmas

    return word.endswith("ly") and set(getAllLemmas(word)) == {"ADV"}


@cache
def base_of(word: str) -> str | None:
    """The base form of an English verb in any form, or None."""
    from lemminflect import getAllLemmas

    return next(iter(getAllLemmas(word, upos="VERB").get("VERB", ())), None)


@cache
def only_verb(word: str) -> bool:
    """Whether a dictionary has the word as a verb in its base form and as nothing else."""
    from lemminflect import getAllLemmas

    kinds = getAllLemmas(word)
    return set(kinds) == {"VERB"} and word in kinds["VERB"]


@cache
def participle_of(word: str) -> str | None:
    """The verb whose past participle the word is, or None."""
    from lemminflect import getInflection

    base = base_of(word)
    return base if base and word in getInflection(base, "VBN") else None


@cache
def past_of(word: str) -> str | None:
    """The verb whose simple past the word is and nothing else, or None: "told", not "put"."""
    from lemminflect import getInflection

    base = base_of(word)
    return base if base and word != base and word in getInflection(base, "VBD") else None
