import numpy as np
import pytest

from bot.errors import NoBeatError
from bot.music.meter.bars import Bars, Origin
from bot.music.meter.chosen import ChosenBars, with_bars
from bot.music.meter.hear import hear
from bot.music.song import Note, Song, Track
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


def test_where_no_beat_is_heard_a_tempo_must_be_said() -> None:
    few = Song((Track.of([Note(60, 0.5, 1.0, 80)]),))
    with pytest.raises(NoBeatError):
        with_bars(few, ChosenBars("4/4", 0.0))
    bars = with_bars(few, ChosenBars("4/4", 0.0, bpm=90)).bars
    assert bars is not None
    assert bars.bpm == (90, 90)
