"""MuScriptor's server as the engine, also where it is busy, gone, or says something else."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.kie.song_errors import EngineAwayError, EngineBusyError, SongCrashedError
from bot.studio.engine import Instruments, Song, Wanted
from bot.studio.engines import muscriptor
from bot.studio.engines.groups import PROGRAMS, group_of, name_of
from bot.studio.engines.muscriptor import MuScriptor
from tests.studio import sounds
from tests.studio.conftest import Asker, Open
from tests.studio.engines.muscriptor_server import MuScriptorServer, said, serving

MIX = Wanted("Acoustic Grand Piano", mix=True)


@pytest.fixture
def server() -> Iterator[MuScriptorServer]:
    with serving() as running:
        yield running


@pytest.fixture
def song(tmp_path: Path) -> Song:
    path = tmp_path / "song.wav"
    path.write_bytes(sounds.wav_bytes(sounds.melody()))
    return Song(path, 60)


def heard(server: MuScriptorServer, song: Song, wanted: Wanted = MIX) -> Instruments:
    engine = MuScriptor(server.url, song.path.parent / "cache", pauses_seconds=(0.01, 0.01))
    return engine.transcribe(song, wanted, lambda _: None)


def complete(*notes: tuple[str, int], late: float | None = None) -> list[str]:
    """What a server says that heard a note of each group, 0.5 s after another."""
    spoken = [said("progress", completed=0, total=1)]
    for index, (group, pitch) in enumerate(notes):
        start = 1 + index / 2
        spoken.append(said("start", pitch=pitch, start_time=start, index=index, instrument=group))
        spoken.append(said("end", end_time=start + 0.25, start_event_index=index))
    grid = None if late is None else {"onset_delay": late}
    return [*spoken, said("transcription_complete", data="", beat_grid=grid)]


def test_a_band_becomes_its_instruments_and_drums(server: MuScriptorServer, song: Song) -> None:
    server.says = complete(
        *(("electric_bass", 40), ("drums", 36), ("voice", 60), ("program_105", 64), ("hurdy_gurdy", 50))
    )

    found = heard(server, song)["instruments"]

    assert {each["name"]: [note["pitch"] for note in each["notes"]] for each in found} == {
        "Electric Bass (finger)": [40],
        "Choir Aahs": [60],
        "Banjo": [64],
        "Hurdy gurdy": [50],
        "Drums": [36],
    }


def test_groups_of_one_name_are_one_instrument(server: MuScriptorServer, song: Song) -> None:
    server.says = complete(("violin", 60), ("program_40", 62))

    (violin,) = heard(server, song)["instruments"]

    assert [note["pitch"] for note in violin["notes"]] == [60, 62]


@pytest.mark.parametrize(
    ("wanted", "groups"),
    [
        (MIX, []),
        (Wanted("Drums", drum_kit=True), ["drums"]),
        (Wanted("Slap Bass 1"), ["electric_bass"]),
        (Wanted("Kazoo"), []),
    ],
)
def test_it_is_held_to_what_is_known_to_play(
    server: MuScriptorServer, song: Song, wanted: Wanted, groups: list[str]
) -> None:
    heard(server, song, wanted)

    assert [asked["groups"] for asked in server.asked] == [groups]


@pytest.mark.parametrize(("late", "start"), [(None, 1.0), (0.03125, 0.96875), (5.0, 0.0)])
def test_what_the_server_finds_late_is_moved(
    server: MuScriptorServer, song: Song, late: float | None, start: float
) -> None:
    server.says = complete(("violin", 60), late=late)

    assert heard(server, song)["instruments"][0]["notes"][0]["start"] == start


def test_a_busy_server_is_asked_again_under_the_same_name(server: MuScriptorServer, song: Song) -> None:
    server.busy = 2

    assert len(heard(server, song)["instruments"]) == 1
    (client,) = {asked["client"] for asked in server.asked}
    assert re.fullmatch(r"[0-9a-f]{32}", client)


def test_a_server_that_stays_busy_is_told_of(server: MuScriptorServer, song: Song) -> None:
    server.busy = 3

    with pytest.raises(EngineBusyError):
        heard(server, song)


def test_where_nobody_answers_that_is_told(song: Song) -> None:
    with pytest.raises(EngineAwayError):
        heard(MuScriptorServer(url="http://127.0.0.1:9"), song)


def test_another_server_is_no_engine(server: MuScriptorServer, song: Song) -> None:
    server.url += "/elsewhere"

    with pytest.raises(EngineAwayError):
        heard(server, song)


def test_half_a_song_is_none(server: MuScriptorServer, song: Song) -> None:
    server.breaks_off = True

    with pytest.raises(SongCrashedError):
        heard(server, song)


@pytest.mark.parametrize(
    "nonsense",
    [
        "no json",
        "[]",
        said("start", pitch=300, start_time=0, index=0, instrument="violin"),
        said("start", pitch="c", start_time=0, index=0, instrument="violin"),
        said("end"),
        said("progress", completed=0, total=0) + "x",
    ],
)
def test_nonsense_is_a_crash_of_this_song(server: MuScriptorServer, song: Song, nonsense: str) -> None:
    server.says = [nonsense, *complete(("violin", 60))]

    with pytest.raises(SongCrashedError):
        heard(server, song)


def test_what_a_newer_server_says_beside_is_passed_over(server: MuScriptorServer, song: Song) -> None:
    told = said("chords", chords=["Am"])
    server.says = [told, said("end", end_time=1, start_event_index=7), *complete(("violin", 60))]

    assert len(heard(server, song)["instruments"]) == 1


def test_a_long_last_line_is_read_and_an_endless_one_is_not(
    server: MuScriptorServer, song: Song, monkeypatch: pytest.MonkeyPatch
) -> None:
    *notes, last = complete(("violin", 60))
    server.says = [*notes, json.dumps(json.loads(last) | {"data": "A" * (1 << 20)})]
    assert len(heard(server, song)["instruments"]) == 1

    monkeypatch.setattr(muscriptor, "LONGEST_LINE_BYTES", 1 << 16)
    with pytest.raises(SongCrashedError):
        heard(server, song)


def test_no_sound_stays_behind(server: MuScriptorServer, song: Song) -> None:
    heard(server, song)

    assert list((song.path.parent / "cache").iterdir()) == []


def test_groups_and_instruments_of_general_midi_find_each_other() -> None:
    for group in PROGRAMS:
        assert group_of(name_of(group)) == group
    assert group_of("Drums") is None
    assert group_of("Gunshot") is None
    assert name_of("program_200") == "Program 200"


async def test_the_studio_serves_others_with_it(
    server: MuScriptorServer, open_studio: Open, asker: Asker
) -> None:
    song = sounds.melody([40, 43, 72, 74])
    async with open_studio(engine_url=server.url) as running:
        asker.url = running.url

        record = await asker.transcribed(sounds.wav_bytes(song))

    named = {each["name"]: len(each["notes"]) for each in record["midiData"]["instruments"]}
    assert named == {"Electric Bass (finger)": 2, "Acoustic Grand Piano": 2}
    assert record["strengths"] == ["usual"]


async def test_the_studio_tells_that_the_engine_is_away(open_studio: Open, asker: Asker) -> None:
    async with open_studio(engine_url="http://127.0.0.1:9") as running:
        asker.url = running.url

        record = await asker.transcribed(sounds.wav_bytes(sounds.melody()))

    assert record["errorCode"] == "503"
    assert "does not answer" in record["errorMessage"]
