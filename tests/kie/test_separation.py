"""What people call an instrument, and what kie.ai does."""

import pytest

from bot.kie.separation import INSTRUMENTS, instrument_named


@pytest.mark.parametrize(
    ("given", "instrument"),
    [
        ("Bass", "Bass"),
        ("lead guitar", "Lead Guitar"),
        ("hi-hat", "Hi-Hat"),
        ("hihat", "Hi-Hat"),
        ("VOCALS", "Lead Vocal"),
        ("drums", "Drum Kit"),
        ("pianos", "Piano"),
        ("horn", "Horns"),
        ("808", "808"),
        ("the singer", None),
        ("", None),
    ],
)
def test_an_instrument_is_known_by_its_name(given: str, instrument: str | None) -> None:
    assert instrument_named(given) == instrument


def test_every_listed_instrument_is_itself() -> None:
    assert len(INSTRUMENTS) == len(set(INSTRUMENTS)) == 98
    assert [instrument_named(name) for name in INSTRUMENTS] == list(INSTRUMENTS)
