import numpy as np
import pytest

from bot.music.meter.chosen import with_bars
from bot.music.meter.hear import SURE, bars_of_beats, hear
from bot.music.song import Note, Song, Track
from bot.music.timeline.bars import Origin
from bot.music.timeline.key_signature import KeySignature
from scripts.training.bars.composed import compose
from tests.music.synthetic import song_at


def _band(bpm: float, beats: int, *, bars: int = 40, lead: float = 0.4, bend: float = 0.0) -> Song:
    """Bass on the first beat, chords on the others, a kit, a melody; `bend` is how much slower it gets, as a share."""
    beat, count = 60 / bpm, bars * beats
    times = lead + np.concatenate(([0.0], np.cumsum(beat * (1 + bend * np.arange(count) / count))))

    def at(place: float) -> float:
        return float(np.interp(place, np.arange(len(times)), times))

    roots = [(0, 5, 7, 0)[bar % 4] for bar in range(bars)]
    bass, chords, melody, drums = [], [], [], []
    rng = np.random.default_rng(1)
    for bar, root in enumerate(roots):
        begins = bar * beats
        bass.append(Note(36 + root, at(begins), at(begins + beats - 0.2), 90))
        for place in range(1, beats):
            chords += [
                Note(60 + root + third, at(begins + place), at(begins + place + 0.5), 60)
                for third in (0, 4, 7)
            ]
        for place in range(2 * beats):
            drums.append(Note(42, at(begins + place / 2), at(begins + place / 2) + 0.05, 50))
            if place % 2 == 0 or rng.random() < 0.5:
                pitch = 72 + root + int(rng.choice((0, 4, 7)))
                melody.append(Note(pitch, at(begins + place / 2), at(begins + place / 2 + 0.4), 80))
        drums += [Note(36, at(begins), at(begins) + 0.05, 100)]
        drums += [Note(38, at(begins + place), at(begins + place) + 0.05, 95) for place in range(1, beats, 2)]
    return Song(
        (
            Track.of(bass, program=33),
            Track.of(chords),
            Track.of(melody, program=73),
            Track.of(sorted(drums, key=lambda note: note.start_seconds), is_drums=True),
        )
    )


@pytest.mark.parametrize(("bpm", "beats"), [(104, 4), (120, 4), (132, 3), (96, 3)])
def test_a_steady_band_is_heard_surely_and_its_bars_begin_where_the_bass_does(bpm: float, beats: int) -> None:
    song = with_bars(_band(bpm, beats), None)
    assert song.bars is not None
    assert song.bars.origin is Origin.HEARD
    assert song.bars.bpm == (bpm, bpm)
    assert song.bars.meter == f"{beats}/4"
    assert float(song.bars.tempo_map.at(np.int64(song.bars.first_bar))) == pytest.approx(0.4, abs=0.01)


@pytest.mark.parametrize("late", [0.0, 0.02, 0.04])
def test_a_song_that_begins_on_its_first_downbeat_has_no_pickup(late: float) -> None:
    song = _band(104, 4, lead=0.0)
    # A transcriber hears the notes some milliseconds late, but none before the song begins.
    shifted = [
        track.with_notes(track.pitch, track.start_seconds + late, track.end_seconds + late, track.velocity)
        for track in song.tracks
    ]
    first = [
        track.with_notes(
            track.pitch,
            np.where(track.start_seconds <= late, 0.0, track.start_seconds),
            track.end_seconds,
            track.velocity,
        )
        for track in shifted
    ]
    for tracks in (shifted, first):
        bars = with_bars(Song(tuple(tracks)), None).bars
        assert bars is not None
        assert bars.first_bar == 0


def test_a_clear_key_is_written() -> None:
    bars = with_bars(_band(104, 4), None).bars
    assert bars is not None
    assert bars.key == KeySignature(0, is_minor=False)


def test_a_song_that_slows_down_is_followed() -> None:
    song = _band(120, 4, bend=0.15)
    heard = hear(song)
    assert heard is not None
    slowest, fastest = bars_of_beats(song, heard).bpm
    assert slowest == pytest.approx(104.5, rel=0.02)
    assert fastest == pytest.approx(120, rel=0.02)


def test_likely_bars_are_sure_where_both_halves_of_the_song_have_them() -> None:
    song, truth = compose(np.random.default_rng(300_100))
    heard = hear(song)
    assert heard is not None
    assert heard.probability < SURE
    assert heard.is_heard_twice
    assert heard.is_sure
    # From its middle on all comes a beat later: one half has other bars than the whole.
    middle, beat = song.duration_seconds / 2, float(np.median(np.diff(truth.beats)))
    late = [
        track.with_notes(
            track.pitch,
            track.start_seconds + beat * (track.start_seconds > middle),
            track.end_seconds + beat * (track.start_seconds > middle),
            track.velocity,
        )
        for track in song.tracks
    ]
    broken = hear(Song(tuple(late)))
    assert broken is not None
    assert not broken.is_sure


def test_notes_at_random_are_not_sure() -> None:
    rng = np.random.default_rng(2)
    times = np.sort(rng.uniform(0, 60, 400)).tolist()
    loose = Song((Track.of([Note(int(rng.integers(40, 80)), at, at + 0.2, 80) for at in times]),))
    assert with_bars(loose, None).bars is None


@pytest.mark.parametrize("count", [0, 1, 15])
def test_a_few_notes_tell_nothing(count: int) -> None:
    few = Song((Track.of([Note(60, at, at + 0.5, 80) for at in range(count)]),))
    assert hear(few) is None
    assert with_bars(few, None).bars is None


def test_notes_that_all_begin_at_once_tell_nothing() -> None:
    chord = Song((Track.of([Note(pitch, 1.0, 9.0, 80) for pitch in range(30, 90)]),))
    assert hear(chord) is None


def test_two_hits_hours_apart_are_no_trouble() -> None:
    notes = [Note(60, at / 10, at / 10 + 0.1, 80) for at in range(20)] + [Note(60, 20_000, 20_001, 80)]
    assert hear(Song((Track.of(notes),))) is None


def test_a_long_song_is_heard_within_its_first_half_hour() -> None:
    heard = hear(song_at(100, tonic=0, is_minor=False, seed=1, bars=900))
    assert heard is not None
    assert heard.beats[-1] < 1810
