import asyncio
import shutil
from pathlib import Path

import pytest

from bot.music.song import Note, Song, Track
from bot.sound import preview as module
from bot.sound.engines import available
from bot.sound.errors import NoPreviewError, NothingToHearError, PreviewError, PreviewTooLargeError
from bot.sound.fonts import sound_font
from bot.sound.preview import preview
from tests.left_running import children
from tests.sound.listen import decoded, loudness, share_of_pitch

needs_sound = pytest.mark.skipif(available() is not None, reason=available() or "")


def flute(*notes: Note) -> Song:
    return Song((Track.of(notes, name="Flute", program=73),))


@needs_sound
async def test_thirty_seconds_of_a_long_song() -> None:
    song = flute(*(Note(72, n, n + 0.9, 90) for n in range(100)))
    made = await preview(song, start_seconds=40)
    samples = decoded(made.ogg)
    assert (made.start_seconds, made.seconds) == (40, 30)
    assert samples.shape[1] / 48_000 == pytest.approx(30, abs=0.05)
    assert share_of_pitch(samples, 72, 1, 10) > 0.8
    assert abs(samples).max() <= 1
    assert loudness(samples, 0, 0.005) < loudness(samples, 0.2, 0.8) / 10, "it fades in"
    assert loudness(samples, 29.95, 30) < loudness(samples, 28, 29) / 3, "it fades out"
    assert len(made.ogg) < 400_000
    assert not children()


@needs_sound
async def test_without_a_start_the_liveliest_part_is_played() -> None:
    sparse = [Note(60, n * 5, n * 5 + 1, 50) for n in range(40)]
    lively = [Note(84, 120 + n / 4, 120.2 + n / 4, 110) for n in range(40)]
    made = await preview(flute(*sorted([*sparse, *lively], key=lambda note: note.start_seconds)), seconds=10)
    assert made.start_seconds == pytest.approx(120, abs=0.5)
    assert share_of_pitch(decoded(made.ogg), 84, 1, 9) > 0.5


@needs_sound
async def test_a_note_held_over_the_cut_is_heard_from_the_first_moment() -> None:
    made = await preview(flute(Note(76, 0, 60, 90)), start_seconds=20, seconds=4)
    samples = decoded(made.ogg)
    assert share_of_pitch(samples, 76, 0.1, 3) > 0.8
    assert loudness(samples, 0.2, 0.7) > 0.02


@needs_sound
async def test_a_short_song_ends_when_it_has_rung_out() -> None:
    made = await preview(flute(Note(72, 0, 1, 90)))
    assert (made.start_seconds, made.seconds) == (0, 3)
    samples = decoded(made.ogg)
    assert samples.shape[1] / 48_000 == pytest.approx(3, abs=0.05)
    assert loudness(samples, 0.2, 0.9) > 20 * loudness(samples, 2.8, 3)


@needs_sound
async def test_drums_are_heard() -> None:
    kit = Track.of([Note(38, n / 2, n / 2 + 0.1, 110) for n in range(8)], name="Kit", is_drums=True)
    samples = decoded((await preview(Song((kit,)))).ogg)
    assert loudness(samples, 1.0, 1.1) > 3 * loudness(samples, 1.4, 1.49)


_PROGRAMS_ALONE = """
from bot.sound import engines
from bot.sound.__main__ import main
engines.SYNTHESIZERS, engines.ENCODERS = engines.SYNTHESIZERS[1:], engines.ENCODERS[1:]
main()
"""


@pytest.mark.skipif(
    not all(map(shutil.which, ("fluidsynth", "ffmpeg"))), reason="fluidsynth or ffmpeg is not installed"
)
@needs_sound
async def test_the_programs_alone_make_a_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RENDERER", ("-c", _PROGRAMS_ALONE))
    samples = decoded((await preview(flute(Note(72, 0, 40, 90)), start_seconds=5, seconds=4)).ogg)
    assert samples.shape[1] / 48_000 == pytest.approx(4, abs=0.05)
    assert share_of_pitch(samples, 72, 0.1, 3) > 0.8


@needs_sound
async def test_the_loop_is_free_meanwhile() -> None:
    turns = 0

    async def beat() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    beating = asyncio.create_task(beat(), name="beat")
    await preview(flute(Note(72, 0, 1, 90)))
    beating.cancel()
    assert turns > 1000


@needs_sound
async def test_a_file_above_the_limit_is_refused() -> None:
    with pytest.raises(PreviewTooLargeError):
        await preview(flute(Note(72, 0, 5, 90)), most_bytes=1000)


@pytest.mark.parametrize("start", [None, 50.0])
@needs_sound
async def test_where_no_notes_are_there_is_nothing_to_hear(start: float | None) -> None:
    song = Song(()) if start is None else flute(Note(72, 0, 1, 90))
    with pytest.raises(NothingToHearError):
        await preview(song, start_seconds=start)


async def test_without_a_way_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "available", lambda _: "nothing is installed")
    with pytest.raises(NoPreviewError) as caught:
        await preview(flute(Note(72, 0, 1, 90)))
    assert caught.value.sentence == "There is no preview here: nothing is installed."


def renderer(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Another process in the renderer's place."""
    monkeypatch.setattr(module, "available", lambda _: None)
    monkeypatch.setattr(module, "_RENDERER", ("-c", script))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys; sys.exit('no such preset')", "no such preset"),
        ("import os; os._exit(7)", "ended with 7"),
        ("", "ended with 0"),
    ],
)
async def test_a_renderer_that_fails_is_an_error_with_what_it_said(
    script: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer(monkeypatch, script)
    with pytest.raises(PreviewError, match=said):
        await preview(flute(Note(72, 0, 1, 90)))


async def test_a_renderer_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    renderer(monkeypatch, "import time; time.sleep(600)")
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", -2.9)  # 0.1 s, with the 3 s that the sound is long
    with pytest.raises(PreviewError, match="took over"):
        await preview(flute(Note(72, 0, 1, 90)))
    assert not children()


async def test_who_stops_waiting_ends_the_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    renderer(monkeypatch, "import time; time.sleep(600)")
    waiting = asyncio.create_task(preview(flute(Note(72, 0, 1, 90))), name="preview")
    while not children():  # noqa: ASYNC110 - a process that starts has no event to wait for
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not children()


async def test_the_renderer_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret-of-a-test")
    renderer(monkeypatch, "import os, sys; sys.exit(' '.join(os.environ.values()))")
    with pytest.raises(PreviewError) as caught:
        await preview(flute(Note(72, 0, 1, 90)))
    assert "ended with 1" in caught.value.detail
    assert "secret-of-a-test" not in caught.value.detail


@needs_sound
async def test_what_lies_in_the_folder_of_the_start_is_not_imported(tmp_path: Path) -> None:
    for name in ("json", "numpy", "msgspec", "bot"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')")
    assert Path.cwd() == tmp_path
    assert (await preview(flute(Note(72, 0, 1, 90)))).ogg


@pytest.fixture
def chosen(tmp_path: Path) -> Path:
    """A copy of the font that is there."""
    font = sound_font()
    assert font is not None
    return Path(shutil.copy(font, tmp_path / "mine.sf2"))


@needs_sound
async def test_the_font_of_the_owners_choice_is_played(chosen: Path) -> None:
    assert (await preview(flute(Note(72, 0, 1, 90)), sound_font=chosen)).ogg
    await asyncio.to_thread(chosen.write_bytes, b"not a font")
    with pytest.raises(NoPreviewError):
        await preview(flute(Note(72, 0, 1, 90)), sound_font=chosen)
