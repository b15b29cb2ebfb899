import io

import mido
import numpy as np
import pretty_midi
import pytest
from msgspec.structs import replace

from bot.music.meter.bar_lines import BEATS, QUARTERS, bars_of
from bot.music.meter.tempo_curve import TempoCurve, curve_of
from bot.music.normalise import normalise
from bot.music.report import Report
from bot.music.song import Note, Song, Track
from bot.music.timeline.bars import Bars
from bot.music.timeline.key_signature import KeySignature
from bot.music.write.encode import encode
from scripts.training.bars.composed import BEATS as METERS
from scripts.training.bars.composed import Truth, compose
from tests.music.readers import symusic

MOST_MOVED_SECONDS = 0.0005


def _composed(seed: int, meter: str, kind: str) -> tuple[Song, Truth]:
    song, truth = compose(np.random.default_rng(seed), meter, kind)
    return normalise(song.tracks, Report()), truth


def _bars(song: Song, truth: Truth) -> Bars:
    first = int(np.argmin(np.abs(truth.beats - truth.downbeats[0])))
    curve = curve_of(truth.beats, first=first, bar_beats=BEATS[truth.meter])
    first_note = min(float(track.start_seconds[0]) for track in song.tracks)
    return bars_of(curve, first=first, meter=truth.meter, first_note=first_note)


def _steady(beat_seconds: float, first_seconds: float) -> TempoCurve:
    return TempoCurve(np.array([0, 1]), np.array([first_seconds, first_seconds + beat_seconds]))


@pytest.mark.parametrize("kind", ["steady", "drift", "ramp", "step", "rubato"])
@pytest.mark.parametrize("meter", METERS)
def test_with_any_bars_every_note_sounds_at_the_same_second_in_three_readers(meter: str, kind: str) -> None:
    song, truth = _composed(6, meter, kind)
    data = encode(replace(song, bars=_bars(song, truth)), title="Any")
    pretty = pretty_midi.PrettyMIDI(io.BytesIO(data)).instruments
    score = symusic().Score.from_midi(data).to("second")
    for track, by_pretty_midi, by_symusic in zip(song.tracks, pretty, score.tracks, strict=True):
        for read in ([n.start for n in by_pretty_midi.notes], [n.time for n in by_symusic.notes]):
            assert np.abs(np.sort(read) - np.sort(track.start_seconds)).max() <= MOST_MOVED_SECONDS
    sounding = [message.time for message in mido.MidiFile(file=io.BytesIO(data))]
    assert sum(sounding) == pytest.approx(song.duration_seconds, abs=MOST_MOVED_SECONDS)


@pytest.mark.parametrize("kind", ["steady", "drift", "ramp", "step", "rubato"])
@pytest.mark.parametrize("meter", METERS)
def test_bars_begin_on_the_downbeats(meter: str, kind: str) -> None:
    song, truth = _composed(5, meter, kind)
    bars = _bars(song, truth)
    numerator, denominator = map(int, meter.split("/"))
    length = bars.division * 4 * numerator // denominator
    lines = bars.tempo_map.at(bars.first_bar + length * np.arange(1, len(truth.downbeats)))
    # A steady row may be off those that waver, and pieces are off by 12 ms.
    assert np.abs(lines - truth.downbeats[1:]).max() < 0.025
    assert bars.meter == meter


def test_a_steady_song_has_one_tempo_and_a_round_one() -> None:
    beats = np.arange(200) * 60 / 104.003
    bars = bars_of(curve_of(beats, first=0, bar_beats=4), first=0, meter="4/4", first_note=0.0)
    assert bars.tempos == ((0, 576923),)
    assert bars.bpm == (104.0, 104.0)
    assert (bars.meters, bars.first_bar) == (((0, 4, 4),), 0)


@pytest.mark.parametrize(
    ("first_seconds", "first_note", "bars_before"),
    [
        (0.0, 0.0, 0),
        (0.03, 0.03, 0),  # too little to be a rest
        (0.06, 0.06, 1),
        (1.6, 1.6, 1),
        (2.0, 2.0, 1),
        (5.9, 5.9, 3),
        (0.25, 0.0, 1),  # a pickup of an eighth
        (0.5, 0.0, 1),
        (0.75, 0.0, 1),
        (2.0, 0.0, 1),
        (2.5, 0.0, 2),
        (3.0, 2.5, 1),  # silence and a pickup
        (30.0, 29.5, 15),
    ],
)
def test_before_the_first_downbeat_are_whole_bars_of_the_same_time_signature(
    first_seconds: float, first_note: float, bars_before: int
) -> None:
    bars = bars_of(_steady(0.5, first_seconds), first=0, meter="4/4", first_note=first_note)
    assert bars.meters == ((0, 4, 4),)
    assert bars.first_bar == bars_before * 4 * bars.division
    reached = float(bars.tempo_map.at(np.int64(bars.first_bar)))
    assert reached == pytest.approx(first_seconds if bars.first_bar else 0.0, abs=0.001)


@pytest.mark.parametrize("beats", [0.5, 1, 1.5, 2])
def test_a_pickup_is_written_as_long_as_it_is(beats: float) -> None:
    begins = 1.0
    bars = bars_of(_steady(0.5, begins + beats / 2), first=0, meter="4/4", first_note=begins)
    quarters = (bars.first_bar - bars.tempo_map.ticks_at(np.array([begins]))) / bars.division
    assert quarters == pytest.approx(beats, abs=0.01)


@pytest.mark.parametrize("first_note", [0.0, 0.0001, 0.0003])
@pytest.mark.parametrize("meter", BEATS)
def test_a_pickup_at_the_very_start_stands_before_bar_1_and_not_where_its_bar_begins(
    meter: str, first_note: float
) -> None:
    bars = bars_of(_steady(0.5, first_note + 0.5), first=0, meter=meter, first_note=first_note)
    song = Song((Track.of([Note(60, first_note, 0.4, 80), Note(62, first_note + 0.5, 0.9, 80)]),))
    notes = mido.MidiFile(file=io.BytesIO(encode(replace(song, bars=bars), title="Pickup"))).tracks[1]
    begins = next(message.time for message in notes if message.type == "note_on")
    assert bars.first_bar - begins == pytest.approx(float(QUARTERS[meter]) * bars.division, abs=1)


def test_a_beat_of_six_eighths_is_a_dotted_quarter() -> None:
    bars = bars_of(_steady(0.6, 0.2), first=0, meter="6/8", first_note=0.0)
    assert bars.bpm == (100.0, 100.0)
    assert bars.tempos[-1][1] == 400_000
    assert bars.meters == ((0, 6, 8),)


def test_the_file_says_time_signatures_and_key() -> None:
    song = Song((Track.of([Note(60, 0.5, 1, 80)]),))
    bars = bars_of(
        _steady(0.5, 0.5), first=0, meter="3/4", first_note=0.5, key=KeySignature(-2, is_minor=True)
    )
    conductor = mido.MidiFile(file=io.BytesIO(encode(replace(song, bars=bars), title="x"))).tracks[0]
    said = [message for message in conductor if message.type in {"time_signature", "key_signature"}]
    assert [(m.numerator, m.denominator) for m in said if m.type == "time_signature"] == [(3, 4)]
    assert [m.key for m in said if m.type == "key_signature"] == ["Gm"]


@pytest.mark.parametrize("downbeat", [-0.04, -0.01, 0.03])
def test_a_first_note_that_sounds_late_or_early_makes_no_other_tempo(downbeat: float) -> None:
    bars = bars_of(_steady(0.5, downbeat), first=0, meter="4/4", first_note=0.0)
    assert bars.bpm == (120.0, 120.0)
    assert bars.first_bar == 0
    assert float(bars.tempo_map.at(np.int64(4 * bars.division))) == pytest.approx(2 + downbeat, abs=0.001)
