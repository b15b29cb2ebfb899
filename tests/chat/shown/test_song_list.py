"""The list of songs within Discord's limits, whatever the songs are called."""

from datetime import timedelta
from typing import Any, cast

import discord
import pytest

from bot.chat.shown.song_list import listed, offer, question
from bot.jobs.model import State
from bot.jobs.storage.kept_songs import SONGS_A_PAGE, KeptSongs, Page
from bot.language import ENGLISH
from tests.chat.conftest import NOON, a_job
from tests.chat.shown.test_cards import ODD
from tests.printable import is_printable


class AShelf:
    """Only what the list asks of one."""

    keep_for = timedelta(days=14)

    @staticmethod
    def kept_until(_job: object) -> Any:
        return NOON

    @staticmethod
    def is_going_soon(_job: object) -> bool:
        return True


SHELF = cast("KeptSongs", AShelf())


@pytest.mark.parametrize("odd", ODD)
def test_no_title_leaves_its_place_in_the_list(odd: str) -> None:
    job = a_job(title=odd, state=State.DONE, instruments=999, notes=999_999)
    sheet = listed(Page((job,) * SONGS_A_PAGE, 0, 900), SHELF, ENGLISH)
    lines = (sheet.embed.description or "").splitlines()
    assert len(lines) == 2 * SONGS_A_PAGE
    assert len(sheet.embed.description or "") <= 4096
    assert lines[0].startswith("**1\\. ")
    assert lines[0].endswith("**")
    assert sheet.view is not None
    for menu in sheet.view.children[:2]:
        assert isinstance(menu, discord.ui.Select)
        assert all(1 <= len(option.label) <= 100 and is_printable(option.label) for option in menu.options)
    asked = question(job, 0, ENGLISH)
    assert 1 <= len(asked.embed.title or "") <= 256


@pytest.mark.parametrize("odd", ODD)
def test_no_title_leaves_its_place_in_an_offer(odd: str) -> None:
    offered = offer(odd, NOON, ENGLISH)
    assert len(offered) <= 100
    assert is_printable(offered)
    assert offered.endswith(" · 2026-06-01 12:00 UTC")
    assert not offered.startswith(" ")
