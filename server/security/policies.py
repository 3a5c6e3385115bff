"""The policies: Cedar files, validated when the server starts. Any error in a decision is a denial."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import cedarpy

from runtime.errors import CasegateError

FOLDER = Path(__file__).parent / "policies"
KNOW = "case:know"
KNOW_TENANT = "tenant:know"


class PolicyError(CasegateError):
    """The policy files contradict the schema: for whoever edits them."""


class Policies:
    """Decides."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.text = (folder / "casegate.cedar").read_text(encoding="utf-8")
        schema = (folder / "schema.cedarschema").read_text(encoding="utf-8")
        result = cedarpy.validate_policies(self.text, schema)
        if not result.validation_passed:
            raise PolicyError(f"{folder / 'casegate.cedar'}: {'; '.join(str(e.error) for e in result.errors)}")
        self._policies = cedarpy.PolicySet.from_str(self.text)

    def allow(
        self,
        account: str,
        global_roles: Collection[str],
        action: str,
        resource: tuple[str, str],
        context: Mapping[str, object],
    ) -> bool:
        """Whether the account may. `resource` is its type and id."""
        principal: dict[str, object] = {"type": "Account", "id": account}
        kind, id_ = resource
        request = {
            "principal": f'Account::"{_quoted(account)}"',
            "action": f'Action::"{action}"',
            "resource": f'{kind}::"{_quoted(id_)}"',
            "context": dict(context),
        }
        attributes = {"global_roles": sorted(global_roles)}
        entities: list[dict[object, object]] = [
            {"uid": principal, "attrs": attributes, "parents": []},
            {"uid": {"type": kind, "id": id_}, "attrs": {}, "parents": []},
        ]
        result = cedarpy.is_authorized(request, self._policies, entities)
        return bool(result.allowed) and not result.diagnostics.errors


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
