"""Names in a MIDI file, in whatever encoding."""

from hypothesis import given
from hypothesis import strategies as st

from bot.music.names import clean
from bot.music.smf.encodings import decoded, encoding_of


@given(st.lists(st.binary(max_size=600), max_size=4), st.sampled_from(["", "ja", "ko", "zh-CN", "ru", "de"]))
def test_any_bytes_are_some_clean_name(names: list[bytes], locale: str) -> None:
    encoding = encoding_of(names, locale)
    for name in names:
        clean(decoded(name, encoding)).encode()


@given(st.lists(st.text(max_size=60), max_size=4))
def test_utf_8_is_always_known(names: list[str]) -> None:
    raw = [name.encode() for name in names if "\0" not in name]
    assert [decoded(name, encoding_of(raw)) for name in raw] == [
        n.removeprefix("\ufeff") for n in names if "\0" not in n
    ]
