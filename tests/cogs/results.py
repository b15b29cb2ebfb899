"""A finished song under test: its answer, and what its controls give."""

import io
from collections.abc import Callable
from typing import Any

import discord
import mido
from simcord import InteractionResult, MemberActor

from bot.chat.shown.cards import Card
from bot.chat.shown.controls import Choice, Menu
from bot.chat.shown.custom_ids import JOB, CustomId
from bot.chat.shown.views import answered_by_id, view_of
from bot.jobs.model import Job
from tests.kie_server import KieServer
from tests.stage import Stage

BEAT = 0.625
"""Seconds: 96 BPM, whose beats lie on kie's grid of 1/192 s."""


def notes_of(*names: str, beats: int = 24, late: Callable[[int], float] = lambda _: 0.0) -> dict[str, Any]:
    """Instruments that strike every beat at 96 BPM, a pitch each, note by note `late` seconds behind it."""
    starts = [beat * BEAT + late(beat) for beat in range(beats)]
    instruments = [
        {
            "name": name,
            "notes": [
                {"pitch": pitch, "start": start, "end": start + 0.25, "velocity": 0.5} for start in starts
            ],
        }
        for pitch, name in enumerate(names, 40)
    ]
    return {"state": "complete", "instruments": instruments}


async def finished(stage: Stage, kie: KieServer) -> tuple[Job, discord.Message]:
    """A song of a kie account, transcribed; its job and the bot's answer."""
    await stage.midi(task_id=kie.add_separation().id)
    job = await stage.ended()
    return job, await stage.reply()


async def posted(
    stage: Stage, view: discord.ui.View | None, channel_id: int | None = None
) -> discord.Message:
    """A message of the bot with these controls, such as an earlier process left, here or in another channel."""
    channel = stage.world.env.bot.get_channel(channel_id or stage.world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    assert view is not None
    return await channel.send("from before", view=view)


def a_button(action: str, job_id: str, label: str = "x", page: int | None = None) -> discord.ui.View:
    """A button of a job, such as an earlier version had under its answers."""
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label=label, custom_id=str(CustomId(JOB, action, page, job_id))))
    return answered_by_id(view)


def stranger_at(stage: Stage) -> MemberActor:
    """Somebody else in the channel."""
    return stage.world.env.guild.add_member(stage.world.env.create_user("stranger"))


def labels(message: discord.Message) -> list[str | None]:
    """What can be pressed and chosen under a message."""
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    return [
        control.placeholder if isinstance(control, discord.SelectMenu) else control.label
        for row in rows
        for control in row.children
    ]


def menu_of(message: discord.Message) -> discord.SelectMenu:
    """The one menu of a message."""
    (menu,) = [
        child
        for row in message.components
        if isinstance(row, discord.ActionRow)
        for child in row.children
        if isinstance(child, discord.SelectMenu)
    ]
    return menu


async def more(person: MemberActor, message: discord.Message, action: str) -> InteractionResult:
    """A line of the "More…" menu under a song, chosen."""
    menu = menu_of(message)
    assert action in {option.value for option in menu.options}
    return await person.select(message, [action], custom_id=menu.custom_id)


async def first_instrument(stage: Stage) -> InteractionResult:
    """The first instrument of the newest song, from a menu such as an earlier version left under a song of one."""
    job = await stage.ended()
    menu = Menu("instrument", job.id, "…", (Choice("x", "1 note"),))
    return await stage.world.person.select(await posted(stage, view_of(Card(controls=(menu,)))), ["0"])


async def forget(stage: Stage) -> str:
    """`/pianola forget` and the answer that is meant; what is said then."""
    asked = await stage.world.person.slash(stage.world.channel, "pianola forget")
    assert asked.response is not None
    await stage.world.person.click(asked.response.message, custom_id="pianola-own:forget")
    (embed,) = asked.response.embeds
    return str(embed.description)


def refusal_of(result: InteractionResult) -> str:
    """What the bot said, for the eyes of whoever pressed, instead of doing it."""
    (said,) = [message for message in (result.response, *result.followups) if message and message.ephemeral]
    assert not said.attachments
    return said.content


async def file_of(result: InteractionResult) -> tuple[str, bytes]:
    """The one file that an interaction gave, for the eyes of whoever pressed: its name and bytes."""
    answer = result.response or result.followups[0]
    assert answer.ephemeral
    (file,) = answer.attachments
    return file.filename, await file.read()


def as_midi(data: bytes) -> mido.MidiFile:
    """Bytes read by mido."""
    return mido.MidiFile(file=io.BytesIO(data))


def prefilled(modal: dict[str, Any] | None) -> str | None:
    """The tempo that a modal is opened with."""
    assert modal is not None
    (found,) = [
        label["component"].get("value")
        for label in modal["components"]
        if label["component"]["custom_id"] == "bpm"
    ]
    return None if found is None else str(found)


def starts_of(file: mido.MidiFile) -> list[int]:
    """When each note of the first instrument begins, in ticks."""
    now, starts = 0, []
    for event in file.tracks[1]:
        now += event.time
        if event.type == "note_on" and event.velocity:
            starts.append(now)
    return starts


def bpm_of(file: mido.MidiFile) -> float:
    """The tempo that a file states."""
    (tempo,) = [event.tempo for event in file.tracks[0] if event.type == "set_tempo"]
    return float(mido.tempo2bpm(tempo))
