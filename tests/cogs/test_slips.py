"""What people give beside songs, and songs in unusual clothes: they just work, or are answered with what to do."""

import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import discord
import pytest
from aiohttp import web
from simcord import InteractionResult

from bot import app
from bot.audio.fetch import Fetcher
from tests.kie_server import KieServer
from tests.music.score import END, smf
from tests.stage import Stage, midi_of, pianola, pianola_at, pitches_of, text_of, told, wav

PAGE = b"<!doctype html><html><body>Sign in to listen</body></html>"


@pytest.fixture
def ffmpeg(requires_program: Callable[[str], str], tmp_path: Path) -> Callable[..., bytes]:
    """Makes a file of a tune, as a phone, a camera or a browser would; `options` come before its name."""
    program = requires_program("ffmpeg")

    def make(name: str, *options: str, seconds: float = 0.3) -> bytes:
        song, made = tmp_path / "in.wav", tmp_path / name
        song.write_bytes(wav((60, 64, 67), seconds))
        picture = ("-f", "lavfi", "-i", "color=c=black:s=64x64:r=5:d=1.5")
        command = [program, "-v", "error", "-y", *picture, "-i", str(song), *options, str(made)]
        subprocess.run(command, check=True)  # noqa: S603  # a program that the test looked up
        return made.read_bytes()

    return make


@pytest.fixture
async def shop(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A web server with a song, a page, and a download that does not say what it is; gives its address."""
    bodies = {
        "/Night%20Drive.wav": wav((60,), 0.3),
        "/Night%20Drive.mid": smf("00 90 3c 64  83 60 80 3c 40 " + END),
        "/download": wav((62,), 0.3),
        "/page": PAGE,
    }

    async def answer(request: web.Request) -> web.Response:
        body = bodies.get(request.raw_path.partition("?")[0])
        return web.Response(body=body, status=200 if body else 404)

    served = web.Application()
    served.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setattr(app, "Fetcher", lambda **_: Fetcher(allows=lambda _: True, ports=None))
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def make_midi(stage: Stage, content: str, *files: tuple[str, bytes]) -> InteractionResult:
    message = await stage.world.person.send(stage.world.channel, content, attachments=files)
    return await stage.world.person.context_menu(stage.world.channel, "Make MIDI", message)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("voice-message.ogg", ["-map", "1:a", "-c:a", "libopus", "-ar", "48000", "-ac", "1"]),
        ("clip.mp4", ["-c:v", "mpeg4", "-c:a", "aac", "-shortest"]),
        ("clip.mov", ["-c:v", "mpeg4", "-c:a", "aac", "-shortest"]),
        ("clip.webm", ["-c:v", "libvpx", "-c:a", "libopus", "-shortest"]),
    ],
)
async def test_voice_messages_and_videos_are_songs_too(
    tmp_path: Path, ffmpeg: Callable[..., bytes], name: str, options: list[str]
) -> None:
    async with pianola(tmp_path) as stage:
        await stage.make_midi((name, ffmpeg(name, *options)))
        message = await stage.reply()
    assert sorted(set(pitches_of(await midi_of(message)))) == [60, 64, 67]


async def test_a_video_without_sound_is_told(tmp_path: Path, ffmpeg: Callable[..., bytes]) -> None:
    async with pianola(tmp_path) as stage:
        await stage.make_midi(("clip.mp4", ffmpeg("clip.mp4", "-an", "-c:v", "mpeg4")))
        message = await stage.reply()
    assert "There is no sound in this file." in text_of(message)
    assert not message.attachments


async def test_a_song_behind_a_link_is_taken(tmp_path: Path, kie: KieServer, shop: str) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await make_midi(stage, f"my new song: <{shop}/Night%20Drive.wav>!", ("notes.txt", b"words"))
        message = await stage.reply()
        job = await stage.ended()
    assert message.attachments[0].filename == "Night-Drive.mid"
    assert "Not used: `notes.txt`." in text_of(message)
    assert kie.count("upload") == 1
    assert (job.parts[0].source, job.parts[0].alternatives) == (None, ())


async def test_a_midi_file_behind_a_link_is_taken_over(tmp_path: Path, kie: KieServer, shop: str) -> None:
    address = f"{shop}/Night%20Drive.mid"
    async with pianola_at(kie, tmp_path) as stage:
        await make_midi(stage, f"[listen]({address})")
        assert "as given" in text_of(await stage.reply())
        await stage.midi(url=address)
        message = await stage.reply()
    assert message.embeds[0].title == "Night Drive"
    assert "as given" in text_of(message)
    assert kie.requests == []


async def test_a_song_is_found_behind_links_that_do_not_tell(
    tmp_path: Path, kie: KieServer, shop: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await make_midi(stage, f"{shop}/page {shop}/gone {shop}/download?id=7")
        message = await stage.reply()
        job = await stage.ended()
    assert message.attachments
    assert list(kie.uploads.values()) == [wav((62,), 0.3)]
    assert (job.parts[0].source, job.parts[0].alternatives) == (None, ())


async def test_a_link_to_a_page_is_told(tmp_path: Path, kie: KieServer, shop: str) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await make_midi(stage, f"listen here: {shop}/page")
        message = await stage.reply()
    assert "That address leads to a web page, not to an audio file." in text_of(message)


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com/watch?v=x",
        "https://youtube.com/playlist?list=x",
        "https://open.spotify.com/track/x",
        "https://soundcloud.com/someone/song",
    ],
)
async def test_a_link_to_a_player_is_answered_with_what_to_do(
    tmp_path: Path, kie: KieServer, address: str
) -> None:
    sentence = (
        "That link opens a player, not an audio file, and I can't take the song out of it. "
        "Download the song, if you may, and attach the file."
    )
    async with pianola_at(kie, tmp_path) as stage:
        assert told(await make_midi(stage, f"this one {address}")) == sentence
        assert told(await stage.midi(url=address)) == sentence


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("stems.zip", b"PK\3\4", "`stems.zip` is an archive. Unpack it and send what is inside"),
        ("party.m3u8", b"#EXTM3U", "`party.m3u8` is a list of songs, without their sound."),
        ("notes.txt", b"words", "`notes.txt` is not an audio file that I know. I read wav, flac, mp3"),
    ],
)
async def test_a_file_whose_name_says_that_it_is_no_song_is_answered_at_once(
    tmp_path: Path, kie: KieServer, name: str, data: bytes, sentence: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        assert sentence in told(await stage.midi(song=(name, data)))
        assert sentence in told(await stage.make_midi((name, data), ("cover.png", b"\x89PNG")))
    assert kie.requests == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (PAGE, "`song.mp3` is a web page under the name of a song."),
        (b"PK\3\4 and more", "`song.mp3` is an archive."),
        (b"#EXTM3U\nother.mp3", "`song.mp3` is a list of songs"),
        (b"only words " * 100, "`song.mp3` is not an audio file"),
    ],
)
async def test_a_file_that_is_not_what_its_name_says_is_told(
    tmp_path: Path, kie: KieServer, data: bytes, sentence: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.mp3", data))
        message: discord.Message = await stage.reply()
    assert sentence in text_of(message)
    assert not message.components
    assert kie.count("upload") == 0
