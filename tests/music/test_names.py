import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.music.names import MAX_CHARACTERS, clean


@given(st.text(max_size=300))
def test_a_clean_name_is_short_composed_and_free_of_unseen_characters(name: str) -> None:
    cleaned = clean(name)
    assert len(cleaned) <= MAX_CHARACTERS
    assert cleaned == cleaned.strip()
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not {unicodedata.category(c) for c in cleaned} & {"Cc", "Cs", "Zl", "Zp"}
    cleaned.encode()
