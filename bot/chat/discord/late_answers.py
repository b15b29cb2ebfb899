"""Answers to what was pressed in a process that is gone: the song as it was changed, or a word that it is to be asked for again."""

import aiohttp
import discord
import structlog
from msgspec.structs import replace

from bot.chat.discord.refusals import is_passing
from bot.chat.discord.ways import Ways
from bot.chat.shown.cards import Card
from bot.chat.shown.result.library import Library
from bot.clock import Clock, utc_now
from bot.errors import PianolaError
from bot.jobs.model import Job
from bot.jobs.storage.databases.troubles import trouble_of
from bot.jobs.storage.presses import Press
from bot.jobs.storage.store import Store
from bot.language import language_of

log = structlog.get_logger(__name__)


class LateAnswers:
    """Given from what is kept of a press alone."""

    def __init__(self, store: Store, library: Library, ways: Ways, clock: Clock = utc_now) -> None:
        self._store = store
        self._library = library
        self._ways = ways
        self._clock = clock

    async def give(self, press: Press) -> bool:
        """Answer a press if that is possible; False: it may be in a while.

        Raises:
            SQLAlchemyError: the database is away.
        """
        if self._clock() >= press.expires_at:
            log.info("press.too_old", job=press.job_id)
            return True
        try:
            await self._answer(press)
        except PianolaError as error:
            log.info("press.not_taken_up", job=press.job_id, error=error.code)
        except discord.HTTPException as error:
            log.info("press.not_answered", job=press.job_id, error=repr(error))
            return not is_passing(error)
        except (aiohttp.ClientError, OSError) as error:
            log.info("press.not_answered", job=press.job_id, error=type(error).__name__)
            return False
        except Exception as error:
            if trouble_of(error):
                raise
            log.exception("press.failed", job=press.job_id)
        else:
            log.info("press.taken_up", job=press.job_id)
        return True

    async def _answer(self, press: Press) -> None:
        job = await self._store.get(press.job_id) if press.job_id and press.revision is not None else None
        if job and job.revision != press.revision:
            await self._repaint(press, job)
        else:
            await self._say_so(press)

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
