"""The simulated Discord: the same people and places at every start."""

from functools import partial
from pathlib import Path

from bot import app
from bot.playground.world import simulated
from bot.settings import load
from tests.kie_server import KieServer
from tests.stage import Stage, pianola_at, told


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


async def test_what_its_owner_decides_for_the_server_lives_through_a_restart(
    tmp_path: Path, kie: KieServer
) -> None:
    at_kie = {"kie_api_url": kie.url, "kie_upload_url": kie.url, "kie_api_key": kie.key}
    settings = load(None, data_dir=str(tmp_path), preview_seconds="0", **at_kie)
    own_server = partial(simulated, is_owner=True)
    said, were_private = [], []
    for pressed in ("pianola-rules:private", None):
        async with app.run(settings, own_server, host="127.0.0.1", port=0, is_simulated=True) as running:
            you, channel = running.discord.person, running.discord.channel
            shown = await you.slash(channel, "pianola settings")
            assert shown.response is not None
            said += [field.value for field in shown.response.embeds[0].fields if field.name == "Answers"]
            if pressed:
                await you.click(shown.response.message, custom_id=pressed)
            asked = await you.slash(channel, "midi", task_id=kie.add_separation().id)
            were_private.append(asked.ephemeral)
            await Stage(running).ended()
    assert said == ["everyone in the channel sees them", "only the asker sees them"]
    assert were_private == [True, True]


async def test_what_is_refused_with_a_sentence_is_no_error_of_the_page(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        before = stage.world.env.error_cursor
        assert told(await stage.midi(url="no address")).startswith("I can't fetch that address")
        assert stage.world.env.errors_since(before) == ()
