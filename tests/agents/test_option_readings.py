"""What option rankings read: a scope as yes, no or a number, times, moves, limits of use, overrides, regions."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from agents.labelled_places import Place
from agents.option_flags import flagged, kind_of, said_plainly
from agents.option_permission import groups_of, names_value
from agents.option_spec import FactSpec, RankingSpec, spec_of
from agents.precedent_fit import pending
from agents.quantities import Figure
from agents.records import Cell
from casefile.evidence import Evidence
from graphs import catalogue
from guardrails.plain_text import folded

ITEM = Evidence.model_construct(id="scope", file="scope.json", system="entitlement_record", sha256="sha256:" + "0" * 64)
NEAR = frozenset({"cluster", "region"})


@pytest.fixture(scope="module")
def spec() -> RankingSpec:
    return spec_of(catalogue.scenario("telemetry-options"))


@pytest.fixture(scope="module")
def scope(spec: RankingSpec) -> FactSpec:
    return spec.facts["tenancy_scope"]


def _place(label: str, value: str) -> Place:
    return Place(ITEM, label, value, Cell(value, "/x"))


@pytest.mark.parametrize(
    ("label", "value", "said"),
    [
        ("dedicated", "true", "dedicated"),
        ("cluster dedicated", "No", "shared"),
        ("is dedicated", "ja", "dedicated"),
        ("shared", "false", "dedicated"),
        ("multi tenant", "yes, since May", "shared"),
        ("shared infrastructure", "y", "shared"),
        ("tenants on cluster", "14", "shared"),
        ("tenants on the cluster", "1", "dedicated"),
        ("co tenants", "0", "dedicated"),
        ("neighbouring tenants", "3", "shared"),
        ("dedicated", "unknown", ""),
        ("dedicated support", "yes", ""),
        ("dedicated account manager", "true", ""),
        ("shared with customer", "true", ""),
        ("comments shared", "false", ""),
        ("tenants on cluster", "several", ""),
    ],
)
def test_a_yes_a_no_or_a_number_tells_the_scope_beside_labels_of_it_alone(
    scope: FactSpec, label: str, value: str, said: str
) -> None:
    assert flagged(_place(label, value), scope, NEAR) == said


def test_a_shared_alone_may_be_said_of_anything(scope: FactSpec) -> None:
    assert flagged(_place("shared", "false"), scope, frozenset({"shared", "subject"})) == ""


@pytest.mark.parametrize(
    ("text", "kind", "plain"),
    [
        ("dedicated cluster", "dedicated", True),
        ("single-tenant", "dedicated", True),
        ("auth-dedicated-7", "dedicated", False),
        ("auth-shared-2", "shared", True),
        ("dedicated, was shared until May", "", False),
        ("authn-eu-d4", "", False),
    ],
)
def test_a_name_proves_no_isolation_and_may_warn(scope: FactSpec, text: str, kind: str, plain: bool) -> None:
    assert (kind_of(scope, text), said_plainly(scope, text)) == (kind, plain)


@pytest.mark.parametrize(
    ("words", "happened"),
    [
        ("Migration to c-40 finished", True),
        ("last tenant move", True),
        ("Move of the tenant from the shared cluster to c-7 finished 20:30 UTC", True),
        ("The planned move of the tenant has finished", True),
        ("tenant was moved to the new cell", True),
        ("Move of the tenant to c-7 is planned for 16 May", False),
        ("next tenant move", False),
        ("Migration of the tenant was postponed", False),
        ("The tenant was not moved", False),
        ("Customer made no move to call back", False),
        ("Latency again, 06:05 to 07:40", False),
    ],
)
def test_a_move_counts_when_it_happened(spec: RankingSpec, words: str, happened: bool) -> None:
    test, said = spec.test("scope_fresh"), folded(words)
    assert (bool(re.search(test.after, said)) and not re.search(test.unless, said)) == happened


@pytest.mark.parametrize(
    ("label", "limits"),
    [
        ("verbose logging extension", {"logging_window"}),
        ("verbose logging extension per case", {"logging_window"}),
        ("verbose logging used per tenant and quarter", {"logging_uses"}),
        ("upload window", {"upload_window"}),
        ("upload windows used per tenant and quarter", {"upload_uses"}),
        ("upload windows per case", {"upload_uses"}),
        ("log retention cap", {"retention_cap"}),
        ("standard path continuations per case", {"path_uses"}),
        ("continuations of the standard path per case", {"path_uses"}),
        ("age of the usage counters, for every option", {"counter_age"}),
        ("age of scope evidence", {"scope_age"}),
        ("freshness of privacy evidence", {"scope_age"}),
        ("age of a precedent", set()),
        ("rounding at a limit", set()),
    ],
)
def test_a_row_of_the_matrix_is_one_limit(spec: RankingSpec, label: str, limits: set[str]) -> None:
    assert {name for name, limit in spec.limits.items() if re.search(limit.words, folded(label))} == limits


@pytest.mark.parametrize(
    ("column", "takes"),
    [
        ("cap", True),
        ("max hours", True),
        ("duration", True),
        ("hours to first data", False),
        ("time to result hours", False),
        ("retention cap", False),
    ],
)
def test_a_time_to_a_result_is_no_duration(spec: RankingSpec, column: str, takes: bool) -> None:
    assert spec.amount is not None
    assert any(re.search(name, column) for name in spec.amount.columns) == takes


@pytest.mark.parametrize(
    ("text", "value", "named"),
    [
        ("option 1; region IT; allowed no", "IT", True),
        ("Verbose logging: it is not allowed on weekends in region CH.", "IT", False),
        ("No verbose logging in region AT", "NO", False),
        ("blocked in all regions", "SE", True),
        ("uploads from eu-central-1 are not permitted", "eu-central-1", True),
        ("uploads from eu-central-12 are not permitted", "eu-central-1", False),
    ],
)
def test_a_code_of_two_letters_is_no_word(text: str, value: str, named: bool) -> None:
    assert names_value(text, value) == named


def test_a_region_belongs_to_its_groups(spec: RankingSpec) -> None:
    test = spec.test("region_permitted")
    assert groups_of(test, "SE") == ["EU", "EEA"]
    assert groups_of(test, "no") == ["EEA"]
    assert groups_of(test, "eu-west-1") == ["EU"]
    assert groups_of(test, "ZA") == []


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(1440, "24 hours"), (4320, "72 hours"), (20160, "14 days"), (60, "1 hour"), (90, "90 minutes"), (0, "0 minutes")],
)
def test_durations_are_told_as_people_say_them(minutes: int, told: str) -> None:
    figure = Figure(Decimal(minutes), "minutes", (), "[1]", "")
    assert (figure.told, figure.shown) == (told, f"{minutes} minutes")


@pytest.mark.parametrize(
    ("standing", "waits"),
    [
        ("to be confirmed", True),
        ("TBC", True),
        ("Sovereign (unconfirmed)", True),
        ("?", True),
        ("Premium Regulated", False),
        ("Standard", False),
        ("Open Access", False),
    ],
)
def test_a_tier_that_is_to_be_confirmed_is_neither_own_nor_other(standing: str, waits: bool) -> None:
    assert pending(standing) == waits


@pytest.mark.parametrize(
    ("short", "text", "kind"),
    [
        ("telemetry-options", "Können Sie einen Paketmitschnitt am Gateway machen?", "packet_capture"),
        ("telemetry-options", "Necesitamos una captura de tráfico más amplia.", "packet_capture"),
        ("telemetry-options", "une copie de la base de production nous aiderait", "database_snapshot"),
        ("telemetry-options", "Schicken Sie uns einen Datenbankabzug.", "database_snapshot"),
        ("telemetry-options", "vos ingénieurs pourraient déboguer chez nous", "debug_access"),
        ("telemetry-options", "let an engineer work directly on our system", "debug_access"),
        ("telemetry-options", "bitte auch die Daten anderer Mandanten; alle Mandanten", "cross_tenant"),
        ("telemetry-options", "and store the logs with no expiry", "indefinite_retention"),
        ("telemetry-options", "Die Protokolle sollen unbefristet bleiben.", "indefinite_retention"),
        ("telemetry-options", "gardez les journaux sans limite", "indefinite_retention"),
        ("credit-options", "Wir erwarten, dass Sie die Gebühren dauerhaft senken.", "rate_reduction"),
        ("credit-options", "une baisse des tarifs à partir de janvier", "rate_reduction"),
        ("credit-options", "vorremmo uno sconto permanente", "rate_reduction"),
        ("credit-options", "un descuento en todos los productos", "cross_product_rebate"),
        ("credit-options", "ein Rabatt auf sämtliche Produkte", "cross_product_rebate"),
        ("credit-options", "zwei Monate kostenlos wären angemessen", "free_term"),
        ("credit-options", "six mois de support gratuit", "free_term"),
        ("credit-options", "un ingénieur dédié à notre compte", "engineering_guarantee"),
    ],
)
def test_what_is_asked_for_is_known_in_other_languages(short: str, text: str, kind: str) -> None:
    asks = spec_of(catalogue.scenario(short)).asks
    assert kind in {ask.id for ask in asks if any(re.search(word, folded(text)) for word in ask.words)}


@pytest.mark.parametrize(
    ("short", "text"),
    [
        ("telemetry-options", "Die Protokolle von gestern liegen bei."),
        ("telemetry-options", "Notre ingénieur a regardé les temps de réponse."),
        ("telemetry-options", "The engineers met on Monday and looked at the graph."),
        ("credit-options", "Le support a répondu au bout de deux mois."),
        ("credit-options", "Der Preis war im Vertrag genannt."),
    ],
)
def test_what_only_tells_something_is_no_ask(short: str, text: str) -> None:
    asks = [ask for ask in spec_of(catalogue.scenario(short)).asks if ask.kind != "menu"]
    assert not {ask.id for ask in asks if any(re.search(word, folded(text)) for word in ask.words)}


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("customer wish list received, passed to oriane.", False),
        ("customer request was forwarded to the desk", False),
        ("customer requests a capture", True),
        ("customer wants in addition a copy", True),
    ],
)
def test_what_came_in_is_no_request_of_its_own(spec: RankingSpec, said: str, asked: bool) -> None:
    assert (re.search(spec.requested, said) is not None) is asked


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("please keep these logs until we say that you may delete them", "indefinite_retention"),
        ("store the logs with no deletion date", "indefinite_retention"),
        ("debug access to the hosts of the cluster", "infrastructure_debug"),
        ("keep us posted until we say otherwise", ""),
        ("keep the case open until they confirm", ""),
        ("the logs show no end of it", ""),
    ],
)
def test_an_ask_is_named_by_what_it_comes_to(spec: RankingSpec, said: str, kind: str) -> None:
    named = {one.id for one in spec.asks if any(re.search(word, said) for word in one.words)}
    assert kind in named if kind else not named & {"indefinite_retention", "infrastructure_debug"}
