import pytest

from bot.music.chords.chord import Chord, Quality


@pytest.mark.parametrize(
    ("chord", "name"),
    [
        (Chord(0, Quality.MAJOR), "C"),
        (Chord(3, Quality.MINOR_SEVENTH), "Am7"),
        (Chord(-2, Quality.MAJOR_SEVENTH), "B♭maj7"),
        (Chord(0, Quality.MAJOR, bass=4), "C/E"),
        (Chord(3, Quality.MAJOR, bass=4), "A/C♯"),
        (Chord(-3, Quality.MAJOR, bass=10), "E♭/D♭"),
        (Chord(-1, Quality.MINOR, bass=3), "Fm/A♭"),
        (Chord(6, Quality.HALF_DIMINISHED), "F♯m7♭5"),
        (Chord(-1, Quality.MAJOR, bass=2), "F/G"),
        (Chord(1, Quality.POWER), "G5"),
    ],
)
def test_it_is_written_as_musicians_do(chord: Chord, name: str) -> None:
    assert chord.name == name


def test_its_plain_name_has_no_sign_that_a_program_might_lack() -> None:
    assert Chord(6, Quality.HALF_DIMINISHED, bass=3).plain_name == "F#m7b5/A"
