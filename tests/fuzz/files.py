"""Files that people give: MIDI, and what is said to be sound."""

import io
import wave

import mido
from hypothesis import strategies as st

from bot.audio.length import seconds_of
from bot.audio.sniff import FIRST_BYTES, check
from bot.errors import InputError, NotesError
from bot.music.read.decode import decode
from bot.music.read.parse import read_as_given
from bot.music.write.encode import encode
from tests.fuzz.damage import damaged
from tests.fuzz.part import Part
from tests.music.score import END, meta, named, riff, smf, tempo
from tests.music.synthetic import song_at
from tests.printable import is_printable

_C4 = "00 90 3c 64  83 60 80 3c 40 "
_MIDI = (
    smf(_C4 + END),
    smf(
        tempo(1_000_000) + meta(0x58, b"\x04\x02\x18\x08") + _C4 + END,
        named("Bass") + _C4 + "00 c1 21 00 91 2f 40 83 60 81 2f 00 " + END,
    ),
    smf("00 f0 05 7e 7f 09 01 f7 " + _C4 + "00 e0 00 40 00 b0 40 7f " + END),
    riff(smf(_C4 + END)),
    encode(song_at(120.0, tonic=0, is_minor=False, seed=1), title="Made up"),
)
_MIDI_PIECES = (
    b"MTrk", b"MThd", b"\xff\x2f\x00", b"\xff\x51\x03\x00\x00\x00", b"\xff\xff\xff\x7f", b"\xf0\x7f", b"\x80\x80\x80\x80\x00",
    b"\x00\x90\x3c\x40", b"\xff\x58\x04\x00\x00\x00\x00", b"\xff\x03\x7f",
)  # fmt: skip


def _midi(data: bytes) -> str:
    """A file, to a song that is read again by another library."""
    try:
        song = read_as_given(decode(data))
    except (InputError, NotesError) as error:
        return error.code
    mido.MidiFile(file=io.BytesIO(encode(song, title="Made up")), charset="utf-8")
    return "song"


def _wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8_000, 0, "NONE", ""))
        sound.writeframes(bytes(2_000))
    return file.getvalue()


_MP3 = bytes.fromhex("ff fb 90 64") + bytes(413)
_ADTS = bytes.fromhex("ff f1 50 80 02 1f fc") + bytes(9)
_ATOM = b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42"
_SOUND = (
    _wav(),
    _MP3 * 6,
    b"ID3\x04\0\0\0\0\0\x02ab" + _MP3 * 4,
    _ADTS * 8,
    b"OggS\0\x02" + bytes(8) + b"\1\0\0\0\0\0\0\0" + b"\0\0\0\0\1\x13OpusHead\1\1\x38\1\x80\xbb\0\0\0\0\0",
    b"fLaC\x80\0\0\x22\x10\0\x10\0" + bytes(6) + b"\x0a\xc4\x40\xf0\0\0\x10\0" + bytes(16),
    _ATOM + b"\0\0\0\x74moov\0\0\0\x6cmvhd" + bytes(12) + b"\0\0\x03\xe8\0\0\x1b\x58" + bytes(80),
    b"FORM\0\0\0\x40AIFFCOMM\0\0\0\x12\0\1\0\0\x1f\x40\0\x10\x40\x0b\xfa" + bytes(40),
    b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\xf7\x81\1\x42\x82\x84webm" + bytes(30),
    b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\0\xaa\0b\xcel" + bytes(60),
    b"<!doctype html><html><body>404",
    b"#EXTM3U\nhttps://x.example/a.mp3\n",
    b"PK\3\4" + bytes(30),
)
_SOUND_PIECES = (
    b"RIFF", b"WAVE", b"ftyp", b"moov", b"mvhd", b"OggS", b"fLaC", b"ID3\x04\0\0\x7f\x7f\x7f\x7f", b"MThd\0\0\0\6", b"\xff\xfb",
    b"\xff\xf1", b"<html", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x80" * 8, b"LIST", b"data\xff\xff\xff\x7f", b"COMM",
)  # fmt: skip
_ENDINGS = st.sampled_from(
    ["song.mp3", "song.wav", "song.m4a", "song.ogg", "", "song", "a/b\\c.mp4", "\x1b[2J.flac", "ピアノ.aac"]
)


def _sound(given: tuple[bytes, str]) -> str:
    """What a file is, and how long it says that it is."""
    data, name = given
    length = seconds_of(io.BytesIO(data))
    assert length is None or length >= 0
    try:
        kind = check(data[:FIRST_BYTES], name=name)
    except InputError as error:
        return _code(error)
    assert kind.partition("/")[0] in {"audio", "video"}
    return kind


def _code(error: InputError) -> str:
    assert is_printable(error.sentence)
    return error.code


def midi() -> Part:
    """MIDI files, and what only looks like one."""
    return Part(
        st.one_of(damaged(_MIDI, _MIDI_PIECES), st.binary(max_size=200).map(b"MThd\0\0\0\6".__add__)), _midi
    )


def sound() -> Part:
    """What is said to be a song."""
    return Part(
        st.tuples(st.one_of(damaged(_SOUND, _SOUND_PIECES), st.binary(max_size=300)), _ENDINGS), _sound
    )
