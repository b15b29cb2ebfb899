"""The studio that does the work: kie.ai, one at an address of the settings, or the built-in one, which is started here."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import msgspec

from bot.audio.fetch import Fetcher
from bot.audio.public import is_public
from bot.errors import SettingsError
from bot.jobs.work.studios import Studios
from bot.kie.client import KieClient
from bot.kie.separation import Separation
from bot.passing_folders import passing_folder_aside, sweep
from bot.settings import Settings, is_loopback

if TYPE_CHECKING:
    from bot.studio.service import StudioService

_FOLDERS = "pianola-studio-"
"""How the names of folders begin that a built-in studio beside kie.ai has."""


class _Access(msgspec.Struct, frozen=True):
    api_url: str
    upload_url: str
    key: str


@asynccontextmanager
async def open_studios(
    settings: Settings, session: aiohttp.ClientSession, hmac_key: str | None
) -> AsyncIterator[Studios]:
    """Who does the jobs, until the block is left; the built-in studio signs its callbacks with `hmac_key`.

    Raises:
        SettingsError: the built-in studio is wanted and cannot work here.
    """
    async with _access(settings, hmac_key) as access, AsyncExitStack() as started:
        main = KieClient(
            session,
            api_url=access.api_url,
            upload_url=access.upload_url,
            key=access.key,
            prices=settings.prices,
        )
        costs = settings.uses_kie
        yield Studios(
            main,
            separation_type=Separation.TWO_STEMS
            if settings.separation_type == "auto"
            else Separation(settings.separation_type),
            prices=settings.prices if costs else None,
            confirms_price=settings.confirm_price,
            is_here=not costs,
            is_alone=settings.database_url is None,
            here=await _studio_here(settings, session, started),
        )


@asynccontextmanager
async def _access(settings: Settings, hmac_key: str | None) -> AsyncIterator[_Access]:
    key = settings.kie_api_key.get_secret_value() if settings.kie_api_key else ""
    if settings.uses_kie:
        yield _Access(settings.kie_api_url, settings.kie_upload_url, key)
        return
    if settings.studio_url:
        yield _Access(settings.studio_url, settings.studio_url, key)
        return
    own_key = secrets.token_urlsafe(32)
    own = studio_of(settings, settings.data_dir / "studio", api_key=own_key, hmac_key=hmac_key)
    async with own as running:
        yield _Access(running.url, running.url, own_key)


@asynccontextmanager
async def studio_of(
    settings: Settings, data_dir: Path, *, api_key: str, hmac_key: str | None = None, port: int = 0
) -> "AsyncIterator[StudioService]":
    """The built-in studio as the settings want it, running until the block is left.

    Raises:
        SettingsError: this installation has none, or it cannot be started.
    """
    # It is a group of packages that a host with kie alone does not install.
    from bot import studio  # noqa: PLC0415 (see above)
    from bot.studio.service import serve  # noqa: PLC0415 (see above)

    if missing := await asyncio.to_thread(studio.available):
        raise SettingsError(missing)
    async with serve(
        data_dir=data_dir,
        port=port,
        api_key=api_key,
        hmac_key=hmac_key,
        max_minutes=settings.max_song_minutes,
        max_mb=settings.max_song_mb,
        song_memory_mb=settings.studio_memory_mb,
        engine_url=settings.muscriptor_url,
        sound_hours=settings.keep_sound_hours,
        record_days=settings.keep_days,
    ) as running:
        yield running


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

    @property
    def started(self) -> KieClient | None:
        """A client of it, if it was needed by now."""
        return self._client

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
        key = secrets.token_urlsafe(32)
        folder = await self._started.enter_async_context(passing_folder_aside(_FOLDERS))
        running = await self._started.enter_async_context(studio_of(self._settings, folder, api_key=key))
        return KieClient(self._session, api_url=running.url, upload_url=running.url, key=key)


async def _studio_here(
    settings: Settings, session: aiohttp.ClientSession, started: AsyncExitStack
) -> _StudioHere | None:
    """The built-in studio beside kie.ai, where its packages are installed."""
    if not settings.uses_kie:
        return None
    from bot import studio  # noqa: PLC0415 (a group of packages that not every host installs)

    await asyncio.to_thread(sweep, _FOLDERS)
    missing = await asyncio.to_thread(studio.available)
    return None if missing else _StudioHere(settings, session, started)


def hmac_key_of(settings: Settings) -> str | None:
    """What callbacks are signed with; None where they are not."""
    if settings.uses_kie or settings.studio_url:
        key = settings.kie_webhook_hmac_key
        return key.get_secret_value() if key else None
    return secrets.token_urlsafe(32)


def fetcher_at_studio(settings: Settings) -> Fetcher:
    """Fetches what the studio keeps: its own addresses are allowed, whatever they are."""
    if settings.uses_kie and not is_loopback(settings.kie_upload_url):
        return Fetcher()
    # The built-in studio, or a kie-compatible server on this machine, keeps its files on it.
    return Fetcher(allows=lambda host: ip_address(host).is_loopback or is_public(host), ports=None)
