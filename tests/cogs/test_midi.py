"""`/midi` and "Make MIDI", from the command to the message in the channel."""

from pathlib import Path

import pytest

from tests.kie_server import CallbackPlan, Fault, KieServer
from tests.stage import midi_of, pianola, pianola_at, pitches_of, silence, text_of, told, wav


async def test_a_finished_separation_becomes_a_mid_and_a_summary(
    tmp_path: Path, kie: KieServer, database: dict[str, str]
) -> None:
    separation = kie.add_separation()
    async with pianola_at(kie, tmp_path, **database) as stage:
        result = await stage.midi(task_id=separation.id)
        assert result.acknowledged
        message = await stage.reply()
        submitted = next(request.body for request in kie.requests if request.call == "generate_midi")
        assert submitted["taskId"] == separation.id
        assert submitted["callBackUrl"].startswith(f"http://127.0.0.1:{stage.running.port}/callbacks/")
    assert result.response is not None
    assert message.id == result.response.id
    names = [track.name for track in (await midi_of(message)).tracks]
    assert names[1:] == [instrument["name"] for instrument in kie.notes["instruments"] if instrument["notes"]]
    assert "instrument" in text_of(message)
    assert [sent.status for sent in kie.sent] == [200]


async def test_a_song_is_transcribed_by_the_built_in_studio(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.midi(song=("Night Drive.wav", wav()))
        message = await stage.reply()
    assert [file.filename for file in message.attachments] == ["Night-Drive.mid", "roll.png"]
    assert message.embeds[0].image.url == "attachment://roll.png"
    assert sorted(set(pitches_of(await midi_of(message)))) == [60, 62, 64, 67, 71, 72]
    assert "**1 instrument · 9 notes · 0:04**" in text_of(message)


async def test_the_result_can_be_heard(tmp_path: Path, kie: KieServer) -> None:
    separation = kie.add_separation()
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        await stage.midi(task_id=separation.id)
        message = await stage.reply()
    assert [file.filename for file in message.attachments] == ["song.mid", "roll.png", "song.ogg"]
    assert "Preview: " in (message.attachments[2].description or "")


async def test_several_files_of_a_message_are_the_stems_of_one_song(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.make_midi(("Sea - bass.wav", wav((36, 38, 40))), ("Sea - lead.wav", wav((72, 74))))
        message = await stage.reply()
    file = await midi_of(message)
    assert [track.name for track in file.tracks] == ["Sea", "bass", "lead"]
    assert message.attachments[0].filename == "Sea.mid"


async def test_the_answer_goes_through_its_stages(tmp_path: Path) -> None:
    async with KieServer(work_seconds=None) as kie, pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.wav", wav()))
        await stage.shown("✅ Sending the song to the studio\n⏳ **Separating the instruments** …")
        job = await stage.reached("separating")
        assert job.parts[0].source is None


async def test_a_stem_is_chosen_by_its_name(tmp_path: Path, kie: KieServer) -> None:
    separation = kie.add_separation()
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=separation.id, stem="vocals")
        await stage.reply()
    submitted = next(request.body for request in kie.requests if request.call == "generate_midi")
    wanted = next(stem.id for stem in separation.stems if stem.name.casefold() == "vocals")
    assert submitted["audioId"] == wanted


async def test_a_stem_that_is_not_there_is_answered_with_those_that_are(
    tmp_path: Path, kie: KieServer
) -> None:
    separation = kie.add_separation()
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=separation.id, stem="kazoo")
        message = await stage.reply()
    assert "no stem called `kazoo`. It has: " in text_of(message)
    assert kie.count("generate_midi") == 0


async def test_who_gave_a_song_is_told_of_its_stems_and_gets_another_without_paying_again(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("Night Drive.wav", wav()), stem="kazoo")
        message = await stage.reply()
        await stage.ended()
        assert "I separated the song, and none of its stems is called `kazoo`. It has: " in text_of(message)
        assert "Another stem of the same separation costs nothing." in text_of(message)
        await stage.world.person.select(message, ["0"])
        assert (await stage.ended()).state == "done"
    assert (kie.count("separate"), kie.count("generate_midi")) == (1, 1)


async def test_a_separation_whose_stems_have_no_ids_is_told_apart_from_a_wrong_name(
    tmp_path: Path, kie: KieServer
) -> None:
    separation = kie.add_separation()
    separation.stems = []
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=separation.id, stem="vocals")
        message = await stage.reply()
    assert "can't be chosen one by one" in text_of(message)


@pytest.mark.parametrize("wanted", ["vocals", ""])
async def test_where_the_stems_cannot_be_looked_up_the_answer_says_that_all_were_used(
    tmp_path: Path, kie: KieServer, wanted: str
) -> None:
    separation = kie.add_separation()
    kie.break_next("separation", Fault("code", code=422, message="records are closed today"), times=9)
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=separation.id, **({"stem": wanted} if wanted else {}))
        message = await stage.reply()
    (submitted,) = [request.body for request in kie.requests if request.call == "generate_midi"]
    assert "audioId" not in submitted
    assert (await midi_of(message)).tracks
    told = "I couldn't look up the stems of this separation, so I used all of them." in text_of(message)
    assert told is bool(wanted)


async def test_a_result_comes_without_any_callback(tmp_path: Path, kie: KieServer) -> None:
    kie.plan = CallbackPlan(copies=0)
    separation = kie.add_separation()
    async with pianola_at(kie, tmp_path, poll_seconds="0.1") as stage:
        await stage.midi(task_id=separation.id)
        assert (await stage.reply()).attachments
    assert kie.sent == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Give me something to listen to"),
        ({"task_id": "  ", "stem": "bass"}, "Give me something to listen to"),
        ({"url": "\u200d", "task_id": "\u3164"}, "Give me something to listen to"),
        ({"url": "https://example.com/a.mp3", "task_id": "x"}, "One at a time"),
        ({"song": ("empty.mp3", b"")}, "`empty.mp3` is empty"),
        ({"song": ("notes.txt", b"hello")}, "`notes.txt` is not an audio file"),
    ],
)
async def test_what_cannot_be_used_is_answered_at_once(
    tmp_path: Path, kie: KieServer, options: dict[str, object], sentence: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        assert sentence in told(await stage.midi(**options))
    assert kie.requests == []


async def test_an_instrument_of_blanks_is_none(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id, stem=" \u200d")
        assert (await stage.reply()).attachments


async def test_what_was_typed_does_not_turn_the_answer_around(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        answer = told(await stage.midi(song=("song.wav", wav()), stem="\u202ekazoo\u2066\x1b[31m"))
    assert "`kazoo[31m`" in answer


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("song.mp3", b"these are words, not sounds " * 100, "`song.mp3` is not an audio file"),
    ],
)
async def test_a_file_is_judged_by_its_content(
    tmp_path: Path, kie: KieServer, name: str, data: bytes, sentence: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=(name, data))
        message = await stage.reply()
    assert sentence in text_of(message)
    assert not message.attachments
    assert kie.count("upload") == 0


async def test_two_hundred_megabytes_are_refused_unread(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        answer = told(await stage.midi(song=("song.wav", bytes(200 * 1024**2))))
    assert "`song.wav` is too large: I take up to 100 MB" in answer


async def test_a_song_without_notes_is_said_to_have_none(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.midi(song=("quiet.wav", silence(3)))
        message = await stage.reply()
    assert "I heard no notes in this" in text_of(message)


async def test_three_hours_are_too_long(tmp_path: Path) -> None:
    async with pianola(tmp_path, max_song_minutes="1") as stage:
        await stage.midi(song=("long.wav", silence(90)))
        message = await stage.reply()
    assert "This song is 2 min long, and I take up to 1 min. Send me a part of it." in text_of(message)


@pytest.mark.parametrize(
    ("call", "fault", "sentence"),
    [
        (
            "generate_midi",
            Fault("code", code=422, message="Record does not exist"),
            "no finished separation with that id",
        ),
        ("generate_midi", Fault("code", code=402, message="Insufficient credits"), "run out of credits"),
        ("generate_midi", Fault("code", code=455, message="maintenance"), "closed for maintenance"),
        (
            "generate_midi",
            Fault("code", code=401, message="You do not have access permissions"),
            "refused this bot's key",
        ),
        ("generate_midi", Fault("code", code=505, message="off"), "switched this feature off"),
    ],
)
async def test_a_refusal_of_the_studio_is_told(
    tmp_path: Path, kie: KieServer, call: str, fault: Fault, sentence: str
) -> None:
    separation = kie.add_separation()
    kie.break_next(call, fault, times=10)
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=separation.id)
        message = await stage.reply()
    assert sentence in text_of(message)
    assert not message.attachments


async def test_a_studio_that_is_down_is_told(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, kie_api_url="http://127.0.0.1:9") as stage:
        await stage.midi(task_id="b51a0f1f7d7c0b0e2a0c9f3b8c1d2e3f")
        message = await stage.reply()
    assert "The studio can't be reached" in text_of(message)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/song.mp3",
        "http://[::ffff:10.0.0.1]/song.mp3",
        "http://169.254.169.254/latest",
        "nowhere.invalid/song.mp3",
    ],
)
async def test_an_address_that_leads_inside_is_nowhere(tmp_path: Path, kie: KieServer, address: str) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(url=address)
        message = await stage.reply()
    assert "I could not fetch that address: there is no such host on the internet." in text_of(message)


@pytest.mark.parametrize(
    "written", ["file:///etc/passwd", "Night Drive.mp3", "my song", "https://a b.example"]
)
async def test_what_can_be_no_address_is_told_at_once_and_in_private(
    tmp_path: Path, kie: KieServer, written: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        assert "I can't fetch that address" in told(await stage.midi(url=written))
    assert kie.requests == []


async def test_a_song_of_sixty_thousand_notes_arrives_whole(tmp_path: Path, kie: KieServer) -> None:
    notes = [
        {"pitch": 40 + place % 40, "start": place / 96, "end": place / 96 + 0.005, "velocity": 0.5}
        for place in range(60_000)
    ]
    kie.notes = {"state": "complete", "instruments": [{"name": "Acoustic Grand Piano", "notes": notes}]}
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id)
        message = await stage.reply()
    assert "60,000 notes" in text_of(message)
    assert len(pitches_of(await midi_of(message))) == 60_000


async def test_a_song_that_never_comes_is_given_up_in_time(tmp_path: Path) -> None:
    async with (
        KieServer(work_seconds=None) as kie,
        pianola_at(kie, tmp_path, job_timeout_seconds="1") as stage,
    ):
        await stage.midi(task_id=kie.add_separation().id)
        message = await stage.reply()
    assert "No result came within 1 s, so I stopped waiting." in text_of(message)
    assert message.components
