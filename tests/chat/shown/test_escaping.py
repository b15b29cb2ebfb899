"""A title is text, whatever it looks like."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.shown.escaping import as_text

_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Night Drive", "Night Drive"),
        ("<:smile:123456789012345678>", r"\<:smile:123456789012345678>"),
        ("<a:dance:123456789012345678>", r"\<a:dance:123456789012345678>"),
        ("<t:1700000000:R>", r"\<t:1700000000:R>"),
        ("</command:1>", r"\</command:1>"),
        ("<@1> <@&2> <#3> <id:guide>", r"\<@1> \<@&2> \<#3> \<id:guide>"),
        ("<tel:+15551234567> <+15551234567>", r"\<tel:+15551234567> \<+15551234567>"),
        ("<mailto:a> <a.b@example.com>", r"\<mailto:a> \<a.b@example.com>"),
        ("https://example.com/song", r"https\://example.com/song"),
        ("discord.gg/example", r"discord.gg\/example"),
        ("**loud** song", r"\*\*loud\*\* song"),
        ("I <3 you: the song", "I <3 you: the song"),
    ],
)
def test_what_discord_would_draw_is_shown_as_it_was_written(title: str, shown: str) -> None:
    assert as_text(title) == shown


@given(st.text(alphabet="<>@#:/tahps.c\\_*[]()`| 1"))
def test_nothing_that_discord_obeys_is_left(title: str) -> None:
    # What stands behind a backslash is shown, and nothing more.
    obeyed = _ESCAPED.sub(" ", as_text(title))
    assert not re.search(r"<[@#:/+]|<t:|<a:|<[^\s<>]*@|https?://", obeyed)
