"""A song in another key, or an excerpt of it: what is left, where it sounds, and what its file says."""

import io

import mido
import numpy as np
import pretty_midi
import pytest
from msgspec.structs import replace

from bot.music.heard.key import find_key
from bot.music.meter.bar_lines import BEATS, QUARTERS, bars_of
from bot.music.meter.tempo_curve import curve_of
from bot.music.normalise import normalise
from bot.music.quantise import quantised
from bot.music.report import Report
from bot.music.song import Note, Song, StatedTempo, Track
from bot.music.timeline.bars import Bars, Origin
from bot.music.timeline.key_signature import KeySignature, key_name
from bot.music.view.view import SEMITONES, View
from bot.music.view.viewed import has_notes, viewed
from bot.music.write.encode import encode
from scripts.training.bars.composed import BEATS as METERS
from scripts.training.bars.composed import compose
from tests.music.readers import symusic

MOST_MOVED_SECONDS = 0.001
"""The cut goes to the nearest tick, half a millisecond off at most; each note is rounded to one as well."""

SCALE = (60, 62, 64, 65, 67, 69, 71, 72)


def _song(*tracks: Track, bars: Bars | None = None) -> Song:
    return replace(normalise(tracks, Report()), bars=bars)


def _scale(start: float = 0.0, each: float = 0.5) -> Track:
    notes = [Note(pitch, start + at * each, start + (at + 1) * each, 80) for at, pitch in enumerate(SCALE)]
    return Track.of(notes, name="Flute", program=73)


def _drums(*starts: float) -> Track:
    return Track.of([Note(36, start, start + 0.1, 90) for start in starts], name="Drums", is_drums=True)


def _composed(seed: int, meter: str, kind: str) -> Song:
    song, truth = compose(np.random.default_rng(seed), meter, kind)
    song = normalise(song.tracks, Report())
    first = int(np.argmin(np.abs(truth.beats - truth.downbeats[0])))
    curve = curve_of(truth.beats, first=first, bar_beats=BEATS[truth.meter])
    first_note = min(float(track.start_seconds[0]) for track in song.tracks)
    return replace(song, bars=bars_of(curve, first=first, meter=meter, first_note=first_note))


def _notes(song: Song) -> list[list[tuple[float, float, int, int]]]:
    return [
        sorted((note.start_seconds, note.end_seconds, note.pitch, note.velocity) for note in track)
        for track in song.tracks
    ]


class TestTransposed:
    def test_all_notes_move_but_those_of_drums(self) -> None:
        song = viewed(_song(_scale(), _drums(0, 1)), View(-3))
        assert song.tracks[0].pitch.tolist() == [pitch - 3 for pitch in SCALE]
        assert song.tracks[1].pitch.tolist() == [36, 36]

    def test_times_and_velocities_stay(self) -> None:
        song = _song(_scale(), _drums(0, 1))
        moved = viewed(song, View(5))
        for before, after in zip(song.tracks, moved.tracks, strict=True):
            assert (before.start_seconds == after.start_seconds).all()
            assert (before.end_seconds == after.end_seconds).all()
            assert (before.velocity == after.velocity).all()

    def test_what_leaves_the_range_of_midi_is_left_out_and_told(self) -> None:
        song = viewed(_song(Track.of([Note(120, 0, 1, 80), Note(60, 1, 2, 80)])), View(12))
        assert song.tracks[0].pitch.tolist() == [72]
        assert song.report.pitches_out_of_range == 1
        assert song.report.lines() == ("1 note was outside MIDI's range and was left out.",)

    def test_an_instrument_of_which_nothing_is_left_is_no_track(self) -> None:
        song = viewed(_song(_scale(), Track.of([Note(3, 0, 1, 80)], name="Hum")), View(-4))
        assert [track.name for track in song.tracks] == ["Flute"]

    def test_the_key_follows_in_what_is_heard_and_in_what_the_file_says(self) -> None:
        bars = replace(Bars.plain(), key=KeySignature(0, is_minor=False))
        song = viewed(_song(_scale(), bars=bars), View(3))
        found = find_key(song)
        assert found is not None
        assert (found.tonic, found.is_minor) == (3, False)
        keys = pretty_midi.PrettyMIDI(io.BytesIO(encode(song, title=""))).key_signature_changes
        assert [pretty_midi.key_number_to_key_name(key.key_number) for key in keys] == ["Eb Major"]

    @pytest.mark.parametrize("sharps", range(-7, 8))
    @pytest.mark.parametrize("is_minor", [False, True])
    def test_every_key_goes_up_and_comes_back(self, sharps: int, is_minor: bool) -> None:
        key = KeySignature(sharps, is_minor)
        for semitones in SEMITONES:
            bars = replace(Bars.plain(), key=key)
            moved = viewed(_song(_scale(), bars=bars), View(semitones)).bars
            assert moved is not None
            assert moved.key is not None
            assert moved.key.is_minor == is_minor
            assert (7 * moved.key.sharps - 7 * sharps - semitones) % 12 == 0
            assert key_name(moved.key)
            if semitones % 12 == 0:
                assert moved.key == key

    def test_a_view_of_all_as_it_is_changes_nothing(self) -> None:
        song = _song(_scale())
        assert viewed(song, None) is song
        assert viewed(song, View()) is song


class TestExcerpt:
    def test_times_count_from_its_beginning_and_notes_that_cross_its_ends_are_clipped(self) -> None:
        song = viewed(_song(_scale()), View(0, 0.75, 1.75))
        assert _notes(song) == [
            [(0.0, 0.25, 62, 80), (0.25, 0.75, 64, 80), (0.75, 1.0, 65, 80)],
        ]

    def test_to_the_end_and_from_the_beginning(self) -> None:
        song = _song(_scale())
        assert viewed(song, View(0, 3.0)).tracks[0].pitch.tolist() == [71, 72]
        assert viewed(song, View(0, 0.0, 1.0)).tracks[0].pitch.tolist() == [60, 62]
        assert viewed(song, View(0, 3.0, 99.0)).duration_seconds == pytest.approx(1.0)

    def test_a_drum_hit_a_hair_before_the_cut_is_struck_and_what_begins_a_hair_before_the_end_is_not(
        self,
    ) -> None:
        song = viewed(_song(_drums(0.997, 1.5, 1.998)), View(0, 1.0, 2.0))
        assert song.tracks[0].start_seconds.tolist() == [0.0, 0.5]
        assert song.tracks[0].end_seconds.tolist() == pytest.approx([0.097, 0.6])

    def test_instruments_that_are_silent_in_it_are_left_out(self) -> None:
        song = viewed(_song(_drums(0, 1), _scale(4)), View(0, 4.0))
        assert [track.name for track in song.tracks] == ["Flute"]

    def test_without_notes_it_is_all_of_the_song_in_that_key(self) -> None:
        song, view = _song(_scale()), View(2, 100.0, 200.0)
        assert not has_notes(song, view)
        assert viewed(song, view).view == View(2)
        assert viewed(song, view).tracks[0].pitch.tolist() == [pitch + 2 for pitch in SCALE]
        assert has_notes(song, View(2, 1.0, 2.0))

    def test_two_excerpts_that_meet_have_every_note_once_or_in_two_pieces(self) -> None:
        song = _composed(3, "4/4", "drift")
        middle = song.duration_seconds / 2
        begun = viewed(song, View(0, 0.0, middle)).note_count + viewed(song, View(0, middle)).note_count
        cut = sum(
            int(((track.start_seconds < middle - 0.03) & (track.end_seconds >= middle + 0.03)).sum())
            for track in song.tracks
            if not track.is_drums
        )
        assert begun == song.note_count + cut


@pytest.mark.parametrize("kind", ["steady", "drift", "ramp", "step", "rubato"])
@pytest.mark.parametrize("meter", METERS)
@pytest.mark.parametrize("share", [0.0, 0.21, 0.5])
def test_notes_sound_when_they_did_and_stand_on_the_bar_lines_that_they_had(
    meter: str, kind: str, share: float
) -> None:
    song = _composed(6, meter, kind)
    begin = round(share * song.duration_seconds, 1)
    end = begin + 8.0
    part = viewed(song, View(0, begin, end))
    data = encode(part, title="Any")
    sounding = [
        [note for note in track if begin + 0.03 <= note.start_seconds < end - 0.03] for track in song.tracks
    ]
    # What the bar has before the part begins is silence.
    assert 0 <= begin - part.begins_seconds < 6
    wanted = sorted(note.start_seconds - part.begins_seconds for track in sounding for note in track)
    read_whole = {
        "pretty_midi": [
            note.start
            for track in pretty_midi.PrettyMIDI(io.BytesIO(data)).instruments
            for note in track.notes
        ],
        "symusic": [
            note.time for track in symusic().Score.from_midi(data).to("second").tracks for note in track.notes
        ],
    }
    for read in read_whole.values():
        # What sounds on over the cut begins there.
        begun = sorted(read)[len(read) - len(wanted) :]
        assert np.abs(np.array(begun) - wanted).max() <= MOST_MOVED_SECONDS
    assert wanted
    # A note is as far from the bar line before it as it was.
    old, new = song.bars, part.bars
    assert old is not None
    assert new is not None
    numerator, denominator = map(int, meter.split("/"))
    length = old.division * 4 * numerator // denominator
    for seconds in wanted:
        was = float(old.tempo_map.places_at(np.array([seconds + part.begins_seconds]))[0]) - old.first_bar
        now = float(new.tempo_map.places_at(np.array([seconds]))[0]) - new.first_bar
        apart = (was - now) % length
        beat = old.division * float(QUARTERS[meter])
        assert min(apart, length - apart) < 0.08 * beat + 1


def _by_hand(*tempos: tuple[int, int], meters: tuple[tuple[int, int, int], ...] = ((0, 4, 4),)) -> Bars:
    bpm = [60e6 / tempo for _, tempo in tempos]
    return Bars(480, tempos, meters, 0, None, Origin.GIVEN, (min(bpm), max(bpm)))


BAR = 4 * 480


class TestBars:
    def test_an_excerpt_from_a_bar_line_on_begins_with_that_bar(self) -> None:
        part = viewed(_song(_scale(), bars=_by_hand((0, 500_000))), View(0, 2.0))
        assert part.bars is not None
        assert (part.bars.first_bar, part.bars.tempos, part.bars.meters) == (
            0,
            ((0, 500_000),),
            ((0, 4, 4),),
        )
        assert part.tracks[0].start_seconds[0] == 0

    @pytest.mark.parametrize("beats", [-0.07, 0, 0.07])
    @pytest.mark.parametrize("meter", ["3/4", "4/4", "6/8"])
    def test_near_a_bar_line_its_tempos_are_those_that_the_song_has(self, meter: str, beats: float) -> None:
        song = _composed(1, meter, "drift")
        assert song.bars is not None
        numerator, denominator = map(int, meter.split("/"))
        line = song.bars.first_bar + 5 * song.bars.division * 4 * numerator // denominator
        begin = float(song.bars.tempo_map.at(np.int64(line))) + beats * 60 / song.bars.bpm[1]
        part = viewed(song, View(0, begin, begin + 10))
        on_the_line = viewed(song, View(0, begin - beats * 60 / song.bars.bpm[1], begin + 10))
        assert part.bars is not None
        assert on_the_line.bars is not None
        assert part.bars.first_bar == 0
        assert part.bars.bpm[0] >= on_the_line.bars.bpm[0]
        assert part.bars.bpm[1] <= on_the_line.bars.bpm[1]

    def test_the_first_beat_alone_has_a_tempo_of_the_song_too(self) -> None:
        # Bar 1 begins within a beat of second 0, which is as much shorter.
        song = replace(_song(_scale()), bars=replace(_by_hand((0, 480_000), (480, 500_000)), bpm=(100, 120)))
        part = viewed(song, View(0, 0.2, 0.3))
        assert part.bars is not None
        assert part.bars.bpm == (120, 120)

    def test_inside_a_bar_the_rest_of_that_bar_is_a_pickup(self) -> None:
        # From the third quarter of the first bar on.
        part = viewed(_song(_scale(), bars=_by_hand((0, 500_000))), View(0, 1.0))
        assert part.bars is not None
        assert part.bars.first_bar == BAR
        assert part.bars.tempos == ((0, 500_000),)
        assert part.begins_seconds == 0
        file = mido.MidiFile(file=io.BytesIO(encode(part, title="")))
        starts, now = [], 0
        for event in file.tracks[1]:
            now += event.time
            if event.type == "note_on" and event.velocity:
                starts.append(now)
        assert starts == [960, 1440, 1920, 2400, 2880, 3360]
        downbeats = pretty_midi.PrettyMIDI(io.BytesIO(encode(part, title=""))).get_downbeats()
        assert downbeats[:2] == pytest.approx([0.0, 2.0], abs=0.001)

    def test_near_a_bar_line_it_begins_with_that_line(self) -> None:
        for begin in (1.97, 2.03):
            part = viewed(_song(_scale(), bars=_by_hand((0, 500_000))), View(0, begin))
            assert part.bars is not None
            assert part.bars.first_bar == 0
            quarters = part.bars.tempo_map.at(np.arange(1, 4) * 480)
            assert quarters == pytest.approx(np.array([2.5, 3.0, 3.5]) - begin, abs=1e-5)

    def test_tempos_and_time_signatures_follow_and_what_is_outside_is_left_out(self) -> None:
        bars = _by_hand(
            (0, 500_000),
            (2 * BAR, 250_000),
            (4 * BAR, 400_000),
            meters=((0, 4, 4), (BAR, 3, 4), (BAR + 4 * 1440, 2, 4)),
        )
        notes = _scale(each=0.75)
        part = viewed(replace(_song(notes, bars=bars), stated_tempo=StatedTempo(120, 240)), View(0, 2.0, 4.5))
        assert part.bars is not None
        assert part.bars.meters == ((0, 3, 4),)
        assert part.bars.tempos == ((0, 500_000), (BAR, 250_000))
        assert part.bars.bpm == (120, 240)
        assert part.stated_tempo == StatedTempo(120, 240)
        later = viewed(
            replace(_song(notes, bars=bars), stated_tempo=StatedTempo(120, 240)), View(0, 4.5, 5.0)
        )
        assert later.stated_tempo == StatedTempo(240, 240)

    def test_a_quantised_copy_keeps_to_the_bar_lines(self) -> None:
        # Each note a little late, cut inside a bar.
        song = _song(_scale(start=0.02), bars=_by_hand((0, 500_000)))
        part = viewed(song, View(0, 1.0))
        copy = quantised(part, grid="1/4")
        assert copy.bars is not None
        ticks = copy.bars.tempo_map.ticks_at(copy.tracks[0].start_seconds)
        assert (ticks % 480 == 0).all()

    @pytest.mark.parametrize("division", [1, 24, 32767])
    @pytest.mark.parametrize("meter", [(4, 4), (1, 64), (255, 1), (7, 8)])
    def test_any_bars_can_be_cut_anywhere(self, division: int, meter: tuple[int, int]) -> None:
        bars = Bars(division, ((0, 500_000), (division, 16_777_215), (3 * division, 1000)), ((0, *meter),))
        song = _song(_scale(), bars=bars)
        for begin in np.arange(0, 4, 0.13):
            part = viewed(song, View(1, float(begin), float(begin) + 1))
            assert part.note_count
            assert encode(part, title="")
            starts = np.concatenate([track.start_seconds for track in part.tracks])
            assert 0 <= starts.min() < begin + 1
            assert part.begins_seconds >= -0.0003
