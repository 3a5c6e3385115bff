"""Which sessions after a deactivation nothing explains."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from agents.axis import Record
from agents.compared import Account, Comparison, Session
from agents.trigger import later
from graphs import catalogue

GONE = datetime(2026, 11, 3, 17, 45, 30, tzinfo=UTC)
LOOP: Any = SimpleNamespace(scenario=catalogue.scenario("contractor-access"), now=GONE + timedelta(days=1))


def record(what: str, seconds: int) -> Record:
    return Record("log", f"line={seconds}", what, what, GONE + timedelta(seconds=seconds), "UTC", what)


def unexplained(revocation: tuple[str, int], begun: int, seen: int, state: str, token: str = "") -> bool:
    account = Account("u-7", deactivations=[record("deactivated", 0)], identity=[record(*revocation)])
    account.sessions.append(Session("s-1", record("start", begun), record("seen", seen), token=token, state=state))
    return bool(later(LOOP, Comparison([account])).sessions)


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("web_sessions.revoked", "revoked"),
        ("user.session.clear", "terminated by admin"),
        ("Revoke all sign-in sessions", "Revoked"),
        ("Sitzungen beendet", "widerrufen"),
    ],
)
def test_a_session_that_ends_with_the_recorded_revocation_is_explained(event: str, state: str) -> None:
    assert not unexplained((event, 3), -9000, 3, state)


@pytest.mark.parametrize(
    ("revocation", "begun", "seen", "state", "token"),
    [
        (("user.logout", 3), -9000, 3, "revoked", ""),
        (("web_sessions.revoked", 18_000), -9000, 18_000, "revoked", ""),  # it was open for five hours meanwhile
        (("web_sessions.revoked", 3), -9000, 40, "revoked", ""),
        (("web_sessions.revoked", 3), -9000, 3, "closed", ""),
        (("web_sessions.revoked", 3), 2, 3, "revoked", ""),  # it began after the deactivation
        (("web_sessions.revoked", 3), -9000, 3, "revoked", "lt-77"),
    ],
)
def test_any_other_session_after_it_is_not(
    revocation: tuple[str, int], begun: int, seen: int, state: str, token: str
) -> None:
    assert unexplained(revocation, begun, seen, state, token)


@pytest.mark.parametrize("left", [False, True])
def test_of_two_accounts_the_one_with_something_after_its_deactivation_comes_first(left: bool) -> None:
    quiet = Account("u-7", deactivations=[record("deactivated", 0)])
    loud = Account("u-8", deactivations=[record("deactivated", 60)], left=left)
    loud.attachments.append(record("PREVIEW", 7_260))
    comparison = Comparison([quiet, loud])
    found = later(LOOP, comparison)
    assert [account.id for account in comparison.accounts] == ["u-8", "u-7"]
    assert found.account_of(found.events[0]) is loud
    assert found.due("any_event")
