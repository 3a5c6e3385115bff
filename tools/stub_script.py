"""The script of a stub system: what it answers to which request, checked strictly before anything runs (contract §3).

The first rule that fits answers: method and path are the same (the query aside), every flag of `if` is set and none of
`unless`, and every regex of `form` matches the whole submitted value. A rule may set a flag (`applies`), and with
`timeout: after_apply` it sets it and never answers. `otherwise` answers the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from casefile.evidence import Frozen

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class Reply(Frozen):
    """What is sent back: JSON (`body`) or a page (`html`)."""

    status: int = Field(ge=200, le=599)
    body: Any = None
    html: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Reply:
        if self.body is not None and self.html is not None:
            raise ValueError("body or html was expected, found both")
        return self


class Rule(Frozen):
    """One line of the script."""

    id: str = Field(min_length=1)
    method: Method
    path: str
    if_: list[str] = Field(default=[], alias="if")
    unless: list[str] = []
    form: dict[str, str] = {}
    status: int | None = Field(default=None, ge=200, le=599)
    body: Any = None
    html: str | None = None
    applies: str | None = None
    timeout: Literal["after_apply"] | None = None

    @field_validator("path")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if not value.startswith("/"):
            raise ValueError(f"a path that begins with / was expected, found {value!r}")
        return value.partition("?")[0]

    @field_validator("form")
    @classmethod
    def _regexes(cls, value: dict[str, str]) -> dict[str, str]:
        for name, pattern in value.items():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"a regex was expected for {name}, found {pattern!r} ({error})") from error
        return value

    @model_validator(mode="after")
    def _answers_or_not(self) -> Rule:
        if self.timeout is None and self.status is None:
            raise ValueError("a status was expected (or timeout: after_apply, which never answers)")
        if self.timeout is not None and self.applies is None:
            raise ValueError("timeout: after_apply sets a flag; applies was expected beside it")
        if self.body is not None and self.html is not None:
            raise ValueError("body or html was expected, found both")
        return self

    @property
    def reply(self) -> Reply | None:
        """What it sends back, or None where it never answers."""
        if self.timeout is not None or self.status is None:
            return None
        return Reply(status=self.status, body=self.body, html=self.html)

    def fits(self, method: str, path: str, flags: Iterable[str], form: Mapping[str, str]) -> bool:
        """Whether this rule answers such a request while those flags are set."""
        held = frozenset(flags)
        return (
            (method, path) == (self.method, self.path)
            and held.issuperset(self.if_)
            and held.isdisjoint(self.unless)
            and all(re.fullmatch(pattern, form.get(name, "")) for name, pattern in self.form.items())
        )


class StubScript(Frozen):
    """A whole script. `base_url` is the address by which evidence may name the system; nothing listens there."""

    system: str = Field(min_length=1)
    base_url: str
    rules: list[Rule]
    otherwise: Reply = Reply(status=404, body={"error": "not_found"})

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ValueError(f"an address like https://change.example was expected, found {value!r}")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _unique_ids(self) -> StubScript:
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"rules: the id {rule.id!r} stands twice; each id once was expected")
            seen.add(rule.id)
        return self

    def rule_for(self, method: str, path: str, flags: Iterable[str], form: Mapping[str, str]) -> Rule | None:
        """The first rule that fits, or None where `otherwise` answers."""
        held = frozenset(flags)
        return next((rule for rule in self.rules if rule.fits(method, path, held, form)), None)
