"""What a file is, by its content: every format we read, and everything that only looks like one."""

import contextlib
import io

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio.errors import (
    ArchiveGivenError,
    EmptyFileError,
    NotAudioError,
    PlaylistGivenError,
    WebPageGivenError,
)
from bot.audio.sniff import FIRST_BYTES, check
from bot.errors import InputError


def encoded(container: str, codec: str) -> bytes:
    """The beginning of a second of silence as a real encoder writes it."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=48_000)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        stream.bit_rate = 64_000
        for _ in range(40):
            frame = av.AudioFrame(format=stream.format.name, layout="mono", samples=stream.frame_size or 1152)
            frame.sample_rate = 48_000
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()[:FIRST_BYTES]


@pytest.mark.parametrize(
    ("container", "codec", "media_type"),
    [
        ("wav", "pcm_s16le", "audio/wav"),
        ("aiff", "pcm_s16be", "audio/aiff"),
        ("flac", "flac", "audio/flac"),
        ("mp3", "libmp3lame", "audio/mpeg"),
        ("mp2", "mp2", "audio/mpeg"),
        ("ogg", "libopus", "audio/ogg"),
        ("adts", "aac", "audio/aac"),
        ("ipod", "aac", "audio/mp4"),
        ("mp4", "aac", "video/mp4"),
        ("mov", "aac", "video/quicktime"),
        ("3gp", "aac", "video/3gpp"),
        ("webm", "libopus", "video/webm"),
        ("matroska", "aac", "video/x-matroska"),
        ("caf", "pcm_s16be", "audio/x-caf"),
        ("asf", "wmav2", "audio/x-ms-wma"),
        ("au", "pcm_s16be", "audio/basic"),
    ],
)
def test_what_encoders_write_is_known(container: str, codec: str, media_type: str) -> None:
    assert check(encoded(container, codec), name="whatever.bin") == media_type


def test_an_mp3_without_tags_or_with_zeros_in_front_is_known() -> None:
    tagged = encoded("mp3", "libmp3lame")
    bare = tagged[tagged.index(b"\xff\xfb") :]
    assert check(bare, name="x") == "audio/mpeg"
    assert check(bytes(600) + bare, name="x") == "audio/mpeg"


@pytest.mark.parametrize(
    "junk", [bytes(range(1, 250)) + b"\xff\xfb", b"\xff\xfe" * 200, b"TAG lost its beginning"]
)
def test_an_mp3_behind_other_bytes_is_known(junk: bytes) -> None:
    tagged = encoded("mp3", "libmp3lame")
    bare = tagged[tagged.index(b"\xff\xfb") :]
    assert check((junk + bare)[:FIRST_BYTES], name="x") == "audio/mpeg"
    with pytest.raises(NotAudioError):
        check(junk + bare[:500], name="x")


def test_more_zeros_than_are_looked_at_hide_no_mp3() -> None:
    assert check(bytes(FIRST_BYTES), name="song.mp3") == "audio/mpeg"
    with pytest.raises(NotAudioError):
        check(bytes(FIRST_BYTES), name="song.wav")


def test_zeros_before_flac_do_not_hide_it() -> None:
    assert check(bytes(100) + encoded("flac", "flac"), name="x") == "audio/flac"


def test_a_tag_whose_picture_fills_everything_is_mp3() -> None:
    # ID3 v2.3, no flags, 2 MiB of frames (seven bits a byte)
    assert check(bytes.fromhex("49 44 33 03 00 00 01 00 00 00") + bytes(5000), name="x") == "audio/mpeg"


def test_a_tag_before_flac_or_aac_does_not_hide_them() -> None:
    tag = bytes.fromhex("49 44 33 04 00 00 00 00 00 02 61 62")
    assert check(tag + tag + encoded("flac", "flac"), name="x") == "audio/flac"
    assert check(tag + encoded("adts", "aac"), name="x") == "audio/aac"


@pytest.mark.parametrize(
    ("first", "media_type"),
    [
        (b"RF64\xff\xff\xff\xffWAVEds64", "audio/wav"),
        (b"RIFX\x00\x00\xff\xffWAVEfmt ", "audio/wav"),
        (bytes.fromhex("72 69 66 66 2e 91 cf 11 a5 d6 28 db 04 c1 00 00 ff 00"), "audio/wav"),
        (b"\x00\x00\x00\x18styp\x00\x00\x00\x00", "video/quicktime"),
        (b"FORM\x00\x00\x01\x00AIFC", "audio/aiff"),
        (b"#!AMR\n\x3c", "audio/amr"),
        (b"#!AMR-WB\n\x3c", "audio/amr-wb"),
        (b"\x00\x00\x00\x08wide\x00\x01\x00\x00mdat", "video/quicktime"),
    ],
)
def test_rarer_headers_are_known(first: bytes, media_type: str) -> None:
    assert check(first, name="x") == media_type


def test_the_name_tells_sound_from_video_only_where_the_content_cannot() -> None:
    assert check(encoded("mp4", "aac"), name="Song.M4A") == "audio/mp4"
    assert check(encoded("webm", "libopus"), name="song.weba") == "audio/webm"


@pytest.mark.parametrize("first", [b"MThd\x00\x00\x00\x06", b"RIFF\x00\x01\x00\x00RMIDdata"])
def test_midi_is_told_apart(first: bytes) -> None:
    assert check(first, name="song.mp3") == "audio/midi"


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><html>",
        "  \r\n<HTML lang=en>",
        "<!-- hello --><html>",
        '<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html>',
        "<head><title>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_web_page_is_told_apart(page: str, encoding: str) -> None:
    with pytest.raises(WebPageGivenError):
        check(page.encode(encoding), name="song.mp3")


def test_an_empty_file_is_told_apart() -> None:
    with pytest.raises(EmptyFileError):
        check(b"", name="song.mp3")


@pytest.mark.parametrize(
    "first",
    [
        b"this is a song, honestly",
        b"ID3 tags are explained in this text",
        b"RIFF is a container of chunks.",
        b"The free book of songs, chapter 1",
        b"OggS and other formats",
        "text with a byte order mark".encode("utf-16"),
        "text with a byte order mark".encode("utf-16-be"),
        "\u00ff\u00fb in Latin letters".encode("latin-1"),
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\x00\x00\x00\x1cftypheic\x00\x00\x00\x00mif1heic",
        b"%PDF-1.7\n",
        b"RIFF\x24\x00\x00\x00WEBPVP8 ",
        b'<?xml version="1.0"?><svg>',
        b'{"code":404}',
        bytes(4096),
        b"\xff" * 4096,
    ],
)
def test_what_is_no_audio_is_refused_whatever_its_name(first: bytes) -> None:
    with pytest.raises(NotAudioError) as caught:
        check(first, name="song.mp3")
    assert "`song.mp3`" in caught.value.sentence


@given(st.text(min_size=1), st.sampled_from(["utf-8", "utf-16", "utf-16-be", "utf-32", "utf-8-sig"]))
def test_text_is_never_audio(text: str, encoding: str) -> None:
    with pytest.raises(InputError):
        check(text.encode(encoding), name="song.mp3")


@given(
    st.sampled_from([b"", b"ID3\x04", b"\xff\xfb", b"\xff\xf1", b"RIFF", b"\x1a\x45\xdf\xa3"]), st.binary()
)
def test_any_bytes_give_a_type_or_a_typed_error(head: bytes, rest: bytes) -> None:
    with contextlib.suppress(InputError):
        assert "/" in check(head + rest, name="x")


@pytest.mark.parametrize(
    ("first", "error"),
    [
        (b"PK\x03\x04\x14\x00", ArchiveGivenError),
        (b"Rar!\x1a\x07\x01\x00", ArchiveGivenError),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", ArchiveGivenError),
        (b"\x1f\x8b\x08\x00", ArchiveGivenError),
        (b"#EXTM3U\n#EXTINF:123,Song\nsong.mp3", PlaylistGivenError),
        (b"\xef\xbb\xbf#extm3u8", PlaylistGivenError),
        (b"[Playlist]\nFile1=song.mp3", PlaylistGivenError),
    ],
)
def test_what_holds_songs_is_told_apart_from_what_is_none(first: bytes, error: type[InputError]) -> None:
    with pytest.raises(error) as caught:
        check(first, name="song.mp3")
    assert "`song.mp3`" in caught.value.sentence


@pytest.mark.parametrize(
    "before", [b"", b"\xef\xbb\xbf", b"\0\x09plain.mid" + bytes(117), b"\r\n", b"junk" * 20]
)
def test_a_midi_file_is_known_behind_what_wraps_it(before: bytes) -> None:
    assert check(before + b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk", name="song") == "audio/midi"
