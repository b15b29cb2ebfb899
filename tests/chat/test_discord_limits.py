"""Every message, view and modal, in every language and full to the brim, is within what Discord takes."""

import importlib
import inspect
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias, cast, get_type_hints

import discord
import numpy as np
import pytest
from msgspec.structs import replace

import bot.chat
from bot.chat.shown import cards, modals, questions, song_list, views
from bot.chat.shown.cards import Card
from bot.chat.shown.pianola import about, greeting, owner, server_rules, status
from bot.chat.shown.pianola.status import Status
from bot.chat.shown.rescues import rescues
from bot.chat.shown.result import actions, answer, chord_sheet, key_and_part, sheets, videos
from bot.chat.shown.song_list import Sheet
from bot.errors import IntakePausedError, NoNotesError, PianolaError
from bot.findings import Finding, Grade
from bot.jobs.admission import Limits
from bot.jobs.model import Hold, Job, Question, State
from bot.jobs.song_part import Music, SongPart, Source
from bot.jobs.storage.day import Day
from bot.jobs.storage.estimates import Estimate
from bot.jobs.storage.kept_songs import SONGS_A_PAGE, KeptSongs, Page
from bot.jobs.storage.servers import NO_RULES, Rules
from bot.jobs.work.studios import Studio, Studios
from bot.kie.errors import AudioRefusedError
from bot.kie.music import MOST_TRACKS, Track
from bot.kie.separation import LISTED, Separation
from bot.kie.stems import LONGEST_NAME, MOST_STEMS, Stem
from bot.language import LOCALES, Language, language_of
from bot.music.heard.key import Key
from bot.music.meter.chosen import ChosenBars
from bot.music.report import Report
from bot.music.song import Song, StatedTempo
from bot.music.view.view import View
from bot.settings import load
from bot.sound.preview import Preview
from bot.video.shot import Shot
from tests.chat.conftest import NOON, a_job, a_song
from tests.music.harmonies import compose

LATER = NOON + timedelta(days=3)
LONG = "*W" * 500
MANY = tuple(range(10**18, 10**18 + 25))
COUNT = 9_999_999
PROSPECT = Estimate(timedelta(days=3), COUNT)
LIMITS = Limits(COUNT, COUNT)
FULL_RULES = Rules(
    roles=MANY,
    channels=MANY,
    songs_per_member=COUNT,
    songs_per_server=COUNT,
    is_private=True,
    has_preview=False,
)

Shown: TypeAlias = Card | Sheet | discord.Embed | discord.ui.View | discord.ui.Modal

SERVER = cast("discord.Guild", SimpleNamespace(get_role=bool, get_channel=bool))
"""Every role and channel is there."""

SHELF = cast(
    "KeptSongs",
    SimpleNamespace(
        keep_for=timedelta(days=COUNT), kept_until=lambda _job: LATER, is_going_soon=lambda _job: True
    ),
)
STUDIOS = Studios(cast("Studio", None), prices=dict.fromkeys(LISTED, 1234.56), here=cast("Any", object()))


def job_in(say: Language, **changes: Any) -> Job:
    stems = tuple(
        Stem(f"{n}", "W" * LONGEST_NAME, "https://files.example.com/a.mp3") for n in range(MOST_STEMS)
    )
    part = SongPart(
        Source.STUDIO, f"{LONG}.wav", LONG, upload_url=LONG, stems=stems, audio_id="0", music=music()
    )
    given = {
        "title": LONG,
        "parts": (part,),
        "instruments": COUNT,
        "notes": COUNT,
        "undelivered": COUNT,
        "passed_over": (LONG[:100],) * 30,
        "studio": "kie",
        "separation_type": Separation.ONE_INSTRUMENT,
        **changes,
    }
    job = a_job(**given)
    return replace(job, reply=replace(job.reply, locale=say.locale))


def music() -> Music:
    return Music("id", tuple(Track(f"{n}", "W" * LONGEST_NAME, 1e6) for n in range(MOST_TRACKS)))


def song() -> Song:
    report = Report(**dict.fromkeys(Report.__struct_fields__, COUNT))
    return Song(
        a_song(*["W" * 64] * 40).tracks,
        report,
        StatedTempo(10.25, 1000.75),
        view=View(-12, 21_599.999, 21_600.999),
    )


def harmonies() -> Iterator[Song]:
    """Chords that fit into a message, and those of a song for which one is too short."""
    for bars in (8, 600):
        yield compose(np.random.default_rng(8), "strummed", bars=bars).song


VIDEOS = [
    videos.Video(
        b"",
        videos.Scene(
            Shot(Song(()), (), (), (), (), "", start, 300.0, song_seconds), LONG[:200], can_be_whole=True
        ),
    )
    for start, song_seconds in ((0, 1e5), (1e5, 1e6), (0, 100))
]


def failures(say: Language) -> Iterator[Card]:
    errors: tuple[PianolaError, ...] = (NoNotesError(), AudioRefusedError())
    for error in errors:
        alone = job_in(say)
        for job in (alone, replace(alone, parts=alone.parts * 10)):
            yield cards.failure(job, error, *rescues(job, error, STUDIOS, say))


def holds(say: Language) -> Iterator[Card]:
    for question in Question:
        hold = Hold(question, since=NOON, until=LATER, price=12_345.67, credits_left=12_345.67)
        yield questions.question(job_in(say), hold)


def done(say: Language) -> Card:
    return answer.result(job_in(say), song(), LATER, say)


def with_cover(say: Language) -> Card:
    alone = job_in(say)
    covered = replace(alone, parts=(replace(alone.parts[0], cover=b"jpeg"),))
    card = answer.result(covered, song(), LATER, say)
    assert len(card.embeds) == 2
    assert sum(map(len, card.embeds)) <= 6000
    assert not any(embed.thumbnail.url for embed in card.within(0).embeds)
    return card


def under_a_result(
    made: Callable[[discord.Message, str, Language], discord.ui.View], say: Language
) -> discord.ui.View:
    view = views.view_of(done(say))
    assert view is not None
    rows = [discord.components.ActionRow(row) for row in view.to_components()]  # type: ignore[arg-type]  # as Discord sends them back
    return made(cast("discord.Message", SimpleNamespace(components=rows)), job_in(say).id, say)


def settings(data_dir: Path) -> Any:
    return load(None, data_dir=str(data_dir), kie_api_key="key", keep_days="3650")


def statuses(say: Language) -> Iterator[discord.Embed]:
    finding = Finding(Grade.BROKEN, LONG)
    own = (job_in(say), PROSPECT)
    said = Status(finding, PROSPECT, own=own, paused="W" * 300, news="W" * 300, for_owner=(finding,) * 9)
    yield status.embed(said, say)


def day_in(say: Language) -> discord.Embed:
    failures = Counter(
        {kind.__name__: COUNT for kind in (NoNotesError, AudioRefusedError, IntakePausedError)}
    )
    day = Day(Counter(dict.fromkeys(State, COUNT)), failures, COUNT, COUNT, COUNT, 12_345_678.25)
    return owner.today(day, Finding(Grade.BROKEN, LONG), COUNT, say)


def jobs_of_owner(say: Language) -> Iterator[discord.Embed]:
    alone = job_in(say)
    for job in (alone, replace(alone, parts=alone.parts * 10, error_code="NoNotesError")):
        yield owner.job_card(job, say)


def lists(say: Language) -> Iterator[Sheet]:
    yield song_list.listed(Page((job_in(say),) * SONGS_A_PAGE, 500, COUNT), SHELF, say)
    yield song_list.listed(Page((), 0, 0), SHELF, say)


MADE: Mapping[Callable[..., Any], Callable[[Language, Path], Iterator[Shown]]] = {
    about.about: lambda say, here: iter([about.about(settings(here), say)]),
    about.privacy: lambda say, here: iter([about.privacy(settings(here), say)]),
    about.question: lambda say, _: iter([about.question(say)]),
    about.forgotten: lambda say, _: iter([about.forgotten(COUNT, say)]),
    about.left: lambda say, _: iter([about.left(say)]),
    about.privacy_view: lambda say, _: iter([about.privacy_view(say)]),
    about.question_view: lambda say, _: iter([about.question_view(say)]),
    chord_sheet.chord_sheet: lambda say, _: iter(
        [chord_sheet.chord_sheet(job_in(say), harmony, say) for harmony in (song(), *harmonies())]
    ),
    cards.begun: lambda say, _: iter([cards.begun(job_in(say))]),
    cards.progress: lambda say, _: iter(
        cards.progress(job_in(say, state=state), LATER, PROSPECT) for state in State
    ),
    cards.cancelled: lambda say, _: iter([cards.cancelled(job_in(say))]),
    cards.forgotten: lambda say, _: iter([cards.forgotten(job_in(say))]),
    cards.failure: lambda say, _: failures(say),
    greeting.example_view: lambda say, _: iter([greeting.example_view(say)]),
    key_and_part.modal: lambda say, _: iter(
        key_and_part.modal("0" * 20, View(-12, 21_599.999, 21_600), Key("A♭ major", 1.0, tonic), say)
        for tonic in range(12)
    ),
    modals.quantise: lambda say, _: iter([modals.quantise("0" * 20, 1000.25, say)]),
    modals.tempo: lambda say, _: iter([modals.tempo("0" * 20, 1000.25, say)]),
    modals.bars: lambda say, _: iter([modals.bars("0" * 20, ChosenBars("4/4", 21599.999, 1000.25), say)]),
    modals.said: lambda say, _: iter([modals.said("0" * 20, ["W" * 64] * 40, say, offers_whole=True)]),
    modals.stems: lambda say, _: iter([modals.stems("asker", say)]),
    owner.today: lambda say, _: iter([day_in(say)]),
    owner.job_card: lambda say, _: jobs_of_owner(say),
    questions.question: lambda say, _: holds(say),
    actions.instruments: lambda say, _: iter(
        [actions.instruments(job_in(say), Song(song().tracks * 9), say, can_be_heard=True)]
    ),
    answer.result: lambda say, _: iter(
        [done(say), done(say).within(0), with_cover(say), with_cover(say).within(0)]
    ),
    answer.with_preview: lambda say, _: iter(
        [
            answer.with_preview(done(say), job_in(say), Song(()), Preview(b"", start, 1e5))
            for start in (0, 1e5)
        ]
    ),
    server_rules.embed: lambda say, _: iter(
        server_rules.embed(rules, LIMITS, Separation.ALL_STEMS, say) for rules in (NO_RULES, FULL_RULES)
    ),
    server_rules.view: lambda say, _: iter(
        server_rules.view(rules, SERVER, say, separates=True) for rules in (NO_RULES, FULL_RULES)
    ),
    server_rules.songs_modal: lambda say, _: iter(
        server_rules.songs_modal(FULL_RULES, limits, say) for limits in (LIMITS, Limits())
    ),
    sheets.sheet: lambda say, _: iter(
        [
            sheets.sheet(job_in(say), song(), say, number=number).with_picture(b"")
            for number in (sheets.ALL, 40)
        ]
    ),
    videos.card: lambda say, _: iter([videos.card(job_in(say), video, say) for video in VIDEOS]),
    views.asking_to_delete: lambda say, _: iter([under_a_result(views.asking_to_delete, say)]),
    views.not_deleted: lambda say, _: iter([under_a_result(views.not_deleted, say)]),
    song_list.listed: lambda say, _: lists(say),
    song_list.question: lambda say, _: iter([song_list.question(job_in(say), 999_999, say)]),
    status.embed: lambda say, _: statuses(say),
}
"""Each function that makes something to be shown, and the most that it can be asked to show."""


def test_nothing_that_is_shown_is_left_out() -> None:
    shown = {Card, Sheet, sheets.Sheet, discord.Embed, discord.ui.View, discord.ui.Modal}
    found = set()
    for module in pkgutil.walk_packages(bot.chat.__path__, "bot.chat."):
        for _, made in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            is_own = made.__module__ == module.name and not made.__name__.startswith("_")
            if is_own and get_type_hints(made).get("return") in shown:
                found.add(made)
    assert found == set(MADE)


@pytest.mark.parametrize("made", MADE, ids=lambda made: f"{made.__module__}.{made.__name__}")
@pytest.mark.parametrize("locale", ["en", *sorted(LOCALES)])
async def test_it_is_within_discords_limits(locale: str, made: Callable[..., Any], tmp_path: Path) -> None:
    shown = list(MADE[made](language_of(locale), tmp_path))
    assert shown
    for one in shown:
        for part in parts_of(one):
            if isinstance(part, discord.Embed):
                check_embed(part)
            elif isinstance(part, discord.ui.Modal):
                check_modal(part.to_dict())
            else:
                check_rows(part.to_components())


def parts_of(shown: Shown) -> Iterator[discord.Embed | discord.ui.View | discord.ui.Modal]:
    if isinstance(shown, Card):
        assert len(shown.content or "") <= 2000
        assert all(len(file.description) <= 1024 for file in shown.files)
        assert len(shown.embeds) <= 10
        yield from shown.embeds
        if view := views.view_of(shown):
            yield view
    elif isinstance(shown, Sheet):
        yield shown.embed
        if shown.view:
            yield shown.view
    else:
        yield shown


def check_embed(embed: discord.Embed) -> None:
    assert len(embed) <= 6000
    assert len(embed.title or "") <= 256
    assert len(embed.description or "") <= 4096
    assert len(embed.footer.text or "") <= 2048
    assert len(embed.fields) <= 25
    for field in embed.fields:
        assert 1 <= len(field.name or "") <= 256
        assert 1 <= len(field.value or "") <= 1024


def check_modal(modal: Mapping[str, Any]) -> None:
    assert 1 <= len(modal["title"]) <= 45
    assert 1 <= len(modal["custom_id"]) <= 100
    assert 1 <= len(modal["components"]) <= 5
    for label in modal["components"]:
        assert 1 <= len(label["label"]) <= 45
        assert len(label.get("description") or "") <= 100
        check_control(label["component"], most_hint=100)


def check_rows(rows: list[dict[str, Any]]) -> None:
    assert 1 <= len(rows) <= 5
    controls = [control for row in rows for control in row["components"]]
    ids = [control["custom_id"] for control in controls]
    assert len(set(ids)) == len(ids)
    for control in controls:
        check_control(control, most_hint=150)


def check_control(control: Mapping[str, Any], *, most_hint: int) -> None:
    """A button, a menu or a field to type in; of a kind that lacks something, that is not there to be checked."""
    assert 1 <= len(control["custom_id"]) <= 100
    assert len(control.get("placeholder") or "") <= most_hint
    if control["type"] == discord.ComponentType.button.value:
        assert 1 <= len(control["label"]) <= 80
    if control["type"] == discord.ComponentType.text_input.value:
        assert len(control.get("value") or "") <= control.get("max_length", 4000)
    if control["type"] == discord.ComponentType.select.value:
        assert 1 <= len(control["options"]) <= 25
    assert len(control.get("default_values", [])) <= control.get("max_values", 25) <= 25
    for option in control.get("options", []):
        assert 1 <= len(option["label"].strip()) <= 100
        assert 1 <= len(option["value"]) <= 100
        assert 1 <= len(option.get("description", "-")) <= 100
