"""The button that gives the audio of the stems that kie.ai made."""

from pathlib import Path

from simcord import InteractionResult

from bot.kie.separation import Separation
from tests.cogs.results import labels, more, refusal_of
from tests.kie_server import KieServer
from tests.stage import Stage, pianola, pianola_at, wav

MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 300
GONE = "The studio no longer has the audio of these stems. It keeps them for 14 days."


async def pressed(stage: Stage, kie: KieServer, kind: Separation = Separation.TWO_STEMS) -> InteractionResult:
    await stage.midi(song=("Night Drive.wav", wav()), separation=kind.value)
    return await more(stage.world.person, await stage.reply(), "stems")


def names(result: InteractionResult) -> list[str]:
    answer = result.response or result.followups[0]
    assert answer.ephemeral
    return [file.filename for file in answer.attachments]


def text(result: InteractionResult) -> str:
    return (result.response or result.followups[0]).content


async def test_the_stems_come_as_files(tmp_path: Path, kie: KieServer) -> None:
    kie.stem_audio = MP3
    async with pianola_at(kie, tmp_path) as stage:
        given = await pressed(stage, kie)
        (first, _) = (given.response or given.followups[0]).attachments
        assert await first.read() == MP3
    assert names(given) == ["Night-Drive-Vocals.mp3", "Night-Drive-Instrumental.mp3"]
    assert text(given) == ""


async def test_what_has_no_room_comes_as_links(tmp_path: Path, kie: KieServer) -> None:
    kie.stem_audio = MP3
    async with pianola_at(kie, tmp_path) as stage:
        given = await pressed(stage, kie, Separation.ALL_STEMS)
        job = await stage.ended()
    assert len(names(given)) == 10
    lines = text(given).splitlines()
    assert lines[0] == "Too many or too large for one message; here they are as links:"
    assert lines[1:] == [f"- [{stem.name}](<{stem.url}>)" for stem in job.parts[0].stems[10:]]


async def test_what_is_too_large_comes_as_a_link(tmp_path: Path, kie: KieServer) -> None:
    kie.stem_audio = MP3 + bytes(9 << 20)
    async with pianola_at(kie, tmp_path) as stage:
        given = await pressed(stage, kie, Separation.ALL_STEMS)
        kie.stem_audio = MP3 + bytes(24 << 20)
        larger = await pressed(stage, kie)
    # Two of 9 MiB; a third would be more than one request may hold.
    assert len(names(given)) == 2
    assert text(given).count("](<") == 10
    assert names(larger) == []
    assert text(larger).count("](<") == 2


async def test_where_discord_finds_it_too_large_all_come_as_links(tmp_path: Path, kie: KieServer) -> None:
    kie.stem_audio = MP3
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("Night Drive.wav", wav()))
        answer = await stage.reply()
        stage.world.env.inject_error("POST", "/webhooks/*", status=413, code=40005, times=1)
        given = await more(stage.world.person, answer, "stems")
    assert names(given) == []
    assert text(given).count("](<") == 2


async def test_what_kie_no_longer_keeps_is_told(tmp_path: Path, kie: KieServer) -> None:
    kie.stem_audio = MP3
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("Night Drive.wav", wav()))
        answer = await stage.reply()
        vocals = next(name for name in kie.uploads if name.endswith("_Vocals.mp3"))
        del kie.uploads[vocals]
        some = await more(stage.world.person, answer, "stems")
        kie.uploads.clear()
        none = await more(stage.world.person, answer, "stems")
    assert names(some) == ["Night-Drive-Instrumental.mp3"]
    assert text(some) == "The studio no longer has: Vocals."
    assert refusal_of(none) == GONE


async def test_a_page_in_the_place_of_a_stem_is_no_stem(tmp_path: Path, kie: KieServer) -> None:
    kie.stem_audio = b"<!doctype html><html><body>This link has expired</body></html>"
    async with pianola_at(kie, tmp_path) as stage:
        assert refusal_of(await pressed(stage, kie)) == GONE


async def test_the_built_in_studio_makes_no_stems(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.midi(song=("song.wav", wav()))
        assert "Audio stems" not in labels(await stage.reply())
