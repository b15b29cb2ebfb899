"""`pianola try` as a program of its own: what it says, writes and leaves behind."""

import asyncio
import json
import os
from pathlib import Path

import mido
import pytest

from bot import cli, logs
from bot.playground import one_song
from tests.commands import PATIENCE_SECONDS, end_of, pianola, playground, start
from tests.kie_server import KieServer
from tests.stage import pitches_of, silence, wav


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "Night Drive.wav"
    path.write_bytes(wav((60, 64, 67)))
    return path


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.mp3", "--out", "out"], "there is no file missing.mp3"),
        ([".", "--out", "out"], ". is a folder; name the files in it, such as Night Drive.wav"),
        (["deep", "--out", "out"], "deep is a folder; name the files in it, such as deep/song.mp3"),
        (["\x1b[2J\u202e.mp3"], "there is no file \\x1b[2J\\u202e.mp3"),
        (
            ["Night Drive.wav", "--task-id", "x", "--out", "out"],
            "try wants either audio files or a --task-id",
        ),
        (["--out", "out"], "try wants either audio files or a --task-id"),
        (["Night Drive.wav", "--out", "Night Drive.wav"], "--out: Night Drive.wav is a file, not a folder"),
        (["Night Drive.wav", "--out", "Night Drive.wav/x"], "--out: Night Drive.wav is a file, not a folder"),
        (["/dev/null", "--out", "out"], "/dev/null is no ordinary file"),
        (["https://example.com/a.mp3", "--out", "out"], "try takes files, no links: download the song first"),
        (["Night Drive.wav", "--track", "2", "--out", "out"], "--track goes with the --task-id"),
        (["Night Drive.wav", "--stem", "zzz", "--out", "out"], "--stem: I know no instrument called `zzz`."),
        (["Night Drive.wav", "a.mid", "--out", "out"], "a.mid is a MIDI file; try one of those at a time"),
    ],
)
async def test_what_cannot_be_tried_is_said_before_any_work(
    song: Path, arguments: list[str], sentence: str
) -> None:
    (song.parent / "deep").mkdir()
    (song.parent / "a.mid").write_bytes(b"MThd")
    ended = await pianola(song.parent, "try", *arguments)
    assert ended.code == 2
    assert ended.is_one_line, ended.err
    assert ended.err.startswith(f"pianola: {sentence}")
    assert not (song.parent / "out").exists()


async def test_a_name_that_looks_like_an_option_is_told_how_to_be_given(tmp_path: Path) -> None:
    ended = await pianola(tmp_path, "try", "-b.mp3")
    assert ended.code == 2
    assert ended.err.startswith("usage: pianola try ")
    assert "pianola try -- -b.mp3" in ended.err
    given = await pianola(tmp_path, "try", "--", "-b.mp3")
    assert given.err == "pianola: there is no file -b.mp3\n"


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("words.mp3", b"these are words " * 99, "`words.mp3` is not an audio file that I know."),
        ("empty.wav", b"", "`empty.wav` is empty."),
        ("quiet.wav", silence(2), "I heard no notes in this."),
    ],
)
async def test_a_song_that_gives_nothing_is_a_sentence_and_code_1(
    tmp_path: Path, name: str, data: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(data)
    ended = await pianola(tmp_path, "try", name, "--out", "out")
    assert ended.code == 1
    assert sentence in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err
    assert not ended.out
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "data").exists()


async def test_several_files_are_the_stems_of_one_song(tmp_path: Path) -> None:
    for name, pitches in (("Sea - bass.wav", (36, 38, 40)), ("Sea - lead.wav", (72, 74))):
        (tmp_path / name).write_bytes(wav(pitches))
    ended = await pianola(tmp_path, "try", "Sea - bass.wav", "Sea - lead.wav", "--out", "deep/out")
    assert (ended.code, ended.err.splitlines()[0]) == (0, "starting …")
    assert "2 instruments" in ended.out
    assert ended.out.rstrip().endswith("Saved deep/out/reply.json")
    out = tmp_path / "deep" / "out"
    assert [track.name for track in mido.MidiFile(out / "Sea.mid").tracks] == ["Sea", "bass", "lead"]
    reply = json.loads((out / "reply.json").read_text(encoding="utf-8"))
    assert set(reply) == {"content", "embeds", "attachments", "components"}
    assert reply["embeds"][0]["title"] == "Sea"
    assert "bass" in reply["embeds"][0]["description"]
    listed = {file["name"]: file for file in reply["attachments"]}
    assert {path.name for path in out.iterdir()} == {*listed, "reply.json"}
    assert all(file["size"] == (out / name).stat().st_size for name, file in listed.items())
    assert listed["Sea.mid"]["description"].startswith("MIDI file: 2 instruments (bass, lead)")


async def test_without_a_place_its_files_are_written_beside_the_song_and_over_nothing(tmp_path: Path) -> None:
    songs = tmp_path / "songs"
    songs.mkdir()
    (songs / "Sea\u202e\x1b[2J.wav").write_bytes(wav((60, 64)))
    (songs / "Sea-2J.mid").write_bytes(b"mine")
    ended = await pianola(tmp_path, "try", "songs/Sea\u202e\x1b[2J.wav")
    assert ended.code == 0, ended.err
    saved = [tmp_path / line.removeprefix("Saved ") for line in ended.out.splitlines() if "Saved " in line]
    assert {path for path in songs.iterdir() if path.suffix != ".wav"} == {songs / "Sea-2J.mid", *saved}
    (midi,) = (path for path in saved if path.suffix == ".mid")
    assert pitches_of(mido.MidiFile(midi)) == [60, 64]
    assert (songs / "Sea-2J.mid").read_bytes() == b"mine"
    assert not {"\x1b", "\u202e"} & set(ended.out + ended.err)


async def test_nothing_is_written_over_in_a_named_place(tmp_path: Path) -> None:
    song, reply, picture = tmp_path / "песня 日本.wav", tmp_path / "reply.json", tmp_path / "песня-日本.mid"
    song.write_bytes(wav((60, 64)))
    reply.write_bytes(b"mine")
    picture.write_bytes(b"mine")
    before = wav((60, 64))
    ended = await pianola(tmp_path, "try", song.name, "--out", ".")
    assert ended.code == 0, ended.err
    assert (song.read_bytes(), reply.read_bytes(), picture.read_bytes()) == (before, b"mine", b"mine")
    listed = json.loads((tmp_path / "reply (2).json").read_text(encoding="utf-8"))["attachments"]
    names = [file["name"] for file in listed]
    assert "песня-日本 (2).mid" in names
    assert not any(name.startswith("song-") for name in names)
    assert all((tmp_path / name).is_file() for name in names)


async def test_a_finished_separation_is_tried_by_its_id(tmp_path: Path, kie: KieServer) -> None:
    at_kie = {"KIE_API_KEY": kie.key, "KIE_API_URL": kie.url, "KIE_UPLOAD_URL": kie.url}
    task_id = kie.add_separation().id
    ended = await pianola(tmp_path, "try", "--task-id", task_id, **at_kie)
    assert ended.code == 0, ended.err
    (file,) = await asyncio.to_thread(lambda: [*tmp_path.glob("*.mid")])
    assert pitches_of(mido.MidiFile(file)) == [60, 64, 73]
    unknown = await pianola(tmp_path, "try", "--task-id", "nobody", "--out", "none", **at_kie)
    assert unknown.code == 1
    assert "The studio knows no finished separation with that id," in unknown.err
    assert kie.key not in ended.out + ended.err + unknown.err


async def test_a_signal_ends_a_try_and_leaves_nothing_behind(
    tmp_path: Path, song: Path, kie: KieServer
) -> None:
    kie.work_seconds = None
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = await start(
        tmp_path, "try", song.name, "--out", "out",
        KIE_API_KEY=kie.key, KIE_API_URL=kie.url, KIE_UPLOAD_URL=kie.url, TMPDIR=str(temporary),
    )  # fmt: skip
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_SECONDS):
        while b"separating" not in (line := await process.stderr.readline()):
            assert line
    process.terminate()
    ended = await end_of(process)
    assert ended.code == 143
    assert "Traceback" not in ended.err
    assert list(temporary.iterdir()) == []


async def test_a_try_may_run_beside_a_playground(tmp_path: Path, song: Path) -> None:
    async with playground(tmp_path):
        ended = await pianola(tmp_path, "try", song.name, "--out", "out")
    assert ended.code == 0, ended.err
    assert (tmp_path / "out" / "Night-Drive.mid").exists()


async def test_a_given_midi_file_comes_back_with_the_instrument_that_is_named(tmp_path: Path) -> None:
    song = tmp_path / "good.mid"
    tracks = mido.MidiFile()
    tracks.tracks.append(
        mido.MidiTrack([mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480)])
    )
    tracks.save(song)
    given = song.read_bytes()
    plain = await pianola(tmp_path, "try", "good.mid", "--out", "plain")
    named = await pianola(tmp_path, "try", "good.mid", "--stem", "vocals", "--out", "named")
    assert (plain.code, named.code) == (0, 0), plain.err + named.err
    assert "note at a time" in named.out
    assert not (tmp_path / "plain" / "good.mid").exists()
    changed = mido.MidiFile(tmp_path / "named" / "good.mid")
    programs = [
        message.program for track in changed.tracks for message in track if message.type == "program_change"
    ]
    assert programs == [53]
    assert song.read_bytes() == given


@pytest.mark.parametrize(
    ("place", "fragment"), [([], "give another folder as --out"), (["--out", "out"], "--out: out")]
)
def test_where_nothing_may_be_written_that_is_said_before_any_work(
    song: Path,
    place: list[str],
    fragment: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def never(*_given: object) -> None:
        raise AssertionError("there was work")

    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and may(path, mode))
    monkeypatch.setattr(one_song, "attempt", never)
    monkeypatch.chdir(song.parent)
    # The log of this process goes on as it is.
    monkeypatch.setattr(logs, "configure", lambda *_given, **_named: None)
    with pytest.raises(SystemExit) as caught:
        cli.main(["try", song.name, *place])
    assert caught.value.code == 2
    assert fragment in capsys.readouterr().err
