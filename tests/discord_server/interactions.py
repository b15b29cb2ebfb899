"""The routes of interactions: the callback within 3 s, then 15 min of edits and follow-ups."""

from datetime import timedelta

from aiohttp import web

from tests.discord_server.bodies import Body, read_body
from tests.discord_server.faults import answer
from tests.discord_server.limits import CUSTOM_ID
from tests.discord_server.payloads import callback_json, message_json
from tests.discord_server.posting import edit_message, new_message
from tests.discord_server.refusals import RefusedError, invalid
from tests.discord_server.world import EPHEMERAL, LOADING, Interaction, Json, Message, World

ACKNOWLEDGE_WITHIN = timedelta(seconds=3)
TOKEN_LIFE = timedelta(minutes=15)
MOST_FOLLOWUPS_OF_USERS = 5
"""Where the bot is only installed by the user."""

_COMMAND, _COMPONENT, _AUTOCOMPLETE, _MODAL = 2, 3, 4, 5
_REPLY, _DEFER, _DEFER_UPDATE, _UPDATE, _CHOICES, _OPEN_MODAL = 4, 5, 6, 7, 8, 9

_ALLOWED = {
    _COMMAND: {_REPLY, _DEFER, _OPEN_MODAL},
    _COMPONENT: {_REPLY, _DEFER, _DEFER_UPDATE, _UPDATE, _OPEN_MODAL},
    _AUTOCOMPLETE: {_CHOICES},
    _MODAL: {_REPLY, _DEFER, _DEFER_UPDATE, _UPDATE},
}


class Interactions:
    """Handlers over the world. `expired_code` is what a token that is too old meets: 50027, 10015 or 10062.

    `acknowledge_within` is how long an interaction waits for its first answer.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.expired_code = 50027
        self.acknowledge_within = ACKNOWLEDGE_WITHIN

    def routes(self, base: str) -> list[web.RouteDef]:
        messages = f"{base}/webhooks/{{application}}/{{token}}/messages/{{message}}"
        return [
            web.post(f"{base}/interactions/{{id}}/{{token}}/callback", self._callback),
            web.post(f"{base}/webhooks/{{application}}/{{token}}", self._follow_up),
            web.get(messages, self._read, allow_head=False),
            web.patch(messages, self._edit),
            web.delete(messages, self._delete),
        ]

    async def _callback(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        found = self._world.interactions.get(int(request.match_info["id"]))
        if found is None or found.token != request.match_info["token"]:
            raise RefusedError(10062)
        if found.answers:
            raise RefusedError(40060)
        if self._world.clock.now() - found.created_at > self.acknowledge_within:
            found.came_late = True
            raise RefusedError(10062)
        _check_place(found)
        self._accept(found, body)
        if request.query.get("with_response") not in {"1", "true"}:
            return web.Response(status=204)
        return answer(callback_json(self._world, found))

    def _accept(self, interaction: Interaction, body: Body) -> None:
        kind = body.fields.get("type")
        if kind not in _ALLOWED[interaction.kind] or (kind == _UPDATE and interaction.source is None):
            raise invalid("type", "BASE_TYPE_CHOICES", f"{kind} does not answer {interaction.kind}")
        data: Json = body.fields.get("data") or {}
        if kind in {_REPLY, _DEFER}:
            interaction.original = self._first_message(interaction, kind, Body(data, body.uploads))
        elif kind in {_DEFER_UPDATE, _UPDATE}:
            interaction.original = interaction.source
            if kind == _UPDATE and interaction.source:
                edit_message(self._world, interaction.source, Body(data, body.uploads))
        elif kind == _CHOICES:
            _check_choices(data)
        else:
            _check_modal(data)
        interaction.answers.append(body.fields)
        interaction.acknowledged_at = self._world.clock.now()

    def _first_message(self, interaction: Interaction, kind: int, body: Body) -> Message:
        world = self._world
        if kind == _REPLY:
            message = new_message(world, interaction.channel, world.bot, body)
        else:
            message = Message(world.new_id(), interaction.channel, world.bot, world.clock.now())
            message.flags = LOADING | int(body.fields.get("flags") or 0) & EPHEMERAL
            world.messages[message.id] = message
        message.interaction = interaction
        return message

    def _alive(self, request: web.Request) -> Interaction:
        """The interaction of a webhook address: acknowledged, and not older than 15 min."""
        if request.match_info["application"] != str(self._world.bot.id):
            raise RefusedError(10015)
        token = request.match_info["token"]
        found = next((one for one in self._world.interactions.values() if one.token == token), None)
        if found is None or not found.answers:
            raise RefusedError(10015)
        if self._world.clock.now() - found.created_at > TOKEN_LIFE:
            raise RefusedError(self.expired_code)
        _check_place(found)
        return found

    def _message(self, request: web.Request, interaction: Interaction) -> Message:
        name = request.match_info["message"]
        own = [message for message in (interaction.original, *interaction.followups) if message]
        for message in own:
            named = message is interaction.original if name == "@original" else str(message.id) == name
            if named and not message.is_deleted:
                return message
        raise RefusedError(10008)

    async def _follow_up(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        interaction = self._alive(request)
        original = interaction.original
        if original is not None and original.is_thinking and not original.is_deleted:
            # The first follow-up takes the place of "thinking…", and stays as private as that was.
            edit_message(self._world, original, body)
            return answer(message_json(self._world, original))
        if interaction.installed == "user" and len(interaction.followups) >= MOST_FOLLOWUPS_OF_USERS:
            raise RefusedError(40094)
        # A nonce is taken and not honoured here: repeated, a follow-up is there twice.
        message = new_message(self._world, interaction.channel, self._world.bot, body)
        message.interaction = interaction
        interaction.followups.append(message)
        return answer(message_json(self._world, message))

    async def _read(self, request: web.Request) -> web.Response:
        message = self._message(request, self._alive(request))
        return answer(message_json(self._world, message))

    async def _edit(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        message = self._message(request, self._alive(request))
        edit_message(self._world, message, body)
        return answer(message_json(self._world, message))

    async def _delete(self, request: web.Request) -> web.Response:
        self._message(request, self._alive(request)).is_deleted = True
        return web.Response(status=204)


def _check_place(interaction: Interaction) -> None:
    """Refuse what cannot be written any more where the interaction happened."""
    channel = interaction.channel
    if channel.is_deleted:
        raise RefusedError(10003)
    by_user = interaction.installed == "user"
    if channel.guild and not channel.guild.has_bot and not by_user:
        raise RefusedError(50001)
    if channel.is_archived or channel.is_locked:
        raise RefusedError(50001 if by_user else 50083)


def _check_choices(data: Json) -> None:
    choices = data.get("choices") or []
    if len(choices) > 25:
        raise invalid("data.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for place, choice in enumerate(choices):
        for name in ("name", "value"):
            if not 1 <= len(str(choice.get(name, ""))) <= 100:
                raise invalid(
                    f"data.choices.{place}.{name}", "BASE_TYPE_BAD_LENGTH", "Must be 1 to 100 long."
                )


def _check_modal(data: Json) -> None:
    if not 1 <= len(str(data.get("title") or "")) <= 45:
        raise invalid("data.title", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length.")
    if not 1 <= len(str(data.get("custom_id") or "")) <= CUSTOM_ID:
        raise invalid("data.custom_id", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    if not 1 <= len(data.get("components") or []) <= 5:
        raise invalid("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
