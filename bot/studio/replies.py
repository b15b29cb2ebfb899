"""What kie answers, as bytes. Notes pass through as they are: megabytes of them are neither parsed nor built here."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from bot.kie.strength import Strength
from bot.studio.tasks import Kind, State, Task

OK: Final = 200
BAD_REQUEST: Final = 400
NO_ACCESS: Final = 401
INVALID: Final = 422
BROKEN: Final = 500

WORDS: Final = {State.PENDING: "PENDING", State.DONE: "SUCCESS", State.FAILED: "GENERATE_AUDIO_FAILED"}
"""A separation's `successFlag`."""

NUMBERS: Final = {State.PENDING: 0, State.DONE: 1, State.FAILED: 3}
"""A MIDI record's `successFlag`."""

GROUP_KEYS: Final = {
    "Vocals": "vocal",
    "Instrumental": "instrumental",
    "Backing_Vocals": "backingVocals",
    "Drums": "drums",
    "Bass": "bass",
    "Guitar": "guitar",
    "Piano": "piano",
    "Keyboard": "keyboard",
    "Percussion": "percussion",
    "Strings": "strings",
    "Synth": "synth",
    "FX": "fx",
    "Brass": "brass",
    "Woodwinds": "woodwinds",
}
"""For each `stem_type_group_name`, the first word of its address's field: `vocalUrl`, in callbacks `vocal_url`."""


class _Instruments(msgspec.Struct):
    instruments: msgspec.Raw


def reply(data: Any = None, *, code: int = OK, msg: str = "success") -> bytes:
    """The envelope of every answer; its HTTP status is 200 even where `code` is not."""
    return msgspec.json.encode({"code": code, "msg": msg, "data": data})


def separation_record(task: Task, stem_url: str) -> bytes:
    """The answer of `vocal-removal/record-info`."""
    return reply(
        {
            "taskId": task.id,
            "musicId": None,
            "callbackUrl": task.callback_url,
            "musicIndex": 0,
            "completeTime": task.completed_ms,
            "response": _stems(task, stem_url) if task.state is State.DONE else None,
            "successFlag": WORDS[task.state],
            "createTime": task.created_ms,
            "errorCode": task.error_number,
            "errorMessage": task.error_message,
        }
    )


def midi_record(task: Task, notes: bytes | None, strengths: Sequence[Strength]) -> bytes:
    """The answer of `midi/record-info`; `notes` is the stored result. kie has no `strengths`: what else can be asked for."""
    return reply(
        {
            "taskId": task.id,
            "recordTaskId": -1,
            "audioId": task.audio_id,
            "callbackUrl": task.callback_url,
            "completeTime": task.completed_ms,
            "midiData": msgspec.Raw(notes) if notes else None,
            "successFlag": NUMBERS[task.state],
            "createTime": task.created_ms,
            "errorCode": None if task.error_number is None else str(task.error_number),
            "errorMessage": task.error_message,
            "strengths": strengths,
        }
    )


def callback(task: Task, *, stem_url: str, notes: bytes | None) -> bytes:
    """What is posted to the task's callback address once it is finished."""
    if task.kind is Kind.SEPARATION:
        return _separation_callback(task, stem_url)
    if notes is None:
        return reply({"taskId": task.id}, code=BROKEN, msg="MIDI generation failed")
    instruments = msgspec.json.decode(notes, type=_Instruments).instruments
    return reply({"taskId": task.id, "state": "complete", "instruments": instruments})


def _separation_callback(task: Task, stem_url: str) -> bytes:
    if task.state is State.FAILED:
        return reply(
            {"task_id": task.id, "vocal_separation_info": None}, code=BROKEN, msg="Vocal separation failed"
        )
    urls = {"instrumental_url": "", "vocal_url": "", "origin_url": ""}
    urls[_snake(GROUP_KEYS[task.part.group]) + "_url"] = stem_url
    return reply(
        {"task_id": task.id, "vocal_separation_info": urls}, msg="vocal separation generated successfully."
    )


def _stems(task: Task, stem_url: str) -> dict[str, Any]:
    urls: dict[str, str | None] = {f"{key}Url": None for key in GROUP_KEYS.values()}
    urls[GROUP_KEYS[task.part.group] + "Url"] = stem_url
    stem = {
        "duration": round(task.seconds, 2),
        "audio_url": stem_url,
        "stem_type_group_name": task.part.group.replace("_", " "),
        "id": task.audio_id,
    }
    return {"id": None, "originUrl": None, "originData": [stem], **urls}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
