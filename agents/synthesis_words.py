"""The words that a synthesis reads with: topics, terms, labels and signs of a scenario's documents, as typed data."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from casefile.evidence import Frozen
from casefile.scenario import Scenario

Kind = Literal["duration", "percent", "phrase", "list", "sentence"]


class TermSpec(Frozen):
    """One thing that a contract can promise.

    * `kind`: `percent` is a share, or a sum of money where no share is stated
    * `about`: what a sentence, with its heading, says that states it; `unless` says otherwise
    * `columns`: the column of a table that states it; `value` the part that is the value, of kind `phrase`, or what an
      amount of time has to look like
    * `stops_at`: from there on, the amounts of a sentence are another term's
    * `by_severity`: the value belongs to a severity; `single`: two different values contradict each other
    * `also`: sentences say it elsewhere in other words ("every 30 minutes"), so that notes can be compared
    * `owed_by`: which party has to do it
    """

    id: str
    title: str
    kind: Kind
    about: str
    unless: str = r"(?!)"
    columns: str = r"(?!)"
    stops_at: str = r"(?!)"
    value: str = ""
    also: str = r"(?!)"
    by_severity: bool = False
    single: bool = False
    owed_by: Literal["provider", "customer"] = "provider"


class Topic(Frozen):
    """A topic of the brief, the function that can answer questions about it, and its terms."""

    id: str
    title: str
    owner: str
    terms: list[TermSpec]


class Words(Frozen):
    """Everything that a synthesis looks for. `systems` and `labels` are by role; the rest are regexes."""

    systems: dict[str, list[str]]
    labels: dict[str, list[str]]
    topics: list[Topic]
    scope_term: str
    effective_said: str
    from_signature: str
    first_of_month: str
    severity: str
    other_severity: str
    executed: str
    unsigned: str
    blank: str
    signature: str
    signed_line: str
    party: str
    draft: str
    ordering: str
    annex: str
    sections: str
    replaces: str
    amends: str
    keeps: str
    extends: str
    ends: str
    renews_itself: str
    sunset: str
    legacy: str
    approved: str
    closed: str
    interprets: str
    leaves_scope: str
    functions: str
    exception_id: str
    exception_word: str

    @property
    def terms(self) -> list[TermSpec]:
        """The terms of all topics, in order."""
        return [term for topic in self.topics for term in topic.terms]

    def topic_of(self, term: TermSpec) -> Topic:
        """The topic that a term belongs to."""
        return next(topic for topic in self.topics if term in topic.terms)


@lru_cache(maxsize=16)
def _words(short: str, text: str) -> Words:
    return Words.model_validate_json(text)


def words_of(scenario: Scenario) -> Words:
    """The words of a scenario. Raises pydantic's ValidationError where its data is not complete."""
    import orjson

    return _words(scenario.short, orjson.dumps(scenario.data["synthesis"]).decode())


@lru_cache(maxsize=1024)
def regex(pattern: str) -> re.Pattern[str]:
    """A pattern of the scenario, compiled once; letter case does not count."""
    return re.compile(pattern, re.IGNORECASE)
