"""What was pressed and is worked on: where this process ends in between, whoever waits is told, and a song that was changed is shown so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
import discord
import structlog
from msgspec.structs import replace

from bot.background import beside
from bot.chat.discord.refusals import is_passing
from bot.chat.discord.ways import Ways
from bot.chat.shown.cards import Card
from bot.chat.shown.library import Library
from bot.clock import Clock, utc_now
from bot.errors import PianolaError
from bot.jobs.model import Job
from bot.jobs.storage.presses import Press, Presses
from bot.jobs.storage.store import Store
from bot.jobs.storage.troubles import trouble_of
from bot.language import language_of

log = structlog.get_logger(__name__)

_KEPT_AFTER_SECONDS = 2.0
"""Most presses are served by then, and cost no write."""

_GOING_SECONDS = 1.0
_TOLD_WITHIN_SECONDS = 2.0
"""Hosts kill after 5 s at the earliest; what was not told by then the next process tells."""

_TOKEN_LIFE: Final = timedelta(minutes=14)
"""Discord takes an answer for 15."""

_BESIDE = {
    discord.InteractionResponseType.deferred_message_update,
    discord.InteractionResponseType.message_update,
}


@dataclass(slots=True)
class _Served:
    """A press that is being served, by `task`."""

    interaction: discord.Interaction[Any]
    job_id: str | None
    expires_at: datetime
    task: "asyncio.Task[Any] | None"
    kept: Press | None = None
    is_answered: bool = False


class Unfinished:
    """Knows what is being served here, and takes up what other processes left."""

    def __init__(
        self, presses: Presses, store: Store, library: Library, ways: Ways, clock: Clock = utc_now
    ) -> None:
        self._presses = presses
        self._store = store
        self._library = library
        self._ways = ways
        self._clock = clock
        self._served: dict[int, _Served] = {}

    @asynccontextmanager
    async def serving(
        self, interaction: discord.Interaction[Any], job_id: str | None = None
    ) -> AsyncIterator[None]:
        """While the block serves it. One that is broken off here is told of by `stopping`."""
        expires_at = self._clock() + _TOKEN_LIFE
        one = _Served(interaction, job_id, expires_at, asyncio.current_task())
        self._served[interaction.id] = one
        try:
            async with beside(self._keep_late(one), name="unfinished"):
                yield
        except PianolaError:
            await self._done(one)
            raise
        except Exception:
            # Its song may be changed already, and its answer not: that is taken up as if this process had ended.
            if one.kept is None or one.kept.revision is None:
                await self._done(one)
            raise
        else:
            await self._done(one)
        finally:
            self._served.pop(interaction.id, None)

    async def changing(self, interaction: discord.Interaction[Any], job: Job) -> None:
        """A song is changed from here on, which its answer is to show however this process ends."""
        if one := self._served.get(interaction.id):
            press = replace(self._press(one), job_id=job.id, revision=job.revision)
            await self._presses.keep(press)
            one.kept = press

    async def see(self) -> None:
        """Say what is worked on here: beside the looks, which take seconds for each that was left."""
        await self._presses.see([one.kept for one in self._served.values() if one.kept])

    async def look(self) -> None:
        """Take up what nobody works on."""
        for press in await self._presses.left():
            if await self._presses.drop(press):
                await self._take_up(press)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Until the block is left: then what is under way is broken off, and told of as far as there is time."""
        try:
            yield
        finally:
            going = [one for one in self._served.values() if one.interaction.response.is_done()]
            tasks = [one.task for one in going if one.task and one.task.cancel()]
            if tasks:
                await asyncio.wait(tasks, timeout=_GOING_SECONDS)
            try:
                async with asyncio.timeout(_TOLD_WITHIN_SECONDS):
                    await asyncio.gather(*(self._tell(one) for one in going if not one.is_answered))
            except TimeoutError:
                log.info("press.left", count=len(going))

    async def _tell(self, one: _Served) -> None:
        press = one.kept or self._press(one)
        if one.kept is None or await self._presses.drop(press):
            await self._take_up(press)

    async def _keep_late(self, one: _Served) -> None:
        while True:
            await asyncio.sleep(_KEPT_AFTER_SECONDS)
            if one.kept is not None or one.interaction.response.type is discord.InteractionResponseType.modal:
                return
            if one.interaction.response.is_done():
                break
        press = self._press(one)
        one.kept = press
        try:
            await self._presses.keep(press)
        except Exception as error:
            trouble = trouble_of(error)
            if trouble is None:
                raise
            log.info("press.not_kept", problem=trouble.sentence)

    async def _done(self, one: _Served) -> None:
        one.is_answered = True
        if one.kept is None:
            return
        try:
            await self._presses.drop(one.kept)
        except Exception as error:
            trouble = trouble_of(error)
            if trouble is None:
                raise
            log.info("press.not_dropped", problem=trouble.sentence)

    def _press(self, one: _Served) -> Press:
        asked = one.interaction
        return Press(
            interaction_id=asked.id,
            application_id=asked.application_id,
            token=asked.token,
            expires_at=one.expires_at,
            locale=str(asked.locale),
            file_limit=asked.filesize_limit,
            is_beside=asked.response.type in _BESIDE,
            seen_at=self._clock(),
            job_id=one.job_id,
        )

    async def _take_up(self, press: Press) -> None:
        """Answer in the place of a process that is gone; what fails for now is tried again while the press can be answered."""
        if self._clock() >= press.expires_at:
            log.info("press.too_old", job=press.job_id)
            return
        try:
            job = await self._store.get(press.job_id) if press.job_id else None
            if job and press.revision is not None and job.revision != press.revision:
                await self._repaint(press, job)
            else:
                await self._say_so(press)
        except PianolaError as error:
            log.info("press.not_taken_up", job=press.job_id, error=error.code)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("press.not_answered", job=press.job_id, error=repr(error))
            if not isinstance(error, discord.HTTPException) or is_passing(error):
                await self._presses.keep(replace(press, seen_at=self._clock()))
        else:
            log.info("press.taken_up", job=press.job_id)

    async def _repaint(self, press: Press, job: Job) -> None:
        reply = replace(
            job.reply,
            application_id=press.application_id,
            token=press.token,
            token_expires_at=press.expires_at,
            file_limit=press.file_limit,
        )
        shown = replace(job, reply=reply, undelivered=0)
        await self._ways.repaint(shown, await self._library.open(shown, language_of(job.reply.locale)))

    async def _say_so(self, press: Press) -> None:
        say = language_of(press.locale)
        told = say("I was restarted while I worked on this. Please try it once more.")
        if press.is_beside:
            await self._ways.add(press.application_id, press.token, told)
        else:
            await self._ways.put(press.application_id, press.token, Card(content=told, say=say), None)
