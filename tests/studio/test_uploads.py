"""The upload host: what it takes, what it refuses, and that nothing half stays behind."""

import base64
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from bot.studio.service import StudioService
from bot.studio.uploads import upload_id_of
from tests.studio.conftest import Asker, Open

MB = 1 << 20


def stored(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "studio" / "uploads").iterdir())


async def test_a_file_comes_back_byte_for_byte(studio: StudioService, asker: Asker) -> None:
    data = bytes(range(256)) * 10_000

    sent = await asker.send(data, name="song.mp3")

    assert sent["success"] is True
    assert sent["code"] == 200
    assert sent["data"]["fileName"] == "song.mp3"
    assert sent["data"]["fileSize"] == len(data)
    assert sent["data"]["mimeType"] == "audio/mpeg"
    assert sent["data"]["filePath"] == "songs/song.mp3"
    async with asker.session.get(sent["data"]["downloadUrl"]) as answer:
        assert answer.content_type == "audio/mpeg"
        assert await answer.read() == data


async def test_the_name_field_goes_before_the_files_own_name(studio: StudioService, asker: Asker) -> None:
    sent = await asker.send(b"x", name="blob", fileName="Bass take 2.flac")

    assert sent["data"]["fileName"] == "Bass take 2.flac"


async def test_the_order_of_the_fields_is_free(studio: StudioService, asker: Asker) -> None:
    form = FormData()
    form.add_field("fileName", "first.wav")
    form.add_field("uploadPath", "songs")
    form.add_field("file", b"x", filename="second.wav")

    async with asker.session.post(
        f"{studio.url}/api/file-stream-upload", data=form, headers=asker.headers
    ) as answer:
        assert (await answer.json())["data"]["fileName"] == "first.wav"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\songs\\one.wav", "one.wav"),
        ("a\x00b\x1f.wav", "ab.wav"),
        ("..", "file"),
        ("x" * 500 + ".flac", "x" * 115 + ".flac"),
        ("Тихо.mp3", "Тихо.mp3"),
    ],
)
async def test_names_are_made_safe(studio: StudioService, asker: Asker, given: str, kept: str) -> None:
    sent = await asker.post(
        "/api/file-base64-upload", {"base64Data": "eA==", "uploadPath": "songs", "fileName": given}
    )

    assert sent["data"]["fileName"] == kept
    async with asker.session.get(sent["data"]["downloadUrl"]) as answer:
        assert await answer.read() == b"x"


@pytest.mark.parametrize("before", ["", "data:audio/wav;base64,"])
async def test_base64_is_taken_plain_and_as_a_data_url(
    studio: StudioService, asker: Asker, before: str
) -> None:
    body = {"base64Data": before + base64.b64encode(b"some bytes").decode(), "uploadPath": "songs"}

    sent = await asker.post("/api/file-base64-upload", body | {"fileName": "one.wav"})

    async with asker.session.get(sent["data"]["downloadUrl"]) as answer:
        assert await answer.read() == b"some bytes"


async def test_a_file_that_is_too_large_is_refused_and_not_kept(
    open_studio: Open, asker: Asker, tmp_path: Path
) -> None:
    async with open_studio(max_mb=1) as studio:
        asker.url = studio.url
        sent = await asker.send(bytes(MB + 1))
        fits = await asker.send(bytes(MB))

        assert sent == {"code": 400, "msg": "The file is larger than 1 MB.", "data": None}
        assert fits["code"] == 200
        assert [path.name for path in stored(tmp_path)] == [upload_id_of(fits["data"]["downloadUrl"])]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"base64Data": "not base64!", "uploadPath": "songs"}, "base64Data is not base64."),
        ({"base64Data": "eA=="}, "Please enter uploadPath."),
        ({"uploadPath": "songs"}, "Please enter base64Data."),
        (["eA=="], "The request is not a JSON object."),
    ],
)
async def test_a_wrong_base64_upload_is_refused_and_not_kept(
    studio: StudioService, asker: Asker, tmp_path: Path, body: Any, message: str
) -> None:
    answer = await asker.post("/api/file-base64-upload", body)

    assert answer["code"] in {400, 422}
    assert answer["msg"] == message
    assert stored(tmp_path) == []


async def test_a_form_without_a_file_or_a_folder_is_refused_and_not_kept(
    studio: StudioService, asker: Asker, tmp_path: Path
) -> None:
    url = f"{studio.url}/api/file-stream-upload"
    no_file, no_folder = FormData(default_to_multipart=True), FormData()
    no_file.add_field("uploadPath", "songs")
    no_folder.add_field("file", b"x", filename="song.wav")

    for form, message in ((no_file, "Please send a file."), (no_folder, "Please enter uploadPath.")):
        async with asker.session.post(url, data=form, headers=asker.headers) as answer:
            assert (await answer.json())["msg"] == message
    assert stored(tmp_path) == []


async def test_a_form_that_breaks_off_leaves_nothing(
    studio: StudioService, asker: Asker, tmp_path: Path
) -> None:
    headers = asker.headers | {"Content-Type": "multipart/form-data; boundary=b"}
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nhalf a song'

    async with asker.session.post(
        f"{studio.url}/api/file-stream-upload", data=body, headers=headers
    ) as answer:
        assert (await answer.json())["code"] == 400
    assert stored(tmp_path) == []


async def test_addresses_are_not_fetched(studio: StudioService, asker: Asker) -> None:
    answer = await asker.post("/api/file-url-upload", {"fileUrl": "http://127.0.0.1/", "uploadPath": "x"})

    assert answer["code"] == 400
    assert "upload the file itself" in answer["msg"]


@pytest.mark.parametrize("path", ["/files/" + "0" * 32 + "/x", "/files/x/y"])
async def test_an_unknown_address_is_not_found(studio: StudioService, asker: Asker, path: str) -> None:
    async with asker.session.get(studio.url + path) as answer:
        assert answer.status == 404
        assert (await answer.json())["code"] == 404


@pytest.mark.parametrize(
    "address", ["", "https://example.com/song.mp3", "http://127.0.0.1/files/short/x", "/files/" + "g" * 32]
)
def test_other_addresses_name_no_upload(address: str) -> None:
    assert upload_id_of(address) is None
