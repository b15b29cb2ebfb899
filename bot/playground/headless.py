"""`pianola try`: the main job with no browser. Types `/midi` in a simulated channel and reads the answer."""

import asyncio
import itertools
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
from simcord import InteractionResult

from bot.chat.shown.cards import COVER
from bot.errors import SettingsError
from bot.jobs.model import Hold, Job, Question, State
from bot.jobs.storage.store import Store
from bot.music.names import file_stem, whole_file_stem
from bot.playground.world import World

_STAGES = {
    State.RECEIVED: "starting",
    State.UPLOADING: "sending the song to the studio",
    State.SEPARATING: "separating the instruments",
    State.TRANSCRIBING: "finding the notes",
    State.RENDERING: "writing the MIDI",
    State.DELIVERING: "writing the MIDI",
}

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What is answered where the bot asks: the track of a music task, counted from 1; whether its price is agreed to."""

    on_track: int | None = None
    to_price: bool = False


NOTHING_AGREED = Agreed()


class NothingDeliveredError(Exception):
    """There is no result; the message says why."""


async def ask(
    world: World, songs: Sequence[Path], task_id: str | None, stem: str | None
) -> InteractionResult:
    """Do what a person does: `/midi` with a file or a task id, or "Make MIDI" on a message with several files."""
    files = [(song.name, await asyncio.to_thread(song.read_bytes)) for song in songs]
    options = {"stem": stem} if stem else {}
    if task_id:
        return await world.person.slash(world.channel, "midi", task_id=task_id, **options)
    if len(files) == 1:
        return await world.person.slash(world.channel, "midi", song=files[0], **options)
    message = await world.person.send(world.channel, "", attachments=files)
    return await world.person.context_menu(world.channel, "Make MIDI", message)


async def answer(
    world: World, store: Store, result: InteractionResult, tell: Tell, agreed: Agreed = NOTHING_AGREED
) -> discord.Message:
    """Wait until the job behind an interaction is at its end, and answer what it asks; gives the message with the result.

    Raises:
        NothingDeliveredError: the bot refused, or asked what nothing was `agreed` about, or the job failed.
    """
    job = await store.newest_of(world.person.id)
    if job is None:
        told = result.response or next(iter(result.followups), None)
        raise NothingDeliveredError(told.content if told else "The bot did not answer.")
    while not job.state.is_final:
        state = job.state if job.is_separated or job.state is not State.SEPARATING else State.TRANSCRIBING
        tell(f"{_STAGES[state]} …")
        await asyncio.sleep(0.1)
        job = await store.get(job.id) or job
        if job.hold and (question := _question_of(world, job)):
            await _reply(world, job, job.hold, question, agreed)
            job = await store.get(job.id) or job
    if error := job.error:
        raise NothingDeliveredError(error.sentence)
    return _message_of(world, job)


def _question_of(world: World, job: Job) -> discord.Message | None:
    """The message with what a held job asks, once it is there."""
    message = world.channel.last_message
    asking = {f"pianola:go:{job.id}", f"pianola-menu:track:{job.id}"}
    if message is None or asking.isdisjoint(control.custom_id for control in _controls(message)):
        return None
    return message


def _controls(message: discord.Message) -> list[discord.Button | discord.SelectMenu]:
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    return [child for row in rows for child in row.children if not isinstance(child, discord.TextInput)]


async def _reply(world: World, job: Job, hold: Hold, question: discord.Message, agreed: Agreed) -> None:
    asked = as_read(question)
    if hold.question is Question.PRICE:
        if not agreed.to_price:
            raise NothingDeliveredError(f"{asked}\nWith --yes it goes on.")
        await world.person.click(question, custom_id=f"pianola:go:{job.id}")
        return
    menus = [control for control in _controls(question) if isinstance(control, discord.SelectMenu)]
    options = menus[0].options if menus else []
    if agreed.on_track is None or not 1 <= agreed.on_track <= len(options):
        tracks = "\n".join(f"{option.label} ({option.description})" for option in options)
        raise NothingDeliveredError(f"{asked}\n{tracks}\nGive the number of one as --track.")
    await world.person.select(question, [options[agreed.on_track - 1].value])


def _message_of(world: World, job: Job) -> discord.Message:
    message = world.channel.last_message
    if message is None or message.id != job.message_id:
        raise NothingDeliveredError("The result could not be posted in the channel.")
    if not job.is_score and not any(file.filename.endswith(".mid") for file in message.attachments):
        raise NothingDeliveredError(message.content or "The result came without its MIDI file.")
    return message


async def save(
    message: discord.Message, folder: Path, *, title: str = "", with_reply: bool = True
) -> list[Path]:
    """Write a reply's attachments, over nothing that is there, and `reply.json` with all that it shows.

    With the song's `title` they have its whole name, of which Discord would have dropped the foreign letters. Returns where
    each file is.

    Raises:
        SettingsError: it cannot be written there.
    """
    # A cover.jpg in a folder becomes that of all songs in it.
    kept = [file for file in message.attachments if file.filename != COVER]
    files = [(_on_disk(Path(file.filename).name, title), await file.read()) for file in kept]

    def write() -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        saved = [_write_new(folder / name, data) for name, data in files]
        if with_reply:
            saved.append(_write_new(folder / "reply.json", _reply_as_json(message, kept, saved)))
        return saved

    try:
        return await asyncio.to_thread(write)
    except OSError as error:
        raise SettingsError(f"{folder} cannot be written ({error.strerror}); give another --out") from error


def _on_disk(name: str, title: str) -> str:
    posted, whole = file_stem(title), whole_file_stem(title)
    return whole + name.removeprefix(posted) if title and name.startswith(posted) else name


def _write_new(path: Path, data: bytes) -> Path:
    """Write a file under its name, or with a number behind it where that is taken."""
    taken = itertools.count(2)
    free = path
    while True:
        try:
            with free.open("xb") as file:
                file.write(data)
        except FileExistsError:
            free = path.with_stem(f"{path.stem} ({next(taken)})")
        else:
            return free


def _reply_as_json(
    message: discord.Message, kept: Sequence[discord.Attachment], saved: Sequence[Path]
) -> bytes:
    reply: dict[str, Any] = {
        "content": message.content,
        "embeds": [embed.to_dict() for embed in message.embeds],
        "attachments": [
            {"name": path.name, "size": file.size, "description": file.description}
            for path, file in zip(saved, kept, strict=True)
        ],
        "components": [component.to_dict() for component in message.components],
    }
    return f"{json.dumps(reply, indent=2, ensure_ascii=False)}\n".encode()


def as_read(message: discord.Message) -> str:
    """A reply as plain text, in the order in which the eye meets it."""
    lines = [message.content] if message.content else []
    for embed in message.embeds:
        lines += [_plain(part) for part in (embed.title, embed.description, embed.footer.text) if part]
    lines += [f"📎 {file.filename} ({file.size / 1000:.1f} kB)" for file in message.attachments]
    return "\n".join(lines)


def _plain(markdown: str) -> str:
    told = re.sub(r"<t:(\d+):\w>", lambda time: f"at {_clock(int(time[1]))}", markdown)
    return re.sub(r"\*\*|^```\n?|\n?```$", "", told, flags=re.MULTILINE).replace("\\", "")


def _clock(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).astimezone().strftime("%H:%M")


def progress_line() -> Tell:
    """Tells of stages on one line of a terminal, or a line each where the output is no terminal."""
    said = ""

    def tell(text: str) -> None:
        nonlocal said
        if text == said:
            return
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{text}")
        else:
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
        said = text

    return tell
