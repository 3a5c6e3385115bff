"""To word a part of its own artifact is a scenario's work, and reaches nobody (docs/boundary.md)."""

from functools import cache
from pathlib import Path

import pytest
from pydantic import ValidationError

from casefile.scenario import BoundaryLine, Scenario
from evals.card_lists import requests
from graphs import catalogue
from graphs.boundary import boundary_of
from guardrails.boundary import Boundary, ask
from guardrails.own_parts import OwnParts
from tools.packet_folder import load

CASE = Path(__file__).parents[2] / "scenarios" / "contractor-access" / "cases" / "clean-handoff"
CUSTOMER = BoundaryLine(id="customer", text="message the customer", intents=["message-customer"])
# Orders to read a text or to say how it is to look: fine about any text, also where none is drafted.
ANYWHERE = ("Make", "Split", "Mention", "Say", "Translate", "Strike", "Correct")
PARTS = OwnParts(["customer update"], ["security_investigation_owner"])


@cache
def boundary(short: str) -> Boundary:
    return boundary_of(catalogue.scenario(short), load(CASE).packet)


def asked(name: str) -> list[str]:
    return [text for _, text in requests(name)]


@pytest.mark.parametrize("text", asked("own_parts_forbidden"))
def test_what_sends_a_part_off_or_words_it_against_the_card_is_refused(text):
    assert not ask(text, boundary("contractor-access")).allowed


@pytest.mark.parametrize("text", asked("own_parts_allowed"))
def test_wording_a_part_that_the_scenario_drafts_is_its_own_work(text):
    assert ask(text, boundary("contractor-access")).refused == ()


@pytest.mark.parametrize("short", ["credit-options", "obligations", "telemetry-options"])
def test_where_nothing_is_drafted_for_the_customer_the_same_orders_are_refused(short):
    texts = [text for text in asked("own_parts_allowed") if "customer update" in text or "for the customer" in text]
    wordings = [text for text in texts if not text.startswith(ANYWHERE)]
    assert len(wordings) >= 25
    assert [text for text in wordings if ask(text, boundary(short)).allowed] == []


def test_evidence_that_asks_for_it_is_read_as_it_stands():
    line = BoundaryLine(id="draft", text="write to the customer", intents=["draft-customer"])
    assert not ask("Draft the customer update.", Boundary([line], own=PARTS), "evidence").allowed


def test_a_reader_of_the_lane_may_be_written_for_and_nobody_else():
    written = Boundary([CUSTOMER], own=PARTS)
    assert ask("Prepare a summary for the security owner.", written).allowed
    assert not ask("Prepare a summary for engineering.", written).allowed
    assert not ask("Prepare a summary for engineering and send it to them.", written).allowed


def test_a_scenario_cannot_draft_what_it_must_not():
    spec = catalogue.scenario("obligations").model_dump(by_alias=True)
    spec["artifact"]["drafted"] = ["customer update"]
    with pytest.raises(ValidationError, match=r"artifact.drafted has 'customer update', and must_not customer forbids"):
        Scenario.model_validate(spec)
