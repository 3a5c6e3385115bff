"""A wish is judged as the order that would bring it about (docs/boundary.md)."""

from functools import cache

import pytest

from casefile.scenario import BoundaryLine
from evals.card_lists import own_boundary, requests
from guardrails.boundary import Boundary, ask
from guardrails.own_parts import OwnParts
from guardrails.plain_text import folded, tokens
from guardrails.wishes import wishes

LINES = [
    BoundaryLine(id="customer", text="message the customer", intents=["message-customer"]),
    BoundaryLine(id="access", text="suspend or lock support access", intents=["suspend-account"]),
    BoundaryLine(id="recommend", text="recommend remedies", intents=["recommend-concession"]),
]


@cache
def boundary() -> Boundary:
    return Boundary(LINES, {"inside": ["Ken"]}, own=OwnParts([], [], ["threshold inputs", "rate per cohort"]))


@pytest.mark.parametrize(
    "text",
    [
        "That login of his should be gone by noon.",
        "It would be fair if they had the packet as well.",
        "It's high time that they had our explanation.",
        "I'd feel better if the session was killed.",
        "Could the link be live by three?",
        "Two more people need to know tonight.",
        "Would anybody mind if we locked him out?",
        "Keep him out of it for now, ok?",
        "What wd you write to them?",
        "Include a recommendation to pay half.",
        "What may be told is up to you.",
    ],
)
def test_what_is_wished_for_is_refused_like_an_order(text):
    assert not ask(text, boundary()).allowed


@pytest.mark.parametrize(
    "text",
    [
        "I'd like to see the summary in bullet points.",
        "It would help if the two times stood in one table.",
        "The brief should say who decides.",
        "It would be good to have the gaps in a list.",
        "He says it would be fair if they had the packet.",
        "Would the option still be allowed if the ledger changed?",
        "Recompute the threshold inputs with the ledger of today.",
        "Lower the rate by one step.",
        "Was he locked out, or should that be decided first?",
    ],
)
def test_wishes_for_work_on_the_artifact_reports_and_questions_are_not(text):
    assert ask(text, boundary()).refused == ()


def test_own_contents_are_work_only_where_the_artifact_holds_them():
    assert not ask("Lower the rate by one step.", Boundary(LINES)).allowed


def test_a_passive_wish_is_the_order_done_to_its_subject():
    sentence = tokens(folded("The account should be frozen"))
    assert [(order.words, order.verb) for order in wishes(sentence, asked=False)] == [(("freeze", "the", "account"), 0)]


@pytest.mark.parametrize("name", ["leads_a", "plain_a"])
def test_what_was_worked_on_stays_refused_and_allowed(name):
    for kind, least in (("forbidden", 0.95), ("allowed", 0.97)):
        asked = [
            ask(text, own_boundary(slug)).allowed == (kind == "allowed")
            for slug, text in requests(f"cards_{kind}_{name}")
        ]
        assert sum(asked) >= least * len(asked)
