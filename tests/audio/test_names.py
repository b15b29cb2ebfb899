"""File names from outside."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio.names import LONGEST_NAME, file_name, name_of_download


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("song.mp3", "song.mp3"),
        ("../../etc/passwd", "passwd"),
        ("C:\\music\\song.wav", "song.wav"),
        ("a`b*c<d>.mp3", "a b c d .mp3"),
        ("Ra\u0308ume  und\nZeit.ogg", "Räume und Zeit.ogg"),
        ("\u202egnp.mp3", "gnp.mp3"),
        ("\u0645\u06cc\u200c\u062e.mp3", "\u0645\u06cc\u200c\u062e.mp3"),
        ("\U0001f469\u200d\U0001f467.mp3", "\U0001f469\u200d\U0001f467.mp3"),
        ("..", "song"),
        ("", "song"),
        ("/", "song"),
        (".hidden", "hidden"),
        ("x" * 300 + ".flac", "x" * 95 + ".flac"),
        ("x" * 300, "x" * 100),
    ],
)
def test_a_name_keeps_what_is_harmless(given_name: str, name: str) -> None:
    assert file_name(given_name) == name


@given(st.text())
def test_any_text_gives_a_name_that_is_fit(given_name: str) -> None:
    name = file_name(given_name)
    assert 0 < len(name) <= LONGEST_NAME
    assert not set(name) & set('/\\`<>:|?*"')
    assert not any(unicodedata.category(sign)[0] == "C" for sign in name if sign not in "\u200c\u200d")
    assert file_name(name) == name


@given(
    st.text()
    | st.text().map(lambda text: f"attachment; filename{text}")
    | st.tuples(
        st.sampled_from(["idna", "utf-7", "punycode", "unicode_escape", "hex", "\0"]), st.binary()
    ).map(lambda pair: f"attachment; filename*={pair[0]}''" + "".join(f"%{byte:02x}" for byte in pair[1])),
    st.text(),
)
def test_any_header_and_path_give_a_name(disposition: str, path: str) -> None:
    assert 0 < len(name_of_download(disposition, path)) <= LONGEST_NAME
