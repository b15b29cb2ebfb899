"""From sound to notes, on sounds whose notes are known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.studio.engine import Wanted
from bot.studio.transcriber import decode
from bot.studio.transcriber.tracks import BASS, REST
from bot.studio.transcriber.transcribe import Transcriber, told
from tests.studio import sounds

Notes = list[dict[str, Any]]


@pytest.fixture(scope="module")
def transcriber(studio_cache: Path) -> Transcriber:
    return Transcriber(studio_cache)


def listened(transcriber: Transcriber, path: Path, wanted: Wanted) -> dict[str, Any]:
    return told(transcriber.hear(decode.blocks(path, limit_seconds=60), wanted), wanted)


def heard(transcriber: Transcriber, tmp_path: Path, data: bytes, *, drum_kit: bool = False) -> Notes:
    path = tmp_path / "song"
    path.write_bytes(data)
    found = listened(transcriber, path, Wanted("x", drum_kit=drum_kit))
    assert found["state"] == "complete"
    return found["instruments"][0]["notes"] if found["instruments"] else []


def pitches(notes: Notes) -> list[int]:
    return [note["pitch"] for note in notes]


@pytest.mark.parametrize("kind", sounds.ENCODERS)
def test_a_melody_is_heard_exactly_from_every_kind_of_file(
    transcriber: Transcriber, tmp_path: Path, kind: str
) -> None:
    notes = heard(transcriber, tmp_path, sounds.encoded(sounds.melody(), kind))

    assert pitches(notes) == list(sounds.SIMPLE_MELODY)
    for index, note in enumerate(notes):
        assert note["start"] == pytest.approx(0.45 * index, abs=0.05)
        assert note["end"] == pytest.approx(0.45 * (index + 1), abs=0.08)


def test_a_bass_line_has_no_overtones(transcriber: Transcriber, tmp_path: Path) -> None:
    line = [28, 33, 40, 36, 31, 28]

    assert pitches(heard(transcriber, tmp_path, sounds.wav_bytes(sounds.melody(line)))) == line


def test_chords_are_heard(transcriber: Transcriber, tmp_path: Path) -> None:
    chords = [(60, 64, 67), (53, 57, 60, 65), (55, 59, 62, 67)]
    song = np.concatenate([sounds.chord(chord) for chord in chords])

    notes = heard(transcriber, tmp_path, sounds.wav_bytes(song))

    for second, chord in enumerate(chords):
        begun = {note["pitch"] for note in notes if abs(note["start"] - second) < 0.05}
        assert len(begun & set(chord)) >= 3
    assert len(notes) <= sum(map(len, chords)) + 1


def test_a_song_of_many_windows_keeps_its_times(transcriber: Transcriber, tmp_path: Path) -> None:
    song = sounds.placed([(second, sounds.tone(60 + second % 12)) for second in range(20)], 20)

    notes = heard(transcriber, tmp_path, sounds.wav_bytes(song))

    assert pitches(notes) == [60 + second % 12 for second in range(20)]
    for second, note in enumerate(notes):
        assert note["start"] == pytest.approx(second, abs=0.05)


def test_a_last_note_at_the_very_end_is_heard(transcriber: Transcriber, tmp_path: Path) -> None:
    song = np.concatenate([sounds.silence(3.4), sounds.tone(64, 0.3)])

    assert pitches(heard(transcriber, tmp_path, sounds.wav_bytes(song))) == [64]


def test_louder_notes_have_higher_velocities(transcriber: Transcriber, tmp_path: Path) -> None:
    song = np.concatenate([sounds.tone(60) * volume for volume in (1, 0.5, 0.25, 0.12)])

    velocities = [note["velocity"] for note in heard(transcriber, tmp_path, sounds.wav_bytes(song))]

    assert len(velocities) == 4
    assert velocities == sorted(velocities, reverse=True)
    assert velocities[0] > 2 * velocities[-1]


@pytest.mark.parametrize("seconds", [0.01, 1, 5])
def test_silence_has_no_notes(transcriber: Transcriber, tmp_path: Path, seconds: float) -> None:
    assert heard(transcriber, tmp_path, sounds.wav_bytes(sounds.silence(seconds))) == []


def test_faint_noise_after_the_music_has_no_notes(transcriber: Transcriber, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 2e-4, 6 * sounds.RATE_HZ)

    notes = heard(transcriber, tmp_path, sounds.wav_bytes(np.concatenate([sounds.melody([60, 64]), noise])))

    assert pitches(notes) == [60, 64]


def test_drums_become_pieces_of_the_general_midi_kit(transcriber: Transcriber, tmp_path: Path) -> None:
    beat = [(0.0, sounds.kick()), (0.5, sounds.snare(1)), (1.0, sounds.kick()), (1.5, sounds.snare(2))]
    hats = [(0.25 + 0.5 * n, sounds.hat(n) * 0.6) for n in range(16)]
    song = sounds.placed([(2 * bar + at, hit) for bar in range(4) for at, hit in beat] + hats, 8)

    notes = heard(transcriber, tmp_path, sounds.wav_bytes(song), drum_kit=True)

    struck = {pitch: [n["start"] for n in notes if n["pitch"] == pitch] for pitch in (36, 38, 42)}
    assert struck[36] == pytest.approx([float(n) for n in range(8)], abs=0.03)
    assert struck[38] == pytest.approx([n + 0.5 for n in range(8)], abs=0.03)
    assert sum(min(abs(start - at) for start in struck[42]) < 0.03 for at, _ in hats) >= 14


@pytest.mark.parametrize("seconds", [0.01, 3])
def test_silent_drums_have_no_strokes(transcriber: Transcriber, tmp_path: Path, seconds: float) -> None:
    assert heard(transcriber, tmp_path, sounds.wav_bytes(sounds.silence(seconds)), drum_kit=True) == []


def test_the_drums_of_a_mix_are_a_track_of_their_own(transcriber: Transcriber, tmp_path: Path) -> None:
    kicks = [(float(second), sounds.kick()) for second in range(12)]
    snares = [(second + 0.5, sounds.snare(second)) for second in range(12)]
    chords = [(2.0 * bar, 0.3 * sounds.chord((60, 64, 67), 1.9)) for bar in range(6)]
    path = tmp_path / "song"
    path.write_bytes(sounds.wav_bytes(sounds.placed([*kicks, *snares, *chords], 12)))

    found = listened(transcriber, path, Wanted("x", mix=True))

    notes = {instrument["name"]: instrument["notes"] for instrument in found["instruments"]}
    assert {60, 64, 67} <= set(pitches(notes[REST]))
    struck = [note["start"] for note in notes["Drums"] if note["pitch"] == 36]
    assert sum(min(abs(start - second) for start in struck) < 0.05 for second in range(12)) >= 11


def test_a_bass_that_something_doubles_in_unison_is_heard_whole(
    transcriber: Transcriber, tmp_path: Path
) -> None:
    line = [36, 36, 41, 43] * 3
    bass = [(second + 0.25, sounds.tone(pitch, 0.8)) for second, pitch in enumerate(line)]
    doubled = [(start + 0.01, 0.6 * sounds.tone(line[int(start)], 0.8, harmonics=12)) for start, _ in bass]
    kicks = [(second + 0.75, sounds.kick()) for second in range(12)]
    snares = [(second + 0.25, sounds.snare(second)) for second in range(12)]
    chords = [(2.0 * bar + 0.25, 0.3 * sounds.chord((60, 64, 67), 1.9)) for bar in range(6)]
    path = tmp_path / "song"
    path.write_bytes(sounds.wav_bytes(sounds.placed([*bass, *doubled, *kicks, *snares, *chords], 13)))

    found = listened(transcriber, path, Wanted("x", mix=True))

    notes = {instrument["name"]: instrument["notes"] for instrument in found["instruments"]}
    played = [(note["pitch"], round(note["start"] - 0.25)) for note in notes[BASS]]
    assert set(zip(line, range(12), strict=True)) <= set(played)
    assert len(played) == len(set(played))


def test_a_mix_without_drums_has_no_track_for_them(transcriber: Transcriber, tmp_path: Path) -> None:
    path = tmp_path / "song"
    path.write_bytes(sounds.wav_bytes(sounds.melody()))

    found = listened(transcriber, path, Wanted("x", mix=True))

    assert [instrument["name"] for instrument in found["instruments"]] == ["x"]


def test_a_song_of_drums_alone_is_drums_whatever_it_is_called(
    transcriber: Transcriber, tmp_path: Path
) -> None:
    beat = [(0.5 * n, sounds.snare(n) if n % 2 else sounds.kick()) for n in range(32)]
    path = tmp_path / "song"
    path.write_bytes(sounds.wav_bytes(sounds.placed(beat, 16)))

    found = listened(transcriber, path, Wanted("x", mix=True))

    assert [instrument["name"] for instrument in found["instruments"]] == ["Drums"]
    assert {36, 38} <= set(pitches(found["instruments"][0]["notes"]))


def test_a_melody_in_what_is_called_drums_is_told(transcriber: Transcriber, tmp_path: Path) -> None:
    path = tmp_path / "song"
    beat = [(0.5 * n, sounds.snare(n) if n % 2 else sounds.kick()) for n in range(32)]
    for sound, is_told in ((sounds.placed(beat, 16), False), (np.tile(sounds.melody(), 4), True)):
        path.write_bytes(sounds.wav_bytes(sound))
        found = listened(transcriber, path, Wanted("Drums", drum_kit=True))
        assert ("melodies_in_drums" in found.get("report", {})) is is_told
