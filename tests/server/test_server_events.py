"""Live events: everything once, in order, after a break and after a restart, for many readers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import orjson
import pytest
from house import Client, House, live_packet
from packets import TENANT


class Reader:
    """Reads a stream in a thread, as a browser does: it remembers the last id."""

    def __init__(self, client: Client, run: str, last: str | None = None, after: int | None = None) -> None:
        self.ids: list[int] = []
        self.events: list[tuple[str, dict[str, object]]] = []
        self.status = 0
        self._headers = {"Last-Event-ID": last} if last is not None else {}
        self._address = f"/api/runs/{run}/events" + (f"?after={after}" if after is not None else "")
        self._client = httpx.Client(base_url=client.base_url, cookies=client.cookies, timeout=30)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        kind, place = "", None
        try:
            with self._client.stream("GET", self._address, headers=self._headers) as answer:
                self.status = answer.status_code
                for line in answer.iter_lines():
                    name, _, value = line.partition(": ")
                    if name == "id":
                        place = int(value)
                    elif name == "event":
                        kind = value
                    elif name == "data":
                        self.events.append((kind, orjson.loads(value)))
                        self.ids += [place] if kind == "lineage" and place is not None else []
                        place = None
        except httpx.HTTPError:
            return  # the server went away, or the test closed it

    def wait(self, enough: Callable[[Reader], bool]) -> None:
        """Wait until it has read enough."""
        until = time.monotonic() + 20
        while not enough(self):
            assert time.monotonic() < until, (self.status, self.ids)
            time.sleep(0.02)

    def close(self) -> None:
        """Cut the connection."""
        self._client.close()


def entries(client: Client, run: str) -> list[int]:
    return [e["seq"] for e in client.get(f"/api/runs/{run}/lineage?limit=1000").json()["entries"] if e["run"] == run]


def say(house: House, client: Client, run: str, text: str) -> None:
    assert client.post(f"/api/runs/{run}/chat", json={"text": text}).status_code == 202
    house.rest(TENANT, run)


def test_everything_from_the_beginning_then_what_comes(both: House, tmp_path: Path) -> None:
    intake = both.sign_in("u-intake", ("support_intake_specialist",))
    run = both.open(live_packet(tmp_path / "packet"), intake)
    reader = Reader(intake, run)
    reader.wait(lambda r: r.ids == entries(intake, run))
    say(both, intake, run, "Which regions are affected?")
    reader.wait(lambda r: r.ids == entries(intake, run))
    assert len(reader.ids) == len(set(reader.ids))
    assert "answered" in [event["kind"] for kind, event in reader.events if kind == "lineage"]


def test_a_reader_that_comes_back_misses_nothing_and_sees_nothing_twice(house: House, run: str, intake: Client) -> None:
    first = Reader(intake, run)
    first.wait(lambda r: len(r.ids) >= 5)
    first.close()
    seen = list(first.ids)
    say(house, intake, run, "Who is affected?")
    second = Reader(intake, run, last=str(seen[-1]))
    say(house, intake, run, "Since when?")
    second.wait(lambda r: seen + r.ids == entries(intake, run))


def test_after_a_restart_of_the_server_too(house: House, run: str, intake: Client) -> None:
    before = entries(intake, run)
    say(house, intake, run, "Who is affected?")
    house.stop()
    house.start()
    again = house.sign_in("u-intake", ("support_intake_specialist",))
    reader = Reader(again, run, last=str(before[-1]))
    say(house, again, run, "Since when?")
    reader.wait(lambda r: before + r.ids == entries(again, run))


def test_many_readers_of_one_run_get_the_same(house: House, run: str, intake: Client) -> None:
    readers = [Reader(intake, run, after=n - 1) for n in range(20)]
    say(house, intake, run, "Who is affected?")
    every = entries(intake, run)
    for n, reader in enumerate(readers):
        wanted = [seq for seq in every if seq > n - 1]
        reader.wait(lambda r, wanted=wanted: r.ids == wanted)  # type: ignore[misc]


def test_progress_has_no_id_and_no_content(house: House, run: str, intake: Client) -> None:
    reader = Reader(intake, run, after=10_000)
    reader.wait(lambda r: r.status == 200)
    say(house, intake, run, "Who is affected, and what is the password hunter2secret?")
    reader.wait(lambda r: any(event.get("state") == "resting" for _, event in r.events))
    nodes = [event["node"] for kind, event in reader.events if kind == "progress"]
    assert "converse" in nodes
    assert reader.ids == []
    assert "hunter2secret" not in str(reader.events)


def test_an_open_stream_ends_with_its_session(
    house: House, run: str, intake: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.feeds.HEARTBEAT_SECONDS", 0.3)
    reader = Reader(intake, run)
    reader.wait(lambda r: len(r.ids) > 3)
    assert intake.delete("/api/session").status_code == 204
    reader._thread.join(10)
    assert not reader._thread.is_alive()
    assert Reader(intake, run)._client.get(f"/api/runs/{run}").status_code == 401


def test_an_open_stream_of_a_busy_run_ends_with_its_session_too(
    house: House, run: str, intake: Client, duty: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.feeds.HEARTBEAT_SECONDS", 5.0)
    mine, other = Reader(intake, run), Reader(duty, run)
    mine.wait(lambda r: len(r.ids) > 3)
    assert intake.delete("/api/session").status_code == 204
    # Something comes more often than a heartbeat: no wake of the stream is an idle one.
    again = house.sign_in("u-intake", ("support_intake_specialist",))
    until = time.monotonic() + 20
    while mine._thread.is_alive() and time.monotonic() < until:
        say(house, again, run, "Who is affected?")
    assert not mine._thread.is_alive()
    assert other._thread.is_alive()


def test_a_reader_far_behind_what_is_remembered_reads_on_from_the_store(
    house: House, run: str, intake: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.feeds.BUFFERED", 4)
    monkeypatch.setattr("server.feeds.PAGE", 3)
    watching = Reader(intake, run)  # keeps the feed open, so that it forgets
    watching.wait(lambda r: len(r.ids) > 3)
    say(house, intake, run, "Who is affected?")
    every = entries(intake, run)
    assert len(every) > 12
    late = Reader(intake, run, last=str(every[2]))
    late.wait(lambda r: len(r.ids) >= len(every) - 3)
    assert late.ids == every[3:]
    watching.wait(lambda r: len(r.ids) >= len(every))
    assert watching.ids == every


@pytest.mark.parametrize("bad", ["abc", "-1", "1.5", "9" * 40])
def test_a_broken_last_event_id_is_refused(house: House, run: str, intake: Client, bad: str) -> None:
    assert intake.get(f"/api/runs/{run}/events", headers={"Last-Event-ID": bad}).status_code == 422


def test_a_second_run_of_the_same_case_does_not_show_in_the_first(
    house: House, run: str, intake: Client, tmp_path: Path
) -> None:
    other = house.open(live_packet(tmp_path / "again", instructions="another packet of the same case"), intake)
    assert other != run
    first, second = Reader(intake, run), Reader(intake, other)
    first.wait(lambda r: r.ids == entries(intake, run))
    second.wait(lambda r: r.ids == entries(intake, other))
    assert not set(first.ids) & set(second.ids)
