"""The studio as a client of kie meets it: upload, separation, notes, callbacks, restarts."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientConnectionError, ClientSession

from bot.errors import SettingsError
from bot.kie.client import KieClient
from bot.kie.payloads import Progress
from bot.kie.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from bot.studio.service import StudioService
from tests.studio import sounds
from tests.studio.conftest import API_KEY, HMAC_KEY, Asker, Inbox, Open, eventually


@pytest.fixture
def song() -> bytes:
    return sounds.wav_bytes(sounds.melody())


async def test_a_song_becomes_notes(studio: StudioService, asker: Asker, song: bytes) -> None:
    record = await asker.transcribed(song)

    assert record["successFlag"] == 1
    assert record["midiData"]["state"] == "complete"
    (instrument,) = record["midiData"]["instruments"]
    assert instrument["name"] == "Acoustic Grand Piano"
    assert tuple(note["pitch"] for note in instrument["notes"]) == sounds.SIMPLE_MELODY


async def test_notes_lie_on_kies_grids(studio: StudioService, asker: Asker, song: bytes) -> None:
    record = await asker.transcribed(song)

    for note in record["midiData"]["instruments"][0]["notes"]:
        for steps in (note["start"] * 192, note["end"] * 192, note["velocity"] * 127):
            assert steps == pytest.approx(round(steps), abs=1e-6)
        assert 0 < note["velocity"] <= 1
        assert note["end"] > note["start"]


async def test_the_separation_has_the_one_stem_that_the_files_name_tells(
    studio: StudioService, asker: Asker, song: bytes
) -> None:
    record = await asker.separation(await asker.separate(song, name="My song - Bass.wav"))

    (stem,) = record["response"]["originData"]
    assert stem["stem_type_group_name"] == "Bass"
    assert stem["duration"] == pytest.approx(4.05, abs=0.01)
    assert record["response"]["bassUrl"] == stem["audio_url"]
    assert record["response"]["instrumentalUrl"] is None
    assert f"/{stem['id']}_Bass.wav" in stem["audio_url"]
    async with asker.session.get(stem["audio_url"]) as answer:
        assert await answer.read() == song


async def test_the_instrument_is_the_one_that_the_files_name_tells(
    studio: StudioService, asker: Asker, song: bytes
) -> None:
    record = await asker.transcribed(song, name="bass.wav")

    assert record["midiData"]["instruments"][0]["name"] == "Electric Bass (finger)"


async def test_a_silent_song_succeeds_with_no_instruments(studio: StudioService, asker: Asker) -> None:
    record = await asker.transcribed(sounds.wav_bytes(sounds.silence(3)))

    assert record["successFlag"] == 1
    assert record["midiData"]["instruments"] == []


async def test_one_stem_can_be_asked_for_by_its_id(studio: StudioService, asker: Asker, song: bytes) -> None:
    separation_id = await asker.separate(song)
    stem_id = (await asker.separation(separation_id))["response"]["originData"][0]["id"]

    record = await asker.midi(await asker.generate(separation_id, audioId=stem_id))

    assert record["audioId"] == stem_id
    assert record["successFlag"] == 1


async def test_both_ends_are_called_back_with_a_signature(
    studio: StudioService, asker: Asker, inbox: Inbox, song: bytes
) -> None:
    record = await asker.transcribed(song)
    await inbox.wait_for(2)

    (_, separated), (_, transcribed) = inbox.got
    assert separated["data"]["vocal_separation_info"]["instrumental_url"].startswith(studio.url)
    assert transcribed["data"] == {"taskId": record["taskId"], **record["midiData"]}
    for headers, body in inbox.got:
        task_id = body["data"].get("taskId") or body["data"]["task_id"]
        assert headers[SIGNATURE_HEADER] == sign(HMAC_KEY, task_id, headers[TIMESTAMP_HEADER])


async def test_without_a_key_nothing_is_signed(
    open_studio: Open, asker: Asker, inbox: Inbox, song: bytes
) -> None:
    async with open_studio(hmac_key=None) as studio:
        asker.url = studio.url
        await asker.separate(song)
        await inbox.wait_for(1)

    assert SIGNATURE_HEADER not in inbox.got[0][0]


async def test_the_client_of_kie_works_with_it_unchanged(
    studio: StudioService, inbox: Inbox, song: bytes
) -> None:
    async with ClientSession() as session:
        client = KieClient(session, api_url=studio.url, upload_url=studio.url, key=API_KEY)
        audio_url = await client.upload(song, name="Lead Vocals.wav", folder="songs")
        separation_id = await client.separate(audio_url=audio_url, callback_url=inbox.url)
        await inbox.wait_for(1)
        separation = await client.separation(separation_id)
        midi_id = await client.generate_midi(
            separation_id, audio_id=separation.stems[0].id, callback_url=inbox.url
        )
        await inbox.wait_for(2)
        record = await client.midi(midi_id)

        assert separation.progress is Progress.DONE
        assert separation.stems[0].name == "Vocals"
        assert record.progress is Progress.DONE
        assert b'"Voice Oohs"' in (record.notes or b"")
        assert await client.credits() > 0


async def test_tasks_asked_at_once_are_all_done(
    studio: StudioService, asker: Asker, inbox: Inbox, song: bytes
) -> None:
    ids = await asyncio.gather(*(asker.separate(song, name=f"take {n}.wav") for n in range(3)))
    await asyncio.gather(*(asker.separation(task_id) for task_id in ids))
    records = await asyncio.gather(*[asker.midi(await asker.generate(task_id)) for task_id in ids])
    await inbox.wait_for(6)

    assert [record["successFlag"] for record in records] == [1, 1, 1]


async def test_what_was_open_goes_on_after_a_restart(
    open_studio: Open, asker: Asker, inbox: Inbox, song: bytes
) -> None:
    async with open_studio() as studio:
        asker.url = studio.url
        separation_id = await asker.separate(song)
        await asker.separation(separation_id)
        midi_id = await asker.generate(separation_id)
    async with open_studio() as studio:
        asker.url = studio.url
        record = await asker.midi(midi_id)
        await inbox.wait_for(2)

        assert record["successFlag"] == 1
        assert (await asker.separation(separation_id))["successFlag"] == "SUCCESS"
    assert {body["data"].get("taskId") for _, body in inbox.got} >= {midi_id}


async def test_an_address_given_before_a_restart_still_works(
    open_studio: Open, asker: Asker, song: bytes
) -> None:
    async with open_studio() as studio:
        asker.url = studio.url
        audio_url = (await asker.send(song))["data"]["downloadUrl"]
    async with open_studio() as studio:
        asker.url = studio.url
        record = await asker.separation(await asker.submit(audio_url))

    assert record["successFlag"] == "SUCCESS"


async def test_a_killed_transcriber_is_started_again(
    studio: StudioService, asker: Asker, song: bytes
) -> None:
    await asker.separation(await asker.separate(song))
    pid = studio.work.worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    record = await asker.transcribed(song)

    assert record["successFlag"] == 1
    assert studio.work.worker.pid != pid


async def test_an_idle_transcriber_ends(open_studio: Open, asker: Asker, song: bytes) -> None:
    async with open_studio(idle_seconds=0.01) as studio:
        asker.url = studio.url
        await asker.separation(await asker.separate(song))
        await eventually(lambda: studio.work.worker.pid is None)

        assert (await asker.transcribed(song))["successFlag"] == 1


async def test_closing_ends_the_transcriber_and_the_server(
    open_studio: Open, asker: Asker, song: bytes
) -> None:
    async with open_studio() as studio:
        asker.url = studio.url
        await asker.separation(await asker.separate(song))
        pid = studio.work.worker.pid
        assert pid is not None

    assert studio.work.worker.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ClientConnectionError):
        await asker.get("/api/v1/chat/credit")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "localhost.example", ""])  # noqa: S104 - what is refused
async def test_only_this_machine_can_reach_it(open_studio: Open, host: str) -> None:
    with pytest.raises(SettingsError, match="loopback"):
        async with open_studio(host=host):
            pass


async def test_a_taken_port_is_a_readable_error(
    open_studio: Open, tmp_path: Path, studio: StudioService
) -> None:
    port = int(studio.url.rpartition(":")[2])

    with pytest.raises(SettingsError, match=str(port)):
        async with open_studio(port=port, data_dir=tmp_path / "other"):
            pass


async def test_a_folder_in_use_is_a_readable_error(
    open_studio: Open, studio: StudioService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.studio.store.LOCK_SECONDS", 0.01)

    with pytest.raises(SettingsError, match="DATA_DIR"):
        async with open_studio():
            pass


async def test_an_error_inside_comes_out_as_it_is(open_studio: Open) -> None:
    with pytest.raises(KeyError):
        async with open_studio():
            raise KeyError


async def test_more_notes_and_another_instrument_are_told_without_hearing_the_song_again(
    studio: StudioService, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    separation = await asker.separate(sounds.wav_bytes(sounds.doubtful()))
    await asker.separation(separation)
    first = await asker.midi(await asker.generate(separation))
    asked = []
    ask = studio.work.worker.ask

    async def noted(request: dict[str, Any], **seconds: Any) -> dict[str, Any]:
        asked.append(request["do"])
        return await ask(request, **seconds)

    monkeypatch.setattr(studio.work.worker, "ask", noted)

    again = await asker.midi(await asker.generate(separation, strength="more", instrument="Violin"))
    fewer = await asker.midi(await asker.generate(separation, strength="fewer", instrument="Violin"))

    assert asked == ["tell", "tell"]
    (was,), (now,) = first["midiData"]["instruments"], again["midiData"]["instruments"]
    assert now["name"] == "Violin"
    (clear,) = fewer["midiData"]["instruments"]
    assert len(now["notes"]) > len(was["notes"]) > len(clear["notes"]) > 0
    assert first["strengths"] == ["fewer", "usual", "more"]


async def test_what_was_not_listened_for_is_heard_anew(studio: StudioService, asker: Asker) -> None:
    separation = await asker.separate(sounds.wav_bytes(sounds.melody()), name="drums.wav")
    await asker.separation(separation)
    await asker.midi(await asker.generate(separation))

    again = await asker.midi(await asker.generate(separation, instrument="Flute"))

    assert again["midiData"]["instruments"][0]["name"] == "Flute"


ROUTES = ("/api/v1/vocal-removal/generate", "/api/v1/midi/generate")


@pytest.mark.usefixtures("studio")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("wrong", "allowed"),
    [
        ({"strength": "louder"}, "fewer, usual, more"),
        ({"strength": 5}, "fewer, usual, more"),
        ({"instrument": 5}, "Violin"),
        ({"instrument": "zzz"}, "Violin"),
    ],
)
async def test_how_it_is_to_be_told_is_refused_with_what_is_allowed(
    asker: Asker, route: str, wrong: dict[str, Any], allowed: str
) -> None:
    separation = await asker.separate(sounds.wav_bytes(sounds.melody()))
    record = await asker.separation(separation)
    body = {"taskId": separation, "audioUrl": record["response"]["originUrl"], "callBackUrl": asker.inbox.url}

    answer = await asker.post(route, body | wrong)

    assert answer["code"] == 422
    assert allowed in answer["msg"]


@pytest.mark.usefixtures("studio")
async def test_nothing_said_is_as_the_usual(asker: Asker) -> None:
    separation = await asker.separate(sounds.wav_bytes(sounds.melody()))
    await asker.separation(separation)
    body = {"taskId": separation, "callBackUrl": asker.inbox.url, "strength": None, "instrument": None}

    assert (await asker.post("/api/v1/midi/generate", body))["code"] == 200
