"""Limits: songs cost their owner, and who has had enough of them is told until when."""

import re
from pathlib import Path

from tests.kie_server import Fault, KieServer
from tests.stage import pianola_at, told


async def test_a_person_who_has_had_their_songs_is_told_until_when(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, songs_per_user="1") as stage:
        await stage.midi(task_id=kie.add_separation().id)
        first = await stage.ended()
        answer = told(await stage.midi(task_id=kie.add_separation().id))
        assert answer.startswith(
            "You have reached your limit of songs in 24 hours: 1. You can send the next one <t:"
        )
        free_at = int(re.findall(r"<t:(\d+):R>", answer)[0])
        assert abs(free_at - first.created_at.timestamp() - 86_400) < 1
    assert kie.count("generate_midi") == 1


async def test_a_server_shares_its_limit(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, songs_per_server="1") as stage:
        await stage.midi(task_id=kie.add_separation().id)
        await stage.ended()
        world = stage.world
        other = world.env.guild.add_member(world.env.create_user("other"))
        answer = told(await other.slash(world.channel, "midi", task_id=kie.add_separation().id))
    assert answer.startswith("This server has reached its limit of songs in 24 hours: 1.")


async def test_a_failure_does_not_count(tmp_path: Path, kie: KieServer) -> None:
    kie.break_next("generate_midi", Fault("code", code=455, message="maintenance"))
    async with pianola_at(kie, tmp_path, songs_per_user="1") as stage:
        await stage.midi(task_id=kie.add_separation().id)
        await stage.ended()
        await stage.midi(task_id=kie.add_separation().id)
        assert (await stage.reply()).attachments
