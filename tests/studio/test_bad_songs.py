"""Files that cannot be done: each fails in its own record, in words for a person, and the next song is done."""

from collections.abc import Callable

import pytest

from bot.studio.service import StudioService
from tests.studio import sounds
from tests.studio.conftest import Asker, Inbox, Open

UNREADABLE = "This is not an audio file that can be read"
NO_SOUND = "There is no sound in this file."

PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile /etc/passwd\n"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: b"this is only text, whatever its name", UNREADABLE),
        (lambda: bytes(range(256)) * 400, UNREADABLE),
        (lambda: PLAYLIST, UNREADABLE),
        (lambda: CONCAT, UNREADABLE),
        (lambda: b"", UNREADABLE),
        (lambda: sounds.wav_bytes(sounds.silence(0)), NO_SOUND),
        (lambda: sounds.encoded(sounds.tone(60), "flac")[:60], UNREADABLE),
        (sounds.silent_video, NO_SOUND),
    ],
    ids=["text", "bytes", "playlist", "list of files", "empty", "no samples", "header only", "silent video"],
)
async def test_it_fails_in_words_and_the_next_song_is_done(
    studio: StudioService, asker: Asker, inbox: Inbox, make: Callable[[], bytes], message: str
) -> None:
    record = await asker.separation(await asker.separate(make(), name="song.mp3"))
    after = await asker.separation(await asker.separate(sounds.wav_bytes(sounds.tone(60))))
    await inbox.wait_for(2)

    assert record["successFlag"] == "GENERATE_AUDIO_FAILED"
    assert record["errorCode"] == 422
    assert record["errorMessage"].startswith(message)
    assert record["response"] is None
    assert after["successFlag"] == "SUCCESS"
    told = next(body for _, body in inbox.got if body["data"]["task_id"] == record["taskId"])
    assert told == {
        "code": 500,
        "msg": "Vocal separation failed",
        "data": {"task_id": record["taskId"], "vocal_separation_info": None},
    }


async def test_a_song_that_is_too_long_is_told_both_lengths(open_studio: Open, asker: Asker) -> None:
    async with open_studio(max_minutes=1) as studio:
        asker.url = studio.url
        record = await asker.separation(
            await asker.separate(sounds.encoded(sounds.silence(180), "flac"), name="long.flac")
        )

    assert record["errorMessage"] == "This song is 3 min long, and I take up to 1 min. Send me a part of it."


async def test_an_address_that_is_no_upload_fails_and_is_not_fetched(
    studio: StudioService, asker: Asker, inbox: Inbox
) -> None:
    record = await asker.separation(await asker.submit(inbox.url))

    assert record["successFlag"] == "GENERATE_AUDIO_FAILED"
    assert record["errorCode"] == 451
    await inbox.wait_for(1)
    assert all(body["data"]["task_id"] == record["taskId"] for _, body in inbox.got)


async def test_a_song_cut_off_in_the_middle_gives_what_is_there(studio: StudioService, asker: Asker) -> None:
    whole = sounds.encoded(sounds.melody(), "mp3")

    record = await asker.transcribed(whole[: len(whole) // 2], name="half.mp3")

    pitches = [note["pitch"] for note in record["midiData"]["instruments"][0]["notes"]]
    assert pitches[:4] == list(sounds.SIMPLE_MELODY[:4])
    assert len(pitches) < len(sounds.SIMPLE_MELODY)
