"""kie's task routes: refusals in kie's words, with HTTP status 200."""

from typing import Any

import pytest
from aiohttp import ClientSession

from bot.studio.service import StudioService
from tests.studio import sounds
from tests.studio.conftest import Asker

CALLBACK = "http://127.0.0.1:9/callback"
UNKNOWN = "0" * 32

Body = dict[str, Any]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "example-studio-key", "Basic x"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/chat/credit"),
        ("POST", "/api/v1/vocal-removal/generate"),
        ("POST", "/api/v1/midi/generate"),
        ("GET", "/api/v1/midi/record-info?taskId=x"),
        ("POST", "/api/file-stream-upload"),
    ],
)
async def test_nobody_gets_in_without_the_key(
    studio: StudioService, header: str | None, method: str, path: str
) -> None:
    headers = {} if header is None else {"Authorization": header}
    async with (
        ClientSession(headers=headers) as session,
        session.request(method, studio.url + path) as answer,
    ):
        assert answer.status == 200
        assert await answer.json() == {
            "code": 401,
            "msg": "You do not have access permissions",
            "data": None,
        }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"audioUrl": "x"}, "Please enter callBackUrl."),
        ({"audioUrl": "x", "callBackUrl": ""}, "Please enter callBackUrl."),
        ({"audioUrl": "x", "callBackUrl": 5}, "Please enter callBackUrl."),
        ({"audioUrl": "x", "callBackUrl": "file:///etc/passwd"}, "callBackUrl is not an http address."),
        ({"audioUrl": "x", "callBackUrl": "http://[half"}, "callBackUrl is not an http address."),
        ({"audioUrl": "x", "callBackUrl": "http://a/" + "x" * 3000}, "callBackUrl is too long."),
        ({"callBackUrl": CALLBACK}, "Please enter taskId."),
        ({"callBackUrl": CALLBACK, "taskId": "a", "audioId": "b"}, "Record does not exist"),
        (
            {"callBackUrl": CALLBACK, "audioUrl": "x", "audioId": "b"},
            "audioUrl must not be combined with audioId",
        ),
        (
            {"callBackUrl": CALLBACK, "audioUrl": "x", "type": "vocals"},
            "type is not one of separate_vocal, split_stem, split_stem_advanced",
        ),
        ({"callBackUrl": CALLBACK, "audioUrl": ["x"]}, "Please enter audioUrl."),
    ],
)
async def test_a_wrong_separation_is_refused(
    studio: StudioService, asker: Asker, body: Body, message: str
) -> None:
    answer = await asker.post("/api/v1/vocal-removal/generate", body)

    assert answer == {"code": 422, "msg": message, "data": None}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"callBackUrl": CALLBACK}, "Please enter taskId."),
        ({"taskId": UNKNOWN, "callBackUrl": CALLBACK}, "Record does not exist"),
    ],
)
async def test_a_wrong_midi_request_is_refused(
    studio: StudioService, asker: Asker, body: Body, message: str
) -> None:
    answer = await asker.post("/api/v1/midi/generate", body)

    assert answer == {"code": 422, "msg": message, "data": None}


async def test_midi_needs_a_callback_address_and_a_stem_of_that_separation(
    studio: StudioService, asker: Asker
) -> None:
    separation_id = await asker.separate(sounds.wav_bytes(sounds.tone(60)))
    await asker.separation(separation_id)

    for more, message in (
        ({}, "Please enter callBackUrl."),
        ({"callBackUrl": CALLBACK, "audioId": "another"}, "Record does not exist"),
    ):
        answer = await asker.post("/api/v1/midi/generate", {"taskId": separation_id, **more})
        assert answer == {"code": 422, "msg": message, "data": None}


async def test_a_failed_separation_gives_no_midi(studio: StudioService, asker: Asker) -> None:
    separation_id = await asker.separate(b"just text", name="song.mp3")
    await asker.separation(separation_id)

    answer = await asker.post("/api/v1/midi/generate", {"taskId": separation_id, "callBackUrl": CALLBACK})

    assert answer == {"code": 422, "msg": "The separation has not succeeded.", "data": None}


@pytest.mark.parametrize("kind", ["vocal-removal", "midi"])
async def test_an_unknown_task_is_null_and_not_an_error(
    studio: StudioService, asker: Asker, kind: str
) -> None:
    answer = await asker.get(f"/api/v1/{kind}/record-info", taskId=UNKNOWN)

    assert answer == {"code": 200, "msg": "success", "data": None}


async def test_a_task_of_the_other_kind_is_unknown(studio: StudioService, asker: Asker) -> None:
    separation_id = await asker.separate(sounds.wav_bytes(sounds.tone(60)))

    assert (await asker.get("/api/v1/midi/record-info", taskId=separation_id))["data"] is None
    await asker.separation(separation_id)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 60_000, b'{"a":' * 12_000, b" " * 100_000]
)
async def test_whatever_is_no_json_object_is_a_bad_request(
    studio: StudioService, asker: Asker, body: bytes
) -> None:
    async with asker.session.post(
        f"{studio.url}/api/v1/midi/generate", data=body, headers=asker.headers
    ) as answer:
        assert answer.status == 200
        assert (await answer.json())["code"] == 400


async def test_credits_are_a_number(studio: StudioService, asker: Asker) -> None:
    answer = await asker.get("/api/v1/chat/credit")

    assert answer["code"] == 200
    assert answer["data"] > 0


async def test_an_unknown_route_is_not_found_in_kies_shape(studio: StudioService, asker: Asker) -> None:
    async with asker.session.get(f"{studio.url}/api/v1/generate", headers=asker.headers) as answer:
        assert answer.status == 404
        assert (await answer.json())["code"] == 404


async def test_times_are_epoch_milliseconds_of_the_clock(studio: StudioService, asker: Asker) -> None:
    record = await asker.separation(await asker.separate(sounds.wav_bytes(sounds.tone(60))))

    assert 1_700_000_000_000 < record["createTime"] <= record["completeTime"] < 10_000_000_000_000


async def test_what_is_forgotten_is_known_no_more(studio: StudioService, asker: Asker) -> None:
    separation_id = await asker.separate(sounds.wav_bytes(sounds.melody()))
    assert (await asker.separation(separation_id))["successFlag"] == "SUCCESS"

    assert (await asker.post("/pianola/forget", {"urls": [], "taskIds": [separation_id]}))["code"] == 200

    record = await asker.get("/api/v1/vocal-removal/record-info", taskId=separation_id)
    assert record["data"] is None


@pytest.mark.parametrize("body", [{}, {"urls": "x", "taskIds": []}, {"urls": [5], "taskIds": []}])
async def test_a_wrong_wish_to_be_forgotten_is_refused(
    studio: StudioService, asker: Asker, body: Body
) -> None:
    assert (await asker.post("/pianola/forget", body))["code"] == 422
