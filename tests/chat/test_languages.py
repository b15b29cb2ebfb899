"""What is shown, in every language: lined up, and in the language of who reads it."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from bot.chat.shown import cards
from bot.chat.shown.result import answer
from bot.chat.shown.result.table import WIDTH, cells, summary_table
from bot.errors import NoNotesError
from bot.jobs.model import Job, State
from bot.jobs.storage.estimates import Estimate
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


def test_an_answer_is_in_one_language(locale: str) -> None:
    done = answer.result(job_of(locale), band(), LATER, language_of(locale))
    for card in (
        done,
        cards.progress(job_of(locale, state=State.TRANSCRIBING), LATER, Estimate(timedelta(seconds=40), 3)),
        cards.cancelled(job_of(locale)),
        cards.failure(job_of(locale), NoNotesError()),
        done.within(1),
    ):
        (embed,) = card.embeds
        shown = f"{card.content}\n{embed.description}\n{embed.footer.text}"
        assert english_in(shown, locale) == []
    for file in done.files:
        assert english_in(file.description, locale) == []
