"""Cancelling a chat turn: by its author or who answers gates, before it is answered, and never anything but chat."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from house import Client, House
from packets import TENANT

from graphs.nodes import people
from lineage.canonical import Json


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Answers that wait until the test lets them go."""
    import asyncio

    go, answer = threading.Event(), people._answer

    async def waiting(*given: object) -> Json:
        while not go.is_set():
            await asyncio.sleep(0.02)
        return await answer(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(people, "_answer", waiting)
    yield go
    go.set()


def asked(client: Client, run: str, text: str) -> str:
    answer = client.post(f"/api/runs/{run}/chat", json={"text": text})
    assert answer.status_code == 202, answer.text
    event: str = answer.json()["event"]
    return event


def cancel(client: Client, run: str, event: str) -> int:
    return client.post(f"/api/runs/{run}/chat/{event}/cancel").status_code


def kinds(client: Client, run: str) -> list[str]:
    return [turn["kind"] for turn in client.get(f"/api/runs/{run}/chat").json()["turns"] if turn["kind"] != "revised"]


def test_the_turn_at_work_and_a_turn_that_waits(
    house: House, run: str, intake: Client, duty: Client, slow: threading.Event
) -> None:
    first = asked(intake, run, "Which regions are affected?")
    second = asked(intake, run, "And since when?")
    third = asked(intake, run, "Who wrote that?")
    assert cancel(intake, run, second) == 202
    assert cancel(duty, run, first) == 202
    assert cancel(intake, run, second) == 409
    slow.set()
    house.rest(TENANT, run)
    assert sorted(kinds(intake, run)) == ["answered", "cancelled", "cancelled", "said", "said", "said"]
    turns = intake.get(f"/api/runs/{run}/chat").json()["turns"]
    assert [turn["by"] for turn in turns if turn["kind"] == "cancelled"] == ["u-intake", "u-duty"]
    assert cancel(intake, run, third) == 409
    assert intake.post(f"/api/runs/{run}/lineage/verify").json()["intact"]


def test_only_its_author_or_who_answers_gates(
    house: House, run: str, intake: Client, duty: Client, slow: threading.Event
) -> None:
    event = asked(duty, run, "Which regions are affected?")
    assert cancel(intake, run, event) == 403
    assert cancel(intake, run, "say:0123456789") == 404
    auditor = house.sign_in("x-audit", global_roles=("auditor",))
    assert cancel(auditor, run, event) == 403
    assert cancel(duty, run, "open") == 409
    slow.set()
    house.rest(TENANT, run)
    assert kinds(duty, run) == ["said", "answered"]
