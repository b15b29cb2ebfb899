"""Who and what there is: people, guilds, channels, messages, interactions. Plain values that the routes change."""

import asyncio
import hashlib
import itertools
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag
from typing import Any

from tests.discord_server.clock import Clock

Json = dict[str, Any]

EPOCH_MS = 1_420_070_400_000
MIB = 1024**2
FILE_LIMIT = 20 * 1000**2
"""Since September 2026."""

EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15


class Permission(IntFlag):
    """What the bot may do in a channel; only what some route asks for."""

    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    SEND_MESSAGES_IN_THREADS = 1 << 38


EVERYTHING = Permission(sum(Permission))


class ChannelKind(IntEnum):
    TEXT = 0
    DM = 1
    VOICE = 2
    GROUP_DM = 3
    PUBLIC_THREAD = 11
    STAGE = 13
    FORUM = 15


@dataclass(slots=True, eq=False)
class User:
    """A person, or the bot. `dm_refusal` is the code that a direct message meets: 50007 or 50278."""

    id: int
    name: str
    is_bot: bool = False
    dm_refusal: int | None = None


@dataclass(slots=True, eq=False)
class Guild:
    """A server. Without `has_bot` the bot came with a user's installation only, or was kicked.

    AutoMod blocks messages with one of `blocked_words`.
    """

    id: int
    name: str
    has_bot: bool = True
    file_limit: int = FILE_LIMIT
    locale: str = "en-US"
    blocked_words: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Channel:
    """Where messages are. `real_file_limit`, where set, is what is enforced in the place of what is said.

    A post to a thread that `is_archived` opens it again; to one that `is_locked` there is none.
    """

    id: int
    kind: ChannelKind
    guild: Guild | None
    name: str
    bot_may: Permission = EVERYTHING
    recipients: tuple[User, ...] = ()
    real_file_limit: int | None = None
    parent: "Channel | None" = None
    is_archived: bool = False
    is_locked: bool = False
    is_deleted: bool = False

    @property
    def is_bot_dm(self) -> bool:
        return self.kind is ChannelKind.DM and any(user.is_bot for user in self.recipients)

    @property
    def stated_file_limit(self) -> int:
        return self.guild.file_limit if self.guild else FILE_LIMIT

    @property
    def file_limit(self) -> int:
        return self.stated_file_limit if self.real_file_limit is None else self.real_file_limit


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """An attachment and its bytes. `name` is what Discord makes of it, `title` what it was before."""

    id: int
    name: str
    data: bytes
    content_type: str | None
    channel_id: int
    title: str | None = None
    description: str | None = None
    is_ephemeral: bool = False
    stated_size: int | None = None

    @property
    def size(self) -> int:
        return len(self.data) if self.stated_size is None else self.stated_size

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(slots=True, eq=False)
class Message:
    """A message as it stands; `edits` counts how often it was changed."""

    id: int
    channel: Channel
    author: User
    created_at: datetime
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    mentions: list[int] = field(default_factory=list)
    flags: int = 0
    nonce: str | None = None
    edits: int = 0
    edited_at: datetime | None = None
    is_deleted: bool = False
    interaction: "Interaction | None" = None

    @property
    def is_thinking(self) -> bool:
        return bool(self.flags & LOADING)

    @property
    def is_ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    def file(self, ending: str) -> File:
        """The one file whose name ends like this."""
        [found] = [file for file in self.files if file.name.endswith(ending)]
        return found


@dataclass(slots=True, eq=False)
class Interaction:
    """Something a person did, and what was answered. `answers` holds each accepted callback as it came.

    `came_late`: there was one when none was accepted any more.
    """

    id: int
    kind: int
    token: str
    user: User
    channel: Channel
    data: Json
    created_at: datetime
    installed: str
    locale: str = "en-US"
    source: Message | None = None
    answers: list[Json] = field(default_factory=list)
    came_late: bool = False
    acknowledged_at: datetime | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)

    @property
    def callback(self) -> int | None:
        """The type of the accepted callback."""
        return self.answers[0]["type"] if self.answers else None

    @property
    def is_noticed(self) -> bool:
        """Whether the bot said something to it, in time or not: how fast a machine is does not change that it does."""
        return bool(self.answers) or self.came_late

    @property
    def state(self) -> str:
        """`waiting`, `thinking`, `answered`, `deleted`, `updating`, `choices` or `modal`."""
        if self.callback in {None, 6, 8, 9}:
            return {None: "waiting", 6: "updating", 8: "choices", 9: "modal"}[self.callback]
        if self.original is None or self.original.is_deleted:
            return "deleted"
        return "thinking" if self.original.is_thinking else "answered"

    @property
    def shown(self) -> list[Message]:
        """The messages that the person sees of it."""
        original = [self.original] if self.original else []
        return [message for message in (*original, *self.followups) if not message.is_deleted]


class World:
    """Everything the stand-in knows. One guild, channel and person are there from the start."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.token = secrets.token_urlsafe(24)
        self.address = ""
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, Message] = {}
        self.files: dict[int, File] = {}
        self.interactions: dict[int, Interaction] = {}
        self.commands: list[Json] = []
        self.application: Json = {}
        """What differs from an application that can be installed everywhere."""
        self.shards = 1
        self.starts_left = 1000
        self.syncs = 0
        self._count = itertools.count()
        self._changed = asyncio.Condition()
        self.bot = self.add_user("Pianola", is_bot=True)
        self.user = self.add_user("asker")
        self.guild = self.add_guild("a server")
        self.channel = self.add_channel(self.guild, "music")

    def new_id(self) -> int:
        """A snowflake: milliseconds since 2015 and a counter."""
        ms = int(self.clock.now().timestamp() * 1000)
        return (ms - EPOCH_MS) << 22 | next(self._count) % (1 << 22)

    def add_user(self, name: str, *, is_bot: bool = False) -> User:
        user = User(self.new_id(), name, is_bot)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, *, has_bot: bool = True, shard: int | None = None) -> Guild:
        """With `shard`, one that this of the world's shards serves."""
        new = self.new_id()
        if shard is not None:
            # Discord shares servers out by the millisecond in which they were made: one just before.
            new -= ((new >> 22) - shard) % self.shards << 22
        guild = Guild(new, name, has_bot)
        self.guilds[guild.id] = guild
        return guild

    def add_channel(
        self,
        guild: Guild | None,
        name: str,
        kind: ChannelKind = ChannelKind.TEXT,
        recipients: tuple[User, ...] = (),
        parent: Channel | None = None,
    ) -> Channel:
        channel = Channel(self.new_id(), kind, guild, name, recipients=recipients, parent=parent)
        self.channels[channel.id] = channel
        return channel

    def dm_with(self, user: User) -> Channel:
        """The bot's direct messages with a person; there is one."""
        for channel in self.channels.values():
            if channel.is_bot_dm and user in channel.recipients:
                return channel
        return self.add_channel(None, user.name, ChannelKind.DM, (self.bot, user))

    def messages_in(self, channel: Channel) -> list[Message]:
        """What everybody in a channel sees, oldest first."""
        return [
            message
            for message in self.messages.values()
            if message.channel is channel and not message.is_deleted and not message.is_ephemeral
        ]

    async def changed(self) -> None:
        """Wake those who wait for something to be so."""
        async with self._changed:
            self._changed.notify_all()

    async def wait_for_change(self) -> None:
        async with self._changed:
            await self._changed.wait()
