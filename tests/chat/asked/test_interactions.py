"""What an interaction says, read from payloads as Discord sends them by the real discord.py."""

from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest

from bot.audio.errors import (
    AddressRefusedError,
    ArchiveGivenError,
    EmptyFileError,
    FileTooLargeError,
    NotAudioError,
    PlayerPageError,
    PlaylistGivenError,
)
from bot.chat.asked.interactions import address_part, attachment_part, reply_of, task_part
from bot.errors import InputError
from bot.jobs.song_part import Source

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
GUILD, CHANNEL, USER, APP = "401", "301", "201", "101"
GUILD_TEXT, DM, GROUP_DM, THREAD = 0, 1, 3, 11
IN_GUILD, IN_BOT_DM, IN_PRIVATE = 0, 1, 2

PERSON = {"id": USER, "username": "you", "discriminator": "0", "avatar": None, "global_name": None}
EVERYTHING = discord.Permissions(
    view_channel=True, send_messages=True, send_messages_in_threads=True, attach_files=True
)


def interaction(
    *, context: int, channel_type: int, permissions: discord.Permissions = EVERYTHING, installed_in: str = "0"
) -> discord.Interaction:
    """A slash command's interaction. `installed_in` "0" is a server, "1" a user."""
    payload: dict[str, Any] = {
        "id": "901",
        "application_id": APP,
        "type": 2,
        "token": "interaction-token",
        "version": 1,
        "locale": "de",
        "attachment_size_limit": 26_214_400,
        "app_permissions": str(permissions.value),
        "authorizing_integration_owners": {installed_in: GUILD if installed_in == "0" else USER},
        "context": context,
        "entitlements": [],
        "channel": _channel(channel_type),
        "channel_id": CHANNEL,
        "data": {"id": "1", "name": "midi", "type": 1},
    }
    if context == IN_GUILD:
        member = {"user": PERSON, "roles": [], "joined_at": NOON.isoformat(), "deaf": False, "mute": False}
        payload |= {"guild_id": GUILD, "guild": {"id": GUILD, "features": [], "locale": "en-US"}}
        payload["member"] = member | {"permissions": "0", "flags": 0}
    else:
        payload["user"] = PERSON
    state = discord.Client(intents=discord.Intents.none())._connection
    itself: Any = {**PERSON, "id": APP, "bot": True}
    state.user = discord.ClientUser(state=state, data=itself)
    return discord.Interaction(data=payload, state=state)  # type: ignore[arg-type] # a plain dict


def _channel(kind: int) -> dict[str, Any]:
    channel: dict[str, Any] = {"id": CHANNEL, "type": kind}
    if kind in {DM, GROUP_DM}:
        return channel | {"recipients": [PERSON], "name": None, "icon": None, "owner_id": USER}
    channel |= {"name": "music", "guild_id": GUILD, "position": 0, "permission_overwrites": []}
    if kind == THREAD:
        metadata = {
            "archived": False,
            "auto_archive_duration": 60,
            "archive_timestamp": NOON.isoformat(),
            "locked": False,
        }
        channel |= {
            "parent_id": "300",
            "owner_id": USER,
            "thread_metadata": metadata,
            "message_count": 0,
            "member_count": 1,
        }
    return channel


def without(name: str) -> discord.Permissions:
    return discord.Permissions(**{**dict(EVERYTHING), name: False})


@pytest.mark.parametrize(
    ("given", "may_post"),
    [
        ({"context": IN_GUILD, "channel_type": GUILD_TEXT}, True),
        ({"context": IN_GUILD, "channel_type": GUILD_TEXT, "permissions": without("send_messages")}, False),
        ({"context": IN_GUILD, "channel_type": GUILD_TEXT, "permissions": without("attach_files")}, False),
        ({"context": IN_GUILD, "channel_type": GUILD_TEXT, "permissions": without("view_channel")}, False),
        (
            {
                "context": IN_GUILD,
                "channel_type": GUILD_TEXT,
                "permissions": without("send_messages_in_threads"),
            },
            True,
        ),
        (
            {"context": IN_GUILD, "channel_type": THREAD, "permissions": without("send_messages_in_threads")},
            False,
        ),
        ({"context": IN_GUILD, "channel_type": THREAD, "permissions": without("send_messages")}, True),
        ({"context": IN_GUILD, "channel_type": GUILD_TEXT, "installed_in": "1"}, False),
        ({"context": IN_BOT_DM, "channel_type": DM}, True),
        ({"context": IN_BOT_DM, "channel_type": DM, "installed_in": "1"}, True),
        ({"context": IN_PRIVATE, "channel_type": DM, "installed_in": "1"}, False),
        ({"context": IN_PRIVATE, "channel_type": GROUP_DM, "installed_in": "1"}, False),
    ],
)
def test_where_the_bot_may_post_by_itself(given: dict[str, Any], may_post: bool) -> None:
    assert reply_of(interaction(**given), lambda: NOON).may_post is may_post


def test_all_that_an_answer_needs_is_taken_over() -> None:
    reply = reply_of(interaction(context=IN_GUILD, channel_type=GUILD_TEXT), lambda: NOON)
    assert (reply.application_id, reply.interaction_id, reply.token) == (101, 901, "interaction-token")
    assert (reply.user_id, reply.channel_id, reply.guild_id) == (201, 301, 401)
    assert (reply.locale, reply.file_limit) == ("de", 26_214_400)
    assert timedelta(minutes=14) < reply.token_expires_at - NOON < timedelta(minutes=15)


def test_a_direct_message_has_no_server() -> None:
    assert reply_of(interaction(context=IN_BOT_DM, channel_type=DM), lambda: NOON).guild_id is None


def attachment(name: str = "song.wav", size: int = 1000, **more: Any) -> discord.Attachment:
    data: Any = {"id": "1", "filename": name, "size": size, "url": f"https://cdn.example/{name}", **more}
    client = discord.Client(intents=discord.Intents.none())
    return discord.Attachment(data=data | {"proxy_url": data["url"]}, state=client._connection)


@pytest.mark.parametrize("name", ["song.wav", "SONG.MP3", "song", "song.xyz", "video.mp4", "a.b.flac"])
def test_what_may_be_audio_is_taken(name: str) -> None:
    part = attachment_part(attachment(name), 100)
    assert (part.kind, part.name) == (Source.ATTACHMENT, name)
    assert part.source == f"https://cdn.example/{name}"


@pytest.mark.parametrize(
    ("filename", "title"), [("SPOILER_a.wav", None), ("SPOILER_a.wav", "SPOILER_a"), ("SPOILER_a.wav", "a")]
)
def test_what_was_hidden_is_a_spoiler_and_not_called_one(filename: str, title: str | None) -> None:
    part = attachment_part(attachment(filename, title=title), 100)
    assert (part.name, part.is_spoiler) == ("a.wav", True)
    assert not attachment_part(attachment("a.wav"), 100).is_spoiler


def test_a_name_of_which_discord_left_the_ending_has_its_title() -> None:
    part = attachment_part(attachment("wav", title="ピアノ"), 100)
    assert (part.name, part.is_score) == ("ピアノ.wav", False)
    assert attachment_part(attachment("mid", title="ピアノ"), 100).is_score
    assert attachment_part(attachment("song", title="Song"), 100).name == "Song"


def test_a_part_is_called_as_its_owner_called_the_file() -> None:
    assert attachment_part(attachment("Nacht_Fahrt.wav", title="Nacht Fährt"), 100).name == "Nacht Fährt.wav"


@pytest.mark.parametrize(
    ("name", "size", "kind"),
    [
        ("song.wav", 0, EmptyFileError),
        ("notes.txt", 9, NotAudioError),
        ("stems.ZIP", 9, ArchiveGivenError),
        ("party.m3u8", 9, PlaylistGivenError),
        ("cover.PNG", 9, NotAudioError),
        ("song.wav", 2 * 1024**2 + 1, FileTooLargeError),
    ],
)
def test_what_shows_at_once_that_it_cannot_be_used_is_refused(
    name: str, size: int, kind: type[InputError]
) -> None:
    with pytest.raises(kind) as caught:
        attachment_part(attachment(name, size), 2)
    assert f"`{name}`" in caught.value.sentence


def test_the_limit_itself_still_fits() -> None:
    assert attachment_part(attachment(size=2 * 1024**2), 2).kind is Source.ATTACHMENT


def test_a_name_cannot_break_out_of_its_sentence() -> None:
    with pytest.raises(NotAudioError) as caught:
        attachment_part(attachment("a` @everyone [x](https://example.com)\n# `.txt"), 2)
    assert caught.value.sentence.count("`") == 2
    assert "\n" not in caught.value.sentence


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://example.com/a/My%20Song.mp3?x=1", "My Song.mp3"),
        ("https://example.com/", "song"),
        ("https://example.com", "song"),
    ],
)
def test_an_address_names_its_song(address: str, name: str) -> None:
    part = address_part(f" {address} ")
    assert (part.kind, part.name, part.source) == (Source.ADDRESS, name, address)


def test_a_bare_host_is_one_of_https() -> None:
    assert address_part("example.com/a.mp3").source == "https://example.com/a.mp3"


@pytest.mark.parametrize("address", ["nonsense", "https://[::1", "song.mp3"])
def test_what_can_be_no_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(AddressRefusedError):
        address_part(address)


def test_an_address_of_a_player_is_refused_at_once() -> None:
    with pytest.raises(PlayerPageError):
        address_part("https://youtu.be/x")


def test_a_task_is_a_separation_that_is_done() -> None:
    part = task_part(" abc ", NOON)
    assert part.kind is Source.TASK
    assert part.separation is not None
    assert (part.separation.id, part.separation.is_done, part.source) == ("abc", True, None)
