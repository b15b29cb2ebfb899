"""What is shown, in every language: within Discord's limits, lined up, and in the language of who reads it."""

from datetime import timedelta
from typing import Any

import discord
import pytest
from msgspec.structs import replace

from bot.chat import cards, modals, results
from bot.chat.table import WIDTH, cells, summary_table
from bot.chat.views import LOOKS, view_of
from bot.errors import NoNotesError
from bot.jobs.model import Job, State
from bot.jobs.prospects import Prospect
from bot.language import LOCALES, language_of
from bot.music.song import Note, Song, Track
from bot.music.summary import summarise
from tests.chat.conftest import NOON, a_job, a_song
from tests.languages import english_in

LATER = NOON + timedelta(minutes=70)

pytestmark = pytest.mark.parametrize("locale", sorted(LOCALES))


def job_of(locale: str, **changes: Any) -> Job:
    job = a_job(**changes)
    return replace(job, reply=replace(job.reply, locale=locale))


def band() -> Song:
    kit = Track.of([Note(36 + piece, 0, 1, 90) for piece in range(12)], name="Drums", is_drums=True)
    return Song((*a_song("Acoustic Grand Piano", "Bass").tracks, kit))


def test_the_table_lines_up(locale: str) -> None:
    head, *rows = summary_table(summarise(band()), language_of(locale)).split("\n")
    assert {cells(row) for row in rows} == {WIDTH}
    assert cells(head) == WIDTH


def test_modals_are_within_discords_limits(locale: str) -> None:
    say = language_of(locale)
    for modal in (modals.quantise(a_job().id, 120.25, say), modals.tempo(a_job().id, None, say)):
        assert len(modal.title) <= 45
        for label in modal.to_dict()["components"]:
            assert len(label["label"]) <= 45
            assert len(label["description"]) <= 100
            assert len(label["component"].get("placeholder") or "") <= 100
            assert all(len(option["label"]) <= 100 for option in label["component"].get("options", []))


def test_controls_are_within_discords_limits(locale: str) -> None:
    say = language_of(locale)
    view = view_of(results.result(a_job(), band(), LATER, say))
    assert view is not None
    assert all(
        len(item.placeholder or "") <= 150 for item in view.children if isinstance(item, discord.ui.Select)
    )
    assert all(len(say(label)) <= 80 for label, _ in LOOKS.values())


def test_an_answer_is_in_one_language(locale: str) -> None:
    done = results.result(job_of(locale), band(), LATER, language_of(locale))
    for card in (
        done,
        cards.progress(job_of(locale, state=State.TRANSCRIBING), LATER, Prospect(timedelta(seconds=40), 3)),
        cards.cancelled(job_of(locale)),
        cards.failure(job_of(locale), NoNotesError()),
        done.within(1),
    ):
        (embed,) = card.embeds
        shown = f"{card.content}\n{embed.description}\n{embed.footer.text}"
        assert english_in(shown, locale) == []
        assert len(embed) <= 6000
    for file in done.files:
        assert english_in(file.description, locale) == []
        assert len(file.description) <= 1024
