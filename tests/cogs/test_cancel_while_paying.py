"""A song that is cancelled while a separation is being ordered: what that costs is not paid a second time."""

from pathlib import Path

import pytest

from bot.jobs.model import Job
from tests.cogs.test_empty_results import empty
from tests.kie_server import Fault, KieServer
from tests.stage import Stage, pianola_at, text_of, wav

ALL_STEMS = "All stems: about 50 credits"

SLOW = Fault("slow", seconds=2.0)
"""An answer that leaves time for the press of a button."""


async def cancel_while_ordering(stage: Stage) -> Job:
    """Press "Cancel" while the studio has the order and did not answer it; the job at its end."""
    shown = await stage.shown("Separating the instruments")
    job = await stage.reached("separating")
    await stage.world.person.click(shown, custom_id=f"pianola:cancel:{job.id}")
    ended = await stage.ended()
    assert ended.state == "cancelled"
    assert "Cancelled." in text_of(await stage.reply())
    return ended


async def test_what_was_being_paid_is_there_for_another_try(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        message = await empty(stage, kie)
        kie.break_next("separate", SLOW)
        await stage.world.person.click(message, label=ALL_STEMS)
        await cancel_while_ordering(stage)
        shown = await stage.reply()
        assert not shown.attachments
        assert not shown.components
        await stage.world.person.click(message, label=ALL_STEMS)
        assert (await stage.reply()).attachments
    assert kie.count("separate") == 2
    assert [price for _, price in kie.charges if price] == [10.0, 50.0]


async def test_of_several_files_no_other_is_paid_after_that(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        kie.break_next("separate", SLOW)
        await stage.make_midi(("Sea - bass.wav", wav()), ("Sea - lead.wav", wav()))
        ended = await cancel_while_ordering(stage)
    assert [bool(part.separation and part.separation.id) for part in ended.parts] == [True, False]
    assert kie.count("separate") == 1


@pytest.mark.parametrize("refusal", [{"credits": 0.0}, {"rate": 0}], ids=["no credits", "busy"])
async def test_an_order_that_was_refused_is_cancelled_all_the_same(
    tmp_path: Path, kie: KieServer, refusal: dict[str, float]
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        message = await empty(stage, kie)
        vars(kie).update(refusal)
        kie.break_next("separate", SLOW)
        await stage.world.person.click(message, label=ALL_STEMS)
        await cancel_while_ordering(stage)
    assert [price for _, price in kie.charges if price] == [10.0]
