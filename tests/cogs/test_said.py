"""What a finished song becomes where its asker says more of it: the answer, and every copy made from then on."""

from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, Mock

import discord
import pytest

from tests.cogs.results import file_of, finished, more, notes_of, refusal_of, stranger_at
from tests.kie_server import KieServer
from tests.music.score import END, smf
from tests.stage import Stage, midi_of, pianola, pianola_at, pitches_of, swell, text_of, told, wav
from tests.studio import sounds


async def say(stage: Stage, answer: discord.Message, instrument: str, track: str | None = None) -> Any:
    """Choose "It is a…", and fill its form in."""
    asked = await more(stage.world.person, answer, "said")
    chosen = {"instrument": [instrument]} | ({"track": [track]} if track else {})
    return await stage.world.person.submit_modal(asked, chosen)


async def names_of(answer: discord.Message) -> list[str]:
    return [track.name for track in (await midi_of(answer)).tracks[1:]]


async def test_an_instrument_of_kies_gets_name_and_sound_without_another_transcription(
    tmp_path: Path, kie: KieServer
) -> None:
    kie.notes = notes_of("Synth", "Bass", "Synth", beats=8)
    async with pianola_at(kie, tmp_path) as stage:
        job, answer = await finished(stage, kie)
        await say(stage, answer, "Violin", "2")
        changed = await answer.fetch()
        assert await names_of(changed) == ["Synth", "Bass", "Violin"]
        programs = [
            event.program
            for track in (await midi_of(changed)).tracks
            for event in track
            if event.type == "program_change"
        ]
        assert programs[2] == 40
        assert "Violin" in text_of(changed)
        # All that is made from then on is made of what it became.
        _, csv = await file_of(await more(stage.world.person, changed, "csv"))
        assert b"Violin" in csv
        await say(stage, changed, "Drums", "0")
        assert await names_of(await answer.fetch()) == ["Drums", "Bass", "Violin"]
        again = await stage.world.person.slash(stage.world.channel, "midis", song=job.id)
        assert again.response is not None
        assert await names_of(again.response.message) == ["Drums", "Bass", "Violin"]
    assert kie.count("generate_midi") == 1


async def test_an_instrument_of_a_given_file_gets_name_and_sound(tmp_path: Path, kie: KieServer) -> None:
    notes = "00 c0 05  00 90 3c 64  83 60 80 3c 00 "
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("tune.mid", smf(notes + END)))
        answer = await stage.reply()
        await say(stage, answer, "Flute")
        changed = await answer.fetch()
        assert "Flute" in text_of(changed)
        asked = await stage.world.person.click(changed, label="Quantised…")
        assert asked.modal
    assert kie.requests == []


async def test_who_did_not_ask_for_the_song_changes_nothing(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        pressed = await more(stranger_at(stage), answer, "said")
        assert refusal_of(pressed) == "Only the person who asked for this song can do that."


async def test_more_and_fewer_notes_come_without_hearing_the_song_again(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.midi(song=("song.wav", sounds.wav_bytes(sounds.doubtful())))
        answer = await stage.reply()
        for upload in (tmp_path / "studio" / "uploads").iterdir():
            upload.unlink()
        usual = pitches_of(await midi_of(answer))
        await more(stage.world.person, answer, "notes-more")
        changed = await answer.fetch()
        assert "With more notes than usual" in text_of(changed)
        assert len(pitches_of(await midi_of(changed))) > len(usual)
        await more(stage.world.person, changed, "notes-usual")
        changed = await answer.fetch()
        assert "than usual" not in text_of(changed)
        assert pitches_of(await midi_of(changed)) == usual
        await more(stage.world.person, changed, "notes-fewer")
        changed = await answer.fetch()
        assert "With fewer notes than usual" in text_of(changed)
        assert 0 < len(pitches_of(await midi_of(changed))) < len(usual)


@pytest.mark.parametrize("error", [OSError("no line"), discord.DiscordServerError(Mock(status=503), "busy")])
async def test_a_word_that_cannot_be_sent_stops_no_change(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pianola(tmp_path) as stage:
        await stage.midi(song=("song.wav", wav()))
        answer = await stage.reply()
        sent = AsyncMock(side_effect=error)
        monkeypatch.setattr("cogs._more._QUIET_SECONDS", 0.0)
        monkeypatch.setattr(discord.Webhook, "send", sent)
        await more(stage.world.person, answer, "notes-more")
        sent.assert_awaited_once()
        assert "With more notes than usual" in text_of(await answer.fetch())


async def test_where_a_song_is_not_found_in_time_no_modal_is_empty(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs._songs._HINT_SECONDS", 0.0)
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        assert "try again" in refusal_of(await more(stage.world.person, answer, "said"))
        asked = await more(stage.world.person, answer, "bars")
        assert asked.modal


async def test_drums_are_listened_for_where_somebody_says_that_it_is_drums(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        beat = [(0.5 * n, sounds.snare(n) if n % 2 else sounds.kick()) for n in range(16)]
        tones = [(float(n), 0.3 * sounds.tone(60 + n, 0.9)) for n in range(8)]
        song = sounds.wav_bytes(sounds.placed([*beat, *tones], 8))
        await stage.midi(song=("song.wav", song), stem="piano")
        answer = await stage.reply()
        assert await names_of(answer) == ["Acoustic Grand Piano"]
        before = pitches_of(await midi_of(answer))
        await say(stage, answer, "Drums")
        changed = await answer.fetch()
        assert await names_of(changed) == ["Drums"]
        assert {36, 38} <= set(pitches_of(await midi_of(changed)))
        await say(stage, changed, "Flute")
        changed = await answer.fetch()
        assert await names_of(changed) == ["Flute"]
        assert pitches_of(await midi_of(changed)) == before


async def test_what_would_be_nothing_in_that_way_stays_as_it_is(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.midi(song=("song.wav", swell(60)))
        answer = await stage.reply()
        pressed = await say(stage, answer, "Drums")
        assert refusal_of(pressed).startswith("That would leave no notes")
        assert pitches_of(await midi_of(await answer.fetch())) == [60]


async def test_stem_with_a_song_says_what_it_is(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.midi(song=("Schlagzeug.wav", wav((36, 38, 40))), stem="Bajo")
        answer = await stage.reply()
        assert await names_of(answer) == ["Electric Bass (finger)"]
        assert told(await stage.midi(song=("x.wav", wav()), stem="Kazoo")).startswith(
            "I know no instrument called `Kazoo`."
        )


async def test_what_the_studio_has_no_more_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.midi(song=("song.wav", wav()))
        answer = await stage.reply()
        studios = stage.desk._studios
        assert studios
        await studios.forget([await stage.ended()])
        pressed = await more(stage.world.person, answer, "notes-more")
        assert "no longer" in refusal_of(pressed)
        assert pitches_of(await midi_of(await answer.fetch()))


@pytest.mark.parametrize("instrument", ["Drums", "Flute"])
async def test_what_is_said_of_a_stem_leaves_the_others_as_they_are(tmp_path: Path, instrument: str) -> None:
    async with pianola(tmp_path) as stage:
        await stage.make_midi(("Sea - bass.wav", wav((36, 38, 40))), ("Sea - lead.wav", wav((72, 74))))
        answer = await stage.reply()
        await say(stage, answer, "Cello", "1")
        await say(stage, await answer.fetch(), instrument, "0")
        names = await names_of(await answer.fetch())
        assert names[-1] == "Cello"
        assert set(names) <= {instrument, "Cello"}


async def test_a_recording_off_its_tuning_and_cut_short_is_told_so(tmp_path: Path) -> None:
    flat = wav(tuple(pitch - 0.35 for pitch in (60, 64, 67, 72) * 6))
    async with pianola(tmp_path) as stage:
        await stage.midi(song=("song.wav", flat[: len(flat) * 2 // 3]))
        answer = await stage.reply()
        assert "The recording is tuned 35 cents flat" in text_of(answer)
        assert "1 recording breaks off before its end" in text_of(answer)
        assert pitches_of(await midi_of(answer)) == [60, 64, 67, 72] * 4
        # What is told anew is of the same recording.
        await more(stage.world.person, answer, "notes-fewer")
        assert "35 cents flat" in text_of(await answer.fetch())
