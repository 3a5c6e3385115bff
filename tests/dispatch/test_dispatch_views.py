"""Views of a dispatch: the queue view hides what the card says, and keeps what can be traced."""

from __future__ import annotations

import json
from typing import Any

import pytest
from running import CASES, run

from casefile.artifact import Artifact
from casefile.views import View, view_of
from graphs.catalogue import scenario
from guardrails.view_mask import masker

CASE = CASES / "packet-dispatch" / "cases" / "untriaged-draft-with-a-narrative-annex"
NAMES = {"tenants": ["Brightmoor Clinics"], "operators": ["k.ellery"]}


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """The artifact of a held run."""
    outcome = run(CASE, tmp_path_factory.mktemp("views"))
    given: dict[str, Any] = outcome["artifact"]
    for value in given["fields"].values():
        value["confidence"] = round(value["confidence"] * 100)
    parts = {name: given[name] for name in ("name", "fields", "sections", "registers")}
    return Artifact.model_validate(parts)


def _seen(artifact: Artifact, name: str) -> tuple[Artifact, str]:
    spec = scenario("packet-dispatch")
    view = spec.views[name]  # type: ignore[index]
    seen = view_of(artifact, view, masker(view.mask, spec.data["minimisation"], NAMES))
    return seen, json.dumps(seen.content(), ensure_ascii=False)


def test_the_queue_view_hides_tenant_narrative_and_quotes(artifact: Artifact) -> None:
    seen, text = _seen(artifact, "queue")
    for hidden in ("Brightmoor", "network", "tn-brightmoor", "sess-60112", "LOGIN-9917", "roaming"):
        assert hidden not in text
    assert set(seen.fields) >= {"packet_id", "packet_revision", "queue_id", "dispatch_status"}
    assert "tenant_scope" not in seen.fields
    assert [section.id for section in seen.sections] == ["manifest", "holds"]


def test_the_queue_view_shows_holds_and_never_a_ready_state(artifact: Artifact) -> None:
    seen, _ = _seen(artifact, "queue")
    assert seen.fields["dispatch_status"].value == "held"
    assert {item["kind"] for item in seen.registers["holds"]} == {"minimisation", "approval"}


def test_the_queue_view_keeps_references_without_their_words(artifact: Artifact) -> None:
    seen, _ = _seen(artifact, "queue")
    cited = seen.fields["packet_id"].citations[0]
    assert (cited.evidence, cited.locator, cited.quote) == ("packet", "/packet_id", "")
    assert cited.sha256 == artifact.fields["packet_id"].citations[0].sha256


def test_the_main_view_is_the_whole_artifact(artifact: Artifact) -> None:
    seen, _ = _seen(artifact, "main")
    assert seen.fields.keys() == artifact.fields.keys()
    assert [section.id for section in seen.sections] == [section.id for section in artifact.sections]


def test_the_annex_view_has_records_and_no_chronology(artifact: Artifact) -> None:
    _, text = _seen(artifact, "annex")
    assert "sess-60112" in text
    assert "second" not in text
    assert "Brightmoor" not in text


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Brightmoor Clinics was affected", "tenant name"),
        ("seen by k.ellery at 07:58", "operator id"),
        ("operator_id: OP-77", "operator id"),
        ("write to ops@clinic.example", "operator id"),
        ("the customer told us that nobody was on call", "narrative"),
        ("Authorization: Bearer abcdefgh12345678", "token metadata"),
        ("token id: 9f8e7d6c", "token metadata"),
        ("through /srv/jump/keys/a.pem", "path specifics"),
        ("on bastion-4.internal", "path specifics"),
    ],
)
def test_each_category_is_hidden_by_its_own_mask(text: str, category: str) -> None:
    known = scenario("packet-dispatch").data["minimisation"]
    assert masker([category], known, NAMES)(text) != text


@pytest.mark.parametrize("text", ["Records R1 to R5 by record id; operator OR-71; scope TR-14.", "bg-4417, SI-20422"])
def test_references_are_no_detail(text: str) -> None:
    spec = scenario("packet-dispatch")
    assert masker(spec.views["queue"].mask, spec.data["minimisation"], NAMES)(text) == text


def test_an_unknown_category_hides_everything(artifact: Artifact) -> None:
    seen = view_of(artifact, View(fields=["*"], mask=["what"]), masker(["what"], {}, {}))
    assert seen.fields["packet_id"].value == "[left out]"
