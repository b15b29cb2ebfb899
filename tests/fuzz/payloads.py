"""Callbacks and records of a studio, and the notes in them."""

import io
import json
from typing import Any

import mido
from hypothesis import strategies as st

from bot.errors import NotesError
from bot.kie import payloads
from bot.kie.errors import CallbackError
from bot.kie.fields import MalformedError, read_object
from bot.music.read.parse import read_notes
from bot.music.summary import summarise
from bot.music.write.encode import encode
from tests.benchmarks.answers import answer
from tests.fuzz.damage import damaged
from tests.fuzz.part import Part
from tests.music.payloads import DOCUMENTED

_NAMES = [
    "taskId", "task_id", "data", "code", "msg", "state", "successFlag", "status", "response", "errorCode", "errorMessage",
    "midiData", "midi_data", "instruments", "notes", "name", "pitch", "start", "end", "velocity", "creditsConsumed",
    "originData", "sunoData", "vocal_removal_info", "vocalUrl", "id", "audioUrl", "stem_type_group_name", "duration",
]  # fmt: skip
"""Of fields, in either spelling."""

_TOKENS = (
    b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"-1", b"1e-400", b"128", b'""', b'"1_0"', b"{}", b"[]", b"[" * 5000,
    b'{"a":' * 2000, b",", b":", b'"', b"\\ud800", b"\xff", b"\x00", b'"notes":', b'"instruments":', b"9" * 400, "٣".encode(),
)  # fmt: skip

_VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        [
            "SUCCESS",
            "PENDING",
            "CALLBACK_EXCEPTION",
            "complete",
            "200",
            "-0",
            "1e5",
            "https://x.example/a.mp3",
            "x" * 300,
        ]
    )
    | st.text(max_size=20)
)
_ANY = st.recursive(
    _VALUES,
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=5), inside, max_size=6)
    ),
    max_leaves=25,
)


def _as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


_WHOLE = (
    _as_json({"code": 200, "msg": "success", "data": {"task_id": "t" * 32, **DOCUMENTED}}),
    _as_json({"taskId": "t", "code": 501, "msg": "failed", "data": None}),
    _as_json({"successFlag": 1, "midiData": json.dumps(DOCUMENTED), "errorCode": None}),
    _as_json(
        {
            "successFlag": "SUCCESS",
            "response": {"vocalUrl": "https://x.example/v.mp3", "originData": [{"id": "1"}]},
        }
    ),
    _as_json(
        {
            "status": "SUCCESS",
            "response": {"sunoData": [{"id": "1", "audioUrl": "https://x.example", "duration": 3}]},
        }
    ),
)
_OBJECTS = st.dictionaries(st.sampled_from(_NAMES), _ANY, min_size=1, max_size=6)
_BODIES = st.one_of(
    _OBJECTS.map(_as_json),
    _OBJECTS.map(_as_json),
    _ANY.map(_as_json),
    damaged(_WHOLE, _TOKENS),
    st.binary(max_size=60),
)

_NOTES = (_as_json(DOCUMENTED), answer(40), answer(200), _as_json(answer(40).decode()))
_LISTS = st.lists(
    st.dictionaries(st.sampled_from(["pitch", "start", "end", "velocity"]), _VALUES, max_size=4), max_size=6
)
_SONGS = st.fixed_dictionaries(
    {
        "instruments": st.lists(
            st.fixed_dictionaries({"name": _VALUES, "notes": _LISTS | _VALUES}), max_size=4
        )
        | _VALUES
    }
)


def _read(body: bytes) -> str:
    """A body as a callback and, if it is JSON, as each record."""
    try:
        told = payloads.read_callback(body)
        payloads.read_called_back_notes(body)
        word = "success" if told.succeeded else "failure"
        assert len(told.task_id or "") <= payloads.LONGEST_ID
        assert len(told.message) <= payloads.LONGEST_MESSAGE
    except CallbackError:
        word = "no callback"
    for read in (payloads.read_midi, payloads.read_separation, payloads.read_music):
        _read_record(read, body)
    return word


def _read_record(read: Any, body: bytes) -> None:
    """As the client has it: beside a code, in an answer."""
    try:
        answered = read_object(b'{"code":200,"data":' + body + b"}")
    except MalformedError:
        return
    record = read(answered.get("data"))
    assert len(record.error_message) <= payloads.LONGEST_MESSAGE


def _heard(body: bytes) -> str:
    """Notes, to a file that another library reads, with every note that the song has."""
    try:
        song = read_notes(body)
    except NotesError as error:
        return error.code
    summarise(song)
    file = mido.MidiFile(file=io.BytesIO(encode(song, title="Made up")), charset="utf-8")
    written = sum(event.type == "note_on" and event.velocity > 0 for track in file.tracks for event in track)
    assert written == song.note_count, f"{written} notes in the file, {song.note_count} in the song"
    return "mended" if song.report.lines() else "song"


def callbacks() -> Part:
    """What is called back, and what records hold."""
    return Part(_BODIES, _read)


def notes() -> Part:
    """What is heard in a song."""
    return Part(st.one_of(damaged(_NOTES, _TOKENS), _SONGS.map(_as_json)), _heard)
