import io
import zipfile

from bot.music.parse import read_notes
from bot.music.split import archive, split
from tests.music.payloads import body, note
from tests.music.readers import by_mido


def test_each_instrument_has_a_file_of_its_own_with_the_same_notes() -> None:
    made = [
        {"name": name, "notes": [note(40 + at, at, at + 2)]}
        for at, name in enumerate(("Flute", "Drums", "Flute"))
    ]
    song = read_notes(body(made))
    parts = split(song, bpm=90)
    assert [part.file_name for part in parts] == ["flute.mid", "drums.mid", "flute-2.mid"]
    for part, track in zip(parts, song.tracks, strict=True):
        (read,) = by_mido(part.midi)
        assert (read.name, read.program, read.is_drums) == (track.name, track.program, track.is_drums)
        assert [n.start for n in read.notes] == [round(n.start_seconds * 720) for n in track]


def test_all_parts_in_one_archive_are_the_same_bytes_each_time() -> None:
    song = read_notes(body([{"name": "../Flute", "notes": [note()]}, {"name": "", "notes": [note()]}]))
    made = archive(split(song))
    assert made == archive(split(song))
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == ["flute.mid", "instrument-2.mid"]


def test_names_that_are_numbered_already_do_not_clash() -> None:
    song = read_notes(body([{"name": name, "notes": [note()]} for name in ("Flute", "Flute 2", "Flute")]))
    assert [part.file_name for part in split(song)] == ["flute.mid", "flute-2.mid", "flute-3.mid"]
