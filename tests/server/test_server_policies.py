"""The policy set of an organisation: checked, tried on waiting runs, put in force by two, and alone what counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from acted import TENANT, Acting, acting
from house import Client
from packets import read_packet, write_packet
from sev1_packet import action, script
from sev1_packet import write_packet as write_incident

POLICIES = f"/api/admin/{TENANT}/policies"
AT = f"{POLICIES}/sev1-receipt"
WHY = {"reason": "the auditors asked for it"}
# The action of the packet is of high risk and stands in production by default.
KEPT = {"policy_set": "kept here", "change_window": "not asked for", "security_systems": "flags"}


def incident(folder: Path, case: str, **changes: Any) -> Path:
    """An incident that brings a policy of its own: two approvers, no security approver."""
    packet = write_incident(folder, actions=[action(production=True)], stub=script(), timeline=[])
    write_packet(packet, {**read_packet(packet), "case": case, **changes})
    return packet


@pytest.fixture
def at(sqlite_url: str, tmp_path: Path) -> Iterator[Acting]:
    with acting(tmp_path / "here", sqlite_url, script()["rules"]) as here:
        yield here


@pytest.fixture
def admins(at: Acting) -> tuple[Client, Client]:
    """Two admins of the tenant."""
    first, second = (at.house.sign_in(name, tenant=TENANT, global_roles=("admin",)) for name in ("x-ada", "x-bea"))
    return first, second


def in_force(admins: tuple[Client, Client], values: dict[str, Any]) -> int:
    """Propose by one, put in force by the other; the version."""
    made = admins[0].post(f"{AT}/versions", json={"values": values, **WHY})
    assert made.status_code == 201, made.text
    number: int = made.json()["version"]
    put = admins[1].post(f"{AT}/versions/{number}/activation", json=WHY)
    assert put.json() == {"active": number}, put.text
    return number


def test_the_form_has_the_rules_of_the_scenario_with_their_ranges(admins: tuple[Client, Client]) -> None:
    listed = admins[0].get(POLICIES).json()["scenarios"]
    assert [(one["scenario"], one["active"], one["own"]) for one in listed] == [("sev1-receipt", 0, 0)]
    page = admins[0].get(AT).json()
    fields = {one["name"]: one for one in page["fields"]}
    assert fields["policy_set"]["value"] == "each case brings its own"
    assert fields["emergency_approvers"]["minimum"] == 0
    assert "change confirmation" in fields["required_evidence_sev1"]["options"]
    assert admins[0].get(f"{POLICIES}/outage-intake").status_code == 404


@pytest.mark.parametrize(
    ("values", "place", "expected"),
    [
        ({"policy_set": "yes"}, "policy_set", "kept here"),
        ({**KEPT, "second_approver": "nobody"}, "second_approver", "risk high and above"),
        (
            {**KEPT, "required_evidence_sev1": "ticket state, a feeling"},
            "required_evidence_sev1",
            "change confirmation",
        ),
        ({**KEPT, "required_evidence_sev2": ""}, "required_evidence_sev2", "1 or more"),
        ({**KEPT, "security_systems": ",".join(map(str, range(101)))}, "security_systems", "from 0 to 100"),
        ({**KEPT, "emergency_approvers": ["the_boss"]}, "emergency_approvers", "security_approver"),
        ({**KEPT, "none": 1}, "none", "unknown"),
        ({"second_approver": "every change"}, "policy_set", "“kept here”"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    admins: tuple[Client, Client], values: dict[str, Any], place: str, expected: str
) -> None:
    for path in ("preview", "versions"):
        body = {"values": values} | ({} if path == "preview" else WHY)
        refused = admins[0].post(f"{AT}/{path}", json=body)
        assert refused.status_code == 422, refused.text
        (fault,) = refused.json()["faults"]
        assert fault["place"] == f"body.values.{place}"
        assert expected in fault["expected"]
        assert "\n" not in fault["expected"]


def test_it_is_tried_on_waiting_runs_and_writes_nothing(
    at: Acting, admins: tuple[Client, Client], tmp_path: Path
) -> None:
    run, _ = at.open(incident(tmp_path / "p", "INC-1"))
    assert at.view(run)["waiting_on"][0]["gate"] == "action_approval"
    at.approve(run, "action_approval", "c", action="a1")
    before = at.view(run)
    tried = admins[0].post(f"{AT}/preview", json={"values": KEPT}).json()
    assert (tried["looked"], tried["waiting"]) == (1, 1)
    (effect,) = tried["effects"]
    assert effect["case"] == "INC-1"
    assert "waiting: second_approval → waiting: action_approval" in effect["changes"]
    assert "no longer counts: action_approval by c" in effect["changes"]
    assert any("Policy results per action" in one for one in effect["changes"]), effect["changes"]
    windowed = admins[0].post(f"{AT}/preview", json={"values": {**KEPT, "change_window": "asked for"}}).json()
    assert "waiting: second_approval → resting: blocked_by_policy" in windowed["effects"][0]["changes"]
    assert admins[0].post(f"{AT}/preview", json={"values": {}}).json()["effects"] == []
    assert {**at.view(run), "now": ""} == {**before, "now": ""}, "a preview writes nothing"
    assert at.asked("POST") == at.asked("GET") == []


def test_it_is_put_in_force_by_two_and_alone_counts_in_later_cases(
    at: Acting, admins: tuple[Client, Client], tmp_path: Path
) -> None:
    before, _ = at.open(incident(tmp_path / "before", "INC-1"))
    made = admins[0].post(f"{AT}/versions", json={"values": KEPT, **WHY})
    assert admins[0].post(f"{AT}/versions/1/activation", json=WHY).status_code == 403
    assert made.json() == {"version": 1}
    assert admins[1].post(f"{AT}/versions/1/activation", json=WHY).json() == {"active": 1}

    later = incident(tmp_path / "later", "INC-2")
    run, notes = at.open(later)
    assert notes[-1] == "policies: the organisation's own policy set counts in this case; policy.json does not"
    view = at.view(run)
    whole = orjson.dumps(view).decode()
    assert "security-approval v1" in whole
    assert "not used; the organisation's own policy set 1 counts" in whole
    at.approve(run, "action_approval", "c", action="a1")
    at.approve(run, "second_approval", "s", action="a1")
    assert at.asked("POST") == [], "the organisation's set asks for a security approver, whatever the file says"
    assert at.view(before)["artifact"]["sha256"] != view["artifact"]["sha256"]
    assert "security-approval" not in orjson.dumps(at.view(before)).decode()
    items = {one["id"]: one for one in at.people["l"].get(f"/api/runs/{run}/evidence").json()["items"]}
    assert items["organisation-policy-set"]["rank"] == 1

    # The same packet again is the same run, and keeps what it was started with, whatever came into force since.
    in_force(admins, {**KEPT, "security_systems": ""})
    again = at.people["o"].post("/api/cases", files=[("files", (f.name, f.read_bytes())) for f in later.iterdir()])
    assert (again.json()["run"], again.json()["existed"]) == (run, True)
    at.house.rest(TENANT, run)
    assert "security-approval v1" in orjson.dumps(at.view(run)).decode()


def test_nothing_in_a_case_takes_its_place(at: Acting, admins: tuple[Client, Client], tmp_path: Path) -> None:
    in_force(admins, KEPT)
    packet = incident(tmp_path / "p", "INC-1")
    told = read_packet(packet)
    sources = [{**one, "id": "organisation-policy-set"} if one["id"] == "policy" else one for one in told["sources"]]
    write_packet(packet, {**told, "sources": sources})
    files = [("files", (one.name, one.read_bytes())) for one in packet.iterdir()]
    refused = at.people["o"].post("/api/cases", files=files)
    assert (refused.status_code, "organisation's own" in refused.text) == (422, True)

    run, _ = at.open(incident(tmp_path / "q", "INC-2"))
    lax = orjson.dumps({"policy set": "lax", "version": "9", "controls": [{"id": "S", "name": "separation of duties"}]})
    for given in ({"id": "organisation-policy-set-2"}, {"replaces": "organisation-policy-set"}):
        answer = at.people["o"].post(
            f"/api/runs/{run}/evidence",
            files=[("files", ("organisation-policy-set.json", lax))],
            data={"system": "policy_set", **given},
        )
        assert answer.status_code == 422, answer.text
    added = at.people["o"].post(
        f"/api/runs/{run}/evidence",
        files=[("files", ("organisation-policy-set.json", lax))],
        data={"system": "policy_set"},
    )
    assert added.status_code == 202, added.text
    assert added.json()["id"] == "file-organisation-policy-set"
    at.house.rest(TENANT, run)
    assert "security-approval v1" in orjson.dumps(at.view(run)).decode()


def test_it_goes_back_as_a_proposal_and_ends_as_one(at: Acting, admins: tuple[Client, Client], tmp_path: Path) -> None:
    in_force(admins, KEPT)
    in_force(admins, {**KEPT, "second_approver": "every change"})
    alone = admins[1].post(f"{AT}/versions/1/activation", json=WHY)
    assert alone.status_code == 409
    assert in_force(admins, KEPT) == 3
    assert in_force(admins, {}) == 4
    run, _ = at.open(incident(tmp_path / "p", "INC-1"))
    whole = orjson.dumps(at.view(run)).decode()
    assert "organisation-policy-set" not in whole
    assert "second_approval" in whole or "S: needs approval" in whole
    kinds = [one["kind"] for one in admins[0].get(f"/api/admin/{TENANT}/audit").json()["entries"]]
    assert kinds == ["policies_proposed", "policies_activated"] * 4
