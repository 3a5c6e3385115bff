"""A rehearsal says where a run would stand with other parameters, and leaves the run as it was."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from packets import read_packet, write_packet
from running import CASES

from casefile.parameters import in_force, resolve
from graphs import catalogue
from graphs.rehearsal import differences, rehearse
from graphs.runner import admit, checkpointer
from runtime.model.offline import Offline
from runtime.store.chain import head_of
from runtime.store.database import Database
from runtime.store.scratch import scratch_space
from tools.packet_folder import load

CASE = CASES / "packet-dispatch" / "cases" / "references-age-while-the-packet-waits"


async def test_other_parameters_are_tried_on_a_copy(sqlite_url: str, tmp_path: Path) -> None:
    packet = tmp_path / "packet"
    shutil.copytree(CASE, packet)
    write_packet(packet, {**read_packet(packet), "timeline": []})
    folder = load(packet)
    database = await Database.open(sqlite_url)
    async with checkpointer(sqlite_url) as saver, scratch_space() as space:
        run = await admit(database, saver, folder, Offline())
        await run.open(folder)
        await run.drive()
        store, context = run.store, run.context
        stood, head = await store.row(), await head_of(database, store.tenant, store.case)
        at = folder.packet.as_of + timedelta(seconds=1)
        same = await rehearse(context, space, at)
        scenario = catalogue.find(context.scenario.slug)
        parameters = resolve(scenario, {"session_evidence_freshness_hours": 0})
        new = replace(context, parameters=parameters, scenario=in_force(scenario, parameters))
        found = differences(same, await rehearse(new, space, at))
        assert found[0] == "waiting: dispatch_manifest_signature → resting: held"
        assert any(one.startswith("opens holds") for one in found)
        assert differences(same, await rehearse(context, space, at)) == []
        assert await store.row() == stood
        assert await head_of(database, store.tenant, store.case) == head
        if context.index is not None:
            context.index.close()
    await database.close()
