"""What is on a frame: notes where and when they sound, keys, drums, names."""

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from bot.language import LOCALES, language_of
from bot.music.roll import colours
from bot.music.roll.canvas import text_width
from bot.music.song import Note, Song, Track
from bot.video import places as at
from bot.video.backdrop import KEYS_LEFT, KEYS_RIGHT, clock
from bot.video.colours import LINE, WHITE_KEY, lit, past
from bot.video.frames import count_of, frames
from bot.video.places import place
from bot.video.shot import Shot, Which, shot
from tests.video.songs import kit, piano, scale

BLUE = 0
KIT = colours.DRUMS


def whole(song: Song, title: str = "Song") -> Shot:
    return shot(song, title, Which.WHOLE, 30)


def frame_at(made: Shot, seconds: float) -> NDArray[np.uint8]:
    number = round(seconds * at.FRAMES_PER_SECOND)
    return next(frame.copy() for n, frame in enumerate(frames(made)) if n == number)


def has(frame: NDArray[np.uint8], entry: int) -> bool:
    return bool((frame == entry).any())


def columns(frame: NDArray[np.uint8], entry: int) -> tuple[int, int]:
    """The first column that has an entry of the palette, and the first after the last."""
    found = np.flatnonzero((frame[:, at.LEFT :] == entry).any(axis=0)) + at.LEFT
    return int(found[0]), int(found[-1]) + 1


ONE = piano(Note(64, 2.0, 3.0, 127), Note(72, 5.0, 5.5, 127))


def test_a_note_waits_at_the_right_of_the_line_is_lit_on_it_and_fades_at_its_left() -> None:
    made = whole(ONE)
    before, during, after = (frame_at(made, seconds) for seconds in (1.0, 2.5, 3.5))
    assert not has(before, lit(BLUE))
    assert columns(before[:, : at.LINE + 300], colours.note_colour(BLUE)) == (
        at.LINE + 120,
        at.LINE + 240 - 2,
    )
    assert columns(during, lit(BLUE)) == (at.LINE - 60, at.LINE + 60 - 2)
    assert not has(after, lit(BLUE))
    assert columns(after, past(BLUE))[1] == at.LINE - 60 - 2


@pytest.mark.parametrize(
    ("seconds", "is_lit"), [(1.97, False), (2.0, True), (2.9, True), (3.0, False), (5.0, True)]
)
def test_a_note_is_lit_from_its_begin_to_its_end(seconds: float, is_lit: bool) -> None:
    assert has(frame_at(whole(ONE), seconds), lit(BLUE)) is is_lit


def test_the_key_of_a_note_that_sounds_has_its_colour() -> None:
    made = whole(ONE)
    rows = place(made.song, made.legend).pitched
    assert rows is not None
    row = 64 - rows.lowest
    key = np.s_[rows.rows.edges[row + 1] : rows.rows.edges[row], KEYS_LEFT:KEYS_RIGHT]
    assert (frame_at(made, 2.5)[key] == colours.note_colour(BLUE)).all()
    assert not (frame_at(made, 1.5)[key] == colours.note_colour(BLUE)).any()
    assert (frame_at(made, 1.5)[key] == WHITE_KEY).any()


def test_drums_have_lanes_whose_pads_are_lit_when_they_are_hit() -> None:
    made = whole(Song((kit(4),)))
    places = place(made.song, made.legend)
    assert places.pitched is None
    assert places.lane is not None
    assert [kind.name for kind in places.lane.kinds] == ["Kick", "Snare", "Hi-hat"]
    pads = {kind.name: np.s_[(kind.top + kind.bottom) // 2, KEYS_LEFT + 4] for kind in places.lane.kinds}
    for seconds, name in ((0.0, "Kick"), (0.5, "Hi-hat"), (1.0, "Snare"), (1.05, "Snare")):
        frame = frame_at(made, seconds)
        assert [each for each, pad in pads.items() if frame[pad] == lit(KIT)] == [name]
    assert not any(frame_at(made, 0.4)[pad] == lit(KIT) for pad in pads.values())


def test_the_line_stands_still_and_the_roll_moves() -> None:
    made = whole(piano(*scale(20)))
    first, second = (frame_at(made, seconds).copy() for seconds in (4.0, 4.1))
    top = place(made.song, made.legend).top
    assert (first[top : at.HEIGHT - 10, at.LINE] == LINE).all()
    assert (second[top : at.HEIGHT - 10, at.LINE] == LINE).all()
    assert (first != second).any()


def test_the_names_of_those_who_sound_are_lit() -> None:
    song = Song(
        (
            Track.of([Note(60, 0, 2, 90)], name="Piano"),
            Track.of([Note(48, 2, 4, 90), Note(50, 4, 4.5, 90)], name="Bass"),
        )
    )
    made = whole(song)
    piano_entry, bass_entry = place(made.song, made.legend).legend

    def is_lit(seconds: float, entry: object) -> bool:
        x = getattr(entry, "x", 0)
        box = frame_at(made, seconds)[place(made.song, made.legend).legend_top :, x : x + 80][:33]
        return bool((box == colours.TEXT + colours.SHADES - 1).any())

    assert (is_lit(1.0, piano_entry), is_lit(1.0, bass_entry)) == (True, False)
    assert (is_lit(3.0, piano_entry), is_lit(3.0, bass_entry)) == (False, True)


def test_a_long_title_ends_before_the_clock() -> None:
    made = whole(ONE, "A title that goes on and on " * 10)
    frame = frame_at(made, 1.0)
    told = clock(made, 1.0)
    assert told == "0:01 / 0:06"
    lasting = replace(made, song_seconds=7.6)
    assert [clock(lasting, at) for at in (7.7, 9.0)] == ["0:07 / 0:08", "0:08 / 0:08"]
    assert clock(replace(made, song_seconds=7.4), 9.0) == "0:07 / 0:07"
    left = at.WIDTH - at.MARGIN - text_width(told, at.LABEL_SIZE)
    strip = frame[at.HEAD_MARGIN : at.HEAD_MARGIN + at.TITLE_HEIGHT]
    written = (strip >= colours.TEXT) & (strip < colours.FAINT_TEXT)
    last = int(np.flatnonzero(written.any(axis=0))[-1])
    assert left - 60 < last < left - at.MARGIN // 2


@pytest.mark.parametrize("locale", ["en-GB", *sorted(LOCALES)])
def test_the_names_of_drums_end_before_the_keys_in_every_language(locale: str) -> None:
    pitches = (36, 38, 45, 42, 49, 80)
    drums = Track.of([Note(pitch, 0, 0.1, 90) for pitch in pitches], is_drums=True)
    made = shot(Song((drums,)), "", Which.WHOLE, 30, language_of(locale))
    places = place(made.song, made.legend)
    assert places.lane is not None
    frame = next(frames(made))
    for kind in places.lane.kinds:
        label = frame[kind.top : kind.bottom, :KEYS_LEFT]
        written = np.flatnonzero((label >= colours.FAINT_TEXT).any(axis=0))
        assert 0 <= written[0] < written[-1] < KEYS_LEFT - 4


@pytest.mark.parametrize("count", [1, 15, 40])
def test_many_instruments_leave_room_for_their_notes(count: int) -> None:
    tracks = [Track.of(scale(20), name=f"Some Instrument {n}", program=n) for n in range(count)]
    made = whole(Song((*tracks, kit(10))))
    places = place(made.song, made.legend)
    assert places.pitched is not None
    assert places.pitched.rows.bottom - places.pitched.rows.top >= 150
    assert max(entry.line for entry in places.legend) <= 2
    assert frame_at(made, 1.0).shape == (at.HEIGHT, at.WIDTH)


def test_unlike_windows_of_the_strip_fit_together() -> None:
    """A note that is seen over the border between two windows does not jump."""
    made = whole(piano(Note(60, 8.0, 13.0, 127)))
    edges = [columns(frame, lit(BLUE))[0] for n, frame in enumerate(frames(made)) if 295 <= n < 305]
    assert edges == [max(at.LINE - (n - 240) * at.STEP, at.LEFT) for n in range(295, 305)]


def test_a_part_from_the_middle_shows_what_was_before_it() -> None:
    song = piano(*[Note(60, n, n + 0.5, 127) for n in range(100)])
    made = shot(song, "Song", Which.LIVELIEST, 10)
    assert made.start_seconds > 0 or made.seconds == 10
    first = next(frames(made))
    if made.start_seconds > 1:
        assert has(first, past(BLUE))


def test_very_many_notes_at_once_are_drawn_like_any() -> None:
    notes = [Note(pitch, step / 200, step / 200 + 5, 90) for pitch in range(128) for step in range(600)]
    made = shot(piano(*notes), "", Which.LIVELIEST, 5)
    assert count_of(made) == 5 * 30 or made.is_whole
    assert sum(1 for _ in frames(made)) == count_of(made)
