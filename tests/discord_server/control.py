"""Steering a server that runs as a process of its own: JSON over `/_control/`.

GET  state         what is there: messages, interactions, commands, sessions, problems
GET  requests      every request, as `Received`
POST slash         {"command", "options"?, "files"?: {option: {"name", "base64"}}, ...where}: {"id"}
POST message       {"command", "files": [{"name", "base64"}], ...where}: {"id"}
POST click         {"message", "custom_id"}: {"id"}
POST select        {"message", "custom_id", "values"}: {"id"}
POST delete        {"message"}: as a person does
POST fault         {"method", "path", "nth"?, "times"?, ...fields of `Fault`}
POST clear_faults  {}
POST clock         {"seconds"}: forward
POST gateway       {"do": "reconnect", "invalidate", "close", "withhold_acks", "resume_status"; "value"?}
POST user          {"name"?, "dm_refusal"?}: a new person: {"id"}
POST channel       {"kind"?, "guild"?: {"has_bot", "file_limit"}}: {"id"}; without "guild" in the first one
POST set_channel   {"channel", "bot_may"?, "real_file_limit"?, "is_archived"?, "is_locked"?, "is_deleted"?}
POST set_guild     {"guild"?, "has_bot"?, "blocked_words"?}; the first one without "guild"

`where` is {"user"?, "channel"?, "installed"?, "locale"?}, by id.
"""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from aiohttp import web

from tests.discord_server.faults import Fault
from tests.discord_server.people import Where
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import ChannelKind, File, Interaction, Json, Message, Permission

Act = Callable[[DiscordServer, Json], Awaitable[Any]]


def routes(server: DiscordServer) -> list[web.RouteDef]:
    """The control routes of `server`."""

    async def state(_request: web.Request) -> web.Response:
        return web.json_response(state_of(server))

    async def requests(_request: web.Request) -> web.Response:
        return web.json_response([asdict(request) for request in server.requests])

    return [
        web.get("/_control/state", state),
        web.get("/_control/requests", requests),
        *(web.post(f"/_control/{name}", _post(server, act)) for name, act in _ACTS.items()),
    ]


def state_of(server: DiscordServer) -> Json:
    """Everything that tests ask after."""
    world, gateway = server.world, server.gateway
    return {
        "messages": [_message(message) for message in world.messages.values()],
        "interactions": [_interaction(one) for one in world.interactions.values()],
        "commands": [command["name"] for command in world.commands],
        "syncs": world.syncs,
        "is_connected": gateway.is_connected,
        "identifies": gateway.identifies,
        "sessions": {one.id: {"resumes": one.resumes} for one in gateway.sessions.values()},
        "ids": {"user": world.user.id, "channel": world.channel.id, "bot": world.bot.id},
        "rate_limited": server.rates.refused,
        "problems": server.problems,
    }


def _message(message: Message) -> Json:
    return {
        "id": message.id,
        "channel": message.channel.id,
        "channel_kind": message.channel.kind.name,
        "author": message.author.id,
        "content": message.content,
        "embeds": message.embeds,
        "files": [_file(file) for file in message.files],
        "components": message.components,
        "nonce": message.nonce,
        "mentions": message.mentions,
        "edits": message.edits,
        "is_thinking": message.is_thinking,
        "is_ephemeral": message.is_ephemeral,
        "is_deleted": message.is_deleted,
        "interaction": message.interaction.id if message.interaction else None,
    }


def _file(file: File) -> Json:
    return {
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
        "description": file.description,
        "content_type": file.content_type,
    }


def _interaction(one: Interaction) -> Json:
    return {
        "id": one.id,
        "kind": one.kind,
        "state": one.state,
        "user": one.user.id,
        "channel": one.channel.id,
        "installed": one.installed,
        "answers": one.answers,
        "original": one.original.id if one.original else None,
        "followups": [message.id for message in one.followups],
    }


def _post(server: DiscordServer, act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            done = await act(server, await request.json())
        except (AssertionError, KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": repr(error)}, status=400)
        return web.json_response(done)

    return handle


def _where(server: DiscordServer, body: Json) -> Where:
    world = server.world
    user = world.users[body["user"]] if "user" in body else None
    channel = world.channels[body["channel"]] if "channel" in body else None
    return server.where(user, channel, body.get("installed"), body.get("locale", "en-US"))


def _song(file: Json) -> tuple[str, bytes]:
    return file["name"], base64.b64decode(file["base64"])


async def _slash(server: DiscordServer, body: Json) -> Json:
    files = {name: _song(file) for name, file in body.get("files", {}).items()}
    options = {**body.get("options", {}), **files}
    return {"id": (await server.slash(body["command"], at=_where(server, body), **options)).id}


async def _message_command(server: DiscordServer, body: Json) -> Json:
    files = [_song(file) for file in body["files"]]
    made = await server.message_command(body["command"], attachments=files, at=_where(server, body))
    return {"id": made.id}


async def _click(server: DiscordServer, body: Json) -> Json:
    return {"id": (await server.click(server.world.messages[body["message"]], body["custom_id"])).id}


async def _select(server: DiscordServer, body: Json) -> Json:
    message = server.world.messages[body["message"]]
    return {"id": (await server.select(message, body["custom_id"], body["values"])).id}


async def _delete(server: DiscordServer, body: Json) -> None:
    await server.delete(server.world.messages[body["message"]])


async def _fault(server: DiscordServer, body: Json) -> None:
    rule = {name: body.pop(name) for name in ("method", "path", "nth", "times") if name in body}
    server.fault(fault=Fault(**body), **rule)


async def _clear_faults(server: DiscordServer, _body: Json) -> None:
    server.faults.clear()


async def _clock(server: DiscordServer, body: Json) -> None:
    server.world.clock.advance(timedelta(seconds=body["seconds"]))


async def _gateway(server: DiscordServer, body: Json) -> None:
    gateway, value = server.gateway, body.get("value")
    match body["do"]:
        case "reconnect":
            await gateway.ask_to_reconnect()
        case "invalidate":
            await gateway.invalidate(resumable=bool(value))
        case "close":
            await gateway.close(int(value or 1006))
        case "withhold_acks":
            gateway.withhold_acks = bool(value)
        case "resume_status":
            gateway.resume_status = value
        case unknown:
            raise ValueError(unknown)


async def _user(server: DiscordServer, body: Json) -> Json:
    user = server.world.add_user(body.get("name", "somebody"))
    user.dm_refusal = body.get("dm_refusal")
    return {"id": user.id}


async def _channel(server: DiscordServer, body: Json) -> Json:
    guild = server.world.guild
    if "guild" in body:
        guild = server.world.add_guild("another", has_bot=body["guild"].get("has_bot", True))
        guild.file_limit = body["guild"].get("file_limit", guild.file_limit)
    kind = ChannelKind[body.get("kind", "TEXT")]
    return {"id": server.world.add_channel(guild, body.get("name", "a channel"), kind).id}


async def _set_channel(server: DiscordServer, body: Json) -> None:
    channel = server.world.channels[body["channel"]]
    if "bot_may" in body:
        channel.bot_may = Permission(body["bot_may"])
    for name in ("real_file_limit", "is_archived", "is_locked", "is_deleted"):
        setattr(channel, name, body.get(name, getattr(channel, name)))
    await server.changed_channel(channel)


async def _set_guild(server: DiscordServer, body: Json) -> None:
    guild = server.world.guilds[body["guild"]] if "guild" in body else server.world.guild
    guild.blocked_words = tuple(body.get("blocked_words", guild.blocked_words))
    if not body.get("has_bot", True):
        await server.kick_bot(guild)


_ACTS: dict[str, Act] = {
    "slash": _slash,
    "message": _message_command,
    "click": _click,
    "select": _select,
    "delete": _delete,
    "fault": _fault,
    "clear_faults": _clear_faults,
    "clock": _clock,
    "gateway": _gateway,
    "user": _user,
    "channel": _channel,
    "set_channel": _set_channel,
    "set_guild": _set_guild,
}
