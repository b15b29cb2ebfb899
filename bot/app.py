"""Builds the parts, starts them in order, and stops them in the opposite one.

Port first (hosts kill what does not listen), then the database, the studio, Discord, and last the dispatcher,
which takes up the jobs that an earlier run left open.
"""

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Generic, TypeVar

import aiohttp
import structlog

from bot import doctor
from bot.audio.fetch import Fetcher
from bot.audio.public import is_public
from bot.chat.client import Pianola
from bot.chat.courier import DiscordCourier
from bot.chat.library import Library
from bot.chat.sources import DiscordSources
from bot.chat.status import Watch
from bot.chat.stem_audio import StemLibrary
from bot.errors import SettingsError
from bot.findings import Grade
from bot.hosts import public_address
from bot.jobs.admission import Admission, Limits
from bot.jobs.database import open_database
from bot.jobs.desk import Desk
from bot.jobs.prospects import Prospects
from bot.jobs.queue import repeatedly
from bot.jobs.servers import Servers
from bot.jobs.shelf import Shelf
from bot.jobs.songs import Songs
from bot.jobs.steps import Steps
from bot.jobs.store import Store
from bot.jobs.studios import Studios
from bot.jobs.tasks import StudioTasks
from bot.jobs.workshop import workshop
from bot.kie.client import KieClient
from bot.kie.separation import Separation
from bot.language import ENGLISH
from bot.settings import Settings, callback_base, is_loopback
from bot.web.receiver import Ready, Receiver, serve

log = structlog.get_logger(__name__)

_OVERDUE = timedelta(seconds=60)
"""A wake-up that nobody followed for so long is given again."""

_SWEEP_EVERY = timedelta(hours=1)

_Side = TypeVar("_Side")
Connect = Callable[[Pianola], AbstractAsyncContextManager[_Side]]
"""Joins the bot to a Discord, the real one or a simulated one."""


@dataclass(frozen=True, slots=True)
class Running(Generic[_Side]):
    """A Pianola at work: its port, its jobs by their two faces, and what `connect` gave."""

    port: int
    desk: Desk
    store: Store
    discord: _Side


@dataclass(frozen=True, slots=True)
class _StudioAccess:
    api_url: str
    upload_url: str
    key: str
    hmac_key: str | None
    separation_costs: bool


class _StudioHere:
    """The built-in studio beside kie.ai: started when the first song needs it, and stopped with the program.

    It keeps nothing: a song that it did not finish is begun anew.
    """

    def __init__(self, settings: Settings, session: aiohttp.ClientSession, started: AsyncExitStack) -> None:
        """`started` ends what is started here."""
        self._settings = settings
        self._session = session
        self._started = started
        self._one_start = asyncio.Lock()
        self._client: KieClient | None = None

    async def __call__(self) -> KieClient:
        """A client of it.

        Raises:
            SettingsError: it cannot be started.
        """
        async with self._one_start:
            if self._client is None:
                self._client = await self._start()
            return self._client

    async def _start(self) -> KieClient:
        from bot.studio.service import serve as serve_studio  # noqa: PLC0415 (not every host installs it)

        key = secrets.token_urlsafe(32)
        folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="pianola-studio-")
        self._started.push_async_callback(asyncio.to_thread, shutil.rmtree, folder, ignore_errors=True)
        running = await self._started.enter_async_context(
            serve_studio(
                data_dir=Path(folder),
                api_key=key,
                hmac_key=None,
                max_minutes=self._settings.max_song_minutes,
                max_mb=self._settings.max_song_mb,
            )
        )
        return KieClient(self._session, api_url=running.url, upload_url=running.url, key=key)


@asynccontextmanager
async def run(
    settings: Settings,
    connect: Connect[_Side],
    *,
    host: str,
    port: int | None,
    ready: Ready = lambda: None,
    always_sync: bool = False,
) -> AsyncIterator[Running[_Side]]:
    """Everything, running until the block is left; with `port` None nothing listens, and others take callbacks.

    Raises:
        SettingsError: a part cannot start with these settings.
    """
    hmac_key = _hmac_key(settings)
    receiver = Receiver(hmac_key=hmac_key, ready=lambda: _reason(receiver, ready))
    url = settings.database_url.get_secret_value() if settings.database_url else None
    async with (
        _listening(receiver, host, port) as bound_port,
        open_database(url, settings.data_dir, pooler=settings.database_pooler) as database,
        _studio(settings, hmac_key) as access,
        aiohttp.ClientSession() as session,
        AsyncExitStack() as started,
        workshop() as music,
    ):
        base = callback_base(settings, public_address(os.environ), bound_port) if bound_port else None
        await _log_what_is_missing(settings)
        store = Store(database.engine, database.queue)
        keep_for = timedelta(days=settings.keep_days)
        timeout = timedelta(seconds=settings.job_timeout_seconds)
        admission = Admission(store, Servers(database.engine), _limits(settings))
        kie = _client(settings, access, session)
        studios = _studios(settings, access, kie, await _studio_here(settings, session, started))
        receiver.desk = desk = Desk(
            store,
            callback_base=base,
            job_timeout=timeout,
            studio=settings.studio_name,
            studios=studios,
            admission=admission,
        )
        songs = Songs(store, music)
        library = Library(songs, music, preview_seconds=settings.preview_seconds)
        shelf = Shelf(database.engine, studio=settings.studio_name, keep_for=keep_for)
        prospects = Prospects(database.engine)
        at_studio = _fetcher_at_studio(settings)
        bot = Pianola(
            desk,
            library,
            shelf,
            StemLibrary(at_studio),
            store,
            admission=admission,
            watch=_watch(settings, kie, store, prospects),
            settings=settings,
            always_sync=always_sync,
        )
        courier = DiscordCourier(bot, session, library, prospects, studios)
        tasks = StudioTasks(
            store, studios, callback_base=base, poll_every=timedelta(seconds=settings.poll_seconds)
        )
        sources = DiscordSources(bot, Fetcher(), settings.max_song_mb, at_studio=at_studio)
        steps = Steps(store, studios, sources, courier, tasks=tasks, songs=songs)
        async with (
            connect(bot) as side,
            database.queue.running(store, steps),
            _chore("reconciler", lambda: store.reconcile(_OVERDUE), _OVERDUE),
            _chore("sweep", lambda: store.sweep(keep_for), _SWEEP_EVERY),
        ):
            try:
                yield Running(bound_port, desk, store, side)
            finally:
                # What is called back from here on is asked to come again, to whoever is next.
                receiver.desk = None


async def _log_what_is_missing(settings: Settings) -> None:
    async for finding in doctor.surroundings(settings):
        if finding.grade is not Grade.FINE:
            log.warning("setup.incomplete", finding=finding.said(ENGLISH))


def _limits(settings: Settings) -> Limits:
    cooldown = timedelta(seconds=settings.cooldown_seconds)
    return Limits(settings.songs_per_user, settings.songs_per_server, cooldown)


def _client(settings: Settings, access: _StudioAccess, session: aiohttp.ClientSession) -> KieClient:
    return KieClient(
        session,
        api_url=access.api_url,
        upload_url=access.upload_url,
        key=access.key,
        prices=settings.prices,
    )


def _watch(settings: Settings, kie: KieClient, store: Store, prospects: Prospects) -> Watch:
    return Watch(
        store,
        prospects,
        settings.studio_name,
        studio=lambda: doctor.answering(settings, kie),
        surroundings=lambda: doctor.surroundings(settings),
    )


def _studios(settings: Settings, access: _StudioAccess, kie: KieClient, here: _StudioHere | None) -> Studios:
    return Studios(
        kie,
        separation_type=Separation(settings.separation_type),
        prices=settings.prices if access.separation_costs else None,
        confirms_price=settings.confirm_price,
        is_here=not access.separation_costs,
        here=here,
    )


@asynccontextmanager
async def _chore(name: str, work: Callable[[], Awaitable[object]], every: timedelta) -> AsyncIterator[None]:
    """Something that is done again and again while the block lasts."""
    task = asyncio.create_task(repeatedly(work, every, name), name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _listening(receiver: Receiver, host: str, port: int | None) -> AsyncIterator[int]:
    if port is None:
        yield 0
        return
    async with serve(receiver, host, port) as bound_port:
        yield bound_port


def _reason(receiver: Receiver, ready: Ready) -> str | None:
    return "starting" if receiver.desk is None else ready()


def _hmac_key(settings: Settings) -> str | None:
    if settings.uses_kie or settings.studio_url:
        key = settings.kie_webhook_hmac_key
        return key.get_secret_value() if key else None
    return secrets.token_urlsafe(32)


async def _studio_here(
    settings: Settings, session: aiohttp.ClientSession, started: AsyncExitStack
) -> _StudioHere | None:
    """The built-in studio beside kie.ai, where its packages are installed."""
    if not settings.uses_kie:
        return None
    from bot import studio  # noqa: PLC0415 (a group of packages that not every host installs)

    missing = await asyncio.to_thread(studio.available)
    return None if missing else _StudioHere(settings, session, started)


def _fetcher_at_studio(settings: Settings) -> Fetcher:
    if not is_loopback(settings.kie_upload_url):
        return Fetcher()
    # A kie-compatible server on this machine keeps its files on it.
    return Fetcher(allows=lambda host: ip_address(host).is_loopback or is_public(host), ports=None)


@asynccontextmanager
async def _studio(settings: Settings, hmac_key: str | None) -> AsyncIterator[_StudioAccess]:
    key = settings.kie_api_key.get_secret_value() if settings.kie_api_key else ""
    if settings.uses_kie:
        yield _StudioAccess(
            settings.kie_api_url, settings.kie_upload_url, key, hmac_key, separation_costs=True
        )
        return
    if settings.studio_url:
        yield _StudioAccess(settings.studio_url, settings.studio_url, key, hmac_key, separation_costs=False)
        return
    # The studio is a group of packages that a host with kie alone does not install.
    from bot import studio  # noqa: PLC0415 (see above)
    from bot.studio.service import serve as serve_studio  # noqa: PLC0415 (see above)

    if missing := await asyncio.to_thread(studio.available):
        raise SettingsError(missing)
    own_key = secrets.token_urlsafe(32)
    async with serve_studio(
        data_dir=settings.data_dir / "studio",
        api_key=own_key,
        hmac_key=hmac_key,
        max_minutes=settings.max_song_minutes,
        max_mb=settings.max_song_mb,
    ) as running:
        yield _StudioAccess(running.url, running.url, own_key, hmac_key, separation_costs=False)
