"""The list of songs over real sockets: in servers and elsewhere, and after the process that showed it is gone."""

import pytest

from tests.discord_server import DiscordServer, Interaction, Message
from tests.discord_server.people import Where
from tests.discord_server.world import ChannelKind
from tests.kie_server import KieServer
from tests.process.bot_process import BotProcess
from tests.process.test_bot import has_result, notes_of


def place(discord: DiscordServer, name: str) -> Where:
    """Where a person uses the bot."""
    world = discord.world
    if name == "a server":
        return discord.where()
    if name == "direct messages":
        return discord.where(channel=world.dm_with(world.user))
    if name == "a server without the bot":
        elsewhere = world.add_guild("elsewhere", has_bot=False)
        return discord.where(channel=world.add_channel(elsewhere, "lounge"))
    friend = world.add_user("friend")
    return discord.where(channel=world.add_channel(None, "us", ChannelKind.DM, (world.user, friend)))


async def a_song(discord: DiscordServer, kie: KieServer, at: Where) -> None:
    asked = await discord.slash("midi", at=at, task_id=kie.add_separation().id)
    await discord.until(lambda: has_result(asked))


async def listed(discord: DiscordServer, at: Where) -> Message:
    """The list, and that nobody else sees it."""
    shown = await discord.slash("midis", at=at)
    await discord.until(lambda: shown.original and shown.original.embeds)
    assert shown.original is not None
    assert shown.original.is_ephemeral
    return shown.original


def song_of(page: Message) -> str:
    """The value of the one song in the first menu."""
    (menu,) = page.components[0]["components"]
    (option,) = menu["options"]
    return str(option["value"])


def is_opened(pressed: Interaction) -> bool:
    return pressed.original is not None and bool(pressed.original.files)


@pytest.mark.parametrize(
    "name", ["a server", "direct messages", "a server without the bot", "somebody else's direct messages"]
)
async def test_a_song_opens_for_all_wherever_its_owner_is(
    bot: BotProcess, discord: DiscordServer, kie: KieServer, name: str
) -> None:
    at = place(discord, name)
    await a_song(discord, kie, at)
    page = await listed(discord, at)
    assert bot.is_running
    pressed = await discord.select(page, "pianola-songs:open:0", [song_of(page)])
    await discord.until(lambda: is_opened(pressed))
    assert pressed.callback == 5
    assert pressed.original is not None
    assert not pressed.original.is_ephemeral
    assert notes_of(pressed.original) == 3
    assert pressed.followups == []
    assert kie.count("generate_midi") == 1


async def test_a_list_works_after_a_restart(bot: BotProcess, discord: DiscordServer, kie: KieServer) -> None:
    at = discord.where()
    await a_song(discord, kie, at)
    page = await listed(discord, at)
    assert await bot.terminate() == 0
    connections = len(discord.requests)
    await bot.start()
    await bot.wait_ready()
    assert len(discord.requests) > connections
    job_id = song_of(page)
    await discord.select(page, "pianola-songs:drop:0", [job_id])
    await discord.until(lambda: "Delete this song" in page.embeds[0]["description"])
    await discord.click(page, f"pianola-list:erase:0:{job_id}")
    await discord.until(lambda: "You have no saved songs yet." in page.embeds[0]["description"])
    assert page.components == []


async def test_songs_and_separations_are_offered_while_typing(
    bot: BotProcess, discord: DiscordServer, kie: KieServer
) -> None:
    separation = kie.add_separation().id
    asked = await discord.slash("midi", task_id=separation)
    await discord.until(lambda: has_result(asked))
    assert bot.is_running
    song = await discord.autocomplete("midis", "song", song="SO")
    task = await discord.autocomplete("midi", "task_id", task_id=separation[:8])
    await discord.until(lambda: song.answers and task.answers)
    choices = [typed.answers[0]["data"]["choices"] for typed in (song, task)]
    assert [choice["name"].partition(" · ")[0] for (choice,) in choices] == ["song", "song"]
    assert choices[1][0]["value"] == separation
