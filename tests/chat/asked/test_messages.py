"""What of a message is taken for a song, read from payloads as Discord sends them by the real discord.py."""

import itertools
from typing import Any

import discord
import pytest

from bot.audio.errors import (
    ArchiveGivenError,
    EmptyFileError,
    NotAudioError,
    PlayerPageError,
    PlaylistGivenError,
    WebPageGivenError,
)
from bot.chat.asked.messages import song_in
from bot.errors import InputError, NoAudioInMessageError, TooManyFilesError
from bot.jobs.song_part import Source
from bot.music.errors import MidiAmongFilesError

SONG = "https://files.example.com/Night%20Drive.mp3"
BLIND = "https://example.com/download?id=7"
PAGE = "https://www.youtube.com/watch?v=x"

_ids = itertools.count(1)


def file(name: str, content_type: str | None = None, size: int = 1000) -> dict[str, Any]:
    address = f"https://cdn.example/{name}"
    given = {"id": str(next(_ids)), "filename": name, "size": size, "url": address, "proxy_url": address}
    return given | ({"content_type": content_type} if content_type else {})


def message(
    *files: dict[str, Any], content: str = "", embeds: list[Any] | None = None, **more: Any
) -> discord.Message:
    payload: Any = {
        "id": "901",
        "channel_id": "301",
        "type": 0,
        "author": {"id": "201", "username": "you", "discriminator": "0", "avatar": None},
        "content": content,
        "timestamp": "2026-06-01T12:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": list(files),
        "embeds": embeds or [],
        "pinned": False,
        **more,
    }
    state: Any = discord.Client(intents=discord.Intents.none())._connection
    channel: Any = discord.PartialMessageable(state=state, id=301)
    return discord.Message(state=state, channel=channel, data=payload)


def names(given: discord.Message) -> list[str]:
    return [part.name for part in song_in(given, 100).parts]


def audio(name: str, size: int = 1000) -> dict[str, Any]:
    return file(name, "audio/x-wav", size)


def test_the_audio_files_of_a_message_are_its_parts() -> None:
    given = message(
        audio("bass.wav"), file("cover.png", "image/png"), file("clip.mp4", "video/mp4"), file("lead.FLAC")
    )
    assert names(given) == ["bass.wav", "clip.mp4", "lead.FLAC"]


def test_a_picture_is_passed_over_in_silence_and_anything_else_is_told() -> None:
    given = message(
        audio("bass.wav"), file("cover.png", "image/png"), file("notes.txt", "text/plain"), file("mix.als")
    )
    assert song_in(given, 100).passed_over == ("notes.txt", "mix.als")


def test_a_voice_message_is_a_song_like_any_other() -> None:
    voice = file("voice-message.ogg", "audio/ogg") | {"duration_secs": 3.0, "waveform": "AAAA"}
    assert names(message(voice, flags=8192)) == ["voice-message.ogg"]


def test_a_forwarded_message_gives_its_files_and_links() -> None:
    def forwarded(inside: dict[str, Any]) -> discord.Message:
        nothing = {"attachments": [], "embeds": [], "content": "", "type": 0, "edited_timestamp": None}
        snapshot = {"message": {**nothing, "timestamp": "2026-06-01T12:00:00+00:00", **inside}}
        return message(message_snapshots=[snapshot])

    assert names(forwarded({"attachments": [audio("bass.wav")]})) == ["bass.wav"]
    assert names(forwarded({"content": SONG})) == ["Night Drive.mp3"]


@pytest.mark.parametrize(
    ("content", "source"),
    [
        (f"listen: {SONG}, it is new", SONG),
        (f"<{SONG}>", SONG),
        (f"**[Night Drive]({SONG})**", SONG),
        (f"({SONG}?a=(1)).", f"{SONG}?a=(1)"),
        (f"||{SONG}||", SONG),
        (f"{SONG}?ex=66&is=55&hm=77&", f"{SONG}?ex=66&is=55&hm=77&"),
        (f"{BLIND} and {SONG}", SONG),
        (f"{PAGE} {SONG}", SONG),
        (f"https://example.com/cover.jpg {BLIND}", BLIND),
        ("HTTPS://EXAMPLE.com/a.mp3", "https://example.com/a.mp3"),
    ],
)
def test_a_link_to_audio_is_taken_as_it_stands(content: str, source: str) -> None:
    (part,) = song_in(message(content=content), 100).parts
    assert (part.kind, part.source, part.alternatives) == (Source.ADDRESS, source, ())


def test_links_of_embeds_count_too() -> None:
    for embed in ({"url": SONG}, {"video": {"url": SONG}}, {"description": f"[x]({SONG})"}):
        assert names(message(embeds=[{"type": "rich", **embed}])) == ["Night Drive.mp3"]
    fields = [{"name": "Song", "value": SONG}]
    assert names(message(embeds=[{"type": "rich", "fields": fields}])) == ["Night Drive.mp3"]


def test_links_that_promise_nothing_are_all_looked_behind_up_to_five() -> None:
    links = [f"https://example.com/download?id={number}" for number in range(8)]
    (part,) = song_in(message(content=" ".join([*links, links[0]])), 100).parts
    assert (part.source, part.alternatives) == (links[0], tuple(links[1:5]))


def test_one_song_is_taken_of_several_links_and_the_others_are_told() -> None:
    found = song_in(message(file("notes.txt"), content=f"{SONG} https://example.com/b.wav {BLIND}"), 100)
    assert [part.name for part in found.parts] == ["Night Drive.mp3"]
    assert found.passed_over == ("notes.txt", "b.wav")


def test_attached_audio_goes_before_links() -> None:
    found = song_in(message(audio("bass.wav"), content=f"{SONG} {BLIND} {PAGE}"), 100)
    assert [part.name for part in found.parts] == ["bass.wav"]
    assert found.passed_over == ("Night Drive.mp3",)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (message(), NoAudioInMessageError),
        (message(content="just words"), NoAudioInMessageError),
        (message(file("cover.png", "image/png")), NoAudioInMessageError),
        (message(file("a.txt", "text/plain")), NotAudioError),
        (message(file("stems.zip", "application/zip"), file("cover.png", "image/png")), ArchiveGivenError),
        (message(file("party.m3u", "audio/x-mpegurl")), PlaylistGivenError),
        (message(content=PAGE), PlayerPageError),
        (message(content="https://open.spotify.com/playlist/x"), PlayerPageError),
        (message(content="https://discord.com/channels/1/2/3"), WebPageGivenError),
        (message(audio("a.wav"), audio("b.wav", 0)), EmptyFileError),
    ],
)
def test_a_message_without_a_song_is_answered_with_what_to_do(
    given: discord.Message, error: type[InputError]
) -> None:
    with pytest.raises(error) as caught:
        song_in(given, 100)
    assert "?" not in caught.value.sentence


def test_what_has_no_known_ending_is_judged_by_its_content_later() -> None:
    assert names(message(file("recording"))) == ["recording"]


@pytest.mark.parametrize("name", ["song.mid", "SONG.MIDI", "song.kar", "song.rmi"])
def test_a_midi_file_is_taken_by_its_name(name: str) -> None:
    (part,) = song_in(message(file("cover.png", "image/png"), file(name, "audio/midi")), 100).parts
    assert (part.name, part.is_score) == (name, True)
    (linked,) = song_in(message(content=f"https://example.com/{name}?x=1"), 100).parts
    assert linked.is_score


@pytest.mark.parametrize("other", ["other.mid", "song.wav"])
def test_a_midi_file_is_taken_alone(other: str) -> None:
    with pytest.raises(MidiAmongFilesError):
        song_in(message(file("song.mid"), file(other)), 100)


def test_ten_stems_are_taken_and_eleven_are_not() -> None:
    files = [audio(f"{number}.wav") for number in range(11)]
    assert len(song_in(message(*files[:10]), 100).parts) == 10
    with pytest.raises(TooManyFilesError) as caught:
        song_in(message(*files), 100)
    assert "(11)" in caught.value.sentence


def test_names_beside_a_song_cannot_break_out_of_their_sentence() -> None:
    found = song_in(message(audio("a.wav"), file("b`\n@everyone.txt")), 100)
    assert found.passed_over == ("b @everyone.txt",)


def test_stems_that_the_bot_gave_are_taken_as_anybodys() -> None:
    given = message(audio("bass.mp3"), audio("drums.mp3"))
    assert [part.name for part in song_in(given, 100, is_own=True).parts] == ["bass.mp3", "drums.mp3"]


def test_an_own_answer_whose_names_discord_dropped_is_known() -> None:
    (part,) = song_in(
        message(file("mid"), file("ogg", "audio/ogg"), file("roll.png")), 100, is_own=True
    ).parts
    assert part.is_score
