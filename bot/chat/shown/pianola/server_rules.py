"""What the managers of a server read and press to decide how the bot is used there: one message, saved at once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import discord
from msgspec.structs import asdict

from bot.chat.shown.cards import BLURPLE
from bot.chat.shown.custom_ids import RULES, CustomId
from bot.chat.shown.views import answered_by_id
from bot.errors import NumberUnclearError, PianolaError
from bot.jobs.admission import Limits, least, still_there
from bot.jobs.storage.servers import NO_RULES, Rules
from bot.kie.separation import Separation
from bot.language import Language, text

OWN: Final = "own"
"""The choice that leaves the separation to the bot's owner."""

_MOST: Final = 25
"""Roles or channels in one menu: Discord's limit."""

MOST_SONGS: Final = 10_000
"""In 24 hours, where the bot's owner set no limit: more than one bot can do."""

_AUTO = text("Two stems first; all stems once those have given no notes")

_SEPARATIONS: Final = {
    Separation.TWO_STEMS: text("Two stems: the voice and the rest"),
    Separation.ALL_STEMS: text("All stems: one for each instrument"),
}

_ON, _OFF = text("on"), text("off")

_CHANNELS: Final = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
    discord.ChannelType.media,
]


def embed(
    rules: Rules,
    limits: Limits,
    own_separation: str | None,
    say: Language,
    *,
    server_has: frozenset[int] | None = None,
    no_previews: str | None = None,
) -> discord.Embed:
    """What is in force in a server.

    `own_separation` is the owner's, None where the studio takes no song apart. `server_has`: the roles and channels that there
    are, None: not known. `no_previews` is why there are none at all.
    """
    told = say(
        "Each choice is saved at once. Server managers are never locked out. People who installed me for themselves can still use me here, but only they see what these rules would refuse or hide."
    )
    card = discord.Embed(title=say("Settings of this server"), description=told, colour=BLURPLE)
    member = least(rules.songs_per_member, limits.per_user)
    server = least(rules.songs_per_server, limits.per_server)
    for name, value in (
        (say("Who may use me"), _roles(rules.roles, server_has, say)),
        (say("Where"), _channels(rules.channels, server_has, say)),
        (say("Songs per member in 24 hours"), _songs(member, say)),
        (say("Songs on this server in 24 hours"), _songs(server, say)),
        (
            say("Answers"),
            say("only the asker sees them") if rules.is_private else say("everyone in the channel sees them"),
        ),
        (say("Previews to listen to"), say(no_previews or (_ON if rules.has_preview else _OFF))),
    ):
        card.add_field(name=name, value=value[:1024], inline=False)
    if own_separation:
        told = _AUTO
        if rules.separation_type or own_separation != "auto":
            told = _SEPARATIONS[rules.separation_type or Separation(own_separation)]
        card.add_field(name=say("Separation"), value=say(told), inline=False)
    return card


def _roles(chosen: Sequence[int], server_has: frozenset[int] | None, say: Language) -> str:
    if not chosen:
        return say("everybody")
    there = still_there(chosen, server_has)
    told = say.list([f"<@&{role}>" for role in there]) or say("only managers")
    if gone := len(chosen) - len(there):
        told += "\n" + say.plural(
            "{count} chosen role no longer exists.",
            "{count} chosen roles no longer exist.",
            gone,
        )
    return told


def _channels(chosen: Sequence[int], server_has: frozenset[int] | None, say: Language) -> str:
    if not chosen:
        return say("every channel")
    there = still_there(chosen, server_has)
    told = say.list([f"<#{channel}>" for channel in there]) or say("nowhere, except for managers")
    if gone := len(chosen) - len(there):
        told += "\n" + say.plural(
            "{count} chosen channel no longer exists.",
            "{count} chosen channels no longer exist.",
            gone,
        )
    return told


def view(
    rules: Rules,
    guild: discord.Guild | None,
    say: Language,
    *,
    separates: bool,
    has_previews: bool = True,
) -> discord.ui.View:
    """The menus and buttons that decide; `separates`: the studio takes songs apart. `has_previews`: there can be any."""
    view = discord.ui.View(timeout=None)
    # Discord refuses a message that names a role or channel which is gone.
    roles = [role for role in rules.roles if guild and guild.get_role(role)]
    channels = [channel for channel in rules.channels if guild and guild.get_channel(channel)]
    view.add_item(
        discord.ui.RoleSelect(
            custom_id=str(CustomId(RULES, "roles")),
            placeholder=say("Who may use me: everybody"),
            min_values=0,
            max_values=_MOST,
            default_values=[discord.SelectDefaultValue.from_role(discord.Object(role)) for role in roles],
        )
    )
    view.add_item(
        discord.ui.ChannelSelect(
            custom_id=str(CustomId(RULES, "channels")),
            placeholder=say("Where: every channel"),
            channel_types=_CHANNELS,
            min_values=0,
            max_values=_MOST,
            default_values=[
                discord.SelectDefaultValue.from_channel(discord.Object(channel)) for channel in channels
            ],
        )
    )
    if separates:
        view.add_item(_separations(rules, say))
    for rule, label in _presses(rules, say, has_previews=has_previews):
        style = discord.ButtonStyle.danger if rule == "reset" else discord.ButtonStyle.secondary
        view.add_item(discord.ui.Button(custom_id=str(CustomId(RULES, rule)), label=label, style=style))
    return answered_by_id(view)


def _presses(rules: Rules, say: Language, *, has_previews: bool) -> Iterator[tuple[str, str]]:
    """The buttons: the rule of each, and what it says."""
    yield "limits", say("Songs a day…")
    yield ("public", say("Answer in public")) if rules.is_private else ("private", say("Answer in private"))
    if has_previews:
        previews = rules.has_preview
        yield ("no-previews", say("Turn previews off")) if previews else ("previews", say("Turn previews on"))
    yield "reset", say("Reset all")


def songs_modal(rules: Rules, limits: Limits, say: Language) -> discord.ui.Modal:
    """Asks for the two numbers of songs."""
    modal = discord.ui.Modal(title=say("Songs a day"), custom_id=str(CustomId(RULES, "limits")))
    for name, label, decided, by_owner in (
        ("songs_per_member", say("Songs per member"), rules.songs_per_member, limits.per_user),
        ("songs_per_server", say("Songs on this server"), rules.songs_per_server, limits.per_server),
    ):
        told = (
            say("In 24 hours, at most {most}. Empty: {most}.", most=by_owner)
            if by_owner
            else say("In 24 hours. Empty: no limit.")
        )
        # The owner may have set less since: what is filled in must be taken as it stands.
        filled = str(least(decided, by_owner)) if decided else None
        asked = discord.ui.TextInput[Any](custom_id=name, default=filled, required=False, max_length=8)
        modal.add_item(discord.ui.Label(text=label, description=told, component=asked))
    return answered_by_id(modal)


def decided(rule: str, chosen: Sequence[str]) -> dict[str, Any]:
    """The rules that a press or a choice puts in force, by their names.

    Raises:
        PianolaError: there is no such rule or choice, in this version.
    """
    if rule in {"roles", "channels"}:
        return {rule: tuple(map(int, chosen))[:_MOST]}
    if rule == "separation" and chosen and chosen[0] in {OWN, *_SEPARATIONS}:
        return {"separation_type": None if chosen[0] == OWN else Separation(chosen[0])}
    if rule not in _PRESSES:
        raise PianolaError(f"no rule {rule} {chosen}")
    return _PRESSES[rule]


def read_songs(given: Mapping[str, str], limits: Limits) -> dict[str, Any]:
    """The numbers of songs that were typed in the modal, by the names of their rules; 0 for nothing.

    Raises:
        NumberUnclearError: one is none, or more than the owner allows.
    """
    return {
        "songs_per_member": _number(given.get("songs_per_member", ""), limits.per_user),
        "songs_per_server": _number(given.get("songs_per_server", ""), limits.per_server),
    }


def _number(given: str, by_owner: int) -> int:
    typed = given.strip()
    most = by_owner or MOST_SONGS
    if typed and not (typed.isdecimal() and int(typed) <= most):
        raise NumberUnclearError(given=typed.replace("`", "'"), most=most)
    return int(typed or 0)


_PRESSES: Final[dict[str, dict[str, Any]]] = {
    "private": {"is_private": True},
    "public": {"is_private": False},
    "previews": {"has_preview": True},
    "no-previews": {"has_preview": False},
    "reset": asdict(NO_RULES),
}


def _separations(rules: Rules, say: Language) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=say("The bot owner's default"),
            value=OWN,
            default=rules.separation_type is None,
        )
    ]
    options += [
        discord.SelectOption(label=say(told), value=kind, default=rules.separation_type is kind)
        for kind, told in _SEPARATIONS.items()
    ]
    return discord.ui.Select(custom_id=str(CustomId(RULES, "separation")), options=options)


def _songs(limit: int, say: Language) -> str:
    return say.number(limit) if limit else say("any number")
