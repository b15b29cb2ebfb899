"""Records and callbacks: every documented and recorded shape, and any JSON at all."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kie.errors import CallbackError
from bot.kie.fields import read_object
from bot.kie.payloads import (
    Callback,
    MidiRecord,
    Progress,
    SeparationRecord,
    Stem,
    Track,
    read_callback,
    read_called_back_notes,
    read_midi,
    read_music,
    read_separation,
)

NOTES = {
    "state": "complete",
    "instruments": [
        {"name": "Drums", "notes": [{"pitch": 73, "start": "0.036458", "end": 0.2, "velocity": 1}]},
        {"name": "Acoustic Grand Piano", "notes": []},
    ],
}
STEM_ID = "3a6e1c9e-2f45-4f2e-9d0a-0c7f3b1d2e4f"
STEM_URL = f"https://file.example.com/s/{STEM_ID}_Vocals.mp3"


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(value).encode())


def midi(**given: object) -> MidiRecord:
    return read_midi(
        raw({"taskId": "t", "recordTaskId": -1, "errorCode": None, "errorMessage": None} | given)
    )


def separation(**given: object) -> SeparationRecord:
    return read_separation(raw({"taskId": "t", "successFlag": "SUCCESS", "errorCode": None} | given))


def callback(body: object) -> Callback:
    return read_callback(json.dumps(body).encode())


@pytest.mark.parametrize("flag", [1, "1", 1.0, "SUCCESS", "success"])
def test_every_spelling_of_success_is_done(flag: object) -> None:
    record = midi(successFlag=flag, midiData=NOTES)
    assert record.progress is Progress.DONE
    assert record.notes is not None
    assert json.loads(record.notes) == NOTES


@pytest.mark.parametrize("flag", [0, "0", "PENDING", None, "WORKING", 7, True, {}, [1], "", 1.5])
def test_an_unknown_flag_is_still_pending(flag: object) -> None:
    assert midi(successFlag=flag).progress is Progress.PENDING
    assert separation(successFlag=flag).progress is Progress.PENDING


def test_a_record_without_a_flag_is_pending() -> None:
    assert read_midi(raw({"taskId": "t"})).progress is Progress.PENDING


@pytest.mark.parametrize("flag", [2, 3, "3", "CREATE_TASK_FAILED", "GENERATE_AUDIO_FAILED"])
def test_a_failure_tells_its_code_and_message(flag: object) -> None:
    assert midi(successFlag=flag, errorCode="501", errorMessage="no") == MidiRecord(
        Progress.FAILED, None, 501, "no"
    )


@pytest.mark.parametrize("data", [None, {}, "", [], 5])
def test_a_record_without_data_is_missing(data: object) -> None:
    assert read_midi(raw(data)) == MidiRecord(Progress.MISSING)
    assert read_separation(raw(data)) == SeparationRecord(Progress.MISSING)


def test_a_record_whose_data_was_left_out_is_missing() -> None:
    assert read_midi(None).progress is Progress.MISSING


@pytest.mark.parametrize(
    "notes", [None, {}, "", [], "{}", "null", {"state": "complete"}, 3, "no json", [NOTES]]
)
def test_success_with_nothing_to_write_is_done_without_notes(notes: object) -> None:
    assert midi(successFlag=1, midiData=notes) == MidiRecord(Progress.DONE)


@pytest.mark.parametrize(
    ("said", "has"),
    [
        ({}, None),
        ({"strengths": ["usual"]}, False),
        ({"strengths": ["fewer", "usual", "more"]}, True),
        ({"strengths": None}, False),
    ],
)
def test_a_studio_of_ours_says_whether_there_are_more_notes_to_be_had(
    said: dict[str, object], has: object
) -> None:
    assert midi(successFlag=1, midiData=NOTES, **said).has_strengths is has


def test_notes_that_come_as_a_json_string_are_taken_out_of_it() -> None:
    record = midi(successFlag=1, midiData=json.dumps(NOTES))
    assert record.notes is not None
    assert json.loads(record.notes) == NOTES


def test_notes_are_handed_on_byte_for_byte() -> None:
    notes = b'{ "instruments":[ {"name":"x","notes":[{"pitch" : 6e1}]} ]}'
    assert read_midi(msgspec.Raw(b'{"successFlag":1,"midiData":' + notes + b"}")).notes == notes


def test_stems_come_with_their_ids_and_names() -> None:
    entry = {"duration": 245.6, "audio_url": STEM_URL, "stem_type_group_name": "Lead_Vocal", "id": STEM_ID}
    assert separation(response={"originData": [entry]}).stems == (Stem(STEM_ID, "Lead Vocal", STEM_URL),)


def test_flat_addresses_are_stems_whose_id_stands_in_the_file_name() -> None:
    response = {
        "id": None,
        "originUrl": "https://x.example/a.mp3",
        "vocalUrl": STEM_URL,
        "drumsUrl": "https://x.example/d.mp3",
    }
    assert separation(response=response).stems == (
        Stem(STEM_ID, "Vocals", STEM_URL),
        Stem(None, "Drums", "https://x.example/d.mp3"),
    )


def test_a_stem_listed_twice_is_one_stem() -> None:
    entry = {"audio_url": STEM_URL, "stem_type_group_name": "Vocals", "id": STEM_ID}
    response = {"originData": [entry], "vocalUrl": STEM_URL, "bassUrl": "https://x.example/b.mp3"}
    assert [stem.name for stem in separation(response=response).stems] == ["Vocals", "Bass"]


def test_a_pair_of_the_advanced_type_is_two_stems() -> None:
    taken = {"audio_url": "https://x.example/lead vocal.mp3", "stem_type_group_name": "Vocals", "id": "a"}
    left = {"audio_url": "https://x.example/rest.mp3", "stem_type_group_name": "Vocals", "id": "b"}
    assert separation(response={"originData": [{"extract": taken, "remove": left}]}).stems == (
        Stem("a", "Vocals", "https://x.example/lead%20vocal.mp3"),
        Stem("b", "Vocals", "https://x.example/rest.mp3"),
    )


def test_a_response_in_a_string_is_read() -> None:
    assert separation(response=json.dumps({"vocalUrl": STEM_URL})).stems[0].id == STEM_ID


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "https://", "https://[x", "https://x/\nb", 5]
)
def test_an_address_that_is_none_is_no_stem(url: object) -> None:
    assert separation(response={"vocalUrl": url}).stems == ()


def test_a_failed_callback_does_not_spoil_finished_stems() -> None:
    assert (
        separation(successFlag="CALLBACK_EXCEPTION", response={"vocalUrl": STEM_URL}).progress
        is Progress.DONE
    )
    assert separation(successFlag="CALLBACK_EXCEPTION").progress is Progress.FAILED


@pytest.mark.parametrize(
    "body",
    [
        {"code": 200, "msg": "ok", "data": {"taskId": "t", **NOTES}},
        {"task_id": "t", "code": 200, "msg": "ok", "data": NOTES},
        {"code": "200", "msg": "ok", "data": {"task_id": "t", **NOTES}},
        {
            "taskId": "t",
            "callbackType": "task_completed",
            "code": 200,
            "msg": "ok",
            "data": {"task_id": "t", **NOTES},
        },
    ],
)
def test_the_task_id_is_found_in_each_of_its_four_places(body: dict[str, Any]) -> None:
    assert callback(body) == Callback("t", True, 200, "ok", has_notes=True)
    notes = read_called_back_notes(json.dumps(body).encode())
    assert json.loads(notes or b"{}")["instruments"] == NOTES["instruments"]


@pytest.mark.parametrize(
    "body",
    [
        {"code": 500, "msg": "MIDI generation failed", "data": {"taskId": "t"}},
        {"task_id": "t", "code": 500, "msg": "MIDI generation failed", "data": None},
        {"task_id": "t", "code": 500, "msg": "MIDI generation failed", "data": [1]},
        {"task_id": "t", "code": 500, "msg": "MIDI generation failed"},
    ],
)
def test_both_shapes_of_failure_are_read(body: dict[str, Any]) -> None:
    assert callback(body) == Callback("t", False, 500, "MIDI generation failed", has_notes=False)


def test_a_separation_callback_has_no_notes() -> None:
    info = {"instrumental_url": "https://x.example/i.mp3", "origin_url": "", "vocal_url": STEM_URL}
    body = {
        "code": 200,
        "msg": "vocal Separation generated successfully.",
        "data": {"task_id": "t", "vocal_separation_info": info},
    }
    assert callback(body) == Callback(
        "t", True, 200, "vocal Separation generated successfully.", has_notes=False
    )


@pytest.mark.parametrize("code", [None, "soon", 408, 501, 531, [200], True])
def test_any_other_code_is_a_failure(code: object) -> None:
    assert not callback({"task_id": "t", "code": code}).succeeded


def test_task_ids_that_disagree_are_refused() -> None:
    with pytest.raises(CallbackError):
        callback({"taskId": "a", "code": 200, "data": {"task_id": "b"}})


def test_an_endless_task_id_is_refused() -> None:
    with pytest.raises(CallbackError):
        callback({"taskId": "a" * 5000})


def test_a_callback_that_names_no_task_has_no_id() -> None:
    assert callback({"taskId": "", "task_id": 5, "data": {"taskId": None}}).task_id is None


@pytest.mark.parametrize("part", [b"[", b'{"a":', b'{"data":[', b'{"taskId":{"data":'])
def test_json_nested_a_hundred_thousand_deep_is_a_typed_error(part: bytes) -> None:
    with pytest.raises(CallbackError):
        read_callback(part * 100_000)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"<html>", b"\xff\xfe", b'{"a":1} {}'])
def test_what_is_no_json_object_is_a_typed_error(body: bytes) -> None:
    with pytest.raises(CallbackError):
        read_callback(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"task_id":"t","param":"C:\\path"}',
        b'{"task_id":"t","param":"one\ntwo"}',
        b'{"task_id":"t","param":"\\ud800"}',
        b'{"task_id":"t","param":NaN}',
        b'{"task_id":"t","param":.5}',
        b'{"task_id":"t","param":+1,"data":{"path":"C:\\path","x":1.}}',
        b'\xef\xbb\xbf{"task_id":"t"}',
    ],
)
def test_badly_escaped_json_is_mended(body: bytes) -> None:
    assert read_callback(body).task_id == "t"


@pytest.mark.parametrize("number", ["0.5", ".5", "1.", "+1", "\x1c0", "NaN", "1,5", "undefined"])
@pytest.mark.parametrize("is_text", [False, True])
def test_an_odd_number_among_the_notes_costs_no_answer(number: str, *, is_text: bool) -> None:
    note = f'{{"pitch":60,"start":{number},"end":2,"velocity":1}}'
    notes = f'{{"instruments":[{{"name":"Flute","notes":[{note}]}}]}}'
    data = json.dumps(notes) if is_text else notes
    top = read_object(f'{{"code":200,"data":{{"successFlag":1,"midiData":{data}}}}}'.encode())
    record = read_midi(top["data"])
    assert record.progress is Progress.DONE
    assert record.notes
    assert b"Flute" in record.notes


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)
PLACES = st.sampled_from(
    [
        "taskId",
        "task_id",
        "code",
        "msg",
        "data",
        "successFlag",
        "response",
        "originData",
        "extract",
        "id",
        "audio_url",
        "vocalUrl",
        "midiData",
        "instruments",
        "errorCode",
        "errorMessage",
        "stem_type_group_name",
    ]
)
RECORDS = st.recursive(
    JSON | st.sampled_from(["SUCCESS", 1, 200, "{}", STEM_URL]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLACES, inner, max_size=8),
    max_leaves=30,
)


@given(RECORDS)
def test_any_json_is_a_record(value: object) -> None:
    data = raw(value)
    assert isinstance(read_midi(data), MidiRecord)
    for stem in read_separation(data).stems:
        assert stem.id or stem.url.startswith("http")


@given(st.binary() | RECORDS.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_a_callback_or_a_typed_error(body: bytes) -> None:
    try:
        read = read_callback(body)
    except CallbackError:
        with pytest.raises(CallbackError):
            read_called_back_notes(body)
        return
    assert read.task_id is None or read.task_id
    assert read.has_notes == (read_called_back_notes(body) is not None)


MUSIC = b"""{"taskId": "5c79", "parentMusicId": "", "param": "{}", "status": "SUCCESS", "type": "GENERATE",
 "response": {"taskId": "5c79", "sunoData": [
  {"id": "e231-1", "audioUrl": "https://example.cn/1.mp3", "title": " Iron\\u0000Man ", "duration": 198.44},
  {"id": "e231-2", "audioUrl": "https://example.cn/2.mp3", "duration": "long"},
  {"id": "e231-3", "audioUrl": "", "title": "still being made", "duration": null},
  {"id": "", "audioUrl": "https://example.cn/4.mp3"}, "surprise"]},
 "errorCode": null, "errorMessage": null}"""


def test_a_music_record_has_the_tracks_that_are_whole() -> None:
    record = read_music(msgspec.Raw(MUSIC))
    assert record.progress is Progress.DONE
    assert record.tracks == (Track("e231-1", "Iron Man", 198.44), Track("e231-2", "", 0.0))


@pytest.mark.parametrize(
    ("status", "progress"),
    [
        ("PENDING", Progress.PENDING),
        ("TEXT_SUCCESS", Progress.PENDING),
        ("FIRST_SUCCESS", Progress.PENDING),
        ("SUCCESS", Progress.DONE),
        ("CALLBACK_EXCEPTION", Progress.DONE),
        ("GENERATE_AUDIO_FAILED", Progress.FAILED),
        ("SENSITIVE_WORD_ERROR", Progress.FAILED),
    ],
)
def test_a_music_tasks_status_is_a_word(status: str, progress: Progress) -> None:
    assert read_music(msgspec.Raw(MUSIC.replace(b"SUCCESS", status.encode()))).progress is progress


def test_a_music_task_that_nobody_knows_is_missing() -> None:
    assert read_music(None).progress is Progress.MISSING
    assert read_music(msgspec.Raw(b"null")).progress is Progress.MISSING


@pytest.mark.parametrize(
    ("said", "cost"),
    [("10", 10.0), ('"8.5"', 8.5), ("0", 0.0), ("-1", None), ("null", None), ("{}", None)],
)
def test_what_a_task_cost_is_read_where_it_is_said(said: str, cost: float | None) -> None:
    data = msgspec.Raw(f'{{"successFlag": 1, "creditsConsumed": {said}}}'.encode())
    assert read_midi(data).credits == read_separation(data).credits == cost
