"""How fields are normalised and weighed: one file per rule, named in a scenario's field specs.

A rule reads the material and adds to the findings: the field, contradictions, open questions, signals. It chooses
between sources only by `casefile.precedence`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from agents.field_rules import contacts, environment, instant, ledger, registered, taxonomy, tenant, text, tier
from agents.material import Findings, Material
from casefile.scenario import FieldSpec

Rule: TypeAlias = Callable[[str, FieldSpec, Material, Findings], None]

RULES: Mapping[str, Rule] = {
    "artifacts": ledger.artifacts,
    "contacts": contacts.weigh,
    "environment": environment.weigh,
    "evidence_links": ledger.evidence_links,
    "instant": instant.weigh,
    "places": text.places,
    "privacy": ledger.privacy,
    "registered": registered.weigh,
    "taxonomy": taxonomy.weigh,
    "tenant": tenant.weigh,
    "text": text.weigh,
    "tier": tier.weigh,
}
