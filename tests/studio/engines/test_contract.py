"""What every engine does, whoever hears the songs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.kie.song_errors import NoSoundError, SongTooLongError, UnreadableSongError
from bot.studio.engine import Engine, NotHeardError, Song, Wanted
from bot.studio.engines.built_in import BuiltIn
from bot.studio.engines.muscriptor import MuScriptor
from tests.studio import sounds
from tests.studio.engines.muscriptor_server import serving

MIX = Wanted("Acoustic Grand Piano", mix=True)
DRUMS = Wanted("Drums", drum_kit=True)


@pytest.fixture(scope="module", params=["built in", "muscriptor"])
def engine(
    request: pytest.FixtureRequest, studio_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    if request.param == "built in":
        yield BuiltIn(studio_cache)
    else:
        with serving() as server:
            yield MuScriptor(server.url, tmp_path_factory.mktemp("engine"))


def song(tmp_path: Path, sound: sounds.Samples, *, limit_seconds: float = 60) -> Song:
    path = tmp_path / "song"
    path.write_bytes(sounds.wav_bytes(sound))
    return Song(path, limit_seconds, sound.size / sounds.RATE_HZ)


def heard(engine: Engine, one: Song, wanted: Wanted, kept: Path | None = None) -> dict[str, Any]:
    return engine.transcribe(one, wanted, lambda _: None, kept=kept)


def drummed() -> sounds.Samples:
    beat = [(second, sounds.kick()) for second in range(8)]
    return sounds.placed(beat + [(second + 0.5, sounds.snare(second)) for second in range(8)], 8)


def test_a_melody_is_heard_with_its_times(engine: Engine, tmp_path: Path) -> None:
    found = heard(engine, song(tmp_path, sounds.melody()), MIX)

    assert found["state"] == "complete"
    (instrument,) = found["instruments"]
    assert [note["pitch"] for note in instrument["notes"]] == list(sounds.SIMPLE_MELODY)
    for index, note in enumerate(instrument["notes"]):
        assert note["start"] == pytest.approx(0.45 * index, abs=0.05)
        assert note["end"] == pytest.approx(0.45 * (index + 1), abs=0.1)
        assert 0 < note["velocity"] <= 1
        assert note["start"] * 192 == int(note["start"] * 192)


def test_one_instrument_stays_one_under_its_name(engine: Engine, tmp_path: Path) -> None:
    found = heard(engine, song(tmp_path, sounds.melody([40, 60, 64])), Wanted("Violin"))

    assert [instrument["name"] for instrument in found["instruments"]] == ["Violin"]


def test_drums_alone_are_strokes(engine: Engine, tmp_path: Path) -> None:
    found = heard(engine, song(tmp_path, drummed()), DRUMS)

    (kit,) = found["instruments"]
    assert kit["name"] == "Drums"
    kicks = [note["start"] for note in kit["notes"] if note["pitch"] == 36]
    assert kicks == pytest.approx([float(second) for second in range(8)], abs=0.05)


def test_silence_has_no_instruments(engine: Engine, tmp_path: Path) -> None:
    assert heard(engine, song(tmp_path, sounds.silence(2)), MIX)["instruments"] == []


def test_progress_rises_to_the_end(engine: Engine, tmp_path: Path) -> None:
    told: list[float] = []

    engine.transcribe(song(tmp_path, sounds.melody([60] * 30)), MIX, told.append)

    assert len(told) > 2
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_what_was_heard_is_told_anew_without_the_song(engine: Engine, tmp_path: Path) -> None:
    one, kept = song(tmp_path, sounds.melody()), tmp_path / "kept.npz"
    found = heard(engine, one, Wanted("Flute"), kept)
    one.path.unlink()

    assert engine.told_anew(kept, Wanted("Flute")) == found


def test_what_was_heard_as_pitches_is_no_drum_kit(engine: Engine, tmp_path: Path) -> None:
    kept = tmp_path / "kept.npz"
    heard(engine, song(tmp_path, sounds.melody()), Wanted("Violin"), kept)

    with pytest.raises(NotHeardError):
        engine.told_anew(kept, DRUMS)


@pytest.mark.parametrize("left", [None, b"", b"{}", b"PK\x03\x04 something else"])
def test_what_was_not_left_by_it_cannot_be_told(engine: Engine, tmp_path: Path, left: bytes | None) -> None:
    kept = tmp_path / "kept.npz"
    if left is not None:
        kept.write_bytes(left)

    with pytest.raises(NotHeardError):
        engine.told_anew(kept, MIX)


def test_what_is_no_song_is_refused_in_words(engine: Engine, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_bytes(b"text")
    video = tmp_path / "video"
    video.write_bytes(sounds.silent_video())

    with pytest.raises(UnreadableSongError):
        heard(engine, Song(text, 60), MIX)
    with pytest.raises(NoSoundError):
        heard(engine, Song(video, 60), MIX)


def test_a_song_is_heard_up_to_the_limit_only(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(SongTooLongError):
        heard(engine, song(tmp_path, sounds.silence(4), limit_seconds=2), MIX)
