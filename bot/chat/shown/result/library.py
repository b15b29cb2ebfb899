"""Songs that were transcribed, as cards: made anew from the stored notes, so that no credit is spent twice."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from bot.chat.shown.cards import Card
from bot.chat.shown.result import answer
from bot.chat.shown.result.more import BESIDE, VIDEO
from bot.chat.shown.result.originals import Originals
from bot.chat.shown.result.videos import Progress, Video, Videos
from bot.clock import Clock, utc_now
from bot.errors import SongDeletedError, SongGoneError
from bot.jobs.model import Job
from bot.jobs.work.places import Places, whose
from bot.jobs.work.songs import Songs
from bot.jobs.work.steps import AT_ONCE
from bot.jobs.work.workshop import Workshop
from bot.language import Language, language_of, text
from bot.music.song import Song
from bot.music.view.view import View
from bot.rounds import Whose
from bot.score.engraving import Form, as_guitar_pro, engraved
from bot.score.score import Score
from bot.sound.engines import available
from bot.sound.errors import PreviewError, PreviewsOffError
from bot.sound.preview import Beside, Preview, preview
from bot.video.shot import Which

log = structlog.get_logger(__name__)

Made = TypeVar("Made")


class Library:
    """Draws songs, off the event loop."""

    def __init__(
        self,
        songs: Songs,
        workshop: Workshop,
        *,
        preview_seconds: float,
        videos: Videos,
        sound_font: Path | None = None,
        originals: Originals | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """`preview_seconds` 0: no previews; `sound_font` is the owner's choice for them. Without `originals` no recording is played."""
        self._originals = originals
        self.videos = videos
        self._songs = songs
        self._workshop = workshop
        self._preview_seconds = preview_seconds
        self._sound_font = sound_font
        self._clock = clock
        # Each is a process of 100 MB.
        self._previewing = Places(1)
        # A job that waits keeps its place for work, and 90 kB. On a machine that falls behind all places would be taken, and
        # results would wait for what is only heard beside others.
        self._in_line = Places(AT_ONCE * 3 // 4)
        self._engraving = Places(1)

    async def no_previews(self) -> str | None:
        """Why nobody gets a preview, whatever a server wants; None where they can be made."""
        if not self._preview_seconds:
            return text("off: my owner turned previews off")
        # Looking for packages reads files.
        if await asyncio.to_thread(available, self._sound_font):
            return text("off: I can't make previews on this machine")
        return None

    async def card(self, job: Job, song: Song, say: Language | None = None) -> Card:
        """The card of a song, in the language of who asked for it unless another is given."""
        ended, spoken = job.finished_at or self._clock(), say or language_of(job.reply.locale)
        lacks = await self._lacks(job)
        return await self._workshop.do(
            whose(job), song.most_events, answer.result, job, song, ended, spoken, lacks
        )

    async def _lacks(self, job: Job) -> frozenset[str]:
        """What cannot be had of a job, here and now."""
        can_compare = self._originals is not None and await self._originals.has(job)
        lacks = set() if can_compare and await self.can_be_heard(job) else {BESIDE}
        if not await self.videos.are_possible():
            lacks.add(VIDEO)
        return frozenset(lacks)

    async def with_preview(self, card: Card, job: Job, song: Song) -> Card:
        """The card with something to listen to, where this machine can make it and not too many wait for that."""
        if not self._preview_seconds or not job.has_preview:
            return card
        asker = whose(job)
        if not self._in_line.has_room(asker):
            log.info("preview.none", job=job.id, reason="too many wait for theirs")
            return card
        try:
            async with self._in_line.place(asker), self._previewing.place(asker):
                heard = await preview(
                    song,
                    seconds=self._preview_seconds,
                    most_bytes=job.reply.file_limit,
                    sound_font=self._sound_font,
                )
        except PreviewError as error:
            log.info("preview.none", job=job.id, error=error.code, detail=error.detail)
            return card
        return answer.with_preview(card, job, song, heard)

    async def can_be_heard(self, job: Job) -> bool:
        """Whether somebody may listen to it, by its server's rules and on this machine."""
        return job.has_preview and await self.no_previews() is None

    async def heard(
        self, job: Job, choose: Callable[[Song], Song], *, wanted_by: Whose, most_bytes: int
    ) -> tuple[Song, Preview]:
        """The song, and a preview of what `choose` takes of it.

        Raises:
            SongGoneError: its notes are not kept any more, or it has nothing of that kind.
            SongDeletedError: somebody deleted it meanwhile.
            NotesError: its notes cannot be read.
            PreviewError: there is nothing to hear in it, or no way to make it heard.
        """
        self._check_previews(job)
        song = await self._read(job, wanted_by)
        some = choose(song)
        async with self._previewing.place(wanted_by):
            heard = await preview(
                some,
                seconds=self._preview_seconds,
                most_bytes=most_bytes,
                sound_font=self._sound_font,
            )
        await self._check_kept(job)
        return song, heard

    async def beside(self, job: Job, *, wanted_by: Whose, most_bytes: int) -> tuple[Song, Preview]:
        """The song, and its recording left and its notes right, in the key that both are in.

        Raises:
            SongGoneError: its notes are not kept any more.
            SoundGoneError: its recording is not.
            NotesError: its notes cannot be read.
            PreviewError: there is nothing to hear in it, or no way to make it heard.
        """
        self._check_previews(job)
        if self._originals is None:
            raise PreviewsOffError
        part = View(0, job.view.start_seconds, job.view.end_seconds) if job.view else None
        song = await self._read(msgspec.structs.replace(job, view=part), wanted_by)
        # Fetched first: a slow host is waited for by nobody who wants to hear something else.
        async with (
            self._originals.read(job, wanted_by=wanted_by) as file,
            self._previewing.place(wanted_by),
        ):
            heard = await preview(
                song,
                seconds=min(self._preview_seconds, song.longest_seconds),
                most_bytes=most_bytes,
                sound_font=self._sound_font,
                beside=Beside(file, song.begins_seconds),
            )
        await self._check_kept(job)
        return song, heard

    def _check_previews(self, job: Job) -> None:
        if not self._preview_seconds or not job.has_preview:
            raise PreviewsOffError

    async def open(self, job: Job, say: Language) -> Card:
        """The whole card of a job that ended earlier.

        Raises:
            SongGoneError: its notes are not kept any more.
            NotesError: its notes cannot be read.
        """
        song = await self._read(job, whose(job))
        card = await self.with_preview(await self.card(job, song, say), job, song)
        await self._check_kept(job)
        return card

    async def made(
        self, job: Job, make: Callable[[Job, Song, Language], Made], say: Language, *, wanted_by: Whose
    ) -> Made:
        """What `make` makes of a song that ended earlier.

        Raises:
            SongGoneError: its notes are not kept any more.
            NotesError: its notes cannot be read.
        """
        song = await self._read(job, wanted_by)
        return await self._workshop.do(wanted_by, song.most_events, make, job, song, say)

    async def engraved(self, job: Job, musicxml: str, form: Form, *, wanted_by: Whose) -> bytes:
        """A sheet of a job's song as a picture or a PDF, when it is the turn of who wants it.

        Raises:
            SongDeletedError: somebody deleted the song meanwhile.
            SheetError: it cannot be drawn.
        """
        async with self._engraving.place(wanted_by):
            drawn = await engraved(musicxml, form)
        await self._check_kept(job)
        return drawn

    async def guitar_pro(self, score: Score, *, wanted_by: Whose) -> bytes:
        """A sheet of one guitar or bass as a .gp5, when it is the turn of who wants it.

        Raises:
            SheetError: it cannot be written.
        """
        async with self._engraving.place(wanted_by):
            return await as_guitar_pro(score)

    async def video(
        self,
        job: Job,
        which: Which,
        say: Language,
        *,
        wanted_by: Whose,
        most_bytes: int,
        progress: Progress,
    ) -> Video:
        """A video of a song that ended earlier.

        Raises:
            SongGoneError: its notes are not kept any more.
            NotesError: its notes cannot be read.
            VideoError, InputError: it cannot be made, or not of this part.
        """
        scene = await self.made(job, self.videos.cut(which), say, wanted_by=wanted_by)
        made = await self.videos.make(scene, wanted_by=wanted_by, most_bytes=most_bytes, progress=progress)
        await self._check_kept(job)
        return made

    async def _check_kept(self, job: Job) -> None:
        """What takes seconds to make is shown to nobody if its song was deleted meanwhile."""
        if not await self._songs.are_kept(job):
            raise SongDeletedError

    async def _read(self, job: Job, reader: Whose) -> Song:
        song = await self._songs.read(job, reader=reader)
        if not song.tracks:
            # No song without notes ever ends well: somebody deleted it a moment ago.
            raise SongGoneError
        return song
