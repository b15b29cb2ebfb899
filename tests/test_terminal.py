"""What is printed: nothing in it moves a cursor, rings a bell or turns the direction of reading."""

import io

import pytest

from bot.terminal import shown, tell


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Night Drive.mid", "Night Drive.mid"),
        (
            "Ночь, 夜, \U0001f469\u200d\U0001f3a4 ⚠\ufe0f\u00a0é",
            "Ночь, 夜, \U0001f469\u200d\U0001f3a4 ⚠\ufe0f\u00a0é",
        ),
        ("\x1b[2J\x07\r\t\x9b", r"\x1b[2J\x07\r\t\x9b"),
        ("a\u202egpj.exe\u2066", r"a\u202egpj.exe\u2066"),
        ("half \udcff", r"half \udcff"),
        ("one\u2028two", r"one\u2028two"),
    ],
)
def test_signs_that_a_terminal_obeys_are_shown_as_what_they_are(text: str, printed: str) -> None:
    assert shown(text) == printed
    told = io.StringIO()
    tell(f"one\n{text}", stream=told)
    assert told.getvalue() == f"one\n{printed}\n"


def test_a_line_of_the_log_stays_one() -> None:
    assert shown("one\ntwo", keeps_lines=False) == r"one\ntwo"
