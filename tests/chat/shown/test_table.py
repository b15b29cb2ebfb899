"""The note summary's table lines up, whatever the song holds."""

from hypothesis import given
from hypothesis import strategies as st

from bot.chat.shown.table import WIDTH, cells, shortened, summary_table
from bot.language import ENGLISH
from bot.music.hints import Hints
from bot.music.summary import InstrumentSummary, Summary, note_name

PITCH_NAMES = st.integers(0, 127).map(note_name)
MELODIC = st.builds(
    InstrumentSummary,
    name=st.text(max_size=80),
    guessed=st.booleans(),
    is_drums=st.just(False),
    notes=st.integers(1, 99_999_999),
    lowest=PITCH_NAMES,
    highest=PITCH_NAMES,
    pieces=st.just(0),
    mean_velocity=st.integers(1, 127),
    sounding_share=st.floats(0, 1),
)
DRUMS = st.builds(
    InstrumentSummary,
    name=st.text(max_size=80),
    guessed=st.booleans(),
    is_drums=st.just(True),
    notes=st.integers(1, 99_999_999),
    lowest=st.just(""),
    highest=st.just(""),
    pieces=st.integers(1, 128),
    mean_velocity=st.integers(1, 127),
    sounding_share=st.floats(0, 1),
)


def summary_of(*instruments: InstrumentSummary) -> Summary:
    return Summary(instruments, 1.0, 1, 1, Hints(tempo=None, key=None))


def piano(name: str = "Acoustic Grand Piano", **changes: object) -> InstrumentSummary:
    given: dict[str, object] = {
        "name": name, "guessed": False, "is_drums": False, "notes": 12, "lowest": "C4", "highest": "G5",
        "pieces": 0, "mean_velocity": 80, "sounding_share": 0.5,
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
    head, row = summary_table(summary_of(piano()), ENGLISH).split("\n")
    assert head == "instrument          notes range   vel time"
    assert row == "Acoustic Grand Piano   12 C4–G5    80  50%"
    assert len(head) == len(row) == WIDTH


def test_a_guess_is_marked_and_a_long_name_gives_way() -> None:
    assert summary_table(summary_of(piano("Lead", guessed=True)), ENGLISH).split("\n")[1].startswith("Lead~ ")
    row = summary_table(summary_of(piano("A very long instrument's name", guessed=True)), ENGLISH).split(
        "\n"
    )[1]
    assert row.startswith("A very long instru…~ ")


def test_a_long_range_takes_its_room_from_the_name() -> None:
    row = summary_table(summary_of(piano(lowest="C#-1", highest="F#9")), ENGLISH).split("\n")[1]
    assert row.startswith("Acoustic Grand Pia…   12 C#-1–F#9")


def test_a_single_pitch_and_drums_have_a_range_of_their_own() -> None:
    rows = summary_table(
        summary_of(
            piano(highest="C4"),
            piano("Drums", is_drums=True, pieces=1),
            piano("Drums", is_drums=True, pieces=9),
        ),
        ENGLISH,
    ).split("\n")
    assert [row[26:33].rstrip() for row in rows[1:]] == ["C4", "1 drum", "9 drums"]


def test_many_notes_are_told_in_thousands() -> None:
    counts = [9_999, 10_000, 123_456, 9_876_543]
    rows = summary_table(summary_of(*(piano(notes=count) for count in counts)), ENGLISH).split("\n")[1:]
    assert [row[20:25].strip() for row in rows] == ["9999", "10k", "123k", "9M"]


def test_what_does_not_fit_is_counted() -> None:
    assert summary_table(summary_of(*[piano()] * 30), ENGLISH).endswith("\n… and 6 more")


@given(st.text(), st.integers(1, 50))
def test_shortened_text_keeps_its_beginning(text: str, width: int) -> None:
    short = shortened(text, width)
    assert len(short) <= width
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
