"""The routes that take the bot's token: itself, its commands, channels, people and messages; and the CDN."""

from datetime import datetime, timedelta

from aiohttp import web

from tests.discord_server.bodies import Body, read_body
from tests.discord_server.faults import answer
from tests.discord_server.limits import check_message
from tests.discord_server.payloads import (
    application_json,
    channel_json,
    file_path,
    guild_json,
    link_signature,
    message_json,
    user_json,
)
from tests.discord_server.posting import edit_message, new_message
from tests.discord_server.refusals import RefusedError, invalid
from tests.discord_server.world import Channel, ChannelKind, Json, Message, Permission, World

NONCE_LIFE = timedelta(minutes=5)
"""Documented as "a few minutes"."""

COMMANDS_A_DAY = 200


class Rest:
    """Handlers over the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._nonces: dict[tuple[int, str], tuple[Message, datetime]] = {}
        self._commands_made = 0

    def routes(self, base: str) -> list[web.RouteDef]:
        messages = f"{base}/channels/{{channel}}/messages"
        return [
            web.get(f"{base}/users/@me", self._me, allow_head=False),
            web.post(f"{base}/users/@me/channels", self._open_dm),
            web.get(f"{base}/users/{{user}}", self._user, allow_head=False),
            web.get(f"{base}/oauth2/applications/@me", self._application, allow_head=False),
            web.get(f"{base}/applications/@me", self._application, allow_head=False),
            web.get(f"{base}/applications/{{application}}/commands", self._commands, allow_head=False),
            web.put(f"{base}/applications/{{application}}/commands", self._sync),
            web.get(f"{base}/gateway/bot", self._gateway, allow_head=False),
            web.get(f"{base}/guilds/{{guild}}", self._guild, allow_head=False),
            web.get(f"{base}/channels/{{channel}}", self._channel, allow_head=False),
            web.post(messages, self._send),
            web.get(f"{messages}/{{message}}", self._read, allow_head=False),
            web.patch(f"{messages}/{{message}}", self._edit),
            web.delete(f"{messages}/{{message}}", self._delete),
            web.get("/cdn/{room}/{channel}/{file}/{name}", self._file, allow_head=False),
        ]

    async def _me(self, _request: web.Request) -> web.Response:
        return answer(user_json(self._world.bot))

    async def _application(self, _request: web.Request) -> web.Response:
        return answer(application_json(self._world))

    async def _user(self, request: web.Request) -> web.Response:
        user = self._world.users.get(_number(request, "user"))
        if user is None:
            raise RefusedError(10013)
        return answer(user_json(user))

    async def _guild(self, request: web.Request) -> web.Response:
        guild = self._world.guilds.get(_number(request, "guild"))
        if guild is None or not guild.has_bot:
            raise RefusedError(10004)
        return answer(guild_json(self._world, guild))

    async def _gateway(self, _request: web.Request) -> web.Response:
        left = self._world.starts_left
        starts = {"total": 1000, "remaining": left, "reset_after": 3_600_000, "max_concurrency": 1}
        url = f"{self._world.address.replace('http', 'ws', 1)}/gateway"
        return answer({"url": url, "shards": self._world.shards, "session_start_limit": starts})

    async def _commands(self, _request: web.Request) -> web.Response:
        return answer(self._world.commands)

    async def _sync(self, request: web.Request) -> web.Response:
        body = await request.json()
        known = {(one["name"], one["type"]): one["id"] for one in self._world.commands}
        commands: list[Json] = []
        for place, given in enumerate(body):
            key = (given["name"], given.get("type", 1))
            if key in {(one["name"], one["type"]) for one in commands}:
                message = "Application command names must be unique"
                raise invalid(f"{place}.name", "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
            self._commands_made += key not in known
            ids = {"id": known.get(key) or str(self._world.new_id()), "version": str(self._world.new_id())}
            base = {"application_id": str(self._world.bot.id), "description": ""}
            commands.append(base | given | ids | {"type": key[1]})
        if self._commands_made > COMMANDS_A_DAY:
            raise RefusedError(30034)
        self._world.commands = commands
        self._world.syncs += 1
        return answer(commands)

    async def _open_dm(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        user = self._world.users.get(int(body.fields.get("recipient_id") or 0))
        if user is None:
            raise RefusedError(10013)
        return answer(channel_json(self._world.dm_with(user)))

    async def _channel(self, request: web.Request) -> web.Response:
        return answer(channel_json(self._seen_channel(request)))

    async def _send(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        channel = self._seen_channel(request)
        _may_send(channel, body)
        check_message(body.fields, body.uploads, channel.file_limit)
        nonce = body.fields.get("nonce")
        key = (channel.id, str(nonce))
        if nonce is not None and body.fields.get("enforce_nonce"):
            earlier, at = self._nonces.get(key, (None, self._world.clock.now()))
            if earlier is not None and self._world.clock.now() - at < NONCE_LIFE:
                return answer(message_json(self._world, earlier))
        message = new_message(self._world, channel, self._world.bot, body)
        if nonce is not None:
            message.nonce = str(nonce)
            self._nonces[key] = (message, message.created_at)
        return answer(message_json(self._world, message))

    async def _read(self, request: web.Request) -> web.Response:
        return answer(message_json(self._world, self._seen_message(request)))

    async def _edit(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        message = self._seen_message(request)
        if message.author is not self._world.bot:
            raise RefusedError(50005)
        edit_message(self._world, message, body)
        return answer(message_json(self._world, message))

    async def _delete(self, request: web.Request) -> web.Response:
        message = self._seen_message(request)
        if message.author is not self._world.bot and not message.channel.bot_may & Permission.MANAGE_MESSAGES:
            raise RefusedError(50013)
        message.is_deleted = True
        return web.Response(status=204)

    def _seen_channel(self, request: web.Request) -> Channel:
        channel = self._world.channels.get(_number(request, "channel"))
        if channel is None or channel.is_deleted:
            raise RefusedError(10003)
        outside = not channel.is_bot_dm if channel.guild is None else not channel.guild.has_bot
        if outside or not channel.bot_may & Permission.VIEW_CHANNEL:
            raise RefusedError(50001)
        return channel

    def _seen_message(self, request: web.Request) -> Message:
        channel = self._seen_channel(request)
        if not channel.bot_may & Permission.READ_MESSAGE_HISTORY:
            raise RefusedError(50013)
        message = self._world.messages.get(_number(request, "message"))
        if message is None or message.channel is not channel or message.is_deleted or message.is_ephemeral:
            raise RefusedError(10008)
        return message

    async def _file(self, request: web.Request) -> web.Response:
        """The bytes behind a signed link, until it expires."""
        file = self._world.files.get(_number(request, "file"))
        path, expires = request.rel_url.raw_path, request.query.get("ex", "0")
        genuine = request.query.get("hm") == link_signature(path, expires)
        if file is None or path != file_path(file) or not genuine:
            return web.Response(status=404, text="This content is no longer available.")
        if int(expires, 16) < self._world.clock.now().timestamp():
            return web.Response(status=404, text="This content is no longer available.")
        kind = file.content_type or "application/octet-stream"
        return web.Response(body=file.data, headers={"Content-Type": kind})


def _may_send(channel: Channel, body: Body) -> None:
    if channel.guild is None:
        refusals = [user.dm_refusal for user in channel.recipients if user.dm_refusal]
        if refusals:
            raise RefusedError(refusals[0])
        return
    if channel.is_locked:
        raise RefusedError(50083)
    channel.is_archived = False
    in_thread = channel.kind is ChannelKind.PUBLIC_THREAD
    needed = Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES
    if body.uploads:
        needed |= Permission.ATTACH_FILES
    if body.fields.get("embeds"):
        needed |= Permission.EMBED_LINKS
    if needed & ~channel.bot_may:
        raise RefusedError(50013)


def _number(request: web.Request, name: str) -> int:
    text = request.match_info[name]
    if not text.isdecimal():
        raise invalid(name, "NUMBER_TYPE_COERCE", f"Value {text!r} is not snowflake.")
    return int(text)
