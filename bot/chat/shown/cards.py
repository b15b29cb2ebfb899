"""What a person sees of a job: how far it is, and why it came to nothing. Values in, a message's parts out."""

import io
import unicodedata
from collections.abc import Sequence
from datetime import datetime

import discord
import msgspec
from msgspec.structs import replace

from bot.chat.shown.controls import Button, Control
from bot.chat.shown.escaping import as_text
from bot.errors import PianolaError
from bot.jobs.model import Job, State
from bot.jobs.storage.estimates import Estimate
from bot.language import ENGLISH, Language, language_of, text
from bot.music.names import JOINERS, is_drawn

BLURPLE, GREEN, RED, GREY = 0x5865F2, 0x3BA55D, 0xED4245, 0x80848E

PICTURE = "roll.png"

COVER = "cover.jpg"

SPOILER = "SPOILER_"
"""In front of a file's name: Discord shows it when somebody asks for it."""

_MOST_BYTES = 25 * 1024**2 - 256 * 1024
"""Of all files of a message: Discord takes 25 MiB in a request, and the rest of it is text."""

_TOO_LARGE = text(
    "Something was too large for this channel, so I left it out. Use `/midis` where larger files are allowed."
)

_STAGES = (
    (State.UPLOADING, text("Sending the song to the studio")),
    (State.SEPARATING, text("Separating the instruments")),
    (State.TRANSCRIBING, text("Finding the notes")),
    (State.RENDERING, text("Writing the MIDI")),
)


class CardFile(msgspec.Struct, frozen=True):
    """A file of a message. `description` is its alt text, up to 1024 characters."""

    name: str
    data: bytes
    description: str

    def to_discord(self) -> discord.File:
        """A fresh file to send: discord.py reads each once."""
        return discord.File(io.BytesIO(self.data), self.name, description=self.description)


class Card(msgspec.Struct, frozen=True):
    """The parts of one classic message. Components-V2 messages play no audio and hide their files from other bots.

    `files` come in the order of their worth: where there is no room, the last is left out first. `say` is the
    language that all of it is in.
    """

    embeds: tuple[discord.Embed, ...] = ()
    files: tuple[CardFile, ...] = ()
    controls: tuple[Control, ...] = ()
    content: str | None = None
    say: Language = ENGLISH

    def within(self, file_limit: int) -> "Card":
        """The card without the files that are over `file_limit` bytes, or too much together, and a sentence that says so."""
        fitting, room = [], _MOST_BYTES
        for file in self.files:
            if len(file.data) <= min(file_limit, room):
                fitting.append(file)
                room -= len(file.data)
        return self if len(fitting) == len(self.files) else self._with_only(tuple(fitting))

    def without_last_file(self) -> "Card":
        """The card with a file less, and a sentence that says so."""
        return self._with_only(self.files[:-1])

    def _with_only(self, files: tuple[CardFile, ...]) -> "Card":
        embeds = tuple(embed.copy() for embed in self.embeds)
        if PICTURE not in {file.name for file in files}:
            for embed in embeds:
                embed.set_image(url=None)
        if COVER not in {file.name for file in files}:
            for embed in embeds:
                embed.set_thumbnail(url=None)
        told, content = self.say(_TOO_LARGE), self.content or ""
        return replace(
            self,
            embeds=embeds,
            files=files,
            content=content if told in content else f"{content}\n{told}".strip(),
        )


def begun(job: Job) -> Card:
    """Said before anything is done. Nothing in it was chosen by people: what stops such words does not stop this."""
    say = language_of(job.reply.locale)
    embed = discord.Embed(description=f"⏳ {say('One moment…')}", colour=BLURPLE)
    return Card(embeds=(embed,), controls=(Button("cancel", job.id),), say=say)


def progress(job: Job, now: datetime, estimate: Estimate) -> Card:
    """How far a job is, for how long it has been under way, how long such jobs take, and how many came before it."""
    say = language_of(job.reply.locale)
    embed = discord.Embed(title=title_of(job, say), colour=BLURPLE)
    stages = [(state, stage) for state, stage in _STAGES if state.rank >= job.begins_with.rank]
    reached = min(job.state.rank, State.RENDERING.rank)
    if not job.is_separated:
        stages = [(state, stage) for state, stage in stages if state is not State.SEPARATING]
        reached = State.TRANSCRIBING.rank if job.state is State.SEPARATING else reached
    lines = []
    for state, stage in stages:
        if state.rank < reached:
            lines.append(f"✅ {say(stage)}")
        else:
            lines.append(f"⏳ **{say(stage)}** …" if state.rank == reached else f"▫️ {say(stage)}")
    if estimate.before:
        lines += ["", _before(estimate.before, say)]
    embed.description = "\n".join(lines)
    times = [say("{time} so far", time=say.duration(job.worked(now)))]
    if estimate.usual is not None:
        times.append(say("usually {time}", time=say.duration(estimate.usual)))
    embed.set_footer(text=" · ".join(times))
    return Card(embeds=(embed,), controls=(Button("cancel", job.id),), say=say)


def _before(count: int, say: Language) -> str:
    return say.plural(
        "{count} song is ahead of yours.",
        "{count} songs are ahead of yours.",
        count,
    )


def cancelled(job: Job) -> Card:
    """Said to who cancelled."""
    say = language_of(job.reply.locale)
    told = say("Cancelled. The studio may finish what it started, but nothing will be posted.")
    return Card(embeds=(discord.Embed(title=title_of(job, say), description=told, colour=GREY),), say=say)


def forgotten(job: Job) -> Card:
    """Said where a song was under way of whom all was deleted."""
    say = language_of(job.reply.locale)
    told = say("Deleted, as you asked. I won't post this song.")
    return Card(embeds=(discord.Embed(title=title_of(job, say), description=told, colour=GREY),), say=say)


def failure(
    job: Job, error: PianolaError, told: Sequence[str] = (), controls: Sequence[Control] = ()
) -> Card:
    """Why there is no result, and what to do: `told` are more sentences, `controls` more to try."""
    say = language_of(job.reply.locale)
    description = " ".join([say.error(error), *told])[:4096]
    embed = discord.Embed(title=title_of(job, say), description=description, colour=RED)
    # The log has the whole id.
    embed.set_footer(text=f"#{short_id(job)}")
    again = [Button("again", job.id)] if error.again else []
    return Card(embeds=(embed,), controls=(*again, *controls), say=say)


def short_id(job: Job) -> str:
    """The beginning of a job's id, which is enough to find it in the log."""
    return job.id[:8]


def told_of_separation(job: Job, say: Language) -> list[str]:
    """What becomes of a separation that was chosen for a song which has one."""
    if job.is_learned and any(part.separation for part in job.parts):
        return [say("Two stems gave no notes here so far, so I took all stems.")]
    if not job.passes_over_separation:
        return []
    return [say("This song was already separated, so I used that and ignored `separation`.")]


def hidden_with(job: Job, name: str) -> str:
    """A file's name; Discord hides those with its word in front, as the song itself had it."""
    return f"{SPOILER}{name}" if job.is_spoiler else name


def title_of(job: Job, say: Language, limit: int = 256) -> str:
    """The title of a job as an embed's: up to `limit` characters, in one line, with nothing that Discord would draw."""
    return shortened(as_text(one_line(job.title)), limit) or say("Song")


def one_line(title: str) -> str:
    """A title without line ends, and without the marks that turn the direction of what follows; empty where nothing would be seen."""
    seen = "".join(
        " " if unicodedata.category(sign)[0] in "CZ" and sign not in JOINERS else sign for sign in title
    )
    return " ".join(seen.split()) if any(map(is_drawn, seen)) else ""


def shortened(text: str, width: int) -> str:
    """`text` in at most `width` characters."""
    return text if len(text) <= width else text[: width - 1] + "…"
