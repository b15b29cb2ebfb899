"""The words beside the audio of stems, however many there are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from bot.audio.errors import AddressFailedError
from bot.audio.fetch import Download, Fetcher
from bot.chat.shown.result.stem_audio import StemLibrary
from bot.errors import StemsGoneError
from bot.jobs.song_part import SongPart, Source
from bot.kie.stems import Stem
from bot.language import LOCALES, language_of
from bot.rounds import Whose
from tests.chat.conftest import a_job


class KeptSongs:
    """Gives no file: the first `gone` are there no more, the others are too slow."""

    def __init__(self, gone: int) -> None:
        self._gone = gone

    @asynccontextmanager
    async def fetch(self, _address: str, *, max_bytes: int) -> AsyncIterator[Download]:  # noqa: ARG002 (as asked)
        self._gone -= 1
        if self._gone >= 0:
            raise AddressFailedError(status=404)
        raise TimeoutError
        yield


def parts_with_stems(count: int) -> tuple[SongPart, ...]:
    stems = tuple(
        Stem(None, f"*{number}*" * 12, f"https://files.example.com/{number}.mp3") for number in range(count)
    )
    return tuple(SongPart(Source.ATTACHMENT, f"{name * 40}.wav", None, stems=stems) for name in "abcdefghij")


@pytest.mark.parametrize("locale", ["en", *sorted(LOCALES)])
@pytest.mark.parametrize("gone", [0, 60, 119])
async def test_the_words_fit_into_a_message(locale: str, gone: int) -> None:
    library = StemLibrary(cast("Fetcher", KeptSongs(gone)))
    audio = await library.audio(a_job(parts=parts_with_stems(12)), 1, language_of(locale), wanted_by=Whose(1))
    assert audio.files == ()
    assert 1 <= len(audio.text) <= 2000


async def test_where_all_are_gone_that_is_told() -> None:
    library = StemLibrary(cast("Fetcher", KeptSongs(20)))
    with pytest.raises(StemsGoneError):
        await library.audio(a_job(parts=parts_with_stems(2)), 1, language_of("en"), wanted_by=Whose(1))
