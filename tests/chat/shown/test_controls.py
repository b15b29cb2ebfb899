"""The controls under a finished song, within what Discord takes."""

import contextlib
from typing import Any

import discord
from hypothesis import example, given
from hypothesis import strategies as st

from bot.chat.shown import modals, results
from bot.chat.shown.cards import Card
from bot.chat.shown.controls import Menu
from bot.chat.shown.views import view_of
from bot.errors import TempoUnclearError
from bot.language import ENGLISH
from bot.music.song import Note, Song, Track
from tests.chat.conftest import a_job


def song_with(names: list[str]) -> Song:
    return Song(tuple(Track.of([Note(60, 0.0, 1.0, 80)], name=name) for name in names))


@given(st.lists(st.text(max_size=200), min_size=1, max_size=40))
@example(["", " ", "\u200d", "\u0301", "x" * 500])
def test_names_of_any_kind_make_a_menu_that_discord_takes(names: list[str]) -> None:
    controls = results._controls(a_job(), song_with([*names, "one more"]), ENGLISH)
    menu = controls[0]
    assert isinstance(menu, Menu)
    assert len(menu.choices) == min(25, len(names) + 1)
    assert len(menu.prompt) <= 150
    for choice in menu.choices:
        assert choice.label.strip("\u200c\u200d\u0301 ")
        assert len(choice.label) <= 100
        assert len(choice.description) <= 100
    view = view_of(Card(controls=controls))
    assert view is not None
    assert [len(row["components"]) for row in view.to_components()] == [1, 5, 1]


def test_a_song_without_notes_has_no_controls() -> None:
    assert results._controls(a_job(), Song(()), ENGLISH) == ()


@given(st.text(max_size=12) | st.floats().map(str))
def test_any_text_is_a_tempo_that_a_file_can_hold_or_refused(typed: str) -> None:
    with contextlib.suppress(TempoUnclearError):
        assert 10 <= modals.read_bpm(typed) <= 1000


def fields(modal: discord.ui.Modal) -> dict[str, dict[str, Any]]:
    labels: list[dict[str, Any]] = modal.to_dict()["components"]
    return {label["component"]["custom_id"]: label for label in labels}


def test_modals_stay_within_discords_limits() -> None:
    for modal in (modals.quantise(a_job().id, 120.25, ENGLISH), modals.tempo(a_job().id, None, ENGLISH)):
        assert len(modal.title) <= 45
        assert len(modal.custom_id) <= 100
        for label in fields(modal).values():
            assert len(label["label"]) <= 45
            assert len(label["description"]) <= 100
