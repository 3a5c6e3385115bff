"""Times of the customer that somebody of ours tells, in the incident room or the chat, without a zone: it is asked.

Such a time is nobody's window. It changes nothing before the customer has said it himself, or somebody confirmed it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

import orjson

from agents.bridge_windows import Wish, clock, zoned
from agents.case_view import CaseView
from agents.entries import entries
from agents.stated_values import spans_of

TOLD = "told_times"
_CLOCK = re.compile(
    r"(?<![\d:.,-])(?:(\d{1,2})(?:[:.h](\d{2}))?\s*([ap]\.?m)\b\.?|([01]?\d|2[0-3])[:.h]([0-5]\d)(?![\d:.])"
    r"|(\d{1,2})\s*(?:o.clock|uhr)\b|\b(noon|midday|midnight)\b)",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"^\s*(?:[-*•]\s*)?\[?\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?\]?\s+"
)
_SENTENCE = re.compile(r"(?<=[.;!?])\s+(?=[^a-z])")
_SHORT = 3  # letters of a name that a sentence may mean by itself


@dataclass(frozen=True, slots=True)
class Told:
    """A time without a zone: the words of it, and where it was told."""

    text: str
    where: str
    said: str
    locator: str = ""

    @property
    def question(self) -> str:
        """What is asked."""
        return f"Which time zone is meant by “{self.text}” ({self.where}), and does the customer confirm it?"


def told_in_room(view: CaseView, given: Sequence[Wish], area: str) -> list[Told]:
    """What the room tells. A time that the customer himself gave with its zone (`given`) is no question."""
    found: dict[tuple[str, str], Told] = {}
    author = re.compile(view.scenario.data["substitution"]["author"])
    about = _party(view)
    for item in view.of(*view.listed("room")):
        for span in spans_of(view, item):
            line = _STAMP.sub("", span.text.strip())
            match = author.match(line)
            for text, said in _zoneless(view, match["text"] if match else line, about) if not span.hidden else ():
                if not _known(text, given, area):
                    one = Told(text, f"{item.id} {span.locator}", said, span.locator)
                    found.setdefault((item.id, said), one)
    return list(found.values())


def told_in_chat(view: CaseView, given: Sequence[Wish], area: str) -> list[Told]:
    """What the chat told so far. A later word that gives a zone to the same clock settles it."""
    kept = [Told(**one) for one in orjson.loads(view.kept.get(TOLD, "[]"))]
    if view.happening.kind == "says":
        body = orjson.loads(view.happening.body)
        said, by = str(body["text"]), str(body["by"])
        now = [Told(text, f"chat, {by}", part) for text, part in _zoneless(view, said, _party(view))]
        if zoned(view, said):
            clocks = {_at(match) for match in _CLOCK.finditer(said)}
            kept = [one for one in kept if not clocks & {_at(match) for match in _CLOCK.finditer(one.text)}]
        kept += [one for one in now if one.text not in {other.text for other in kept}]
    return [one for one in kept if not _known(one.text, given, area)]


def dumped_times(told: Sequence[Told]) -> str:
    """Told times, to be remembered."""
    return orjson.dumps([asdict(one) for one in told]).decode()


def _zoneless(view: CaseView, text: str, about: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """The clocks of sentences that tell when the customer could or would meet, with the sentence."""
    data = view.scenario.data
    for said in _SENTENCE.split(text):
        if said.rstrip().endswith("?") or zoned(view, said) or not about.search(said):
            continue
        if not re.search(data["told_wish"], said, re.IGNORECASE):
            continue
        if re.search(data["windows"]["own_appointment"], said, re.IGNORECASE):
            continue
        clocks = [match[0].strip() for match in _CLOCK.finditer(said)]
        if clocks:
            yield " / ".join(dict.fromkeys(clocks)), said.strip()


def _party(view: CaseView) -> re.Pattern[str]:
    """The words and names by which somebody of ours speaks of the customer."""
    names = {view.packet.tenant.name}
    for item in view.of(*view.listed("customer")):
        for entry in entries(view, item):
            names |= {cell.text.strip() for cell in entry.all([*view.words("name"), *view.words("account")])}
    names |= {name.split()[0] for name in names if name}
    ways = [re.escape(name) for name in names if len(name) > _SHORT and re.match(r"[A-ZÀ-Ý]", name)]
    told = [re.escape(word) for word in view.scenario.data["told_of"]]
    return re.compile(rf"\b(?:(?i:{'|'.join(told)})|{'|'.join(ways) or '(?!)'})\b")


def _known(text: str, given: Sequence[Wish], area: str) -> bool:
    """Whether every clock is one with which a window of the customer begins or ends, in his zone."""
    if not area:
        return False
    edges = {_local(at, area) for one in given if one.window is not None for at in (one.window.start, one.window.end)}
    clocks = [_at(match) for match in _CLOCK.finditer(text)]
    return bool(clocks) and all(at in edges for at in clocks)


def _local(at: datetime, area: str) -> time:
    return at.astimezone(ZoneInfo(area)).time().replace(tzinfo=None)


def _at(match: re.Match[str]) -> time | None:
    return clock(match[1] or match[4] or match[6], match[2] or match[5], match[3], match[7])
