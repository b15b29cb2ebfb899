"""Each documented code is an error of ours, with a sentence and a word on trying again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors as tree
from bot.errors import StudioError
from bot.kie import errors
from bot.kie.errors import LONGEST_REASON, failure, readable, refusal

REFUSALS = [
    (400, errors.RequestRefusedError, False),
    (401, errors.KeyRefusedError, False),
    (402, errors.NoCreditsError, False),
    (404, errors.NotFoundError, False),
    (405, errors.RequestRefusedError, False),
    (408, errors.NoAnswerError, True),
    (409, errors.AlreadyAskedError, False),
    (413, errors.RequestRefusedError, False),
    (422, errors.RequestRefusedError, False),
    (429, errors.BusyError, True),
    (430, errors.BusyError, True),
    (451, errors.RequestRefusedError, False),
    (455, errors.MaintenanceError, True),
    (500, errors.StudioBrokenError, True),
    (501, errors.GenerationFailedError, True),
    (505, errors.SwitchedOffError, False),
    (531, errors.GenerationFailedError, True),
    (777, errors.StudioBrokenError, True),
]


@pytest.mark.parametrize(("code", "kind", "again"), REFUSALS)
def test_every_documented_code_has_its_error(code: int, kind: type[StudioError], again: bool) -> None:
    error = refusal(code, "words of the service")
    assert type(error) is kind
    assert error.again is again
    assert "?" not in error.sentence


@pytest.mark.parametrize("code", [413, 422, 451])
def test_refused_audio_quotes_the_service(code: int) -> None:
    error = refusal(code, "Uploaded audio matches an existing work of art.", about_audio=True)
    assert isinstance(error, errors.AudioRefusedError)
    assert "Uploaded audio matches an existing work of art" in error.sentence


def test_a_missing_record_is_not_found_even_as_a_validation_error() -> None:
    assert isinstance(refusal(422, "Record does not exist"), errors.NotFoundError)


def test_a_complaint_about_the_callback_does_not_blame_the_audio() -> None:
    assert isinstance(refusal(422, "Please enter callBackUrl.", about_audio=True), errors.RequestRefusedError)


@pytest.mark.parametrize(
    ("code", "about_audio", "kind"),
    [
        (None, False, errors.GenerationFailedError),
        (500, False, errors.GenerationFailedError),
        (501, False, errors.GenerationFailedError),
        (531, True, errors.GenerationFailedError),
        (404, False, errors.GenerationFailedError),
        (422, False, errors.GenerationFailedError),
        (402, False, errors.NoCreditsError),
        (408, False, errors.NoAnswerError),
        (429, False, errors.BusyError),
        (455, False, errors.MaintenanceError),
        (400, True, errors.AudioRefusedError),
        (413, True, errors.AudioRefusedError),
        (422, True, errors.AudioRefusedError),
        (451, True, errors.AudioRefusedError),
    ],
)
def test_a_failed_task_tells_why(code: int | None, about_audio: bool, kind: type[StudioError]) -> None:
    assert type(failure(code, "no", about_audio=about_audio)) is kind


def test_a_failure_without_words_says_so() -> None:
    assert "no reason given" in failure(500, " ").sentence


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("**Bold** @everyone <@123> `code`", "Bold everyone 123 code"),
        ("two\nlines\tand\x00a zero\u202e", "two lines and a zero"),
        ("see https://example.com/callback/secret-token for more", "see for more"),
        ("x" * 500, "x" * (LONGEST_REASON - 1) + "…"),
        ("Server error.", "Server error"),
    ],
)
def test_the_services_words_are_made_harmless(message: str, shown: str) -> None:
    assert readable(message) == shown


@given(st.text())
def test_any_words_are_made_harmless(message: str) -> None:
    shown = readable(message)
    assert 0 < len(shown) <= LONGEST_REASON
    assert shown.isprintable()
    assert not set(shown) & set("*_~`|<>@#[](){}\\\n")


def test_a_stored_error_keeps_its_sentence() -> None:
    error = refusal(451, "could not be fetched", about_audio=True)
    assert tree.from_code(error.code, error.values).sentence == error.sentence


def test_sentences_hold_nothing_of_the_detail() -> None:
    assert "secret" not in refusal(500, "secret", detail="secret").sentence
