"""`casegate account add`: what it makes can sign in, and what it refuses says why in one line."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from house import House

from server.cli import main

PASSWORD = "a long enough password"
PERSON = ["--tenant", "tn-a", "--person", "u-duty"]


def add(house: House, *arguments: str, given: str = PASSWORD) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["account", "add", *arguments, "--db", house.url], input=f"{given}\n")
    return done.exit_code, done.output


def test_an_account_signs_in_with_its_roles_until_it_is_disabled(house: House) -> None:
    made = add(house, "Ken@example.com", *PERSON, "--role", "duty_manager", "--global", "auditor", "--password")
    assert made == (0, "ken@example.com: ready\n")
    answer = httpx.post(f"{house.base}/api/session", json={"email": "ken@example.com", "password": PASSWORD})
    assert answer.status_code == 200
    me = answer.json()
    assert me["global_roles"] == ["auditor"]
    assert [(m["tenant"], m["person"], m["roles"]) for m in me["memberships"]] == [("tn-a", "u-duty", ["duty_manager"])]
    assert add(house, "ken@example.com", "--disable") == (0, "ken@example.com: disabled\n")
    assert httpx.get(f"{house.base}/api/me", cookies=dict(answer.cookies)).status_code == 401


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (["ken"], PASSWORD, "an e-mail address was expected"),
        (["ken@example.com", "--tenant", "tn-a"], PASSWORD, "both or neither"),
        (["ken@example.com", "--role", "duty_manager"], PASSWORD, "--tenant and --person"),
        (["ken@example.com", "--password"], "short", "at least 12 characters"),
    ],
)
def test_what_is_refused(house: House, arguments: list[str], given: str, said: str) -> None:
    code, output = add(house, *arguments, given=given)
    assert code == 2
    assert said in output
    assert len(output.strip().splitlines()) == 1


def test_a_person_of_a_tenant_is_one_account(house: House, tmp_path: Path) -> None:
    assert add(house, "ken@example.com", *PERSON)[0] == 0
    code, output = add(house, "ana@example.com", *PERSON)
    assert code == 2
    assert "another account" in output


@pytest.mark.parametrize("given", ["ken-osei-ken-osei", "Casegate2026", "password1234", "lumenary-lumenary1"])
def test_a_password_of_the_words_of_its_account_is_refused(house: House, given: str) -> None:
    code, output = add(house, "ken@lumenary.example", "--name", "Ken Osei", "--password", given=given)
    assert code == 2
    assert "not made of the account" in output


def test_a_new_password_ends_the_sessions_of_the_old_one(house: House) -> None:
    assert add(house, "ken@example.com", "--password")[0] == 0
    sent = {"email": "ken@example.com", "password": PASSWORD}
    session = dict(httpx.post(f"{house.base}/api/session", json=sent).cookies)
    assert httpx.get(f"{house.base}/api/me", cookies=session).status_code == 200
    assert add(house, "ken@example.com", "--password", given="quite another long one")[0] == 0
    assert httpx.get(f"{house.base}/api/me", cookies=session).status_code == 401
