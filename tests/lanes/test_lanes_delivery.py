"""Delivery: at least once with one key, read back, a dead letter with its reason. Receivers are real servers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

import orjson
import pytest
from receivers import SECRET, Mailbox, ToolServer, free_port, mail_server, queue, released, tool_server

from lineage.entry import Actor
from runtime.errors import InputError
from runtime.installation import Installation
from runtime.lane_settings import Lanes, load_lanes
from runtime.store import tables as t
from runtime.store.afterwards import Log
from runtime.store.database import Database
from runtime.store.deliveries import CLAIM_SECONDS, Delivery, claim, deliveries_of, revive
from tools.lanes.opening import opener
from tools.lanes.worker import DeliveryWorker

HOME = Installation.open(Path(tempfile.mkdtemp(prefix="keys-")))
LANE = "restricted_review_queue"
KEY = f"run_1:{LANE}:sha256:aa"
BODY = orjson.dumps({"artifact_sha256": "sha256:" + "a" * 64, "lane": LANE})


class Clock:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.now = 1_000_000

    def __call__(self) -> int:
        return self.now


async def _released(database: Database, key: str = KEY, seq: int = 0) -> None:
    await released(database, key, LANE, BODY, seq)


def _lanes(folder: Path, **settings: object) -> Lanes:
    (folder / "hook.key").write_text(SECRET)
    (folder / "lanes.yaml").write_bytes(orjson.dumps({"lanes": {LANE: settings}}))
    return load_lanes(folder / "lanes.yaml", folder)


def _hook(folder: Path, url: str, *, read_back: bool = False, attempts: int = 12) -> Lanes:
    settings: dict[str, object] = {"kind": "webhook", "url": url, "secret_file": "hook.key", "timeout_seconds": 0.5}
    if read_back:
        settings["read_back"] = url + "/{key}"
    return _lanes(folder, **settings, attempts=attempts)


async def _work(database: Database, lanes: Lanes, clock: Clock, rounds: int = 1) -> Delivery:
    worker = DeliveryWorker(database, lanes, opener(lanes), HOME, clock)
    for _ in range(rounds):
        await worker.once()
        clock.now += 600
    return (await deliveries_of(database, "tn-a", "run_1"))[0]


async def _is_marked(database: Database) -> bool:
    from sqlalchemy import select

    return bool((await database.row(select(t.outbox.c.delivered)))[0])


@pytest.mark.parametrize("trouble", ["500", "503", "429", "slow", "cut"])
async def test_a_receiver_that_fails_gets_the_same_entry_later(
    trouble: str, database: Database, tmp_path: Path
) -> None:
    await _released(database)
    clock = Clock()
    with queue(trouble) as receiver:
        lanes = _hook(tmp_path, receiver.url)
        first = await _work(database, lanes, clock)
        assert first.state == "waiting"
        assert first.reason
        assert first.attempts == 1
        second = await _work(database, lanes, clock)
    assert (second.state, second.attempts, second.reason) == ("delivered", 2, "")
    assert receiver.taken == {KEY: BODY}
    assert await _is_marked(database)


@pytest.mark.parametrize("read_back", [True, False])
async def test_a_lost_answer_sends_the_same_key_and_the_receiver_has_it_once(
    read_back: bool, database: Database, tmp_path: Path
) -> None:
    await _released(database)
    with queue("lost") as receiver:
        done = await _work(database, _hook(tmp_path, receiver.url, read_back=read_back), Clock(), rounds=3)
    assert done.state == "delivered"
    assert receiver.taken == {KEY: BODY}
    # With a read-back it is not even sent again.
    assert receiver.posts == [KEY] if read_back else [KEY, KEY]


async def test_a_receiver_that_is_down_ends_as_a_dead_letter_with_its_reason(
    database: Database, tmp_path: Path
) -> None:
    await _released(database)
    clock = Clock()
    lanes = _hook(tmp_path, f"http://127.0.0.1:{free_port()}/entries", attempts=3)
    dead = await _work(database, lanes, clock, rounds=5)
    assert (dead.state, dead.attempts) == ("dead", 3)
    assert "given up after 3 attempts" in dead.reason
    assert "ConnectError" in dead.reason
    with queue() as receiver:
        log = Log.of(HOME)
        assert await revive(database, "tn-a", KEY, Actor("person", "u-ops"), clock.now, log)
        assert not await revive(database, "tn-b", KEY, Actor("person", "u-ops"), clock.now, log)
        again = await _work(database, _hook(tmp_path, receiver.url), clock)
    assert again.state == "delivered"


@pytest.mark.parametrize("code", ["400", "401", "404", "302"])
async def test_a_refusal_is_a_dead_letter_at_once(code: str, database: Database, tmp_path: Path) -> None:
    await _released(database)
    with queue(code) as receiver:
        dead = await _work(database, _hook(tmp_path, receiver.url), Clock(), rounds=3)
    assert dead.state == "dead"
    assert code in dead.reason
    assert len(receiver.posts) == 1


async def test_a_duplicate_that_the_receiver_has_counts_as_delivered(database: Database, tmp_path: Path) -> None:
    await _released(database)
    with queue() as receiver:
        receiver.taken[KEY] = BODY
        done = await _work(database, _hook(tmp_path, receiver.url), Clock())
    assert done.state == "delivered"
    assert "409" in done.reference


async def test_two_workers_never_hold_the_same_entry(database: Database) -> None:
    await _released(database)
    assert [one.key for one in await claim(database, 1000, 5)] == [KEY]
    assert await claim(database, 1000 + CLAIM_SECONDS - 1, 5) == []
    again = await claim(database, 1000 + CLAIM_SECONDS, 5)
    assert [(one.key, one.attempt, one.unanswered) for one in again] == [(KEY, 2, True)]


async def test_the_folder_has_each_line_once_and_no_half_line(database: Database, tmp_path: Path) -> None:
    lanes = _lanes(tmp_path, kind="folder", path="out")
    file = tmp_path / "out" / f"{LANE}.jsonl"
    file.parent.mkdir()
    file.write_bytes(b'{"earlier":1}\n{"cut o')
    await _released(database)
    await _released(database, key=KEY + "b", seq=1)
    done = await _work(database, lanes, Clock(), rounds=2)
    assert done.state == "delivered"
    # Both rows have the same bytes: the second finds its line there.
    assert file.read_bytes() == b'{"earlier":1}\n' + BODY + b"\n"


async def test_mail_carries_the_entry_byte_for_byte(database: Database, tmp_path: Path) -> None:
    await _released(database)
    box = Mailbox("451")
    with mail_server(box) as port:
        lanes = _mail(tmp_path, port)
        clock = Clock()
        first = await _work(database, lanes, clock)
        assert (first.state, "451" in first.reason) == ("waiting", True)
        done = await _work(database, lanes, clock)
    assert done.state == "delivered"
    assert "queue-7" in done.reference
    # Lines end as SMTP has them: a server takes bare line feeds for one line, and a long line for an attack.
    assert b"\n" not in box.mails[0].replace(b"\r\n", b"")
    mail = message_from_bytes(box.mails[0])
    assert mail["X-Casegate-Key"] == KEY
    attached = [part for part in mail.walk() if part.get_filename()]
    assert attached[0].get_payload(decode=True) == BODY


async def test_mail_whose_answer_was_lost_is_in_doubt_and_never_sent_again(database: Database, tmp_path: Path) -> None:
    await _released(database)
    box = Mailbox("cut")
    with mail_server(box) as port:
        dead = await _work(database, _mail(tmp_path, port), Clock(), rounds=3)
    assert dead.state == "dead"
    assert dead.reason.startswith("in doubt")
    assert len(box.mails) == 1


async def test_mail_that_a_dying_worker_began_is_in_doubt(database: Database, tmp_path: Path) -> None:
    await _released(database)
    clock = Clock()
    await claim(database, clock.now, 5)
    clock.now += CLAIM_SECONDS
    box = Mailbox()
    with mail_server(box) as port:
        dead = await _work(database, _mail(tmp_path, port), clock)
    assert dead.state == "dead"
    assert box.mails == []


async def test_a_mail_address_that_the_server_refuses_is_a_dead_letter(database: Database, tmp_path: Path) -> None:
    await _released(database)
    with mail_server(Mailbox("550")) as port:
        dead = await _work(database, _mail(tmp_path, port), Clock())
    assert (dead.state, "550" in dead.reason) == ("dead", True)


def _mail(folder: Path, port: int) -> Lanes:
    addresses = {"sender": "casegate@queue.example", "recipient": "review@queue.example"}
    return _lanes(folder, kind="smtp", host="127.0.0.1", port=port, timeout_seconds=3, **addresses)


async def test_a_tool_of_an_mcp_server_files_the_entry_once(database: Database, tmp_path: Path) -> None:
    await _released(database)
    state = ToolServer()
    clock = Clock()
    down = _tool(tmp_path, f"http://127.0.0.1:{free_port()}/mcp")
    assert (await _work(database, down, clock)).state == "waiting"
    with tool_server(state) as url:
        done = await _work(database, _tool(tmp_path, url), clock)
    assert done.state == "delivered"
    assert state.taken == {KEY: BODY.decode()}
    assert state.calls == 1


async def test_a_tool_that_refuses_is_a_dead_letter(database: Database, tmp_path: Path) -> None:
    await _released(database)
    state = ToolServer()
    state.refuse = True
    with tool_server(state) as url:
        dead = await _work(database, _tool(tmp_path, url), Clock())
    assert dead.state == "dead"
    assert "refused" in dead.reason


def _tool(folder: Path, url: str) -> Lanes:
    return _lanes(folder, kind="mcp", url=url, tool="file_entry", read_back="has_entry", timeout_seconds=5)


def _line(change: Callable[[dict[str, object]], object]) -> bytes:
    given: dict[str, object] = {"kind": "webhook", "url": "https://queue.example/in", "secret_file": "hook.key"}
    change(given)
    return orjson.dumps({"lanes": {LANE: given}})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b"[1, 2", "YAML"),
        (b"- 1", "default and lanes"),
        (_line(lambda one: one.update(kind="pigeon")), "pigeon"),
        (_line(lambda one: one.update(url="ftp://queue.example")), "url"),
        (_line(lambda one: one.update(token="x")), "token"),
        (_line(lambda one: one.update(secret_file="none.key")), "none.key"),
        (_line(lambda one: one.update(secret_file="short.key")), "16 characters"),
    ],
)
def test_settings_that_cannot_be_used_say_where(text: bytes, names: str, tmp_path: Path) -> None:
    (tmp_path / "hook.key").write_text(SECRET)
    (tmp_path / "short.key").write_text("short")
    (tmp_path / "lanes.yaml").write_bytes(text)
    with pytest.raises(InputError) as error:
        opener(load_lanes(tmp_path / "lanes.yaml", tmp_path))
    assert names in str(error.value)
    assert "\n" not in str(error.value)
