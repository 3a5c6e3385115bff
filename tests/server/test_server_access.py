"""Every route × every role × own and foreign tenant: who gets in, who is refused, who is told that there is nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from house import Client, House, live_packet
from packets import TENANT

from server.api.access import undeclared
from server.api.actions import PUBLIC, SCOPES, Action
from server.api.application import routed

KEY = {"Idempotency-Key": "table-of-routes"}
FOREIGN = "tn-osprey-us"
# Route → (method, address, what is sent). `{run}` is the case's.
ON_RUN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "run_page": ("GET", "/api/runs/{run}", {}),
    "revisions": ("GET", "/api/runs/{run}/revisions", {}),
    "revision_page": ("GET", "/api/runs/{run}/revisions/r1", {}),
    "exhibits": ("GET", "/api/runs/{run}/revisions/r1/exhibits", {}),
    "diff": ("GET", "/api/runs/{run}/revisions/r1/diff/r1", {}),
    "chat": ("GET", "/api/runs/{run}/chat", {}),
    "work": ("GET", "/api/runs/{run}/chat/27/work", {}),
    "search": ("GET", "/api/runs/{run}/search?q=login", {}),
    "ledger": ("GET", "/api/runs/{run}/evidence", {}),
    "item_page": ("GET", "/api/runs/{run}/evidence/ticket", {}),
    "raw": ("GET", "/api/runs/{run}/evidence/update/raw", {}),
    "picture": ("GET", "/api/runs/{run}/evidence/update/picture", {}),
    "gate_page": ("GET", "/api/runs/{run}/gates/exception_release", {}),
    "lineage": ("GET", "/api/runs/{run}/lineage", {}),
    "receipt": ("GET", "/api/runs/{run}/receipt", {}),
    "disclose_receipt": ("POST", "/api/runs/{run}/receipt/disclose", {"json": {"only": ["result"]}}),
    "cancel_turn": ("POST", "/api/runs/{run}/chat/say:none/cancel", {}),
    "deliveries": ("GET", "/api/runs/{run}/deliveries", {}),
    "retry_delivery": ("POST", "/api/runs/{run}/deliveries/retry", {"json": {"key": "none"}}),
    "verify": ("POST", "/api/runs/{run}/lineage/verify", {}),
    "say": ("POST", "/api/runs/{run}/chat", {"json": {"text": "What do the mails say?"}}),
    "review_edits": ("POST", "/api/runs/{run}/edits", {"json": {"accept": "all"}}),
    "object_": ("POST", "/api/runs/{run}/objections", {"json": {"to": "business_impact", "text": "is it proven?"}}),
    "add": ("POST", "/api/runs/{run}/evidence", {"files": {"file": ("note.txt", b"a note\n")}}),
    "fetchable": ("GET", "/api/runs/{run}/connectors", {}),
    "fetch": ("POST", "/api/runs/{run}/evidence/fetch", {"json": {"connector": "desk", "resource": "ticket"}}),
    "decide": (
        "POST",
        "/api/runs/{run}/gates/severity_bridge_paging_decision/decisions",
        {"json": {"decision": "approve", "revision": "r1"}, "headers": KEY},
    ),
    "ask_to_sign": (
        "POST",
        "/api/runs/{run}/gates/severity_bridge_paging_decision/signing-requests",
        {"json": {"decision": "approve", "revision": "r1"}, "headers": {"Idempotency-Key": "table-of-signatures"}},
    ),
    "sign_decision": (
        "POST",
        "/api/runs/{run}/gates/severity_bridge_paging_decision/signing-requests/decide:none/signature",
        {"json": {"kid": "none", "signature": "AAAA"}},
    ),
    "events": ("GET", "/api/runs/{run}/events", {}),
}
READS = {
    "run_page", "revisions", "revision_page", "exhibits", "diff", "chat", "work", "search", "ledger", "item_page",
    "gate_page", "lineage",
    "verify", "events", "deliveries",
}  # fmt: skip
# Who → route → status. What is not named is 403 for who may know of the case, and 404 for everybody else.
# Who stands on the roster is heard; that he may not answer, or has no key of his own, is told then.
DECIDING = {"decide": 403, "ask_to_sign": 409, "sign_decision": 404}
ROSTER = {
    **dict.fromkeys(READS, 200),
    "receipt": 204,
    "disclose_receipt": 409,
    "cancel_turn": 404,
    "fetchable": 200,
    "fetch": 404,
    "raw": 200,
    "picture": 404,
}
ROSTER |= dict.fromkeys(("say", "object_", "add"), 202)
OVERSEER = {**dict.fromkeys(READS, 200), "receipt": 204, "disclose_receipt": 409, "picture": 404}
ROLES: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "intake": ({"person": "u-intake", "roles": ("support_intake_specialist",)}, ROSTER | DECIDING),
    "duty": (
        {"person": "u-duty", "roles": ("duty_manager",)},
        ROSTER | {"review_edits": 202, "retry_delivery": 404, **DECIDING},
    ),
    "schema": (
        {"person": "u-schema", "roles": ("schema_workflow_owner",)},
        ROSTER | {"review_edits": 202, "retry_delivery": 404, **DECIDING},
    ),
    "customer": ({"person": "u-customer", "roles": ("customer_admin",)}, {}),
    "expired": ({"person": "u-gone", "roles": ("duty_manager",)}, {}),
    "auditor": ({"person": "x-audit", "global_roles": ("auditor",)}, OVERSEER),
    "evaluator": ({"person": "x-eval", "global_roles": ("evaluator",)}, OVERSEER),
    "admin": ({"person": "x-admin", "global_roles": ("admin",)}, {}),
}
STRANGERS = ("colleague", "foreign_duty", "foreign_auditor", "foreign_admin", "nobody")
PEOPLE = [
    {"id": "u-intake", "name": "Iris Okafor", "roles": ["support_intake_specialist"]},
    {"id": "u-duty", "name": "Dag Holm", "roles": ["duty_manager"]},
    {"id": "u-schema", "name": "Sela Roth", "roles": ["schema_workflow_owner"]},
    {"id": "u-customer", "name": "Bram Aalders", "roles": ["customer_admin"]},
    {"id": "u-gone", "name": "Gone Long", "roles": ["duty_manager"], "valid_until": "2026-05-01T00:00:00Z"},
]


def routes() -> list[RouteContext]:
    return [one for one in iter_route_contexts(routed().routes) if isinstance(one.original_route, APIRoute)]


def test_every_route_declares_its_action() -> None:
    app = routed()
    assert list(undeclared(app)) == []
    assert len(routes()) > 30

    @app.get("/api/forgotten")
    async def forgotten() -> str:
        return "open to all"

    assert list(undeclared(app)) == ["['GET'] /api/forgotten"]


def test_every_action_but_the_public_ones_is_reached_by_a_scope_or_by_a_session_only() -> None:
    reached = set().union(*SCOPES.values())
    session_only = {Action.SIGN_OUT, Action.MANAGE_TOKENS, Action.CHANGE_SETTINGS, Action.DELEGATE, Action.HOLD_KEY}
    assert set(Action) - reached == PUBLIC | session_only


def test_the_table_has_every_route_about_a_run() -> None:
    assert {route.name for route in routes() if "{run}" in str(route.path)} == set(ON_RUN)


WHY = {"json": {"reason": "a table of routes"}}
PERSON = {"person": "u-new", "email": "new@house.example", "name": "New", "roles": [], "reason": "a table of routes"}
SERVER = {"name": "desk", "reach": {"transport": "stdio", "command": "none"}}
LENT = {"taker": "u-duty", "role": "none", "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2026-01-02T00:00:00Z"}
JWK = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
# Routes about a tenant's settings: what an admin of the tenant is answered. The auditor reads what admins did.
ON_TENANT: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "prompt_list": ("GET", "/prompts", {}, 200),
    "prompt_page": ("GET", "/prompts/drafting", {}, 200),
    "propose_prompt": ("POST", "/prompts/none/versions", {"json": {"text": "x" * 20, "reason": "x"}}, 404),
    "evaluate_prompt": ("POST", "/prompts/drafting/versions/9/evaluation", {}, 404),
    "activate_prompt": ("POST", "/prompts/drafting/versions/9/activation", WHY, 404),
    "tool_matrix": ("GET", "/tools", {}, 200),
    "propose_scopes": ("POST", "/tools/none/versions", {"json": {"grants": {}, "reason": "x"}}, 404),
    "activate_scopes": ("POST", "/tools/outage-intake/versions/9/activation", WHY, 404),
    "parameter_list": ("GET", "/parameters", {}, 200),
    "parameter_page": ("GET", "/parameters/outage-intake", {}, 200),
    "preview_parameters": ("POST", "/parameters/none/preview", {"json": {"values": {}}}, 404),
    "propose_parameters": ("POST", "/parameters/none/versions", {"json": {"values": {}, "reason": "x"}}, 404),
    "activate_parameters": ("POST", "/parameters/outage-intake/versions/9/activation", WHY, 404),
    "policy_list": ("GET", "/policies", {}, 200),
    "policy_page": ("GET", "/policies/outage-intake", {}, 404),
    "preview_policies": ("POST", "/policies/none/preview", {"json": {"values": {}}}, 404),
    "propose_policies": ("POST", "/policies/none/versions", {"json": {"values": {}, "reason": "x"}}, 404),
    "activate_policies": ("POST", "/policies/sev1-receipt/versions/9/activation", WHY, 404),
    "connector_list": ("GET", "/connectors", {}, 200),
    "add_connector": ("POST", "/connectors", {"json": {**SERVER, "reason": "a table of routes"}}, 422),
    "connector_page": ("GET", "/connectors/none", {}, 404),
    "look_at_connector": ("POST", "/connectors/none/look", {}, 404),
    "classify_tools": ("POST", "/connectors/none/versions", {"json": {"tools": {}, "reason": "x"}}, 404),
    "activate_connector": ("POST", "/connectors/none/versions/9/activation", WHY, 404),
    "people_page": ("GET", "/people", {}, 200),
    "propose_person": ("POST", "/people", {"json": {**PERSON, "roles": ["admin"]}}, 422),
    "activate_person": ("POST", "/people/u-new/versions/9/activation", WHY, 404),
    "deactivate_person": ("POST", "/people/nobody/deactivation", WHY, 404),
    "revoke_anybodys_token": ("DELETE", "/tokens/none", {}, 404),
    "audit": ("GET", "/audit", {}, 200),
    "verify_audit": ("POST", "/audit/verify", {}, 200),
    "my_delegations": ("GET", "/delegations", {}, 200),
    "delegate": ("POST", "/delegations", {"json": {**LENT, "reason": "a table of routes"}}, 403),
    "end_delegation": ("DELETE", "/delegations/none", {}, 404),
    "my_signing_key": ("GET", "/signing-key", {}, 200),
    "prove_key": ("POST", "/signing-key/proof", {"json": {"key": JWK}}, 200),
    "hold_key": ("POST", "/signing-key", {"json": {"key": JWK, "signature": "AAAA"}}, 422),
}
AUDITED = {"audit", "verify_audit"}
ANYBODY = {"my_delegations", "delegate", "end_delegation", "my_signing_key", "prove_key", "hold_key"}


def test_the_table_has_every_route_about_a_tenant() -> None:
    assert {route.name for route in routes() if "/admin/{tenant}" in str(route.path)} == set(ON_TENANT)


def test_who_gets_at_the_settings_of_a_tenant(house: House) -> None:
    clients = people(house)
    wrong = []
    for route, (method, address, sent, want) in ON_TENANT.items():
        for name, client in clients.items():
            got = client.request(method, f"/api/admin/{TENANT}{address}", **sent).status_code
            if name.startswith("foreign") or name == "nobody":
                expected = 404
            elif name == "admin" or (name == "auditor" and route in AUDITED) or route in ANYBODY:
                expected = want
            else:
                expected = 403
            if got != expected:
                wrong.append(f"{name} {route}: {got}, expected {expected}")
        anonymous = httpx.request(method, f"{house.base}/api/admin/{TENANT}{address}", **sent).status_code
        wrong += [f"anonymous {route}: {anonymous}"] if anonymous not in (401, 403) else []
    assert wrong == []


def test_an_admin_decides_at_no_gate_by_being_admin(house: House, tmp_path: Path) -> None:
    clients = people(house)
    run = house.open(live_packet(tmp_path / "packet", people=PEOPLE), clients["intake"])
    assert clients["admin"].decide(run, "exception_release", "admin-decides").status_code == 403
    assert clients["admin"].get(f"/api/runs/{run}").status_code == 403


def ask(client: httpx.Client, route: str, run: str) -> int:
    method, address, sent = ON_RUN[route]
    with client.stream(method, address.format(run=run), **sent) as answer:
        return answer.status_code


def people(house: House) -> dict[str, Client]:
    known = {name: house.sign_in(**{"roles": (), **who}) for name, (who, _) in ROLES.items()}
    return known | {
        "colleague": house.sign_in("u-other", ("duty_manager",)),
        "foreign_duty": house.sign_in("u-duty", ("duty_manager",), tenant=FOREIGN),
        "foreign_auditor": house.sign_in("x-audit", tenant=FOREIGN, global_roles=("auditor",)),
        "foreign_admin": house.sign_in("x-admin", tenant=FOREIGN, global_roles=("admin",)),
        "nobody": house.sign_in(),
    }


def test_who_gets_in(house: House, tmp_path: Path) -> None:
    clients = people(house)
    run = house.open(live_packet(tmp_path / "packet", people=PEOPLE), clients["intake"])
    wrong = []
    for name, (_, expected) in ROLES.items():
        for route in ON_RUN:
            want, got = expected.get(route, 403), ask(clients[name], route, run)
            if name in ("customer", "expired") and route in DECIDING:
                want = DECIDING[route]  # heard like the others: an answer is recorded, and counts for nothing
            if got != want:
                wrong.append(f"{name} {route}: {got}, expected {want}")
            house.rest(TENANT, run) if got == 202 else None
    for name in STRANGERS:
        wrong += [f"{name} {route}: {got}" for route in ON_RUN if (got := ask(clients[name], route, run)) != 404]
    anonymous = httpx.Client(base_url=house.base)
    wrong += [f"anonymous {route}: {got}" for route in ON_RUN if (got := ask(anonymous, route, run)) != 401]
    assert wrong == []


def test_a_foreign_case_is_answered_like_one_that_is_not_there(house: House, run: str) -> None:
    for stranger in (house.sign_in("u-duty", ("duty_manager",), tenant=FOREIGN), house.sign_in("u-other")):
        for route, (method, address, sent) in ON_RUN.items():
            if route == "events":
                continue
            there, nothing = (
                stranger.request(method, address.format(run=name), **sent) for name in (run, "run_0123456789abcdef")
            )
            bodies = [
                {k: v for k, v in a.json().items() if k not in ("instance", "request_id")} for a in (there, nothing)
            ]
            assert bodies[0] == bodies[1], route
            kept = [{k for k in a.headers if k != "date"} for a in (there, nothing)]
            assert kept[0] == kept[1], route
        assert stranger.get("/api/cases").json() == {"rows": [], "total": 0, "next_cursor": None}
        assert stranger.get("/api/cases?q=CASE-90001").json()["total"] == 0
        assert stranger.get(f"/api/cases?tenant={TENANT}").json()["total"] == 0
        assert stranger.get("/api/approvals").json()["rows"] == []


def test_who_sees_the_case_in_the_list(house: House, tmp_path: Path) -> None:
    clients = people(house)
    run = house.open(live_packet(tmp_path / "packet", people=PEOPLE), clients["intake"])
    for name in ROLES:
        rows = clients[name].get("/api/cases").json()["rows"]
        assert [row["run"] for row in rows] == [run], name
        masked = name in ("auditor", "evaluator", "admin")
        assert rows[0]["tenant_masked"] == masked, name
        assert (TENANT in str(rows)) != masked, name
        assert rows[0]["can_act"] == (name == "duty"), name
    for name in STRANGERS:
        assert clients[name].get("/api/cases").json()["total"] == 0, name


FILE = {"files": {"file": ("receipt.json", b"{}")}}
FILES = {"files": {"files": ("note.txt", b"a note")}}
WRONG = {"json": {"email": "nobody@house.example", "password": "wrong"}}
NO_EVAL = "/api/evals/ev_20260101000000_000000"
SIGNED_IN = ("person", "foreign", "nobody", "auditor", "evaluator", "admin")


def _all(anonymous: int, others: int, **but: int) -> dict[str, int]:
    return {"anonymous": anonymous, **dict.fromkeys(SIGNED_IN, others), **but}


JUDGES = {"evaluator": 200, "admin": 200}
# Routes about no run, no tenant's settings and no stream: (method, address, what is sent, who → status).
ABOUT_NOTHING: dict[str, tuple[str, str, dict[str, Any], dict[str, int]]] = {
    "sign_in_ways": ("GET", "/api/session", {}, _all(200, 200)),
    "sign_in": ("POST", "/api/session", WRONG, _all(401, 401)),
    "sign_in_by_link": ("GET", "/api/session/link/none", {}, _all(401, 401)),
    "oidc_start": ("GET", "/api/session/oidc/start", {}, _all(404, 404)),
    "oidc_callback": ("GET", "/api/session/oidc/callback?code=x&state=y", {}, _all(404, 404)),
    "me": ("GET", "/api/me", {}, _all(401, 200)),
    "tokens": ("GET", "/api/tokens", {}, _all(401, 200)),
    "make_token": ("POST", "/api/tokens", {"json": {"name": "t", "scopes": ["read"]}}, _all(401, 201)),
    "revoke_token": ("DELETE", "/api/tokens/none", {}, _all(401, 404)),
    "scenarios": ("GET", "/api/scenarios", {}, _all(401, 200)),
    "scenario": ("GET", "/api/scenarios/outage-intake", {}, _all(401, 200)),
    "cases": ("GET", "/api/cases", {}, _all(401, 200)),
    "recognise": ("POST", "/api/cases/recognise", FILES, _all(401, 200)),
    "open_case": ("POST", "/api/cases", FILES, _all(401, 422)),
    "approvals": ("GET", "/api/approvals", {}, _all(401, 200)),
    "receipt_keys": ("GET", "/api/receipt-keys", {}, _all(401, 200)),
    "verify_receipt": ("POST", "/api/receipts/verify", FILE, _all(401, 200)),
    "evals": ("GET", "/api/evals", {}, _all(401, 403, **JUDGES)),
    "run_eval": ("POST", "/api/evals", {"json": {"names": ["none"]}}, _all(401, 403, evaluator=422, admin=422)),
    "eval_page": ("GET", NO_EVAL, {}, _all(401, 403, evaluator=404, admin=404)),
    "eval_comparison": ("GET", f"{NO_EVAL}/compare/none", {}, _all(401, 403, evaluator=404, admin=404)),
    "eval_case": ("GET", f"{NO_EVAL}/case?suite=a&case=b", {}, _all(401, 403, evaluator=404, admin=404)),
    "eval_events": ("GET", f"{NO_EVAL}/events", {}, _all(401, 403, evaluator=404, admin=404)),
    "health": ("GET", "/api/health", {}, _all(200, 200)),
    "metrics": ("GET", "/api/metrics", {}, _all(401, 403, admin=200)),
    "streams": ("GET", "/api/monitor", {}, _all(401, 200)),
    # The last one: it ends the session.
    "sign_out": ("DELETE", "/api/session", {}, _all(401, 204)),
}


def test_every_route_stands_in_a_table() -> None:
    """A route that is added fails here until a row says who gets in. Those about a stream: test_signal_access.py."""
    streams = {one.name for one in routes() if str(one.path).startswith(("/api/signals/{", "/api/monitor/{"))}
    named = [*ON_RUN, *ON_TENANT, *ABOUT_NOTHING, *streams]
    assert sorted(named) == sorted(one.name for one in routes())


def test_routes_about_no_case(house: House) -> None:
    known = people(house)
    clients: dict[str, httpx.Client] = {
        "anonymous": httpx.Client(base_url=house.base),
        "person": known["intake"],
        "foreign": known["foreign_duty"],
        **{name: known[name] for name in ("nobody", "auditor", "evaluator", "admin")},
    }
    wrong = []
    for route, (method, address, sent, expected) in ABOUT_NOTHING.items():
        for name, client in clients.items():
            got = client.request(method, address, **sent).status_code
            if got != expected[name]:
                wrong.append(f"{name} {route}: {got}, expected {expected[name]}")
    assert wrong == []
    assert clients["anonymous"].get("/api/openapi.json").status_code == 200
    assert clients["anonymous"].get("/api/no/such/route").status_code == 404
    assert known["duty"].get("/api/scenarios/none-such").status_code == 404


def test_nobody_opens_a_case_for_others_or_elsewhere(house: House, tmp_path: Path) -> None:
    packet = live_packet(tmp_path / "packet")
    files = [("files", (p.name, p.read_bytes())) for p in packet.iterdir()]
    duty = house.sign_in("u-duty", ("duty_manager",))
    assert duty.post("/api/cases", files=files).status_code == 403
    stranger = house.sign_in("u-intake", ("support_intake_specialist",), tenant=FOREIGN)
    assert stranger.post("/api/cases", files=files).status_code == 403
    assert house.sign_in("x-admin", global_roles=("admin",)).post("/api/cases", files=files).status_code == 202


def test_an_account_without_a_session_or_disabled_is_nobody(house: House) -> None:
    broken = httpx.Client(base_url=house.base, cookies={"casegate": "not a session"})
    assert broken.get("/api/me").status_code == 401
    assert httpx.get(f"{house.base}/api/me", headers={"Authorization": "Bearer cg_none"}).status_code == 401
    assert httpx.get(f"{house.base}/api/me", headers={"Authorization": "Basic eDp5"}).status_code == 401
