import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pace import bare, spent

from casefile.evidence import Span
from guardrails.finding import Finding
from guardrails.secret_patterns import _RULES, Rule, present
from guardrails.secrets import MASK, find_secrets, find_secrets_in_lines, mask

# Put together from parts, so that no scanner takes this file for a leak.
JWT = "eyJhbGciOiJSUzI1NiJ9" + ".eyJzdWIiOiJtYXJlayIsImV4cCI6MX0" + ".c2lnbmF0dXJlLXBhcnQtMTIz"
AWS = "AKIA" + "Q3EGHY7ZLMNOP2RS"
GITHUB = "ghp_" + "a1B2" * 9
SLACK = "xoxb" + "-123456789012-abcdefABCDEF0123"
STRIPE = "sk_live" + "_4eC39HqLyjWDarjtT1zdp7dc"
GOOGLE = "AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"
AZURE = "AccountKey=" + "Zm9vYmFyYmF6" * 7 + "cXV4=="
PEM = "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEpAIBAAKCAQEA\nq83vASNF\n-----END RSA PRIVATE " + "KEY-----"
SAML = "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm46b2FzaXM6bmFtZXM" * 2

SECRETS = {
    f"token {JWT} rejected": JWT,
    f"Authorization: Bearer {JWT}": JWT,
    "authorization: Basic bWFyZWs6aHVudGVyMg==": "bWFyZWs6aHVudGVyMg",
    "curl -H 'Authorization: Bearer 9f8e7d6c5b4a39281706'": "9f8e7d6c5b4a39281706",
    "password = hunter2!": "hunter2!",
    "db_password: Tr0ub4dor&3": "Tr0ub4dor",
    "password=correcthorse": "correcthorse",
    'client_secret: "8Q~abcDEFghiJKL"': "8Q~abcDEFghiJKL",
    "Passwort: Sommer2026": "Sommer2026",
    "the password is Winter-2026, please rotate": "Winter-2026",
    f"aws key {AWS} in the dump": AWS,
    f"git clone with {GITHUB}": GITHUB,
    f"slack {SLACK}": SLACK,
    f"billing uses {STRIPE} now": STRIPE,
    f"maps {GOOGLE}": GOOGLE,
    f"DefaultEndpointsProtocol=https;{AZURE}": "Zm9vYmFyYmF6",
    "postgres://app:s3cr3tpw@db.internal:5432/prod": "s3cr3tpw",
    "amqps://svc:p4ss-w0rd@mq.example/vh": "p4ss-w0rd",
    "Server=db;Database=x;User Id=sa;Password=P@ssw0rd1;": "P@ssw0rd1",
    "Cookie: JSESSIONID=1A530637289A03B07199A44E8D531427; lang=en": "1A530637289A03B07199A44E8D531427",
    "set-cookie: sid=s%3AabcDEF123456.zzz; Path=/; HttpOnly": "abcDEF123456",
    "GET /cb?code=4/0AX4XfWh9Qk2sample77&state=x": "4/0AX4XfWh9Qk2sample77",
    f"https://idp.example/sso?SAMLRequest={SAML}": SAML,
    "https://x.example/files?sig=abc123DEF456ghi789": "abc123DEF456ghi789",
    PEM: "MIIEpAIBAAKCAQEA",
    "x-api-key: 7f3c9a1e-77aa-4d2b": "7f3c9a1e",
    "SAMLResponse=" + SAML: SAML,
    "sid=9f3c1e77aa4b4d0e8f21c0ffee5512ab": "9f3c1e77aa4b4d0e8f21c0ffee5512ab",
    "Recovery step: use bypass code QX-4471-ZULU-09 on the page.": "QX-4471-ZULU-09",
    "<p>Session token: <code>bgt_live_FAKE9Qx71LmTz0sVdR3kPwYb</code></p>": "bgt_live_FAKE9Qx71LmTz0sVdR3kPwYb",
    "[conf{tgt=erp.int,cred=qx1~7hP0zV-FAKE-uN3kLw9sD2bT~e5": "qx1~7hP0zV",
}

# Told in words, as people write to one another: no sign stands before the value.
WORDS = "Kauri-" + "Bridge-71!"
TOLD = [
    f"console for those who need it, user dbg, password {WORDS}",
    f"the password for the replica console is {WORDS}",
    f"password for dbg: {WORDS}",
    f"the password (for dbg) {WORDS}",
    f"the root password was changed to {WORDS} yesterday",
    f"new password is now {WORDS}",
    f"password -> {WORDS}",
    f"password → `{WORDS}`",
    f"password ({WORDS})",
    f"Password | {WORDS}",
    f"pw {WORDS}",
    f"PW: {WORDS}",
    f"user dbg pass {WORDS}",
    f"{WORDS} is the new password",
    f"sign in as dbg with {WORDS} as the password",
    f"use dbg / {WORDS} to log in",
    f"credentials: dbg / {WORDS}",
    f"creds are dbg {WORDS}",
    f"the login for the replica is dbg / {WORDS}",
    f"user dbg with {WORDS}",
    f"I set it to {WORDS} (password for dbg)",
    f"the admin pass has been reset, it's now {WORDS}",
    f"PGPASSWORD={WORDS} psql",
    f"adminPassword: {WORDS}",
    f"pass-word: {WORDS}",
    f"Das Passwort lautet {WORDS}",
    f"le mot de passe est {WORDS}",
    f"la contraseña es {WORDS}",
    f"wachtwoord {WORDS}",
    f"senha: {WORDS}",
    f"lösenord {WORDS}",
    f"sshpass -p {WORDS} ssh dbg@replica",
    f"curl -u dbg:{WORDS} https://replica.example",
    f"restore --password {WORDS} --all",
]
TOLD_PLAIN = {
    "pwd winter2026": "winter2026",
    "admin password Sommer2026 works on the replica": "Sommer2026",
    "temp pass 8Kd-2kfp": "8Kd-2kfp",
    "user dbg, password harbour": "harbour",
    "the password for cal-adm-1 is blue-river-42": "blue-river-42",
    "api key 9f8a7b6c5d4e3f2a1b0c": "9f8a7b6c5d4e3f2a1b0c",
    "presented token bgtQ9f2LxT7vM0aZ4kW81u at 07:58": "bgtQ9f2LxT7vM0aZ4kW81u",
}

HARMLESS = [
    "the password policy v12 applies to cal-adm-1",
    "password hash SHA-256, salted",
    "password reset INC-4451 closed",
    "password reset,resolved,2647af1c65605464234c8ab9",
    "the password expired on 2026-10-06T03:10:00Z",
    "Password minimum length 12",
    "reset password cal-adm-1 ok",
    "user cal-adm-1 password reset",
    "user anna, password expired.",
    "password sign-in 88% failed",
    "password grant OAuth2.0",
    "password spray (T1110.003)",
    "the password is in vault-EU/17",
    "password stored in vault KV-2/replica",
    "password reset for j.doe2@example.com",
    "password for AcmeEU-2 tenant expired",
    "the token TK-4411 was revoked",
    "token exchange RFC8693",
    "first pass 2026-10-06, pass rate 98.5%",
    "credentials CVE-2026-1234",
    "login at 03:10Z, sign-in ok 200",
    "First failed login: 7 April 2026 09:40 NZST (UTC+12)",
    "user Ana Prieto & Sons2 account A&B2 opened",
    'secret: "rotated 3 times in May!"',
    "account ACC-40716 / tenant tn-halvorsen-eu",
    "authorization: DA-5401",
    '{"session_id": "CS-77245", "event": "config.read"}',
    "Authorization: [REDACTED]",
    "authorization: <redacted>",
    "Cookie: ***",
    "password: ********",
    "password=<your password>",
    "password: ${DB_PASSWORD}",
    "token=REDACTED&code=[REDACTED]",
    "https://idp.halvorsen.example/sso?SAMLRequest=[REDACTED]",
    "https://idp.example/sso?code=500&error=invalid_token",
    "Password login for break-glass users still works.",
    "password: must be reset by the user",
    "The password is expired for three users",
    "Please send the secret by another way.",
    "session token missing for the key hour",
    "key: value",
    "Authorization is required for this page",
    "basic authentication is off, bearer tokens are used",
    "The access key: rotated",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "2026-04-18T06:12:00Z 3f2504e0-4f89-11d3-9a0c-0305e82c3301 login failed",
    "tenant tn-halvorsen-eu order 4711-2026 version 8.14.2",
    "trace=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7",
    "http://login.halvorsen.example:8443/path@v1",
    "mailto:ingrid.solheim@halvorsen.example",
    "API keys and SCIM are not affected",
    "cookies: none",
    "session_id: null",
    "set-cookie: ",
    "region APACREGIONAL is fine",
    "public key fingerprint",
    "user asked to reset the password",
]


@pytest.mark.parametrize("text", SECRETS)
def test_secret_is_found_and_nothing_of_it_is_left(text):
    secret = SECRETS[text]
    found = find_secrets([Span("line=1", text, "line")], "har")
    assert [(f.rule, f.place) for f in found] == [("secret", "har line=1")]
    assert MASK in mask(text)
    assert secret not in mask(text)
    assert secret not in repr(found)
    assert secret[:6] not in mask(text)


@pytest.mark.parametrize(("text", "secret"), [*((text, WORDS) for text in TOLD), *TOLD_PLAIN.items()])
def test_a_password_told_in_words_is_found_and_nothing_of_it_is_left(text, secret):
    assert [f.rule for f in find_secrets([Span("line=1", text, "line")])] == ["secret"]
    assert MASK in mask(text)
    assert not set(secret.rstrip("!").split("-")) & set(mask(text).replace("-", " ").split())
    assert secret not in mask(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_placeholders_and_prose_are_no_secrets(text):
    assert find_secrets([Span("line=1", text, "line")]) == []
    assert mask(text) == text


def _har(name: str, value: str, where: str = "headers") -> list[Span]:
    base = f"/log/entries/0/request/{where}/0"
    return [Span(f"{base}/name", name, "leaf", "name"), Span(f"{base}/value", value, "leaf", "value")]


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("authorization", "Bearer 81ae77c0ffee", "headers"),
        ("Cookie", "sid=8fd2a7b19c; theme=dark", "headers"),
        ("Set-Cookie", "session=ab12cd34ef56; HttpOnly", "headers"),
        ("X-Api-Key", "k-8812-aa", "headers"),
        ("SAMLResponse", SAML, "postData/params"),
        ("code", "4/0AX4XfWh9Qk2sample77", "queryString"),
        ("preference", "abc123", "cookies"),
    ],
)
def test_har_members_are_read_with_their_names(name, value, where):
    found = find_secrets(_har(name, value, where), "har")
    assert [f.place for f in found] == [f"har /log/entries/0/request/{where}/0/value"]
    assert value not in repr(found)


@pytest.mark.parametrize("value", ["[REDACTED]", "***", "<redacted>", "REDACTED", "", "Bearer [REDACTED]"])
@pytest.mark.parametrize("name", ["authorization", "cookie", "set-cookie", "x-api-key", "SAMLResponse"])
def test_sanitized_har_members_are_clean(name, value):
    assert find_secrets(_har(name, value)) == []
    assert find_secrets(_har(name, value, "cookies")) == []


def test_other_har_members_are_clean():
    assert find_secrets(_har("accept", "text/html")) == []
    assert find_secrets(_har("code", "invalid_grant", "queryString")) == []


def test_labelled_values_of_tables_and_documents():
    spans = [
        Span("row=2,col=api_key", "k-8812aa", "cell", "api_key", "k-8812aa"),
        Span("/client_secret", "opensesame", "leaf", "client_secret", "opensesame"),
        Span("/token_type", "Bearer", "leaf", "token_type", "Bearer"),
        Span("/password_policy", "twelve characters", "leaf", "password_policy", "twelve characters"),
        Span("row=2,col=authorization", "DA-5401", "cell", "authorization", "DA-5401"),
        Span("/account_key", "ACC-40716", "leaf", "account_key", "ACC-40716"),
        Span("/session_id", "CS-77245", "leaf", "session_id", "CS-77245"),
        Span("/has_token", "true", "leaf", "has_token", "true"),
    ]
    assert [f.place for f in find_secrets(spans, "e")] == ["e row=2,col=api_key", "e /client_secret"]


def test_lines_name_their_number():
    lines = ["all fine", *PEM.split("\n"), "password = hunter2!"]
    assert [f.place for f in find_secrets_in_lines(lines, "log")] == ["log line=2", "log line=6"]


def test_a_key_body_without_its_head_is_masked():
    body = "q83vASNFZ4mrze8BI0Vniavze" * 3
    assert mask(f"above\n{body[:64]}\nbelow") == f"above\n{MASK}\nbelow"


@given(st.text(max_size=200))
def test_masking_twice_changes_nothing_more(text):
    assert mask(mask(text)) == mask(text)


def test_half_a_million_log_lines_at_its_pace():
    line = "2026-04-18T06:{:02d}:{:02d}.004Z INFO gw-eu-2 request id=3f2504e0-4f89-11d3-9a0c-{:012d} status=200"
    lines = [line.format(i % 60, i % 59, i) for i in range(500_000)]
    lines[123_456] = f"2026-04-18T06:12:00Z WARN upstream said Authorization: Bearer {JWT}"
    found: list[Finding] = []
    taken = spent(lambda: found.extend(find_secrets_in_lines(lines, "log")))
    assert [f.place for f in found] == ["log line=123457"]
    assert taken < 1.6 * bare(lines)


def test_importing_the_check_imports_no_scanner():
    code = "import sys, guardrails.secrets as s; s.mask('plain'); print('detect_secrets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


DRAWN = "7Hq2ZrV9xKe4MnT0sYpLw8Cu3DfGj6Ba"


@pytest.mark.parametrize(
    "text",
    [
        f"Session token as presented at 15:12:20 UTC: bgst-live-{DRAWN} (still accepted when this was copied).",
        f"It called with vend-prod-{DRAWN} all night",
        f"Here is the API key that they use on staging -> {DRAWN}",
        f"tokens seen: {DRAWN}",
        f"The refresh token ({DRAWN}) was replayed",
    ],
)
def test_a_drawn_string_near_what_it_is_called_is_masked(text: str) -> None:
    assert [f.rule for f in find_secrets([Span("line=1", text, "line")])] == ["secret"]
    assert DRAWN not in mask(text)
    assert DRAWN[:8] not in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "token validation failed in SessionTokenValidatorV2Filter",
        "The key host is web-prod-eu1-frontend-cluster01 in the west",
        "token digest sha256:9c65f97b2fc01dcbb8e6f2ec0df3b9886e575a2b",
        "key document ENT-2026-0417-BREAKGLASS-REVIEW",
        "The token of session 6f1c2a94-33b0-4f77-9d21-0a3c5be81f10 was replayed",
    ],
)
def test_a_name_near_a_token_is_none(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    "rule", [rule for rule in _RULES if any(isinstance(one, str) for one in rule.triggers)], ids=lambda rule: rule.kind
)
def test_no_gate_keeps_a_trigger_from_being_seen(rule: Rule) -> None:
    for trigger in rule.triggers:
        if isinstance(trigger, str):
            assert rule in present(f"there {trigger} stands")
