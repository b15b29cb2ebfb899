"""What MuScriptor's server says while it listens: a line of JSON for each event."""

from collections.abc import AsyncIterator
from typing import Annotated, Final, TypeVar

import msgspec

from bot.kie.song_errors import SongCrashedError
from bot.studio.engine import Progress

PREFIX: Final = b"data:"
"""Of a line with an event, as server-sent events have it."""


class Note(msgspec.Struct, array_like=True):
    """A note of the instruments `group`; times in seconds."""

    group: str
    pitch: int
    start: float
    end: float


class _Event(msgspec.Struct):
    type: str


class _Start(msgspec.Struct):
    pitch: Annotated[int, msgspec.Meta(ge=0, le=127)]
    start_time: float
    index: int
    instrument: str


class _End(msgspec.Struct):
    end_time: float
    start_event_index: int


class _Progress(msgspec.Struct):
    completed: int
    total: int


class _Beats(msgspec.Struct):
    onset_delay: float = 0.0


class _Complete(msgspec.Struct):
    beat_grid: _Beats | None = None


Kind = TypeVar("Kind", bound=msgspec.Struct)


async def notes(lines: AsyncIterator[bytes], progress: Progress) -> list[Note]:
    """All notes by start, once the stream has come to its end.

    Raises:
        SongCrashedError: it broke off before, or is none of MuScriptor's.
    """
    begun: dict[int, _Start] = {}
    found: list[Note] = []
    async for line in lines:
        if not line.startswith(PREFIX):
            continue
        data = line.removeprefix(PREFIX)
        match _read(data, _Event).type:
            case "start":
                start = _read(data, _Start)
                begun[start.index] = start
            case "end":
                end = _read(data, _End)
                if before := begun.pop(end.start_event_index, None):
                    found.append(Note(before.instrument, before.pitch, before.start_time, end.end_time))
            case "progress":
                done = _read(data, _Progress)
                progress(min(done.completed / max(done.total, 1), 1.0))
            case "transcription_complete":
                beats = _read(data, _Complete).beat_grid
                return _moved(found, beats.onset_delay if beats else 0.0)
    raise SongCrashedError("the engine broke off")


def _read(data: bytes, kind: type[Kind]) -> Kind:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError as error:
        raise SongCrashedError(f"the engine said {data[:100]!r}") from error


def _moved(found: list[Note], late: float) -> list[Note]:
    """By start, and earlier by what all of them are late against the beats, as the server tells."""
    for note in found:
        note.start, note.end = max(0.0, note.start - late), max(0.0, note.end - late)
    return sorted(found, key=lambda note: (note.start, note.pitch))
