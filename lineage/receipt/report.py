"""What a verification found: an answer to each question, and every problem with its place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from lineage.canonical import Json

Standing = Literal["shown", "sealed", "erased", "absent", "invalid"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong, where, and which question's answer it spoils."""

    question: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question. `lines` say in words what is shown."""

    question: str
    title: str
    standing: Standing
    shown: int
    sealed: int
    erased: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """How many entries the case has and how they stand here. `missing` is the difference to what was sealed."""

    entries: int
    shown: int
    sealed: int
    erased: int
    missing: int

    def line(self) -> str:
        """`40 entries, 4 shown, 36 sealed, none missing`."""
        erased = f", {self.erased} erased" if self.erased else ""
        missing = f"{self.missing} missing" if self.missing > 0 else "none missing"
        more = f", {-self.missing} too many" if self.missing < 0 else ""
        return f"{self.entries} entries, {self.shown} shown, {self.sealed} sealed{erased}, {missing}{more}"


@dataclass(frozen=True, slots=True)
class Report:
    """The whole verdict. `of` says which case, run and issuer, as far as the file could be read."""

    of: dict[str, str]
    count: Count | None
    answers: tuple[Answer, ...]
    problems: tuple[Problem, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def json(self) -> dict[str, Json]:
        """The report for machines."""
        return {
            "intact": self.intact,
            "of": dict[str, Json](self.of),
            "entries": self.count.line() if self.count else None,
            "answers": [
                {
                    "question": one.question,
                    "title": one.title,
                    "standing": one.standing,
                    "shown": one.shown,
                    "sealed": one.sealed,
                    "erased": one.erased,
                    "lines": list(one.lines),
                }
                for one in self.answers
            ],
            "problems": [{"question": p.question, "place": p.place, "text": p.text} for p in self.problems],
        }


@dataclass(slots=True)
class Findings:
    """Problems as checks find them."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, question: str, place: str, text: str) -> None:
        """Report one."""
        self.problems.append(Problem(question, place, text))

    def of(self, question: str) -> Sequence[Problem]:
        """Those that spoil the answer to one question."""
        return [one for one in self.problems if one.question == question]
