"""A MIDI file given to `/midi` or "Make MIDI": looked at, listened to and taken apart, without any studio."""

import io
import zipfile
from pathlib import Path

import discord
import pytest
from simcord import InteractionResult

from bot.music.meter.given import given_bars
from bot.music.song import Note, Song, Track
from bot.music.stored import StoredBars
from bot.music.write.encode import encode
from bot.playground import headless
from tests.cogs.results import as_midi, bpm_of, file_of, finished, first_instrument, more, prefilled
from tests.kie_server import KieServer
from tests.music.score import END, meta, named, riff, smf, tempo
from tests.stage import Stage, midi_of, pianola_at, pitches_of, text_of, told, wav

BASS = named("Low end") + "00 c0 21  00 90 24 64  83 60 80 24 00  00 90 26 64  83 60 80 26 00 " + END
KIT = named("Kit") + "00 99 24 64  60 89 24 00  00 99 26 50  60 89 26 00 " + END
SONG = smf(BASS, KIT)


async def test_a_midi_file_gets_its_picture_and_summary_and_no_copy(
    tmp_path: Path, kie: KieServer, database: dict[str, str]
) -> None:
    async with pianola_at(kie, tmp_path, **database) as stage:
        await stage.midi(song=("Night Drive.mid", SONG))
        message = await stage.reply()
        job = await stage.ended()
    assert [file.filename for file in message.attachments] == ["roll.png"]
    assert "Low end" in (message.attachments[0].description or "")
    text = text_of(message)
    assert "Night Drive\n**2 instruments · 4 notes · 0:01**" in text
    assert "as given · took " in text
    assert "120 BPM" not in text
    assert "guess" not in text
    assert job.parts[0].source is None
    assert kie.requests == []


async def test_it_can_be_heard(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        await stage.make_midi(("song.mid", SONG), ("cover.png", b"\x89PNG"))
        message = await stage.reply()
    assert [file.filename for file in message.attachments] == ["roll.png", "song.ogg"]


async def test_the_tempo_that_it_states_is_told_and_begun_with(tmp_path: Path, kie: KieServer) -> None:
    steady = smf(tempo(645_161) + END, BASS * 12, BASS * 12)
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.mid", steady))
        message = await stage.reply()
        person = stage.world.person
        asked = await more(person, message, "tempo")
        assert prefilled(asked.modal) == "93"
        asked = await person.click(message, label="Quantised…")
        assert prefilled(asked.modal) is None
        chosen = {"grid": ["1/4"], "strength": ["100"], "bpm": ""}
        _, moved = await file_of(await person.submit_modal(asked, chosen))
        _, alone = await file_of(await first_instrument(stage))
    assert "\n93 BPM" in text_of(message)
    assert "half/double" not in text_of(message)
    assert bpm_of(as_midi(moved)) == bpm_of(as_midi(alone)) == pytest.approx(93, abs=0.01)


@pytest.mark.parametrize(
    ("bpm", "told"), [(104, "120 BPM in the file, about 104 BPM by ear"), (60, "120 BPM"), (118, "120 BPM")]
)
async def test_where_notes_were_only_put_on_a_grid_both_tempos_are_told(
    tmp_path: Path, kie: KieServer, bpm: float, told: str
) -> None:
    beat = 60 / bpm
    tune = [Note(60 + n % 5, n * beat / 2, n * beat / 2 + 0.2, 90 if n % 8 == 0 else 60) for n in range(64)]
    # As an answer's own file is, where no steady beat was heard.
    file = encode(Song((Track.of(tune, name="Piano"),)), title="Song")
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.mid", file))
        message = await stage.reply()
    assert told in text_of(message).replace(" · ", "\n").splitlines()


SIX_EIGHTHS = meta(0x58, bytes((6, 3, 24, 8)))


async def test_of_six_eighths_dotted_quarters_are_told_and_asked_for(tmp_path: Path, kie: KieServer) -> None:
    jig = smf(SIX_EIGHTHS + tempo(666_667) + END, BASS * 12, BASS * 12)
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.mid", jig))
        message = await stage.reply()
        asked = await more(stage.world.person, message, "tempo")
        assert prefilled(asked.modal) == "60"
        name, file = await file_of(await stage.world.person.submit_modal(asked, {"bpm": "62"}))
    assert "\n60 BPM (dotted quarters)" in text_of(message)
    assert name == "song-62-bpm-dotted.mid"
    assert bpm_of(as_midi(file)) == pytest.approx(93, abs=0.01)


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        (60, "60 BPM (dotted quarters)"),
        (90, "60 BPM (dotted quarters)"),
        (180, "60 BPM (dotted quarters)"),
        (104, "60 BPM (dotted quarters) in the file, about 104 BPM by ear"),
    ],
)
async def test_of_six_eighths_what_is_heard_is_compared_with_the_beats_that_are_told(
    tmp_path: Path, kie: KieServer, heard: float, told: str
) -> None:
    beat = 60 / heard
    tune = [Note(60 + n % 5, n * beat / 2, n * beat / 2 + 0.1, 90 if n % 8 == 0 else 60) for n in range(64)]
    bars = given_bars(StoredBars(480, [(0, 666_667)], [(0, 6, 8)]))
    file = encode(Song((Track.of(tune, name="Piano"),), bars=bars), title="Song")
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.mid", file))
        message = await stage.reply()
    assert told in text_of(message).replace(" · ", "\n").splitlines()


async def test_of_tempos_that_change_none_is_claimed(tmp_path: Path, kie: KieServer) -> None:
    notes = "00 90 24 64  83 60 80 24 00 " * 12
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.mid", smf(tempo(666_667) + notes + tempo(500_000) + notes + END)))
        message = await stage.reply()
        asked = await more(stage.world.person, message, "tempo")
    assert "tempo changes between 90 and 120 BPM" in text_of(message)
    assert "half/double" not in text_of(message)
    assert prefilled(asked.modal) is None


async def test_a_tempo_that_no_copy_can_have_is_told_all_the_same(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.mid", smf(tempo(15_000_000) + BASS, BASS)))
        message = await stage.reply()
        asked = await more(stage.world.person, message, "tempo")
        _, alone = await file_of(await first_instrument(stage))
    assert "\n4 BPM" in text_of(message)
    assert prefilled(asked.modal) is None
    assert bpm_of(as_midi(alone)) == 4


async def test_the_midi_file_of_an_answer_is_taken_from_beside_its_preview(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        first, message = await finished(stage, kie)
        assert sorted(file.filename for file in message.attachments) == ["roll.png", "song.mid", "song.ogg"]
        await stage.world.person.context_menu(stage.world.channel, "Make MIDI", message)
        again = await stage.reply()
        job = await stage.ended()
    assert job.id != first.id
    assert job.is_score
    assert "as given" in text_of(again)
    assert "120 BPM" in text_of(again)
    assert "Not used" not in text_of(again)


async def make_midi_of_forwarded(stage: Stage, message: discord.Message) -> InteractionResult:
    """Somebody forwards a message, and uses "Make MIDI" on that."""
    channel, person, backend = stage.world.channel, stage.world.person, stage.world.env.backend
    reference = {"type": 1, "channel_id": str(channel.id), "message_id": str(message.id)}
    backend.create_message(channel.id, person.id, reference=reference)
    forwarded = channel.last_message
    assert forwarded is not None
    assert forwarded.message_snapshots
    assert forwarded.author.id == person.id
    return await person.context_menu(channel, "Make MIDI", forwarded)


async def test_the_midi_file_of_a_forwarded_answer_is_taken_too(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        first, message = await finished(stage, kie)
        assert "song.ogg" in {file.filename for file in message.attachments}
        await make_midi_of_forwarded(stage, message)
        again = await stage.reply()
        job = await stage.ended()
    assert job.id != first.id
    assert job.is_score
    assert "as given" in text_of(again)
    assert "Not used" not in text_of(again)


async def test_the_forwarded_preview_of_a_given_midi_file_is_no_song(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        await stage.midi(song=("song.mid", SONG))
        answer = await make_midi_of_forwarded(stage, await stage.reply())
    assert told(answer).startswith("That song is MIDI already")
    assert kie.requests == []


async def test_the_preview_of_a_given_midi_file_is_no_song(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, preview_seconds="5") as stage:
        await stage.midi(song=("song.mid", SONG))
        message = await stage.reply()
        assert "song.ogg" in {file.filename for file in message.attachments}
        answer = await stage.world.person.context_menu(stage.world.channel, "Make MIDI", message)
    assert told(answer).startswith("That song is MIDI already")
    assert kie.requests == []


async def test_its_programs_are_in_what_the_buttons_give(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.rmi", riff(SONG)))
        message = await stage.reply()
        pressed = await stage.world.person.click(message, label="All as zip")
        _, data = await file_of(pressed)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.namelist() == ["low-end.mid", "kit.mid"]
    assert bytes.fromhex("c0 21") in archive.read("low-end.mid")


async def test_a_midi_file_with_another_name_is_known_by_its_content(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.wav", SONG))
        message = await stage.reply()
        job = await stage.ended()
    assert "as given" in text_of(message)
    assert job.begins_with == "rendering"
    assert kie.requests == []


async def test_audio_that_is_named_like_midi_is_heard(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.mid", wav((60,), 0.3)))
        message = await stage.reply()
    assert kie.count("upload") == 1
    assert "as played" in text_of(message)
    assert pitches_of(await midi_of(message))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (smf(END), "There are no notes in this MIDI file"),
        (b"MThd\0\0\0\6\0\1\0\1\1\xe0", "This MIDI file is damaged"),
        (SONG + bytes(10 * 1024**2), "This MIDI file is more than one song: I read up to 10 MB"),
    ],
)
async def test_one_that_cannot_be_read_is_told(
    tmp_path: Path, kie: KieServer, data: bytes, sentence: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.mid", data))
        message = await stage.reply()
    assert sentence in text_of(message)
    assert not message.attachments
    assert not message.components


async def test_a_damaged_track_is_kept_up_to_there_and_told(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.mid", smf(BASS, "00 90 3c 64  83 60 80 3c 00  00 90 3c")))
        message = await stage.reply()
    assert "3 notes" in text_of(message)
    assert "1 track is damaged; I read it up to the damage." in text_of(message)


async def test_of_half_a_midi_file_it_is_told_what_is_missing(tmp_path: Path, kie: KieServer) -> None:
    whole = smf(BASS, KIT, KIT, KIT)
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.mid", whole[: len(whole) // 2 - 10]))
        text = text_of(await stage.reply())
    assert "2 notes" in text
    assert "1 track is damaged; I read it up to the damage." in text
    assert "2 tracks that the file announces are missing." in text


@pytest.mark.parametrize("other", [("other.mid", SONG), ("song.wav", wav((60,), 0.1))])
async def test_it_is_taken_alone(tmp_path: Path, kie: KieServer, other: tuple[str, bytes]) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        answer = told(await stage.make_midi(("song.mid", SONG), other))
    assert answer == "I take one MIDI file at a time, and no audio beside it. Give it to `/midi` by itself."


async def test_one_among_stems_under_another_name_is_told(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.make_midi(("a.wav", wav((60,), 0.1)), ("b.wav", SONG))
        message = await stage.reply()
    assert "I take one MIDI file at a time" in text_of(message)


async def test_try_takes_one_too(tmp_path: Path, kie: KieServer) -> None:
    song = tmp_path / "song.mid"
    song.write_bytes(SONG)
    async with pianola_at(kie, tmp_path) as stage:
        asked = await headless.ask(stage.world, [song], None, None)
        message = await headless.answer(stage.world, stage.running.store, asked, lambda _: None)
    assert "4 notes" in headless.as_read(message)
    assert kie.requests == []


async def test_what_an_instrument_is_called_is_shown_and_not_followed(tmp_path: Path, kie: KieServer) -> None:
    song = smf(named("[free](https://example.com) **x**") + BASS, BASS)
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.mid", song))
        given = await first_instrument(stage)
    assert told(given) == r"Only \[free](https\://example.com) \*\*x\*\*."
