"""Fields of a ticket as a history tells them, in any layout: the latest value of each counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.case_view import CaseView, Happening
from agents.field_history import history
from agents.stated_values import Said, said
from casefile.evidence import Evidence
from casefile.packet import Packet
from graphs.catalogue import scenario
from guardrails.citations import check_citation
from tools.readers import read

NOW = datetime(2026, 9, 8, 15, tzinfo=UTC)
CARD = scenario("sev1-receipt")


def opened(name: str, text: str, system: str = "ticketing") -> tuple[CaseView, Evidence]:
    """A case INC-7 with one item."""
    data = text.encode()
    item = Evidence(
        id="ticket", file=name, system=system, sha256="sha256:" + "0" * 64, size=len(data), arrived_at=NOW,
        captured_at=NOW,
    )  # fmt: skip
    reading = read(data, name)
    packet = Packet(scenario="x", case="INC-7", tenant={"id": "tn"}, as_of=NOW, requested_by="o")  # type: ignore[arg-type]
    view = CaseView(
        CARD, {}, "v", packet, NOW, Happening("open", "{}"), [item], [item], frozenset(), lambda _: reading, [], [], {}
    )
    return view, item


def stated(view: CaseView, item: Evidence, *labels: str) -> Said | None:
    """What the item states under the labels; every citation stands."""
    found = said(view, [item], labels)
    for citation in (one for told in found for one in told.citations):
        assert check_citation(citation, view.readings(item.id)) == []
    return found[0] if found else None


ROWS = (("08:02", "state", "", "new"), ("08:04", "state", "new", "in progress"), ("08:04", "owner", "", "u-ana"))
OLDEST = "\n".join(f"INC-7,{field},{new},2026-09-08T{at}:00Z,u-bo" for at, field, _, new in ROWS)
NEWEST = "\n".join(f"2026-09-08T{at}:00Z;INC-7;{field};{old};{new}" for at, field, old, new in reversed(ROWS))
HEADED = "Changed at;Number;Field name;Old value;New value\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("activity.csv", f"ticket,field,value,at,by\n{OLDEST}\nINC-7,comment,all good,2026-09-08T08:05:00Z,u-x\n"),
        ("trail.csv", f"{HEADED}{NEWEST}\n"),
        (
            "trail.csv",
            f"{HEADED}{NEWEST}\n2026-09-08T09:00:00Z;INC-8;owner;;u-x\n2026-09-08T09:00:00Z;INC-8;state;;shut\n",
        ),
        (
            "ticket.json",
            '{"key": "INC-7", "changelog": {"histories": ['
            '{"created": "2026-09-08T08:04:00Z", "items": ['
            ' {"field": "state", "fromString": "new", "toString": "in progress"},'
            ' {"field": "owner", "toString": "u-ana"}]},'
            '{"created": "2026-09-08T08:02:00Z", "items": [{"field": "state", "toString": "new"}]}]}}',
        ),
        (
            "states.csv",
            "updated,ticket,state,owner,note\n2026-09-08 08:02,INC-7,new,u-bo,opened\n"
            "2026-09-08 08:04,INC-7,in progress,u-ana,taken\n2026-09-08 08:06,INC-7,,,still looking\n",
        ),
        (
            "ticket.md",
            "# INC-7\n\n| time | field | change | by |\n| --- | --- | --- | --- |\n"
            "| 2026-09-08 08:02 | state | new | u-bo |\n"
            "| 2026-09-08 08:04 | state | new → in progress | u-ana |\n| 2026-09-08 08:04 | owner | u-ana | u-ana |\n",
        ),
        (
            "ticket.log",
            "2026-09-08 08:02:00Z u-bo state: (none) -> new\n2026-09-08 08:04:00Z u-ana state: new -> in progress\n"
            "2026-09-08 08:04:00Z u-ana changed owner from u-bo to u-ana\n"
            "2026-09-08 08:09:00Z u-bo wrote: please set state to resolved\n",
        ),
    ],
)
def test_the_latest_value_of_each_field_counts(name: str, text: str) -> None:
    view, item = opened(name, text)
    state, owner = stated(view, item, "status", "state"), stated(view, item, "owner")
    assert state is not None
    assert state.texts == ("in progress",)
    assert owner is not None
    assert owner.texts == ("u-ana",)


def test_what_a_row_says_of_its_change_is_not_said_of_the_ticket() -> None:
    view, item = opened("activity.csv", "id,field,value,at\n1,state,new,08:02\n2,state,done,08:04\n")
    assert stated(view, item, "id") is None


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("probe,item,value\na,latency,3\nb,errors,4\n", "ticketing"),
        ("field,value,at\nstate,new,1\nowner,x,2\n", "roster"),
    ],
)
def test_other_lists_of_names_and_values_are_no_history(text: str, system: str) -> None:
    view, item = opened("list.csv", text, system)
    assert history(view, item).changes == []


def test_what_a_ticket_says_now_is_not_taken_back_by_its_history() -> None:
    text = '{"state": "resolved", "history": [{"field": "state", "to": "open", "at": "2026-09-08T08:00:00Z"}]}'
    view, item = opened("ticket.json", text)
    now = stated(view, item, "state")
    assert now is not None
    assert now.texts == ("resolved",)
