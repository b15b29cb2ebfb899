"""Records and callbacks of the remote API, read once into frozen values.

Two shapes and two spellings of most fields are documented or were recorded; all are read. Notes are handed on
as the JSON that came: `bot.music.read.parse` reads them.
"""

import enum

import msgspec

from bot.kie.errors import CallbackError
from bot.kie.fields import Fields, MalformedError, fields, first, items, number, read_object, text, whole
from bot.kie.music import Track, read_tracks
from bot.kie.stems import Stem, read_stems

__all__ = [
    "Callback",
    "MidiRecord",
    "MusicRecord",
    "Progress",
    "SeparationRecord",
    "Stem",
    "Track",
    "read_callback",
    "read_called_back_notes",
    "read_midi",
    "read_music",
    "read_separation",
]

LONGEST_ID = 200
"""Real task ids are 32 characters; longer ones would only fill the store."""

LONGEST_MESSAGE = 1000


class Progress(enum.Enum):
    """How far a task is. `MISSING` is an id that the service does not know, or forgot."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    MISSING = "missing"


class SeparationRecord(msgspec.Struct, frozen=True):
    """A separation as its record tells it; `stems` are in the service's order. `credits` is what it says it cost."""

    progress: Progress
    stems: tuple[Stem, ...] = ()
    error_code: int | None = None
    error_message: str = ""
    credits: float | None = None


class MidiRecord(msgspec.Struct, frozen=True):
    """A MIDI task as its record tells it; `notes` is JSON with `instruments`, or None where there are none.

    `credits` is what it says it cost. `has_strengths` is what a studio of ours says: whether it tells more and fewer notes.
    """

    progress: Progress
    notes: bytes | None = None
    error_code: int | None = None
    error_message: str = ""
    credits: float | None = None
    has_strengths: bool | None = None


class MusicRecord(msgspec.Struct, frozen=True):
    """A music task as its record tells it, with the tracks that are whole."""

    progress: Progress
    tracks: tuple[Track, ...] = ()
    error_code: int | None = None
    error_message: str = ""


class Callback(msgspec.Struct, frozen=True):
    """What the service posted. Its body is not signed: a hint to read the record.

    Its notes are for `read_called_back_notes`, where they are what counts.
    """

    task_id: str | None
    succeeded: bool
    code: int | None
    message: str
    has_notes: bool


# The MIDI record counts, the others use words; kie's pages name no more than these.
_FLAGS = {
    "0": Progress.PENDING,
    "1": Progress.DONE,
    "2": Progress.FAILED,
    "3": Progress.FAILED,
    "PENDING": Progress.PENDING,
    "SUCCESS": Progress.DONE,
    "CREATE_TASK_FAILED": Progress.FAILED,
    "GENERATE_AUDIO_FAILED": Progress.FAILED,
    "CALLBACK_EXCEPTION": Progress.FAILED,
    "SENSITIVE_WORD_ERROR": Progress.FAILED,
}


def read_separation(data: msgspec.Raw | None) -> SeparationRecord:
    """A separation from the `data` of its record; None (JSON null) is a task that is not known."""
    record = fields(data)
    if not record:
        return SeparationRecord(Progress.MISSING)
    stems = read_stems(fields(record.get("response")))
    progress = _progress(record, has_result=bool(stems))
    return SeparationRecord(progress, stems, *_error(record), credits=_credits(record))


def read_midi(data: msgspec.Raw | None) -> MidiRecord:
    """A MIDI task from the `data` of its record; None (JSON null) is a task that is not known."""
    record = fields(data)
    if not record:
        return MidiRecord(Progress.MISSING)
    notes = _notes(record.get("midiData"))
    progress = _progress(record, has_result=bool(notes))
    strengths = items(record.get("strengths")) if "strengths" in record else None
    return MidiRecord(
        progress,
        notes,
        *_error(record),
        credits=_credits(record),
        has_strengths=None if strengths is None else len(strengths) > 1,
    )


def read_music(data: msgspec.Raw | None) -> MusicRecord:
    """A music task from the `data` of its record; None (JSON null) is a task that is not known."""
    record = fields(data)
    if not record:
        return MusicRecord(Progress.MISSING)
    tracks = read_tracks(fields(record.get("response")))
    progress = _progress(record, has_result=bool(tracks))
    return MusicRecord(progress, tracks, *_error(record))


def read_callback(body: bytes) -> Callback:
    """The callback in `body`, of a separation or of a MIDI task; raises `CallbackError`.

    The task id stands in one of four documented places; two that disagree are a forgery or a mix-up.
    """
    top = _callback_fields(body)
    data = fields(top.get("data"))
    ids = {text(place.get(name)) for place in (top, data) for name in ("taskId", "task_id")} - {""}
    if len(ids) > 1:
        raise CallbackError(f"a callback with {len(ids)} different task ids")
    task_id = next(iter(ids), None)
    if task_id and len(task_id) > LONGEST_ID:
        raise CallbackError(f"a callback with a task id of {len(task_id)} characters")
    code = whole(top.get("code"))
    has_notes = _holder(top, data) is not None
    succeeded = code == 200 or (code is None and has_notes)
    return Callback(task_id, succeeded, code, text(top.get("msg"))[:LONGEST_MESSAGE], has_notes)


def read_called_back_notes(body: bytes) -> bytes | None:
    """The notes in the body of a callback, as JSON with `instruments`; raises `CallbackError`."""
    top = _callback_fields(body)
    holder = _holder(top, fields(top.get("data")))
    return None if holder is None else _json(holder)


def _callback_fields(body: bytes) -> Fields:
    try:
        return read_object(body)
    except MalformedError as error:
        raise CallbackError(f"a callback that is no JSON object: {error}") from error


def _holder(top: Fields, data: Fields) -> msgspec.Raw | None:
    """What holds `instruments`: `data`, or a field of it."""
    if "instruments" in data:
        return top.get("data")
    inner = first(data, "midiData", "midi_data")
    return inner if "instruments" in fields(inner) else None


def _progress(record: Fields, *, has_result: bool) -> Progress:
    """How far a task is. `CALLBACK_EXCEPTION` tells of the callback, not of the work: with a result it is done."""
    # Music tasks call it `status`.
    raw = first(record, "successFlag", "status")
    flag = whole(raw)
    word = text(raw).upper() if flag is None else str(flag)
    if word == "CALLBACK_EXCEPTION" and has_result:
        return Progress.DONE
    return _FLAGS.get(word, Progress.PENDING)


def _error(record: Fields) -> tuple[int | None, str]:
    return whole(record.get("errorCode")), text(record.get("errorMessage"))[:LONGEST_MESSAGE]


def _credits(record: Fields) -> float | None:
    """What a task cost: the newer records say it, and nothing forbids the older ones to."""
    said = number(record.get("creditsConsumed"))
    return said if said is None or said >= 0 else None


def _notes(raw: msgspec.Raw | None) -> bytes | None:
    """The JSON object that holds `instruments`, out of its string if it came as one."""
    return None if raw is None or "instruments" not in fields(raw) else _json(raw)


def _json(raw: msgspec.Raw) -> bytes:
    return text(raw).encode() or bytes(raw)
