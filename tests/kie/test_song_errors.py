"""The built-in studio's own words are known again where a record brings them."""

import pytest

from bot.errors import from_code
from bot.kie import errors, song_errors
from bot.kie.song_errors import SongError, SongTooLongError, known_again
from bot.language import language_of


@pytest.mark.parametrize("kind", SongError.__subclasses__())
def test_every_sentence_is_known_again(kind: type[SongError]) -> None:
    told = kind(3 * 60, 60) if kind is SongTooLongError else kind()
    found = errors.failure(told.number, told.sentence, about_audio=True)
    assert (type(found), found.sentence, found.again) == (kind, told.sentence, told.again)
    assert type(from_code(found.code, found.values)) is kind


def test_a_song_that_is_too_long_is_told_in_the_readers_language() -> None:
    found = errors.failure(422, SongTooLongError(200 * 60, 30 * 60).sentence)
    said = language_of("de").error(found)
    assert "3 h 20 min" in said
    assert "30 min" in said
    assert "song is" not in said


@pytest.mark.parametrize(
    "message", ["", "no", "This song is <@1> long, and I take up to 1 min. Send me a part of it."]
)
def test_other_words_stay_kies(message: str) -> None:
    assert known_again(message) is None
    assert type(errors.failure(501, message)) is errors.GenerationFailedError


def test_a_length_is_spoken() -> None:
    assert [song_errors.spoken(seconds) for seconds in (45, 60, 720, 10_800, 12_000)] == [
        "45 s", "1 min", "12 min", "3 h", "3 h 20 min",
    ]  # fmt: skip
