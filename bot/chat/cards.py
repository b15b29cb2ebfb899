"""What a person sees of a job: how far it is, what came of it, why nothing did. Values in, a message's parts out."""

import io
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import discord
from discord.utils import escape_markdown

from bot.chat.controls import Button, Choice, Control, Menu
from bot.chat.table import shortened, summary_table
from bot.errors import PianolaError
from bot.jobs.model import Job, State
from bot.music.encode import encode
from bot.music.names import clean
from bot.music.roll.draw import draw
from bot.music.song import Song
from bot.music.summary import Summary, summarise
from bot.sound.preview import Preview

_BLURPLE, _GREEN, _RED, _GREY = 0x5865F2, 0x3BA55D, 0xED4245, 0x80848E

_SURE_TEMPO, _SURE_KEY = 0.3, 0.05
"""Confidences below which a hint is more often wrong than right on real songs."""

_PICTURE = "roll.png"

_TOO_LARGE = (
    "Something was too large for this channel and is left out. `/midis` gives it where there is more room."
)

_MOST_CHOICES = 25
"""Discord's limit for a menu."""

_DEVICES = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"{port}{number}" for port in ("COM", "LPT") for number in range(10)),
}
"""No file on Windows can have one of these names, whatever its ending."""

_STAGES = (
    (State.UPLOADING, "Sending the song to the studio"),
    (State.SEPARATING, "Separating the instruments"),
    (State.TRANSCRIBING, "Finding the notes"),
    (State.RENDERING, "Writing the MIDI"),
)


@dataclass(frozen=True, slots=True)
class CardFile:
    """A file of a message. `description` is its alt text, up to 1024 characters."""

    name: str
    data: bytes
    description: str

    def to_discord(self) -> discord.File:
        """A fresh file to send: discord.py reads each once."""
        return discord.File(io.BytesIO(self.data), self.name, description=self.description)


@dataclass(frozen=True, slots=True)
class Card:
    """The parts of one classic message. Components-V2 messages play no audio and hide their files from other bots.

    `files` come in the order of their worth: where there is no room, the last is left out first.
    """

    embeds: tuple[discord.Embed, ...] = ()
    files: tuple[CardFile, ...] = ()
    buttons: tuple[Control, ...] = ()
    content: str | None = None

    def within(self, file_limit: int) -> "Card":
        """The card without the files that are over `file_limit` bytes, and a sentence that says so."""
        fitting = tuple(file for file in self.files if len(file.data) <= file_limit)
        return self if len(fitting) == len(self.files) else self._with_only(fitting)

    def without_last_file(self) -> "Card":
        """The card with a file less, and a sentence that says so."""
        return self._with_only(self.files[:-1])

    def _with_only(self, files: tuple[CardFile, ...]) -> "Card":
        embeds = tuple(embed.copy() for embed in self.embeds)
        if _PICTURE not in {file.name for file in files}:
            for embed in embeds:
                embed.set_image(url=None)
        return replace(self, embeds=embeds, files=files, content=_TOO_LARGE)


def progress(job: Job, now: datetime) -> Card:
    """How far a job is, and for how long it has been under way."""
    embed = discord.Embed(title=_title(job), colour=_BLURPLE)
    stages = (
        _STAGES[2:] if all(part.upload_url is None and part.separation for part in job.parts) else _STAGES
    )
    reached = min(job.state.rank, State.RENDERING.rank)
    lines = []
    for state, text in stages:
        if state.rank < reached:
            lines.append(f"✅ {text}")
        else:
            lines.append(f"⏳ **{text}** …" if state.rank == reached else f"▫️ {text}")
    embed.description = "\n".join(lines)
    embed.set_footer(text=f"{duration(now - job.created_at)} so far")
    return Card(embeds=(embed,), buttons=(Button("cancel", job.id),))


def cancelled(job: Job) -> Card:
    """Said to who cancelled."""
    told = "Cancelled. What the studio has begun it may still finish, but nothing of it will be posted."
    return Card(embeds=(discord.Embed(title=_title(job), description=told, colour=_GREY),))


def result(job: Job, song: Song, now: datetime) -> Card:
    """The finished song: its file, its picture, and what is in it. Takes tens of milliseconds: not for the loop."""
    summary = summarise(song)
    embed = discord.Embed(title=_title(job), colour=_GREEN)
    count = len(summary.instruments)
    head = (
        f"**{plural(count, 'instrument')} · {plural(summary.notes, 'note')} · {clock_time(summary.duration_seconds)}**"
        f" · at most {summary.most_notes_at_once} at once"
    )
    lines = [head, *_hints(summary), f"```\n{summary_table(summary)}\n```", *song.report.lines()]
    embed.description = "\n".join(lines)[:4096]
    embed.set_footer(text=f"as played · 120 BPM grid · took {duration(now - job.created_at)}")
    embed.set_image(url=f"attachment://{_PICTURE}")
    roll = draw(song)
    names = ", ".join(track.name for track in song.tracks)
    described = f"MIDI file: {plural(count, 'instrument')} ({names})"[:1024]
    midi = CardFile(f"{file_stem(job.title)}.mid", encode(song, title=job.title), described)
    picture = CardFile(_PICTURE, roll.png, roll.alt_text)
    return Card(embeds=(embed,), files=(midi, picture), buttons=_song_controls(job, song))


def _song_controls(job: Job, song: Song) -> tuple[Control, ...]:
    """A menu of the instruments, and a row of buttons: Discord has room for five in one."""
    if not song.tracks:
        return ()
    choices = tuple(
        Choice(_seen(track.name) or f"Instrument {place}", plural(len(track), "note"))
        for place, track in enumerate(song.tracks[:_MOST_CHOICES], 1)
    )
    left = len(song.tracks) - len(choices)
    prompt = f"One instrument… (and {number(left)} more by All as zip)" if left else "One instrument…"
    menu = Menu("instrument", job.id, prompt, choices)
    actions = ("zip", "quantise", "tempo", "csv", "delete")
    return (menu, *(Button(action, job.id) for action in actions))


def _seen(name: str) -> str:
    """A name of at most 64 characters, or none where nothing of it can be seen: Discord refuses a blank label."""
    name = clean(name)
    return name if any(unicodedata.category(sign)[0] in "LNPS" for sign in name) else ""


def with_preview(card: Card, job: Job, preview: Preview) -> Card:
    """The card with something to listen to: Discord plays no MIDI."""
    begins = f" from {clock_time(preview.start_seconds)} on" if preview.start_seconds else ""
    described = f"Preview: {duration(timedelta(seconds=preview.seconds))} of the song{begins}, on a General MIDI synthesizer"
    return replace(card, files=(*card.files, CardFile(f"{file_stem(job.title)}.ogg", preview.ogg, described)))


def _hints(summary: Summary) -> list[str]:
    """Tempo and key where the notes tell them surely enough to be worth reading."""
    tempo, key = summary.hints.tempo, summary.hints.key
    told = []
    if tempo and tempo.confidence >= _SURE_TEMPO:
        told.append(f"about {tempo.bpm:.0f} BPM (or half/double)")
    if key and key.confidence >= _SURE_KEY:
        told.append(f"about {key.name}")
    return [" · ".join(told)] if told else []


def failure(job: Job, error: PianolaError) -> Card:
    """Why there is no result, and what to do."""
    embed = discord.Embed(title=_title(job), description=error.sentence[:4096], colour=_RED)
    return Card(embeds=(embed,), buttons=(Button("again", job.id),) if error.again else ())


def _title(job: Job) -> str:
    # Line ends, and marks that turn the direction of what follows, would leave the title.
    seen = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in job.title)
    return shortened(escape_markdown(" ".join(seen.split())), 256) or "Song"


def file_stem(title: str) -> str:
    """A title as the name of a file that every system takes: letters and digits of any script, `-`, `_`, `.`; 60 at most."""
    plain = unicodedata.normalize("NFC", title)
    # Marks belong to letters: without them Hindi, Thai and Arabic cannot be read.
    kept = "".join(sign if unicodedata.category(sign)[0] in "LMN" or sign in "._" else "-" for sign in plain)
    stem = re.sub("-+", "-", kept).lstrip("-._")[:60].rstrip("-._") or "song"
    return f"song-{stem}" if stem.partition(".")[0].upper() in _DEVICES else stem


def plural(count: int, noun: str) -> str:
    """`1 note`, `2 notes`."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def number(count: int) -> str:
    """With thin spaces between thousands: 1 061."""
    return f"{count:,}".replace(",", "\u202f")


def clock_time(seconds: float) -> str:
    """Minutes and seconds as on a player: 1:28, 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def duration(time: timedelta) -> str:
    """A time taken: 3 s, 2 min 5 s."""
    minutes, seconds = divmod(max(0, round(time.total_seconds())), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
