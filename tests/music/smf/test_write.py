import pytest

from bot.music.smf.write import meta_text, variable_length


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0x00, "00"),
        (0x40, "40"),
        (0x7F, "7F"),
        (0x80, "81 00"),
        (0x2000, "C0 00"),
        (0x3FFF, "FF 7F"),
        (0x4000, "81 80 00"),
        (0x1FFFFF, "FF FF 7F"),
        (0x200000, "81 80 80 00"),
        (0xFFFFFFF, "FF FF FF 7F"),
    ],
)
def test_lengths_are_written_as_the_standards_own_examples(value: int, written: str) -> None:
    assert variable_length(value) == bytes.fromhex(written)


def test_text_is_utf_8_with_its_length_in_bytes() -> None:
    assert meta_text(3, "Ö") == bytes.fromhex("FF 03 02 C396")
    assert meta_text(3, "x" * 200)[:4] == bytes.fromhex("FF 03 81 48")
