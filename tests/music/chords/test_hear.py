from collections.abc import Sequence

import numpy as np
import pytest
from msgspec.structs import replace

from bot.music.chords.hear import Chords, find_chords
from bot.music.song import Note, Song, Track
from bot.music.timeline.bars import Bars, Origin
from bot.music.timeline.key_signature import KeySignature
from tests.music.harmonies import STYLES, compose

C, AM, F, G = (60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62)
BARS = Bars(480, ((0, 500_000),), origin=Origin.HEARD)


def song_of(chords: Sequence[tuple[int, ...]], *more: Track, bars: Bars | None = BARS) -> Song:
    """Each for two seconds, which is a bar."""
    notes = [
        Note(pitch, 2.0 * place + beat, 2.0 * place + beat + 0.9, 80)
        for place, chord in enumerate(chords)
        for beat in (0.0, 1.0)
        for pitch in chord
    ]
    notes.sort(key=lambda note: note.start_seconds)
    return Song((Track.of(notes, name="Piano"), *more), bars=bars)


def names(chords: Chords | None) -> list[str]:
    assert chords is not None
    return [one.chord.name for one in chords.heard if one.chord]


def test_plain_chords_are_named_and_sure() -> None:
    found = find_chords(song_of([C, AM, F, G] * 2))
    assert names(found) == ["C", "Am", "F", "G"] * 2
    assert found is not None
    assert found.is_sure
    assert [one.start_ticks for one in found.heard] == [1920 * bar for bar in range(8)]


def test_sevenths_and_what_is_in_the_bass_are_told() -> None:
    chords = [(57, 60, 64, 67), (53, 57, 60, 64), (40, 60, 64, 67), (43, 59, 62, 65)]
    assert names(find_chords(song_of(chords * 2))) == ["Am7", "Fmaj7", "C/E", "G7"] * 2


def test_passing_notes_and_drums_change_nothing() -> None:
    scale = (72, 74, 76, 77, 79, 81, 83, 84)
    melody = Track.of([Note(scale[at % 8], at / 4, at / 4 + 0.2, 90) for at in range(64)], name="Flute")
    drums = Track.of([Note(36 + at % 3, at / 4, at / 4 + 0.1, 100) for at in range(64)], is_drums=True)
    assert names(find_chords(song_of([C, AM, F, G] * 2, melody, drums))) == ["C", "Am", "F", "G"] * 2


def test_without_bars_they_stand_on_half_seconds() -> None:
    found = find_chords(song_of([C, AM, F, G] * 2, bars=None))
    assert names(found) == ["C", "Am", "F", "G"] * 2
    assert found is not None
    assert found.bars.origin is Origin.NOBODY


@pytest.mark.parametrize(("sharps", "name"), [(-5, "D♭"), (5, "C♯")])
def test_the_key_spells_them(sharps: int, name: str) -> None:
    bars = replace(BARS, key=KeySignature(sharps, is_minor=False))
    assert names(find_chords(song_of([(61, 65, 68)] * 4, bars=bars))) == [name]


def test_where_nothing_sounds_there_is_no_chord() -> None:
    found = find_chords(song_of([C, (), (), G]))
    assert found is not None
    assert [one.chord.name if one.chord else None for one in found.heard] == ["C", None, "G"]


def test_a_chromatic_jumble_is_not_sure() -> None:
    rng = np.random.default_rng(5)
    notes = [Note(int(rng.integers(40, 80)), at / 4, at / 4 + 0.5, 80) for at in range(120)]
    found = find_chords(Song((Track.of(notes),), bars=BARS))
    assert found is None or not found.is_sure


def test_drums_and_a_few_notes_have_none() -> None:
    drums = Track.of([Note(36, at / 2, at / 2 + 0.1, 100) for at in range(40)], is_drums=True)
    assert find_chords(Song((drums,))) is None
    assert find_chords(Song((Track.of([Note(60, 0, 1, 80)]),))) is None


def run(pitches: Sequence[int], step: float, *more: Track) -> Song:
    notes = [Note(pitch, at * step, (at + 0.9) * step, 80) for at, pitch in enumerate(pitches)]
    return Song((Track.of(notes), *more))


def clusters(*starts: float) -> Song:
    return Song((Track.of([Note(48 + tone, at, at + 0.9, 80) for at in starts for tone in range(24)]),))


OCTAVE_BELOW = Track.of([Note(48, at / 2, at / 2 + 0.4, 90) for at in range(32)], name="Bass")


@pytest.mark.parametrize("bars", [BARS, None])
@pytest.mark.parametrize(
    "song",
    [
        pytest.param(run([60] * 32, 0.5), id="one note"),
        pytest.param(run([60] * 32, 0.5, OCTAVE_BELOW), id="one note in octaves"),
        pytest.param(run([60, 62] * 32, 0.5), id="a second"),
        pytest.param(run([60, 61] * 50, 0.12), id="a trill"),
        pytest.param(clusters(0.0), id="a cluster"),
        pytest.param(clusters(*range(16)), id="clusters"),
        pytest.param(run([36 + at % 60 for at in range(400)], 0.03), id="chromatic, 30 ms"),
        pytest.param(run([36 + at % 60 for at in range(2000)], 0.002), id="chromatic, 2 ms"),
        pytest.param(run([48 + at % 36 for at in range(128)], 0.25), id="chromatic, 250 ms"),
        pytest.param(run([*range(60, 84), *range(84, 60, -1)] * 4, 0.2), id="chromatic, up and down"),
    ],
)
def test_no_chord_is_claimed_where_none_is_played(song: Song, bars: Bars | None) -> None:
    found = find_chords(replace(song, bars=bars))
    assert found is not None
    assert not found.is_clear
    assert names(found) == []


@pytest.mark.parametrize(
    ("pitches", "name"), [((48, 55), "C5"), ((48, 52), "C"), ((57, 60, 67), "Am7"), ((45, 57, 60), "Am")]
)
def test_a_chord_may_lack_a_tone(pitches: tuple[int, ...], name: str) -> None:
    found = find_chords(song_of([pitches] * 8))
    assert names(found) == [name]
    assert found is not None
    assert found.is_clear


def test_a_bass_alone_before_the_chords_takes_nothing_from_how_sure_they_are() -> None:
    found = find_chords(song_of([(48,), (48,), (48,), C, AM, F, G]))
    assert names(found) == ["C", "Am", "F", "G"]
    assert found is not None
    assert found.is_sure


def test_clusters_between_chords_do() -> None:
    cluster = tuple(range(48, 72))
    found = find_chords(song_of([C, cluster, F, cluster] * 2))
    assert names(found) == ["C", "F"] * 2
    assert found is not None
    assert not found.is_sure


def test_bars_of_millions_of_beats_are_heard_in_bounds() -> None:
    fast = Bars(32767, ((0, 100),), ((0, 255, 64),), origin=Origin.GIVEN)
    found = find_chords(song_of([C, AM, F, G] * 40, bars=fast))
    assert found is not None
    assert len(found.heard) < 5000


def test_a_first_bar_after_all_that_is_heard_adds_no_pieces_beyond_bounds() -> None:
    late = replace(BARS, first_bar=480 * 10**6)
    found = find_chords(song_of([C, AM, F, G] * 2, bars=late))
    assert found is None or len(found.heard) <= 4097


@pytest.mark.parametrize("style", STYLES)
def test_most_of_a_made_up_song_is_right(style: str) -> None:
    harmony = compose(np.random.default_rng(3), style)
    found = find_chords(harmony.song)
    assert found is not None
    starts = found.bars.tempo_map.at(np.array([one.start_ticks for one in found.heard]))
    right = 0
    for true in harmony.chords:
        middle = (true.start_seconds + true.end_seconds) / 2
        chord = found.heard[int(np.searchsorted(starts, middle, side="right")) - 1].chord
        right += chord is not None and chord.root == true.root
    assert right > 0.6 * len(harmony.chords)


def test_in_six_eighths_chords_are_heard_by_eighths() -> None:
    """A whistle over a bass on the beat and a chord on the eighth after it, with silence up to the next beat."""
    bars, eighth = replace(BARS, tempos=((0, 360_000),), meters=((0, 6, 8),)), 0.18
    low, high = (50, 55, 47, 57), ((62, 66, 69), (62, 67, 71), (59, 62, 66), (61, 64, 69))
    played = []
    for beat in range(32):
        begins, bar = 3 * beat * eighth, beat // 2 % 4
        played.append(Note(low[bar], begins, begins + eighth, 80))
        played += [Note(pitch, begins + eighth, begins + 2 * eighth, 60) for pitch in high[bar]]
    tune = (74, 78, 81, 86, 81, 78, 79, 78, 76, 74, 76, 78, 71, 74, 78, 83, 78, 74, 76, 79, 78, 76, 73, 69)
    whistle = [Note(pitch, at * eighth, (at + 0.9) * eighth, 90) for at, pitch in enumerate(tune * 4)]
    found = find_chords(Song((Track.of(whistle), Track.of(played)), bars=bars))
    assert found is not None
    assert found.is_sure
    heard = [one.chord.name for one in found.heard if one.chord]
    assert [name for name, before in zip(heard, ["", *heard], strict=False) if name != before][:4] == [
        "D", "Gmaj7", "Bm", "A"
    ]  # fmt: skip
