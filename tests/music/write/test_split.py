import io
import sys
import zipfile
from collections.abc import Callable
from functools import partial
from types import FrameType

from bot.music.read.decode import decode
from bot.music.read.parse import read_notes
from bot.music.song import Song
from bot.music.write.split import archive, split
from tests.music.payloads import body, note
from tests.music.readers import by_mido
from tests.music.score import END, smf


def test_each_instrument_has_a_file_of_its_own_with_the_same_notes() -> None:
    made = [
        {"name": name, "notes": [note(40 + at, at, at + 2)]}
        for at, name in enumerate(("Flute", "Drums", "Flute"))
    ]
    song = read_notes(body(made))
    parts = list(split(song, bpm=90))
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


def test_what_is_done_does_not_grow_with_tempos_and_instruments_together() -> None:
    tempos = "".join(
        f"01 ff 51 03 {400_000 + at:06x} 00 ff 58 04 {at % 7 + 1:02x} 02 18 08 " for at in range(500)
    )
    few, many = (
        read_notes(
            decode(
                smf(
                    tempos + END,
                    *[
                        f"00 ff 03 02 {at:04x} 00 90 {30 + at:02x} 64 60 80 {30 + at:02x} 00"
                        for at in range(count)
                    ],
                )
            )
        )
        for count in (3, 30)
    )
    assert (len(few.tracks), len(many.tracks)) == (3, 30)
    calls = [_calls_of(partial(_archived, song)) for song in (few, many)]
    assert calls[1] - calls[0] < 27 * 1000, "less than a call for each change and instrument"


def _archived(song: Song) -> bytes:
    return archive(split(song))


def _calls_of(work: Callable[[], object]) -> int:
    """How many functions are called meanwhile."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event.endswith("call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls
