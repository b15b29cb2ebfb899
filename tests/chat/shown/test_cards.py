"""Cards within Discord's limits, whatever a song and its files are called."""

import io
import re
from datetime import timedelta
from typing import Any

import mido
import pytest
from discord import Embed
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.audio.errors import FileTooLargeError
from bot.chat.shown import cards
from bot.chat.shown.cards import Card, CardFile, shortened
from bot.chat.shown.result.answer import REST_OF_MIX, result
from bot.errors import NoNotesError, PianolaError, StudioError
from bot.jobs.model import State
from bot.jobs.song_part import SongPart, Source, Task
from bot.jobs.storage.estimates import Estimate
from bot.language import ENGLISH
from bot.music.clock_time import clock_time
from bot.music.names import file_stem
from bot.music.song import Song
from bot.studio.transcriber import tracks
from tests.chat.conftest import NOON, a_job, a_song
from tests.printable import is_printable

LATER = NOON + timedelta(minutes=2, seconds=5)
UNDER_WAY = [state for state in State if not state.is_final]

ODD = [
    "``` @everyone",
    "**bold** _it_ ~~out~~ ||spoiler||",
    "two\nlines\r\nand more",
    "# head",
    "[a](https://example.com)",
    "<@123> <@&4> <#5>",
    "\u202egnos\u202c",
    "x" * 5000,
    "*" * 5000,
    "\0",
    "",
    " ",
    "夜に駆ける",
    "हिन्दी गीत",
    "👩‍👩‍👧",
]


def only(card: Card) -> Embed:
    (embed,) = card.embeds
    return embed


def within_limits(card: Card) -> bool:
    embed = only(card)
    return (
        len(embed) <= 6000
        and 1 <= len(embed.title or "") <= 256
        and 1 <= len(embed.description or "") <= 4096
        and len(embed.footer.text or "") <= 2048
        and all(1 <= len(file.description) <= 1024 for file in card.files)
        and len(card.files) <= 10
    )


def _notes(count: int) -> str:
    return ENGLISH.plural("{count} note", "{count} notes", count)


def marks(card: Card) -> str:
    return "".join(line[0] for line in (only(card).description or "").splitlines())


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.RECEIVED, "▫▫▫▫"),
        (State.UPLOADING, "⏳▫▫▫"),
        (State.SEPARATING, "✅⏳▫▫"),
        (State.TRANSCRIBING, "✅✅⏳▫"),
        (State.RENDERING, "✅✅✅⏳"),
        (State.DELIVERING, "✅✅✅⏳"),
    ],
)
def test_progress_shows_one_stage_at_work(state: State, expected: str) -> None:
    card = cards.progress(a_job(state=state), LATER, Estimate())
    assert marks(card) == expected
    assert only(card).footer.text == "2 min 5 s so far"
    assert only(card).title == "Night Drive"
    assert within_limits(card)


def test_a_finished_separation_shows_no_stages_that_it_skips() -> None:
    part = SongPart(Source.TASK, "song", None, separation=Task(sent_at=NOON, id="t", is_done=True))
    job = a_job(state=State.TRANSCRIBING, begins_with=State.TRANSCRIBING, parts=(part,))
    card = cards.progress(job, LATER, Estimate())
    assert marks(card) == "⏳▫"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.UPLOADING, "⏳▫▫"),
        (State.SEPARATING, "✅⏳▫"),
        (State.TRANSCRIBING, "✅⏳▫"),
        (State.RENDERING, "✅✅⏳"),
    ],
)
@pytest.mark.parametrize("studio", ["builtin", "http://127.0.0.1:8770"])
def test_a_studio_that_separates_nothing_shows_no_separation(
    studio: str, state: State, expected: str
) -> None:
    card = cards.progress(a_job(state=state, studio=studio), LATER, Estimate())
    assert marks(card) == expected
    assert "Separating" not in (only(card).description or "")


def test_what_was_heard_as_a_mix_is_told_to_be_one() -> None:
    mix = result(a_job(), a_song("Bass", REST_OF_MIX, "Drums"), LATER, ENGLISH)
    stems = result(a_job(), a_song("Bass", "Drums"), LATER, ENGLISH)

    assert "heard this as a mix" in (only(mix).description or "")
    assert "heard this as a mix" not in (only(stems).description or "")


def test_the_studio_and_the_card_call_the_rest_of_a_mix_the_same() -> None:
    assert REST_OF_MIX == tracks.REST


def test_every_state_under_way_is_covered_above() -> None:
    assert len(UNDER_WAY) == 6


def test_a_clock_that_went_back_shows_no_time_below_zero() -> None:
    footer = only(cards.progress(a_job(), NOON - timedelta(seconds=90), Estimate())).footer.text
    assert footer == "0 s so far"


def test_the_usual_time_and_the_songs_before_are_told() -> None:
    estimate = Estimate(usual=timedelta(seconds=90), before=2)
    card = cards.progress(a_job(state=State.SEPARATING), LATER, estimate)
    assert only(card).footer.text == "2 min 5 s so far · usually 1 min 30 s"
    assert (only(card).description or "").endswith("\n2 songs are ahead of yours.")
    assert within_limits(card)


def test_one_song_before_is_told_as_one() -> None:
    text = only(cards.progress(a_job(), LATER, Estimate(before=1))).description or ""
    assert "1 song is ahead of yours." in text


def test_nothing_is_said_of_a_line_of_nobody() -> None:
    assert "ahead of" not in (only(cards.progress(a_job(), LATER, Estimate())).description or "")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NoNotesError(), "I heard no notes in this."),
        (StudioError("key=hunter2"), "The studio that transcribes songs gave an odd answer"),
        (FileTooLargeError(name="a.wav", limit_mb=5), "`a.wav` is too large: I take up to 5 MB."),
        (PianolaError("hunter2"), "Something went wrong on our side."),
    ],
)
def test_a_failure_says_why_and_nothing_else(error: PianolaError, sentence: str) -> None:
    card = cards.failure(a_job(), error)
    assert (only(card).description or "").startswith(sentence)
    assert "hunter2" not in str(only(card).to_dict())
    assert not card.files
    assert within_limits(card)


def test_a_failure_with_endless_values_still_fits() -> None:
    assert within_limits(cards.failure(a_job(), FileTooLargeError(name="x" * 9000, limit_mb=1)))


def test_a_result_has_its_file_its_numbers_and_its_alt_text() -> None:
    card = result(a_job(), a_song("Piano", "Bass"), LATER, ENGLISH)
    (file,) = [file for file in card.files if file.name.endswith(".mid")]
    assert file.name == "Night-Drive.mid"
    assert file.description == "MIDI file: 2 instruments (Piano, Bass)"
    assert [track.name for track in mido.MidiFile(file=io.BytesIO(file.data)).tracks][1:] == ["Piano", "Bass"]
    text = only(card).description or ""
    assert text.startswith("**2 instruments · 6 notes · 0:02** · up to 3 notes at once\n")
    assert (only(card).footer.text or "").endswith("took 2 min 5 s")
    assert within_limits(card)


def test_a_hundred_instruments_with_long_names_fit() -> None:
    song = a_song(*(f"{index} {'name ' * 40}" for index in range(100)))
    card = result(a_job(title="t" * 500), song, LATER, ENGLISH)
    assert within_limits(card)
    text = only(card).description or ""
    assert "… and 76 more" in text
    assert text.count("```") == 2


@pytest.mark.parametrize("odd", ODD)
def test_no_title_or_name_leaves_its_place(odd: str) -> None:
    job, song = a_job(title=odd), a_song(odd, odd)
    for card in (
        cards.progress(job, LATER, Estimate()),
        result(job, song, LATER, ENGLISH),
        cards.failure(job, PianolaError()),
    ):
        assert within_limits(card)
        title = only(card).title or ""
        assert not re.search(r"(?<!\\)(?:\\\\)*[*_~|`]", title)
        assert is_printable(title)
        text = only(card).description or ""
        assert text.count("`") in {0, 6, 8, 10}
        assert "\u202e" not in text


@pytest.mark.parametrize("unseen", ["\u3164", "\u200d\u200d", "\u2800 \u1160", "\u0301"])
def test_a_title_that_nobody_would_see_is_a_song(unseen: str) -> None:
    assert only(cards.failure(a_job(title=unseen), PianolaError())).title == "Song"


@pytest.mark.parametrize(
    "title", ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f469\u200d\U0001f467"]
)
def test_words_and_emoji_in_a_title_stay_whole(title: str) -> None:
    assert only(cards.failure(a_job(title=title), PianolaError())).title == title


def test_what_was_given_hidden_comes_back_hidden() -> None:
    job = a_job()
    card = result(job.with_part(0, replace(job.parts[0], is_spoiler=True)), a_song("Piano"), LATER, ENGLISH)
    assert all(file.to_discord().spoiler for file in card.files)
    assert only(card).image.url is None
    assert not any(file.to_discord().spoiler for file in result(job, a_song("Piano"), LATER, ENGLISH).files)


@given(st.text(max_size=300))
def test_no_text_as_title_breaks_a_card(title: str) -> None:
    card = cards.failure(a_job(title=title), PianolaError())
    assert within_limits(card)
    assert is_printable(only(card).title or "")


@given(st.text(max_size=300))
def test_a_title_is_always_a_file_name_that_every_system_takes(title: str) -> None:
    stem = file_stem(title)
    assert 1 <= len(stem) <= 65
    assert len(f"{stem}.mid".encode()) <= 255
    assert not set(stem) & set('/\\<>:"|?*`\0 ')
    assert all(sign.isprintable() for sign in stem)
    assert stem[0] not in "-._"
    assert stem[-1] not in "-._"


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Night Drive", "Night-Drive"),
        ("AC/DC - Thunder (live)", "AC-DC-Thunder-live"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows\\x", "C-Windows-x"),
        ("...", "song"),
        ("", "song"),
        ("@everyone", "everyone"),
        ("夜に駆ける", "song-夜に駆ける"),
        ("हिन्दी गीत", "song-हिन्दी-गीत"),
        ("Cafe\u0301", "Café"),
        ("v1.2_final", "v1.2_final"),
        ("con", "song-con"),
        ("LPT1.x", "song-LPT1.x"),
        ("x" * 90, "x" * 60),
        ("👩‍👩‍👧", "song"),
    ],
)
def test_titles_as_file_names(title: str, stem: str) -> None:
    assert file_stem(title) == stem


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (_notes(1), "1 note"),
        (_notes(0), "0 notes"),
        (_notes(1061), "1,061 notes"),
        (ENGLISH.number(1_234_567), "1,234,567"),
        (clock_time(0.4), "0:00"),
        (clock_time(59.6), "1:00"),
        (clock_time(88), "1:28"),
        (clock_time(3723), "1:02:03"),
        (ENGLISH.duration(timedelta(seconds=3)), "3 s"),
        (ENGLISH.duration(timedelta(seconds=59.6)), "1 min 0 s"),
        (ENGLISH.duration(timedelta(hours=2)), "2 h 0 min"),
    ],
)
def test_numbers_and_times_as_people_write_them(shown: str, expected: str) -> None:
    assert shown == expected


def test_what_is_too_large_for_the_channel_is_left_out_and_told() -> None:
    files = (CardFile("a.mid", b"x" * 10, "a"), CardFile("b.ogg", b"x" * 20, "b"))
    card = Card(files=files)
    assert card.within(20) is card
    smaller = card.within(10)
    assert [file.name for file in smaller.files] == ["a.mid"]
    assert "too large" in (smaller.content or "")
    assert [file.name for file in card.without_last_file().files] == ["a.mid"]


def test_files_that_are_too_much_together_are_left_out_from_the_last_on() -> None:
    files = tuple(CardFile(f"{letter}.bin", bytes(9 * 1024**2), letter) for letter in "abc")
    fitting = Card(files=(*files, CardFile("d.txt", b"d", "d"))).within(10 * 1024**2)
    assert [file.name for file in fitting.files] == ["a.bin", "b.bin", "d.txt"]
    assert "too large" in (fitting.content or "")


def test_an_empty_song_can_be_shown() -> None:
    empty: Any = Song(())
    assert within_limits(result(a_job(), empty, LATER, ENGLISH))


@given(st.text(), st.integers(1, 50))
def test_shortened_text_keeps_its_beginning(text: str, width: int) -> None:
    short = shortened(text, width)
    assert len(short) <= width
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
