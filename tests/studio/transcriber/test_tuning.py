"""Recordings that are not at 440 Hz: how far off they are, and the notes that were played."""

from pathlib import Path

import numpy as np
import pytest
import soxr

from bot.studio.engine import Wanted
from bot.studio.transcriber import decode, tuning
from bot.studio.transcriber.transcribe import Transcriber, told
from tests.studio import sounds

CHORDS = np.concatenate([sounds.chord(c) for c in [(48, 60, 64, 67), (41, 53, 57, 60), (43, 55, 59, 62)] * 4])
TUNES = {
    "melody": np.tile(sounds.melody(), 4),
    "chords": CHORDS,
    "bass": np.tile(sounds.melody([28, 33, 40, 36, 31, 28]), 4),
}


def played(sound: sounds.Samples, cents: float) -> sounds.Samples:
    """At another speed, so that it is so much sharper."""
    faster: sounds.Samples = soxr.resample(sound, sounds.RATE_HZ, sounds.RATE_HZ * 2 ** (-cents / 1200))
    return faster


def blocks_of(tmp_path: Path, sound: sounds.Samples) -> Path:
    path = tmp_path / "song"
    path.write_bytes(sounds.wav_bytes(sound))
    return path


@pytest.mark.parametrize("tune", TUNES)
@pytest.mark.parametrize("cents", [-45, -30, -20, 20, 30, 45])
def test_a_recording_off_its_tuning_is_measured(tmp_path: Path, tune: str, cents: int) -> None:
    path = blocks_of(tmp_path, played(TUNES[tune], cents))
    found, blocks = tuning.listened(decode.blocks(path, limit_seconds=60))
    assert found == pytest.approx(cents, abs=2)
    whole = sum(block.size for block in blocks)
    assert whole == sum(block.size for block in decode.blocks(path, limit_seconds=60))


@pytest.mark.parametrize("tune", TUNES)
@pytest.mark.parametrize("cents", [-50, 50])
def test_half_a_semitone_is_off_either_way(tmp_path: Path, tune: str, cents: int) -> None:
    path = blocks_of(tmp_path, played(TUNES[tune], cents))
    assert abs(tuning.listened(decode.blocks(path, limit_seconds=60))[0]) in {48, 49, 50}


@pytest.mark.parametrize("cents", [-10, 0, 10])
def test_a_recording_in_tune_is_left_as_it_is(tmp_path: Path, cents: int) -> None:
    path = blocks_of(tmp_path, played(CHORDS, cents))
    found, blocks = tuning.listened(decode.blocks(path, limit_seconds=60))
    assert found == 0
    same = np.concatenate(list(tuning.in_tune(blocks, found)))
    assert np.array_equal(same, np.concatenate(list(decode.blocks(path, limit_seconds=60))))


def test_nothing_of_a_long_recording_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "LISTENED_SECONDS", 3)
    path = blocks_of(tmp_path, CHORDS)

    _, blocks = tuning.listened(decode.blocks(path, limit_seconds=60))

    same = np.concatenate(list(decode.blocks(path, limit_seconds=60)))
    assert np.array_equal(np.concatenate(list(blocks)), same)


@pytest.mark.parametrize("kind", ["noise", "drums", "silence", "slide"])
def test_what_has_no_tuning_gets_none(tmp_path: Path, kind: str) -> None:
    beat = [(0.5 * n, sounds.snare(n) if n % 2 else sounds.kick()) for n in range(30)]
    times = np.arange(15 * sounds.RATE_HZ) / sounds.RATE_HZ
    sound = {
        "noise": np.random.default_rng(1).normal(0, 0.1, times.size),
        "drums": sounds.placed(beat, 15),
        "silence": sounds.silence(15),
        "slide": np.sin(2 * np.pi * 220 * 2 ** (times / 15) * times),
    }[kind]
    assert tuning.listened(decode.blocks(blocks_of(tmp_path, sound), limit_seconds=60))[0] == 0


@pytest.fixture(scope="module")
def transcriber(studio_cache: Path) -> Transcriber:
    return Transcriber(studio_cache)


@pytest.mark.parametrize("cents", [-50, -45, -25, 25, 45, 50])
def test_the_notes_are_those_that_were_played_when_they_were(
    transcriber: Transcriber, tmp_path: Path, cents: int
) -> None:
    path = blocks_of(tmp_path, played(TUNES["melody"], cents))
    wanted = Wanted("x")
    found = told(transcriber.hear(decode.blocks(path, limit_seconds=60), wanted), wanted)

    assert found["tuning_cents"] == pytest.approx(cents, abs=2) or abs(cents) == 50
    notes = found["instruments"][0]["notes"]
    pitches = [note["pitch"] for note in notes]
    shift = pitches[0] - sounds.SIMPLE_MELODY[0]
    # Half a semitone off, nobody can say which of two keys it was.
    assert shift == 0 or abs(cents) == 50
    expected = [pitch + shift for pitch in sounds.SIMPLE_MELODY * 4]
    if abs(cents) == 50:
        assert set(expected) <= set(pitches)
        assert len(pitches) <= len(expected) + 3
        return
    assert pitches == expected
    step = 0.45 * 2 ** (-cents / 1200)
    for index, note in enumerate(notes):
        assert note["start"] == pytest.approx(step * index, abs=0.05)
