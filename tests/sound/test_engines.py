import os
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import pytest

from bot.music.song import Note, Song, Track
from bot.music.write.encode import encode
from bot.sound import engines, fonts, opus
from bot.sound import tinysoundfont as tiny
from bot.sound.engines import ENCODERS, SYNTHESIZERS, Encoder, Synthesizer, Way
from bot.sound.errors import NoPreviewError, PreviewError
from bot.sound.fluidsynth import FluidSynth
from bot.sound.opus import FfmpegProgram, PyAv
from bot.sound.pcm import SAMPLE_RATE, finished
from bot.sound.tinysoundfont import TinySoundFont
from tests.sound.listen import decoded, loudness, share_of_pitch

_Way = TypeVar("_Way", bound=Way)


def here(way: _Way) -> _Way:
    if reason := way.missing():
        pytest.skip(reason)
    return way


def font() -> Path:
    found = fonts.sound_font()
    if found is None:
        pytest.skip("no sound font is installed")
    return found


def two_notes() -> bytes:
    flute = Track.of([Note(72, 0, 1, 100), Note(79, 1.5, 2.5, 100)], name="Flute", program=73)
    return encode(Song((flute,)), title="")


@pytest.mark.parametrize("way", SYNTHESIZERS)
def test_a_synthesizer_plays_the_notes_that_are_written(way: Callable[[Path], Synthesizer]) -> None:
    pcm = here(way(font())).render(two_notes(), 3 * SAMPLE_RATE)
    assert pcm.shape == (3 * SAMPLE_RATE, 2)
    samples = pcm.T
    assert share_of_pitch(samples, 72, 0.1, 0.9) > 0.8
    assert share_of_pitch(samples, 79, 1.6, 2.4) > 0.8
    assert share_of_pitch(samples, 75, 0.1, 0.9) < 0.2
    assert loudness(samples, 0.2, 0.9) > 5 * loudness(samples, 2.8, 3.0)


@pytest.mark.parametrize("way", ENCODERS)
def test_an_encoder_makes_opus_that_sounds_the_same(way: Callable[[], Encoder]) -> None:
    encoder = here(way())
    if reason := engines.available():
        pytest.skip(reason)
    pcm = finished(
        engines.engines().synthesizer.render(two_notes(), 3 * SAMPLE_RATE),
        fade_in_seconds=0,
        fade_out_seconds=0.1,
    )
    samples = decoded(encoder.encode(pcm))
    assert samples.shape[1] / SAMPLE_RATE == pytest.approx(3, abs=0.05)
    assert share_of_pitch(samples, 72, 0.1, 0.9) > 0.8
    assert loudness(samples, 0.1, 0.9) == pytest.approx(loudness(pcm.T, 0.1, 0.9), rel=0.1)


def test_fluidsynth_that_fails_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "broken.sf2"
    broken.write_bytes(b"RIFF\0\0\0\0sfbk")
    with pytest.raises(PreviewError) as caught:
        here(FluidSynth(broken)).render(b"no midi", SAMPLE_RATE)
    assert "fluidsynth ended with" in caught.value.detail


def test_the_font_of_an_installed_package_is_found_where_it_lies() -> None:
    if find_spec("pretty_midi") is None:
        pytest.skip("pretty_midi is not installed")
    font = fonts.packed_font()
    assert font is not None
    assert font.read_bytes()[:4] == b"RIFF"


def test_a_font_of_the_system_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_PACKAGE", "a-package-that-nobody-has")
    monkeypatch.setattr(fonts, "_SYSTEM_FOLDERS", (tmp_path / "none", tmp_path))
    assert fonts.sound_font() is None
    (tmp_path / "FluidR3_GM.sf2").touch()
    assert fonts.sound_font() == tmp_path / "FluidR3_GM.sf2"
    (tmp_path / "TimGM6mb.sf2").touch()
    assert fonts.sound_font() == tmp_path / "TimGM6mb.sf2", "the small one first"


def test_a_font_that_was_chosen_is_the_only_one_that_is_taken(tmp_path: Path) -> None:
    chosen = tmp_path / "mine.sf2"
    problem = f"SOUND_FONT: {chosen} is not a sound font that I can read"
    assert engines.available(chosen) == problem
    chosen.write_bytes(b"RIFF\x04\x00\x00\x00WAVE")
    assert engines.available(chosen) == problem
    chosen.write_bytes(b"RIFF\x04\x00\x00\x00sfbk")
    assert fonts.sound_font(chosen) == chosen


class TestWhatIsMissing:
    """Each part taken away in turn."""

    @pytest.fixture(autouse=True)
    def all_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A machine that has a font, both synthesizers and both encoders, as far as one can look."""
        for module in (tiny, opus):
            monkeypatch.setattr(module, "find_spec", lambda _: object())
        monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
        font = tmp_path / "font.sf2"
        font.touch()
        monkeypatch.setattr(engines, "sound_font", lambda chosen: chosen or font)

    def test_with_all_there_the_packages_come_first(self) -> None:
        assert engines.available() is None
        found = engines.engines()
        assert isinstance(found.synthesizer, TinySoundFont)
        assert isinstance(found.encoder, PyAv)

    def test_without_the_packages_the_programs_are_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (tiny, opus):
            monkeypatch.setattr(module, "find_spec", lambda _: None)
        assert engines.available() is None
        found = engines.engines()
        assert isinstance(found.synthesizer, FluidSynth)
        assert isinstance(found.encoder, FfmpegProgram)

    def test_a_large_font_is_left_to_the_program(self, tmp_path: Path) -> None:
        os.truncate(tmp_path / "font.sf2", 148_000_000)
        assert isinstance(engines.engines().synthesizer, FluidSynth)

    def test_without_a_synthesizer_both_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tiny, "find_spec", lambda _: None)
        monkeypatch.setattr(shutil, "which", lambda name: None if name == "fluidsynth" else name)
        assert engines.available() == (
            "the package tinysoundfont is not installed and the program fluidsynth is not installed"
        )

    def test_without_an_encoder_both_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(opus, "find_spec", lambda _: None)
        monkeypatch.setattr(shutil, "which", lambda name: None if name == "ffmpeg" else name)
        assert (
            engines.available() == "the package av is not installed and the program ffmpeg is not installed"
        )

    def test_without_a_font_it_says_which_would_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engines, "sound_font", lambda _: None)
        assert "sound font" in (engines.available() or "")
        with pytest.raises(NoPreviewError) as caught:
            engines.engines()
        assert caught.value.sentence.startswith("There is no preview here: no General MIDI sound font")
