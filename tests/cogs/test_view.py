"""A song in another key, or only a part of it: in its answer, in every copy, and back."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pretty_midi
import pytest
from simcord import InteractionResult

from tests.cogs.results import (
    file_of,
    finished,
    more,
    notes_of,
    refusal_of,
    starts_of,
    stranger_at,
)
from tests.kie_server import KieServer
from tests.music.score import END, smf
from tests.stage import Stage, midi_of, pianola, pianola_at, pitches_of, text_of, told, wav

# Of `notes_of`: beats of 0.625 s, so the part begins with the third beat and ends with the sixth.
PART = {"semitones": ["2"], "from": "0:01.25", "to": "3.125"}
WHOLE = {"semitones": ["0"], "from": "", "to": ""}
PITCHES, MOVED = [40, 41], [42, 43]


async def _choose(stage: Stage, given: dict[str, Any]) -> InteractionResult:
    asked = await more(stage.world.person, await stage.reply(), "view")
    return await stage.world.person.submit_modal(asked, given)


def _pitches(data: bytes) -> set[int]:
    midi = pretty_midi.PrettyMIDI(io.BytesIO(data))
    return {note.pitch for track in midi.instruments for note in track.notes}


def _starts(data: bytes) -> list[float]:
    track = pretty_midi.PrettyMIDI(io.BytesIO(data)).instruments[0]
    return [round(float(note.start), 3) for note in track.notes]


async def _song(stage: Stage) -> bytes:
    message = await stage.reply()
    return await next(one for one in message.attachments if one.filename.endswith(".mid")).read()


async def test_answer_and_all_copies_follow_and_come_back(tmp_path: Path, kie: KieServer) -> None:
    kie.notes = notes_of("Bass", "Flute", beats=12)
    async with pianola_at(kie, tmp_path) as stage:
        job, _ = await finished(stage, kie)
        whole = await _song(stage)
        notes = await stage.running.store.notes(job.id)
        await _choose(stage, PART)
        shown = await stage.reply()
        assert next(file.filename for file in shown.attachments) == "song-from-0-01-25-to-0-03-125-up-2.mid"
        assert "2 semitones higher. Only from 0:01.25 to 0:03.125." in text_of(shown)
        assert "2 instruments · 6 notes" in text_of(shown)
        assert _pitches(await _song(stage)) == set(MOVED)
        assert _starts(await _song(stage)) == [0.0, 0.625, 1.25]
        person = stage.world.person
        _, csv = await file_of(await more(person, shown, "csv"))
        assert len(csv.splitlines()) == 1 + 6
        assert b",42," in csv
        _, archive = await file_of(await person.click(shown, label="All as zip"))
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            assert [_pitches(files.read(name)) for name in files.namelist()] == [{42}, {43}]
        quantised = await person.click(shown, label="Quantised…")
        _, copy = await file_of(
            await person.submit_modal(quantised, {"grid": ["1/8"], "strength": ["100"], "bpm": "96"})
        )
        assert _pitches(copy) == set(MOVED)
        menus = await person.click(shown, label="One instrument…")
        assert menus.followups or menus.response
        _, at_tempo = await file_of(
            await person.submit_modal(await more(person, shown, "tempo"), {"bpm": "60"})
        )
        assert _starts(at_tempo) == [0.0, 0.625, 1.25]
        assert await stage.running.store.notes(job.id) == notes
        asked = await more(person, shown, "view")
        assert asked.modal is not None
        assert _filled(asked.modal) == {"semitones": "2", "from": "0:01.25", "to": "0:03.125"}
        await person.submit_modal(asked, WHOLE)
        assert await _song(stage) == whole
        assert "All of it is kept" not in text_of(await stage.reply())
    assert kie.count("generate_midi") == 1


def _filled(modal: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for label in modal["components"]:
        asked = label["component"]
        chosen = [option["value"] for option in asked.get("options", []) if option.get("default")]
        found[asked["custom_id"]] = chosen[0] if chosen else asked.get("value")
    return found


async def test_bars_that_are_set_afterwards_are_those_of_the_whole_song(
    tmp_path: Path, kie: KieServer
) -> None:
    kie.notes = notes_of("Bass", beats=12)
    async with pianola_at(kie, tmp_path) as stage:
        await finished(stage, kie)
        await _choose(stage, PART)
        asked = await more(stage.world.person, await stage.reply(), "bars")
        await stage.world.person.submit_modal(
            asked, {"meter": ["4/4"], "times": ["1"], "first": "0", "bpm": "96"}
        )
        # The third beat of the first bar begins the part, after two silent ones; the next bar line is two beats later.
        part = pretty_midi.PrettyMIDI(io.BytesIO(await _song(stage)))
        assert _starts(await _song(stage))[0] == pytest.approx(1.25, abs=0.001)
        assert part.get_downbeats()[1] == pytest.approx(2.5, abs=0.001)
        await _choose(stage, WHOLE)
        whole = pretty_midi.PrettyMIDI(io.BytesIO(await _song(stage)))
        assert list(whole.get_downbeats()[:2]) == pytest.approx([0, 2.5], abs=0.001)


async def test_what_is_said_of_instruments_is_said_of_the_whole_song(tmp_path: Path, kie: KieServer) -> None:
    kie.notes = notes_of("Bass", "Flute", beats=12)
    # The bass is silent in the part, so what is shown first is second in the song.
    kie.notes["instruments"][0]["notes"] = kie.notes["instruments"][0]["notes"][:1]
    async with pianola_at(kie, tmp_path) as stage:
        await finished(stage, kie)
        await _choose(stage, PART)
        asked = await more(stage.world.person, await stage.reply(), "said")
        await stage.world.person.submit_modal(asked, {"instrument": ["Violin"], "track": ["1"]})
        assert [track.name for track in (await midi_of(await stage.reply())).tracks[1:]] == ["Violin"]
        await _choose(stage, WHOLE)
        assert [track.name for track in (await midi_of(await stage.reply())).tracks[1:]] == ["Bass", "Violin"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"from": "soon"}, "`soon` isn't a time that I can read."),
        ({"to": "1:75"}, "`1:75` isn't a time that I can read."),
        ({"from": "9:00:00"}, "isn't a time that I can read."),
        ({"from": "0:02", "to": "0:01.5"}, "The part can't end at 0:01.5 if it begins at 0:02."),
        ({"from": "2", "to": "2"}, "The part can't end at 0:02 if it begins at 0:02."),
        ({"from": "5:00", "to": "6:00"}, "The song is only 0:01 long, so a part can't begin at 5:00."),
        (
            {"from": "5:00"},
            "The song is only 0:01 long, so a part can't begin at 5:00. I changed nothing.",
        ),
    ],
)
async def test_what_is_no_part_of_it_is_told_and_changes_nothing(
    given: dict[str, str], said: str, tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await finished(stage, kie)
        before = await _song(stage)
        assert said in refusal_of(await _choose(stage, {**WHOLE, **given}))
        assert await _song(stage) == before


async def test_somebody_else_cannot_choose(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        _, answer = await finished(stage, kie)
        asked = await more(stranger_at(stage), answer, "view")
    assert refusal_of(asked) == "Only the person who asked for this song can do that."


async def test_a_part_is_asked_for_with_the_song(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        # Nine notes of 0.45 s each.
        await stage.midi(**{"song": ("Night.wav", wav()), "from": "0:00.9", "to": "1.7"})
        answer = await stage.reply()
        assert pitches_of(await midi_of(answer)) == [67, 72]
        assert "Only from 0:00.9 to 0:01.7. All of it is kept" in text_of(answer)
        await _choose(stage, WHOLE)
        assert len(pitches_of(await midi_of(await stage.reply()))) == 9


async def test_one_that_has_no_notes_gives_the_whole_song_and_says_so(tmp_path: Path, kie: KieServer) -> None:
    kie.notes = notes_of("Bass", beats=12)
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(**{"task_id": kie.add_separation().id, "from": "5:00"})
        answer = await stage.reply()
        assert "There are no notes after 5:00, so this is the whole song." in text_of(answer)
        assert len(pitches_of(await midi_of(answer))) == 12


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"from": "chorus"}, "`chorus` isn't a time that I can read."),
        ({"from": "2:00", "to": "1:00"}, "The part can't end at 1:00 if it begins at 2:00."),
    ],
)
async def test_times_that_are_none_are_told_before_anything_is_begun(
    given: dict[str, str], said: str, tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        assert said in told(await stage.midi(task_id=kie.add_separation().id, **given))
    assert not kie.count("generate_midi")


async def test_another_try_is_shown_in_the_same_way(tmp_path: Path, kie: KieServer) -> None:
    kie.notes = notes_of("Bass", beats=12)
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(**{"task_id": kie.add_separation().id, "from": "1.25", "to": "2.5"})
        answer = await stage.reply()
        await stage.world.person.click(answer, label="Run again")
        assert starts_of(await midi_of(await stage.reply()))[:1] == [0]
        assert len(pitches_of(await midi_of(await stage.reply()))) == 2
    assert kie.count("generate_midi") == 2


async def test_of_a_given_file_the_changed_copy_is_in_the_answer(tmp_path: Path, kie: KieServer) -> None:
    notes = "00 c0 05  00 90 3c 64  83 60 80 3c 00 "
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("tune.mid", smf(notes + END)))
        assert not [one for one in (await stage.reply()).attachments if one.filename.endswith(".mid")]
        await _choose(stage, {**WHOLE, "semitones": ["-1"]})
        answer = await stage.reply()
        assert next(one.filename for one in answer.attachments) == "tune-down-1.mid"
        assert pitches_of(await midi_of(answer)) == [0x3B]
        assert "1 semitone lower." in text_of(answer)


async def test_the_modal_names_keys_where_the_song_has_one(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        await stage.midi(song=("Night.wav", wav((60, 64, 67, 72, 71, 67, 64, 62, 60, 65, 69, 72, 67, 60))))
        asked = await more(stage.world.person, await stage.reply(), "view")
    assert asked.modal is not None
    labels = [option["label"] for option in asked.modal["components"][0]["component"]["options"]]
    assert len(labels) == 25
    assert "as it is · C major" in labels
    assert "+2 · D major" in labels
    assert "−1 · B major" in labels


async def test_drums_alone_have_no_key_and_that_is_told(tmp_path: Path, kie: KieServer) -> None:
    kie.notes = notes_of("Drums", beats=12)
    async with pianola_at(kie, tmp_path) as stage:
        await finished(stage, kie)
        before = await _song(stage)
        said = refusal_of(await _choose(stage, {**WHOLE, "semitones": ["7"]}))
        assert (
            said
            == "There are only drums in this song, and they stay as they are in every key. I changed nothing."
        )
        assert await _song(stage) == before
        await _choose(stage, {**WHOLE, "to": "2"})
        assert "Only from 0:00 to 0:02." in text_of(await stage.reply())


async def test_a_part_in_which_only_drums_play_is_not_called_higher(tmp_path: Path, kie: KieServer) -> None:
    kie.notes = notes_of("Drums", "Flute", beats=12)
    kie.notes["instruments"][1]["notes"] = kie.notes["instruments"][1]["notes"][:1]
    async with pianola_at(kie, tmp_path) as stage:
        await finished(stage, kie)
        await _choose(stage, PART)
        shown = await stage.reply()
    assert next(file.filename for file in shown.attachments) == "song-from-0-01-25-to-0-03-125.mid"
    assert "semitones" not in text_of(shown)
    assert "Only from 0:01.25 to 0:03.125." in text_of(shown)


async def test_the_preview_is_called_after_the_part(tmp_path: Path, kie: KieServer) -> None:
    kie.notes = notes_of("Bass", "Flute", beats=12)
    async with pianola_at(kie, tmp_path, preview_seconds="2") as stage:
        await finished(stage, kie)
        await _choose(stage, PART)
        shown = await stage.shown("Only from")
    assert [
        Path(file.filename).stem for file in shown.attachments if file.filename.endswith((".mid", ".ogg"))
    ] == ["song-from-0-01-25-to-0-03-125-up-2"] * 2
