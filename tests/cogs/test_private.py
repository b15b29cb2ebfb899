"""What was answered in private stays with its asker."""

from pathlib import Path

import pytest

from bot.chat.shown.cards import Card
from bot.chat.shown.controls import Choice, Menu
from bot.chat.shown.custom_ids import JOB, JOB_MENU
from bot.chat.shown.views import view_of
from bot.errors import NotYoursError
from cogs.controls import ROUTES
from tests.cogs.results import a_button, posted, refusal_of, stranger_at
from tests.kie_server import KieServer
from tests.stage import pianola_at

ONLY_YOURS = NotYoursError().sentence


BUTTONS = [action for subject, action in ROUTES if subject == JOB]
MENUS = [action for subject, action in ROUTES if subject == JOB_MENU]
LINES = ["said", "bars", "view", "notes-more", "delete"]


async def test_nobody_else_gets_at_a_private_answer(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id, private=True)
        job, stranger = await stage.ended(), stranger_at(stage)
        for action in BUTTONS:
            message = await posted(stage, a_button(action, job.id))
            pressed = await stranger.click(message, custom_id=f"pianola:{action}:{job.id}")
            assert refusal_of(pressed) == ONLY_YOURS, action
        assert (await stage.running.store.newest_of(stage.world.person.id)) == job
        assert await stage.running.store.newest_of(stranger.id) is None


@pytest.mark.parametrize(
    ("action", "chosen"),
    [*((action, "0") for action in MENUS if action != "more"), *(("more", line) for line in LINES)],
)
async def test_nobody_else_chooses_in_a_private_answer(
    tmp_path: Path, kie: KieServer, action: str, chosen: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id, private=True)
        job = await stage.ended()
        menu = Menu(action, job.id, "One of them", (Choice("Piano", "3 notes", chosen),))
        message = await posted(stage, view_of(Card(controls=(menu,))))
        assert refusal_of(await stranger_at(stage).select(message, [chosen])) == ONLY_YOURS
        assert (await stage.running.store.newest_of(stage.world.person.id)) == job


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
