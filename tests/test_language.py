"""Texts in other languages: found, filled, counted, and complete in every catalogue."""

import ast
import pickle
from datetime import timedelta
from pathlib import Path

import pytest

import bot
from bot.audio.errors import AddressRefusedError
from bot.errors import NoNotesError
from bot.jobs.errors import UserLimitError
from bot.kie.errors import NotFoundError
from bot.kie.song_errors import SongCrashedError
from bot.language import ENGLISH, LOCALES, language_of
from bot.music.errors import MidiDamagedError
from bot.score.errors import SheetError
from bot.sound.errors import PreviewError
from bot.video.errors import VideoError
from scripts import catalogues

ROOT = Path(bot.__file__).parent.parent

GERMAN, JAPANESE = language_of("de"), language_of("ja")


def test_every_catalogue_is_whole_and_says_nothing_that_nobody_says() -> None:
    assert list(catalogues.problems()) == []


def test_every_language_has_a_catalogue() -> None:
    assert set(catalogues.LANGUAGES) == LOCALES


def test_what_goes_wrong_is_said_in_every_language_whatever_room_it_is_from() -> None:
    errors = (MidiDamagedError, SheetError, PreviewError, VideoError, NotFoundError, SongCrashedError)
    for error in errors:
        assert GERMAN.error(error()) != ENGLISH.error(error()), error


def test_texts_are_literals_so_that_they_are_found() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/**/*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and (node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", ""))
        in catalogues.SAYING
        and any(isinstance(given, ast.JoinedStr | ast.BinOp) for given in node.args[:2])
    ]
    assert wrong == []


def test_a_text_is_said_with_its_values() -> None:
    assert GERMAN("{time} so far", time="3 s") == "bisher 3 s"
    assert ENGLISH("{time} so far", time="3 s") == "3 s so far"


def test_a_text_that_no_catalogue_has_is_said_in_english() -> None:
    assert GERMAN("nobody ever said {this}", this="it") == "nobody ever said it"


@pytest.mark.parametrize(
    ("locale", "one", "many"),
    [
        ("de", "1 Note", "1.061 Noten"),
        ("fr", "1 note", "1\u202f061 notes"),
        ("ja", "1 ノート", "1,061 ノート"),
        ("en-GB", "1 note", "1,061 notes"),
        ("es-ES", "1 nota", "1\u202f061 notas"),
        ("pt-BR", "1 nota", "1.061 notas"),
    ],
)
def test_counts_have_the_form_of_their_language(locale: str, one: str, many: str) -> None:
    say = language_of(locale)
    assert say.plural("{count} note", "{count} notes", 1) == one
    assert say.plural("{count} note", "{count} notes", 1061) == many


def test_nothing_is_one_in_french_and_many_in_german() -> None:
    assert language_of("fr").plural("{count} note", "{count} notes", 0) == "0 note"
    assert GERMAN.plural("{count} note", "{count} notes", 0) == "0 Noten"


def test_an_error_is_said_with_its_reason() -> None:
    assert "?" not in GERMAN.error(AddressRefusedError(reason="it is longer than {most} characters", most=5))
    assert "5" in GERMAN.error(AddressRefusedError(reason="it is longer than {most} characters", most=5))
    assert "characters" not in GERMAN.error(
        AddressRefusedError(reason="it is longer than {most} characters", most=5)
    )
    assert GERMAN.error(NoNotesError()) != NoNotesError().sentence
    assert "<t:1:R>" in JAPANESE.error(UserLimitError(limit=1, when="<t:1:R>"))


def test_what_the_studio_said_is_passed_on_as_it_is() -> None:
    assert "beep beep" in GERMAN.error(AddressRefusedError(reason="beep beep"))


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "nl", "", "xx", "zh-TW", "../de", "de.mo"])
def test_readers_without_a_catalogue_read_english(locale: str) -> None:
    assert language_of(locale) is ENGLISH


def test_the_spanish_of_america_is_spanish() -> None:
    assert language_of("es-419") is not ENGLISH
    assert language_of("es-419")("Song") == language_of("es-ES")("Song")


def test_a_language_goes_to_another_process_and_stays_itself() -> None:
    there = pickle.loads(pickle.dumps(GERMAN))  # noqa: S301 (our own bytes)
    assert there("Song") == GERMAN("Song")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(3, "3 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (7260, "2 h 1 min"), (-5, "0 s")],
)
def test_times_as_people_write_them(seconds: float, told: str) -> None:
    assert ENGLISH.duration(timedelta(seconds=seconds)) == told


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        (93, "93", "93"),
        (93.5, "93.5", "93,5"),
        (0.1 + 0.2, "0.3", "0,3"),
        (60_000_000, "60,000,000", "60.000.000"),
        (1_234_567.25, "1,234,567.25", "1.234.567,25"),
        (100, "100", "100"),
        (0, "0", "0"),
        (-0.5, "-0.5", "-0,5"),
        (-0.0004, "0", "0"),
    ],
)
def test_decimals_are_written_as_people_write_them(value: float, english: str, german: str) -> None:
    assert ENGLISH.decimal(value) == english
    assert GERMAN.decimal(value) == german
