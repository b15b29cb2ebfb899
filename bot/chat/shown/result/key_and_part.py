"""Another key, and only a part: how they are asked for, and what is said of a song that is shown so."""

from collections.abc import Mapping
from typing import Any

import discord

from bot.chat.shown.cards import hidden_with
from bot.chat.shown.custom_ids import JOB_MODAL, CustomId
from bot.chat.shown.modals import labelled
from bot.chat.shown.views import answered_by_id
from bot.errors import PianolaError
from bot.jobs.model import Job
from bot.language import Language
from bot.music.clock_time import exact_time, read_time
from bot.music.errors import TimesReversedError, TimeUnclearError
from bot.music.heard.key import Key
from bot.music.names import file_stem
from bot.music.read.parse import MAX_SECONDS
from bot.music.song import Song
from bot.music.view.view import SEMITONES, View

LONGEST_TIME = 20
"""Characters; 5:59:59.123 has 11."""


def modal(job_id: str, view: View | None, key: Key | None, say: Language) -> discord.ui.Modal:
    """Asks for key and part; how the song is shown now is filled in, and `key` is that of the song as it was heard."""
    now = view or View()
    custom_id = CustomId(JOB_MODAL, "view", job_id=job_id)
    asked = answered_by_id(discord.ui.Modal(title=say("Key and part"), custom_id=str(custom_id)))
    options = [
        discord.SelectOption(
            label=_step(semitones, key, say), value=str(semitones), default=semitones == now.semitones
        )
        for semitones in reversed(SEMITONES)
    ]
    told = say("How many semitones higher or lower. Drums stay as they are.")
    asked.add_item(labelled(say("Key"), told, discord.ui.Select(custom_id="semitones", options=options)))
    start = exact_time(now.start_seconds) if now.start_seconds else None
    end = exact_time(now.end_seconds) if now.end_seconds is not None else None
    told = say("A time such as 1:05. Empty: the song's beginning.")
    asked.add_item(labelled(say("From"), told, _time("from", start)))
    told = say("A time such as 2:10. Empty: the song's end.")
    asked.add_item(labelled(say("To"), told, _time("to", end)))
    return asked


def _time(custom_id: str, default: str | None) -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(custom_id=custom_id, default=default, required=False, max_length=LONGEST_TIME)


def _step(semitones: int, key: Key | None, say: Language) -> str:
    """Such as "+2 · A major"."""
    step = f"{semitones:+d}".replace("-", "−") if semitones else say("as it is")
    return f"{step} · {say(key.name_at(semitones))}" if key and key.is_sure else step


def read_view(given: Mapping[str, str]) -> View:
    """The view that was asked for in the modal.

    Raises:
        TimeUnclearError, TimesReversedError: the times are none.
        PianolaError: something that no client of Discord sends.
    """
    chosen = given.get("semitones", "")
    if chosen not in map(str, SEMITONES):
        raise PianolaError(f"no semitones {chosen!r}")
    start, end = read_times(given.get("from"), given.get("to"))
    return View(int(chosen), start, end)


def read_times(start: str | None, end: str | None) -> tuple[float, float | None]:
    """Where a part begins and ends, as somebody typed it; empty: the beginning, and the end.

    Raises:
        TimeUnclearError: one of them is no time.
        TimesReversedError: it ends before it begins.
    """
    begins, ends = _read(start) or 0.0, _read(end)
    if ends is not None and ends <= begins:
        raise TimesReversedError(start=exact_time(begins), end=exact_time(ends))
    return begins, ends


def _read(typed: str | None) -> float | None:
    if typed is None or not typed.strip():
        return None
    seconds = read_time(typed)
    if seconds is None or seconds > MAX_SECONDS:
        raise TimeUnclearError(given=typed.strip().replace("`", "'"))
    return seconds


def told_of_view(job: Job, song: Song, say: Language) -> list[str]:
    """What of a song its answer shows, where that is not all of it as it is."""
    view, semitones = song.view, _semitones(song)
    told = []
    if semitones > 0:
        told.append(say.plural("{count} semitone higher.", "{count} semitones higher.", semitones))
    elif semitones < 0:
        told.append(say.plural("{count} semitone lower.", "{count} semitones lower.", -semitones))
    if view and view.is_excerpt:
        told.append(_excerpt(view, say))
    if told:
        told.append(say("All of it is kept: “Key and part…” under “More…” brings it back."))
    if job.view and job.view.is_excerpt and not (view and view.is_excerpt):
        told.append(_nothing(job.view, say))
    return [" ".join(told)] if told else []


def _semitones(song: Song) -> int:
    """How much higher what is heard of it is: drums never are."""
    return song.view.semitones if song.view and song.has_pitches else 0


def _excerpt(view: View, say: Language) -> str:
    start = exact_time(view.start_seconds)
    if view.end_seconds is None:
        return say("Only from {start} on.", start=start)
    return say("Only from {start} to {end}.", start=start, end=exact_time(view.end_seconds))


def _nothing(view: View, say: Language) -> str:
    start = exact_time(view.start_seconds)
    if view.end_seconds is None:
        return say("There are no notes after {start}, so this is the whole song.", start=start)
    end = exact_time(view.end_seconds)
    return say("There are no notes from {start} to {end}, so this is the whole song.", start=start, end=end)


def stem_of(job: Job, song: Song) -> str:
    """What the files of a song are called before their ending: its title, hidden as the song was, and what of it they hold."""
    view = song.view
    words = [hidden_with(job, file_stem(job.title))]
    if view and view.is_excerpt:
        ends = [] if view.end_seconds is None else ["to", _in_a_name(view.end_seconds)]
        words += ["from", _in_a_name(view.start_seconds), *ends]
    if semitones := _semitones(song):
        words += ["up" if semitones > 0 else "down", str(abs(semitones))]
    return "-".join(words)


def _in_a_name(seconds: float) -> str:
    return exact_time(seconds).replace(":", "-").replace(".", "-")
