"""How deep JSON goes: brackets count, and those inside of strings do not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nesting import DEEPEST, is_too_deep

STRINGS = st.sampled_from(["", "[[", '}"', '\\"[', "\\", "]", "a", "é{"])
LAYERS = st.lists(st.tuples(st.integers(0, 3), STRINGS), min_size=DEEPEST - 5, max_size=DEEPEST + 5)


def wrapped(layers: list[tuple[int, str]]) -> Any:
    """A value inside as many others as there are layers."""
    value: Any = "core"
    for kind, text in layers:
        value = [[value], {text: value}, [text, value, [text]], {"a": [], text: value}][kind]
    return value


@given(LAYERS)
def test_as_many_levels_as_brackets_are_open_at_once(layers: list[tuple[int, str]]) -> None:
    document = json.dumps(wrapped(layers))
    # The innermost sibling of the third kind stands as deep as the one below it.
    deepest = max(len(layers), len(layers) + (1 if layers[0][0] in {2, 3} else 0))
    assert is_too_deep(document) == (deepest > DEEPEST)
    assert is_too_deep(document.encode()) == (deepest > DEEPEST)


@pytest.mark.parametrize(
    "text",
    ["", "[", '"', '"' * 999, "[" * DEEPEST, "]" * 999, '"' + "[" * 999, json.dumps(["[" * 999]), "[]" * 999],
)
def test_what_is_flat_or_broken_is_not_deep(text: str) -> None:
    assert not is_too_deep(text)


@pytest.mark.parametrize(
    "text", ["[" * 65, '{"a":' * 65, "[" * 3_000_000, "[]" * 1_100_000 + "[" * 65, '"\\\\"' + "[" * 65]
)
def test_what_is_never_closed_is_deep(text: str) -> None:
    assert is_too_deep(text)
