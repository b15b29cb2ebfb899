"""The gateway: identify, heartbeats, events in order, resume; and the ways in which it fails."""

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import aiohttp
from aiohttp import web

from tests.discord_server.payloads import guild_json, user_json
from tests.discord_server.world import Json, World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME = 0, 1, 2, 3, 6
RECONNECT, REQUEST_MEMBERS, INVALID_SESSION, HELLO, ACK = 7, 8, 9, 10, 11

_GUILDS, _GUILD_MESSAGES, _DM_MESSAGES = 1 << 0, 1 << 9, 1 << 12
_PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
"""GUILD_MEMBERS, GUILD_PRESENCES, MESSAGE_CONTENT: this application was not granted any."""

_INTENT_OF = {
    "GUILD_CREATE": _GUILDS,
    "GUILD_DELETE": _GUILDS,
    "MESSAGE_DELETE": _GUILD_MESSAGES | _DM_MESSAGES,
}

_SENDS, _SENDS_SECONDS = 120, 60.0
_LARGEST_PAYLOAD = 4096


Crowd: TypeAlias = Callable[[int, int], Iterator[tuple[int, str]]]
"""The servers of a shard, of so many, beside those of the world: their ids, and what GUILD_CREATE says of each, as JSON."""


def _nobody(_shard: int, _shards: int) -> Iterator[tuple[int, str]]:
    return iter(())


@dataclass(slots=True, eq=False)
class Session:
    """What a gateway session is owed; `socket` is None while it waits for a resume."""

    intents: int
    shard: tuple[int, int]
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    sequence: int = 0
    sent: list[Json] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None
    resumes: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def wants(self, event: str, guild_id: int | None) -> bool:
        wanted = _INTENT_OF.get(event)
        shard = (guild_id >> 22) % self.shard[1] if guild_id else 0
        return (wanted is None or bool(self.intents & wanted)) and shard == self.shard[0]

    async def push(self, event: str, data: Json) -> None:
        """Number an event, keep it for a resume, and send it if somebody listens."""
        async with self.lock:
            self.sequence += 1
            payload = {"op": DISPATCH, "t": event, "s": self.sequence, "d": data}
            self.sent.append(payload)
            await self._send(payload)

    async def push_once(self, event: str, data: str) -> None:
        """Number an event and send it; it is not kept, for there may be 100 000."""
        async with self.lock:
            self.sequence += 1
            self.sent.append({})
            if self.socket is not None:
                await self.socket.send_str(f'{{"op":0,"t":"{event}","s":{self.sequence},"d":{data}}}')

    async def replay(self, after: int) -> None:
        """Send again what came after a number, and say that it is all."""
        async with self.lock:
            for payload in self.sent[after:]:
                await self._send(payload)
        await self.push("RESUMED", {"_trace": []})

    async def _send(self, payload: Json) -> None:
        if self.socket is not None:
            await _send(self.socket, payload)


class _ClosedError(Exception):
    """The client did what ends a connection with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Gateway:
    """All sessions. `withhold_acks` leaves heartbeats unanswered.

    `status` and `resume_status` are what the addresses for new and for interrupted sessions answer, where they do not work.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.heartbeat_ms = 41_250
        self.crowd: Crowd = _nobody
        self.withhold_acks = False
        self.status: int | None = None
        self.resume_status: int | None = None
        self.sessions: dict[str, Session] = {}
        self.identifies = 0
        self.resumes_refused = 0
        self.closes: list[int] = []
        self._sockets: set[web.WebSocketResponse] = set()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/gateway", self._connect, allow_head=False),
            web.get("/gateway/resume", self._resume_address, allow_head=False),
        ]

    @property
    def is_connected(self) -> bool:
        """Whether some session listens: interactions reach it from now on."""
        return any(session.socket is not None for session in self.sessions.values())

    async def dispatch(self, event: str, data: Json, guild_id: int | None = None) -> None:
        """Send an event to every session that wants it, those that wait for a resume included."""
        for session in list(self.sessions.values()):
            if session.wants(event, guild_id):
                await session.push(event, data)

    async def ask_to_reconnect(self) -> None:
        """Opcode 7, as before every deploy of Discord's own."""
        for socket in self._listening():
            await _send(socket, {"op": RECONNECT, "d": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Opcode 9; a session that is not resumable is forgotten."""
        sockets = self._listening()
        if not resumable:
            self.sessions.clear()
        for socket in sockets:
            await _send(socket, {"op": INVALID_SESSION, "d": resumable})

    def session_of(self, shard: int) -> Session | None:
        """The session that listens for a shard."""
        there = (one for one in self.sessions.values() if one.shard[0] == shard and one.socket is not None)
        return next(there, None)

    async def close(self, code: int = 1006, *, shard: int | None = None) -> None:
        """End every connection, or that of a shard: 1006 breaks it without a word, others are sent as the close code."""
        session = None if shard is None else self.session_of(shard)
        ended = (
            list(self._sockets) if shard is None else [session.socket] if session and session.socket else []
        )
        for socket in ended:
            if code == 1006:
                _abort(socket)
            else:
                await socket.close(code=code)

    def _listening(self) -> list[web.WebSocketResponse]:
        return [session.socket for session in self.sessions.values() if session.socket is not None]

    async def _resume_address(self, request: web.Request) -> web.StreamResponse:
        if self.resume_status is not None:
            self.resumes_refused += 1
            await self._world.changed()
            return web.Response(status=self.resume_status)
        return await self._connect(request)

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if self.status is not None and not request.path.endswith("/resume"):
            return web.Response(status=self.status)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        client = _Client(self, self._world, socket)
        try:
            await _send(socket, {"op": HELLO, "d": {"heartbeat_interval": self.heartbeat_ms}})
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    await client.take(str(frame.data))
        except _ClosedError as error:
            self.closes.append(error.code)
            await socket.close(code=error.code, message=str(error).encode())
        finally:
            self._sockets.discard(socket)
            client.leave()
            await self._world.changed()
        return socket


class _Client:
    """One connection, from its first frame on."""

    def __init__(self, gateway: Gateway, world: World, socket: web.WebSocketResponse) -> None:
        self._gateway = gateway
        self._world = world
        self._socket = socket
        self._session: Session | None = None
        self._frames: deque[float] = deque()

    def leave(self) -> None:
        if self._session is not None and self._session.socket is self._socket:
            self._session.socket = None

    async def take(self, text: str) -> None:
        """One frame from the bot."""
        payload = self._read(text)
        operation, data = payload.get("op"), payload.get("d")
        if operation == HEARTBEAT:
            if not self._gateway.withhold_acks:
                await _send(self._socket, {"op": ACK})
        elif operation == IDENTIFY:
            await self._identify(data)
        elif operation == RESUME:
            await self._resume(data)
        elif self._session is None:
            raise _ClosedError(4003, "Not authenticated.")
        elif operation not in {PRESENCE, REQUEST_MEMBERS}:
            raise _ClosedError(4001, "Unknown opcode.")

    def _read(self, text: str) -> Json:
        now = time.monotonic()
        self._frames.append(now)
        while self._frames[0] < now - _SENDS_SECONDS:
            self._frames.popleft()
        if len(self._frames) > _SENDS:
            raise _ClosedError(4008, "Rate limited.")
        try:
            payload = json.loads(text)
        except ValueError:
            payload = None
        if not isinstance(payload, dict) or len(text) > _LARGEST_PAYLOAD:
            raise _ClosedError(4002, "Error while decoding payload.")
        return payload

    async def _identify(self, data: Any) -> None:
        if self._session is not None:
            raise _ClosedError(4005, "Already authenticated.")
        self._check_token(data)
        intents = int(data["intents"])
        if intents & _PRIVILEGED:
            raise _ClosedError(4014, "Disallowed intent(s).")
        shard, shards = data.get("shard", (0, 1))
        if not 0 <= shard < shards:
            raise _ClosedError(4010, "Invalid shard.")
        if (
            sum(guild.has_bot and (guild.id >> 22) % shards == shard for guild in self._world.guilds.values())
            >= 2500
        ):
            raise _ClosedError(4011, "Sharding required.")
        self._gateway.identifies += 1
        session = self._session = Session(intents, (shard, shards), socket=self._socket)
        self._gateway.sessions[session.id] = session
        await self._welcome(session)

    async def _welcome(self, session: Session) -> None:
        world = self._world
        guilds = [
            guild
            for guild in world.guilds.values()
            if guild.has_bot and session.wants("GUILD_CREATE", guild.id)
        ]
        ids = [
            *(guild.id for guild in guilds),
            *(guild_id for guild_id, _ in self._gateway.crowd(*session.shard)),
        ]
        address = f"{world.address.replace('http', 'ws', 1)}/gateway/resume"
        ready = {
            "v": 10,
            "user": user_json(world.bot),
            "guilds": [{"id": str(guild_id), "unavailable": True} for guild_id in ids],
            "session_id": session.id,
            "resume_gateway_url": address,
            "shard": list(session.shard),
            "application": {"id": str(world.bot.id), "flags": 0},
        }
        await session.push("READY", ready)
        for guild in guilds:
            await session.push("GUILD_CREATE", guild_json(world, guild))
        for _, told in self._gateway.crowd(*session.shard):
            await session.push_once("GUILD_CREATE", told)
        await world.changed()

    async def _resume(self, data: Any) -> None:
        self._check_token(data)
        session = self._gateway.sessions.get(data["session_id"])
        if session is None or data["seq"] > session.sequence:
            await _send(self._socket, {"op": INVALID_SESSION, "d": False})
            return
        session.resumes += 1
        session.socket = self._socket
        self._session = session
        await session.replay(data["seq"])
        await self._world.changed()

    def _check_token(self, data: Any) -> None:
        if data["token"] != self._world.token:
            raise _ClosedError(4004, "Authentication failed.")


async def _send(socket: web.WebSocketResponse, payload: Json) -> None:
    """Plain text; a client that has just gone is found out by its own loop."""
    if not socket.closed:
        try:
            await socket.send_str(json.dumps(payload))
        except ConnectionError:
            _abort(socket)


def _abort(socket: web.WebSocketResponse) -> None:
    transport = socket._req.transport if socket._req is not None else None
    if transport is not None:
        transport.abort()
