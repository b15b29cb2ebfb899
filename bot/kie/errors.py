"""What the remote API says no to, one class for each documented code.

PianolaError
├── StudioError
│   ├── KeyRefusedError           401, and caps or address lists of the key
│   ├── NoCreditsError            402, or 429 with an empty account
│   ├── NotFoundError             404; 422 "Record does not exist"
│   ├── AlreadyAskedError         409
│   ├── AudioRefusedError         413, 422, 451 about an audio address
│   ├── RequestRefusedError       400, 405 and any other 422
│   ├── BusyError                 429, 430
│   ├── MaintenanceError          455
│   ├── SwitchedOffError          505
│   ├── RetiredError              a path that is no longer there
│   ├── GenerationFailedError     501, 531; any other failure of a task
│   ├── StudioBrokenError         500 and other 5xx
│   ├── NoAnswerError             408; a lost answer to what may be sent again
│   ├── UnreadableAnswerError     no JSON, too large, or without what was asked for
│   ├── TooLargeNotesError        a record with more notes than a song has
│   ├── UnreachableError          no connection: nothing was sent
│   ├── UnclearOutcomeError       a lost answer to what may have been charged
│   └── (bot/kie/song_errors.py: what the built-in studio says of a song)
└── CallbackError                 a callback that is none
"""

import re
import unicodedata

from bot.errors import PianolaError, StudioError
from bot.kie.song_errors import known_again
from bot.language import text

LONGEST_REASON = 200
"""Characters of the service's own words that a person gets to read."""


class KeyRefusedError(StudioError):
    """The studio refused this bot's key. Its owner has to look at `KIE_API_KEY` and at the key's limits and allowed addresses."""

    again = False


class NoCreditsError(StudioError):
    """This bot's account at the studio has run out of credits. Its owner has to add some before I can go on."""

    again = False


class NotFoundError(StudioError):
    """The studio knows no finished separation with that id, and no music task either. Check the id; the studio forgets them after 14 days."""

    again = False


class AlreadyAskedError(StudioError):
    """The studio already did exactly this and won't do it twice. Look for the earlier result."""

    again = False


class AudioRefusedError(StudioError):
    """The studio did not accept this audio: {reason}. Try another file or format of the song."""

    again = False


class RequestRefusedError(StudioError):
    """The studio refused the request: {reason}. Asking again will not change that."""

    again = False


class BusyError(StudioError):
    """The studio gets too many requests right now. Please try again in a minute."""


class MaintenanceError(StudioError):
    """The studio is closed for maintenance. Please try again in some minutes."""


class SwitchedOffError(StudioError):
    """The studio has switched this feature off for now. Please try again another day."""

    again = False


class RetiredError(StudioError):
    """The studio has moved this service. My owner has to update me."""

    again = False


class GenerationFailedError(StudioError):
    """The studio tried and failed: {reason}. Another try may work; so may another recording of the song."""


class StudioBrokenError(StudioError):
    """The studio is having problems right now. Please try again in a few minutes."""


class NoAnswerError(StudioError):
    """The studio took too long to answer. Please try again in a few minutes."""


class UnreadableAnswerError(StudioError):
    """I couldn't read the studio's answer. Please try again in a few minutes."""


class TooLargeNotesError(StudioError):
    """The studio found more notes than I can take for one song. Send me a part of the song, or a single instrument of it."""

    again = False


class UnreachableError(StudioError):
    """The studio can't be reached right now. Please try again in a few minutes."""


class UnclearOutcomeError(StudioError):
    """The studio's answer got lost, so I can't tell whether it took the song. I did not send it twice, because that may cost twice. If that is fine with you, send the song again."""


class CallbackError(PianolaError):
    """The studio's message could not be read."""


_PLAIN: dict[int, type[StudioError]] = {
    401: KeyRefusedError,
    402: NoCreditsError,
    403: KeyRefusedError,
    404: NotFoundError,
    408: NoAnswerError,
    409: AlreadyAskedError,
    429: BusyError,
    430: BusyError,
    455: MaintenanceError,
    505: SwitchedOffError,
}
"""Codes that mean the same wherever they stand."""

_ABOUT_AUDIO = {413, 422, 451}
_TASK_FAILED = {501, 531}


def refusal(code: int, message: str, *, about_audio: bool = False, detail: str = "") -> StudioError:
    """What a reply's body `code` means, said to a request; `about_audio` if the request carried an audio address."""
    if code == 422 and "not exist" in message.casefold():
        return NotFoundError(detail)
    if code in _PLAIN:
        return _PLAIN[code](detail)
    if code in _ABOUT_AUDIO and about_audio and "callback" not in message.casefold():
        return AudioRefusedError(detail, reason=readable(message))
    if code in _TASK_FAILED:
        return GenerationFailedError(detail, reason=readable(message))
    if 400 <= code < 500:
        return RequestRefusedError(detail, reason=readable(message))
    return StudioBrokenError(detail)


def failure(code: int | None, message: str, *, about_audio: bool = False, detail: str = "") -> StudioError:
    """Why a task failed: the `errorCode` and `errorMessage` of its record, or the `code` and `msg` of its callback.

    Submission does not look at an audio address, so its refusals come here (`about_audio`) as well.
    """
    if known := known_again(message):
        known.detail = detail
        return known
    if about_audio and code in _ABOUT_AUDIO | {400}:
        return AudioRefusedError(detail, reason=readable(message))
    if code in _PLAIN and code not in {404, 409}:
        return _PLAIN[code](detail)
    return GenerationFailedError(detail, reason=readable(message))


_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://\S+", re.IGNORECASE)
_MARKUP = re.compile(r"[*_~`|<>@#\[\](){}\\]+")


def readable(message: str) -> str:
    """The service's own words, fit for a Discord message: one line, no markup, mention or address, no end stop."""
    words = _ADDRESS.sub("", message[: 8 * LONGEST_REASON])
    words = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in words)
    words = " ".join(_MARKUP.sub(" ", words).split())
    if len(words) > LONGEST_REASON:
        words = words[: LONGEST_REASON - 1].rstrip() + "…"
    return words.strip(" .:;,") or text("no reason given")
