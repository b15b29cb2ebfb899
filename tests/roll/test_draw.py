import tracemalloc
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language import ENGLISH, LOCALES, language_of
from bot.music.read.parse import read_notes
from bot.music.roll import kit, legend
from bot.music.roll.canvas import text_width
from bot.music.roll.colours import DRUMS, FAINT_TEXT, HUES, TEXT
from bot.music.roll.draw import draw
from bot.music.roll.labels import lettered
from bot.music.roll.layout import LEFT
from bot.music.song import Note, Song, Track
from tests.music.payloads import body, instruments
from tests.roll.reader import Bar, Picture, picture

LEGEND, TIMES, TITLE = 40, 38, 46
"""Sizes of letters: at 400 pixels wide, 38 become 12."""


def one(*notes: Note, name: str = "Piano") -> Song:
    return Song((Track.of(notes, name=name),))


def band() -> Song:
    return Song(
        (
            Track.of([Note(72, 1, 2, 90), Note(76, 3, 4, 90)], name="Flute"),
            Track.of([Note(50 + n, n, n + 0.8, 80) for n in range(8)], name="Piano"),
            Track.of(
                [Note((36, 38, 42)[n % 3], n, n + 0.1, 100) for n in range(9)], name="Kit", is_drums=True
            ),
        )
    )


def notes_of(shown: Picture, hue: int) -> list[Bar]:
    """The bars that are notes: everything but the swatch."""
    swatch = shown.swatch(hue)
    return [bar for bar in shown.bars(hue) if bar != swatch]


def test_of_a_thousand_instruments_the_largest_are_named() -> None:
    tracks = [
        Track.of([Note(60, n, n + 0.5, 90) for n in range(1 + at % 7)], name=f"P{at}") for at in range(1000)
    ]
    placed = legend.entries(legend.parts(Song(tuple(tracks)), ENGLISH), ENGLISH)
    assert int(placed[-1].text.removeprefix("+").removesuffix(" more")) == 1000 - len(placed) + 1
    largest = {f"P{at}" for at in range(1000) if at % 7 == 6}
    assert {entry.text for entry in placed[:-1]} <= largest


@pytest.mark.parametrize(
    ("locale", "kick", "hat"), [("es-ES", "Bombo", "Charles"), ("pt-BR", "Bumbo", "Chimbal"), ("ja", "Kick", "Hi-hat")]
)  # fmt: skip
def test_drums_are_named_in_the_readers_language_where_the_font_has_its_letters(
    locale: str, kick: str, hat: str
) -> None:
    shown = picture(band(), say=language_of(locale))
    for name in (kick, hat):
        assert shown.spots(name, TIMES, FAINT_TEXT), name


@pytest.mark.parametrize("locale", sorted(LOCALES))
def test_names_of_drums_fit_in_every_language(locale: str) -> None:
    for english in (*(name for name, _ in kit.KINDS), kit.OTHER):
        label = lettered(language_of(locale), english)
        assert text_width(label, TIMES) <= LEFT - 8, label


def test_what_has_no_room_is_counted_in_the_readers_language() -> None:
    tracks = [Track.of([Note(60, 0, 1, 90)], name=f"Instrument {at}") for at in range(40)]
    say = language_of("de")
    placed = legend.entries(legend.parts(Song(tuple(tracks)), say), say)
    assert placed[-1].text == f"+{40 - len(placed) + 1} weitere"


def test_each_note_is_a_bar_at_its_time_and_pitch() -> None:
    bars = notes_of(picture(one(Note(60, 0, 2, 90), Note(64, 2, 4, 90), Note(67, 4, 8, 90))), 0)
    high, middle, low = bars
    assert low.left < middle.left < high.left
    assert low.right <= middle.left
    assert middle.right <= high.left
    assert (high.right - high.left) / (low.right - low.left) == pytest.approx(2, rel=0.02)
    row = (low.top - high.top) / 7
    assert low.top - middle.top == pytest.approx(4 * row, abs=1)


def test_equal_times_of_two_tracks_stand_above_each_other() -> None:
    shown = picture(Song((Track.of([Note(72, 1, 2, 90)]), Track.of([Note(40, 1, 2, 90)]))))
    (upper,), (lower,) = notes_of(shown, 0), notes_of(shown, 1)
    assert (upper.left, upper.right) == (lower.left, lower.right)
    assert upper.bottom < lower.top


@given(
    st.lists(
        st.tuples(st.integers(40, 80), st.integers(0, 59), st.integers(1, 127)),
        min_size=1,
        max_size=40,
        unique_by=lambda note: note[:2],
    )
)
@settings(max_examples=25)
def test_as_many_bars_as_notes(made: list[tuple[int, int, int]]) -> None:
    song = one(*(Note(pitch, second, second + 1, velocity) for pitch, second, velocity in made))
    bars = notes_of(picture(song), 0)
    assert len(bars) == len(made)
    rows = {bar.top for bar in bars}
    assert len(rows) == len({pitch for pitch, _, _ in made})


def test_repeated_notes_stay_apart() -> None:
    bars = notes_of(picture(one(*(Note(60, n / 4, (n + 1) / 4, 90) for n in range(40)))), 0)
    assert len(bars) == 40
    assert all(before.right < after.left for before, after in pairwise(bars))


def test_louder_is_brighter() -> None:
    shown = picture(one(*(Note(60, n, n + 1, velocity) for n, velocity in enumerate((1, 30, 60, 90, 127)))))
    lights = [shown.light(bar.entry) for bar in notes_of(shown, 0)]
    assert lights == sorted(set(lights))
    assert lights[0] > 60, "the quietest note is still seen"


def test_drums_have_a_lane_below_with_a_named_row_for_each_kind() -> None:
    shown = picture(band())
    hits = notes_of(shown, DRUMS)
    assert len(hits) == 9
    assert len({hit.top for hit in hits}) == 3
    lowest_note = max(bar.bottom for hue in (0, 1) for bar in notes_of(shown, hue))
    assert min(hit.top for hit in hits) > lowest_note
    names = [spot for name in ("Hi-hat", "Snare", "Kick") for spot in shown.spots(name, TIMES, FAINT_TEXT)]
    tops = sorted({(hit.top, hit.bottom) for hit in hits})
    assert all(top < name.y < bottom for name, (top, bottom) in zip(names, tops, strict=True))


def test_the_kick_is_below_the_hat() -> None:
    kit = Track.of([Note(36, 0, 0.1, 90), Note(42, 2, 2.1, 90)], name="Kit", is_drums=True)
    hat, kick = notes_of(picture(Song((kit,))), DRUMS)
    assert (hat.bottom < kick.top, kick.left < hat.left) == (True, True)


def test_drums_alone_fill_the_picture_and_no_octave_is_named() -> None:
    shown = picture(Song((band().tracks[2],)))
    hits = notes_of(shown, DRUMS)
    assert max(hit.bottom for hit in hits) - min(hit.top for hit in hits) > 500
    assert not any(shown.spots(f"C{octave}", TIMES, FAINT_TEXT) for octave in range(10))


def test_the_legend_names_each_instrument_beside_its_colour() -> None:
    shown = picture(band())
    for name, hue in (("Flute", 1), ("Piano", 0), ("Kit", DRUMS)):
        (spot,) = shown.spots(name, LEGEND, TEXT)
        swatch = shown.swatch(hue)
        assert 0 < spot.x - swatch.right < 30
        assert swatch.top < spot.y < swatch.bottom


def test_instruments_without_notes_are_not_in_the_legend() -> None:
    shown = picture(Song((Track.of([], name="Silent"), *band().tracks)))
    assert not shown.spots("Silent", LEGEND, TEXT)
    assert shown.spots("Flute", LEGEND, TEXT)


def test_a_legend_of_many_shortens_and_says_how_many_are_missing() -> None:
    tracks = [
        Track.of([Note(40 + n, i, i + 1, 80) for i in range(n + 1)], name=f"Symphonic Instrument {n:02}")
        for n in range(40)
    ]
    placed = legend.entries(legend.parts(Song(tuple(tracks)), ENGLISH), ENGLISH)
    *names, rest = [entry.text for entry in placed]
    assert names == [f"Sympho…{n}" for n in range(40 - len(names), 40)]
    assert rest == f"+{40 - len(names)} more"
    assert len(names) >= 12
    assert placed[-1].line == 3


def test_sixteen_instruments_have_sixteen_colours() -> None:
    tracks = tuple(Track.of([Note(40 + 2 * n, 0, 4, 127)], name=f"Part {n}") for n in range(16))
    shown = picture(Song(tracks))
    seen = {tuple(shown.palette[notes_of(shown, hue)[0].entry].tolist()) for hue in range(16)}
    assert seen == {hue.rgb for hue in HUES}
    assert all(shown.spots(f"Part {n}", LEGEND, TEXT) for n in range(16))


def test_octaves_are_named_beside_their_lines() -> None:
    shown = picture(one(Note(48, 0, 1, 90), Note(60, 1, 2, 90), Note(72, 2, 3, 90)))
    for octave, bar in zip((5, 4, 3), notes_of(shown, 0), strict=True):
        (spot,) = shown.spots(f"C{octave}", TIMES, FAINT_TEXT)
        assert spot.x < 176 <= bar.left
        assert abs(spot.y - (bar.top + bar.bottom) / 2) < 5


@pytest.mark.parametrize(
    ("seconds", "marks"),
    [
        (0.2, ["0:00", "0:01", "0:04"]),
        (88, ["0:00", "0:15", "1:15"]),
        (3900, ["0:00", "15:00", "1:00:00"]),
        (6 * 3600, ["0:00", "2:00:00", "6:00:00"]),
    ],
)
def test_times_stand_below(seconds: float, marks: list[str]) -> None:
    shown = picture(one(Note(60, 0, seconds, 90)))
    places = [shown.spots(mark, TIMES, FAINT_TEXT) for mark in marks]
    assert all(spots and spots[0].y > 836 for spots in places)
    # "0:00" stands inside "10:00" too: the first counts.
    xs = [min(spot.x for spot in spots) for spots in places]
    assert xs == sorted(set(xs))


def test_a_single_note_is_small_and_in_the_middle() -> None:
    (bar,) = notes_of(picture(one(Note(60, 0, 0.5, 90))), 0)
    assert 8 <= bar.bottom - bar.top <= 40
    assert 300 < bar.top < 600
    assert bar.right - bar.left < 400


def test_the_shortest_note_of_an_hour_is_still_seen() -> None:
    shown = picture(one(Note(60, 0, 0.01, 90), Note(60, 3599, 3600, 90)))
    first, last = notes_of(shown, 0)
    assert first.right - first.left >= 4
    assert last.right - last.left >= 4
    assert last.right <= 1200


def test_a_song_of_twenty_minutes_is_brighter_where_more_is_played() -> None:
    calm = [Note(60, n * 20.0, n * 20.0 + 0.2, 90) for n in range(30)]
    busy = [Note(60, 600 + n / 2, 600 + n / 2 + 0.4, 90) for n in range(1200)]
    shown = picture(one(*calm, *busy))
    lights = [(bar.left, bar.right, shown.light(bar.entry)) for bar in notes_of(shown, 0)]
    middle = (lights[0][0] + lights[-1][1]) // 2
    first = [bar for bar in lights if bar[1] <= middle]
    second = [bar for bar in lights if bar[0] >= middle]
    assert max(light for *_, light in first) < min(light for *_, light in second)
    assert sum(right - left for left, right, _ in first) < (middle - lights[0][0]) / 2, "silence stays empty"


def test_drums_of_one_kind_share_its_lane_and_odd_ones_have_another() -> None:
    kit = Track.of(
        [Note(pitch, n, n + 0.1, 90) for n, pitch in enumerate((42, 46, 60))], name="Kit", is_drums=True
    )
    shown = picture(Song((kit,)))
    other, open_hat, closed_hat = notes_of(shown, DRUMS)
    (hats,) = shown.spots("Hi-hat", TIMES, FAINT_TEXT)
    (others,) = shown.spots("Other", TIMES, FAINT_TEXT)
    assert other.top < others.y < other.bottom < open_hat.top < hats.y < closed_hat.bottom


def test_the_whole_range_of_midi_has_room() -> None:
    shown = picture(one(*(Note(pitch, pitch, pitch + 1, 90) for pitch in range(128))))
    bars = notes_of(shown, 0)
    assert len(bars) == 128
    assert min(bar.bottom - bar.top for bar in bars) >= 3
    assert shown.spots("C4", TIMES, FAINT_TEXT)


def test_a_melody_lies_on_top_of_a_carpet() -> None:
    carpet = Track.of([Note(60, n, n + 1, 60) for n in range(30)], name="Pad")
    melody = Track.of([Note(60, 10, 20, 110)], name="Flute")
    shown = picture(Song((melody, carpet)))
    (bar,) = notes_of(shown, 1)
    assert bar.right - bar.left > 300


def test_a_song_without_notes_is_an_empty_roll() -> None:
    shown = picture(Song(()))
    assert shown.spots("0:00", TIMES, FAINT_TEXT)
    assert not any(shown.bars(hue) for hue in range(DRUMS + 1))


def test_a_title_stands_above_with_the_facts() -> None:
    shown = picture(band(), title="Night Drive")
    (title,) = shown.spots("Night Drive", TITLE, TEXT)
    (facts,) = shown.spots("19 notes · 0:08", LEGEND, FAINT_TEXT)
    (flute,) = shown.spots("Flute", LEGEND, TEXT)
    assert abs(title.y - facts.y) < 10
    assert title.y < flute.y - 20


def test_a_long_title_is_cut_before_the_facts() -> None:
    shown = picture(band(), title="W" * 64)
    assert shown.spots("19 notes · 0:08", LEGEND, FAINT_TEXT)


def test_a_name_in_letters_that_the_font_lacks_becomes_a_number() -> None:
    tracks = (Track.of([Note(60, 0, 1, 90)], name="ピアノ"), Track.of([Note(60, 1, 2, 90)], name="Flûte"))
    shown = picture(Song(tracks))
    assert shown.spots("Track 1", LEGEND, TEXT)
    assert shown.spots("Flute", LEGEND, TEXT)
    assert "ピアノ" in shown.alt_text


def test_the_same_song_gives_the_same_bytes() -> None:
    assert draw(band(), title="x").png == draw(band(), title="x").png


def test_notes_that_all_last_the_whole_song_take_little_memory() -> None:
    many = 100_000
    columns = (np.full(many, 60), np.linspace(0, 1, many), np.full(many, 20_000.0), np.full(many, 90))
    song = Song((Track.of([]).with_notes(*columns),))
    tracemalloc.start()
    try:
        draw(song)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60_000_000, "as if each note had its own pixels: 1400 times 100k"


@given(instruments, st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_song_can_be_drawn(made: list[dict[str, Any]], title: str) -> None:
    song = read_notes(body(made))
    shown = picture(song, title=title)
    assert len(shown.alt_text) <= 1024
    assert bool(song.note_count) == any(shown.bars(hue) for hue in range(DRUMS + 1))
