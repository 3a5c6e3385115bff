"""Masking: secrets for everybody, personal data and restricted parts for whoever is not of the annex (R7).

Only texts are masked, never ids, hashes, places and states: those are ours, and hold nothing of the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from casefile.scenario import Scenario
from guardrails.personal_data import mask_personal
from guardrails.secrets import MASK
from guardrails.secrets import mask as mask_secrets
from server.models.cases import View

# Members that carry no text of people or evidence. Everything else is masked.
_PLAIN = frozenset(
    {
        "id", "sha256", "hash", "prev", "head", "root", "revision", "supersedes", "status", "state", "kind", "origin",
        "locator", "evidence", "rule", "gate", "lane", "artifact_sha256", "manifest_sha256", "subject_sha256", "at",
        "expires_at", "policy_version", "run", "case", "scenario", "edit", "edits", "target", "register",
        "decision", "mode", "idempotency_key", "evidence_digest", "prompt_version", "prompt_hash", "model",
        "fingerprint", "digest", "subject",
    }
)  # fmt: skip


@lru_cache(maxsize=65_536)
def _shown(text: str, personal: bool) -> str:
    shown = mask_secrets(text)
    return mask_personal(shown, None) if personal else shown


@dataclass(frozen=True, slots=True)
class Mask:
    """What one view hides. `fields` and `sections` are those that the scenario keeps in its restricted annex."""

    view: View
    fields: frozenset[str] = frozenset()
    sections: frozenset[str] = frozenset()

    @property
    def personal(self) -> bool:
        """Whether personal data is hidden."""
        return self.view != "annex"

    def text(self, text: str) -> str:
        """A text as this view shows it."""
        return _shown(text, self.personal) if text else text

    def shows_field(self, name: str) -> bool:
        """Whether a field of the artifact is in this view."""
        return name not in self.fields

    def tree(self, value: Any, name: str = "") -> Any:
        """A JSON value with every text masked."""
        match value:
            case str():
                return value if name in _PLAIN else self.text(value)
            case Mapping():
                return {key: self.tree(one, key) for key, one in value.items()}
            case list() | tuple():
                return [self.tree(one, name) for one in value]
            case _:
                return value

    def artifact(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        """An artifact's JSON: restricted fields and sections say only that they are restricted."""
        fields = {
            name: _restricted(value) if name in self.fields else self.tree(value)
            for name, value in shown["fields"].items()
        }
        sections = [
            {**section, "claims": [_withheld(c) for c in section["claims"]]}
            if section["id"] in self.sections
            else self.tree(section)
            for section in shown["sections"]
        ]
        return {**shown, "fields": fields, "sections": sections}

    def says(self) -> list[str]:
        """What is masked, and who may see it."""
        lines = ["secrets: masked for everybody"]
        if self.personal:
            lines.append("personal data: shown to those who answer a gate of this case")
        if self.fields or self.sections:
            names = ", ".join(sorted(self.fields | self.sections))
            lines.append(f"restricted annex ({names}): shown to those who answer a gate of this case")
        if self.view == "queue":
            lines.append("tenant: shown to those on the roster of the case")
        return lines


def mask_for(scenario: Scenario, view: View) -> Mask:
    """The mask of a view. A scenario names its annex in `data.annex`: `fields` and `sections`."""
    if view == "annex":
        return Mask(view)
    annex = scenario.data.get("annex", {})
    return Mask(view, frozenset(annex.get("fields", ())), frozenset(annex.get("sections", ())))


def masked_tenant(tenant: str) -> str:
    """A tenant's id as the queue view has it: recognisable to who knows it, and to nobody else."""
    return f"{tenant[:3]}{MASK}" if len(tenant) > 6 else MASK


def _restricted(value: Mapping[str, Any]) -> dict[str, Any]:
    hidden: dict[str, Any] = {
        "value": MASK,
        "raw": None,
        "citations": [],
        "normalization": [],
        "note": "in the restricted annex",
    }
    return {**value, **hidden}


def _withheld(claim: Mapping[str, Any]) -> dict[str, Any]:
    return {**claim, "text": MASK, "citations": []}
