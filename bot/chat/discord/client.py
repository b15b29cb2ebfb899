"""The discord.py client: which cogs it has, how commands are made known, and what happens to their errors."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final, TypeVar

import discord
import structlog
import yarl
from discord import app_commands
from discord.ext import commands

from bot.chat.discord.commands import CommandTexts
from bot.chat.discord.counting import discord_calls
from bot.chat.discord.refusals import told_of
from bot.chat.discord.shards import Shards
from bot.chat.discord.unfinished import Unfinished
from bot.chat.shown.pianola.status import Watch
from bot.chat.shown.result.library import Library
from bot.chat.shown.result.stem_audio import StemLibrary
from bot.clock import Clock, utc_now
from bot.errors import NothingSavedError, PianolaError
from bot.invite import invite_link
from bot.jobs.admission import Admission
from bot.jobs.another_try import AnotherTry
from bot.jobs.desk import Desk
from bot.jobs.model import Job
from bot.jobs.storage.databases.troubles import trouble_of
from bot.jobs.storage.gateways import Gateways
from bot.jobs.storage.kept_songs import KeptSongs
from bot.jobs.storage.notices import Notices
from bot.jobs.storage.store import Store
from bot.jobs.work.retelling import Retelling
from bot.language import language_of
from bot.settings import Settings

log = structlog.get_logger(__name__)

_Offered = TypeVar("_Offered")

COGS = ("cogs.midi", "cogs.stems", "cogs.library", "cogs.pianola", "cogs.greeting", "cogs.controls")

# Nothing is spoken here, so nobody needs to be told which voice packages are missing.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


async def _tell_nobody(_job: Job) -> None:
    """Before anything is under way."""


_BETWEEN_IDENTIFIES: Final = timedelta(seconds=5)
"""Discord takes one new connection of a bot in that time, whichever process it comes from."""

_ONE_SYNCS: Final = timedelta(seconds=30)
"""Processes that start together: one makes the commands known, the others look again after that."""

_LONGEST_PAUSE_SECONDS: Final = 900.0


class Pianola(commands.AutoShardedBot):
    """The bot. `desk` takes the songs in, `another_try` knows what is there for one more, `retelling` changes them, `library` gives them out again, and `kept_songs` knows whose are kept.

    `stem_library` has the audio of their stems, `admission` knows the rules of servers, `watch` how everything is,
    `notices` what the owner says to all, and `settings` what the owner decided. `connected` are its own shards, `gateways`
    those of all processes.
    """

    def __init__(
        self,
        desk: Desk,
        library: Library,
        kept_songs: KeptSongs,
        stem_library: StemLibrary,
        store: Store,
        *,
        another_try: AnotherTry,
        retelling: Retelling,
        admission: Admission,
        notices: Notices,
        watch: Watch,
        settings: Settings,
        connected: Shards,
        gateways: Gateways,
        always_sync: bool = False,
        clock: Clock = utc_now,
    ) -> None:
        """`always_sync` tells Discord of the commands at each start: for a Discord that forgets them."""
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=discord.Intents(guilds=True),
            shard_count=settings.shard_count,
            help_command=None,
            tree_cls=_Tree,
            allowed_mentions=discord.AllowedMentions.none(),
            # Guilds and channels come with each interaction; nothing else is looked up.
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            http_trace=discord_calls(),
        )
        self.shard_ids = None if settings.shard_ids is None else list(settings.shard_ids)
        self.desk = desk
        self.another_try = another_try
        self.retelling = retelling
        self.library = library
        self.kept_songs = kept_songs
        self.stem_library = stem_library
        self.admission = admission
        self.notices = notices
        self.watch = watch
        self.settings = settings
        self.connected = connected
        self.gateways = gateways
        self.max_song_mb = settings.max_song_mb
        self.clock = clock
        self.tell_forgotten: Callable[[Job], Awaitable[None]] = _tell_nobody
        """Says in the answer of a song under way that it was deleted."""
        self.unfinished: Unfinished
        """What is being served; set before it connects."""
        self.store = store
        self._always_sync = always_sync
        self._launches: Counter[int] = Counter()
        self.commands_are_known = False
        self.tree.error(self._on_command_error)

    async def setup_hook(self) -> None:
        """Load the cogs and tell Discord of the commands."""
        await self.tree.set_translator(CommandTexts())
        for cog in COGS:
            # A login that failed after this is tried again.
            if cog not in self.extensions:
                await self.load_extension(cog)
        await self.make_commands_known()

    async def learn_shards(self) -> None:
        """Ask Discord how many shards it wants, where the settings do not say.

        Raises:
            discord.GatewayNotFound: it does not answer.
        """
        if self.shard_count is None:
            self.shard_count, *_ = await self.http.get_bot_gateway()
        self.connected.expect(self.shard_ids or range(self.shard_count), self.shard_count)

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Called by discord.py, which begins again every 5 s; a Discord that is down for hours is asked less and less often."""
        again = self._launches[shard_id]
        self._launches[shard_id] += 1
        if again:
            await asyncio.sleep(min(_LONGEST_PAUSE_SECONDS, 5.0 * 2 ** min(again, 10)) - 5.0)
        await super().launch_shard(gateway, shard_id, initial=initial)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Called by discord.py before each new connection."""
        if self.shard_ids is None:
            await super().before_identify_hook(shard_id, initial=initial)
            return
        try:
            while not await self.store.claim("identify", _BETWEEN_IDENTIFIES):  # noqa: ASYNC110 (other processes give no sign)
                await asyncio.sleep(1)
        except Exception as error:
            if trouble_of(error) is None:
                raise
            # Two at once are refused by Discord, and come again.
            await asyncio.sleep(_BETWEEN_IDENTIFIES.total_seconds())

    async def say_connected(self) -> None:
        """Tell the other processes which shards are connected here."""
        if self.shard_ids is not None:
            await self.gateways.say(self.shard_ids[0], sorted(self.connected.here), len(self.guilds))

    async def reach(self) -> tuple[set[int], int]:
        """The shards that are connected, and how many servers they have: in all processes, where there are several."""
        if self.shard_ids is None:
            return set(self.connected.here), len(self.guilds)
        return await self.gateways.heard()

    @property
    def latency_by_shard(self) -> dict[int, float | None]:
        """How many seconds a heartbeat of each of its shards takes; None for one that is not connected."""
        here, shards = self.connected.here, self.shards
        return {
            shard: shards[shard].latency if shard in here and shard in shards else None
            for shard in self.connected.wanted
        }

    @property
    def invite(self) -> str | None:
        """The link with which somebody takes it into a server; None before the login."""
        return invite_link(self.application_id) if self.application_id else None

    def belongs_to(self, user_id: int) -> bool:
        """Whether somebody owns the application, or may change it as one of the team that does.

        Who was invited to the team and has not agreed, or may only read there, does not.
        """
        application = self.application
        if application is None:
            return False
        if application.team is None:
            return user_id == application.owner.id
        return user_id == application.team.owner_id or any(
            member.id == user_id
            and member.membership_state is discord.TeamMembershipState.accepted
            and member.role is not discord.TeamMemberRole.read_only
            for member in application.team.members
        )

    async def make_commands_known(self) -> bool:
        """Tell Discord of the commands if they changed; False: it did not take them, and is to be told again.

        Discord takes 200 new commands a day, so an unchanged set is not sent again.
        """
        translator = self.tree.translator
        commands_now = [
            await command.get_translated_payload(self.tree, translator)
            if translator
            else command.to_dict(self.tree)
            for command in self.tree.get_commands()
        ]
        print_now = hashlib.sha256(json.dumps(commands_now, sort_keys=True).encode()).hexdigest()
        fact = f"commands of {self.application_id}"
        self.commands_are_known = not self._always_sync and await self.store.fact(fact) == print_now
        if not self.commands_are_known:
            if self.shard_ids and not await self.store.claim(f"syncs {fact}", _ONE_SYNCS):
                return False
            try:
                await self.tree.sync()
            except (discord.HTTPException, discord.RateLimited) as error:
                log.warning("commands.not_synced", error=repr(error)[:200])
                return False
            await self.store.keep_fact(fact, print_now)
            self.commands_are_known = True
            log.info("commands.synced", count=len(commands_now))
        return True

    async def _on_command_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        if isinstance(error, app_commands.CheckFailure):
            # It was told where it was checked.
            return
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await tell(
            interaction, cause if isinstance(cause, PianolaError) else _unforeseen(cause, "command.failed")
        )


def _unforeseen(error: Exception, event: str) -> PianolaError:
    """What a person is told of an error that has no sentence, once it is in the log."""
    if trouble := trouble_of(error):
        log.warning(event, problem=trouble.sentence)
        return NothingSavedError()
    if isinstance(error, discord.HTTPException):
        log.warning(event, status=error.status, code=error.code)
        return told_of(error)
    log.error(event, exc_info=error)
    return PianolaError()


def note_asker(interaction: discord.Interaction[Any], **more: str) -> None:
    """Let every line of the log name who asked for what is done from here on, by ids."""
    asked = {"user": interaction.user.id, "server": interaction.guild_id, **more}
    structlog.contextvars.bind_contextvars(**asked)


class _Tree(app_commands.CommandTree["Pianola"]):
    async def interaction_check(self, interaction: discord.Interaction[Any]) -> bool:
        """Called before each command, in its task."""
        note_asker(interaction)
        return True


async def tell(interaction: discord.Interaction, error: PianolaError) -> None:
    """Answer an interaction with an error's sentence, for the asker's eyes."""
    sentence = language_of(str(interaction.locale)).error(error)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True)
        else:
            await interaction.response.send_message(sentence, ephemeral=True)
    except discord.HTTPException as problem:
        log.info("error.not_told", error=error.code, problem=repr(problem))


async def offered(look: Awaitable[list[_Offered]]) -> list[_Offered]:
    """What there is to offer while somebody types; nothing while the database is away."""
    try:
        return await look
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        log.info("autocomplete.nothing", problem=trouble.sentence)
        return []


@asynccontextmanager
async def errors_told(interaction: discord.Interaction[Any]) -> AsyncIterator[None]:
    """Answer with a sentence whatever goes wrong in the block."""
    try:
        yield
    except PianolaError as error:
        log.info("control.refused", error=error.code, detail=error.detail)
        await tell(interaction, error)
    except Exception as error:  # noqa: BLE001 (it is logged there)
        await tell(interaction, _unforeseen(error, "control.failed"))
