"""One request for each operation that takes a body, by the operation's name, as its OpenAPI document shows it."""

from __future__ import annotations

from typing import Any, Final

_REASON = {"reason": "the lead asked for shorter sentences"}
_FILES = {
    "files": ["ticket_export.json", "admin_update_1.eml"],
    "scenario": "outage-intake",
    "case": "CASE-4711",
    "tenant": "tn-acme-eu",
    "instructions": "Prepare the escalation record.",
    "systems": '{"ticket_export.json": "ticketing"}',
}
_SERVER = {"name": "desk", "reach": {"transport": "stdio", "command": "ticket-desk"}, "system": "ticketing"}
_LENT = {"valid_from": "2026-07-01T00:00:00Z", "valid_until": "2026-07-15T00:00:00Z"}
_PERSON = {"person": "u-duty", "email": "ken.osei@lumenary.example", "name": "Ken Osei", "roles": ["duty_manager"]}
# The key of RFC 8037, appendix A.2.
_KEY = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
_SIGNATURE = "hgyY0il+MGCjP0JzlnLWG1PPOt7+09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr/MuM0KAg=="

BODIES: Final[dict[str, dict[str, Any]]] = {
    "sign_in": {"email": "ken.osei@lumenary.example", "password": "correct horse battery staple"},
    "make_token": {"name": "ticket bridge", "scopes": ["read", "open"], "days": 30},
    "open_case": _FILES,
    "recognise": _FILES,
    "say": {"text": "Which regions are affected, and who says so?"},
    "review_edits": {"accept": ["e1", "e2"], "reject": ["e3"], "reason": "unsupported"},
    "object_": {"to": "business_impact", "text": "The region list is not proven."},
    "add": {"file": "contact_roster_v2.xlsx", "system": "contact_roster", "replaces": "roster"},
    "fetch": {"connector": "desk", "resource": "ticket", "ids": {"number": "LUM-88213"}, "replaces": "ticket"},
    "decide": {"decision": "approve", "revision": "r3", "reason": "both regions are proven by the status export"},
    "ask_to_sign": {"decision": "approve", "revision": "r3", "reason": "both regions are proven by the status export"},
    "sign_decision": {"kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "signature": _SIGNATURE},
    "prove_key": {"key": _KEY},
    "hold_key": {"key": _KEY, "signature": _SIGNATURE},
    "disclose_receipt": {"only": ["approvals", "evidence/2", "result/outcome"]},
    "verify_receipt": {"file": "receipt.json"},
    "retry_delivery": {"key": "release:run_30d0c61c4b81bb70:sha256:38fb…"},
    "run_eval": {"names": ["outage-intake", "quotes"], "repeats": 1},
    "reveal_cluster": {"reason": "corroborating before the routing decision"},
    "reveal_dead": {"reason": "the source says that it sent a time"},
    "split_cluster": {"signals": [41, 42], "reason": "the last two were another engineer"},
    "propose_prompt": {"text": "Answer from the numbered spans alone.\n\n{{scenario}}\n", **_REASON},
    "activate_prompt": _REASON,
    "propose_scopes": {"grants": {"retrieval": ["search_evidence", "read_evidence"]}, **_REASON},
    "activate_scopes": _REASON,
    "preview_parameters": {"values": {"min_confidence": 0.9}},
    "propose_parameters": {"values": {"min_confidence": 0.9}, **_REASON},
    "activate_parameters": _REASON,
    "preview_policies": {"values": {"policy_set": "kept here", "second_approver": "every change"}},
    "propose_policies": {"values": {"policy_set": "kept here", "second_approver": "every change"}, **_REASON},
    "activate_policies": _REASON,
    "add_connector": {**_SERVER, **_REASON},
    "classify_tools": {"tools": {}, **_REASON},
    "activate_connector": _REASON,
    "propose_person": {**_PERSON, **_REASON},
    "activate_person": _REASON,
    "deactivate_person": {"reason": "left the duty rota"},
    "delegate": {"taker": "u-duty-2", "role": "duty_manager", **_LENT, "reason": "on leave"},
}


def exemplify(document: dict[str, Any]) -> None:
    """Put each example beside the schema of the body that it is one of. What has one of its own keeps it."""
    for operations in document["paths"].values():
        for operation in operations.values():
            example = BODIES.get(operation.get("operationId", ""))
            for media in operation.get("requestBody", {}).get("content", {}).values():
                if example is not None and "example" not in media and "examples" not in media:
                    media["example"] = example
