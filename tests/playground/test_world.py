"""The simulated Discord: the same people and places at every start."""

from pathlib import Path

from tests.kie_server import KieServer
from tests.stage import pianola_at, told


async def test_songs_and_rules_live_through_a_restart(tmp_path: Path, kie: KieServer) -> None:
    seen = set()
    for start in range(2):
        async with pianola_at(kie, tmp_path) as stage:
            world = stage.world
            seen.add((world.person.id, world.env.guild.id, world.channel.id))
            await stage.midi(task_id=kie.add_separation().id)
            await stage.ended()
            assert len(await stage.running.store.recent_of({world.person.id})) == start + 1
    assert len(seen) == 1


async def test_what_is_refused_with_a_sentence_is_no_error_of_the_page(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        before = stage.world.env.error_cursor
        assert told(await stage.midi(url="no address")).startswith("I can't fetch that address")
        assert stage.world.env.errors_since(before) == ()
