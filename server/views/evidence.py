"""Evidence: the ledger's rows, and each item as its viewer draws it. The drawing itself is in `rendering`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import orjson

from casefile.artifact import Revision
from casefile.claims import Claim, FieldValue
from casefile.evidence import Evidence, Reading
from casefile.scenario import Rank, Scenario
from graphs.context import RunContext
from graphs.fetched_evidence import ORIGIN
from guardrails.secrets import MASK
from runtime.clock import instant
from server.api.access import OnRun, may
from server.api.actions import Action
from server.models.evidence import EvidenceList, EvidenceRow, FetchedFrom, Findings
from server.problems import Unknown
from server.views.mask import Mask
from tools.readers.kinds import READERS, extension_of

TABLES = frozenset({"csv", "xlsx"})
_AUTHORS: tuple[Literal["customer", "internal"], ...] = ("customer", "internal")


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks found in one item, by place: the text without what they found."""

    done: bool = False
    problems: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)
    instructions: int = 0

    @staticmethod
    def of(item: str, body: str | None) -> Checked:
        """Out of what the reading step left in the store."""
        if body is None:
            return Checked()
        found = orjson.loads(body)
        places = {
            name: {one["place"].removeprefix(f"{item} "): one["text"] for one in found[name]}
            for name in ("secrets", "personal")
        }
        problems = tuple(one["text"] for one in found["problems"])
        return Checked(True, problems, places["secrets"], places["personal"], len(found["instructions"]))


@dataclass(frozen=True, slots=True)
class Belongs:
    """Where an item belongs among the card's sources; rank None where it has none, or more than one."""

    source: str | None
    rank: Rank | None
    reference: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the ledger, with what is known of it."""

    evidence: Evidence
    checked: Checked
    source: Belongs
    replaced_by: str | None
    quarantined: bool
    cited: int = 0
    fetched: FetchedFrom | None = None

    def shown(self, locator: str, text: str, mask: Mask) -> str:
        """A text of the item as a view shows it: what the checks found there is gone, whatever its form."""
        if not mask.quotes:
            return MASK
        if locator in self.checked.secrets:
            return self.checked.secrets[locator] or MASK
        if mask.personal and locator in self.checked.personal:
            return self.checked.personal[locator] or MASK
        return mask.text(text)


async def items_of(context: RunContext) -> list[Item]:
    """The ledger, in order of arrival."""
    evidence = await context.store.evidence()
    work = await context.store.work("checked:*", "quarantined:*", f"{ORIGIN}*")
    cited = _cited(await context.store.revisions())
    replaced = {item.replaces: item.id for item in evidence if item.replaces}
    return [
        Item(
            item,
            Checked.of(item.id, work.get(f"checked:{item.id}")),
            source_of(context.scenario, item),
            replaced.get(item.id),
            f"quarantined:{item.id}" in work,
            cited[item.id],
            FetchedFrom.model_validate_json(work[f"{ORIGIN}{item.id}"]) if f"{ORIGIN}{item.id}" in work else None,
        )
        for item in evidence
    ]


def _cited(revisions: Sequence[Revision]) -> Counter[str]:
    """Evidence → statements of the current revision that cite it."""
    if not revisions:
        return Counter()
    artifact = revisions[-1].artifact
    claims = [claim for section in artifact.sections for claim in section.claims]
    stated: list[FieldValue | Claim] = [*artifact.fields.values(), *claims]
    return Counter(item for one in stated for item in {citation.evidence for citation in one.citations})


async def item_of(context: RunContext, name: str) -> Item:
    """One item of the ledger. Raises Unknown."""
    for item in await items_of(context):
        if item.evidence.id == name:
            return item
    raise Unknown(f"there is no evidence {name!r} in this case")


def source_of(scenario: Scenario, item: Evidence) -> Belongs:
    """Where an item belongs among the card's sources."""
    return belongs(scenario, item.system, item.file, item.id)


def belongs(scenario: Scenario, system: str, file: str, name: str) -> Belongs:
    """The row of the card's sources; where who wrote a statement decides, all rows that come into question."""
    given = (system, kind_of_name(file), f"{name} {file}")
    rows = [scenario.source_of(*given, author) for author in _AUTHORS]
    found = [row for n, row in enumerate(rows) if row is not None and row not in rows[:n]]
    ranks = list(dict.fromkeys(row.rank for row in found))
    return Belongs(
        source=" or ".join(row.name for row in found) + (", by who wrote it" if len(found) > 1 else "") or None,
        rank=ranks[0] if len(ranks) == 1 else None,
        reference=any(row.reference for row in found),
    )


def kind_of_name(file: str) -> str:
    """The kind that a file's name promises."""
    entry = READERS.get(extension_of(file))
    return entry[0] if entry else ""


async def ledger_view(on: OnRun) -> EvidenceList:
    """The ledger, and what never came."""
    context = on.opened.context
    absent = await context.store.work("absent:*")
    items = await items_of(context)
    there = {item.evidence.id for item in items}
    lines = [f"{n.removeprefix('absent:')}: {why}" for n, why in absent.items() if n[7:] not in there]
    return EvidenceList(items=[row_of(on, item) for item in items], absent=lines)


def row_of(on: OnRun, item: Item) -> EvidenceRow:
    """A row of the ledger."""
    evidence, checked = item.evidence, item.checked
    why_not = raw_why_not(on, item)
    return EvidenceRow(
        id=evidence.id,
        file=evidence.file,
        kind=kind_of_name(evidence.file) or "unknown",
        system=evidence.system,
        source=item.source.source,
        rank=item.source.rank,
        sha256=evidence.sha256,
        size=evidence.size,
        captured_at=instant(evidence.captured_at) if evidence.captured_at else None,
        arrived_at=instant(evidence.arrived_at),
        replaces=evidence.replaces,
        replaced_by=item.replaced_by,
        withdrawn=evidence.withdrawn,
        current=not evidence.withdrawn and item.replaced_by is None,
        quarantined=item.quarantined,
        cited=item.cited,
        usable=checked.done and not checked.problems,
        problems=list(checked.problems) if checked.done else ["not read yet"],
        findings=Findings(
            secrets=len(checked.secrets), personal=len(checked.personal), instructions=checked.instructions
        ),
        raw=why_not is None,
        raw_why_not=why_not,
        fetched=item.fetched,
    )


def raw_why_not(on: OnRun, item: Item) -> str | None:
    """Why the bytes may not be downloaded, or None. Bytes cannot be masked: what is hidden in the view stays here."""
    store = on.opened.context.store
    if not may(on.service, on.standing, Action.READ_RAW, f"{store.tenant}/{store.run}"):
        return "downloading is for people on the roster of the case"
    if item.evidence.withdrawn:
        return "it was withdrawn"
    if not item.checked.done:
        return "it is not checked yet"
    if item.checked.secrets:
        return "it holds secrets; the file stays in the store"
    if item.checked.personal and on.standing.view != "annex":
        return "it holds personal data; it is for those who answer a gate of this case"
    if item.source.reference and kind_of_name(item.evidence.file) in TABLES:
        return "reference data holds rows of other tenants; the file stays in the store"
    return None


def foreign_rows(context: RunContext, item: Item, reading: Reading) -> set[tuple[str, int]]:
    """(sheet, row) of reference data that is about tenants that the case does not list (R12)."""
    if not item.source.reference:
        return set()
    names = _tenant_columns(context.scenario)
    own = {one.casefold() for one in context.packet.tenant_ids()}
    found: set[tuple[str, int]] = set()
    for table in reading.tables:
        for column in (c for c in table.columns if _folded(c) in names):
            for row in table.rows:
                value = row.cells.get(column, "").strip().casefold()
                if value and value not in own:
                    found.add((table.sheet, row.number))
    return found


def _tenant_columns(scenario: Scenario) -> frozenset[str]:
    """Headers under which the scenario's reference tables have their tenant."""
    columns = scenario.data.get("columns", {})
    named = [names.get("tenant", []) for names in columns.values() if isinstance(names, Mapping)]
    return frozenset(["tenant id", "tenant", *(_folded(name) for names in named for name in names)])


def _folded(header: str) -> str:
    return " ".join(header.replace("_", " ").replace("-", " ").casefold().split())


def around(index: int | None, offset: int | None, limit: int, total: int) -> int:
    """Where a page begins: at the offset, else a little before the place that was asked for."""
    if offset is not None:
        return min(offset, max(0, total - 1)) if total else 0
    return 0 if index is None else max(0, min(index - limit // 4, total - limit))


def index_of(locators: Sequence[str], locator: str | None) -> int | None:
    """The place of a locator in a list; a locator of a part finds the first that begins with it."""
    if not locator:
        return None
    for index, one in enumerate(locators):
        if one == locator:
            return index
    return next((i for i, one in enumerate(locators) if one.startswith(f"{locator}/")), None)
