"""Tells the bot's owner by a direct message what only they can mend: once a day for each trouble."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from bot.errors import InputError, from_code
from bot.jobs.model import State
from bot.jobs.storage.census import Ends
from bot.kie.errors import AudioRefusedError, KeyRefusedError, NoCreditsError
from bot.kie.song_errors import (
    CutSongError,
    NoSoundError,
    SongTooLongError,
    SourceGoneError,
    UnreadableSongError,
)
from bot.language import ENGLISH
from bot.settings import Settings

log = structlog.get_logger(__name__)

WITHIN: Final = timedelta(hours=1)
"""What is looked back upon."""

_AGAIN_AFTER: Final = timedelta(hours=24)

_MANY: Final = 5
"""Failures within the hour, and more than there were results: one bad song is no trouble of the owner's."""

_SENT: Final = (
    InputError,
    AudioRefusedError,
    UnreadableSongError,
    CutSongError,
    NoSoundError,
    SongTooLongError,
    SourceGoneError,
)
"""What is wrong with what people send. A lack of memory is not among them: the owner can give more."""

_KEY: Final = (
    "kie.ai refuses my key, so every song fails. Make a new one at <https://kie.ai/api-key>, set it as `KIE_API_KEY`, and "
    "start me again."
)
_EMPTY: Final = "My credits at kie.ai are used up, so every song fails. Add some at <https://kie.ai>, or set `STUDIO=builtin`."
_KEY_ELSEWHERE: Final = (
    "The studio at <{address}> refuses my key, so every song fails. Set `KIE_API_KEY` to the key that it printed at its start, "
    "and start me again."
)
_EMPTY_ELSEWHERE: Final = (
    "The studio at <{address}> says that my credits are used up, so every song fails. Ask whoever runs it."
)
_LOW: Final = "My credits at kie.ai run low: {left} are left, and a separation costs {price}. Add some at <https://kie.ai>."
_FAILING: Final = (
    "{failed} songs failed within an hour, and {done} went well. Most failed like this: {sentence}\n"
    "Where I run, `pianola doctor` says what is wrong."
)


class Alarm:
    """Looks at how songs ended and at the account, and tells what is new."""

    def __init__(
        self,
        *,
        ends: Callable[[], Awaitable[Ends]],
        credits_left: Callable[[], Awaitable[float | None]],
        settings: Settings,
        claim: Callable[[str, timedelta], Awaitable[bool]],
        give_back: Callable[[str], Awaitable[None]],
        tell: Callable[[str], Awaitable[bool]],
    ) -> None:
        """`claim` is true once in that time for a name, for all processes together, unless it is given back.

        `tell` reaches the owner; False: it did not, this time.
        """
        self._ends = ends
        self._credits_left = credits_left
        self._settings = settings
        self._claim = claim
        self._give_back = give_back
        self._tell = tell

    async def look(self) -> None:
        """Tell what there is to tell and was not told today."""
        for name, told in (await self._troubles()).items():
            claim = f"owner told of {name}"
            if not await self._claim(claim, _AGAIN_AFTER):
                continue
            if await self._tell(told):
                log.warning("owner.told", trouble=name)
            else:
                await self._give_back(claim)

    async def _troubles(self) -> dict[str, str]:
        ends, left = await self._ends(), await self._credits_left()
        address = None if self._settings.uses_kie else self._settings.studio_url
        if ends.counts[State.FAILED, KeyRefusedError.__name__]:
            return {"key": _KEY_ELSEWHERE.format(address=address) if address else _KEY}
        if ends.counts[State.FAILED, NoCreditsError.__name__]:
            return {"credits used up": _EMPTY_ELSEWHERE.format(address=address) if address else _EMPTY}
        found = {}
        if left is not None and self._settings.is_low(left):
            found["low credits"] = _LOW.format(
                left=ENGLISH.decimal(left), price=ENGLISH.decimal(self._settings.price)
            )
        if told := _failing(ends):
            found["failures"] = told
        return found


def _failing(ends: Ends) -> str | None:
    """What is said where more fails than goes well, for other reasons than what was sent."""
    done = sum(number for (state, _), number in ends.counts.items() if state is State.DONE)
    failed = Counter(
        {
            code: number
            for (state, code), number in ends.counts.items()
            if state is State.FAILED and _is_ours(code)
        }
    )
    if failed.total() < _MANY or failed.total() <= done:
        return None
    [(code, _)] = failed.most_common(1)
    sentence = from_code(code, ends.values.get(code, {})).sentence
    return _FAILING.format(failed=failed.total(), done=done, sentence=sentence)


def _is_ours(code: str) -> bool:
    return not isinstance(from_code(code, {}), _SENT)
