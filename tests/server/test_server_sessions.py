"""Signing in: passwords, cookies, CSRF, rates, tokens with scopes, demo links, OpenID."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import respx
from house import Client, House
from joserfc import jwt
from joserfc.jwk import RSAKey

from runtime.clock import wall
from runtime.store import account_rows
from runtime.store.account_rows import Account
from runtime.store.database import Database
from server.problems import NotSignedIn
from server.security import oidc
from server.security.passwords import hash_password
from server.security.secrets import csrf_of, fresh, hashed
from server.settings import ServerSettings

EMAIL, PASSWORD = "Iris@House.example", "correct horse battery staple"


def account(house: House, email: str = EMAIL, *, disabled: bool = False, demo: bool = False) -> None:
    made = Account(f"acc_{email[:4]}", email, "Iris Okafor", hash_password(PASSWORD), (), disabled, demo)
    house.store(lambda database: account_rows.put_account(database, made, wall()))


def test_signing_in_and_out(house: House) -> None:
    account(house)
    browser = httpx.Client(base_url=house.base)
    answer = browser.post("/api/session", json={"email": EMAIL.lower(), "password": PASSWORD})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    session = browser.cookies["casegate"]
    assert session not in str(house.store(_everything))
    assert browser.get("/api/me").json()["email"] == EMAIL.casefold()
    csrf = answer.json()["csrf"]
    assert csrf == csrf_of(session)
    assert browser.delete("/api/session", headers={"X-CSRF-Token": csrf}).status_code == 204
    assert browser.get("/api/me", cookies={"casegate": session}).status_code == 401


async def _everything(database: Database) -> list[Any]:
    from sqlalchemy import select

    from runtime.store.account_tables import accounts, api_tokens, sessions, sign_in_links

    found: list[Any] = []
    for table in (accounts, sessions, api_tokens, sign_in_links):
        found += await database.rows(select(table))
    return found


def test_a_wrong_password_an_unknown_account_and_a_disabled_one_look_alike(house: House) -> None:
    account(house)
    account(house, "gone@house.example", disabled=True)
    bodies = [
        httpx.post(f"{house.base}/api/session", json={"email": email, "password": password})
        for email, password in ((EMAIL, "wrong"), ("nobody@x.example", PASSWORD), ("gone@house.example", PASSWORD))
    ]
    assert {a.status_code for a in bodies} == {401}
    assert len({a.json()["detail"] for a in bodies}) == 1
    assert all("set-cookie" not in a.headers for a in bodies)


def test_too_many_attempts_are_429_with_a_time(sqlite_url: str, tmp_path: Path) -> None:
    house = House(sqlite_url, tmp_path / "data", {"sign_in_per_minute": 3}).start()
    try:
        wrong = {"email": EMAIL, "password": "wrong"}
        statuses = [httpx.post(f"{house.base}/api/session", json=wrong).status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        last = httpx.post(f"{house.base}/api/session", json=wrong)
        assert int(last.headers["retry-after"]) > 0
        assert last.json()["retry_after"] > 0
    finally:
        house.stop()


def test_failures_of_one_account_close_it_for_every_address(sqlite_url: str, tmp_path: Path) -> None:
    house = House(sqlite_url, tmp_path / "data", {"account_per_hour": 2}).start()
    try:
        account(house)
        for _ in range(2):
            httpx.post(f"{house.base}/api/session", json={"email": EMAIL, "password": "wrong"})
        right = httpx.post(f"{house.base}/api/session", json={"email": EMAIL, "password": PASSWORD})
        assert right.status_code == 429
    finally:
        house.stop()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "0" * 64},
        {"X-CSRF-Token": "right", "Origin": "https://evil.example"},
        {"X-CSRF-Token": "right", "Origin": "null"},
        {"X-CSRF-Token": "right", "Sec-Fetch-Site": "cross-site"},
        {"X-CSRF-Token": "right", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_what_another_site_causes_is_refused(house: House, run: str, intake: Client, headers: dict[str, str]) -> None:
    given = {**headers}
    if given.get("X-CSRF-Token") == "right":
        given["X-CSRF-Token"] = csrf_of(intake.cookies["casegate"])
    browser = httpx.Client(base_url=house.base, cookies=intake.cookies, headers=given)
    for method, path in (("POST", f"/api/runs/{run}/chat"), ("DELETE", "/api/session"), ("POST", "/api/tokens")):
        answer = browser.request(method, path, json={"text": "hello", "name": "x", "scopes": ["read"]})
        assert answer.status_code == 403, path
    assert [t for t in intake.get(f"/api/runs/{run}/chat").json()["turns"] if t["kind"] == "said"] == []


def test_a_cookie_that_stands_twice_is_refused(house: House, intake: Client) -> None:
    mine = intake.cookies["casegate"]
    both = {"Cookie": f"casegate={mine}; casegate=other", "X-CSRF-Token": csrf_of(mine)}
    assert httpx.get(f"{house.base}/api/me", headers=both).status_code == 401
    assert httpx.delete(f"{house.base}/api/session", headers=both).status_code == 403


def test_tokens_reach_what_their_scopes_say(house: House, run: str, intake: Client, duty: Client) -> None:
    made = duty.post("/api/tokens", json={"name": "reader", "scopes": ["read"], "days": 1})
    assert made.status_code == 201
    token = made.json()["token"]
    machine = httpx.Client(base_url=house.base, headers={"Authorization": f"Bearer {token}"})
    assert machine.get(f"/api/runs/{run}").status_code == 200
    assert machine.get("/api/cases").json()["total"] == 1
    assert machine.post(f"/api/runs/{run}/chat", json={"text": "hello"}).status_code == 403
    decision = {"decision": "approve", "revision": "r1"}
    address = f"/api/runs/{run}/gates/exception_release/decisions"
    assert machine.post(address, json=decision, headers={"Idempotency-Key": "machine-1"}).status_code == 403
    assert machine.get(f"/api/runs/{run}/evidence/update/raw").status_code == 403
    assert machine.post("/api/tokens", json={"name": "more", "scopes": ["decide"]}).status_code == 403
    listed = duty.get("/api/tokens").json()["tokens"]
    assert [t["name"] for t in listed] == ["reader"]
    assert token not in str(listed)
    assert intake.delete(f"/api/tokens/{listed[0]['id']}").status_code == 404
    assert duty.delete(f"/api/tokens/{listed[0]['id']}").status_code == 204
    assert machine.get(f"/api/runs/{run}").status_code == 401


def test_a_token_with_the_scope_decides_as_its_person(house: House, run: str, duty: Client) -> None:
    token = duty.post("/api/tokens", json={"name": "d", "scopes": ["decide"]}).json()["token"]
    answer = httpx.post(
        f"{house.base}/api/runs/{run}/gates/exception_release/decisions",
        json={"decision": "approve", "revision": "r1"},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "machine-2"},
        timeout=30,
    )
    assert answer.status_code == 201
    assert answer.json()["decision"]["by"] == "u-duty"


def test_links_are_for_demo_people_only(house: House) -> None:
    secrets = {"demo@house.example": fresh(), "real@house.example": fresh()}
    for email, secret in secrets.items():
        made = Account(f"acc_{email[:4]}", email, email, None, (), False, email.startswith("demo"))

        async def put(database: Database, made: Account = made, secret: str = secret) -> None:
            stored = await account_rows.put_account(database, made, wall())
            await account_rows.put_link(database, hashed(secret), stored.id, wall() + 60, wall())

        house.store(put)
    good = httpx.get(f"{house.base}/api/session/link/{secrets['demo@house.example']}")
    assert (good.status_code, good.headers["location"]) == (303, "/")
    assert "casegate" in good.cookies
    assert httpx.get(f"{house.base}/api/session/link/{secrets['real@house.example']}").status_code == 401
    assert httpx.get(f"{house.base}/api/session/link/unknown").status_code == 401


def test_the_cookie_is_host_bound_and_secure_where_http_is_not_loopback() -> None:
    from server.security.cookies import SessionCookie

    assert ServerSettings(host="127.0.0.1").plain_http
    assert not ServerSettings(host="0.0.0.0").plain_http
    assert not ServerSettings(host="127.0.0.1", public_url="https://cases.example").plain_http
    cookie = SessionCookie(plain_http=False)
    assert (cookie.name, cookie.secure) == ("__Host-casegate", True)


def test_every_answer_has_the_headers(house: House, intake: Client) -> None:
    for path in ("/", "/cases", "/api/me", "/api/none", "/api/health"):
        headers = intake.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-request-id"]
    assert intake.get("/api/me").headers["cache-control"] == "no-store"


# --- OpenID ------------------------------------------------------------------------------------------------------

ISSUER = "https://login.example"
SETTINGS = ServerSettings(
    oidc_issuer=ISSUER, oidc_client_id="casegate", oidc_client_secret="s", public_url="https://cases.example"
)
KEY = RSAKey.generate_key(2048, {"kid": "k1"})


def provider(router: respx.MockRouter, **claims: Any) -> None:
    described = {n: f"{ISSUER}/{n}" for n in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    router.get(f"{ISSUER}/.well-known/openid-configuration").respond(json={"issuer": ISSUER, **described})
    signed = {"iss": ISSUER, "aud": "casegate", "sub": "s-1", "exp": int(time.time()) + 60, **claims}
    token = jwt.encode({"alg": "RS256", "kid": "k1"}, signed, KEY)
    router.post(f"{ISSUER}/token_endpoint").respond(
        json={"access_token": "a", "token_type": "Bearer", "id_token": token}
    )
    router.get(f"{ISSUER}/jwks_uri").respond(json={"keys": [KEY.as_dict(private=False)]})


async def come_back(database: Database, claims: dict[str, Any], *, bound: str | None = None) -> Account:
    with respx.mock(assert_all_called=False) as router:
        provider(router)
        address, state = await oidc.begin(SETTINGS, database)
        asked = parse_qs(urlsplit(address).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["redirect_uri"] == ["https://cases.example/api/session/oidc/callback"]
        router.clear()
        provider(router, **{"nonce": asked["nonce"][0], **claims})
        return await oidc.finish(SETTINGS, database, state, state if bound is None else bound, "code")


MAIL = {"email": "ken@lumenary.example", "email_verified": True}


async def test_openid_binds_a_known_account_and_then_goes_by_the_subject(database: Database) -> None:
    made = Account("acc_ken", "ken@lumenary.example", "Ken Osei", None, (), False, False)
    await account_rows.put_account(database, made, wall())
    assert (await come_back(database, MAIL)).id == "acc_ken"
    assert (await come_back(database, {"email": "renamed@lumenary.example"})).id == "acc_ken"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": "ken@lumenary.example"},
        {"email": "ken@lumenary.example", "email_verified": "true"},
        {"email": "stranger@lumenary.example", "email_verified": True},
        {**MAIL, "nonce": "another"},
        {**MAIL, "aud": "another"},
        {**MAIL, "iss": "https://evil.example"},
        {**MAIL, "exp": 1},
    ],
)
async def test_openid_answers_that_let_nobody_in(database: Database, claims: dict[str, Any]) -> None:
    made = Account("acc_ken", "ken@lumenary.example", "Ken Osei", None, (), False, False)
    await account_rows.put_account(database, made, wall())
    with pytest.raises(NotSignedIn):
        await come_back(database, claims)


async def test_openid_state_is_of_this_browser_and_used_once(database: Database) -> None:
    with pytest.raises(NotSignedIn):
        await come_back(database, MAIL, bound="another browser")
    with respx.mock(assert_all_called=False) as router:
        provider(router)
        _, state = await oidc.begin(SETTINGS, database)
    assert await account_rows.take_state(database, hashed(state), wall()) is not None
    assert await account_rows.take_state(database, hashed(state), wall()) is None
