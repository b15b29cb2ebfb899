"""What was answered in private stays with its asker."""

from pathlib import Path

import pytest

from bot.chat.shown.cards import Card
from bot.chat.shown.controls import Choice, Menu
from bot.chat.shown.views import view_of
from bot.errors import NotYoursError
from tests.cogs.results import a_button, posted, refusal_of, stranger_at
from tests.kie_server import KieServer
from tests.stage import pianola_at

ONLY_YOURS = NotYoursError().sentence


@pytest.mark.parametrize("action", ["zip", "csv", "again", "stems", "delete", "quantise", "tempo"])
async def test_nobody_else_gets_at_a_private_answer(tmp_path: Path, kie: KieServer, action: str) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id, private=True)
        job = await stage.ended()
        message = await posted(stage, a_button(action, job.id))
        pressed = await stranger_at(stage).click(message, custom_id=f"pianola:{action}:{job.id}")
        assert refusal_of(pressed) == ONLY_YOURS
        assert (await stage.running.store.newest_of(stage.world.person.id)) == job


async def test_nobody_else_chooses_in_a_private_answer(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id, private=True)
        job = await stage.ended()
        menu = Menu("instrument", job.id, "One of them", (Choice("Piano", "3 notes"),))
        message = await posted(stage, view_of(Card(controls=(menu,))))
        assert refusal_of(await stranger_at(stage).select(message, ["0"])) == ONLY_YOURS


async def test_make_midi_on_a_private_answer_stays_private(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        result = await stage.midi(task_id=kie.add_separation().id, private=True)
        await stage.ended()
        assert result.response is not None
        again = await stage.world.person.context_menu(
            stage.world.channel, "Make MIDI", result.response.message
        )
        assert again.ephemeral
        assert (await stage.ended()).reply.is_private
