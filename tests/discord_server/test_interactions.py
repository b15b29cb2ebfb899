"""What the stand-in holds discord.py to while an interaction lives, and after."""

from datetime import timedelta

import aiohttp
import discord
import pytest

from tests.discord_server import DiscordServer, Fault
from tests.discord_server.client import Act, Client, a_file, code_of

Interaction = discord.Interaction


async def defer(interaction: Interaction) -> None:
    await interaction.response.defer(thinking=True)


async def act(server: DiscordServer, client: Client, what: Act) -> list[BaseException]:
    """Let the client answer `/song` in this way; what it raised."""
    client.act = what
    await server.slash("song")
    await client.finished()
    errors, client.errors = client.errors, []
    return errors


async def test_a_deferred_answer_is_thinking_until_it_is_edited(
    server: DiscordServer, client: Client
) -> None:
    asked = await server.slash("song", name="tune")
    await client.finished()
    assert client.given == ["tune"]
    assert asked.state == "thinking"

    async def edit(interaction: Interaction) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(content="here", attachments=[a_file("song.mid")])

    assert await act(server, client, edit) == []
    original = list(server.world.interactions.values())[-1].original
    assert original is not None
    assert (original.content, original.is_thinking, original.edits) == ("here", False, 1)
    assert (original.file(".mid").size, original.file(".mid").content_type) == (10, "application/x-midi")


async def test_a_second_acknowledgement_is_refused(server: DiscordServer, client: Client) -> None:
    async def twice(interaction: Interaction) -> None:
        await interaction.response.defer()
        interaction.response._response_type = None
        await interaction.response.defer()

    assert [code_of(error) for error in await act(server, client, twice)] == [40060]


async def test_after_three_seconds_nobody_can_acknowledge(server: DiscordServer, client: Client) -> None:
    async def late(interaction: Interaction) -> None:
        server.world.clock.advance(timedelta(seconds=3.1))
        await interaction.response.defer()

    assert [code_of(error) for error in await act(server, client, late)] == [10062]
    assert list(server.world.interactions.values())[-1].state == "waiting"


@pytest.mark.parametrize(("code", "status"), [(50027, 401), (10015, 404), (10062, 404)])
async def test_after_fifteen_minutes_the_token_is_dead(
    server: DiscordServer, client: Client, code: int, status: int
) -> None:
    async def late(interaction: Interaction) -> None:
        await interaction.response.defer(thinking=True)
        server.world.clock.advance(timedelta(minutes=15, seconds=1))
        await interaction.edit_original_response(content="too late")

    server.interactions.expired_code = code
    [error] = await act(server, client, late)
    assert code_of(error) == code
    assert isinstance(error, discord.HTTPException)
    assert error.status == status


async def test_a_deleted_answer_cannot_be_edited(server: DiscordServer, client: Client) -> None:
    async def edit_deleted(interaction: Interaction) -> None:
        await interaction.response.send_message("here")
        await interaction.delete_original_response()
        await interaction.edit_original_response(content="there")

    assert [code_of(error) for error in await act(server, client, edit_deleted)] == [10008]


async def test_the_first_follow_up_takes_the_place_of_thinking(server: DiscordServer, client: Client) -> None:
    async def follow(interaction: Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await interaction.followup.send("one", wait=True)
        await interaction.followup.send("two", wait=True)

    assert await act(server, client, follow) == []
    [asked] = server.world.interactions.values()
    assert [message.content for message in asked.shown] == ["one", "two"]
    assert [message.is_ephemeral for message in asked.shown] == [True, False]


async def test_where_only_the_user_installed_it_there_are_five_follow_ups(
    server: DiscordServer, client: Client
) -> None:
    async def follow(interaction: Interaction) -> None:
        assert interaction.is_user_integration()
        assert not interaction.app_permissions.send_messages
        await interaction.response.send_message("0")
        for number in range(6):
            await interaction.followup.send(str(number), wait=True)
            server.world.clock.advance(timedelta(seconds=5))

    client.act = follow
    guild = server.world.add_guild("foreign", has_bot=False)
    asked = await server.slash("song", at=server.where(channel=server.world.add_channel(guild, "talk")))
    await client.finished()
    assert [code_of(error) for error in client.errors] == [40094]
    assert len(asked.followups) == 5


async def test_a_lost_answer_was_carried_out_all_the_same(server: DiscordServer, client: Client) -> None:
    server.fault("POST", "/interactions/*/*/callback", Fault("lost"))
    [error] = await act(server, client, defer)
    assert isinstance(error, aiohttp.ServerDisconnectedError)
    assert list(server.world.interactions.values())[-1].state == "thinking"


@pytest.mark.parametrize("kind", ["drop", "reset"])
async def test_a_broken_connection_did_nothing(server: DiscordServer, client: Client, kind: str) -> None:
    server.fault("POST", "/interactions/*/*/callback", Fault(kind))
    [error] = await act(server, client, defer)
    assert isinstance(error, aiohttp.ClientOSError if kind == "reset" else aiohttp.ServerDisconnectedError)
    assert list(server.world.interactions.values())[-1].state == "waiting"


async def test_an_edit_repeated_leaves_one_message_with_one_file(
    server: DiscordServer, client: Client
) -> None:
    async def edit_twice(interaction: Interaction) -> None:
        await interaction.response.defer(thinking=True)
        for _ in range(2):
            await interaction.edit_original_response(attachments=[a_file("song.mid")])

    assert await act(server, client, edit_twice) == []
    [message] = server.world.messages_in(server.world.channel)
    assert [file.name for file in message.files] == ["song.mid"]


async def test_a_button_and_a_menu_reach_the_bot(server: DiscordServer, client: Client) -> None:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Again", custom_id="again"))
    view.add_item(discord.ui.Select(custom_id="stem", options=[discord.SelectOption(label="bass")]))

    async def with_buttons(interaction: Interaction) -> None:
        await interaction.response.send_message("here", view=view)

    async def update(interaction: Interaction) -> None:
        client.given.append(interaction.data)
        await interaction.response.edit_message(content="pressed")

    assert await act(server, client, with_buttons) == []
    [message] = server.world.messages_in(server.world.channel)
    client.act = update
    await server.click(message, "again")
    await client.finished()
    await server.select(message, "stem", ["bass"])
    await client.finished()
    assert client.errors == []
    assert message.content == "pressed"
    assert client.given[-1]["values"] == ["bass"]
    with pytest.raises(AssertionError, match="no component"):
        await server.click(message, "unknown")


async def test_a_form_is_opened_and_filled_in(server: DiscordServer, client: Client) -> None:
    class Form(discord.ui.Modal, title="Tempo"):
        bpm: discord.ui.TextInput["Form"] = discord.ui.TextInput(label="BPM", custom_id="bpm")

    async def open_form(interaction: Interaction) -> None:
        await interaction.response.send_modal(Form())

    async def take(interaction: Interaction) -> None:
        client.given.append(interaction.data)
        await interaction.response.send_message("thanks")

    client.act = open_form
    opened = await server.slash("song")
    await client.finished()
    assert opened.state == "modal"
    client.act = take
    await server.modal_submit(opened, bpm="90")
    await client.finished()
    assert client.errors == []
    assert client.given[-1]["components"][0]["components"][0]["value"] == "90"


async def test_typing_brings_choices(server: DiscordServer, client: Client) -> None:
    asked = await server.autocomplete("song", "name", name="so")
    await server.until(lambda: asked.state == "choices")
    assert [choice["name"] for choice in asked.answers[0]["data"]["choices"]] == ["so0", "so1", "so2"]


async def test_a_message_command_sees_the_files_of_the_message(server: DiscordServer, client: Client) -> None:
    await server.message_command("Listen", attachments=[("Für Élise.mp3", b"ID3")])
    await client.finished()
    [message] = client.given
    [file] = message.attachments
    assert (file.filename, file.title, file.content_type) == ("Fr_lise.mp3", "Für Élise", "audio/mpeg")
    assert await file.read() == b"ID3"


async def test_a_link_to_a_file_expires(server: DiscordServer, client: Client) -> None:
    await server.slash("song", file=("a.wav", b"RIFF"))
    await client.finished()
    [file] = client.given
    assert await file.read() == b"RIFF"
    server.world.clock.advance(timedelta(hours=25))
    with pytest.raises(discord.NotFound):
        await file.read()


async def test_a_person_cannot_do_what_their_client_does_not_offer(
    server: DiscordServer, client: Client
) -> None:
    with pytest.raises(AssertionError, match="no command"):
        await server.slash("unknown")
    with pytest.raises(AssertionError, match="no option"):
        await server.slash("song", size=3)
    with pytest.raises(AssertionError, match="length"):
        await server.slash("song", name="x" * 21)
    with pytest.raises(AssertionError, match="installation"):
        await server.message_command("Listen", at=server.where(installed="user"))
