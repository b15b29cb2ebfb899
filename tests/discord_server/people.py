"""What people do in Discord: commands, clicks, choices, forms. Each becomes an interaction that the bot is sent."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.discord_server.gateway import Gateway
from tests.discord_server.limits import Upload, flat
from tests.discord_server.payloads import channel_json, context_of, file_json, interaction_json, message_json
from tests.discord_server.posting import stored_file
from tests.discord_server.world import (
    EPHEMERAL,
    Channel,
    ChannelKind,
    File,
    Guild,
    Interaction,
    Json,
    Message,
    User,
    World,
)

_SUBCOMMAND, _GROUP, _ATTACHMENT = 1, 2, 11
_COMMAND, _COMPONENT, _AUTOCOMPLETE, _MODAL = 2, 3, 4, 5
_CHAT, _MESSAGE = 1, 3
_BUTTON, _FILE_UPLOAD = 2, 19

Song = tuple[str, bytes]
"""A file's name and its bytes."""


@dataclass(frozen=True, slots=True)
class Where:
    """Who does something, where, and by which installation of the bot: `guild` or `user`."""

    user: User
    channel: Channel
    installed: str
    locale: str


class People:
    """Acts for the persons of a world. What a person could not do there raises `AssertionError`."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self.world = world
        self.gateway = gateway

    def where(
        self,
        user: User | None = None,
        channel: Channel | None = None,
        installed: str | None = None,
        locale: str = "en-US",
    ) -> Where:
        """The place of what is done next; by default the world's first person in its first channel."""
        channel = channel or self.world.channel
        here = channel.guild.has_bot if channel.guild else channel.is_bot_dm
        return Where(user or self.world.user, channel, installed or ("guild" if here else "user"), locale)

    async def slash(self, name: str, /, *, at: Where | None = None, **options: Any) -> Interaction:
        """Use a slash command, `"group sub"` for one within another; a file is `(name, bytes)`."""
        at = at or self.where()
        command, path, leaf = self._chat_command(name, at)
        for option in leaf.get("options", []):
            given = option["name"] in options
            assert given or not option.get("required"), f"/{name} wants {option['name']}"
        data, resolved = self._options(leaf, options, at)
        return await self._act(_COMMAND, self._command_data(command, _nested(path, data), resolved), at)

    async def autocomplete(
        self, name: str, focused: str, /, *, at: Where | None = None, **options: Any
    ) -> Interaction:
        """Type into an option that offers choices; they are in the answer's `choices`."""
        at = at or self.where()
        command, path, leaf = self._chat_command(name, at)
        data, resolved = self._options(leaf, options, at)
        for entry in data:
            entry["focused"] = entry["name"] == focused
        return await self._act(_AUTOCOMPLETE, self._command_data(command, _nested(path, data), resolved), at)

    async def message_command(
        self,
        name: str,
        message: Message | None = None,
        *,
        attachments: Sequence[Song] = (),
        at: Where | None = None,
    ) -> Interaction:
        """Use a command of a message's menu, on a message of a person's with these files if none is given."""
        at = at or self.where()
        command = self._command(name, _MESSAGE, at)
        target = message or self.post(at, attachments=attachments)
        data = self._command_data(
            command, [], {"messages": {str(target.id): message_json(self.world, target)}}
        )
        return await self._act(_COMMAND, data | {"target_id": str(target.id)}, at)

    def post(self, at: Where, content: str = "", *, attachments: Sequence[Song] = ()) -> Message:
        """A person's own message."""
        message = Message(self.world.new_id(), at.channel, at.user, self.world.clock.now(), content)
        message.files = [self._kept(song, at.channel, ephemeral=False) for song in attachments]
        self.world.messages[message.id] = message
        return message

    async def delete(self, message: Message) -> None:
        """Delete a message by hand."""
        message.is_deleted = True
        guild = message.channel.guild
        event = {"id": str(message.id), "channel_id": str(message.channel.id)}
        event |= {"guild_id": str(guild.id)} if guild else {}
        await self.gateway.dispatch("MESSAGE_DELETE", event, guild.id if guild else None)

    async def changed_channel(self, channel: Channel, *, is_new: bool = False) -> None:
        """Tell the bot that a channel of a guild is not as it was."""
        assert channel.guild is not None
        kind = "THREAD" if channel.kind is ChannelKind.PUBLIC_THREAD else "CHANNEL"
        what = "CREATE" if is_new else "DELETE" if channel.is_deleted else "UPDATE"
        await self.gateway.dispatch(f"{kind}_{what}", channel_json(channel, self.world.bot), channel.guild.id)

    async def kick_bot(self, guild: Guild) -> None:
        """Remove the bot from a guild."""
        guild.has_bot = False
        await self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild.id)

    async def click(self, message: Message, custom_id: str, *, at: Where | None = None) -> Interaction:
        """Press a button."""
        found = self._component(message, custom_id)
        assert found["type"] == _BUTTON, f"{custom_id} is no button"
        data = {"custom_id": custom_id, "component_type": _BUTTON, "id": found.get("id", 1)}
        return await self._act(_COMPONENT, data, self._on(message, at), source=message)

    async def select(
        self, message: Message, custom_id: str, values: Sequence[str], *, at: Where | None = None
    ) -> Interaction:
        """Choose in a menu."""
        found = self._component(message, custom_id)
        offered = {option["value"] for option in found.get("options", [])}
        assert set(values) <= offered, f"{values} are not offered: {offered}"
        assert found.get("min_values", 1) <= len(values) <= found.get("max_values", 1)
        data = {"custom_id": custom_id, "component_type": found["type"], "values": list(values)}
        return await self._act(_COMPONENT, data, self._on(message, at), source=message)

    async def modal_submit(self, opened: Interaction, **values: Any) -> Interaction:
        """Fill in the form that answered an interaction: texts, lists of choices, or lists of files by custom id."""
        assert opened.callback == 9, "no form was opened"
        form = opened.answers[0]["data"]
        at = Where(opened.user, opened.channel, opened.installed, opened.locale)
        resolved: Json = {}
        filled = [self._filled(component, values, resolved, at) for component in form["components"]]
        data = {"custom_id": form["custom_id"], "components": filled, "resolved": resolved}
        return await self._act(_MODAL, data, at, source=opened.source)

    async def _act(self, kind: int, data: Json, at: Where, *, source: Message | None = None) -> Interaction:
        world = self.world
        made = Interaction(
            id=world.new_id(),
            kind=kind,
            token=secrets.token_urlsafe(48),
            user=at.user,
            channel=at.channel,
            data=data,
            created_at=world.clock.now(),
            installed=at.installed,
            locale=at.locale,
            source=source,
        )
        world.interactions[made.id] = made
        guild = at.channel.guild
        await self.gateway.dispatch(
            "INTERACTION_CREATE", interaction_json(world, made), guild.id if guild and guild.has_bot else None
        )
        return made

    def _command(self, name: str, kind: int, at: Where) -> Json:
        known = {(one["name"], one["type"]): one for one in self.world.commands}
        assert (name, kind) in known, f"no command {name!r}: {sorted(name for name, _ in known)}"
        command = known[name, kind]
        contexts, installs = command.get("contexts"), command.get("integration_types")
        assert contexts is None or context_of(at.channel) in contexts, f"{name} is not offered in this place"
        by = 0 if at.installed == "guild" else 1
        assert by in (installs or [0]), f"{name} is not offered to this kind of installation"
        return command

    def _chat_command(self, name: str, at: Where) -> tuple[Json, list[Json], Json]:
        """The command, the subcommands on the way, and the one whose options are given."""
        first, *rest = name.split()
        command = leaf = self._command(first, _CHAT, at)
        path = []
        for piece in rest:
            [leaf] = [one for one in leaf["options"] if one["name"] == piece]
            assert leaf["type"] in {_SUBCOMMAND, _GROUP}
            path.append(leaf)
        return command, path, leaf

    def _options(self, leaf: Json, given: Mapping[str, Any], at: Where) -> tuple[list[Json], Json]:
        known = {option["name"]: option for option in leaf.get("options", [])}
        data: list[Json] = []
        attachments: Json = {}
        for name, value in given.items():
            assert name in known, f"no option {name!r}: {sorted(known)}"
            option = known[name]
            if option["type"] == _ATTACHMENT:
                file = self._kept(value, at.channel, ephemeral=True)
                attachments[str(file.id)] = file_json(self.world, file)
                value = str(file.id)  # noqa: PLW2901 (what is sent is the file's id)
            else:
                _check_option(option, value)
            data.append({"name": name, "type": option["type"], "value": value})
        return data, {"attachments": attachments} if attachments else {}

    def _command_data(self, command: Json, options: list[Json], resolved: Json) -> Json:
        base = {"id": command["id"], "name": command["name"], "type": command["type"]}
        return base | {"options": options, **({"resolved": resolved} if resolved else {})}

    def _kept(self, song: Song | File, channel: Channel, *, ephemeral: bool) -> File:
        if isinstance(song, File):
            return song
        name, data = song
        return stored_file(self.world, channel, Upload("0", name, None, data), ephemeral=ephemeral)

    def upload(self, name: str, data: bytes, *, stated_size: int) -> File:
        """A file whose stated size is another than its own: too large ones need not be made."""
        file = self._kept((name, data), self.world.channel, ephemeral=True)
        self.world.files[file.id] = replace(file, stated_size=stated_size)
        return self.world.files[file.id]

    def _component(self, message: Message, custom_id: str) -> Json:
        assert not message.is_deleted, "the message is deleted"
        for component in flat(message.components):
            if component.get("custom_id") == custom_id:
                assert not component.get("disabled"), f"{custom_id} is disabled"
                return component
        raise AssertionError(f"no component {custom_id!r} in {message.components}")

    def _on(self, message: Message, at: Where | None) -> Where:
        """Who clicks: by default the one who asked for the message."""
        origin = message.interaction
        at = at or self.where(origin.user if origin else None, message.channel)
        hidden = message.flags & EPHEMERAL and origin and origin.user is not at.user
        assert not hidden, "only the asker sees this message"
        return at

    def _filled(self, component: Json, values: Mapping[str, Any], resolved: Json, at: Where) -> Json:
        """A form's component with what was entered, in the shape in which it is submitted."""
        if "custom_id" in component:
            return self._entered(component, values.get(component["custom_id"]), resolved, at)
        shape = {"type": component["type"], "id": component.get("id", 0)}
        fill: Callable[[Json], Json] = lambda inner: self._filled(inner, values, resolved, at)  # noqa: E731 (a typed one-liner that closes over all four)
        if "component" in component:
            return shape | {"component": fill(component["component"])}
        if "components" in component:
            return shape | {"components": [fill(inner) for inner in component["components"]]}
        return shape

    def _entered(self, component: Json, value: Any, resolved: Json, at: Where) -> Json:
        name = component["custom_id"]
        assert value is not None or not component.get("required", True), f"{name} must be filled in"
        shape = {"type": component["type"], "id": component.get("id", 0), "custom_id": name}
        if component["type"] == _FILE_UPLOAD:
            files = [self._kept(song, at.channel, ephemeral=True) for song in value or []]
            known = resolved.setdefault("attachments", {})
            known |= {str(file.id): file_json(self.world, file) for file in files}
            return shape | {"values": [str(file.id) for file in files]}
        if "options" in component:
            return shape | {"values": list(value or [])}
        return shape | {"value": value or ""}


def _nested(path: Sequence[Json], options: list[Json]) -> list[Json]:
    for piece in reversed(path):
        options = [{"name": piece["name"], "type": piece["type"], "options": options}]
    return options


def _check_option(option: Json, value: Any) -> None:
    """A person can only send what the client lets them type."""
    name = option["name"]
    choices = [choice["value"] for choice in option.get("choices") or []]
    assert not choices or value in choices, f"{name} offers {choices}"
    if isinstance(value, str):
        assert option.get("min_length", 0) <= len(value) <= option.get("max_length", 6000), f"{name}: length"
    else:
        low, high = option.get("min_value", value), option.get("max_value", value)
        assert low <= value <= high, f"{name} is not between {low} and {high}"
