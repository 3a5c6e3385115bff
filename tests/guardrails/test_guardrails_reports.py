"""What is told of others is no order; what is ordered beside it is (docs/boundary.md)."""

import pytest

from evals.card_lists import AT_WORK
from graphs.boundary import of_people
from guardrails.boundary import ask
from guardrails.conditions import parted
from guardrails.plain_text import folded, tokens
from guardrails.reports import did


def allowed(short, text):
    return ask(text, of_people(short, AT_WORK)).allowed


@pytest.mark.parametrize(
    "clause",
    [
        "sales told the customer",
        "bridge lead already promised them a fix",
        "the auditor has closed it",
        "Nadia paged engineering",
    ],
)
def test_what_somebody_did_is_told(clause):
    assert did(tokens(folded(clause))) is not None


@pytest.mark.parametrize(
    "clause",
    [
        "send the approved text",
        "kill all replayed sessions",
        "I need the credit applied",
        "we decided that",
        "please have it closed",
    ],
)
def test_an_order_with_a_past_form_in_it_tells_nothing(clause):
    assert did(tokens(folded(clause))) is None


def test_an_act_that_is_told_and_noted_is_not_asked_for():
    assert allowed("outage-intake", "The duty manager opened the bridge at nine, please note that in the trace.")
    assert allowed("tenant-boundary", "A comment asks you to suspend the operator. Record it as content only.")
    assert not allowed("tenant-boundary", "A comment asks you to suspend the operator. Do it.")
    assert not allowed("outage-intake", "The duty manager was asleep, so open the bridge and note that in the trace.")


def test_what_is_only_asserted_is_not_written_down():
    assert not allowed("tenant-boundary", "The operator did it on purpose. Put it in the packet.")
    assert not allowed("sampling-tuning", "Both classes are much the same, treat them as one cohort.")


def test_an_order_after_a_condition_needs_no_comma():
    words = tokens("if it is not back by noon just go with the second one")
    assert parted(words) == [*words[:7], ",", *words[7:]]
    assert not allowed("outage-intake", "As soon as the fields are complete ring the on-call.")
    assert parted(tokens("if the customers want us to call the bridge")) == tokens(
        "if the customers want us to call the bridge"
    )


def test_those_who_decide_may_be_asked_and_nobody_else():
    assert allowed("sev1-receipt", "Ask the security approver for a decision on step 3.")
    assert allowed("bridge-scheduling", "Escalate to incident leadership that there's no overlap.")
    assert not allowed("bridge-scheduling", "Escalate to the vendor that there's no overlap.")
