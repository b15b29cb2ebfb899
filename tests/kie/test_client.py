"""The real client against the stand-in, over sockets."""

import io
import json
from pathlib import Path

import aiohttp
import pytest

from bot.errors import StudioError
from bot.kie import client as module
from bot.kie import errors
from bot.kie.client import KieClient
from bot.kie.payloads import Progress
from bot.kie.transport import MOST_ANSWER_BYTES, Transport
from bot.music.read.parse import MAX_BODY_BYTES
from tests.kie_server import CallbackPlan, Fault, KieServer, Track
from tests.kie_server.state import SONG

CALLBACK = "https://bot.example.com/callback/secret-path"


async def test_a_song_goes_all_the_way(kie: KieServer, client: KieClient) -> None:
    kie.plan = CallbackPlan(copies=0)
    address = await client.upload(
        io.BytesIO(b"x" * 5500), name="a1.mp3", folder="pianola", content_type="audio/mpeg"
    )
    assert kie.uploads == {"a1.mp3": b"x" * 5500}
    separation_id = await client.separate(audio_url=address, callback_url=CALLBACK)
    await kie.settle()
    separation = await client.separation(separation_id)
    assert separation.progress is Progress.DONE
    assert [stem.name for stem in separation.stems] == ["Vocals", "Instrumental"]
    midi_id = await client.generate_midi(
        separation_id, audio_id=separation.stems[1].id, callback_url=CALLBACK
    )
    await kie.settle()
    midi = await client.midi(midi_id)
    assert midi.progress is Progress.DONE
    assert midi.notes is not None
    assert json.loads(midi.notes) == SONG
    assert await client.credits() == 5906.25


async def test_requests_look_as_documented(kie: KieServer, client: KieClient) -> None:
    kie.work_seconds = None
    music = kie.add_music(Track("Night Drive", 198.44))
    task_id, audio_id = music.id, music.tracks[0].id
    await client.separate(
        task_id=task_id,
        audio_id=audio_id,
        type="split_stem_advanced",
        stem_name="Piano",
        callback_url=CALLBACK,
    )
    assert kie.requests[0].body == {
        "taskId": task_id,
        "audioId": audio_id,
        "type": "split_stem_advanced",
        "stemName": "Piano",
        "callBackUrl": CALLBACK,
    }
    await client.separate(audio_url="https://x.example/a.mp3", callback_url=CALLBACK)
    assert kie.requests[1].body == {
        "audioUrl": "https://x.example/a.mp3",
        "type": "separate_vocal",
        "callBackUrl": CALLBACK,
    }
    await client.generate_midi(kie.add_separation().id, callback_url=CALLBACK)
    assert set(kie.requests[2].body) == {"taskId", "callBackUrl"}
    for request in kie.requests:
        assert request.headers["Authorization"] == "Bearer test-key"
        assert request.headers["User-Agent"].startswith("Mozilla/5.0")


async def test_either_an_address_or_a_task_is_separated(client: KieClient) -> None:
    with pytest.raises(ValueError, match="either"):
        await client.separate(callback_url=CALLBACK)
    with pytest.raises(ValueError, match="either"):
        await client.separate(audio_url="https://x.example/a.mp3", task_id="t", callback_url=CALLBACK)


@pytest.mark.parametrize("kind", ["separate_vocal", "split_stem", "split_stem_advanced"])
async def test_every_type_of_separation_names_its_stems(kie: KieServer, client: KieClient, kind: str) -> None:
    task = kie.add_separation(type=kind)
    record = await client.separation(task.id)
    assert {(stem.name, stem.id, stem.url) for stem in record.stems} == {
        (stem.name, stem.id, stem.url.replace(" ", "%20")) for stem in task.stems
    }


async def test_pending_failed_and_unknown_tasks_are_told_apart(kie: KieServer, client: KieClient) -> None:
    kie.work_seconds = None
    kie.plan = CallbackPlan(copies=0)
    midi_id = await client.generate_midi(kie.add_separation().id, callback_url=CALLBACK)
    assert (await client.midi(midi_id)).progress is Progress.PENDING
    await kie.fail(midi_id, 501, "Audio generation failed")
    record = await client.midi(midi_id)
    assert (record.progress, record.error_code, record.error_message) == (
        Progress.FAILED,
        501,
        "Audio generation failed",
    )
    assert (await client.midi("unknown")).progress is Progress.MISSING
    assert (await client.separation("unknown")).progress is Progress.MISSING


@pytest.mark.parametrize("notes", [None, {}, "", {"state": "complete"}])
async def test_a_song_without_notes_is_done_without_notes(
    kie: KieServer, client: KieClient, notes: object
) -> None:
    kie.notes = notes
    kie.plan = CallbackPlan(copies=0)
    midi_id = await client.generate_midi(kie.add_separation().id, callback_url=CALLBACK)
    await kie.settle()
    record = await client.midi(midi_id)
    assert (record.progress, record.notes) == (Progress.DONE, None)


async def test_a_music_task_tells_its_tracks(kie: KieServer, client: KieClient) -> None:
    music = kie.add_music(Track("Night Drive", 198.44), Track("Night Drive", 176.0))
    record = await client.music(music.id)
    assert record.progress is Progress.DONE
    assert [(track.id, track.title, track.seconds) for track in record.tracks] == [
        (track.id, track.title, track.seconds) for track in music.tracks
    ]
    assert (await client.music("unknown")).progress is Progress.MISSING
    assert (await client.separation(music.id)).progress is Progress.MISSING


async def test_an_unknown_separation_is_not_found(client: KieClient) -> None:
    with pytest.raises(errors.NotFoundError):
        await client.generate_midi("unknown", callback_url=CALLBACK)


async def test_a_wrong_key_is_told_to_the_owner(kie: KieServer, session: aiohttp.ClientSession) -> None:
    client = KieClient(session, api_url=kie.url, upload_url=kie.url, key="wrong")
    for call in (client.credits(), client.midi("t"), client.generate_midi("t", callback_url=CALLBACK)):
        with pytest.raises(errors.KeyRefusedError):
            await call


UNCLEAR = [
    Fault("lost"),
    Fault("drop"),
    Fault("garbage"),
    Fault("null"),
    Fault("huge"),
    Fault("page", status=502),
    Fault("page", status=504),
    Fault("code", code=408),
    Fault("code", code=200),
]


@pytest.mark.parametrize("fault", UNCLEAR, ids=lambda fault: f"{fault.kind}-{fault.status}-{fault.code}")
async def test_a_lost_answer_to_what_may_cost_is_never_sent_twice(
    kie: KieServer, client: KieClient, fault: Fault
) -> None:
    kie.plan = CallbackPlan(copies=0)
    kie.break_next("separate", fault)
    with pytest.raises(errors.UnclearOutcomeError):
        await client.separate(audio_url="https://x.example/a.mp3", callback_url=CALLBACK)
    assert kie.count("separate") == 1
    assert len(kie.charges) == (1 if fault.kind == "lost" else 0)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("page", status=503), errors.StudioBrokenError),
        (Fault("page", status=403), errors.KeyRefusedError),
        (Fault("page", status=404), errors.RetiredError),
        (Fault("page", status=505), errors.RetiredError),
        (Fault("redirect"), errors.RetiredError),
        (Fault("code", code=402), errors.NoCreditsError),
        (Fault("code", code=404, status=500), errors.NotFoundError),
        (Fault("code", code=422, message="type is invalid"), errors.RequestRefusedError),
        (Fault("code", code=455), errors.MaintenanceError),
        (Fault("code", code=500), errors.StudioBrokenError),
        (Fault("code", code=500, status=500), errors.StudioBrokenError),
        (Fault("code", code=501), errors.GenerationFailedError),
        (Fault("code", code=505), errors.SwitchedOffError),
    ],
    ids=lambda given: (
        f"{given.kind}-{given.status}-{given.code}" if isinstance(given, Fault) else given.__name__
    ),
)
async def test_a_clear_no_is_said_as_what_it_is(
    kie: KieServer, client: KieClient, fault: Fault, kind: type[StudioError]
) -> None:
    kie.break_next("generate_midi", fault)
    with pytest.raises(kind) as caught:
        await client.generate_midi(kie.add_separation().id, callback_url=CALLBACK)
    assert type(caught.value) is kind
    assert kie.count("generate_midi") == 1


@pytest.mark.parametrize("code", [413, 422, 451])
async def test_refused_audio_is_said_in_the_services_words(
    kie: KieServer, client: KieClient, code: int
) -> None:
    kie.break_next("separate", Fault("code", code=code, message="The format is not supported"))
    with pytest.raises(errors.AudioRefusedError) as caught:
        await client.separate(audio_url="https://x.example/a.mp3", callback_url=CALLBACK)
    assert "The format is not supported" in caught.value.sentence


@pytest.mark.parametrize(
    ("left", "message", "kind"),
    [
        (100.0, "too fast", errors.BusyError),
        (0.0, "too fast", errors.NoCreditsError),
        (9.5, "too fast", errors.NoCreditsError),
        (100.0, "Insufficient credits", errors.NoCreditsError),
    ],
)
async def test_429_is_told_apart_by_asking_for_the_credits_once(
    kie: KieServer, client: KieClient, left: float, message: str, kind: type[StudioError]
) -> None:
    kie.credits = left
    kie.break_next("separate", Fault("code", code=429, status=429, message=message))
    with pytest.raises(kind):
        await client.separate(audio_url="https://x.example/a.mp3", callback_url=CALLBACK)
    assert (kie.count("separate"), kie.count("credits")) == (1, 1)


async def test_429_is_busy_when_the_credits_cannot_be_read(kie: KieServer, client: KieClient) -> None:
    kie.break_next("separate", Fault("code", code=429))
    kie.break_next("credits", Fault("page", status=502), times=3)
    with pytest.raises(errors.BusyError):
        await client.separate(audio_url="https://x.example/a.mp3", callback_url=CALLBACK)


PASSING = [
    Fault("drop"),
    Fault("lost"),
    Fault("garbage"),
    Fault("page", status=502),
    Fault("code"),
    Fault("huge"),
]


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: fault.kind)
async def test_a_look_up_is_tried_again(kie: KieServer, client: KieClient, fault: Fault) -> None:
    kie.break_next("credits", fault, times=2)
    assert await client.credits() == 5916.25
    assert kie.count("credits") == 3


async def test_a_look_up_is_given_up_after_three_tries(kie: KieServer, client: KieClient) -> None:
    kie.break_next("separation", Fault("garbage"), times=10)
    with pytest.raises(errors.UnreadableAnswerError):
        await client.separation("t")
    assert kie.count("separation") == 3


async def test_a_connection_that_always_breaks_is_no_answer(kie: KieServer, client: KieClient) -> None:
    kie.break_next("midi", Fault("drop"), times=10)
    with pytest.raises(errors.NoAnswerError):
        await client.midi("t")


async def test_a_refused_look_up_is_not_tried_again(kie: KieServer, client: KieClient) -> None:
    kie.break_next("midi", Fault("code", code=455))
    with pytest.raises(errors.MaintenanceError):
        await client.midi("t")
    assert kie.count("midi") == 1


async def test_a_badly_escaped_answer_is_read(kie: KieServer, client: KieClient) -> None:
    kie.break_next("separation", Fault("misescaped"))
    assert (await client.separation(kie.add_separation().id)).progress is Progress.DONE
    assert kie.count("separation") == 1


async def test_credits_that_are_no_number_are_unreadable(kie: KieServer, client: KieClient) -> None:
    kie.break_next("credits", Fault("null"), times=3)
    with pytest.raises(errors.UnreadableAnswerError):
        await client.credits()


async def test_nobody_there_is_unreachable_and_nothing_was_sent(
    session: aiohttp.ClientSession, unused_tcp_port: int
) -> None:
    nowhere = f"http://127.0.0.1:{unused_tcp_port}"
    client = KieClient(session, api_url=nowhere, upload_url=nowhere, key="k")
    for call in (client.credits(), client.generate_midi("t", callback_url=CALLBACK)):
        with pytest.raises(errors.UnreachableError):
            await call


async def test_an_answer_that_takes_too_long_is_no_answer(
    kie: KieServer, session: aiohttp.ClientSession
) -> None:
    kie.break_next("credits", Fault("slow", seconds=60))
    with pytest.raises(errors.NoAnswerError):
        await Transport(session, kie.key).ask("GET", kie.url + "/api/v1/chat/credit", total_seconds=0.05)


async def test_a_long_midi_record_is_read_whole(kie: KieServer, client: KieClient) -> None:
    note = {"pitch": 60, "start": 0.5, "end": 1.0, "velocity": 0.5}
    kie.notes = {"state": "complete", "instruments": [{"name": "Piano", "notes": [note] * 50_000}]}
    kie.plan = CallbackPlan(copies=0)
    midi_id = await client.generate_midi(kie.add_separation().id, callback_url=CALLBACK)
    await kie.settle()
    record = await client.midi(midi_id)
    assert record.notes is not None
    assert len(record.notes) > 2 << 20
    assert json.loads(record.notes) == kie.notes


async def test_a_stored_file_is_sent_again_after_a_lost_answer(kie: KieServer, client: KieClient) -> None:
    kie.break_next("upload", Fault("lost"))
    assert (await client.upload(b"song", name="a.mp3", folder="pianola")).endswith("/files/a.mp3")
    assert kie.count("upload") == 2


async def test_an_open_file_is_sent_from_where_it_stands_and_once_more_after_a_lost_answer(
    kie: KieServer, client: KieClient, tmp_path: Path
) -> None:
    kie.break_next("upload", Fault("lost"))
    with (tmp_path / "song").open("w+b") as file:
        file.write(b"head" + b"x" * 300_000)
        file.seek(4)
        await client.upload(file, name="a.mp3", folder="pianola")
        assert not file.closed
    assert kie.uploads["a.mp3"] == b"x" * 300_000
    assert kie.count("upload") == 2


async def test_a_refused_upload_is_refused_audio(kie: KieServer, client: KieClient) -> None:
    kie.break_next("upload", Fault("code", code=413, message="File is too large"))
    with pytest.raises(errors.AudioRefusedError):
        await client.upload(b"song", name="a.mp3", folder="pianola")


def test_the_log_sees_neither_key_nor_secret_paths() -> None:
    body = (
        b'<html>test-key-123 {"callBackUrl":"https:\\/\\/bot.example.com\\/callback\\/secret-path"}'
        + b"x" * 5000
    )
    shown = Transport.__new__(Transport)
    shown._key = "test-key-123"
    excerpt = shown.excerpt(body)
    assert "test-key-123" not in excerpt
    assert "secret-path" not in excerpt
    assert "https://bot.example.com" in excerpt
    assert len(excerpt) <= 500


async def test_an_error_keeps_the_answer_for_the_log(kie: KieServer, client: KieClient) -> None:
    kie.break_next("generate_midi", Fault("page", status=403))
    with pytest.raises(errors.KeyRefusedError) as caught:
        await client.generate_midi("t", callback_url=CALLBACK)
    assert "error code: 1010" in caught.value.detail
    assert "1010" not in caught.value.sentence


@pytest.mark.parametrize("limit", ["MOST_RECORD_BYTES", "MOST_NOTES_BYTES"])
async def test_a_record_with_more_than_a_song_is_read_once_and_refused_for_good(
    limit: str, kie: KieServer, client: KieClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = {"pitch": 60, "start": 0.5, "end": 1.0, "velocity": 0.5}
    kie.notes = {"state": "complete", "instruments": [{"name": "Piano", "notes": [note] * 20_000}]}
    kie.plan = CallbackPlan(copies=0)
    midi_id = await client.generate_midi(kie.add_separation().id, callback_url=CALLBACK)
    await kie.settle()
    monkeypatch.setattr(module, limit, MOST_ANSWER_BYTES + 1)
    with pytest.raises(errors.TooLargeNotesError) as refused:
        await client.midi(midi_id)
    assert not refused.value.again
    assert kie.count("midi") == 1


def test_as_many_notes_are_taken_as_are_read() -> None:
    assert module.MOST_NOTES_BYTES == MAX_BODY_BYTES
