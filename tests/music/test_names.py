import unicodedata

import pytest
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


@pytest.mark.parametrize(
    "name",
    ["\u200d" * 50, "\u3164", "\u115f\u1160 \u2800", "\uffa0", "\u0301", "\ufe0f"],
    ids=["joiners", "filler", "fillers", "half filler", "accent alone", "variation alone"],
)
def test_a_name_that_nobody_would_see_is_none(name: str) -> None:
    assert clean(name) == ""


@pytest.mark.parametrize(
    "name",
    ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f469\u200d\U0001f467", "?", "\u2669 1"],
)
def test_what_can_be_seen_stays_a_name(name: str) -> None:
    assert clean(name) == name
