"""Quotes of search hits, as a reader can use them: a bare value stands with its label, a cell with its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from casefile.claims import Citation
from casefile.evidence import Evidence, Reading, Span
from runtime.search import Hit

_SENTENCE = 4  # words: what has fewer says little without what stands beside it


@dataclass(frozen=True, slots=True)
class Quote:
    """What a hit says in full: the cited text with its label and, of a table, with the rest of its row.

    `whole`: the cited text is a sentence by itself, and not a value.
    """

    text: str
    whole: bool
    citation: Citation


def quotes_of(
    hits: Sequence[Hit], evidence: Sequence[Evidence], readings: Mapping[str, Reading], clean: Callable[[str], str]
) -> list[Quote]:
    """The hits as quotes, in their order. A row of a table is told once, by the first of its cells that was found.

    `clean` takes out what no reader needs: see `agents.model_spans.cleaner`. Where it does, the place alone is cited.
    """
    items = {item.id: item for item in evidence if item.id in readings}
    around = {
        name: _around(readings[name], {hit.locator for hit in hits if hit.evidence == name})
        for name in items.keys() & {hit.evidence for hit in hits}
    }
    found: dict[tuple[str, str], Quote] = {}
    for hit in hits:
        if hit.evidence in items:
            beside = around[hit.evidence].get(hit.locator, [])
            first = beside[0].locator if beside else hit.locator
            found.setdefault((hit.evidence, first), _quote(hit, items[hit.evidence], beside, clean))
    return list(found.values())


def _quote(hit: Hit, item: Evidence, beside: Sequence[Span], clean: Callable[[str], str]) -> Quote:
    place, said = hit.locator, hit.text.strip()
    text = " ".join(said.split())
    # In a sheet of names and values, a name that was found stands for the value that it names.
    named = next((span for span in beside if span.label == said), None)
    own = named or next((span for span in beside if span.locator == place), None)
    if own is not None:
        place, said = own.locator, own.text.strip()
        rest = [_labelled(span) for span in beside if span is not own and span.text.strip() != own.label]
        text = f"{_labelled(own)} ({', '.join(rest)})" if rest else _labelled(own)
    quote = said if clean(said) == said else ""
    cited = Citation(evidence=item.id, locator=place, quote=quote, sha256=item.sha256)
    return Quote(clean(text), len(said.split()) >= _SENTENCE, cited)


def _around(reading: Reading, places: set[str]) -> dict[str, list[Span]]:
    """For each place of a value, what stands in its row, as far as a person sees it; else the value alone.

    The row of a leaf in a tree is the record of a list that it is in. In a text a row is a line, and stands as it is.
    """
    rows: dict[str, list[str]] = {}
    for table in reading.tables:
        for row in table.rows if not table.by_line else ():
            cells = [table.locator(row.number, column) for column in row.cells]
            rows |= dict.fromkeys(places.intersection(cells), cells)
    records = {place: place.rpartition("/")[0] for place in places}
    lists = {record for record in records.values() if record.rpartition("/")[2].isdecimal()}
    wanted = places.union(*rows.values())
    spans: dict[str, Span] = {}
    beside: dict[str, list[str]] = {record: [] for record in lists}
    for span in reading.spans:
        record = span.locator.rpartition("/")[0]
        if span.kind in ("cell", "leaf") and not span.hidden and (span.locator in wanted or record in lists):
            spans[span.locator] = span
            beside.get(record, []).append(span.locator)
    return {
        place: [spans[cell] for cell in rows.get(place) or beside.get(records[place]) or [place] if cell in spans]
        for place in places
        if place in spans
    }


def _labelled(span: Span) -> str:
    said, label = " ".join(span.text.split()), span.label.replace("_", " ").strip()
    return said if not label or label.isdecimal() else f"{label}: {said}"
