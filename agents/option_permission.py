"""Whether a rule of the policy or the matrix forbids an option for what a fact says: a region, a class of data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from agents.labelled_places import lines_of
from agents.matrix_row import RULE_ID, MatrixRow, option_of
from agents.option_ground import Ground, names_of
from agents.option_results import Result, lacking, result
from agents.option_spec import MenuOption, TestSpec
from agents.records import Cell
from agents.sections import Heading, sections
from casefile.claims import Citation
from casefile.evidence import Evidence, Span
from guardrails.plain_text import folded

# How a cell begins that says whether something is allowed, under whatever column.
_NO = re.compile(
    r"(?:not (?!applicable)|(?:no|never|false|nein|non|nee|nej|nei|ei|nao|blocked|forbidden|prohibited)\b)"
)
# A no that says what does not take place, and forbids nothing.
_TELLS = re.compile(
    r"no .*\b(?:takes? place|happens?|occurs?|(?:is|are) (?:made|involved|needed|necessary)|leaves?)\b"
    r"|no (?:further |other |special |known )?(?:limits?|restrictions?|remarks?|changes?|objections?)\b(?! to\b)"
)
_YES = re.compile(r"(?:yes|true|y|ja|oui|si|sim|kylla|x|allowed|permitted)\b")
_IF = re.compile(r"\b(?:if|unless|when|where|provided|subject to|after|once|with)\b")
_SENTENCE = re.compile(r"(?<=\w\w[.!?])\s+(?=[A-Z])|(?<=\)[.!?])\s+(?=[A-Z])")
# What begins a rule of its own, whatever stood before it.
_BEGINS = re.compile(rf"\s*(?:[-*•#|]|\(?\w{{1,2}}[.)]\s|{RULE_ID.pattern})")
# What speaks of all that stood before it, by no name.
_GENERAL = re.compile(r"\b(?:they|it|these|this|those|none|nothing|neither|everything|anything)\b")
_PLACE = re.compile(r"(?:line|char)=(?P<first>\d+)(?:-(?P<last>\d+))?$")
# The name of a column that says whether something is allowed.
_DECIDES = re.compile(r"\b(?:allowed|permitted|granted|local(?:ly)?|authority|decision|verdict|available|offered)\b")
_FULL = 50  # characters of a line that goes on in the next one
_NUMBERED = re.compile(r"(?:option|opt\.?)[ -]?\d{1,2}$")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in words, its place, and the name that it is quoted by; `unread` is one that says neither yes nor no."""

    text: str
    citation: Citation
    name: str
    unread: bool = False


def permitted(ground: Ground, test: TestSpec, option: MenuOption | None) -> Result:
    """No rule forbids the option for what the fact says (a region, a class of data).

    A rule that names the value goes before one that names a group that it belongs to. Where a table says for which
    values the option is allowed, and says nothing about this one, silence permits nothing.
    """
    fact = ground.facts.get(test.fact)
    if fact is None:
        return result(test, "uncertain", f"{test.title}: {lacking(ground, test.fact)}")
    policies = ground.view.of(*test.systems)
    if not policies:
        return result(test, "uncertain", f"{test.title}: there is no policy in evidence", [fact.citation])
    words = [*option.words, rf"\b{option.id}\b", *test.good] if option is not None else test.good
    rules = [one for item in policies for one in _rules(ground, test, item, option)]
    rules += [one for item in ground.view.of(*ground.spec.matrix.systems) for one in _lines(ground, item, option)]
    about = [rule for rule in rules if any(re.search(word, folded(rule.text)) for word in words)]
    about += _of_matrix(ground, test, option, fact.text)
    exact = [one for one in about if any(names_value(one.text, name) for name in names_of(fact.text))]
    wider = [one for one in about if any(names_value(one.text, group) for group in groups_of(test, fact.text))]
    for rule in exact or wider:
        if any(re.search(bad, folded(rule.text)) for bad in test.bad):
            detail = f"{test.title}: {rule.name} does not allow it for {fact.text}"
            return Result(test, "failed", detail, [rule.citation, fact.citation], rule.name)
    unplaced = [one for one in rules if option is not None and _unplaced(ground, test, one, fact.text)]
    unread = next((one for one in [*(exact or wider), *unplaced] if one.unread or one in unplaced), None)
    if unread is not None:
        detail = f"{test.title}: whether {unread.name} allows it for {fact.text} is for a person to read"
        return Result(test, "uncertain", detail, [unread.citation, fact.citation], unread.name)
    allowed = [one for one in exact or wider if _allows(test, one.text)]
    if allowed:
        rule = allowed[0]
        detail = f"{test.title}: {rule.name} allows it for {fact.text}"
        return Result(test, "met", detail, [rule.citation, fact.citation], rule.name)
    elsewhere = [one for one in about if _allows(test, one.text)]
    if elsewhere and not exact and not wider:
        rule = elsewhere[0]
        detail = f"{test.title}: {rule.name} says where it is allowed, and nothing about {fact.text}"
        return result(test, "uncertain", detail, [rule.citation, fact.citation])
    return result(test, "met", f"{test.title}: no rule forbids it for {fact.text}", [fact.citation])


def _unplaced(ground: Ground, test: TestSpec, rule: Rule, value: str) -> bool:
    """Whether a rule forbids something for the value, and does not say what."""
    of_value = any(names_value(rule.text, one) for one in names_of(value))
    return (rule.unread and of_value) or _forbids_unnamed(ground, test, rule.text, value)


def _forbids_unnamed(ground: Ground, test: TestSpec, text: str, value: str) -> bool:
    """Whether a rule forbids, for the value, something that it does not name: `in ch-central they are not allowed`."""
    said = folded(text)
    named = any(re.search(word, said) for one in ground.spec.menu for word in one.words)
    forbids = _GENERAL.search(said) is not None and any(re.search(bad, said) for bad in test.bad)
    return forbids and not named and not _of_all(said) and any(names_value(text, one) for one in names_of(value))


def _of_matrix(ground: Ground, test: TestSpec, option: MenuOption | None, value: str) -> Iterator[Rule]:
    """What the matrix's tables say about an option by the test's column (one row a value), or by a column a value."""
    if option is None or not test.column:
        return
    own = ground.matrix.options.get(option.id)
    for row in ground.matrix.rows:
        if option_of(row, ground.spec.menu) != option.id:
            continue
        cells = row.record.cells
        placed = next((cell for label, cell in cells.items() if re.search(test.column, label)), None)
        if placed is not None:
            verdict = _verdict(row, placed)
            if row is own and not verdict:
                verdict = "not allowed" if _NO.match(folded(placed.text)) else "allowed yes"
            yield _from_row(ground, row, placed, f"{placed.text}; {verdict or _words(row)}", unread=not verdict)
            continue
        for cell in cells.values():
            named = cell.head.strip()
            if named.casefold() in {one.casefold() for one in (*names_of(value), *groups_of(test, value))}:
                said = _said(cell)
                yield _from_row(ground, row, cell, f"{value}; {said or cell.text}", unread=not said)


def _verdict(row: MatrixRow, placed: Cell) -> str:
    """What a cell beside the value says by its first word; a `no` goes before a `yes`."""
    names = {cell.locator for role in ("option", "name", "value", "condition", "rule") for cell in row.cells(role)}
    said = {_said(cell) for cell in row.record.cells.values() if cell is not placed and cell.locator not in names}
    return next((one for one in ("not allowed", "allowed yes") if one in said), "")


def _said(cell: Cell) -> str:
    said = folded(cell.text).strip()
    if _NO.match(said):
        return "" if _TELLS.match(said) else "not allowed"
    return "allowed yes" if _YES.match(said) and not _IF.search(said) else ""


def _words(row: MatrixRow) -> str:
    return "; ".join(f"{name} {cell.text}" for name, cell in row.record.cells.items())


def _from_row(ground: Ground, row: MatrixRow, cell: Cell, text: str, *, unread: bool) -> Rule:
    verdict = next((one for one in row.record.cells.values() if _said(one)), cell)
    return Rule(text, ground.view.cite(row.item, verdict), row.text("rule") or row.item.file, unread)


def _allows(test: TestSpec, text: str) -> bool:
    return any(re.search(word, folded(text)) for word in test.allow)


def groups_of(test: TestSpec, value: str) -> list[str]:
    """The groups that a value belongs to: by the list of their members, or as `eu-west-1` to `EU`."""
    own = value.strip().casefold()
    names = {one.casefold() for one in names_of(value)}
    return [
        group
        for group, members in test.members.items()
        if names & {one.casefold() for one in members} or own.startswith(f"{group.casefold()}-")
    ]


def names_value(text: str, value: str) -> bool:
    """Whether a rule names a value, or all of them. A code of two letters (IT, AT, NO) is no word: its case counts."""
    own, said = value.strip(), folded(text)
    if len(own) == 2:
        return re.search(rf"(?<![\w-]){re.escape(own.upper())}(?![\w-])", text) is not None or _of_all(said)
    return re.search(rf"(?<![\w-]){re.escape(folded(own).strip())}(?![\w-])", said) is not None or _of_all(said)


def _of_all(said: str) -> bool:
    return re.search(r"\b(?:all|any|every) regions?\b", said) is not None


def _rules(ground: Ground, test: TestSpec, item: Evidence, option: MenuOption | None) -> Iterator[Rule]:
    """The policy's rules: rows of its tables, unless one names another option by its number, and lines.

    Of a table with a column for each option a row says of one what stands in its column.
    """
    under = sections(ground.view, item)
    value = ground.facts[test.fact].text
    for record in ground.view.records(item):
        row = MatrixRow(item, record, ground.spec.matrix.columns)
        numbered = option is not None and _NUMBERED.match(folded(row.text("option")).strip())
        if option is not None and numbered and option_of(row, ground.spec.menu) != option.id:
            continue
        about = _about(ground, record.cells, option)
        if not about and (orphan := _orphan(ground, record.cells)) is not None:
            cite = ground.view.cite(item, orphan)
            yield Rule(_words(row), cite, row.text("rule") or item.file, unread=True)
        cells = _of_value(test, about, value)
        if not cells:
            continue
        longest = max(cells.values(), key=lambda cell: len(cell.text))
        text = "; ".join(
            f"{label} {_answer(label, cell, option)}{_code(test, label, cell.text)}" for label, cell in cells.items()
        )
        text = _with_headings(ground, under.above(longest.locator), text)
        rule = _named(text, ground.view.cite(item, longest), item)
        own = row.text("rule")  # the row may name its policy by an id too
        yield replace(rule, name=own) if RULE_ID.fullmatch(own) else rule
    yield from _lines(ground, item, option)


def _lines(ground: Ground, item: Evidence, option: MenuOption | None) -> Iterator[Rule]:
    under = sections(ground.view, item)
    for spans, said in _told(ground, item):
        span = next((one for one in spans if _names(one.text, option)), spans[0])
        text = _with_headings(ground, under.above(spans[0].locator), said)
        yield _named(text, ground.view.cite(item, Cell(span.text, span.locator)), item, option)


def _told(ground: Ground, item: Evidence) -> Iterator[tuple[Sequence[Span], str]]:
    """The sentences of a policy with the lines that they stand in: one may run over several, one line may have more."""
    block: list[Span] = []
    for span in lines_of(ground.view.readings(item.id)):
        if span.kind in ("leaf", "cell"):
            continue
        if block and not _runs_on(block[-1], span):
            yield from _sentences(block)
            block = []
        block.append(span)
    yield from _sentences(block)


def _runs_on(before: Span, span: Span) -> bool:
    """Whether a line goes on with the sentence of the full line right before it."""
    last, first = _PLACE.search(before.locator), _PLACE.search(span.locator)
    if last is None or first is None or int(last["last"] or last["first"]) + 1 != int(first["first"]):
        return False
    if span.kind != "line" and not (span.locator.startswith("page=") and span.text[:1].islower()):
        return False
    whole = before.text.rstrip()
    return len(whole) > _FULL and whole[-1] not in ".:!?|" and not _BEGINS.match(span.text)


def _sentences(block: Sequence[Span]) -> Iterator[tuple[Sequence[Span], str]]:
    text, starts = "", []
    for span in block:
        starts.append(len(text))
        text += span.text.strip() + " "
    cuts = [0, *(m.end() for m in _SENTENCE.finditer(text)), len(text)]
    for first, last in pairwise(cuts):
        lines = [span for n, span in enumerate(block) if starts[n] < last and [*starts, len(text)][n + 1] > first]
        if text[first:last].strip():
            yield lines, text[first:last].strip()


def _names(text: str, option: MenuOption | None) -> bool:
    return option is not None and any(re.search(word, folded(text)) for word in option.words)


def _answer(label: str, cell: Cell, option: MenuOption | None) -> str:
    """What a yes or a no says under the name of the option, or of what is decided there."""
    about = _names(label, option) or _DECIDES.search(label) is not None
    said = _said(cell) if about else ""
    return f"{said} " if said else ""


def _of_value(test: TestSpec, cells: Mapping[str, Cell], value: str) -> Mapping[str, Cell]:
    """Of a row in a table with a column for each value: what stands in the column of this one, as a yes or a no."""
    names = [*names_of(value), *groups_of(test, value)]
    own = {label for label, cell in cells.items() if any(_heads(cell, name) for name in names)}
    if not own:
        return cells
    said = {label: _said(cell) for label, cell in cells.items()}
    kept: dict[str, Cell] = {}
    for label, cell in cells.items():
        if label in own:
            kept[f"{value} {said[label]}".strip()] = replace(cell, text=cell.text)
        elif not said[label]:
            kept[label] = cell
    return kept


def _heads(cell: Cell, value: str) -> bool:
    return bool(cell.head) and names_value(cell.head, value) and not _of_all(folded(cell.head))


def _with_headings(ground: Ground, above: Sequence[Heading], text: str) -> str:
    """A rule with the headings that it stands under; one that names an option is not about another of a heading."""

    def options(said: str) -> bool:
        return any(re.search(word, folded(said)) for one in ground.spec.menu for word in one.words)

    kept = [one.text for one in above if not (options(text) and options(one.text))]
    return "; ".join([*kept, text])


def _about(ground: Ground, cells: Mapping[str, Cell], option: MenuOption | None) -> Mapping[str, Cell]:
    """The cells of a row without those in columns of other options; none where all its options are others."""
    if option is None:
        return cells
    columns = {
        label: {one.id for one in ground.spec.menu if any(re.search(word, folded(label)) for word in one.words)}
        for label in cells
    }
    headed = [options for options in columns.values() if options]
    if len(headed) < 2 or not any(option.id in options for options in headed):
        return {} if len(headed) > 1 else cells
    return {label: cell for label, cell in cells.items() if not columns[label] or option.id in columns[label]}


def _orphan(ground: Ground, cells: Mapping[str, Cell]) -> Cell | None:
    """A no of a row with columns for options, under a column that is of none of them: it may be meant for any."""
    words = [word for one in ground.spec.menu for word in one.words]
    others = (cell for label, cell in cells.items() if not any(re.search(word, folded(label)) for word in words))
    return next((cell for cell in others if _said(cell) == "not allowed"), None)


def _code(test: TestSpec, label: str, text: str) -> str:
    """A cell's text; a code of two letters under the column of the value (`ch`) is the code in capitals."""
    code = len(text.strip()) == 2 and test.column and re.search(test.column, label)
    return text.upper() if code else text


def _named(text: str, citation: Citation, item: Evidence, option: MenuOption | None = None) -> Rule:
    """The rule by its id: of several in a sentence, the first that follows what it says of the option."""
    words = option.words if option is not None else []
    at = min((m.start() for word in words if (m := re.search(word, folded(text))) is not None), default=0)
    found = RULE_ID.search(text, at) or RULE_ID.search(text)
    return Rule(text, citation, found[0] if found else item.file)
