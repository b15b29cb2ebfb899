"""Files that end before their sound does are read as far as they go, and known."""

from pathlib import Path

import numpy as np
import pytest

from bot.kie.song_errors import CutSongError
from bot.studio.transcriber import decode
from bot.studio.transcriber.cut import is_cut
from tests.studio import sounds

SONG = np.tile(sounds.melody(), 4)


def heard_seconds(path: Path) -> float:
    return sum(block.size for block in decode.blocks(path, limit_seconds=60)) / decode.RATE_HZ


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "song"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", sounds.ENCODERS)
def test_a_whole_file_is_whole(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, sounds.encoded(SONG, kind))
    assert not is_cut(path, heard_seconds(path))


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "ogg", "opus", "aiff", "webm"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_that_broke_off_is_read_as_far_as_it_goes_and_known(
    tmp_path: Path, kind: str, share: float
) -> None:
    data = sounds.encoded(SONG, kind)
    if kind == "ogg" and share < 0.5:
        pytest.skip("of ten seconds of Vorbis less than the first page of sound")
    path = written(tmp_path, data[: int(len(data) * share)])
    heard = heard_seconds(path)
    assert heard > 2
    assert is_cut(path, heard)


@pytest.mark.parametrize("kind", ["m4a", "mp4"])
def test_of_an_m4a_without_its_end_it_is_told_what_happened(tmp_path: Path, kind: str) -> None:
    data = sounds.encoded(SONG, kind)
    path = written(tmp_path, data[: len(data) // 2])
    with pytest.raises(CutSongError):
        decode.measure(path, limit_seconds=60)


@pytest.mark.parametrize("length", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f"])
def test_a_wav_that_was_written_as_it_was_played_is_whole(tmp_path: Path, length: bytes) -> None:
    data = bytearray(sounds.wav_bytes(SONG))
    data[40:44] = length
    path = written(tmp_path, bytes(data))
    assert not is_cut(path, heard_seconds(path))


def test_a_cover_in_front_hides_nothing(tmp_path: Path) -> None:
    data = sounds.encoded(SONG, "mp3")
    # A tag of 100 kB, its length in seven bits a byte.
    tag = b"ID3\x04\0\0" + bytes([0, 6, 13, 32]) + bytes(100_000)
    bare = data[10 + data[9] + (data[8] << 7) :] if data.startswith(b"ID3") else data
    path = written(tmp_path, tag + bare[: len(bare) // 2])
    assert is_cut(path, heard_seconds(path))


def test_a_wav_of_chunks_without_end_is_not_walked_through(tmp_path: Path) -> None:
    whole = sounds.wav_bytes(SONG)
    broken = whole[:36] + (b"none" + bytes(4)) * 50_000 + whole[36:-100_000]
    path = written(tmp_path, broken)
    assert not is_cut(path, heard_seconds(path)), (
        "of a cut one it would be known, were it looked at to its end"
    )
