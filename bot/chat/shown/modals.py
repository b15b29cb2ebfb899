"""The questions that a button asks in a modal, and how their answers are read.

discord.py keeps a modal in memory and forgets it with the process. Here its custom id says what it is, and its answers
are read from the interaction: whoever gets the submission can serve it.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.chat.shown.custom_ids import JOB_MODAL, STEMS, CustomId
from bot.chat.shown.views import answered_by_id
from bot.errors import (
    FirstBarUnclearError,
    InstrumentNotKnownError,
    InstrumentsUnclearError,
    PianolaError,
    TempoUnclearError,
)
from bot.language import Language, text
from bot.music.meter.bar_lines import BEATS
from bot.music.meter.chosen import ChosenBars
from bot.music.quantise import GRIDS
from bot.music.read.parse import MAX_SECONDS
from bot.music.said import CHOICES, instrument_meant
from bot.music.write.encode import MAX_BPM, MIN_BPM

_STRENGTHS = (100, 75, 50, 25)
"""Percent of the way to the grid."""

_GRID_WORDS = {
    "1/4": text("quarters"),
    "1/8": text("eighths"),
    "1/8T": text("eighth triplets"),
    "1/16": text("sixteenths"),
    "1/16T": text("sixteenth triplets"),
    "1/32": text("thirty-seconds"),
}

_PACES = {
    "1": text("as I heard them"),
    "0.5": text("half as many"),
    "2": text("twice as many"),
}
"""How many beats for one that was heard."""

FEWEST_STEMS, MOST_STEMS = 2, 10
"""Discord takes ten files in a modal."""

LONGEST_TITLE = 100

_LONGEST_LIST = 300
"""Characters; ten of the longest names have 250."""

WHOLE = "all"
"""Stands for every track of a song."""

_MOST_CHOICES = 25
"""Discord's limit for a menu."""

_USUAL_GRID, _USUAL_STRENGTH = "1/16", 100


def quantise(job_id: str, bpm: float | None, say: Language) -> discord.ui.Modal:
    """Asks for grid, strength and tempo; `bpm` is filled in already."""
    modal = _modal(CustomId(JOB_MODAL, "quantise", job_id=job_id), say("Quantised copy"))
    grids = [
        discord.SelectOption(
            label=f"{grid} · {say(_GRID_WORDS[grid])}", value=grid, default=grid == _USUAL_GRID
        )
        for grid in GRIDS
    ]
    strengths = [
        discord.SelectOption(
            label=say.percent(strength / 100), value=str(strength), default=strength == _USUAL_STRENGTH
        )
        for strength in _STRENGTHS
    ]
    modal.add_item(
        labelled(
            say("Grid"),
            say("The grid the notes move to."),
            discord.ui.Select(custom_id="grid", options=grids),
        )
    )
    modal.add_item(
        labelled(
            say("Strength"),
            say("How far notes move towards the grid."),
            discord.ui.Select(custom_id="strength", options=strengths),
        )
    )
    modal.add_item(
        labelled(
            say("Tempo"),
            say("Beats per minute (6/8: dotted quarters). Empty: the song's own tempo."),
            _bpm_input(bpm, say, required=False),
        )
    )
    return modal


def tempo(job_id: str, bpm: float | None, say: Language) -> discord.ui.Modal:
    """Asks for a tempo; `bpm` is filled in already."""
    modal = _modal(CustomId(JOB_MODAL, "tempo", job_id=job_id), say("Another tempo"))
    told = say("Beats per minute (6/8: dotted quarters). Only bar lines change, not how fast the song plays.")
    modal.add_item(labelled(say("Tempo"), told, _bpm_input(bpm, say, required=True)))
    return modal


def said(job_id: str, tracks: Sequence[str], say: Language, *, offers_whole: bool) -> discord.ui.Modal:
    """Asks what one of the `tracks` is, or with `offers_whole` all of the song."""
    modal = _modal(CustomId(JOB_MODAL, "said", job_id=job_id), say("It is a…"))
    options = [
        discord.SelectOption(label=name, value=str(place))
        for place, name in enumerate(tracks[: _MOST_CHOICES - offers_whole])
    ]
    if offers_whole:
        told = say("It becomes one instrument.")
        options.append(discord.SelectOption(label=say("The whole song"), value=WHOLE, description=told))
    if len(options) > 1:
        which = discord.ui.Select[Any](custom_id="track", options=options)
        modal.add_item(labelled(say("Instrument"), say("As it is called now."), which))
    sounds = [discord.SelectOption(label=name, value=name) for name in CHOICES]
    really = discord.ui.Select[Any](custom_id="instrument", options=sounds)
    told = say("Its name and its sound follow. Drums are listened for in another way than notes.")
    modal.add_item(labelled(say("It is a…"), told, really))
    return modal


def bars(job_id: str, likely: ChosenBars | None, say: Language) -> discord.ui.Modal:
    """Asks how a song is divided into bars; `likely` is filled in already."""
    modal = _modal(CustomId(JOB_MODAL, "bars", job_id=job_id), say("Bars"))
    meters = [
        discord.SelectOption(label=meter, value=meter, default=meter == (likely.meter if likely else "4/4"))
        for meter in BEATS
    ]
    modal.add_item(
        labelled(
            say("Time signature"),
            say("How many beats a bar has."),
            discord.ui.Select(custom_id="meter", options=meters),
        )
    )
    usual = f"{likely.times:g}" if likely else "1"
    paces = [
        discord.SelectOption(label=say(label), value=value, default=value == usual)
        for value, label in _PACES.items()
    ]
    modal.add_item(
        labelled(
            say("Beats"),
            say("Choose half or double where I count too fast or too slow."),
            discord.ui.Select(custom_id="times", options=paces),
        )
    )
    first: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="first", default=f"{likely.first_seconds:g}" if likely else "0", max_length=12
    )
    modal.add_item(
        labelled(say("First bar"), say("When it begins, in seconds from the song's start."), first)
    )
    told = say("Beats per minute (6/8: dotted quarters), all through. Empty: the beats that I heard.")
    modal.add_item(
        labelled(say("Tempo"), told, _bpm_input(likely.bpm if likely else None, say, required=False))
    )
    return modal


def read_bars(given: Mapping[str, str]) -> ChosenBars:
    """The bars that were asked for.

    Raises:
        FirstBarUnclearError: the first bar begins at no time of a song.
        TempoUnclearError: the tempo is none.
        PianolaError: something that no client of Discord sends.
    """
    meter, times, bpm = given.get("meter", ""), given.get("times", ""), given.get("bpm", "").strip()
    if meter not in BEATS or times not in _PACES:
        raise PianolaError(f"no bars {meter!r}, {times!r}")
    first = given.get("first", "").strip()
    try:
        seconds = float(first.removesuffix("s").replace(",", "."))
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= MAX_SECONDS:
        raise FirstBarUnclearError(given=first.replace("`", "'"))
    return ChosenBars(meter, seconds, read_bpm(bpm) if bpm else None, float(times))


def stems(audience: str, say: Language) -> discord.ui.Modal:
    """Asks for the stems of a song, and for its title; `audience` is who sees the answer, `all` or `asker`."""
    modal = _modal(CustomId(STEMS, audience), say("The stems of one song"))
    files = discord.ui.FileUpload[Any](custom_id="stems", min_values=FEWEST_STEMS, max_values=MOST_STEMS)
    told = say("2 to 10 audio files. Each becomes one instrument, named after its file.")
    modal.add_item(labelled(say("Stems"), told, files))
    title = discord.ui.TextInput[Any](custom_id="title", required=False, max_length=LONGEST_TITLE)
    told = say("Empty: what all file names start with.")
    modal.add_item(labelled(say("Title"), told, title))
    named = discord.ui.TextInput[Any](
        custom_id="instruments",
        placeholder=say("for example bass, drums, piano"),
        required=False,
        max_length=_LONGEST_LIST,
    )
    told = say("In the order of the files, with commas. Empty: their names say it.")
    modal.add_item(labelled(say("Instruments"), told, named))
    return modal


def _modal(custom_id: CustomId, title: str) -> discord.ui.Modal:
    return answered_by_id(discord.ui.Modal(title=title, custom_id=str(custom_id)))


def labelled(label: str, description: str, asked: discord.ui.Item[Any]) -> discord.ui.Label[Any]:
    """A question of a modal, with what explains it."""
    return discord.ui.Label(text=label, description=description, component=asked)


def _bpm_input(bpm: float | None, say: Language, *, required: bool) -> discord.ui.TextInput[Any]:
    default = None if bpm is None else f"{bpm:g}"
    return discord.ui.TextInput(
        custom_id="bpm",
        default=default,
        placeholder=say("for example 93 or 128.5"),
        required=required,
        max_length=12,
    )


def answers(interaction: discord.Interaction[Any]) -> dict[str, str]:
    """What was typed and chosen in a submitted modal, by the custom id of each question."""
    given: dict[str, str] = {}
    data: dict[str, Any] = dict(interaction.data or {})
    for label in data.get("components", []):
        asked = label.get("component", {})
        chosen = asked.get("values") or [asked.get("value") or ""]
        given[asked.get("custom_id", "")] = chosen[0]
    return given


def files(interaction: discord.Interaction[Any], question: str) -> list[discord.Attachment]:
    """The files that were uploaded in a submitted modal for one of its questions, in their order."""
    data: dict[str, Any] = dict(interaction.data or {})
    asked = [label.get("component", {}) for label in data.get("components", [])]
    ids = [one for part in asked if part.get("custom_id") == question for one in part.get("values", [])]
    # Read as those of a command's options are.
    options: list[Any] = [
        {"type": discord.AppCommandOptionType.attachment.value, "name": one, "value": one} for one in ids
    ]
    given = discord.app_commands.Namespace(interaction, data.get("resolved", {}), options)
    return [file for _, file in given if isinstance(file, discord.Attachment)]


def read_bpm(given: str) -> float:
    """A tempo as people write it: `93`, `93.5`, `93,5`, `93 bpm`.

    Raises:
        TempoUnclearError: it is none, or beyond what a file is written with.
    """
    try:
        bpm = float(given.casefold().removesuffix("bpm").replace(",", "."))
    except ValueError:
        bpm = math.nan
    if not MIN_BPM <= bpm <= MAX_BPM:
        shown = given.replace("`", "'")
        raise TempoUnclearError(given=shown, slowest=f"{MIN_BPM:g}", fastest=f"{MAX_BPM:g}")
    return bpm


def read_instruments(given: str, count: int) -> list[str | None]:
    """What each of `count` files is, by a list as people write it; None where it says nothing of one.

    Raises:
        InstrumentNotKnownError: there is no such instrument.
        InstrumentsUnclearError: it names more than there are files.
    """
    list_ = given.strip().rstrip(" ,;，、")
    typed = [one.strip() for one in re.split(r"[,;，、\n]", list_)] if list_ else []
    if len(typed) > count:
        raise InstrumentsUnclearError(named=len(typed), files=count)
    found: list[str | None] = []
    for one in typed:
        instrument = instrument_meant(one)
        if one and instrument is None:
            raise InstrumentNotKnownError(name=one.replace("`", "'"))
        found.append(instrument)
    return found + [None] * (count - len(found))


def read_said(given: Mapping[str, str]) -> tuple[int | None, str]:
    """Which track (None: all of the song), and what it is.

    Raises:
        PianolaError: it is none of what was offered, which no client of Discord sends.
    """
    track, instrument = given.get("track") or "0", given.get("instrument", "")
    if instrument not in CHOICES or not (track == WHOLE or track.isdecimal()):
        raise PianolaError(f"no track {track!r}, or no instrument {instrument!r}")
    return None if track == WHOLE else int(track), instrument


def read_grid(given: str) -> str:
    """One of `GRIDS`.

    Raises:
        PianolaError: it is none, which no client of Discord sends.
    """
    if given not in GRIDS:
        raise PianolaError(f"no grid {given!r}")
    return given


def read_strength(given: str) -> float:
    """A strength 0..1 from percent.

    Raises:
        PianolaError: it is none of those offered, which no client of Discord sends.
    """
    if given not in map(str, _STRENGTHS):
        raise PianolaError(f"no strength {given!r}")
    return int(given) / 100
