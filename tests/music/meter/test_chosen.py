import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from bot.errors import FirstBarUnclearError, NoBeatError
from bot.music.meter.chosen import ChosenBars, with_bars, with_chosen
from bot.music.meter.hear import hear
from bot.music.meter.kept import KeptBars
from bot.music.song import Note, Song, Track
from bot.music.timeline.bars import Bars, Origin
from tests.music.synthetic import song_at

SONG = song_at(100, tonic=0, is_minor=False, seed=3)


def _chosen(**said: object) -> Bars:
    heard = hear(SONG)
    assert heard is not None
    usual = {"meter": heard.meter, "first_seconds": float(heard.downbeats[0])}
    bars = with_bars(SONG, ChosenBars(**{**usual, **said})).bars  # type: ignore[arg-type]  # what a test says
    assert bars is not None
    assert bars.origin is Origin.CHOSEN
    return bars


def _begins(bars: Bars) -> float:
    return float(bars.tempo_map.at(np.int64(bars.first_bar)))


def test_heard_beats_can_be_halved_and_doubled() -> None:
    as_heard, half, double = _chosen(), _chosen(times=0.5), _chosen(times=2)
    assert half.bpm[0] == pytest.approx(as_heard.bpm[0] / 2, rel=0.001)
    assert double.bpm[0] == pytest.approx(as_heard.bpm[0] * 2, rel=0.001)
    assert _begins(half) == pytest.approx(_begins(as_heard), abs=0.03)


@pytest.mark.parametrize("meter", ["2/4", "3/4", "4/4", "6/8"])
def test_any_meter_can_be_chosen(meter: str) -> None:
    assert _chosen(meter=meter).meter == meter


def test_bar_one_begins_on_the_beat_nearest_to_what_was_said() -> None:
    heard = hear(SONG)
    assert heard is not None
    wanted = float(heard.beats[heard.first + 1])
    assert _begins(_chosen(first_seconds=wanted + 0.05)) == pytest.approx(wanted, abs=0.03)


def test_a_tempo_of_ones_own_holds_from_the_first_bar_on() -> None:
    bars = _chosen(bpm=93.5, first_seconds=1.25, meter="3/4")
    assert bars.bpm == (93.5, 93.5)
    assert _begins(bars) == pytest.approx(1.25, abs=0.001)


FEW = Song((Track.of([Note(60, 0.5, 1.0, 80)]),))


def test_where_no_beat_is_heard_a_tempo_must_be_said() -> None:
    with pytest.raises(NoBeatError):
        with_chosen(FEW, ChosenBars("4/4", 0.0))
    bars = with_chosen(FEW, ChosenBars("4/4", 0.0, bpm=90)).bars
    assert bars is not None
    assert bars.bpm == (90, 90)


@pytest.mark.parametrize("no_more", [ChosenBars("4/4", 0.0), ChosenBars("4/4", 1.01, bpm=90)])
def test_a_choice_that_is_possible_no_more_locks_no_song(no_more: ChosenBars) -> None:
    assert with_bars(FEW, no_more).bars is None


def test_bars_cannot_begin_after_the_songs_end() -> None:
    with_chosen(SONG, ChosenBars("4/4", SONG.duration_seconds, bpm=90))
    with pytest.raises(FirstBarUnclearError):
        with_chosen(SONG, ChosenBars("4/4", SONG.duration_seconds + 0.01, bpm=90))


def test_a_first_bar_hours_after_the_first_note_takes_no_knot_for_each_beat() -> None:
    hours = 6 * 3600.0
    long = Song((Track.of([Note(60, 0.0, 1.0, 80), Note(60, hours - 2, hours, 80)]),))
    bars = with_chosen(long, ChosenBars("4/4", hours - 1, bpm=999)).bars
    assert bars is not None
    assert len(bars.tempos) < 2000
    assert _begins(bars) == pytest.approx(hours - 1, abs=0.001)


def test_what_is_likely_is_told_however_unsure() -> None:
    heard, song = hear(SONG), with_bars(SONG, None)
    assert heard is not None
    assert song.likely_bars is not None
    assert song.likely_bars.meter == heard.meter
    assert song.likely_bars.first_seconds == pytest.approx(float(heard.downbeats[0]), abs=0.001)


def test_kept_bars_are_those_that_were_found_and_are_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    for song in (with_bars(SONG, None), with_bars(SONG, ChosenBars("3/4", 1.0)), with_bars(FEW, None)):
        found = KeptBars.found_in(song)
        assert found is not None
        kept = msgspec.json.decode(msgspec.json.encode(found), type=KeptBars)
        assert kept.are_current
        again = kept.put_on(replace(song, bars=None, likely_bars=None))
        assert (again.bars, again.likely_bars) == (song.bars, song.likely_bars)
        monkeypatch.setattr("bot.music.meter.kept._VERSION", 0)
        assert not kept.are_current
        monkeypatch.undo()


def test_bars_that_are_too_many_are_not_kept() -> None:
    changes = tuple((tick, 500_000 + tick % 2) for tick in range(3000))
    assert KeptBars.found_in(replace(SONG, bars=Bars(480, changes))) is None
