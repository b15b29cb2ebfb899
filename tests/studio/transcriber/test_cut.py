"""Files that end before their sound does are read as far as they go, and known."""

import io
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest

from bot.kie.song_errors import CutSongError
from bot.studio.transcriber import decode
from bot.studio.transcriber.cut import is_cut
from tests.studio import sounds

SONG = np.tile(sounds.melody(), 4)


@cache
def song_as(kind: str) -> bytes:
    """The song as a file; each is cut in many places, and encoding it takes a tenth of a second."""
    return sounds.encoded(SONG, kind)


def heard_seconds(path: Path) -> float:
    return sum(block.size for block in decode.blocks(path, limit_seconds=60)) / decode.RATE_HZ


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "song"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", [*sounds.ENCODERS, *sounds.RARER])
def test_a_whole_file_is_whole(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, song_as(kind))
    assert not is_cut(path, heard_seconds(path))


@pytest.mark.parametrize("kind", [*sorted({*sounds.ENCODERS} - {"m4a", "mp4"}), *sounds.RARER])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_file_that_broke_off_is_read_as_far_as_it_goes_and_known(
    tmp_path: Path, kind: str, share: float
) -> None:
    data = song_as(kind)
    if kind == "ogg" and share < 0.5:
        pytest.skip("of ten seconds of Vorbis less than the first page of sound")
    path = written(tmp_path, data[: int(len(data) * share)])
    heard = heard_seconds(path)
    assert heard > 2
    assert is_cut(path, heard)


@pytest.mark.parametrize("kind", ["m4a", "mp4"])
def test_of_an_m4a_without_its_end_it_is_told_what_happened(tmp_path: Path, kind: str) -> None:
    data = song_as(kind)
    path = written(tmp_path, data[: len(data) // 2])
    with pytest.raises(CutSongError):
        decode.measure(path, limit_seconds=60)


@pytest.mark.parametrize("kind", ["m4a", "mp4"])
def test_of_an_m4a_whose_index_was_never_written_it_is_told_too(tmp_path: Path, kind: str) -> None:
    data = song_as(kind)
    recorded = data[: data.index(b"moov") - 4]
    # As recorders leave it that were stopped by an empty battery: the length of the sound is not filled in either.
    at = recorded.index(b"mdat") - 4
    for left in (
        recorded,
        recorded[:at] + bytes(4) + recorded[at + 4 :],
        recorded[recorded.index(b"mdat") - 4 :],
    ):
        with pytest.raises(CutSongError):
            decode.measure(written(tmp_path, left), limit_seconds=60)


@pytest.mark.parametrize("kind", ["m4a", "mp4"])
def test_an_m4a_whose_index_comes_first_is_read_as_far_as_it_goes(tmp_path: Path, kind: str) -> None:
    whole = tmp_path / "whole"
    with (
        av.open(whole, "w", format="mp4", options={"movflags": "faststart"}) as container,
        av.open(io.BytesIO(song_as(kind)), "r") as source,
    ):
        copied = container.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = copied
                container.mux(packet)
    data = whole.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert not is_cut(whole, heard_seconds(whole))
    path = written(tmp_path, data[: len(data) * 3 // 4])
    assert is_cut(path, heard_seconds(path))


def test_a_flac_that_does_not_say_how_long_it_is(tmp_path: Path) -> None:
    data = bytearray(song_as("flac"))
    # The number of samples: 36 bits behind the rate, channels and depth.
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    whole = written(tmp_path, bytes(data))
    assert not is_cut(whole, heard_seconds(whole))
    path = written(tmp_path, bytes(data[: len(data) * 3 // 4]))
    assert is_cut(path, heard_seconds(path))


@pytest.mark.parametrize("lacking", [0, 10])
def test_a_voice_memo(tmp_path: Path, lacking: int) -> None:
    # AMR at its best: frames of 32 bytes, 20 ms each.
    frame = bytes.fromhex("3c") + np.random.default_rng(0).bytes(31)
    data = b"#!AMR\n" + 100 * frame
    path = written(tmp_path, data[: len(data) - lacking])
    assert is_cut(path, heard_seconds(path)) == bool(lacking)


@pytest.mark.parametrize("kind", ["mp3 without its number of frames", "aac", "mp2"])
def test_what_follows_the_last_frame_is_no_sound(tmp_path: Path, kind: str) -> None:
    for tag in (b"TAG" + bytes(125), b"APETAGEX\xd0\x07\0\0" + bytes(500), bytes(3000)):
        path = written(tmp_path, song_as(kind) + tag)
        assert not is_cut(path, heard_seconds(path))


@pytest.mark.parametrize("length", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f"])
def test_a_wav_that_was_written_as_it_was_played_is_whole(tmp_path: Path, length: bytes) -> None:
    data = bytearray(sounds.wav_bytes(SONG))
    data[40:44] = length
    path = written(tmp_path, bytes(data))
    assert not is_cut(path, heard_seconds(path))


@pytest.mark.parametrize("kind", ["wav", "aiff", "caf"])
def test_a_tag_in_front_hides_nothing_of_other_kinds_either(tmp_path: Path, kind: str) -> None:
    data = b"ID3\x04\0\0" + bytes([0, 0, 1, 0]) + bytes(128) + song_as(kind)
    for share, cut in ((1.0, False), (0.6, True)):
        path = written(tmp_path, data[: int(len(data) * share)])
        assert is_cut(path, heard_seconds(path)) == cut


def test_a_wav_that_counts_a_few_bytes_too_many_is_whole(tmp_path: Path) -> None:
    data = bytearray(sounds.wav_bytes(SONG))
    data[40:44] = (int.from_bytes(data[40:44], "little") + 36).to_bytes(4, "little")
    path = written(tmp_path, bytes(data))
    assert not is_cut(path, heard_seconds(path))


def test_a_cover_in_front_hides_nothing(tmp_path: Path) -> None:
    data = song_as("mp3")
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
