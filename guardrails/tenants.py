"""Tenant mixing: does evidence of one case speak of a tenant that the case does not list? (R12, contract §4)

The caller chooses the spans: statements of case evidence, not reference tables, which list every tenant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from casefile.evidence import Span, Table
from guardrails.finding import Finding, excerpt, place_of

RULE = "tenant-mixing"
EFFECT = "exception, tenant contexts are mixed"

_EDGE_LEFT, _EDGE_RIGHT = r"(?<![\w.@-])(?<!\w')", r"(?![\w-])(?!\.\w)"


class Registry:
    """Every known identifier (tenant id, legal name, host, domain) with the tenant that it belongs to.

    An identifier that two tenants share proves nothing about either and is not looked for.
    """

    def __init__(self, identifiers: Iterable[tuple[str, str]] | Mapping[str, str]) -> None:
        pairs = identifiers.items() if isinstance(identifiers, Mapping) else identifiers
        owners: dict[str, set[str]] = {}
        for identifier, tenant in pairs:
            if key := _plain(identifier):
                owners.setdefault(key, set()).add(tenant)
        self._tenant = {key: next(iter(tenants)) for key, tenants in owners.items() if len(tenants) == 1}
        # The longest first: "Halvorsen Maritime AS" is not a mention of a tenant "Halvorsen".
        names = sorted(self._tenant, key=len, reverse=True)
        forms = "|".join(r"\s+".join(map(re.escape, name.split())) for name in names)
        self._pattern = re.compile(rf"{_EDGE_LEFT}(?:{forms}){_EDGE_RIGHT}", re.IGNORECASE) if names else None

    def tenant(self, identifier: str) -> str | None:
        """The tenant that an identifier names, or None where it is unknown or shared."""
        return self._tenant.get(_plain(identifier))

    def mentions(self, text: str) -> dict[str, str]:
        """The tenants that a text mentions, each with the words that name it first."""
        found: dict[str, str] = {}
        for match in self._pattern.finditer(text) if self._pattern else ():
            found.setdefault(self._tenant[_plain(match[0])], match[0])
        return found


def find_other_tenants(
    spans: Iterable[Span], registry: Registry, listed: Collection[str], evidence: str = ""
) -> list[Finding]:
    """A finding (rule `tenant-mixing`) per span that mentions tenants outside `listed`, the ids that the case lists.

    `detail["tenants"]` has their ids, for people with clearance; `text` names nothing of them.
    """
    findings = []
    for span in spans:
        others = {tenant: words for tenant, words in registry.mentions(span.text).items() if tenant not in listed}
        if others:
            shown = span.text
            for words in others.values():
                shown = shown.replace(words, "▓▓▓▓")
            place = place_of(evidence, span.locator)
            findings.append(Finding(RULE, place, EFFECT, excerpt(shown), {"tenants": ", ".join(sorted(others))}))
    return findings


def foreign_rows(table: Table, column: str, allowed: Collection[str], registry: Registry | None = None) -> list[int]:
    """The numbers of the rows whose `column` names a tenant outside `allowed` (compared without case and blanks).

    With a registry a legal name or host counts as its tenant. An empty cell is foreign: a row that does not say whose
    it is cannot be read as the case's own.

    Raises:
        KeyError: the table has no such column.
    """
    if column not in table.columns:
        raise KeyError(f"no column {column!r} in the table")
    wanted = {_plain(tenant) for tenant in allowed}
    rows = []
    for row in table.rows:
        value = row.cells.get(column, "")
        named = (registry.tenant(value) if registry else None) or value
        if _plain(named) not in wanted:
            rows.append(row.number)
    return rows


def _plain(identifier: str) -> str:
    return " ".join(identifier.casefold().split())
