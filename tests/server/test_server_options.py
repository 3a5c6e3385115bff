"""Gates that offer options, through the API: what is offered and why not, and that an approval says which it takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import Client, House, case_packet
from packets import TENANT

from runtime.store import tables as t
from runtime.store.database import Database

GATE = "local_recommendation_acceptance"


@pytest.fixture
def owner(house: House) -> Client:
    """The local owner, who answers the gate."""
    return house.sign_in("u-maya", ("premium_support_escalation_manager",), TENANT)


@pytest.fixture
def ranked(house: House, owner: Client, tmp_path: Path) -> str:
    """A ranking that waits: option 1 is above the cap."""
    packet = case_packet(
        tmp_path / "packet", "credit-options", "a-tenth-of-a-percent-above-the-cap", tenant={"id": TENANT, "name": "A"}
    )
    return house.open(packet, owner)


def test_the_gate_shows_its_options_with_the_reason_of_each_barred_one(ranked: str, owner: Client) -> None:
    shown = owner.get(f"/api/runs/{ranked}/gates/{GATE}").json()
    options = {one["id"]: one for one in shown["options"]}
    assert set(options) == {"option 1", "option 2", "option 3"}
    assert "blocked" in options["option 1"]["barred"]
    assert options["option 2"]["barred"] is None
    assert [one["id"] for one in shown["options"] if one["recommended"]] == ["option 2"]
    assert shown["choices"] == []


def test_an_approval_without_an_option_or_with_an_unknown_one_is_malformed(ranked: str, owner: Client) -> None:
    for n, named in enumerate(({}, {"choice": None}, {"choice": "option 4"}, {"choice": "Option 2"})):
        answer = owner.decide(ranked, GATE, f"malformed-{n}", **named)
        assert answer.status_code == 422, answer.text
        assert "one of option 2, option 3, option 1" in answer.text
    other = owner.decide(ranked, GATE, "by-action-01", choice="option 2", action="option 2")
    assert other.status_code == 422
    page = owner.get(f"/api/runs/{ranked}").json()
    assert page["approvals"] == []
    assert page["releases"] == []


def test_a_barred_option_is_refused_on_the_record_and_a_free_one_is_released_by_name(
    house: House, ranked: str, owner: Client
) -> None:
    barred = owner.decide(ranked, GATE, "take-barred-1", choice="option 1")
    assert barred.status_code == 409
    assert "blocked" in barred.json()["detail"]
    made = owner.decide(ranked, GATE, "take-free-001", choice="option 2")
    assert made.status_code == 201, made.text
    assert made.json()["decision"]["choice"] == "option 2"
    assert owner.decide(ranked, GATE, "take-free-001", choice="option 2").status_code == 201
    assert owner.decide(ranked, GATE, "take-free-001", choice="option 3").status_code == 422
    house.rest(TENANT, ranked)
    page = owner.get(f"/api/runs/{ranked}").json()
    assert [(a["state"], a["choice"]) for a in page["approvals"]] == [("refused", "option 1"), ("valid", "option 2")]
    assert len(page["releases"]) == 1


def test_a_rejection_or_a_return_names_no_option(ranked: str, owner: Client) -> None:
    answer = owner.decide(ranked, GATE, "return-it-001", decision="return", reason="ask finance")
    assert answer.status_code == 201, answer.text


SLOT = "slot_and_attendee_confirmation"


@pytest.fixture
def confirmer(house: House) -> Client:
    """The escalation manager, who confirms a slot."""
    return house.sign_in("u-esc", ("support_escalation_manager",), TENANT)


@pytest.fixture
def held(house: House, confirmer: Client, tmp_path: Path) -> str:
    """A bridge that waits, with a fallback beside its slot."""
    packet = case_packet(
        tmp_path / "bridge", "bridge-scheduling", "the-fallback-is-taken-by-name", tenant={"id": TENANT, "name": "A"}
    )
    return house.open(packet, confirmer)


def _forget_offers(house: House, run: str) -> None:
    """What a version that stored no options left behind."""

    async def forget(database: Database) -> None:
        await database.together(
            lambda connection: connection.execute(t.work.delete().where(t.work.c.run == run, t.work.c.name == "offers"))
        )

    house.store(forget)


def test_a_confirmation_may_name_its_slot_and_no_other(held: str, confirmer: Client) -> None:
    shown = confirmer.get(f"/api/runs/{held}/gates/{SLOT}").json()["options"]
    assert [(one["id"], one["recommended"]) for one in shown] == [
        ("2026-10-27T15:00:00Z", True),
        ("2026-10-27T15:30:00Z", False),
        ("2026-10-27T15:15:00Z", False),
    ]
    assert confirmer.decide(held, SLOT, "no-such-slot", choice="2026-10-27T16:00:00Z").status_code == 422
    made = confirmer.decide(held, SLOT, "its-own-slot", choice="2026-10-27T15:00:00Z")
    assert (made.status_code, made.json()["decision"]["choice"]) == (201, "2026-10-27T15:00:00Z")


def test_an_approval_that_names_no_slot_takes_the_one_of_its_revision(held: str, confirmer: Client) -> None:
    made = confirmer.decide(held, SLOT, "as-proposed-1")
    assert (made.status_code, made.json()["decision"]["choice"]) == (201, "2026-10-27T15:00:00Z")


def test_a_run_that_waited_since_before_options_were_stored_is_looked_at_again(
    house: House, held: str, confirmer: Client, ranked: str, owner: Client
) -> None:
    for run in (held, ranked):
        _forget_offers(house, run)
    made = confirmer.decide(held, SLOT, "named-anyway", choice="2026-10-27T15:00:00Z")
    assert (made.status_code, made.json()["decision"]["choice"]) == (201, "2026-10-27T15:00:00Z")
    assert owner.decide(ranked, GATE, "unknown-option", choice="option 4").status_code == 422
    assert owner.decide(ranked, GATE, "known-option-1", choice="option 2").status_code == 201
