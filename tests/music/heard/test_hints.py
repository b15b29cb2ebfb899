import numpy as np
import pytest

from bot.music.heard.hints import hints
from bot.music.song import Note, Song, Track
from tests.music.synthetic import song_at


@pytest.mark.parametrize("bpm", [72, 90, 104.5, 120, 133, 150, 174])
def test_a_steady_song_gives_its_tempo_or_the_half_or_double_of_it(bpm: float) -> None:
    tempo = hints(song_at(bpm, tonic=0, is_minor=False, seed=4)).tempo
    assert tempo is not None
    assert any(
        reading == pytest.approx(bpm, rel=0.01) for reading in (tempo.bpm, tempo.bpm / 2, tempo.bpm * 2)
    )
    assert 0 < tempo.confidence <= 1


@pytest.mark.parametrize(
    ("tonic", "is_minor", "name"), [(0, False, "C major"), (8, True, "G♯ minor"), (3, False, "E♭ major")]
)
def test_a_song_in_one_key_gives_its_key(tonic: int, is_minor: bool, name: str) -> None:
    key = hints(song_at(110, tonic=tonic, is_minor=is_minor, seed=1)).key
    assert key is not None
    assert key.name == name
    assert 0 <= key.confidence <= 1


def test_notes_without_a_beat_are_less_sure_than_a_beat() -> None:
    times = np.sort(np.random.default_rng(2).uniform(0, 60, 300)).tolist()
    loose = Song((Track.of([Note(60, at, at + 0.2, 80) for at in times]),))
    loose_tempo, steady = hints(loose).tempo, hints(song_at(100, tonic=0, is_minor=False, seed=2)).tempo
    assert loose_tempo is not None
    assert steady is not None
    assert loose_tempo.confidence < 0.3 < steady.confidence


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_few_notes_tell_nothing(count: int) -> None:
    few = Song((Track.of([Note(60, at, at + 0.5, 80) for at in range(count)]),))
    assert (hints(few).tempo, hints(few).key) == (None, None)


def test_drums_alone_have_a_tempo_and_no_key() -> None:
    beats = [Note(36, at / 2, at / 2 + 0.1, 100) for at in range(64)]
    found = hints(Song((Track.of(beats, is_drums=True),)))
    assert found.key is None
    assert found.tempo is not None
    assert found.tempo.bpm == pytest.approx(120, rel=0.01)


@pytest.mark.parametrize(
    "pitches",
    [
        pytest.param([60] * 40, id="one note"),
        pytest.param([60, 61] * 40, id="a trill"),
        pytest.param([36 + at % 60 for at in range(400)], id="chromatic runs"),
        pytest.param([*range(60, 73)] * 4, id="chromatic octaves"),
        pytest.param([60 + at * 7 % 12 for at in range(240)], id="a circle of fifths"),
    ],
)
def test_what_is_in_no_key_gives_none(pitches: list[int]) -> None:
    notes = [Note(pitch, at / 5, at / 5 + 0.2, 80) for at, pitch in enumerate(pitches)]
    assert hints(Song((Track.of(notes),))).key is None


def test_one_chord_held_for_six_hours_is_no_trouble() -> None:
    chord = [Note(60 + at, 0, 21_600, 80) for at in range(12)]
    late = [Note(60, 21_590 + at / 10, 21_600, 80) for at in range(12)]
    found = hints(Song((Track.of([*chord, *late]),)))
    assert found.key is not None
