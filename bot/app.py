"""Builds the parts, starts them in order, and stops them in the opposite one.

Port first (hosts kill what does not listen), then the database, the studio, Discord, and last the dispatcher,
which takes up the jobs that an earlier run left open.
"""

import os
import platform
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Generic, TypeVar

import aiohttp
import msgspec
import structlog

from bot.alarm import WITHIN, Alarm
from bot.audio.fetch import Fetcher
from bot.background import beside, repeatedly
from bot.chat.asked.sources import DiscordSources
from bot.chat.discord.client import Pianola
from bot.chat.discord.counting import discord_calls
from bot.chat.discord.courier import DiscordCourier
from bot.chat.discord.late_answers import LateAnswers
from bot.chat.discord.owner import tell_owner
from bot.chat.discord.shards import Shards, told_of
from bot.chat.discord.unfinished import Unfinished
from bot.chat.discord.ways import Ways
from bot.chat.shown.pianola.status import Watch
from bot.chat.shown.result.library import Library
from bot.chat.shown.result.originals import Originals
from bot.chat.shown.result.stem_audio import StemLibrary
from bot.chat.shown.result.videos import Videos
from bot.clock import utc_now
from bot.doctor.around import surroundings
from bot.doctor.studio import answering, learned
from bot.findings import Finding, Grade
from bot.hosts import public_address
from bot.jobs.admission import Admission, Limits
from bot.jobs.another_try import AnotherTry
from bot.jobs.desk import Desk
from bot.jobs.engines.opening import Database, open_database
from bot.jobs.storage.census import take_ends
from bot.jobs.storage.databases.troubles import Trouble, trouble_of
from bot.jobs.storage.day import take_day
from bot.jobs.storage.estimates import Estimates
from bot.jobs.storage.gateways import Gateways
from bot.jobs.storage.kept_songs import KeptSongs
from bot.jobs.storage.notices import Notices
from bot.jobs.storage.outcomes import Outcomes
from bot.jobs.storage.presses import SEEN_EVERY, Presses
from bot.jobs.storage.servers import Servers
from bot.jobs.storage.store import Store
from bot.jobs.work.retelling import Retelling
from bot.jobs.work.songs import Songs
from bot.jobs.work.steps import Steps
from bot.jobs.work.studios import Studios
from bot.jobs.work.tasks import StudioTasks
from bot.jobs.work.workshop import Workshop, workshop
from bot.language import ENGLISH
from bot.lookout import Lookout, loop_watched, metrics_of
from bot.settings import Settings, callback_base
from bot.site import pages
from bot.studio_access import fetcher_at_studio, hmac_key_of, open_studios
from bot.version import VERSION
from bot.web.receiver import Ready, Receiver, serve

log = structlog.get_logger(__name__)

_OVERDUE = timedelta(seconds=60)
"""A wake-up that nobody followed for so long is given again."""

_LOOK_EVERY = timedelta(seconds=5)
"""A database that nobody needs just now may be away too."""

_SWEEP_EVERY = timedelta(hours=1)

_ALARM_EVERY = timedelta(minutes=1)
"""Two cheap queries; whoever can mend it learns of it while the first songs fail. Credits are asked for less often."""

_Side = TypeVar("_Side")
Connect = Callable[[Pianola], AbstractAsyncContextManager[_Side]]
"""Joins the bot to a Discord, the real one or a simulated one."""


class Running(msgspec.Struct, Generic[_Side], frozen=True):
    """A Pianola at work: its port, its jobs by their two faces, and what `connect` gave."""

    port: int
    desk: Desk
    store: Store
    discord: _Side


@asynccontextmanager
async def run(
    settings: Settings,
    connect: Connect[_Side],
    *,
    host: str,
    port: int | None,
    ready: Ready = lambda: None,
    takes_callbacks: bool = True,
    is_simulated: bool = False,
) -> AsyncIterator[Running[_Side]]:
    """Everything, running until the block is left; with `port` None nothing listens.

    Without `takes_callbacks` others do, and the port is for those who watch. A Discord that `is_simulated` forgets the
    commands, and a press there lasts as long as the timers that it leaves: those of idle connections are 15 s.

    Raises:
        SettingsError: a part cannot start with these settings.
    """
    hmac_key = hmac_key_of(settings)
    health = _Health(ready)
    lookout = Lookout()
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
    receiver = Receiver(
        hmac_key=hmac_key,
        ready=health.problem,
        pages=pages(settings, lambda: lookout.invite) if takes_callbacks else None,
        takes_callbacks=takes_callbacks,
        metrics=metrics_of(token, lookout),
    )
    url = settings.database_url.get_secret_value() if settings.database_url else None
    keep_for = timedelta(days=settings.keep_days)
    furthest = max(timedelta(hours=1), 2 * timedelta(seconds=settings.poll_seconds))
    async with (
        _listening(receiver, host, port) as bound_port,
        open_database(url, settings.data_dir, pooler=settings.database_pooler, tell=health.note) as database,
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=is_simulated), trace_configs=[discord_calls()]
        ) as session,
        open_studios(settings, session, hmac_key) as studios,
        workshop() as music,
    ):
        is_called = takes_callbacks and bound_port
        base = callback_base(settings, public_address(os.environ), bound_port) if is_called else None
        await _log_what_is_missing(settings)
        store = Store(database.transactions, database.queue)
        by_one = partial(_by_one, store if url else None)
        open_parts = _Open(settings, database, store, studios, session, music, base)
        bot = _bot(open_parts, always_sync=is_simulated)
        receiver.desk = bot.desk
        lookout.begin(bot, database.transactions, studios.main.credits if settings.uses_kie else None)
        async with (
            connect(bot) as side,
            bot.unfinished.running(),
            _chore("presses seen", bot.unfinished.see, SEEN_EVERY),
            _chore("presses left", bot.unfinished.look, SEEN_EVERY),
            database.queue.running(store.wakeups, _steps(open_parts, bot)),
            _chore("database watch", database.transactions.look, _LOOK_EVERY),
            _chore("reconciler", lambda: store.wakeups.reconcile(_OVERDUE, furthest), _OVERDUE),
            _chore("alarm", _alarm(open_parts, bot, lookout), _ALARM_EVERY),
            loop_watched(is_wanted=token is not None),
            _chore("sound", bot.desk.look_after_sound, _LOOK_EVERY),
            _chore("sweep", by_one("sweep", lambda: store.sweep(keep_for), _SWEEP_EVERY), _SWEEP_EVERY),
        ):
            health.has_started = True
            _tell_started(settings, base)
            try:
                yield Running(bound_port, bot.desk, store, side)
            finally:
                # What is called back from here on is asked to come again, to whoever is next.
                receiver.desk, health.has_started = None, False


def _tell_started(settings: Settings, base: str | None) -> None:
    log.info(
        "started",
        version=VERSION,
        python=platform.python_version(),
        studio=settings.studio_name,
        database="postgres" if settings.database_url else f"sqlite in {settings.data_dir}",
        address=base or "none: results are looked up",
    )


class _Health:
    """Why the program is not ready."""

    def __init__(self, ready: Ready) -> None:
        """`ready` tells of everything but the start and the database."""
        self.has_started = False
        self._ready = ready
        self._trouble: Trouble | None = None

    def note(self, trouble: Trouble | None) -> None:
        """Called by the database."""
        self._trouble = trouble

    def problem(self) -> str | None:
        """The reason, or None where all is well."""
        if self._trouble:
            return self._trouble.sentence
        return self._ready() if self.has_started else "starting"


class _Open(msgspec.Struct, frozen=True):
    """What is open while the program runs, and the settings that the rest is made by."""

    settings: Settings
    database: Database
    store: Store
    studios: Studios
    session: aiohttp.ClientSession
    music: Workshop
    callback_base: str | None


def _bot(to: _Open, *, always_sync: bool) -> Pianola:
    """The side that takes commands."""
    settings, transactions, store = to.settings, to.database.transactions, to.store
    cooldown = timedelta(seconds=settings.cooldown_seconds)
    limits = Limits(settings.songs_per_user, settings.songs_per_server, cooldown)
    outcomes = Outcomes(transactions)
    admission = Admission(Servers(transactions), limits)
    notices = Notices(store)
    desk = Desk(
        store,
        callback_base=to.callback_base,
        job_timeout=timedelta(seconds=settings.job_timeout_seconds),
        studio=settings.studio_name,
        studios=to.studios,
        admission=admission,
        notices=notices,
        outcomes=outcomes if settings.separation_type == "auto" and settings.uses_kie else None,
    )
    watch = Watch(
        store,
        Estimates(transactions),
        settings.studio_name,
        notices=notices,
        day=lambda: take_day(transactions, utc_now()),
        studio=lambda: answering(settings, to.studios.main),
        surroundings=lambda: _surroundings(settings, outcomes, bot),
    )
    songs = Songs(store, to.music)
    bot = Pianola(
        desk,
        Library(
            songs,
            to.music,
            preview_seconds=settings.preview_seconds,
            videos=Videos(seconds=settings.video_seconds, sound_font=settings.sound_font),
            sound_font=settings.sound_font,
            originals=Originals(
                fetcher_at_studio(settings),
                to.studios,
                keep_for=timedelta(hours=settings.keep_sound_hours),
                max_mb=settings.max_song_mb,
                folder=settings.data_dir,
            ),
        ),
        KeptSongs(transactions, studio=settings.studio_name, keep_for=timedelta(days=settings.keep_days)),
        StemLibrary(fetcher_at_studio(settings)),
        store,
        another_try=AnotherTry(store, to.studios),
        retelling=Retelling(store, to.studios, songs),
        admission=admission,
        notices=notices,
        watch=watch,
        settings=settings,
        connected=Shards(),
        gateways=Gateways(store, transactions),
        always_sync=always_sync,
    )
    answers = LateAnswers(store, bot.library, Ways(bot, to.session))
    bot.unfinished = Unfinished(Presses(store, transactions), store, answers)
    return bot


async def _surroundings(settings: Settings, outcomes: Outcomes, bot: Pianola) -> AsyncIterator[Finding]:
    """What holds around the bot, its connections, and what it has learned."""
    if told := told_of(bot.connected.count, *await bot.reach()):
        yield told
    async for finding in surroundings(settings):
        yield finding
    if settings.uses_kie:
        yield learned(settings, await outcomes.seen())


def _alarm(to: _Open, bot: Pianola, lookout: Lookout) -> Callable[[], Awaitable[None]]:
    """What tells the bot's owner of troubles; a simulated Discord has nobody to tell."""
    settings, store = to.settings, to.store
    alarm = Alarm(
        ends=lambda: take_ends(to.database.transactions, utc_now() - WITHIN),
        credits_left=lookout.credits_left,
        settings=settings,
        claim=store.claim,
        give_back=store.give_back,
        tell=lambda told: tell_owner(bot, told),
    )

    async def look() -> None:
        if settings.discord_token is not None:
            await bot.wait_until_ready()
            await _by_one(store if settings.database_url else None, "alarm", alarm.look, _ALARM_EVERY)()

    return look


def _by_one(
    shared: Store | None, name: str, work: Callable[[], Awaitable[object]], every: timedelta
) -> Callable[[], Awaitable[None]]:
    """What one process does for all that share the database, where it can be `shared`."""

    async def do() -> None:
        # A little less: it is looked for in rounds of just that length, which are never exact.
        if shared is None or await shared.claim(f"turn of {name}", 0.9 * every):
            await work()

    return do


def _steps(to: _Open, bot: Pianola) -> Steps:
    """The side that does the work, and answers through the bot."""
    settings, store = to.settings, to.store
    courier = DiscordCourier(bot, to.session, bot.library, bot.watch.estimates, to.studios)
    bot.tell_forgotten = courier.forgotten
    tasks = StudioTasks(
        store,
        to.studios,
        callback_base=to.callback_base,
        poll_every=timedelta(seconds=settings.poll_seconds),
    )
    at_studio = fetcher_at_studio(settings)
    sources = DiscordSources(
        bot, Fetcher(), settings.max_song_mb, at_studio=at_studio, folder=settings.data_dir
    )
    return Steps(
        store,
        to.studios,
        sources,
        courier,
        tasks=tasks,
        outcomes=Outcomes(to.database.transactions),
        songs=Songs(store, to.music),
    )


async def _log_what_is_missing(settings: Settings) -> None:
    async for finding in surroundings(settings):
        if finding.grade is not Grade.FINE:
            log.warning("setup.incomplete", finding=finding.said(ENGLISH))


@asynccontextmanager
async def _chore(name: str, work: Callable[[], Awaitable[object]], every: timedelta) -> AsyncIterator[None]:
    """Something that is done again and again while the block lasts."""
    async with beside(repeatedly(work, every, name, is_told=_is_trouble), name=name):
        yield


@asynccontextmanager
async def _listening(receiver: Receiver, host: str, port: int | None) -> AsyncIterator[int]:
    if port is None:
        yield 0
        return
    async with serve(receiver, host, port) as bound_port:
        yield bound_port


def _is_trouble(error: Exception) -> bool:
    return trouble_of(error) is not None
