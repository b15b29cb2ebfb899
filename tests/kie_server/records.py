"""The two records in their documented shape."""

import time
from typing import Any

from tests.kie_server.state import FLAT_URLS, Task

_WORDS = {"pending": "PENDING", "done": "SUCCESS", "failed": "GENERATE_AUDIO_FAILED"}
_NUMBERS = {"pending": 0, "done": 1, "failed": 3}


def separation_record(task: Task) -> dict[str, Any]:
    """`data` of vocal-removal/record-info: a word as flag, stems in two places."""
    return {
        "taskId": task.id,
        "musicId": task.audio_id,
        "callbackUrl": task.callback_url,
        "musicIndex": 0,
        "createTime": int(time.time() * 1000),
        "completeTime": int(time.time() * 1000) if task.state != "pending" else None,
        "successFlag": _WORDS[task.state],
        **_cost(task),
        "response": _response(task) if task.state == "done" else None,
        "errorCode": task.error_code,
        "errorMessage": task.error_message,
    }


def _cost(task: Task) -> dict[str, float]:
    return {} if task.cost is None else {"creditsConsumed": task.cost}


def _response(task: Task) -> dict[str, Any]:
    entries = [
        {"duration": 12.5, "audio_url": stem.url, "stem_type_group_name": stem.name, "id": stem.id}
        for stem in task.stems
    ]
    urls: dict[str, Any] = {f"{name}Url": None for name in FLAT_URLS.values()}
    if task.type == "split_stem_advanced":
        listed: list[Any] = [dict(zip(("extract", "remove"), entries, strict=False))]
    else:
        urls |= {f"{FLAT_URLS[stem.name]}Url": stem.url for stem in task.stems}
        # The documented example of split_stem lists fewer stems than there are addresses.
        listed = entries if task.type == "separate_vocal" else entries[:6]
    return {"id": None, "originUrl": None, "originData": listed, **urls}


def midi_record(task: Task) -> dict[str, Any]:
    """`data` of midi/record-info: a number as flag."""
    return {
        "taskId": task.id,
        "recordTaskId": -1,
        "audioId": task.audio_id,
        "callbackUrl": task.callback_url,
        "createTime": int(time.time() * 1000),
        "completeTime": int(time.time() * 1000) if task.state != "pending" else None,
        "successFlag": _NUMBERS[task.state],
        **_cost(task),
        "midiData": task.notes if task.state == "done" else None,
        "errorCode": str(task.error_code) if task.error_code else None,
        "errorMessage": task.error_message,
    }


def music_record(task: Task) -> dict[str, Any]:
    """`data` of generate/record-info: a word as `status`, tracks in `sunoData`."""
    tracks = [
        {
            "id": track.id,
            "audioUrl": f"https://file.example.com/{track.id}.mp3",
            "title": track.title,
            "duration": track.seconds,
            "createTime": "2026-04-28 00:00:00",
        }
        for track in task.tracks
    ]
    return {
        "taskId": task.id,
        "parentMusicId": "",
        "param": "{}",
        "response": {"taskId": task.id, "sunoData": tracks} if task.state == "done" else None,
        "status": _WORDS[task.state],
        "type": "GENERATE",
        "errorCode": task.error_code,
        "errorMessage": task.error_message,
    }
