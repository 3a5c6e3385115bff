"""Masking: secrets for everybody, personal data and restricted parts for whoever is not of the annex (R7).

Only texts are masked, never ids, hashes, places and states: those are ours, and hold nothing of the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from casefile.artifact import Artifact
from casefile.views import View, view_of
from graphs.context import RunContext
from graphs.views import NOTHING, mask_of
from guardrails.personal_data import mask_personal
from guardrails.secrets import MASK
from guardrails.secrets import mask as mask_secrets
from server.models.cases import View as Standing

# A scenario that declares no views shows all of its document to whoever may read it, masked as below.
ALL = View(fields=["*"], sections=["*"], registers=["*"])
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
    """What one viewer sees: the scenario's view for his standing, and what is hidden in every text of it.

    `hidden` takes out what the view's categories forbid; None where the scenario declares no views.
    """

    standing: Standing
    view: View = ALL
    hidden: Callable[[str], str] | None = None

    @property
    def personal(self) -> bool:
        """Whether personal data is hidden."""
        return self.standing != "annex"

    @property
    def quotes(self) -> bool:
        """Whether what evidence says and people wrote is shown at all."""
        return self.view.quotes

    def text(self, text: str) -> str:
        """A text as this view shows it."""
        if not text:
            return text
        shown = _shown(text, self.personal)
        return self.hidden(shown) if self.hidden is not None else shown

    def told(self, text: str) -> str:
        """A text of evidence or of a person, which a view without quotes withholds."""
        return self.text(text) if self.quotes or not text else MASK

    def tree(self, value: Any, name: str = "") -> Any:
        """A JSON value with every text masked."""
        match value:
            case str() if name == "quote":
                return self.text(value) if self.quotes else ""
            case str():
                return value if name in _PLAIN else self.text(value)
            case Mapping():
                return {key: self.tree(one, key) for key, one in value.items()}
            case list() | tuple():
                return [self.tree(one, name) for one in value]
            case _:
                return value

    def artifact(self, artifact: Artifact) -> Artifact:
        """An artifact as this view shows it: what is not in the view is not in the result."""
        return view_of(artifact, self.view, self.text)

    def says(self) -> list[str]:
        """What is masked, and who may see it."""
        lines = ["secrets: masked for everybody"]
        if self.personal:
            lines.append("personal data: shown to those who answer a gate of this case")
        if self.view.mask:
            lines.append(f"hidden in every text: {', '.join(self.view.mask)}")
        if not self.quotes:
            lines.append("what evidence says and people wrote: shown to those on the roster of the case")
        if self.standing == "queue":
            lines.append("tenant: shown to those on the roster of the case")
        return lines


async def mask_for(context: RunContext, standing: Standing) -> Mask:
    """The mask of a viewer. Where the scenario declares views: `queue` for who is not on the roster, `main` for who is,
    and `main` with `annex` for those who answer its gates. A view that it does not declare shows nothing.
    """
    declared = context.scenario.views
    if not declared:
        return Mask(standing)
    view = declared.get("queue" if standing == "queue" else "main", NOTHING)
    if standing == "annex":
        view = _together(view, declared.get("annex", NOTHING))
    return Mask(standing, view, await mask_of(context, view))


def _together(main: View, annex: View) -> View:
    """What those see who see both. The texts are those of the main view."""
    return main.model_copy(
        update={
            "fields": [*main.fields, *annex.fields],
            "sections": [*main.sections, *annex.sections],
            "registers": [*main.registers, *annex.registers],
        }
    )


def masked_tenant(tenant: str) -> str:
    """A tenant's id as the queue view has it: recognisable to who knows it, and to nobody else."""
    return f"{tenant[:3]}{MASK}" if len(tenant) > 6 else MASK
