"""Videos of songs: made one at a time, in turns, and one for each person; and what is said of one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec

from bot.chat.shown.cards import Card, CardFile
from bot.chat.shown.controls import Button
from bot.chat.shown.result.key_and_part import stem_of
from bot.jobs.model import Job
from bot.jobs.work.places import Places
from bot.language import Language
from bot.music.clock_time import clock_time
from bot.music.song import Song
from bot.music.view.view import View
from bot.rounds import Whose
from bot.video.errors import VideoLineError, VideoUnderWayError
from bot.video.film import available, film
from bot.video.shot import Shot, Which, can_be_whole, shot

_LONGEST_WAIT_SECONDS = 300.0
"""An interaction can be answered for 15 minutes, of which a video of five minutes may take eight."""


class Progress(msgspec.Struct):
    """How far a video is: percents, or None while others' come first."""

    percent: int | None = None

    def tell(self, percent: int) -> None:
        """So much is done."""
        self.percent = percent


class Scene(msgspec.Struct, frozen=True):
    """What is shown, and the file's name without its ending. `can_be_whole`: all of the song may be shown instead."""

    shot: Shot
    stem: str
    can_be_whole: bool
    view: View | None = None
    """What of a song its answer shows, where that is not all: so the shot is of that."""


class Video(msgspec.Struct, frozen=True):
    """An mp4 file and what it shows."""

    mp4: bytes
    scene: Scene


def scene(job: Job, song: Song, say: Language, *, which: Which, seconds: float) -> Scene:
    """What is shown. Takes up to a tenth of a second: not for the loop.

    Raises:
        NothingToSeeError: no notes are in this part.
    """
    seen = shot(song, job.title, which, seconds, say)
    return Scene(seen, stem_of(job, song), can_be_whole(song) and not seen.is_whole, song.view)


class Videos:
    """Makes them. `seconds` is the length of a part; 0: there are none."""

    def __init__(self, *, seconds: float, sound_font: Path | None = None) -> None:
        """`sound_font` is the owner's choice."""
        self._seconds = seconds
        self._sound_font = sound_font
        # Each is a process of up to 260 MB.
        self._places = Places(1)
        self._served: set[Hashable] = set()

    async def are_possible(self) -> bool:
        """Whether the owner wants them and this machine can make them."""
        return bool(self._seconds) and await asyncio.to_thread(available, self._sound_font)

    @asynccontextmanager
    async def turn(self, whose: Whose) -> AsyncIterator[Progress]:
        """Somebody's one video at a time, from the press until it is posted.

        Raises:
            VideoUnderWayError: they wait for one.
        """
        if whose.person in self._served:
            raise VideoUnderWayError
        self._served.add(whose.person)
        try:
            yield Progress()
        finally:
            self._served.discard(whose.person)

    def cut(self, which: Which) -> Callable[[Job, Song, Language], Scene]:
        """What cuts a part of a song out; a process can be given it."""
        return partial(scene, which=which, seconds=self._seconds)

    async def make(self, scene: Scene, *, wanted_by: Whose, most_bytes: int, progress: Progress) -> Video:
        """The video of what was cut out.

        Raises:
            VideoLineError: too many others come first.
            VideoError: it could not be made, or came out too large.
        """
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
                    await stack.enter_async_context(self._places.place(wanted_by))
            except TimeoutError:
                raise VideoLineError from None
            progress.tell(0)
            mp4 = await film(
                scene.shot, most_bytes=most_bytes, sound_font=self._sound_font, told=progress.tell
            )
        return Video(mp4, scene)


def under_way(progress: Progress, say: Language) -> str:
    """How far it is, in a line."""
    if progress.percent is None:
        return say("⏳ Another video is being made. Yours comes after it.")
    return say("⏳ Making the video: {percent}", percent=say.percent(progress.percent / 100))


def card(job: Job, video: Video, say: Language) -> Card:
    """The video, and the buttons for other parts of the song."""
    told = _told(video.scene, say)
    file = CardFile(f"{video.scene.stem}.mp4", video.mp4, told)
    buttons = [Button("videobegin", job.id)] if video.scene.shot.start_seconds else []
    if video.scene.can_be_whole:
        is_part = video.scene.view is not None and video.scene.view.is_excerpt
        buttons.append(Button("videoall", job.id, label=say("All of this part") if is_part else None))
    return Card(content=told, files=(file,), controls=tuple(buttons), say=say)


def _told(scene: Scene, say: Language) -> str:
    """What is shown of the whole song, in its times."""
    shot, part = scene.shot, scene.view if scene.view and scene.view.is_excerpt else None
    start = shot.start_seconds + (part.start_seconds if part else 0)
    if shot.is_whole and part is None:
        return say("The whole song, played by a General MIDI synthesizer.")
    if shot.is_whole and part is not None:
        end = part.start_seconds + shot.song_seconds if part.end_seconds is None else part.end_seconds
        return say(
            "From {start} to {end}, played by a General MIDI synthesizer.",
            start=clock_time(start),
            end=clock_time(end),
        )
    length = say.duration(timedelta(seconds=round(shot.seconds)))
    if start:
        return say(
            "{time} from {start}, played by a General MIDI synthesizer.", time=length, start=clock_time(start)
        )
    return say("The first {time}, played by a General MIDI synthesizer.", time=length)
