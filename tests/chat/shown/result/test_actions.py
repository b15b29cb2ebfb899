"""The controls under a finished song, within what Discord takes."""

import contextlib
from typing import Any

import discord
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.chat.shown import modals
from bot.chat.shown.cards import Card
from bot.chat.shown.controls import Menu
from bot.chat.shown.custom_ids import JOB
from bot.chat.shown.result import actions, more
from bot.chat.shown.views import view_of
from bot.errors import TempoUnclearError
from bot.jobs.song_part import SongPart, Source, Task
from bot.kie.strength import Strength
from bot.language import ENGLISH
from bot.music.song import Note, Song, Track
from bot.score.engraving import is_possible
from cogs.controls import ROUTES
from tests.chat.conftest import NOON, a_job


def song_with(names: list[str]) -> Song:
    return Song(tuple(Track.of([Note(60, 0.0, 1.0, 80)], name=name) for name in names))


@given(st.lists(st.text(max_size=200), min_size=1, max_size=40))
@example(["", " ", "\u200d", "\u0301", "x" * 500])
def test_names_of_any_kind_make_a_menu_that_discord_takes(names: list[str]) -> None:
    (menu, *_) = actions.instruments(a_job(), song_with(names), ENGLISH, can_be_heard=True).controls
    assert isinstance(menu, Menu)
    assert len(menu.choices) == min(25, len(names))
    assert len(menu.prompt) <= 150
    for choice in menu.choices:
        assert choice.label.strip("\u200c\u200d\u0301 ")
        assert len(choice.label) <= 100
        assert len(choice.description) <= 100


@pytest.mark.parametrize("count", [1, 2, 40])
@pytest.mark.parametrize("studio", ["kie", "builtin"])
def test_a_result_never_shows_over_two_rows(count: int, studio: str) -> None:
    controls = actions.controls(a_job(studio=studio), song_with(["x"] * count), ENGLISH)
    view = view_of(Card(controls=controls))
    assert view is not None
    buttons = (2 if count == 1 else 4) + is_possible()
    assert [len(row["components"]) for row in view.to_components()] == [buttons, 1]


def test_instruments_that_no_menu_has_room_for_are_counted() -> None:
    card = actions.instruments(a_job(), song_with(["x"] * 130), ENGLISH, can_be_heard=False)
    menus = [control for control in card.controls if isinstance(control, Menu)]
    assert [len(menu.choices) for menu in menus] == [25] * 5
    assert (card.content or "").endswith("5 more are in “All as zip”.")


def test_every_line_of_the_menu_is_served() -> None:
    assert {line.action for line in more._LINES} <= {action for subject, action in ROUTES if subject == JOB}


@pytest.mark.parametrize(
    ("strength", "offered"),
    [
        (Strength.FEWER, {"More notes": "notes-usual"}),
        (Strength.USUAL, {"More notes": "notes-more", "Fewer notes": "notes-fewer"}),
        (Strength.MORE, {"Fewer notes": "notes-usual"}),
    ],
)
def test_a_song_that_a_studio_of_ours_heard_can_have_more_or_fewer_notes(
    strength: Strength, offered: dict[str, str]
) -> None:
    heard = SongPart(Source.ATTACHMENT, "song.wav", None, separation=Task(sent_at=NOON, id="a", is_done=True))
    here = a_job(studio="builtin", parts=(heard,), strength=strength)
    lines = {choice.label: choice.value for choice in more.more(here, ENGLISH).choices}
    assert {label: value for label, value in lines.items() if "notes" in label} == offered
    with_one_strength = more.more(msgspec.structs.replace(here, has_strengths=False), ENGLISH).choices
    assert not any("notes" in choice.label for choice in with_one_strength)
    elsewhere = more.more(msgspec.structs.replace(here, studio="kie"), ENGLISH).choices
    assert not any("notes" in choice.label for choice in elsewhere)


def test_a_song_without_notes_has_no_controls() -> None:
    assert actions.controls(a_job(), Song(()), ENGLISH) == ()


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
