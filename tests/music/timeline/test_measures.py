from bot.music.timeline.bars import Bars
from bot.music.timeline.measures import Measure, measures


def test_bars_follow_each_other_until_the_end() -> None:
    assert measures(Bars.plain(), 2000) == [Measure(0, 1920, 4, 4), Measure(1920, 3840, 4, 4)]


def test_another_time_signature_begins_a_bar() -> None:
    bars = Bars(480, ((0, 500_000),), ((0, 4, 4), (960, 6, 8)))
    assert measures(bars, 2500) == [
        Measure(0, 960, 4, 4),
        Measure(960, 2400, 6, 8),
        Measure(2400, 3840, 6, 8),
    ]


def test_before_the_first_time_signature_there_are_four_quarters() -> None:
    bars = Bars(480, ((0, 500_000),), ((1920, 3, 4),))
    assert measures(bars, 3000)[:2] == [Measure(0, 1920, 4, 4), Measure(1920, 3360, 3, 4)]


def test_bars_that_never_end_are_cut_off() -> None:
    tiny = Bars(1, ((0, 500_000),), ((0, 1, 64),))
    assert len(measures(tiny, 1 << 27)) == 20_000


def test_no_song_still_has_a_bar() -> None:
    assert measures(Bars.plain(), 0) == [Measure(0, 1920, 4, 4)]
