import pytest

from bot.music.clock_time import clock_time, exact_time, read_time


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("1:05", 65),
        ("65", 65),
        ("1:05.5", 65.5),
        ("1:05,25", 65.25),
        (" 0:00 ", 0),
        ("1:02:03", 3723),
        ("65s", 65),
        ("65.5 S", 65.5),
        ("120:00", 7200),
        ("１：０５", 65),
        ("7.", 7),
    ],
)
def test_times_are_read_as_people_type_them(typed: str, seconds: float) -> None:
    assert read_time(typed) == seconds


@pytest.mark.parametrize(
    "typed", ["", "soon", "1:75", "1:60:00", "-5", "1:", ":05", "1:2:3:4", "1e3", "nan", "٣", "5m", "1 05"]
)
def test_what_is_no_time_is_none(typed: str) -> None:
    assert read_time(typed) is None


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (65, "1:05"),
        (65.5, "1:05.5"),
        (0.25, "0:00.25"),
        (3723.125, "1:02:03.125"),
        (59.9999, "1:00"),
        (600.5, "10:00.5"),
    ],
)
def test_exact_times_say_parts_of_seconds_and_are_read_back(seconds: float, shown: str) -> None:
    assert exact_time(seconds) == shown
    assert read_time(shown) == pytest.approx(seconds, abs=0.0005)


def test_others_are_whole_seconds() -> None:
    assert clock_time(65.4) == "1:05"
    assert clock_time(3723) == "1:02:03"
