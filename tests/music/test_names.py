import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.music.names import MAX_CHARACTERS, clean, decoded, file_stem


@given(st.text(max_size=300))
def test_a_clean_name_is_short_composed_and_free_of_unseen_characters(name: str) -> None:
    cleaned = clean(name)
    assert len(cleaned) <= MAX_CHARACTERS
    assert cleaned == cleaned.strip()
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not {unicodedata.category(c) for c in cleaned} & {"Cc", "Cs", "Zl", "Zp"}
    cleaned.encode()


@given(st.text(max_size=100))
def test_a_file_stem_has_no_separators_or_spaces(name: str) -> None:
    stem = file_stem(name)
    assert stem
    assert not set(stem) & set('/\\:*?"<>| .\0')


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Electric Bass (finger)", "electric-bass-finger"),
        ("../../etc", "etc"),
        ("", "untitled"),
        ("三味線", "三味線"),
        ("__a__b__", "a-b"),
    ],
)
def test_file_stems_read_well(name: str, stem: str) -> None:
    assert file_stem(name) == stem


@given(st.binary(max_size=600))
def test_any_bytes_are_some_clean_name(raw: bytes) -> None:
    assert decoded(raw) == clean(decoded(raw))
