"""The note summary's table lines up, whatever the song holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.shown.result.table import WIDTH, cells, summary_table
from bot.language import ENGLISH
from bot.music.heard.hints import Hints
from bot.music.heard.key import Key
from bot.music.summary import InstrumentSummary, Summary

PITCHES = st.integers(0, 127)
MELODIC = st.builds(
    InstrumentSummary,
    name=st.text(max_size=80),
    is_drums=st.just(False),
    notes=st.integers(1, 99_999_999),
    lowest=PITCHES,
    highest=PITCHES,
    pieces=st.just(0),
    sounding_share=st.floats(0, 1),
)
DRUMS = st.builds(
    InstrumentSummary,
    name=st.text(max_size=80),
    is_drums=st.just(True),
    notes=st.integers(1, 99_999_999),
    lowest=PITCHES,
    highest=PITCHES,
    pieces=st.integers(1, 128),
    sounding_share=st.floats(0, 1),
)


def summary_of(*instruments: InstrumentSummary, key: Key | None = None) -> Summary:
    return Summary(instruments, 1.0, 1, 1, Hints(tempo=None, key=key))


def piano(name: str = "Acoustic Grand Piano", **changes: object) -> InstrumentSummary:
    given: dict[str, object] = {
        "name": name, "is_drums": False, "notes": 12, "lowest": 60, "highest": 79,
        "pieces": 0, "sounding_share": 0.5,
    }  # fmt: skip
    return InstrumentSummary(**{**given, **changes})  # type: ignore[arg-type] # a table of all fields


@given(st.lists(MELODIC | DRUMS, max_size=40))
def test_every_song_fits_the_width_of_a_code_block(instruments: list[InstrumentSummary]) -> None:
    table = summary_table(summary_of(*instruments), ENGLISH, most_rows=24)
    lines = table.split("\n")
    assert all(cells(line) <= WIDTH for line in lines)
    assert len(lines) == 1 + min(len(instruments), 24) + (len(instruments) > 24)
    assert "`" not in table
    assert len(table.splitlines()) == len(lines)


def test_the_columns_stand_under_their_heads() -> None:
    head, row = summary_table(summary_of(piano(notes=1_153)), ENGLISH).split("\n")
    assert head == "instrument                notes range time"
    assert row == "Acoustic Grand Piano      1,153 C4–G5  50%"
    assert len(head) == len(row) == WIDTH


@pytest.mark.parametrize(
    "name", ["Acoustic Guitar (nylon)", "Acoustic Guitar (steel)", "Electric Guitar (clean)"]
)
def test_the_longest_names_of_general_midi_fit(name: str) -> None:
    rows = summary_table(summary_of(piano(name, notes=1_153, sounding_share=1.0, highest=61)), ENGLISH).split(
        "\n"
    )
    assert name in rows[1]


def test_a_long_name_gives_way() -> None:
    row = summary_table(summary_of(piano("A very long instrument's own name")), ENGLISH).split("\n")[1]
    assert row.startswith("A very long instrument's… ")


def test_a_long_range_takes_its_room_from_the_names() -> None:
    row = summary_table(summary_of(piano("Acoustic Grand Piano", lowest=1, highest=126)), ENGLISH).split(
        "\n"
    )[1]
    assert row.startswith("Acoustic Grand Piano ")
    assert "C♯-1–F♯9" in row


def test_notes_are_named_in_the_key() -> None:
    rows = summary_table(summary_of(piano(lowest=70, highest=70), key=Key("G minor", 1.0)), ENGLISH)
    assert " B♭4 " in rows


def test_a_single_pitch_and_drums_have_a_range_of_their_own() -> None:
    rows = summary_table(
        summary_of(
            piano(highest=60),
            piano("Drums", is_drums=True, pieces=1),
            piano("Drums", is_drums=True, pieces=9),
        ),
        ENGLISH,
    ).split("\n")
    at = rows[0].index("range")
    assert [row[at : at + 7].rstrip() for row in rows[1:]] == ["C4", "1 drum", "9 drums"]


def test_many_notes_are_told_in_thousands() -> None:
    counts = [9_999, 10_000, 123_456, 9_876_543]
    head, *rows = summary_table(summary_of(*(piano(notes=count) for count in counts)), ENGLISH).split("\n")
    end = head.index("notes") + len("notes")
    assert [row[end - 5 : end].strip() for row in rows] == ["9,999", "10k", "123k", "9M"]


def test_what_does_not_fit_is_counted() -> None:
    assert summary_table(summary_of(*[piano()] * 30), ENGLISH).endswith("\n… and 6 more")
