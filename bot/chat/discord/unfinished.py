"""What was pressed and is worked on: where this process ends in between, whoever waits is told, and a song that was changed is shown so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import discord
import msgspec
import structlog
from msgspec.structs import replace

from bot.background import beside
from bot.chat.discord.late_answers import LateAnswers
from bot.clock import Clock, utc_now
from bot.errors import PianolaError
from bot.jobs.model import Job
from bot.jobs.storage.databases.troubles import trouble_of
from bot.jobs.storage.presses import Press, Presses
from bot.jobs.storage.store import Store

log = structlog.get_logger(__name__)

_KEPT_AFTER_SECONDS = 2.0
"""Most presses are served by then, and cost no write."""

_GOING_SECONDS = 1.0
_TOLD_WITHIN_SECONDS = 2.0
"""Hosts kill after 5 s at the earliest."""

_TOKEN_LIFE: Final = timedelta(minutes=14)
"""Discord takes an answer for 15."""

_BESIDE = {
    discord.InteractionResponseType.deferred_message_update,
    discord.InteractionResponseType.message_update,
}


class _Served(msgspec.Struct):
    """A press that is being served, by `task`."""

    interaction: discord.Interaction[Any]
    job_id: str | None
    expires_at: datetime
    task: "asyncio.Task[Any] | None"
    kept: Press | None = None
    is_answered: bool = False

    @property
    def is_waited_for(self) -> bool:
        """Whether its answer was promised and is not there."""
        return self.interaction.response.is_done() and not self.is_answered


class Unfinished:
    """Knows what is being served here, and takes up what other processes left."""

    def __init__(self, presses: Presses, store: Store, answers: LateAnswers, clock: Clock = utc_now) -> None:
        self._presses = presses
        self._store = store
        self._answers = answers
        self._clock = clock
        self._served: dict[int, _Served] = {}
        self._taken_up: dict[int, Press] = {}
        self._over: dict[int, Press] = {}
        """They have their answer, and could not be dropped yet."""
        self._in_order = asyncio.Lock()
        """What is kept of a press is written as it was decided: of two writes on Postgres the earlier may arrive last."""

    @asynccontextmanager
    async def serving(
        self, interaction: discord.Interaction[Any], job_id: str | None = None
    ) -> AsyncIterator[None]:
        """While the block serves it. One that is broken off here is told of by `running`."""
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
            if not await self._is_changed(one):
                await self._done(one)
            raise
        else:
            await self._done(one)
        finally:
            self._served.pop(interaction.id, None)

    async def changing(self, interaction: discord.Interaction[Any], job: Job) -> None:
        """A song is changed from here on, which its answer is to show however this process ends."""
        if one := self._served.get(interaction.id):
            async with self._in_order:
                one.kept = replace(self._press(one), job_id=job.id, revision=job.revision)
                await self._presses.keep(one.kept)

    async def see(self) -> None:
        """Say what is worked on here: beside the looks, which take seconds for each that was left."""
        async with self._in_order:
            served = [one.kept for one in self._served.values() if one.kept]
            await self._presses.see([*served, *self._taken_up.values()])

    async def look(self) -> None:
        """Take up what nobody works on."""
        for press in list(self._over.values()):
            await self._drop(press)
        for press in await self._presses.left():
            is_ours = press.interaction_id in self._served or press.interaction_id in self._over
            if not is_ours and await self._presses.take(press):
                await self._take_up(press)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Until the block is left: then what is under way is broken off, and told of as far as there is time."""
        try:
            yield
        finally:
            try:
                async with asyncio.timeout(_GOING_SECONDS + _TOLD_WITHIN_SECONDS):
                    await self._break_off()
            except TimeoutError:
                log.info("press.left")

    async def _break_off(self) -> None:
        # Until nothing is under way: more may be pressed meanwhile.
        while going := [one for one in self._served.values() if one.is_waited_for]:
            tasks = [one.task for one in going if one.task and one.task.cancel()]
            if tasks:
                await asyncio.wait(tasks, timeout=_GOING_SECONDS)
            await asyncio.gather(*(self._tell(one) for one in going if one.is_waited_for))
        await asyncio.gather(*map(self._drop, list(self._over.values())))

    async def _tell(self, one: _Served) -> None:
        press = replace(one.kept or self._press(one), seen_at=self._clock())
        # What there is no time to tell is told by the next process.
        async with _troubles_logged("press.not_kept"):
            await self._presses.keep(press)
        async with _troubles_logged("press.not_told"):
            await self._take_up(press)
        one.is_answered = True

    async def _keep_late(self, one: _Served) -> None:
        while True:
            await asyncio.sleep(_KEPT_AFTER_SECONDS)
            if one.interaction.response.type is discord.InteractionResponseType.modal:
                return
            if one.interaction.response.is_done():
                break
        async with _troubles_logged("press.not_kept"), self._in_order:
            if one.kept is None:
                one.kept = self._press(one)
                await self._presses.keep(one.kept)

    async def _is_changed(self, one: _Served) -> bool:
        """Whether its song is another one than before it, as far as the database says so."""
        if one.kept is None or one.kept.revision is None:
            return False
        async with _troubles_logged("press.unclear"):
            job = await self._store.get(one.kept.job_id or "")
            return job is not None and job.revision != one.kept.revision
        return True

    async def _done(self, one: _Served) -> None:
        one.is_answered = True
        if one.kept:
            await self._drop(one.kept)

    async def _drop(self, press: Press) -> None:
        self._over[press.interaction_id] = press
        async with _troubles_logged("press.not_dropped"):
            await self._presses.drop(press)
            self._over.pop(press.interaction_id, None)

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
        """Answer in the place of a process that is gone; what fails for now is tried again."""
        self._taken_up[press.interaction_id] = press
        try:
            if await self._answers.give(press):
                await self._drop(press)
        finally:
            del self._taken_up[press.interaction_id]


@asynccontextmanager
async def _troubles_logged(event: str) -> AsyncIterator[None]:
    """A database that is away takes nothing else along."""
    try:
        yield
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        log.info(event, problem=trouble.sentence)
